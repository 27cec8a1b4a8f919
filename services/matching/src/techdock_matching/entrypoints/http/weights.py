"""The weights of a docking event's ranking over HTTP: preview, setting, history."""

from collections.abc import Sequence
from functools import partial
from typing import Any, Self
from uuid import UUID

from fastapi import APIRouter
from fastapi.responses import Response
from pydantic import AwareDatetime, BaseModel, Field
from techdock_shared.http.app import Body
from techdock_shared.http.etag import ExpectedVersion, versioned
from techdock_shared.http.idempotency import Once, accepted
from techdock_shared.http.principal import SignedIn

from techdock_matching.app import weighing
from techdock_matching.app.repositories_plan import Task, Weighing
from techdock_matching.domain.ranking.weighing import ADJUSTABLE, standard
from techdock_matching.entrypoints.http.given import BeginDep, ClockDep, ReadDep

router = APIRouter(prefix="/v1", tags=["ranking"])


class WeightsBody(Body):
    """Weights in standard deviations of the score, by name; left out: the standard one."""

    values: dict[str, float] = Field(max_length=len(ADJUSTABLE))


class WeightOut(BaseModel):
    """One weight, and what it may be."""

    name: str
    value: float
    standard: float
    least: float
    most: float


class SettingOut(BaseModel):
    """What somebody set, as far as it differs from the standard."""

    version: int
    values: dict[str, float]
    person_id: UUID | None
    set_at: AwareDatetime | None


class WeightsOut(BaseModel):
    """The weights in force, and everything that was ever set, newest first."""

    docking_event_id: UUID
    weights: tuple[WeightOut, ...]
    history: tuple[SettingOut, ...]
    version: int

    @classmethod
    def of(cls, current: Weighing, history: Sequence[Weighing]) -> Self:
        """Return weights as they are shown."""
        return cls(
            docking_event_id=current.docking_event_id,
            weights=tuple(
                WeightOut(
                    name=name,
                    value=current.values.get(name, standard(name)),
                    standard=standard(name),
                    least=bound.least,
                    most=bound.most,
                )
                for name, bound in ADJUSTABLE.items()
            ),
            history=tuple(
                SettingOut(
                    version=one.version,
                    values=dict(one.values),
                    person_id=one.person_id,
                    set_at=one.set_at,
                )
                for one in history
            ),
            version=current.version,
        )


def _answered(found: tuple[Weighing, Sequence[Weighing]]) -> Response:
    return versioned(WeightsOut.of(*found), found[0].version)


@router.get("/docking-events/{docking_event_id}/weights", response_model=WeightsOut)
async def shown(docking_event_id: UUID, who: SignedIn, read: ReadDep) -> Response:
    """Show what counts how much in the ranking of a docking event, to its organizers."""
    return _answered(await weighing.read(docking_event_id, read, who=who))


@router.put("/docking-events/{docking_event_id}/weights", response_model=WeightsOut)
async def weighed(
    docking_event_id: UUID,
    body: WeightsBody,
    who: SignedIn,
    expected: ExpectedVersion,
    begin: BeginDep,
    clock: ClockDep,
) -> Response:
    """Set the weights; the lists are computed anew at once."""
    command = weighing.Weigh(docking_event_id, body.values, expected)
    return _answered(await weighing.weigh(command, begin, who=who, clock=clock))


class ProgressOut(BaseModel):
    """How many profiles are done, of how many."""

    done: int = 0
    total: int = 0


class MoverOut(BaseModel):
    """A profile whose first five places would be others, and what comes and goes there."""

    profile_id: UUID
    came: tuple[UUID, ...]
    left: tuple[UUID, ...]


class FoundOut(BaseModel):
    """What other weights would change; pairs are before and after."""

    profiles: int = Field(description="That have a list.")
    looked_at: int = Field(description="Fewer than that: a sample.")
    changed: int = Field(description="Those whose first five places would be others.")
    movers: tuple[MoverOut, ...]
    gini: tuple[float, float] = Field(description="Of the first five places; 0: all alike.")
    strong: tuple[int, int] = Field(description="Profiles with a strong match.")
    unserved: tuple[int, int] = Field(description="Profiles without a good match.")


class PreviewOut(BaseModel):
    """A preview: how far it is, and what it found."""

    id: UUID
    docking_event_id: UUID
    state: str
    values: dict[str, float]
    progress: ProgressOut
    found: FoundOut | None
    failure: str | None

    @classmethod
    def of(cls, task: Task) -> Self:
        """Return a preview as it is shown."""
        result: dict[str, Any] | None = None if task.result is None else dict(task.result)
        return cls(
            id=task.id,
            docking_event_id=task.docking_event_id,
            state=task.state,
            values=task.ordered["values"],
            progress=ProgressOut.model_validate(dict(task.progress)),
            found=None if result is None else FoundOut.model_validate(result),
            failure=task.failure,
        )


@router.post(
    "/docking-events/{docking_event_id}/weights-previews",
    status_code=202,
    response_model=PreviewOut,
)
async def ordered(
    docking_event_id: UUID, body: WeightsBody, who: SignedIn, once: Once, begin: BeginDep
) -> Response:
    """Find out what other weights would change. 202: the worker looks; nothing is set."""
    act = partial(weighing.order_preview, docking_event_id, body.values, who=who)
    return await once(begin, act, lambda task: accepted(PreviewOut.of(task)))


@router.get("/weights-previews/{id}")
async def previewed(id: UUID, who: SignedIn, read: ReadDep) -> PreviewOut:
    """Show how far a preview is, and what it found."""
    return PreviewOut.of(await weighing.preview(id, read, who=who))
