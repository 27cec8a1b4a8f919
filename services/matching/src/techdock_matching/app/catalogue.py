"""The catalogue as its readers ask it: search, more of the same, duplicates, counterparts.

Registration's rule: a published profile is for those who take part in, or organize, a docking
event that it is entered in.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from uuid import UUID

from techdock_shared.errors import Forbidden, NotFound
from techdock_shared.http.principal import Principal

from techdock_matching.app import access
from techdock_matching.app.asking import Alike, Asking, Counterpart, Draft, Found, Hit, Wanted
from techdock_matching.app.repositories import Begin, Transaction
from techdock_matching.app.views import PublishedProfile

Known = Mapping[UUID, PublishedProfile]


@dataclass(frozen=True, slots=True)
class Shown:
    """What a search found, with the profiles of this page.

    Attributes:
        found: None when the ranker is away and only titles were looked through.
        participations: By organization, in the one docking event that was asked for.
    """

    profiles: Known
    hits: Sequence[Hit]
    found: Found | None
    participations: Mapping[UUID, UUID]


async def reach(
    docking_event_id: UUID | None, transaction: Transaction, who: Principal
) -> frozenset[UUID]:
    """Return the docking events whose profiles the caller may read.

    Raises:
        NotFound: The one that is named does not exist for the caller.
        Forbidden: The caller neither takes part in a docking event nor organizes one.
    """
    if docking_event_id is not None:
        access.see(who, await transaction.lookups.docking_event(docking_event_id))
        return frozenset((docking_event_id,))
    organized = [role for role in who.roles if role.name == "organizer"]
    tenants = {role.tenant_id for role in organized if not role.docking_event_id}
    found = {part.docking_event_id for part in who.participations}
    found |= {role.docking_event_id for role in organized if role.docking_event_id}
    if named := [tenant for tenant in tenants if tenant is not None]:
        found |= set(await transaction.lookups.docking_events_of(named))
    if not found and not organized:
        raise Forbidden("the catalogue is for those who take part in a docking event")
    return frozenset(found)


async def search(
    wanted: Wanted, docking_event_id: UUID | None, asking: Asking, read: Begin, *, who: Principal
) -> Shown:
    """Search what the caller may read.

    Args:
        wanted: Its reach is filled in here.
        docking_event_id: Only profiles entered in it; None: in any of the caller's.

    Raises:
        RankerStarting: There is no answer now, and no docking event was named.
    """
    async with read() as transaction:
        wanted = replace(wanted, reach=await reach(docking_event_id, transaction, who))
    found = await asking.find(wanted)
    return await _shown(found.hits, found, docking_event_id, read)


async def by_titles(
    text: str,
    docking_event_id: UUID,
    read: Begin,
    *,
    who: Principal,
    kind: str | None,
    limit: int,
) -> Shown:
    """Find profiles of a docking event by the words of their titles, without the ranker.

    Raises:
        NotFound: The docking event does not exist for the caller.
    """
    async with read() as transaction:
        await reach(docking_event_id, transaction, who)
        found = await transaction.lookups.search(
            docking_event_id, kind=kind, words=text.casefold().split(), limit=limit
        )
    return await _shown([Hit(one.id, 0) for one in found], None, docking_event_id, read)


async def like(
    profile_id: UUID, kind: str | None, limit: int, asking: Asking, read: Begin, *, who: Principal
) -> Shown:
    """Find profiles that are about the same as one that the caller may read.

    Args:
        kind: Of what is sought; None: of the profile itself.

    Raises:
        NotFound: The profile does not exist for the caller.
    """
    async with read() as transaction:
        mine, reached = await _readable(profile_id, transaction, who)
    hits = await asking.like(profile_id, kind or mine.content.kind, reached, limit)
    return await _shown(hits, None, None, read)


async def duplicates(
    draft: Draft, limit: int, asking: Asking, read: Begin, *, who: Principal
) -> tuple[Sequence[Alike], Known]:
    """Find published profiles that say the same as a draft, among those the caller may read."""
    async with read() as transaction:
        draft = replace(draft, reach=await reach(None, transaction, who))
    found = await asking.same(draft, limit)
    known = await _known([one.profile_id for one in found], read)
    return [one for one in found if one.profile_id in known], known


async def counterparts(
    profile_id: UUID,
    docking_event_id: UUID | None,
    limit: int,
    asking: Asking,
    read: Begin,
    *,
    who: Principal,
) -> tuple[PublishedProfile, Sequence[Counterpart], Known]:
    """Rank the other side for a profile: for its own people, and for organizers.

    Without a docking event the other side of all of them is ranked, as far as the caller may
    read it.

    Raises:
        NotFound: The profile does not exist for the caller, or is not in the docking event.
        Forbidden: The caller is of another organization.
    """
    async with read() as transaction:
        mine, reached = await _readable(profile_id, transaction, who)
        if docking_event_id is not None and docking_event_id not in mine.content.docking_events:
            raise NotFound(f"profile {profile_id} is not entered in {docking_event_id}")
        if not who.acts_for(mine.organization_id):
            for one in mine.content.docking_events:
                if access.organizes(who, await transaction.lookups.docking_event(one)):
                    break
            else:
                raise Forbidden("a ranking is for the organization whose profile it is")
    found = await asking.rank(profile_id, docking_event_id, limit)
    known = await _known([one.profile_id for one in found], read)
    open_ = {
        one: profile
        for one, profile in known.items()
        if reached.intersection(profile.content.docking_events)
    }
    return mine, [one for one in found if one.profile_id in open_], open_


async def _readable(
    profile_id: UUID, transaction: Transaction, who: Principal
) -> tuple[PublishedProfile, frozenset[UUID]]:
    """Return a profile that the caller may read, and what else he may.

    Raises:
        NotFound: There is none, for the caller.
    """
    try:
        reached = await reach(None, transaction, who)
    except Forbidden as error:
        raise NotFound(f"no profile {profile_id}") from error
    found = await transaction.lookups.profile(profile_id)
    if not reached.intersection(found.content.docking_events):
        raise NotFound(f"no profile {profile_id}")
    return found, reached


async def _known(ids: Sequence[UUID], read: Begin) -> Known:
    """Return those that are still published: the index hears of a withdrawal a moment later."""
    async with read() as transaction:
        return {one.id: one for one in await transaction.lookups.profiles(ids)}


async def _shown(
    hits: Sequence[Hit], found: Found | None, docking_event_id: UUID | None, read: Begin
) -> Shown:
    async with read() as transaction:
        lookups = transaction.lookups
        known = {one.id: one for one in await lookups.profiles([hit.profile_id for hit in hits])}
        parts: dict[UUID, UUID] = {}
        if docking_event_id is not None:
            organizations = {one.organization_id for one in known.values()}
            there = await lookups.participations(docking_event_id, organizations)
            parts = {one.organization_id: one.id for one in there}
    return Shown(known, [hit for hit in hits if hit.profile_id in known], found, parts)
