"""The plan of mutual matches: the organizer has it made, trims and sends it; both sides answer."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from techdock_contracts.registration import DockingEventCancelled, ParticipationWithdrawn
from techdock_shared.clock import Clock
from techdock_shared.errors import Forbidden, NotFound
from techdock_shared.http.principal import Principal
from techdock_shared.ids import uuid7

from techdock_matching.app import access
from techdock_matching.app.mutual_planning import most_of
from techdock_matching.app.repositories import Begin, Transaction
from techdock_matching.app.repositories_plan import Task, TaskKind
from techdock_matching.app.requests import ASKING_STATES, expiry
from techdock_matching.app.versions import rests_on
from techdock_matching.app.views import DockingEvent, Participation
from techdock_matching.domain.meeting_request import WAITING_STATES, MeetingRequest
from techdock_matching.domain.proposal import WAITING, Outcome, Proposal, ProposalState
from techdock_matching.domain.ranking.match import Explanation, Strength
from techdock_matching.domain.ranking.weighing import reweighed
from techdock_matching.domain.ranking.weights import Weights
from techdock_matching.domain.states import WrongState

OUTCOMES: Mapping[Outcome, tuple[ProposalState, ...]] = {
    Outcome.DRAFTED: (ProposalState.DRAFTED,),
    Outcome.WAITING: tuple(sorted(WAITING)),
    Outcome.AGREED: (ProposalState.AGREED,),
    Outcome.NOT_AGREED: (
        ProposalState.DECLINED, ProposalState.EXPIRED, ProposalState.WITHDRAWN,
    ),
}  # fmt: skip
_SENT = tuple(state for state in ProposalState if state is not ProposalState.DRAFTED)


@dataclass(frozen=True, slots=True)
class Shown:
    """A proposal, as one reader sees it.

    Attributes:
        mine: The reader's own side; none: he organizes.
        explanation: Why, as the first side reads it: the reader's own, or the smaller id's.
    """

    proposal: Proposal
    mine: UUID | None
    strength: Strength
    explanation: Explanation | None

    @property
    def sides(self) -> tuple[UUID, UUID]:
        """Both participations, the reader's own first."""
        first = self.mine or self.proposal.low_id
        return first, self.proposal.other(first)

    @property
    def version(self) -> int:
        """The version that this reader's next step rests on."""
        proposal = self.proposal
        return proposal.version if self.mine is None else proposal.version_for(self.mine)


async def _organized(
    docking_event_id: UUID, transaction: Transaction, who: Principal
) -> DockingEvent:
    docking_event = await transaction.lookups.docking_event(docking_event_id)
    access.organize(who, docking_event)
    return docking_event


async def order_plan(
    docking_event_id: UUID, least: Strength, questions: int, begin: Begin, *, who: Principal
) -> Task:
    """Let the worker plan who should meet whom; what it finds are drafts.

    Args:
        docking_event_id: Of which docking event.
        least: How well two sides must fit.
        questions: For each meeting that somebody has time for, as not everybody says yes.
        begin: Opens the transaction.
        who: An organizer.

    Raises:
        NotFound: The docking event does not exist for the caller.
        Forbidden: The caller does not organize it.
        WrongState: It is over.
    """
    async with begin() as transaction:
        docking_event = await _organized(docking_event_id, transaction, who)
        if docking_event.state not in ASKING_STATES:
            raise WrongState(f"docking event {docking_event.code} is {docking_event.state}")
        task = Task(
            uuid7(), TaskKind.PLAN, docking_event.id, {"least": least, "questions": questions}
        )
        return await transaction.tasks.order(task)


async def plan(id: UUID, read: Begin, *, who: Principal) -> Task:
    """Return how far a plan is.

    Raises:
        NotFound: It does not exist for the caller.
        Forbidden: The caller does not organize the docking event.
    """
    async with read() as transaction:
        task = await transaction.tasks.get(id, TaskKind.PLAN)
        await _organized(task.docking_event_id, transaction, who)
        return task


@dataclass(frozen=True, slots=True)
class Summary:
    """What a plan gives everybody.

    Attributes:
        counts: Proposals by what everybody may know of them.
        gets: How many proposals each confirmed participation has that are not over.
    """

    counts: Mapping[Outcome, int]
    gets: Mapping[UUID, int]


async def summary(docking_event_id: UUID, read: Begin, *, who: Principal, clock: Clock) -> Summary:
    """Return what a plan gives everybody, to organizers.

    Raises:
        NotFound: The docking event does not exist for the caller.
        Forbidden: The caller does not organize it.
    """
    async with read() as transaction:
        await _organized(docking_event_id, transaction, who)
        now = clock.now()
        stored = await transaction.proposals.find(docking_event_id)
        found = [one.at(now) for one in stored]
        parties = await transaction.lookups.participations(docking_event_id)
    has = Counter(
        side
        for one in found
        if one.outcome is not Outcome.NOT_AGREED
        for side in (one.low_id, one.high_id)
    )
    return Summary(
        Counter(one.outcome for one in found), {party.id: has[party.id] for party in parties}
    )


