"""The plan of mutual matches and what both sides say to it, over HTTP."""

from functools import partial
from typing import Annotated, Literal, Self
from uuid import UUID

from fastapi import APIRouter, Query, Request
from fastapi.responses import Response
from pydantic import AwareDatetime, BaseModel, Field
from techdock_shared.http.app import Body
from techdock_shared.http.etag import ExpectedVersion, versioned
from techdock_shared.http.idempotency import Once, accepted
from techdock_shared.http.paging import Page, Paging
from techdock_shared.http.principal import SignedIn

from techdock_matching.app import proposals
from techdock_matching.app.proposals import Shown
from techdock_matching.app.repositories_plan import Task
from techdock_matching.domain.proposal import Outcome
from techdock_matching.domain.ranking.match import Explanation, Strength
from techdock_matching.entrypoints.http.given import BeginDep, ClockDep, ReadDep, id_after
from techdock_matching.entrypoints.http.lists import QUOTES, REASONS, QuoteOut, ReasonOut
from techdock_matching.entrypoints.http.weights import ProgressOut

router = APIRouter(prefix="/v1", tags=["proposals"])

MOST_QUESTIONS = 3


class PlanBody(Body):
    """How well two sides must fit to be proposed to each other."""

    least: Strength = Strength.GOOD
    questions: int = Field(
        default=1,
        ge=1,
        le=MOST_QUESTIONS,
        description="For each meeting that somebody has time for, as not everybody says yes.",
    )


class PlannedOut(BaseModel):
    """What came of a plan."""

    pairs: int
    parties: int = Field(description="Participations that have time for a meeting.")
    served: int = Field(description="Those of them that are in a pair.")


class PlanOut(BaseModel):
    """A plan that the worker makes; its pairs are drafts."""

    id: UUID
    docking_event_id: UUID
    state: str
    least: Strength
    progress: ProgressOut
    found: PlannedOut | None
    failure: str | None

    @classmethod
    def of(cls, task: Task) -> Self:
        """Return a plan as it is shown."""
        return cls(
            id=task.id,
            docking_event_id=task.docking_event_id,
            state=task.state,
            least=Strength(task.ordered["least"]),
            progress=ProgressOut.model_validate(dict(task.progress)),
            found=None if task.result is None else PlannedOut.model_validate(dict(task.result)),
            failure=task.failure,
        )


class SideOut(BaseModel):
    """One side of a proposal, and the profile with which it fits."""

    participation_id: UUID
    profile_id: UUID


class ProposalOut(BaseModel):
    """A proposed meeting. Nobody learns who said no, or what a side said before both did."""

    id: UUID
    docking_event_id: UUID
    outcome: Outcome
    sides: tuple[SideOut, SideOut] = Field(description="One's own first.")
    answer: Literal["accepted", "declined"] | None = Field(description="Of one's own side.")
    strength: Strength
    reasons: tuple[ReasonOut, ...] = Field(description="As the first side reads them.")
    reasons_there: tuple[ReasonOut, ...]
    quotes: tuple[QuoteOut, ...]
    expires_at: AwareDatetime | None
    version: int

    @classmethod
    def of(cls, shown: Shown) -> Self:
        """Return a proposal as its reader sees it."""
        proposal, why = shown.proposal, shown.explanation or Explanation((), (), ())
        said = None if shown.mine is None else proposal.answer_of(shown.mine)
        one, other = (
            SideOut(participation_id=side, profile_id=proposal.profile_of(side))
            for side in shown.sides
        )
        return cls(
            id=proposal.id,
            docking_event_id=proposal.docking_event_id,
            outcome=proposal.outcome,
            sides=(one, other),
            answer=None if said is None else "accepted" if said else "declined",
            strength=shown.strength,
            reasons=REASONS.validate_python(why.reasons, from_attributes=True),
            reasons_there=REASONS.validate_python(why.reasons_there, from_attributes=True),
            quotes=QUOTES.validate_python(why.quotes, from_attributes=True),
            expires_at=proposal.expires_at,
            version=shown.version,
        )


