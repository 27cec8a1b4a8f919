"""Figures: exact ones for the organizers of a docking event, safe ones for a ministry."""

from datetime import date
from typing import Annotated, Any, Literal
from uuid import UUID

from fastapi import APIRouter, Depends, Query
from fastapi.responses import Response
from pydantic import AwareDatetime, BaseModel
from techdock_shared.clock import Clock
from techdock_shared.errors import Forbidden, Invalid, NotFound
from techdock_shared.http.app import given
from techdock_shared.http.principal import Principal, SignedIn, public, requires

from techdock_reporting.app import answers
from techdock_reporting.app.ports import Answer, Begin
from techdock_reporting.domain.dictionary import CURRENT, dictionary
from techdock_reporting.entrypoints.http import tables

router = APIRouter(prefix="/v1")

BeginDep = Annotated[Begin, Depends(given("begin", Begin))]
ReadDep = Annotated[Begin, Depends(given("read", Begin))]
ClockDep = Annotated[Clock, Depends(given("clock", Clock))]
Format = Annotated[Literal["json", "csv"], Query(description="csv is UTF-8 with BOM.")]

OR_CSV: dict[int | str, dict[str, Any]] = {
    200: {"content": {"text/csv": {"schema": {"type": "string"}}}}
}
"""What OpenAPI says of a route that also answers with a table."""


def _analyses(who: Principal) -> bool:
    return any(role.name == "analyst" for role in who.roles)


Analyst = Annotated[Principal, requires(_analyses, "analyst")]


class IndicatorOut(BaseModel):
    """An entry of the counting dictionary."""

    code: str
    version: int
    disclosure: str
    counts_by: str
    attribution: str
    standard: str
    names: dict[str, str]
    definitions: dict[str, str]
    units: dict[str, str]


class DictionaryOut(BaseModel):
    """The counting dictionary in force."""

    version: int
    items: list[IndicatorOut]


@router.get("/indicators", dependencies=[public])
async def indicators() -> DictionaryOut:
    """Say what each figure counts, in four languages."""
    items = [
        IndicatorOut.model_validate(entry, from_attributes=True) for entry in dictionary().values()
    ]
    return DictionaryOut(version=CURRENT, items=items)


class FigureOut(BaseModel):
    """An exact figure."""

    indicator: str
    definition_version: int
    value: int
    unit: dict[str, str]


class LadderOut(BaseModel):
    """Cooperation projects by stage, three measures that are never mixed."""

    reached: dict[str, int]
    now: dict[str, int]
    unconfirmed: dict[str, int]


class FiguresOut(BaseModel):
    """The exact figures of one docking event, and what they rest on."""

    docking_event_id: UUID
    code: str
    as_of: date
    as_known: AwareDatetime
    position: int
    checksum: str
    definitions: int
    figures: list[FigureOut]
    ladder: LadderOut


async def _exact(
    docking_event_id: UUID,
    as_of: date | None,
    as_known: AwareDatetime | None,
    who: Principal,
    begin: Begin,
    clock: Clock,
) -> answers.Exact:
    tenant_id = await answers.tenant_of(docking_event_id, begin)
    if not who.organizes(tenant_id, docking_event_id):
        # A docking event is public, its exact figures are not; analysts know the address.
        if who.in_docking_event(docking_event_id) or who.analyses(tenant_id):
            raise Forbidden("exact figures are for the organizers of this docking event")
        raise NotFound(f"no docking event {docking_event_id}")
    return await answers.exact(docking_event_id, as_of, as_known, begin, clock)


def _out(exact: answers.Exact) -> FiguresOut:
    counted = exact.counted
    return FiguresOut(
        docking_event_id=exact.docking_event_id,
        code=exact.code,
        as_of=exact.as_of,
        as_known=exact.as_known,
        position=exact.position,
        checksum=exact.checksum,
        definitions=CURRENT,
        figures=[
            FigureOut(
                indicator=code,
                definition_version=entry.version,
                value=counted.value(code),
                unit=dict(entry.units),
            )
            for code, entry in dictionary().items()
        ],
        ladder=LadderOut(
            reached=dict(counted.reached),
            now=dict(counted.now),
            unconfirmed=dict(counted.unconfirmed),
        ),
    )


