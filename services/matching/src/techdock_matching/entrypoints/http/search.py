"""The catalogue over HTTP: search, more of the same, duplicates, the ranking of one profile.

All of it needs the ranker, which another process runs. While that is away the answer is 503
`ranker_starting` with Retry-After; only `GET /v1/search` with a docking event still looks through
titles, and says so (`complete` is false).

POST /v1/duplicates {kind, texts: {field: {language: text}}, exclude?: id}
    -> {items: [{profile_id, kind, organization_id, country, title, likeness: "same" | "close",
                 quotes: [{language, mine, theirs, terms, language_there, terms_there}]}]}
"""

import re
from collections.abc import Sequence
from typing import Annotated, Literal
from uuid import UUID

from fastapi import APIRouter, Depends, Header, Query
from pydantic import BaseModel, Field, TypeAdapter
from techdock_contracts.texts import Text
from techdock_shared.errors import Invalid
from techdock_shared.http.app import Body, given
from techdock_shared.http.idempotency import changes_nothing
from techdock_shared.http.paging import broken_cursor, decode_cursor, encode_cursor
from techdock_shared.http.principal import SignedIn

from techdock_matching.app import catalogue
from techdock_matching.app.asking import Asking, Draft, Hit, RankerStarting, Wanted
from techdock_matching.app.catalogue import Shown
from techdock_matching.app.views import PublishedProfile
from techdock_matching.domain.ranking.match import Quote, Strength
from techdock_matching.entrypoints.http.given import ReadDep
from techdock_matching.entrypoints.http.lists import REASONS, QuoteOut, ReasonOut

router = APIRouter(prefix="/v1", tags=["catalogue"])

AskingDep = Annotated[Asking, Depends(given("asking", Asking))]

USUAL_ITEMS = 20
MOST_ITEMS = 50
MOST_CHARACTERS = 400
MOST_SKIPPED = 2_000
MOST_DRAFT_CHARACTERS = 60_000
MOST_TEXTS = 100

Limit = Annotated[int, Query(ge=1, le=MOST_ITEMS)]
Kind = Literal["need", "offer"]
Words = Annotated[str, Query(max_length=MOST_CHARACTERS, pattern=r"^[^\x00]*$")]
Codes = Annotated[list[str], Query(max_length=40)]
Code = Annotated[str, Field(max_length=64)]


class SnippetOut(BaseModel):
    """The sentence in which sought words stand, and where in it each begins and ends."""

    field: str
    language: str
    text: str
    marks: tuple[tuple[int, int], ...]


class FoundOut(BaseModel):
    """A profile that a search found."""

    profile_id: UUID
    kind: Kind
    organization_id: UUID
    participation_id: UUID | None = Field(description="In the docking event that was named.")
    country: str
    docking_events: tuple[UUID, ...]
    title: Text | None
    summary: Text | None
    technology_field: int | None
    trl: int | None
    trl_least: int | None
    trl_most: int | None
    snippet: SnippetOut | None = None

    @classmethod
    def of(cls, profile: PublishedProfile, hit: Hit, participation_id: UUID | None) -> "FoundOut":
        """Return a found profile as it is shown."""
        content = profile.content
        return cls(
            profile_id=profile.id,
            kind=content.kind,
            organization_id=profile.organization_id,
            participation_id=participation_id,
            country=content.country,
            docking_events=content.docking_events,
            title=content.texts.get("title"),
            summary=content.texts.get("summary"),
            technology_field=content.technology_field,
            trl=content.trl,
            trl_least=content.trl_least,
            trl_most=content.trl_most,
            snippet=None
            if hit.snippet is None
            else SNIPPET.validate_python(hit.snippet, from_attributes=True),
        )


SNIPPET = TypeAdapter(SnippetOut)


class FoundPage(BaseModel):
    """What a search found; never more than was asked for."""

    items: tuple[FoundOut, ...]
    next: str | None = None
    total: int
    facets: dict[str, dict[str, int]] = Field({}, description="Profiles by value of each filter.")
    loose: bool = Field(False, description="Nothing has all the words; these have some.")
    instead: str | None = Field(None, description="With known words for those that are not.")
    concepts: tuple[str, ...] = ()
    complete: bool = Field(True, description="False: only titles were looked through.")