class GetsOut(BaseModel):
    """How many proposals a participation has that are not over."""

    participation_id: UUID
    proposals: int


class SummaryOut(BaseModel):
    """What a plan gives everybody."""

    drafted: int
    waiting: int
    agreed: int
    not_agreed: int
    gets: tuple[GetsOut, ...] = Field(description="Of all confirmed participations, least first.")


class SentOut(BaseModel):
    """How many proposals were sent."""

    sent: int


class AnswerBody(Body):
    """Yes or no of a side; or the organizer takes it back."""

    to: Literal["accepted", "declined", "withdrawn"]


@router.post(
    "/docking-events/{docking_event_id}/mutual-plans", status_code=202, response_model=PlanOut
)
async def ordered(
    docking_event_id: UUID, body: PlanBody, who: SignedIn, once: Once, begin: BeginDep
) -> Response:
    """Plan who should meet whom. 202: the worker plans; its pairs replace the earlier drafts."""
    act = partial(proposals.order_plan, docking_event_id, body.least, body.questions, who=who)
    return await once(begin, act, lambda task: accepted(PlanOut.of(task)))


@router.get("/mutual-plans/{id}")
async def planned(id: UUID, who: SignedIn, read: ReadDep) -> PlanOut:
    """Show how far a plan is."""
    return PlanOut.of(await proposals.plan(id, read, who=who))


@router.get("/docking-events/{docking_event_id}/proposals-summary")
async def summary(
    docking_event_id: UUID, who: SignedIn, read: ReadDep, clock: ClockDep
) -> SummaryOut:
    """Show what a plan gives everybody, to organizers."""
    found = await proposals.summary(docking_event_id, read, who=who, clock=clock)
    gets = sorted(found.gets.items(), key=lambda one: (one[1], one[0]))
    return SummaryOut(
        **{outcome.value: found.counts.get(outcome, 0) for outcome in Outcome},
        gets=tuple(GetsOut(participation_id=one, proposals=many) for one, many in gets),
    )


@router.get("/docking-events/{docking_event_id}/proposals", response_model=Page[ProposalOut])
async def listed(
    docking_event_id: UUID,
    request: Request,
    who: SignedIn,
    read: ReadDep,
    clock: ClockDep,
    page: Paging,
    mine: Annotated[bool, Query()] = False,
    outcome: Annotated[Outcome | None, Query()] = None,
) -> Response:
    """List proposals: one's own, or everybody's for organizers."""
    found = await proposals.listed(
        docking_event_id,
        read,
        who=who,
        clock=clock,
        mine=mine,
        outcome=outcome,
        after=id_after(page.after),
        limit=page.limit + 1,
    )
    items = [ProposalOut.of(one) for one in found]
    return page.answer(request, items, lambda last: [str(last.id)])


@router.post("/docking-events/{docking_event_id}/proposals/send", response_model=SentOut)
async def sent(
    docking_event_id: UUID, who: SignedIn, once: Once, begin: BeginDep, clock: ClockDep
) -> Response:
    """Ask both sides of every draft."""

    def told(number: int) -> Response:
        return Response(SentOut(sent=number).model_dump_json(), media_type="application/json")

    return await once(begin, partial(proposals.send, docking_event_id, who=who, clock=clock), told)


@router.post("/proposals/{id}/state", response_model=ProposalOut)
async def answered(
    id: UUID,
    body: AnswerBody,
    who: SignedIn,
    once: Once,
    expected: ExpectedVersion,
    begin: BeginDep,
    clock: ClockDep,
) -> Response:
    """Say yes or no; or, as organizer, take it back, which forgets a draft."""
    command = proposals.Answer(id, body.to, expected)

    def told(shown: Shown) -> Response:
        return versioned(ProposalOut.of(shown), shown.version)

    return await once(begin, partial(proposals.answer, command, who=who, clock=clock), told)
