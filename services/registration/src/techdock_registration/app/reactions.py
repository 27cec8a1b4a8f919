"""What registration does about the events of matching: contacts open, and people are told."""

from collections.abc import Sequence
from dataclasses import replace
from uuid import UUID

from techdock_contracts import matching as told
from techdock_contracts.event import Event

from techdock_registration.app import letters
from techdock_registration.app.ports import Transaction
from techdock_registration.app.ports.letters import Meeting, Request


async def requested(event: told.MeetingRequested, transaction: Transaction) -> None:
    """Remember a request, and tell those who are asked, unless they said yes before."""
    request = Request(
        event.request_id,
        event.docking_event_id,
        event.asking_participation_id,
        event.asked_participation_id,
        event.asking_persons,
        event.asked_persons,
    )
    await transaction.talks.keep_request(request)
    if event.proposal_id is not None:
        return
    await _tell(
        event,
        "request_received",
        request.asked_persons,
        {"participation_id": str(request.asking_participation_id)},
        transaction,
    )


async def proposed(event: told.MeetingProposed, transaction: Transaction) -> None:
    """Ask both sides whether they want to meet."""
    for persons, other in zip(event.persons, event.participations[::-1], strict=True):
        values = {"variant": "proposed", "participation_id": str(other)}
        await _tell(event, "request_received", persons, values, transaction)


async def countered(event: told.MeetingCountered, transaction: Transaction) -> None:
    """Remember another proposal, and tell those who asked."""
    request = await _request(event, transaction)
    after = replace(
        request,
        asking_persons=event.asking_persons,
        asked_persons=event.asked_persons,
        countered=True,
    )
    await transaction.talks.keep_request(after)
    await _answered(event, "countered", request, transaction)


async def accepted(event: told.MeetingAccepted, transaction: Transaction) -> None:
    """Open the contacts of both sides to each other, and tell who waited for the answer."""
    request = await _request(event, transaction)
    await transaction.talks.keep_request(replace(request, accepted=True))
    await _answered(event, "accepted", request, transaction)


async def declined(event: told.MeetingDeclined, transaction: Transaction) -> None:
    """Tell who waited for the answer."""
    await _answered(event, "declined", await _request(event, transaction), transaction)


async def _request(
    event: told.MeetingAccepted | told.MeetingDeclined | told.MeetingCountered,
    transaction: Transaction,
) -> Request:
    known = await transaction.talks.request(event.request_id)
    return known or Request(
        event.request_id,
        event.docking_event_id,
        event.asking_participation_id,
        event.asked_participation_id,
    )


async def _answered(
    event: told.MeetingAccepted | told.MeetingDeclined | told.MeetingCountered,
    variant: str,
    request: Request,
    transaction: Transaction,
) -> None:
    """Tell the side that did not answer: after a counter-proposal, the asked one."""
    theirs = request.asked_participation_id, request.asking_persons
    if request.countered:
        theirs = request.asking_participation_id, request.asked_persons
    values = {"variant": variant, "participation_id": str(theirs[0])}
    await _tell(event, "request_answered", theirs[1], values, transaction)


async def booked(event: told.MeetingBooked, transaction: Transaction) -> None:
    """Remember who meets; the timetable is told as a whole, once it is published."""
    await transaction.talks.keep_meeting(_meeting(event))


async def moved(event: told.MeetingMoved, transaction: Transaction) -> None:
    """Tell everybody in the meeting that it moved."""
    meeting = _meeting(event)
    await transaction.talks.keep_meeting(meeting)
    values = {"start": event.start.isoformat(), "zone": event.zone}
    await _tell(event, "meeting_moved", meeting.persons, values, transaction)


async def cancelled(event: told.MeetingCancelled, transaction: Transaction) -> None:
    """Tell everybody in the meeting that it does not take place."""
    meeting = await transaction.talks.meeting(event.meeting_id)
    if meeting is None:
        return
    await transaction.talks.drop_meeting(meeting.id)
    values = {
        "variant": "cancelled",
        "start": meeting.start.isoformat(),
        "zone": meeting.zone,
    }
    await _tell(event, "meeting_moved", meeting.persons, values, transaction)


async def published(event: told.TimetablePublished, transaction: Transaction) -> None:
    """Tell everybody who has a meeting that the timetable is out."""
    persons = await transaction.talks.booked_persons(event.docking_event_id)
    await _tell(event, "timetable_published", persons, {}, transaction)


def _meeting(event: told.MeetingBooked | told.MeetingMoved) -> Meeting:
    persons = {person for party in event.parties for person in party.persons}
    return Meeting(
        event.meeting_id,
        event.docking_event_id,
        event.start,
        event.zone,
        tuple(sorted(persons)),
        event.timetable_version,
    )


async def _tell(
    event: Event,
    reason: str,
    person_ids: Sequence[UUID],
    values: dict[str, str],
    transaction: Transaction,
) -> None:
    accounts = await transaction.accounts.of_persons(list(person_ids))
    docking_event_id: UUID = event.docking_event_id  # type: ignore[attr-defined]  # all of these have it
    await transaction.mails.plan(
        [
            letters.to(
                account,
                reason,
                f"{reason}.{event.id}.{account.id}",
                event.time,
                docking_event_id=docking_event_id,
                tenant_id=event.tenant,
                values=values,
            )
            for account in accounts.values()
            if account.email is not None
        ]
    )
