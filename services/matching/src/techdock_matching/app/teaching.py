"""What people do with a place in their list: save it, dismiss it with a reason, take that back."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from uuid import UUID

from techdock_shared.errors import Forbidden, Invalid, NotFound
from techdock_shared.http.principal import Principal

from techdock_matching.app.profiles import to_rank
from techdock_matching.app.repositories import Begin, Transaction
from techdock_matching.app.views import Judgements, PublishedProfile
from techdock_matching.domain.ranking.profile import Profile
from techdock_matching.domain.ranking.taught import ASKED, SAVED, Dismissal, Lesson


@dataclass(frozen=True, slots=True)
class Save:
    """Keep a counterpart in mind."""

    profile_id: UUID
    counterpart_id: UUID


@dataclass(frozen=True, slots=True)
class Dismiss:
    """Keep a counterpart out of a list."""

    profile_id: UUID
    counterpart_id: UUID
    reason: str


@dataclass(frozen=True, slots=True)
class TakeBack:
    """Let a counterpart be as if it had not been saved, or not dismissed."""

    profile_id: UUID
    counterpart_id: UUID


async def save(command: Save, begin: Begin, *, who: Principal) -> None:
    """Save a counterpart of one's own profile; again changes nothing.

    Raises:
        NotFound: One of the two does not exist for the caller.
        Forbidden: The profile is another organization's.
        Invalid: The counterpart is of the same kind.
    """
    async with begin() as transaction:
        profile = await _own(command.profile_id, transaction, who)
        counterpart = await _counterpart(profile, command.counterpart_id, transaction)
        await transaction.lists.save(profile.id, counterpart.id, who.person_id)


async def dismiss(command: Dismiss, begin: Begin, *, who: Principal) -> None:
    """Keep a counterpart out of the list of one's own profile; again changes nothing.

    Raises:
        NotFound: One of the two does not exist for the caller.
        Forbidden: The profile is another organization's.
        Invalid: The reason is none, or the counterpart is of the same kind.
    """
    if command.reason not in set(Dismissal):
        raise Invalid(f"a reason is one of {', '.join(sorted(Dismissal))}")
    async with begin() as transaction:
        profile = await _own(command.profile_id, transaction, who)
        counterpart = await _counterpart(profile, command.counterpart_id, transaction)
        await transaction.lists.dismiss(profile.id, counterpart.id, command.reason, who.person_id)


async def unsave(command: TakeBack, begin: Begin, *, who: Principal) -> None:
    """Save a counterpart no longer; nothing happens when it was not saved.

    Raises:
        NotFound: The profile does not exist for the caller.
        Forbidden: It is another organization's.
    """
    async with begin() as transaction:
        profile = await _own(command.profile_id, transaction, who)
        await transaction.lists.unsave(profile.id, command.counterpart_id)


async def restore(command: TakeBack, begin: Begin, *, who: Principal) -> None:
    """Let a dismissed counterpart stand in the list again; raises as `unsave`."""
    async with begin() as transaction:
        profile = await _own(command.profile_id, transaction, who)
        await transaction.lists.restore(profile.id, command.counterpart_id)


async def _own(profile_id: UUID, transaction: Transaction, who: Principal) -> PublishedProfile:
    profile = await transaction.lookups.profile(profile_id)
    if not any(who.in_docking_event(one) for one in profile.content.docking_events):
        raise NotFound(f"no profile {profile.id}")
    if not any(part.organization_id == profile.organization_id for part in who.participations):
        raise Forbidden("a list is for the organization whose profile it is")
    return profile


async def _counterpart(
    profile: PublishedProfile, counterpart_id: UUID, transaction: Transaction
) -> PublishedProfile:
    found = await transaction.lookups.profile(counterpart_id)
    if not set(profile.content.docking_events) & set(found.content.docking_events):
        raise NotFound(f"no profile {counterpart_id}")
    if found.content.kind == profile.content.kind:
        raise Invalid(f"a counterpart of this {profile.content.kind} is of the other kind")
    return found


@dataclass(frozen=True, slots=True)
class Kept:
    """A counterpart that was saved or dismissed.

    Attributes:
        person_id: Who did it.
        reason: Of a dismissal; None: it was saved.
    """

    profile: PublishedProfile
    person_id: UUID
    at: datetime
    reason: str | None = None


async def saved(profile_id: UUID, read: Begin, *, who: Principal) -> Sequence[Kept]:
    """Return what was saved for one's own profile, the latest first; raises as `unsave`."""
    return await _kept(profile_id, read, who, lambda judgements: judgements.saved)


