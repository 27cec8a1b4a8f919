"""Who is ready, over HTTP."""

from collections.abc import Mapping
from typing import Annotated, Any, Self
from uuid import UUID

from fastapi import APIRouter, Query, Request, Response
from pydantic import BaseModel, Field
from techdock_shared.http.paging import Paging, broken_cursor, link_next
from techdock_shared.http.principal import SignedIn

from techdock_matching.app import readiness
from techdock_matching.app.views import Lack, Place, Standing
from techdock_matching.domain.meeting_request import RequestState
from techdock_matching.entrypoints.http.given import ReadDep

router = APIRouter(prefix="/v1", tags=["readiness"])

MOST = 2**31
"""Nothing counted here is as many; a cursor with more was not given out."""


class StandingOut(BaseModel):
    """What a confirmed organization has and lacks."""

    participation_id: UUID
    organization_id: UUID
    person_count: int
    languages: tuple[str, ...] = Field(description="Tags that its persons speak.")
    needs: int = Field(description="Published in this docking event.")
    offers: int = Field(description="Published in this docking event.")
    to_answer: int = Field(description="Requests whose turn is theirs.")
    accepted: int = Field(description="Requests agreed by both sides, with or without a place.")
    lacks: tuple[Lack, ...]

    @classmethod
    def of(cls, standing: Standing) -> Self:
        """Return a standing as it is shown."""
        return cls.model_validate(standing, from_attributes=True)


class ReadinessOut(BaseModel):
    """The figures of a docking event, and a page of standings."""

    confirmed: int
    ready: int = Field(description="Confirmed organizations that lack nothing.")
    missing: Mapping[Lack, int] = Field(description="How many lack each thing.")
    profiles: Mapping[str, int] = Field(description="Published, by kind: need, offer.")
    requests: Mapping[RequestState, int]
    items: tuple[StandingOut, ...]
    next: str | None


@router.get("/docking-events/{docking_event_id}/readiness")
async def ready(
    docking_event_id: UUID,
    request: Request,
    response: Response,
    who: SignedIn,
    read: ReadDep,
    page: Paging,
    lack: Annotated[Lack | None, Query(description="Only those that lack this.")] = None,
    everybody: Annotated[bool, Query(description="Also those that lack nothing.")] = False,
) -> ReadinessOut:
    """Say who is ready and who lacks what, to organizers; most lacks first."""
    counts, found = await readiness.readiness(
        docking_event_id,
        read,
        who=who,
        lack=lack,
        everybody=everybody,
        after=_place(page.after),
        limit=page.limit + 1,
    )
    shown, following = page.cut([StandingOut.of(one) for one in found], _position)
    if following is not None:
        response.headers["Link"] = link_next(request, following)
    return ReadinessOut(
        confirmed=counts.confirmed,
        ready=counts.ready,
        missing=counts.missing,
        profiles=counts.profiles,
        requests={RequestState(state): number for state, number in counts.requests.items()},
        items=tuple(shown),
        next=following,
    )


def _position(last: StandingOut) -> list[Any]:
    return [len(last.lacks), last.to_answer, str(last.participation_id)]


def _place(position: list[Any] | None) -> Place | None:
    """Read a cursor.

    Raises:
        Invalid: It is not of this list.
    """
    match position:
        case None:
            return None
        case [int(lacks), int(to_answer), str(id)] if 0 <= lacks < MOST > to_answer >= 0:
            try:
                return Place(lacks, to_answer, UUID(id))
            except ValueError as error:
                raise broken_cursor(str(position)) from error
    raise broken_cursor(str(position))