def _items(shown: Shown) -> tuple[FoundOut, ...]:
    profiles, parts = shown.profiles, shown.participations
    return tuple(
        FoundOut.of(profile, hit, parts.get(profile.organization_id))
        for hit in shown.hits
        for profile in [profiles[hit.profile_id]]
    )


def _offset(cursor: str | None) -> int:
    if cursor is None:
        return 0
    match decode_cursor(cursor):
        case [int(offset)] if 0 <= offset <= MOST_SKIPPED:
            return offset
    raise broken_cursor(cursor)


@router.get("/search")
async def search(
    who: SignedIn,
    read: ReadDep,
    asking: AskingDep,
    docking_event_id: Annotated[UUID | None, Query()] = None,
    q: Words = "",
    kind: Annotated[Kind | None, Query()] = None,
    country: Codes = [],  # noqa: B006 - FastAPI copies defaults
    field: Codes = [],  # noqa: B006
    sector: Codes = [],  # noqa: B006
    trl_from: Annotated[int, Query(ge=1, le=9)] = 1,
    trl_to: Annotated[int, Query(ge=1, le=9)] = 9,
    cooperation: Codes = [],  # noqa: B006
    climate: Codes = [],  # noqa: B006
    water: Codes = [],  # noqa: B006
    power: Codes = [],  # noqa: B006
    skill_level: Codes = [],  # noqa: B006
    price_band: Codes = [],  # noqa: B006
    certificate: Codes = [],  # noqa: B006
    language: Codes = [],  # noqa: B006
    typing: Annotated[bool, Query(description="Whether the last word may be cut off.")] = False,
    limit: Limit = USUAL_ITEMS,
    cursor: Annotated[str | None, Query(max_length=100)] = None,
    accept_language: Annotated[str, Header(max_length=200)] = "en",
) -> FoundPage:
    """Search the published profiles that the caller may read, in any language.

    Words are found in all their forms, with a slip or two of the pen, and through the concepts of
    the glossary in other languages. Words in quotes must stand side by side.
    """
    if trl_from > trl_to:
        raise Invalid("trl_from must not be above trl_to")
    stages = () if (trl_from, trl_to) == (1, 9) else range(trl_from, trl_to + 1)
    filters: dict[str, Sequence[str]] = {
        "kind": [kind] if kind else [],
        "country": [each.upper() for each in country],
        "field": field,
        "sector": sector,
        "trl": [str(stage) for stage in stages],
        "cooperation": cooperation,
        "climate": climate,
        "water": water,
        "power": power,
        "skill_level": skill_level,
        "price_band": price_band,
        "certificate": certificate,
        "language": language,
    }
    offset = _offset(cursor)
    wanted = Wanted(
        text=q,
        reach=frozenset(),
        filters={name: tuple(values) for name, values in filters.items() if values},
        typing=typing,
        language=re.split("[,;]", accept_language)[0].strip() or "en",
        offset=offset,
        limit=limit,
    )
    try:
        shown = await catalogue.search(wanted, docking_event_id, asking, read, who=who)
    except RankerStarting:
        if docking_event_id is None:
            raise
        shown = await catalogue.by_titles(
            q, docking_event_id, read, who=who, kind=kind, limit=limit
        )
    items, found = _items(shown), shown.found
    if found is None:
        return FoundPage(items=items, total=len(items), complete=False)
    more = offset + limit < min(found.total, MOST_SKIPPED)
    return FoundPage(
        items=items,
        next=encode_cursor([offset + limit]) if more else None,
        total=found.total,
        facets={name: dict(counts) for name, counts in found.facets.items()},
        loose=found.loose,
        instead=found.instead,
        concepts=found.concepts,
    )


class LikePage(BaseModel):
    """Profiles that are about the same."""

    items: tuple[FoundOut, ...]
    next: None = None


@router.get("/profiles/{profile_id}/like")
async def like(
    profile_id: UUID,
    who: SignedIn,
    read: ReadDep,
    asking: AskingDep,
    kind: Annotated[Kind | None, Query(description="None: as the profile itself.")] = None,
    limit: Limit = USUAL_ITEMS,
) -> LikePage:
    """Find profiles that are about the same as this one, of its own kind or of the other."""
    shown = await catalogue.like(profile_id, kind, limit, asking, read, who=who)
    return LikePage(items=_items(shown))


