"""Match lists as their owners read them: who fits, how well, and why, on both sides."""

import asyncio
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from uuid import UUID

from techdock_shared.errors import Forbidden, Invalid, NotFound
from techdock_shared.http.principal import Principal

from techdock_matching.app import access
from techdock_matching.app.repositories import Begin, Transaction
from techdock_matching.app.teaching import Taught, lessons, ranked_by, taught
from techdock_matching.app.telling import telling
from techdock_matching.app.views import DockingEvent, MatchList, Participation, PublishedProfile
from techdock_matching.domain.meeting_request import MeetingRequest
from techdock_matching.domain.ranking.match import Explanation, Strength
from techdock_matching.domain.ranking.taught import Adjustment, adjustments, bound, reordered

PATIENCE_S = 1.5
"""How long a reader who wants to waits for reasons that are not written yet."""

LOOK_S = 0.03


@dataclass(frozen=True, slots=True)
class Item:
    """A place in a list, as it is shown.

    Attributes:
        owner_id: The profile whose list it is.
        score: Orders places of several lists; not for readers.
        rank_there: Place of the owner in the counterpart's list; None: beyond its end.
        explanation: None while the reasons are not written.
        taught: What its readers' own deeds do to its place.
        moved: Places that it went up by them; negative: down.
        saved: Whether they saved it.
    """

    owner_id: UUID
    profile: PublishedProfile
    participation_id: UUID | None
    rank: int
    rank_there: int | None
    score: int
    strength: Strength
    explanation: Explanation | None
    taught: Sequence[Adjustment] = ()
    moved: int = 0
    saved: bool = False


@dataclass(frozen=True, slots=True)
class Shown:
    """A list, or as much of it as there is.

    Attributes:
        complete: Whether the list is up to date and every place has its reasons.
        explained: Whether the reasons of all that is shown are written.
        settled: Whether those are too from which lessons may learn more about its order.
        stamp: Changes with what stands in the list, and with what was taught to it.
        lessons: Counterparts that were saved, asked for a meeting, or dismissed.
        taught: Whether the order takes them into account.
    """

    docking_event_id: UUID
    participation_id: UUID | None
    items: Sequence[Item]
    computed_at: datetime | None
    explained: bool
    settled: bool
    complete: bool
    stamp: str
    lessons: int
    taught: bool


@dataclass(frozen=True, slots=True)
class Owner:
    """Whose list somebody asks for, after it is clear that he may.

    Attributes:
        participation_id: Of the owning organization in the docking event, if it takes part.
        version: Changes whenever anything that is shown may have changed.
        taught: By the people of the owning organization.
        is_own: Whether the caller is one of them.
    """

    profile: PublishedProfile
    docking_event: DockingEvent
    participation_id: UUID | None
    version: str
    taught: Taught
    is_own: bool


async def owner(
    profile_id: UUID, docking_event_id: UUID | None, read: Begin, *, who: Principal
) -> Owner:
    """Return whose list it is, if the caller may read it.

    Raises:
        NotFound: The profile does not exist for the caller.
        Forbidden: The caller is of another organization.
        Invalid: No docking event is named, and it is not clear which is meant.
    """
    async with read() as transaction:
        profile = await transaction.lookups.profile(profile_id)
        docking_event = await _where(profile, docking_event_id, transaction, who)
        own = await _participation(transaction, docking_event, profile)
        access.see(who, docking_event)
        mine = own is not None and who.takes_part_as(own.id)
        if not (mine or access.organizes(who, docking_event)):
            raise Forbidden("a list is for the organization whose profile it is")
        own_id = None if own is None else own.id
        learnt = await taught(transaction, profile.id, docking_event.id, own_id)
        version = f"{await transaction.lists.version_of(docking_event.id)}.{learnt.version}"
        return Owner(profile, docking_event, own_id, version, learnt, mine)


async def _where(
    profile: PublishedProfile, named: UUID | None, transaction: Transaction, who: Principal
) -> DockingEvent:
    entered = profile.content.docking_events
    if named is None:
        seen = [one for one in entered if who.in_docking_event(one)] or list(entered)
        if len(seen) != 1:
            raise Invalid("name the docking event: the profile is entered in several or in none")
        named = seen[0]
    if named not in entered:
        raise NotFound(f"profile {profile.id} is not entered in docking event {named}")
    return await transaction.lookups.docking_event(named)


