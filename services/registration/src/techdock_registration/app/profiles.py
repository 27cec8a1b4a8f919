"""Needs and offers: written, submitted, published, revised, withdrawn."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

from techdock_shared.clock import Clock
from techdock_shared.errors import Conflict, Forbidden, Invalid, NotFound
from techdock_shared.http.principal import Principal
from techdock_shared.ids import uuid7

from techdock_registration.app.authorization import organizes, see
from techdock_registration.app.ports import Begin, Slice, Transaction
from techdock_registration.app.ports.records import Readable
from techdock_registration.domain.docking_event import Standing
from techdock_registration.domain.profile import Profile, ProfileState
from techdock_registration.domain.profile_content import ACCEPTED, NDA, OPEN, Content
from techdock_registration.domain.states import at_version

KIND = "profile"
EVERYTHING = frozenset({OPEN, ACCEPTED, NDA})
OPTIONAL = ("trl", "trl_least", "trl_most", "ipr_status", "technology_field")
BATCH = 200


class NotConfirmed(Conflict):
    """The organization does not take part (yet) in a docking event of the profile."""

    code = "not_confirmed"


@dataclass(frozen=True, slots=True)
class Seen:
    """A profile as somebody may read it.

    Attributes:
        content: Without the fields that are not disclosed to the reader.
        own: Whether the reader may change it.
    """

    profile: Profile
    content: Content
    own: bool


async def write(
    who: Principal,
    organization_id: UUID,
    kind: str,
    content: Content,
    begin: Begin,
    clock: Clock,
    *,
    publish: bool = False,
) -> Profile:
    """Write a need or an offer as a draft, or publish it at once.

    Raises:
        Forbidden: The caller neither acts for the organization nor organizes.
        Invalid: A docking event does not exist or takes no entries any more.
    """
    at = clock.now()
    async with begin() as transaction:
        events = await _docking_events(who, content, transaction)
        of = await transaction.organizations.belonging(organization_id)
        if not who.acts_for(organization_id):
            _insist_organizes_all(who, events)
        profile = Profile(uuid7(), organization_id, kind, content, at)
        for event in events if content.external_id is not None else ():
            names = {str(content.external_id): profile.id}
            await transaction.external_ids.keep(event.id, KIND, names)
        if publish:
            await _insist_takes_part(who, profile, events, transaction)
            profile = profile.publish_at_once(of, at)
        return await transaction.profiles.save(profile)


async def describe(
    who: Principal,
    profile_id: UUID,
    expected: int,
    changes: Mapping[str, Any],
    begin: Begin,
    clock: Clock,
) -> Profile:
    """Change what a profile says; for a published one this is a new revision.

    Args:
        changes: Fields of its content, by name.
    """
    for name, value in changes.items():
        if value is None and name not in OPTIONAL:
            raise Invalid(f"{name} cannot be taken away")
    async with begin() as transaction:
        found, _ = await owned(who, profile_id, transaction)
        at_version("the profile", found.version, expected)
        content = replace(found.content, **changes)
        entered = set(content.docking_events) - set(found.content.docking_events)
        if entered:
            events = await _docking_events(who, content, transaction)
            if found.state is ProfileState.PUBLISHED:
                await _insist_takes_part(who, found, events, transaction)
        of = await transaction.organizations.belonging(found.organization_id)
        after = found.describe(content, of, clock.now())
        return found if after is found else await transaction.profiles.save(after)


async def move(
    who: Principal,
    profile_id: UUID,
    expected: int,
    to: ProfileState,
    begin: Begin,
    clock: Clock,
) -> Profile:
    """Submit, publish or withdraw a profile.

    Raises:
        NotConfirmed: It is to be published, and its organization is not confirmed in a
            docking event that it is entered in. Organizers publish nevertheless.
    """
    if to is ProfileState.EXPIRED:
        raise Invalid("a profile expires by itself; to must be submitted, published or withdrawn")
    async with begin() as transaction:
        found, events = await owned(who, profile_id, transaction)
        at_version("the profile", found.version, expected)
        of = await transaction.organizations.belonging(found.organization_id)
        after = found.move(to, of, clock.now())
        if to is ProfileState.PUBLISHED:
            await _insist_takes_part(who, found, events, transaction)
        return await transaction.profiles.save(after)


async def profile(who: Principal, profile_id: UUID, begin: Begin) -> Seen:
    """Return a profile as the caller may read it.

    Raises:
        NotFound: It is a draft of others, or entered only where the caller does not take part.
    """
    async with begin() as transaction:
        found = await transaction.profiles.get(profile_id)
        events = await transaction.docking_events.standings(found.content.docking_events)
        if _is_own(who, found, list(events.values())):
            return Seen(found, found.content, own=True)
        shared = [e for e in events if who.in_docking_event(e)]
        if found.state is not ProfileState.PUBLISHED or not shared:
            raise NotFound(f"no profile {profile_id}")
        levels = {OPEN}
        if any(level == ACCEPTED for level in found.content.disclosure.values()):
            own = [p.participation_id for p in who.participations if p.docking_event_id in shared]
            for event in shared:
                theirs = await transaction.participations.live_of(event, found.organization_id)
                if theirs and await transaction.talks.accepted_between(own, theirs.id):
                    levels.add(ACCEPTED)
        return Seen(found, found.content.shown_at(frozenset(levels)), own=False)


async def find(
    who: Principal,
    part: Slice,
    *,
    docking_event_id: UUID | None,
    organization_id: UUID | None,
    kind: str | None,
    state: str | None,
    q: str | None,
    country: str | None,
    mine: bool,
    begin: Begin,
) -> list[Seen]:
    """Return profiles that the caller may read, newest first; of others only open fields."""
    organizer = [r for r in who.roles if r.name == "organizer"]
    readable = Readable(
        organizations=who.organizations,
        docking_events=tuple(p.docking_event_id for p in who.participations),
        tenants=tuple(r.tenant_id for r in organizer if r.tenant_id and not r.docking_event_id),
        organized=tuple(r.docking_event_id for r in organizer if r.docking_event_id),
    )
    wanted: Sequence[UUID] | None = who.organizations if mine else None
    if organization_id is not None:
        wanted = [organization_id] if not mine or who.acts_for(organization_id) else []
    async with begin() as transaction:
        found = await transaction.profiles.find(
            part,
            docking_event_id=docking_event_id,
            organization_ids=wanted,
            kind=kind,
            state=state,
            q=q,
            country=country,
            readable=readable,
        )
        ids = {e for p in found for e in p.content.docking_events}
        events = await transaction.docking_events.standings(sorted(ids))
    opened = frozenset({OPEN})
    seen = []
    for one in found:
        own = _is_own(who, one, [events[e] for e in one.content.docking_events if e in events])
        seen.append(Seen(one, one.content if own else one.content.shown_at(opened), own=own))
    return seen


async def expire(begin: Begin, clock: Clock) -> int:
    """End published profiles whose validity has passed; return how many."""
    at = clock.now()
    async with begin() as transaction:
        over = await transaction.profiles.over(at.date(), BATCH)
        for one in over:
            of = await transaction.organizations.belonging(one.organization_id)
            await transaction.profiles.save(one.move(ProfileState.EXPIRED, of, at))
        return len(over)


def _is_own(who: Principal, profile: Profile, events: list[Standing]) -> bool:
    return who.acts_for(profile.organization_id) or any(organizes(who, e) for e in events)


async def owned(
    who: Principal, profile_id: UUID, transaction: Transaction
) -> tuple[Profile, list[Standing]]:
    """Return a profile that the caller may change, and where its docking events stand.

    Raises:
        NotFound: They have nothing to do with it.
        Forbidden: They only take part in one of its docking events.
    """
    found = await transaction.profiles.get(profile_id)
    events = await transaction.docking_events.standings(found.content.docking_events)
    if _is_own(who, found, list(events.values())):
        return found, list(events.values())
    if found.state is ProfileState.PUBLISHED and any(who.in_docking_event(e) for e in events):
        raise Forbidden("this profile is another organization's")
    raise NotFound(f"no profile {profile_id}")


async def _docking_events(
    who: Principal, content: Content, transaction: Transaction
) -> list[Standing]:
    """Return the docking events that a profile is to be entered in.

    Raises:
        Invalid: One is not there for the caller, or takes no entries.
    """
    found = await transaction.docking_events.standings(content.docking_events)
    for wanted in content.docking_events:
        if wanted not in found:
            raise Invalid(f"docking_events must be announced docking events, not {wanted}")
        event = found[wanted]
        try:
            see(who, event)
        except NotFound as error:
            raise Invalid(
                f"docking_events must be announced docking events, not {wanted}"
            ) from error
        if not event.takes_entries:
            raise Invalid(f"docking event {wanted} is {event.state} and takes no entries")
    return list(found.values())


def _insist_organizes_all(who: Principal, events: list[Standing]) -> None:
    if not events or not all(organizes(who, event) for event in events):
        raise Forbidden("you do not act for this organization")


async def _insist_takes_part(
    who: Principal, profile: Profile, events: list[Standing], transaction: Transaction
) -> None:
    own = {
        p.docking_event_id
        for p in who.participations
        if p.organization_id == profile.organization_id
    }
    for event in events:
        if event.id in own or organizes(who, event):
            continue
        taking_part = transaction.participations.is_confirmed
        if not await taking_part(event.id, profile.organization_id):
            raise NotConfirmed(f"the organization is not confirmed in docking event {event.id}")