@router.get(
    "/docking-events/{docking_event_id}/figures", response_model=FiguresOut, responses=OR_CSV
)
async def figures(
    docking_event_id: UUID,
    who: SignedIn,
    begin: ReadDep,
    clock: ClockDep,
    as_of: Annotated[date | None, Query(description="What had happened by this day.")] = None,
    as_known: Annotated[
        AwareDatetime | None, Query(description="What was known at this instant.")
    ] = None,
    format: Format = "json",
) -> Response:
    """Return the exact figures of an own docking event."""
    out = _out(await _exact(docking_event_id, as_of, as_known, who, begin, clock))
    if format == "csv":
        return tables.download(tables.of_figures(out.model_dump(mode="json")), _name(out))
    return Response(out.model_dump_json(), media_type="application/json")


def _name(out: FiguresOut) -> str:
    code = "".join(c if c.isalnum() and c.isascii() else "-" for c in out.code)
    return f"techdock-{code}-as-of-{out.as_of.isoformat()}.csv"


class ListOut(BaseModel):
    """The things behind a figure."""

    indicator: str
    as_of: date
    position: int
    ids: list[str]


@router.get("/docking-events/{docking_event_id}/figures/{indicator}/list")
async def behind(
    docking_event_id: UUID,
    indicator: str,
    who: SignedIn,
    begin: ReadDep,
    clock: ClockDep,
    as_of: date | None = None,
    as_known: AwareDatetime | None = None,
) -> ListOut:
    """Open a figure into the list behind it."""
    exact = await _exact(docking_event_id, as_of, as_known, who, begin, clock)
    if indicator not in exact.counted.lists:
        raise NotFound(f"no indicator {indicator}")
    return ListOut(
        indicator=indicator,
        as_of=exact.as_of,
        position=exact.position,
        ids=list(exact.counted.lists[indicator]),
    )


class AnswerOut(BaseModel):
    """An answer to a ministry, as it stands in the ledger."""

    id: UUID
    at: AwareDatetime
    position: int
    question: dict[str, Any]
    figures: list[dict[str, Any]]
    docking_events: list[dict[str, Any]]


def _answer_out(answer: Answer) -> AnswerOut:
    return AnswerOut(
        id=answer.id,
        at=answer.at,
        position=answer.position,
        question=dict(answer.question),
        figures=answer.content["figures"],
        docking_events=answer.content["docking_events"],
    )


@router.get("/ministry/figures", response_model=AnswerOut, responses=OR_CSV)
async def ministry_figures(
    who: Analyst,
    begin: BeginDep,
    clock: ClockDep,
    tenant_id: Annotated[UUID | None, Query(description="None: all of mine.")] = None,
    since: Annotated[date | None, Query(alias="from")] = None,
    until: Annotated[date | None, Query(alias="to")] = None,
    as_of: date | None = None,
    format: Format = "json",
) -> Response:
    """Tell a ministry what it may see; the answer is kept in the ledger."""
    mine = [role.tenant_id for role in who.roles if role.name == "analyst" and role.tenant_id]
    if tenant_id is not None and tenant_id not in mine:
        raise NotFound(f"no tenant {tenant_id}")
    if since is not None and until is not None and since > until:
        raise Invalid(f"from must not be after to; found {since} and {until}")
    question = answers.Question(
        tenants=[tenant_id] if tenant_id else mine,
        since=since,
        until=until,
        as_of=as_of or clock.now().date(),
    )
    out = _answer_out(await answers.ministry(question, who.account_id, begin, clock))
    if format == "csv":
        name = f"techdock-ministry-as-of-{question.as_of.isoformat()}.csv"
        return tables.download(tables.of_answer(out.model_dump(mode="json")), name)
    return Response(out.model_dump_json(), media_type="application/json")


class AnswersOut(BaseModel):
    """Earlier answers, newest first."""

    items: list[AnswerOut]
    next: str | None = None


@router.get("/ministry/answers")
async def ministry_answers(
    who: Analyst, begin: ReadDep, limit: Annotated[int, Query(ge=1, le=200)] = 50
) -> AnswersOut:
    """Return what I was told before."""
    async with begin() as transaction:
        found = await transaction.ledger.of(who.account_id, limit)
    return AnswersOut(items=[_answer_out(answer) for answer in found])
