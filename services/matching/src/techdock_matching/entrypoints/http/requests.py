"""Meeting requests over HTTP."""

from functools import partial
from typing import Annotated, Literal, Self
from uuid import UUID

from fastapi import APIRouter, Query, Request
from fastapi.responses import Response
from pydantic import AwareDatetime, BaseModel, Field
from techdock_shared.http.app import Body
from techdock_shared.http.etag import ExpectedVersion, versioned
from techdock_shared.http.idempotency import Once, created
from techdock_shared.http.paging import Page, Paging
from techdock_shared.http.principal import Principal, SignedIn

from techdock_matching.app import requests
from techdock_matching.domain.meeting_request import (
    MOST_MESSAGE_CHARACTERS,
    MOST_PERSONS,
    MOST_REASON_CHARACTERS,
    MOST_SLOTS,
    MeetingRequest,
    Message,
    RequestState,
)
from techdock_matching.entrypoints.http.given import BeginDep, ClockDep, ReadDep, id_after

router = APIRouter(prefix="/v1", tags=["requests"])

Persons = Annotated[tuple[UUID, ...], Field(max_length=MOST_PERSONS)]


class MessageBody(Body):
    """What one side writes to the other."""

    language: str = Field(min_length=2, max_length=35, description="BCP 47 tag.")
    text: str = Field(min_length=1, max_length=MOST_MESSAGE_CHARACTERS)


class AskBody(Body):
    """Whom to meet, and who would sit in."""

    asked_participation_id: UUID
    asking_participation_id: UUID | None = None
    asking_persons: Persons = ()
    asked_persons: Persons = ()
    asking_profile_id: UUID | None = None
    asked_profile_id: UUID | None = None
    message: MessageBody | None = None
    slots: int = Field(default=1, ge=1, le=MOST_SLOTS, description="Wished length.")


class RequestOut(BaseModel):
    """A meeting request. Message and reason are for the two sides only."""

    id: UUID
    docking_event_id: UUID
    state: RequestState
    asking_participation_id: UUID
    asked_participation_id: UUID
    asking_persons: tuple[UUID, ...]
    asked_persons: tuple[UUID, ...]
    asking_profile_id: UUID | None
    asked_profile_id: UUID | None
    message: MessageBody | None
    slots: int
    created_at: AwareDatetime
    expires_at: AwareDatetime
    waits_for: UUID | None = Field(description="Participation whose turn it is to answer.")
    answered_at: AwareDatetime | None
    reason: str | None
    unplaced_reason: str | None = Field(description="Code, while it has no place.")
    version: int

    @classmethod
    def of(cls, request: MeetingRequest, *, private: bool) -> Self:
        """Return a request as it is shown; `private` to one of its sides."""
        message = request.message if private else None
        return cls(
            id=request.id,
            docking_event_id=request.docking_event_id,
            state=request.state,
            asking_participation_id=request.asking_id,
            asked_participation_id=request.asked_id,
            asking_persons=request.asking_persons,
            asked_persons=request.asked_persons,
            asking_profile_id=request.asking_profile_id,
            asked_profile_id=request.asked_profile_id,
            message=message
            and MessageBody.model_construct(language=message.language, text=message.text),
            slots=request.slots,
            created_at=request.sent_at,
            expires_at=request.expires_at,
            waits_for=request.waits_for,
            answered_at=request.answered_at,
            reason=request.answer_reason if private else None,
            unplaced_reason=request.unplaced_reason,
            version=request.version,
        )


def _message(body: MessageBody | None) -> Message | None:
    return None if body is None else Message(body.language, body.text)


def _answered(request: MeetingRequest) -> Response:
    return versioned(RequestOut.of(request, private=True), request.version)


def _created(request: MeetingRequest) -> Response:
    body = RequestOut.of(request, private=True)
    return created(body, request.version, f"/v1/requests/{request.id}")


@router.post(
    "/docking-events/{docking_event_id}/requests", status_code=201, response_model=RequestOut
)
async def ask(
    docking_event_id: UUID,
    body: AskBody,
    who: SignedIn,
    once: Once,
    begin: BeginDep,
    clock: ClockDep,
) -> Response:
    """Ask a participation for a meeting."""
    command = requests.Ask(
        docking_event_id=docking_event_id,
        asked_participation_id=body.asked_participation_id,
        asking_participation_id=body.asking_participation_id,
        asking_persons=body.asking_persons,
        asked_persons=body.asked_persons,
        asking_profile_id=body.asking_profile_id,
        asked_profile_id=body.asked_profile_id,
        message=_message(body.message),
        slots=body.slots,
    )
    return await once(begin, partial(requests.ask, command, who=who, clock=clock), _created)


@router.get("/docking-events/{docking_event_id}/requests", response_model=Page[RequestOut])
async def listed(
    docking_event_id: UUID,
    request: Request,
    who: SignedIn,
    read: ReadDep,
    page: Paging,
    mine: Annotated[Literal["in", "out"] | None, Query()] = None,
    state: Annotated[list[RequestState] | None, Query()] = None,
) -> Response:
    """List requests: one's own, or everybody's for organizers."""
    found = await requests.listed(
        docking_event_id,
        read,
        who=who,
        mine=mine,
        states=state or (),
        after=id_after(page.after),
        limit=page.limit + 1,
    )
    items = [RequestOut.of(one, private=_is_side(one, who)) for one in found]
    return page.answer(request, items, lambda last: [str(last.id)])


def _is_side(request: MeetingRequest, who: Principal) -> bool:
    return who.takes_part_as(request.asking_id) or who.takes_part_as(request.asked_id)


@router.get("/requests/{id}", response_model=RequestOut)
async def shown(id: UUID, who: SignedIn, read: ReadDep) -> Response:
    """Show a request."""
    request, private = await requests.read(id, read, who=who)
    return versioned(RequestOut.of(request, private=private), request.version)


class AnswerBody(Body):
    """How a request goes on."""

    to: Literal["accepted", "declined", "withdrawn"]
    reason: str | None = Field(default=None, max_length=MOST_REASON_CHARACTERS)


@router.post("/requests/{id}/state", response_model=RequestOut)
async def answer(
    id: UUID,
    body: AnswerBody,
    who: SignedIn,
    once: Once,
    expected: ExpectedVersion,
    begin: BeginDep,
    clock: ClockDep,
) -> Response:
    """Accept, decline, or take back."""
    command = requests.Answer(id, RequestState(body.to), expected, body.reason)
    return await once(begin, partial(requests.answer, command, who=who, clock=clock), _answered)


class CounterBody(Body):
    """Other persons or another length; what is left out stays."""

    asking_persons: Persons = ()
    asked_persons: Persons = ()
    slots: int | None = Field(default=None, ge=1, le=MOST_SLOTS)
    message: MessageBody | None = None


@router.post("/requests/{id}/counter", response_model=RequestOut)
async def counter(
    id: UUID,
    body: CounterBody,
    who: SignedIn,
    once: Once,
    expected: ExpectedVersion,
    begin: BeginDep,
    clock: ClockDep,
) -> Response:
    """Propose something else; then the asking side is to answer."""
    command = requests.Counter(
        id, expected, body.asking_persons, body.asked_persons, body.slots, _message(body.message)
    )
    return await once(begin, partial(requests.counter, command, who=who, clock=clock), _answered)
