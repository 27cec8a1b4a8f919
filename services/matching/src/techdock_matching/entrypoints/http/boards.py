"""Boards of organizers over HTTP."""

from collections.abc import Mapping
from typing import Annotated, Any, Self
from uuid import UUID

from fastapi import APIRouter, Depends, Query
from pydantic import BaseModel, Field
from techdock_contracts.texts import Text
from techdock_shared.http.app import given
from techdock_shared.http.principal import SignedIn

from techdock_matching.app.asking import Asking
from techdock_matching.app.boards import BoardReads, fairness_board, unmet_board
from techdock_matching.app.suggesting import Answer, Suggestion, suggestions
from techdock_matching.domain.fairness import Exposure, Fairness, Reason, Side
from techdock_matching.domain.ranking.match import Strength
from techdock_matching.domain.ranking.profile import Kind
from techdock_matching.domain.unmet import Band, By, Cell, Unmet
from techdock_matching.entrypoints.http.given import ClockDep, ReadDep
from techdock_matching.entrypoints.http.lists import REASONS, ReasonOut

router = APIRouter(prefix="/v1", tags=["boards"])

AskingDep = Annotated[Asking, Depends(given("asking", Asking))]
BoardsDep = Annotated[BoardReads, Depends(given("boards", BoardReads))]
MOST_NEVER = 200
"""Profiles that are never shown, as far as a page lists them; `everything` has all."""


class CountryOut(BaseModel):
    """How a country's profiles of one side are shown."""

    country: str
    profiles: int
    shown: int = Field(description="Ever among the first 20 places of a list.")
    places: int = Field(description="Of the first 20 places of all lists, those held by them.")


class SideOut(BaseModel):
    """How all needs, or all offers, are shown in the lists of the other side."""

    kind: Kind
    profiles: int
    lists: int
    gini_10: float = Field(description="0: all alike, towards 1: few have all.")
    gini_20: float
    shown_10: int = Field(description="Ever among the first 10 places of a list.")
    shown_20: int
    by_country: list[CountryOut]

    @classmethod
    def of(cls, side: Side) -> Self:
        """Return a side as it is shown."""
        countries = [
            CountryOut(country=country, profiles=profiles, shown=shown, places=places)
            for country, (profiles, shown, places) in side.by_country.items()
        ]
        return cls(
            kind=side.kind,
            profiles=side.profiles,
            lists=side.lists,
            gini_10=side.gini[0],
            gini_20=side.gini[1],
            shown_10=side.shown[0],
            shown_20=side.shown[1],
            by_country=countries,
        )


class ExposureOut(BaseModel):
    """How often one profile is shown."""

    profile_id: UUID
    kind: Kind
    organization_id: UUID
    country: str
    title: Mapping[str, Any]
    first_10: int = Field(description="Lists in which it is among the first 10 places.")
    first_20: int
    best: int | None = Field(description="Best place in any list; null: it stands in none.")
    reason: Reason | None = Field(description="Why it is never among the first 20.")
    params: Mapping[str, int]

    @classmethod
    def of(cls, one: Exposure) -> Self:
        """Return an exposure as it is shown."""
        profile = one.entered.profile
        return cls(
            profile_id=profile.id,
            kind=profile.kind,
            organization_id=profile.organization_id,
            country=profile.country,
            title=one.entered.title,
            first_10=one.first,
            first_20=one.next,
            best=one.best,
            reason=one.reason,
            params=one.params,
        )


class FairnessOut(BaseModel):
    """Who is shown in a docking event and who is not."""

    sides: list[SideOut]
    reasons: Mapping[Reason, int] = Field(description="How many are never shown, by why.")
    never: list[ExposureOut] = Field(description=f"At most {MOST_NEVER}.")
    most: list[ExposureOut] = Field(description="The most shown of each side.")
    profiles: list[ExposureOut] | None = Field(description="All, when everything is asked for.")

    @classmethod
    def of(cls, board: Fairness, *, everything: bool) -> Self:
        """Return a board as it is shown."""
        never = board.never
        counts: dict[Reason, int] = {}
        for one in never:
            if one.reason is not None:
                counts[one.reason] = counts.get(one.reason, 0) + 1
        return cls(
            sides=[SideOut.of(side) for side in board.sides],
            reasons=counts,
            never=[ExposureOut.of(one) for one in never[:MOST_NEVER]],
            most=[ExposureOut.of(one) for kind in Kind for one in board.most(kind)],
            profiles=[ExposureOut.of(one) for one in board.exposures] if everything else None,
        )


class NeedOut(BaseModel):
    """A need without a good match."""

    profile_id: UUID
    organization_id: UUID
    title: Mapping[str, Any]
    trl_least: int | None
    trl_most: int | None
    cooperation: tuple[str, ...]
    offers: int = Field(description="Offers in its list.")
    best: Strength | None = Field(description="How well the first fits; null: there is none.")

    @classmethod
    def of(cls, one: Unmet) -> Self:
        """Return a need as it is shown."""
        need = one.need
        return cls(
            profile_id=need.id,
            organization_id=need.organization_id,
            title=need.title,
            trl_least=need.trl_least,
            trl_most=need.trl_most,
            cooperation=need.cooperation,
            offers=one.offers,
            best=one.best,
        )


