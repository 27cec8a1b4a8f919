"""Participations: applications, vetting, who comes."""

from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Query, Request, status
from fastapi.responses import Response
from pydantic import BaseModel, Field
from techdock_shared.http.app import Body
from techdock_shared.http.etag import ExpectedVersion, versioned
from techdock_shared.http.idempotency import Once, created
from techdock_shared.http.paging import Page, Paging
from techdock_shared.http.principal import Principal, SignedIn

from techdock_registration.app import directory, participations
from techdock_registration.app.entries import Comer, Wishes
from techdock_registration.app.persons import Named
from techdock_registration.domain.participation import Participation, ParticipationState
from techdock_registration.domain.spans import Span
from techdock_registration.domain.texts import Names
from techdock_registration.entrypoints.http.given import BeginDep, ClockDep, ReadDep, more
from techdock_registration.entrypoints.http.shown import ParticipationOut

router = APIRouter(prefix="/v1", tags=["participations"])


class PersonBody(Body):
    """A person who comes. `person_id` names one who is in the participation already."""

    email: str | None = Field(default=None, max_length=254)
    names: Names | None = None
    person_id: UUID | None = None
    role: str = "member"
    mode: str = "on_site"
    venue_id: UUID | None = None
    zone: str | None = None
    language: str | None = None
    languages: tuple[str, ...] = ()
    hours: tuple[Span, ...] = ()
    night: bool = False

    def comer(self) -> Comer:
        """Return the person as the command takes it."""
        language = self.language or (self.languages[0] if self.languages else "en")
        named = Named(self.names, self.email, language, self.languages, self.person_id)
        return Comer(named, self.role, self.mode, self.venue_id, self.zone, self.hours, self.night)


class ParticipationBody(Body):
    """An application. `contact` is the place of a person in the list, or a mail address."""

    external_id: str | None = None
    organization_id: UUID
    persons: tuple[PersonBody, ...]
    contact: int | str = 0
    least_meetings: int = 0
    most_meetings: int | None = None
    languages: tuple[str, ...] = ()

    def wishes(self) -> Wishes:
        """Return who comes and what they wish."""
        return Wishes(
            tuple(person.comer() for person in self.persons),
            self.contact,
            self.least_meetings,
            self.most_meetings,
            self.languages,
            self.external_id,
        )


class ParticipationPatch(Body):
    """What is to be changed; `persons` replaces the whole list."""

    persons: tuple[PersonBody, ...] | None = None
    contact: int | str | None = None
    least_meetings: int | None = None
    most_meetings: int | None = None
    languages: tuple[str, ...] | None = None


class StateBody(Body):
    """Where it is to go, and why."""

    to: ParticipationState
    reason: str | None = Field(default=None, max_length=1000)


@router.post(
    "/docking-events/{docking_event_id}/participations",
    status_code=status.HTTP_201_CREATED,
    response_model=ParticipationOut,
)
async def apply(
    docking_event_id: UUID,
    body: ParticipationBody,
    who: SignedIn,
    once: Once,
    begin: BeginDep,
    clock: ClockDep,
) -> Response:
    """Apply for an organization: by its person, or by an organizer."""

    async def act(begin: BeginDep) -> directory.Entrant:
        saved = await participations.apply(
            who, docking_event_id, body.organization_id, body.wishes(), begin, clock
        )
        return await _joined(who, saved, begin)

    return await once(begin, act, _made)


def _made(entrant: directory.Entrant) -> Response:
    return created(ParticipationOut.of(entrant), entrant.participation.version)


def _answer(entrant: directory.Entrant) -> Response:
    return versioned(ParticipationOut.of(entrant), entrant.participation.version)


async def _joined(who: Principal, saved: Participation, begin: BeginDep) -> directory.Entrant:
    async with begin() as transaction:
        (joined,) = await directory.join(who, [saved], transaction, in_full=True)
    return joined


@router.get(
    "/docking-events/{docking_event_id}/participations", response_model=Page[ParticipationOut]
)
async def listed(
    docking_event_id: UUID,
    request: Request,
    who: SignedIn,
    read: ReadDep,
    page: Paging,
    state: Annotated[ParticipationState | None, Query()] = None,
    country: Annotated[str | None, Query(max_length=2)] = None,
    q: Annotated[str | None, Query(max_length=200)] = None,
) -> Response:
    """List participations: all of them for organizers, their own for others."""
    found = await directory.entrants(
        who, docking_event_id, more(page, UUID), state, country, q, read
    )
    return page.answer(request, [ParticipationOut.of(e) for e in found], _position)


def _position(last: ParticipationOut) -> list[Any]:
    return [str(last.id)]


class CountOut(BaseModel):
    """How many participations are in a state."""

    state: ParticipationState
    count: int


class CountsOut(BaseModel):
    """States without any participation are left out."""

    items: list[CountOut]


@router.get("/docking-events/{docking_event_id}/participations/counts")
async def counts(docking_event_id: UUID, who: SignedIn, read: ReadDep) -> CountsOut:
    """Say how many participations are in each state, to organizers."""
    found = await directory.counts(who, docking_event_id, read)
    states = [state for state in ParticipationState if state in found]
    return CountsOut(items=[CountOut(state=state, count=found[state]) for state in states])


@router.get("/participations/{participation_id}", response_model=ParticipationOut)
async def participation(participation_id: UUID, who: SignedIn, read: ReadDep) -> Response:
    """Return a participation: in full to its own persons and organizers, briefly to others."""
    return _answer(await directory.entrant(who, participation_id, read))


@router.patch("/participations/{participation_id}", response_model=ParticipationOut)
async def describe(
    participation_id: UUID,
    body: ParticipationPatch,
    expected: ExpectedVersion,
    who: SignedIn,
    begin: BeginDep,
    clock: ClockDep,
) -> Response:
    """Change who comes and what they wish."""
    changes: dict[str, Any] = {name: getattr(body, name) for name in body.model_fields_set}
    if body.persons is not None:
        changes["persons"] = tuple(person.comer() for person in body.persons)
    saved = await participations.describe(who, participation_id, expected, changes, begin, clock)
    return _answer(await _joined(who, saved, begin))


@router.post("/participations/{participation_id}/state", response_model=ParticipationOut)
async def move(
    participation_id: UUID,
    body: StateBody,
    expected: ExpectedVersion,
    who: SignedIn,
    once: Once,
    begin: BeginDep,
    clock: ClockDep,
) -> Response:
    """Vet, confirm, refuse (organizers) or withdraw (also its own persons)."""

    async def act(begin: BeginDep) -> directory.Entrant:
        saved = await participations.move(
            who, participation_id, expected, body.to, body.reason, begin, clock
        )
        return await _joined(who, saved, begin)

    return await once(begin, act, _answer)
