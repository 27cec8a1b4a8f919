"""Match lists over HTTP."""

from collections.abc import Mapping
from functools import partial
from typing import Annotated, Any, Literal, Self
from uuid import UUID

from fastapi import APIRouter, Query
from fastapi.responses import Response
from pydantic import AwareDatetime, BaseModel, Field, TypeAdapter
from techdock_contracts.texts import Text
from techdock_shared.http.app import Body, no_content
from techdock_shared.http.idempotency import Once
from techdock_shared.http.principal import SignedIn

from techdock_matching.app import lists
from techdock_matching.app.lists import Item, Owner, Shown
from techdock_matching.domain.meeting_request import MeetingRequest, RequestState
from techdock_matching.domain.ranking.match import Explanation, Strength
from techdock_matching.entrypoints.http.given import BeginDep, CacheDep, ReadDep

router = APIRouter(prefix="/v1", tags=["lists"])

USUAL_ITEMS = 20
MOST_ITEMS = 50
MOST_WORDS = 200
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
    request: RequestRef | None = None

    @classmethod
    def of(cls, item: Item) -> Self:
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
            quotes=QUOTES.validate_python(why.quotes, from_attributes=True),
        )


REASONS = TypeAdapter(tuple[ReasonOut, ...])
QUOTES = TypeAdapter(tuple[QuoteOut, ...])


class ListOut(BaseModel):
    """A match list; `complete` says that it is up to date and all reasons are written."""

    items: tuple[ItemOut, ...]
    computed_at: AwareDatetime | None
    complete: bool


def _drawn(shown: Shown) -> ListOut:
    return ListOut(
        items=tuple(ItemOut.of(item) for item in shown.items),
        computed_at=shown.computed_at,
        complete=shown.complete,
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
) -> ListOut:
    """Return a list from the cache or the database, and today's requests on it.

    The version in the key comes from the database and changes with anything that is shown, so
    an old copy is never given out. Without `begin` nobody asks, or waits, for missing reasons.
    """
    key = f"matching.list.{owner.profile.id}.{owner.docking_event.id}.{owner.version}.{limit}"
    kept = await cache.get(key) if cache is not None else None
    if kept is not None:
        out = ListOut.model_validate_json(kept)
    else:
        out = _drawn(
            await lists.as_it_is(owner, read, limit=limit)
            if begin is None
            else await lists.shown(owner, read, begin, limit=limit, patience_s=patience_s)
        )
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
) -> ListOut:
    """Show the list of a profile, best first, with reasons for both sides."""
    owner = await lists.owner(profile_id, docking_event_id, read, who=who)
    patience_s = lists.PATIENCE_S if wait else 0.0
    return await _list(owner, read, begin, cache, limit, patience_s)


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


class FoundOut(BaseModel):
    """A profile that a search found."""

    profile_id: UUID
    kind: Literal["need", "offer"]
    organization_id: UUID
    participation_id: UUID | None
    title: Text | None


class FoundPage(BaseModel):
    """What a search found; never more than was asked for."""

    items: tuple[FoundOut, ...]
    next: None = None


@router.get("/search")
async def search(
    docking_event_id: UUID,
    who: SignedIn,
    read: ReadDep,
    q: Annotated[str, Query(max_length=MOST_WORDS, pattern=r"^[^\x00]*$")] = "",
    kind: Annotated[Literal["need", "offer"] | None, Query()] = None,
    limit: Limit = USUAL_ITEMS,
) -> FoundPage:
    """Find profiles of a docking event by the words of their titles."""
    found = await lists.search(docking_event_id, q, read, who=who, kind=kind, limit=limit)
    return FoundPage(
        items=tuple(
            FoundOut(
                profile_id=profile.id,
                kind=profile.content.kind,
                organization_id=profile.organization_id,
                participation_id=participation_id,
                title=profile.content.texts.get("title"),
            )
            for profile, participation_id in found
        )
    )


class DismissBody(Body):
    """Who does not fit, and why: not_fitting, known, competitor or other."""

    profile_id: UUID
    reason: str = Field(max_length=40)


@router.post("/profiles/{profile_id}/dismissals", status_code=204)
async def dismissed(
    profile_id: UUID, body: DismissBody, who: SignedIn, once: Once, begin: BeginDep
) -> Response:
    """Keep a counterpart out of the list of one's own profile."""
    command = lists.Dismiss(profile_id, body.profile_id, body.reason)
    return await once(begin, partial(lists.dismiss, command, who=who), lambda _: no_content())