class DraftBody(Body):
    """A profile before it is published."""

    kind: Kind
    texts: dict[Code, dict[Code, str]] = Field(max_length=MOST_TEXTS)
    organization_id: UUID | None = Field(None, description="Whose draft it is.")
    exclude: UUID | None = Field(None, description="The profile itself, if it is published.")


class PlainQuote(BaseModel):
    """A sentence of the draft and one that says the same, perhaps in another language."""

    language: str
    mine: str
    theirs: str
    terms: tuple[str, ...]
    language_there: str | None
    terms_there: tuple[str, ...]

    @classmethod
    def of(cls, quote: Quote) -> "PlainQuote":
        """Return a quote as it is shown."""
        return cls(**{name: getattr(quote, name) for name in Quote.__dataclass_fields__})


class AlikeOut(BaseModel):
    """A published profile that says the same as a draft, or nearly."""

    profile_id: UUID
    kind: Kind
    organization_id: UUID
    country: str
    title: Text | None
    likeness: Literal["same", "close"]
    quotes: tuple[PlainQuote, ...]


class AlikePage(BaseModel):
    """Published profiles that say the same; likest first."""

    items: tuple[AlikeOut, ...]
    next: None = None


@router.post("/duplicates", dependencies=[changes_nothing])
async def duplicates(
    body: DraftBody, who: SignedIn, read: ReadDep, asking: AskingDep, limit: Limit = 5
) -> AlikePage:
    """Find published profiles of the same kind that say the same as a draft, in any language."""
    if sum(len(text) for by in body.texts.values() for text in by.values()) > MOST_DRAFT_CHARACTERS:
        raise Invalid(f"texts must have at most {MOST_DRAFT_CHARACTERS} characters in all")
    draft = Draft(body.kind, body.texts, frozenset(), body.exclude)
    found, known = await catalogue.duplicates(draft, limit, asking, read, who=who)
    return AlikePage(
        items=tuple(
            AlikeOut(
                profile_id=one.profile_id,
                kind=profile.content.kind,
                organization_id=profile.organization_id,
                country=profile.content.country,
                title=profile.content.texts.get("title"),
                likeness="same" if one.likeness == "same" else "close",
                quotes=tuple(map(PlainQuote.of, one.quotes)),
            )
            for one in found
            for profile in [known[one.profile_id]]
        )
    )


class CounterpartOut(BaseModel):
    """A profile of the other side, and why."""

    profile_id: UUID
    kind: Kind
    organization_id: UUID
    country: str
    docking_events: tuple[UUID, ...]
    title: Text | None
    rank: int
    strength: Strength
    reasons: tuple[ReasonOut, ...]
    reasons_there: tuple[ReasonOut, ...]
    quotes: tuple[QuoteOut, ...]


class Ranking(BaseModel):
    """The other side for one profile, best first."""

    items: tuple[CounterpartOut, ...]
    next: None = None


@router.get("/profiles/{profile_id}/counterparts")
async def counterparts(
    profile_id: UUID,
    who: SignedIn,
    read: ReadDep,
    asking: AskingDep,
    docking_event_id: Annotated[UUID | None, Query(description="None: in all of them.")] = None,
    limit: Limit = USUAL_ITEMS,
) -> Ranking:
    """Rank the other side for a profile at once, in one docking event or in all of them."""
    mine, found, known = await catalogue.counterparts(
        profile_id, docking_event_id, limit, asking, read, who=who
    )
    return Ranking(
        items=tuple(
            CounterpartOut(
                profile_id=one.profile_id,
                kind=theirs.content.kind,
                organization_id=theirs.organization_id,
                country=theirs.content.country,
                docking_events=theirs.content.docking_events,
                title=theirs.content.texts.get("title"),
                rank=rank,
                strength=one.strength,
                reasons=REASONS.validate_python(one.explanation.reasons, from_attributes=True),
                reasons_there=REASONS.validate_python(
                    one.explanation.reasons_there, from_attributes=True
                ),
                quotes=tuple(QuoteOut.of(q, mine, theirs) for q in one.explanation.quotes),
            )
            for rank, one in enumerate(found, 1)
            for theirs in [known[one.profile_id]]
        )
    )