async def _participation(
    transaction: Transaction, docking_event: DockingEvent, profile: PublishedProfile
) -> Participation | None:
    found = await transaction.lookups.participations(docking_event.id, [profile.organization_id])
    return found[0] if found else None


async def as_it_is(owner: Owner, read: Begin, *, limit: int, by_lessons: bool = True) -> Shown:
    """Return the list with the reasons that are written so far."""
    async with read() as transaction:
        return await _items(owner, transaction, limit, by_lessons)


async def stamp(owner: Owner, read: Begin) -> str:
    """Return what changes with what stands in the list, and with what was taught to it, as of now.

    Cheap: a program may hold thousands of live pages, and each looks when lists change.
    """
    key = owner.profile.id, owner.docking_event.id
    async with read() as transaction:
        found = await transaction.lists.get(*key)
        return _stamp(found, await taught(transaction, *key, owner.participation_id))


async def ask_reasons(owners: Collection[Owner], begin: Begin) -> None:
    """Ask for the reasons of lists; they are there when the lists are read again."""
    async with begin() as transaction:
        for owner in owners:
            await transaction.lists.ask_explanations(owner.profile.id, owner.docking_event.id)


async def shown(
    owner: Owner,
    read: Begin,
    begin: Begin,
    *,
    limit: int,
    patience_s: float = PATIENCE_S,
    by_lessons: bool = True,
) -> Shown:
    """Return the list, and ask for reasons that are not written yet.

    Nobody waits for those of places that are not shown: they come, and may change the order by
    what lessons learn from them.

    Args:
        limit: Most places.
        patience_s: How long to wait for those that are shown.
        by_lessons: Whether what was taught counts in the order; only for the owner's people.
    """
    found = await as_it_is(owner, read, limit=limit, by_lessons=by_lessons)
    if found.settled:
        return found
    key = (owner.profile.id, owner.docking_event.id)
    async with begin() as transaction:
        await transaction.lists.ask_explanations(*key)
    if found.explained or not patience_s:
        return found
    ends = asyncio.get_running_loop().time() + patience_s
    waiting = True
    while waiting and asyncio.get_running_loop().time() < ends:
        await asyncio.sleep(LOOK_S)
        async with read() as transaction:
            waiting = await transaction.lists.asked_explanations(*key)
    return await as_it_is(owner, read, limit=limit, by_lessons=by_lessons)


async def _items(owner: Owner, transaction: Transaction, limit: int, by_lessons: bool) -> Shown:
    lists, lookups = transaction.lists, transaction.lookups
    mine, docking_event_id = owner.profile, owner.docking_event.id
    found = await lists.get(mine.id, docking_event_id)
    fresh = not await lists.queued(mine.id)
    weights = (await transaction.weighings.current(docking_event_id)).weights
    candidates = left = () if found is None else found.candidates
    if owner.is_own:
        left = tuple(c for c in candidates if c.profile_id not in owner.taught.dismissed)
    learnt = await lessons(transaction, owner.taught) if by_lessons and owner.is_own else []
    considered = left if learnt else left[:limit]
    judged = owner.taught.dismissed if learnt else frozenset[UUID]()
    standing = [c.profile_id for c in candidates if c.profile_id in judged]
    known = await lookups.profiles([*(place.profile_id for place in considered), *standing])
    profiles = {one.id: one for one in known}
    explanations = await lists.explanations(mine, known)
    ranked = [ranked_by(one) for one in known if one.id not in judged]
    changes = adjustments(learnt, ranked, _joins(explanations)) if learnt else {}
    places = reordered(considered, changes, bound(weights))[:limit] if learnt else considered
    before = {place.profile_id: rank for rank, place in enumerate(left, 1)}
    shown = [profiles[place.profile_id] for place in places if place.profile_id in profiles]
    theirs = await lists.of_many([one.id for one in shown], docking_event_id)
    parts = await _participations(transaction, docking_event_id, shown)
    told = await telling(mine, shown, weights, transaction, owner.docking_event)
    items = [
        Item(
            owner_id=mine.id,
            profile=profiles[place.profile_id],
            participation_id=parts.get(profiles[place.profile_id].organization_id),
            rank=rank,
            rank_there=_rank_there(theirs.get(place.profile_id), mine.id),
            score=place.score,
            strength=weights.strength(place.score),
            explanation=None if why is None else told(why, profiles[place.profile_id], rank),
            taught=changes.get(place.profile_id, ()),
            moved=before[place.profile_id] - rank,
            saved=owner.is_own and place.profile_id in owner.taught.saved,
        )
        for rank, place in enumerate(places, 1)
        if place.profile_id in profiles
        for why in [explanations.get(place.profile_id)]
    ]
    settled = len(explanations) == len(known)
    return Shown(
        docking_event_id,
        owner.participation_id,
        items,
        None if found is None else found.computed_at,
        explained=all(item.explanation is not None for item in items),
        settled=settled,
        complete=found is not None and fresh and settled,
        stamp=_stamp(found, owner.taught),
        lessons=len(owner.taught.lessons) if owner.is_own else 0,
        taught=bool(learnt),
    )