async def listed(
    docking_event_id: UUID,
    read: Begin,
    *,
    who: Principal,
    clock: Clock,
    mine: bool,
    outcome: Outcome | None,
    after: UUID | None,
    limit: int,
) -> Sequence[Shown]:
    """Return proposals by id: the caller's own, or all for organizers.

    Raises:
        NotFound: The docking event does not exist for the caller.
    """
    async with read() as transaction:
        docking_event = await transaction.lookups.docking_event(docking_event_id)
        access.see(who, docking_event)
        own = frozenset(
            part.participation_id
            for part in who.participations
            if part.docking_event_id == docking_event_id
        )
        as_organizer = access.organizes(who, docking_event) and not mine
        states = _SENT if outcome is None else OUTCOMES[outcome]
        if as_organizer and outcome is None:
            states = tuple(ProposalState)
        if not as_organizer:
            states = tuple(state for state in states if state is not ProposalState.DRAFTED)
        if not states:
            return []
        found = await transaction.proposals.find(
            docking_event_id,
            parties=None if as_organizer else own,
            states=states,
            after=after,
            limit=limit,
        )
        now = clock.now()
        weights = (await transaction.weighings.current(docking_event_id)).weights
        return [
            await _shown(
                one.at(now),
                None if as_organizer else one.low_id if one.low_id in own else one.high_id,
                weights,
                transaction,
            )
            for one in found
        ]


async def _shown(
    proposal: Proposal, mine: UUID | None, weights: Weights, transaction: Transaction
) -> Shown:
    first = mine or proposal.low_id
    ids = [proposal.profile_of(first), proposal.profile_of(proposal.other(first))]
    profiles = {one.id: one for one in await transaction.lookups.profiles(ids)}
    explanation = None
    if len(profiles) == len(ids):
        written = await transaction.lists.explanations(profiles[ids[0]], [profiles[ids[1]]])
        if (found := written.get(ids[1])) is not None:
            explanation = reweighed(found, weights)
    return Shown(proposal, mine, weights.strength(proposal.score), explanation)


async def send(docking_event_id: UUID, begin: Begin, *, who: Principal, clock: Clock) -> int:
    """Ask both sides of every draft; returns of how many.

    Raises:
        NotFound: The docking event does not exist for the caller.
        Forbidden: The caller does not organize it.
        WrongState: It is over, or there is no draft.
    """
    async with begin() as transaction:
        docking_event = await _organized(docking_event_id, transaction, who)
        if docking_event.state not in ASKING_STATES:
            raise WrongState(f"docking event {docking_event.code} is {docking_event.state}")
        drafts = await transaction.proposals.find(docking_event_id, states=[ProposalState.DRAFTED])
        if not drafts:
            raise WrongState("there is no draft that could be sent")
        until = expiry(docking_event, clock.now())
        await transaction.proposals.save([one.send(until) for one in drafts])
        return len(drafts)


@dataclass(frozen=True, slots=True)
class Answer:
    """Say yes or no for one's own side, or take a proposal back as organizer.

    Attributes:
        to: accepted, declined or withdrawn.
        expected: The version that the step rests on, as this reader sees versions.
    """

    id: UUID
    to: str
    expected: int


async def answer(command: Answer, begin: Begin, *, who: Principal, clock: Clock) -> Shown:
    """Say yes or no, or take a proposal back; a draft that is taken back is forgotten.

    With the second yes an accepted meeting request exists, as if one side had asked the other; who
    then has all the meetings that he has time for is asked no further. Where the two have an open
    request already, or one of them has no time left, the proposal ends.

    Raises:
        NotFound: The proposal does not exist for the caller.
        Forbidden: The caller may see it, and has no say in this.
        WrongState: It is over.
    """
    async with begin() as transaction:
        proposal = await transaction.proposals.get(command.id)
        docking_event = await transaction.lookups.docking_event(proposal.docking_event_id)
        weights = (await transaction.weighings.current(docking_event.id)).weights
        if command.to == "withdrawn":
            await _see(who, docking_event, proposal)
            access.organize(who, docking_event)
            rests_on(command.expected, proposal.version)
            if proposal.state is ProposalState.DRAFTED:
                await transaction.proposals.remove([proposal.id])
                return await _shown(proposal, None, weights, transaction)
            (saved,) = await transaction.proposals.save([proposal.withdraw()])
            return await _shown(saved, None, weights, transaction)
        side = await _side(who, docking_event, proposal, transaction)
        rests_on(command.expected, proposal.at(clock.now()).version_for(side))
        if command.to == "declined":
            changed = proposal.decline(side, clock.now())
        else:
            changed = proposal.accept(side, clock.now())
            if changed.outcome is Outcome.AGREED:
                changed = await _agree(proposal, changed, docking_event, transaction, clock)
        (saved,) = await transaction.proposals.save([changed])
        return await _shown(saved, side, weights, transaction)