async def dismissed(profile_id: UUID, read: Begin, *, who: Principal) -> Sequence[Kept]:
    """Return what was dismissed from its list, the latest first; raises as `unsave`."""
    return await _kept(profile_id, read, who, lambda judgements: judgements.dismissed)


Chosen = Callable[[Judgements], Mapping[UUID, Judgements.One]]


async def _kept(profile_id: UUID, read: Begin, who: Principal, chosen: Chosen) -> Sequence[Kept]:
    async with read() as transaction:
        profile = await _own(profile_id, transaction, who)
        ones = chosen(await transaction.lists.judgements(profile.id))
        # What is not published any more is no longer theirs to read.
        profiles = await transaction.lookups.profiles(list(ones))
        found = [
            Kept(one, judged.person_id, judged.at, judged.reason)
            for one in profiles
            for judged in [ones[one.id]]
        ]
        return sorted(found, key=lambda one: (-one.at.timestamp(), one.profile.id))


@dataclass(frozen=True, slots=True)
class Taught:
    """What was taught to a list; the same judgements make the same version.

    Attributes:
        lessons: Counterparts with what was done with them; what is dismissed is nothing else.
    """

    lessons: tuple[tuple[UUID, str], ...] = ()

    @property
    def version(self) -> str:
        """Tell apart what was taught, for caches; empty: nothing."""
        told = "\n".join(f"{one} {what}" for one, what in self.lessons)
        return sha256(told.encode()).hexdigest()[:16] if told else ""

    @property
    def dismissed(self) -> frozenset[UUID]:
        """The counterparts that are kept out of the list."""
        return frozenset(one for one, what in self.lessons if what in set(Dismissal))

    @property
    def saved(self) -> frozenset[UUID]:
        """Those that are saved and not dismissed."""
        return frozenset(one for one, what in self.lessons if what == SAVED)


async def taught(
    transaction: Transaction,
    profile_id: UUID,
    docking_event_id: UUID,
    participation_id: UUID | None,
) -> Taught:
    """Return what the people of a profile taught its list in a docking event."""
    judgements = await transaction.lists.judgements(profile_id)
    asked: Collection[UUID] = ()
    if participation_id is not None:
        asked = await transaction.lists.asked(profile_id, docking_event_id, participation_id)
    lessons = {(one, judged.reason or "") for one, judged in judgements.dismissed.items()}
    out = judgements.dismissed.keys()
    lessons |= {(one, SAVED) for one in judgements.saved.keys() - out}
    lessons |= {(one, ASKED) for one in asked if one not in out}
    return Taught(tuple(sorted(lessons)))


async def lessons(transaction: Transaction, taught: Taught) -> list[Lesson]:
    """Return lessons with what each counterpart says of itself, as far as it is published."""
    if not taught.lessons:
        return []
    found = await transaction.lookups.profiles({one for one, _ in taught.lessons})
    ranked = {one.id: ranked_by(one) for one in found}
    return [Lesson(ranked[one], what) for one, what in taught.lessons if one in ranked]


def ranked_by(profile: PublishedProfile) -> Profile:
    """Return what lessons know of a profile: its open fields, and not the kind of organization."""
    return to_rank(profile.content, None)
