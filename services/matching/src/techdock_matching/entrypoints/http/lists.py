"""Match lists over HTTP."""

from collections.abc import Mapping, Sequence
from typing import Annotated, Any, Literal, Self
from uuid import UUID

from fastapi import APIRouter, Query, Request
from fastapi.responses import Response
from pydantic import AwareDatetime, BaseModel, Field, TypeAdapter
from techdock_contracts.texts import Text, Version
from techdock_shared.http.principal import SignedIn
from techdock_shared.http.sse import LIVE_PAGE, Sent, stream

from techdock_matching.app import lists
from techdock_matching.app.lists import Item, Owner, Shown
from techdock_matching.app.quoting import versions_of
from techdock_matching.app.views import PublishedProfile
from techdock_matching.domain.meeting_request import MeetingRequest, RequestState
from techdock_matching.domain.ranking.match import Explanation, Quote, Strength
from techdock_matching.entrypoints.http.given import BeginDep, CacheDep, ReadDep

router = APIRouter(prefix="/v1", tags=["lists"])

USUAL_ITEMS = 20
MOST_ITEMS = 50
KEPT_S = 600.0

Limit = Annotated[int, Query(ge=1, le=MOST_ITEMS)]


class ReasonOut(BaseModel):
    """One thing that speaks for (`fits` true) or against a match; the page words it."""

    code: str
    fits: bool | None
    params: dict[str, Any]
    weight: int


class QuoteOut(BaseModel):
    """Two sentences that say the same, perhaps in two languages."""

    language: str
    mine: str
    theirs: str
    terms: tuple[str, ...]
    language_there: str | None = Field(description="Of theirs, where it is another one.")
    terms_there: tuple[str, ...]
    versions_mine: dict[str, Version] = Field({}, description="The same in other languages.")
    versions_theirs: dict[str, Version] = {}

    @classmethod
    def of(cls, quote: Quote, mine: PublishedProfile, theirs: PublishedProfile) -> Self:
        """Return a quote with what the two profiles say in other languages."""
        return cls(
            **{name: getattr(quote, name) for name in Quote.__dataclass_fields__},
            versions_mine=versions_of(quote.mine, mine.content.texts),
            versions_theirs=versions_of(quote.theirs, theirs.content.texts),
        )


class TaughtOut(BaseModel):
    """What deeds of one kind do to a place; the page words it."""

    about: str = Field(
        description="topic, words, field, country, stage, cooperation, group or self."
    )
    lesson: str = Field(description="saved, asked, or the reason of a dismissal.")
    count: int = Field(description="How many counterparts taught it.")
    values: tuple[str, ...]
    weight: int


class RequestRef(BaseModel):
    """The request between the two participations, if there is one."""

    id: UUID
    state: RequestState


class ItemOut(BaseModel):
    """A place in a list."""

    for_profile_id: UUID = Field(description="The profile whose list it is.")
    profile_id: UUID
    kind: Literal["need", "offer"]
    organization_id: UUID
    country: str
    participation_id: UUID | None
    title: Text | None
    rank: int
    rank_there: int | None = Field(description="Place of one's own profile in their list.")
    strength: Strength
    reasons: tuple[ReasonOut, ...]
    reasons_there: tuple[ReasonOut, ...]
    quotes: tuple[QuoteOut, ...]
    taught: tuple[TaughtOut, ...] = Field(description="What one's own deeds do to its place.")
    moved: int = Field(description="Places that it went up by them; negative: down.")
    saved: bool
    request: RequestRef | None = None

    @classmethod
    def of(cls, item: Item, mine: PublishedProfile) -> Self:
        """Return a place as it is shown."""
        why = item.explanation or Explanation((), (), ())
        return cls(
            for_profile_id=item.owner_id,
            profile_id=item.profile.id,
            kind=item.profile.content.kind,
            organization_id=item.profile.organization_id,
            country=item.profile.content.country,
            participation_id=item.participation_id,
            title=item.profile.content.texts.get("title"),
            rank=item.rank,
            rank_there=item.rank_there,
            strength=item.strength,
            reasons=REASONS.validate_python(why.reasons, from_attributes=True),
            reasons_there=REASONS.validate_python(why.reasons_there, from_attributes=True),
            quotes=tuple(QuoteOut.of(quote, mine, item.profile) for quote in why.quotes),
            taught=TAUGHT.validate_python(tuple(item.taught), from_attributes=True),
            moved=item.moved,
            saved=item.saved,
        )


REASONS = TypeAdapter(tuple[ReasonOut, ...])
QUOTES = TypeAdapter(tuple[QuoteOut, ...])
TAUGHT = TypeAdapter(tuple[TaughtOut, ...])


class ListOut(BaseModel):
    """A match list; `complete` says that it is up to date and all reasons are written."""

    items: tuple[ItemOut, ...]
    computed_at: AwareDatetime | None
    complete: bool
    stamp: str = Field("", description="What live pages are told when the list changes.")
    lessons: int = Field(0, description="Counterparts that were saved, asked, or dismissed.")
    taught: bool = Field(False, description="Whether they count in this order.")


def _drawn(shown: Shown, owner: Owner) -> ListOut:
    return ListOut(
        items=tuple(ItemOut.of(item, owner.profile) for item in shown.items),
        computed_at=shown.computed_at,
        complete=shown.complete,
        stamp=shown.stamp,
        lessons=shown.lessons,
        taught=shown.taught,
    )