async def _see(who: Principal, docking_event: DockingEvent, proposal: Proposal) -> None:
    """Let organizers pass, and the two sides once they were asked."""
    asked = proposal.state is not ProposalState.DRAFTED
    is_side = any(who.takes_part_as(side) for side in (proposal.low_id, proposal.high_id))
    if not (access.organizes(who, docking_event) or (asked and is_side)):
        raise NotFound(f"no proposal {proposal.id}")


async def _side(
    who: Principal, docking_event: DockingEvent, proposal: Proposal, transaction: Transaction
) -> UUID:
    """Return the side for which the caller speaks."""
    await _see(who, docking_event, proposal)
    sides = [side for side in (proposal.low_id, proposal.high_id) if who.takes_part_as(side)]
    if not sides or proposal.state is ProposalState.DRAFTED:
        raise Forbidden("a proposal is answered by the two sides only")
    side = next((one for one in sides if proposal.answer_of(one) is None), sides[0])
    access.speak_for(who, await transaction.lookups.participation(side))
    return side


async def _agree(
    before: Proposal,
    agreed: Proposal,
    docking_event: DockingEvent,
    transaction: Transaction,
    clock: Clock,
) -> Proposal:
    """Make the meeting request of a proposal to which both said yes."""
    first = before.first
    assert first is not None  # noqa: S101 - else this was the first yes
    second = before.other(first)
    known = await transaction.requests.between(docking_event.id, first, [second])
    if any(request.is_open for request in known):
        return before.withdraw()
    parties = [await transaction.lookups.participation(side) for side in (first, second)]
    gone = any(party.state != "confirmed" for party in parties)
    left = [await _time_left(party, docking_event, transaction) for party in parties]
    if gone or min(left) <= 0 or docking_event.state not in ASKING_STATES:
        return before.withdraw()
    now = clock.now()
    request = MeetingRequest.agree(
        agreed.id,
        id=uuid7(),
        tenant_id=docking_event.tenant_id,
        docking_event_id=docking_event.id,
        zone=docking_event.zone,
        asking_id=first,
        asked_id=second,
        asking_persons=(parties[0].contact_id,),
        asked_persons=(parties[1].contact_id,),
        at=now,
        expires_at=expiry(docking_event, now),
        asking_profile_id=await _published(agreed.profile_of(first), transaction),
        asked_profile_id=await _published(agreed.profile_of(second), transaction),
    )
    await transaction.requests.save(request)
    full = [party.id for party, more in zip(parties, left, strict=True) if more == 1]
    if full:
        others = await transaction.proposals.find(docking_event.id, parties=full, states=WAITING)
        ends = [one.withdraw() for one in others if one.id != agreed.id]
        if ends:
            await transaction.proposals.save(ends)
    return agreed


async def _time_left(
    participation: Participation, docking_event: DockingEvent, transaction: Transaction
) -> int:
    """Return how many more meetings a participation has time for."""
    own = [participation.id]
    known = await transaction.requests.find(docking_event.id, asking=own, asked=own)
    agreed = sum(one.is_open and one.state not in WAITING_STATES for one in known)
    return most_of(participation, docking_event) - agreed


async def _published(id: UUID, transaction: Transaction) -> UUID | None:
    return id if await transaction.lookups.profiles([id]) else None


async def settle_withdrawal(event: ParticipationWithdrawn, transaction: Transaction) -> None:
    """End the proposals of a participation that left."""
    await _end(event.docking_event_id, [event.participation_id], transaction)


async def settle_cancellation(event: DockingEventCancelled, transaction: Transaction) -> None:
    """End all proposals of a docking event that does not take place."""
    await _end(event.docking_event_id, None, transaction)


async def _end(
    docking_event_id: UUID, parties: Sequence[UUID] | None, transaction: Transaction
) -> None:
    proposals = transaction.proposals
    found = await proposals.find(docking_event_id, parties=parties)
    await proposals.remove([one.id for one in found if one.state is ProposalState.DRAFTED])
    waiting = [one for one in found if one.state in WAITING]
    if waiting:
        await proposals.save([one.withdraw() for one in waiting])