class KeywordOut(BaseModel):
    """What needs name, and how many of them name it."""

    word: str
    needs: int


class CellOut(BaseModel):
    """Unmet needs of one country, field and stage."""

    country: str | None = Field(description="Null: countries are not told apart.")
    technology_field: int | None
    trl: Band | None = Field(description="Stage sought at least; null: any, or all of them.")
    organizations: int
    needs: list[NeedOut]
    keywords: list[KeywordOut]

    @classmethod
    def of(cls, cell: Cell) -> Self:
        """Return a cell as it is shown."""
        return cls(
            country=cell.country,
            technology_field=cell.technology_field,
            trl=cell.band,
            organizations=len({one.need.organization_id for one in cell.unmet}),
            needs=[NeedOut.of(one) for one in cell.unmet],
            keywords=[KeywordOut(word=word, needs=needs) for word, needs in cell.keywords],
        )


class UnmetOut(BaseModel):
    """The needs of a docking event that nothing good answers, the largest cell first."""

    needs: int
    waiting: int = Field(description="Not ranked yet; in no cell.")
    unmet: int
    cells: list[CellOut]


class AnswerOut(BaseModel):
    """What an organization outside a docking event has for a need in it."""

    need_id: UUID
    need_title: Mapping[str, Any]
    need_organization_id: UUID
    unmet: bool = Field(description="The need has no good match in the docking event.")
    offer_id: UUID
    offer_title: Text | None
    offer_docking_events: tuple[UUID, ...]
    strength: Strength
    reasons: tuple[ReasonOut, ...] = Field(description="What the offer has for the need.")

    @classmethod
    def of(cls, one: Answer) -> Self:
        """Return an answer as it is shown."""
        content = one.offer.content
        return cls(
            need_id=one.need.id,
            need_title=one.need.title,
            need_organization_id=one.need.organization_id,
            unmet=one.unmet,
            offer_id=one.offer.id,
            offer_title=content.texts.get("title"),
            offer_docking_events=content.docking_events,
            strength=one.counterpart.strength,
            reasons=REASONS.validate_python(
                one.counterpart.explanation.reasons, from_attributes=True
            ),
        )


class SuggestionOut(BaseModel):
    """An organization to invite, with what it would bring."""

    organization_id: UUID
    country: str
    answers: list[AnswerOut]

    @classmethod
    def of(cls, one: Suggestion) -> Self:
        """Return a suggestion as it is shown."""
        return cls(
            organization_id=one.organization_id,
            country=one.country,
            answers=[AnswerOut.of(each) for each in one.answers],
        )


class SuggestionsOut(BaseModel):
    """Whom to invite, who would bring most first."""

    needs: int
    asked: int = Field(description="Needs that were asked about, those without a match first.")
    items: list[SuggestionOut]
    next: None = None


@router.get("/docking-events/{docking_event_id}/fairness")
async def fair(
    docking_event_id: UUID,
    who: SignedIn,
    read: ReadDep,
    boards: BoardsDep,
    clock: ClockDep,
    everything: Annotated[bool, Query(description="With every profile, for a download.")] = False,
) -> FairnessOut:
    """Say how evenly lists show profiles, and why some are never shown, to organizers."""
    board = await fairness_board(docking_event_id, read, boards, clock, who=who)
    return FairnessOut.of(board, everything=everything)


@router.get("/docking-events/{docking_event_id}/unmet-needs")
async def unmet_needs(
    docking_event_id: UUID,
    who: SignedIn,
    read: ReadDep,
    boards: BoardsDep,
    by: Annotated[By, Query(description="What they are gathered by.")] = By.COUNTRY_AND_STAGE,
) -> UnmetOut:
    """Gather the needs without a good match by country, field and stage, to organizers."""
    board = await unmet_board(docking_event_id, read, boards, who=who, by=by)
    return UnmetOut(
        needs=board.needs,
        waiting=board.waiting,
        unmet=board.unmet,
        cells=[CellOut.of(cell) for cell in board.cells],
    )


@router.get("/docking-events/{docking_event_id}/suggested-invitations")
async def suggested_invitations(
    docking_event_id: UUID, who: SignedIn, read: ReadDep, boards: BoardsDep, asking: AskingDep
) -> SuggestionsOut:
    """Rank organizations outside a docking event whose offers answer its needs, to organizers."""
    found = await suggestions(docking_event_id, asking, read, boards, who=who)
    return SuggestionsOut(
        needs=found.needs,
        asked=found.asked,
        items=[SuggestionOut.of(one) for one in found.items],
    )