def _with_requests(out: ListOut, requests: Mapping[UUID, MeetingRequest]) -> ListOut:
    items = tuple(
        item.model_copy(update={"request": RequestRef(id=request.id, state=request.state)})
        if item.participation_id is not None
        and (request := requests.get(item.participation_id)) is not None
        else item
        for item in out.items
    )
    return out.model_copy(update={"items": items})


async def _list(
    owner: Owner,
    read: ReadDep,
    begin: BeginDep | None,
    cache: CacheDep,
    limit: int,
    patience_s: float = 0.0,
    *,
    by_lessons: bool = True,
) -> ListOut:
    """Return a list from the cache or the database, and today's requests on it.

    The version in the key comes from the database and changes with anything that is shown, so
    an old copy is never given out. Without `begin` nobody asks, or waits, for missing reasons.
    """
    by_lessons = by_lessons and owner.is_own
    view = f"{owner.is_own:d}{by_lessons:d}"
    which = f"{owner.profile.id}.{owner.docking_event.id}.{view}.{limit}"
    key = f"matching.list.{which}.{owner.version}"
    kept = await cache.get(key) if cache is not None else None
    if kept is not None:
        out = ListOut.model_validate_json(kept)
    else:
        found = (
            await lists.as_it_is(owner, read, limit=limit, by_lessons=by_lessons)
            if begin is None
            else await lists.shown(
                owner, read, begin, limit=limit, patience_s=patience_s, by_lessons=by_lessons
            )
        )
        out = _drawn(found, owner)
        if cache is not None and out.complete:
            await cache.set(key, out.model_dump_json().encode(), KEPT_S)
    others = {item.participation_id for item in out.items if item.participation_id is not None}
    return _with_requests(out, await lists.requests_with(owner, others, read))


@router.get("/profiles/{profile_id}/matches")
async def matches(
    profile_id: UUID,
    who: SignedIn,
    read: ReadDep,
    begin: BeginDep,
    cache: CacheDep,
    docking_event_id: Annotated[UUID | None, Query()] = None,
    limit: Limit = USUAL_ITEMS,
    wait: Annotated[
        bool, Query(description="Whether to wait up to 1.5 s for reasons that are not written yet.")
    ] = True,
    taught: Annotated[
        bool, Query(description="Whether what was saved, asked and dismissed counts in the order.")
    ] = True,
) -> ListOut:
    """Show the list of a profile, best first, with reasons for both sides."""
    owner = await lists.owner(profile_id, docking_event_id, read, who=who)
    patience_s = lists.PATIENCE_S if wait else 0.0
    return await _list(owner, read, begin, cache, limit, patience_s, by_lessons=taught)


@router.get("/profiles/{profile_id}/matches/live", response_class=Response, responses=LIVE_PAGE)
async def live(
    profile_id: UUID,
    request: Request,
    who: SignedIn,
    read: ReadDep,
    docking_event_id: Annotated[UUID | None, Query()] = None,
) -> Response:
    """Tell a live page when the list of a profile changed (server-sent events)."""
    first = await lists.owner(profile_id, docking_event_id, read, who=who)

    async def look(seen: str | None) -> Sequence[Sent]:
        stamp = await lists.stamp(first, read)
        if seen == stamp:
            return []
        await lists.owner(profile_id, first.docking_event.id, read, who=who)  # Still theirs to see?
        return [Sent(stamp, f'{{"stamp":"{stamp}"}}', "list")]

    channels = [lists.list_channel(profile_id), lists.lists_channel(first.docking_event.id)]
    return stream(request, channels, look)


@router.get("/docking-events/{docking_event_id}/matches")
async def all_matches(
    docking_event_id: UUID,
    who: SignedIn,
    read: ReadDep,
    begin: BeginDep,
    cache: CacheDep,
    limit: Limit = USUAL_ITEMS,
) -> ListOut:
    """Show the lists of all of one's own profiles as one: best places first."""
    owners: dict[UUID, Owner] = {}
    shown: list[ListOut] = []
    for profile in await lists.own_profiles(docking_event_id, read, who=who):
        owner = await lists.owner(profile.id, docking_event_id, read, who=who)
        owners[profile.id] = owner
        shown.append(await _list(owner, read, None, cache, limit))
    order = {Strength.STRONG: 0, Strength.GOOD: 1, Strength.POSSIBLE: 2}
    items = sorted(
        (item for out in shown for item in out.items),
        key=lambda item: (order[item.strength], item.rank, item.profile_id),
    )[:limit]
    # Only for what is shown: a firm may have a hundred offers, and nobody waits for all of them.
    bare = {item.for_profile_id for item in items if not item.reasons}
    bare |= {one for one, out in zip(owners, shown, strict=True) if out.taught and not out.complete}
    if bare:
        await lists.ask_reasons([owners[one] for one in sorted(bare)], begin)
    return ListOut(
        items=tuple(items),
        computed_at=max((o.computed_at for o in shown if o.computed_at), default=None),
        complete=all(out.complete for out in shown),
    )


class RankingOut(BaseModel):
    """How far the ranking of a docking event is."""

    profiles: int
    listed: int
    waiting: int


@router.get("/docking-events/{docking_event_id}/ranking")
async def ranking(docking_event_id: UUID, who: SignedIn, read: ReadDep) -> RankingOut:
    """Say how many profiles have their list, and how many wait, to organizers."""
    found = await lists.progress(docking_event_id, read, who=who)
    return RankingOut(profiles=found.profiles, listed=found.listed, waiting=found.waiting)