def _joins(explanations: Mapping[UUID, Explanation]) -> dict[UUID, list[str]]:
    """Return the words of one's own text by which each counterpart is joined to it."""
    found: dict[UUID, list[str]] = {}
    for one, why in explanations.items():
        terms = [reason.params.get("terms") for reason in why.reasons]
        found[one] = [str(term) for each in terms if isinstance(each, tuple) for term in each]
    return found


def _stamp(found: MatchList | None, learnt: Taught) -> str:
    places = b"" if found is None else b"".join(c.profile_id.bytes for c in found.candidates)
    return sha256(places + learnt.version.encode()).hexdigest()[:16]


def list_channel(profile_id: UUID) -> str:
    """Return the channel on which pages hear that a list changed, or was taught something."""
    return f"list.{profile_id}"


def lists_channel(docking_event_id: UUID) -> str:
    """Return the channel on which pages hear that many lists of a docking event changed."""
    return f"lists.{docking_event_id}"


def _rank_there(theirs: MatchList | None, mine: UUID) -> int | None:
    return None if theirs is None else theirs.rank_of(mine)


async def _participations(
    transaction: Transaction, docking_event_id: UUID, profiles: Collection[PublishedProfile]
) -> dict[UUID, UUID]:
    organizations = {profile.organization_id for profile in profiles}
    found = await transaction.lookups.participations(docking_event_id, organizations)
    return {participation.organization_id: participation.id for participation in found}


async def requests_with(
    owner: Owner, others: Collection[UUID], read: Begin
) -> Mapping[UUID, MeetingRequest]:
    """Return the latest request between the owner's participation and each of the others."""
    if owner.participation_id is None or not others:
        return {}
    async with read() as transaction:
        found = await transaction.requests.between(
            owner.docking_event.id, owner.participation_id, others
        )
    return {r.asked_id if r.asking_id == owner.participation_id else r.asking_id: r for r in found}


async def own_profiles(
    docking_event_id: UUID, read: Begin, *, who: Principal
) -> Sequence[PublishedProfile]:
    """Return the profiles that the caller's organizations entered in a docking event.

    Raises:
        NotFound: The docking event does not exist for the caller.
    """
    async with read() as transaction:
        docking_event = await transaction.lookups.docking_event(docking_event_id)
        access.see(who, docking_event)
        own = {
            part.organization_id
            for part in who.participations
            if part.docking_event_id == docking_event_id
        }
        return await transaction.lookups.profiles_of(docking_event_id, own)


@dataclass(frozen=True, slots=True)
class Progress:
    """How far the ranking of a docking event is.

    Attributes:
        profiles: Published in it.
        listed: Those of them that have a list.
        waiting: Those that are still to be ranked, anew or for the first time.
    """

    profiles: int
    listed: int
    waiting: int


async def progress(docking_event_id: UUID, begin: Begin, *, who: Principal) -> Progress:
    """Say how far the ranking of a docking event is, to its organizers.

    Raises:
        NotFound: The docking event does not exist for the caller.
        Forbidden: The caller does not organize it.
    """
    async with begin() as transaction:
        docking_event = await transaction.lookups.docking_event(docking_event_id)
        access.organize(who, docking_event)
        return Progress(*await transaction.lists.counts(docking_event_id))
