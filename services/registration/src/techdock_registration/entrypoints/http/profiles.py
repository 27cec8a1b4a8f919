"""Needs and offers."""

from datetime import date, datetime
from typing import Annotated, Any, Literal, cast
from uuid import UUID

from fastapi import APIRouter, Query, Request, status
from fastapi.responses import Response
from pydantic import AwareDatetime, BaseModel, Field
from techdock_shared.clock import Clock
from techdock_shared.http.app import Body
from techdock_shared.http.etag import ExpectedVersion, versioned
from techdock_shared.http.idempotency import Once, created
from techdock_shared.http.paging import Page, Paging
from techdock_shared.http.principal import SignedIn

from techdock_registration.app import naming, profiles
from techdock_registration.app.ports import Begin
from techdock_registration.app.profiles import Seen
from techdock_registration.domain.naming.finding import WORDED, Why
from techdock_registration.domain.naming.finding import Kind as NameKind
from techdock_registration.domain.profile import USUAL_VALIDITY, Profile, ProfileState
from techdock_registration.domain.profile_content import FIELDS, Conditions, Content
from techdock_registration.domain.texts import Text
from techdock_registration.entrypoints.http.given import (
    BeginDep,
    ClockDep,
    PhonesDep,
    ReadDep,
    more,
)

router = APIRouter(prefix="/v1/profiles", tags=["profiles"])

Kind = Literal["need", "offer"]
CONTENT = (
    "external_id",
    "docking_events",
    "texts",
    "trl",
    "trl_least",
    "trl_most",
    *(field for field in FIELDS[7:] if field != "trl"),
    "disclosure",
    "valid_until",
)


class ProfileBody(Body):
    """A need or an offer.

    `publish` publishes it at once: for who may, and where nothing is missing.
    """

    external_id: str | None = None
    organization_id: UUID
    kind: Kind
    docking_events: tuple[UUID, ...] = ()
    texts: dict[str, Text]
    trl: int | None = None
    trl_least: int | None = None
    trl_most: int | None = None
    ipr_status: str | None = None
    cooperation: tuple[str, ...] = ()
    technology_keywords: tuple[str, ...] = ()
    market_keywords: tuple[str, ...] = ()
    ipc: tuple[str, ...] = ()
    isic: tuple[str, ...] = ()
    sdg: tuple[int, ...] = ()
    technology_field: int | None = None
    languages: tuple[str, ...] = ()
    partner_kinds: tuple[str, ...] = ()
    partner_countries: tuple[str, ...] = ()
    excluded_countries: tuple[str, ...] = ()
    conditions: Conditions = Conditions()
    disclosure: dict[str, str] = Field(default_factory=dict)
    valid_until: date | None = None
    publish: bool = False

    def content(self, now: datetime) -> Content:
        """Return what it says, checked; valid for a year unless it says otherwise."""
        parts: dict[str, Any] = {name: getattr(self, name) for name in CONTENT}
        if parts["valid_until"] is None:
            parts["valid_until"] = (now + USUAL_VALIDITY).date()
        return Content(**parts)


class ProfilePatch(Body):
    """What is to be changed; what is missing stays as it is."""

    docking_events: tuple[UUID, ...] | None = None
    texts: dict[str, Text] | None = None
    trl: int | None = None
    trl_least: int | None = None
    trl_most: int | None = None
    ipr_status: str | None = None
    cooperation: tuple[str, ...] | None = None
    technology_keywords: tuple[str, ...] | None = None
    market_keywords: tuple[str, ...] | None = None
    ipc: tuple[str, ...] | None = None
    isic: tuple[str, ...] | None = None
    sdg: tuple[int, ...] | None = None
    technology_field: int | None = None
    languages: tuple[str, ...] | None = None
    partner_kinds: tuple[str, ...] | None = None
    partner_countries: tuple[str, ...] | None = None
    excluded_countries: tuple[str, ...] | None = None
    conditions: Conditions | None = None
    disclosure: dict[str, str] | None = None
    valid_until: date | None = None


class StateBody(Body):
    """Where it is to go."""

    to: Literal[ProfileState.SUBMITTED, ProfileState.PUBLISHED, ProfileState.WITHDRAWN]


class ProfileOut(BaseModel):
    """A need or an offer; fields that are not disclosed to the reader are empty."""

    id: UUID
    version: int
    state: ProfileState
    revision: int
    own: bool
    created_at: AwareDatetime
    organization_id: UUID
    kind: Kind
    external_id: str | None
    docking_events: tuple[UUID, ...]
    texts: dict[str, Text]
    trl: int | None
    trl_least: int | None
    trl_most: int | None
    ipr_status: str | None
    cooperation: tuple[str, ...]
    technology_keywords: tuple[str, ...]
    market_keywords: tuple[str, ...]
    ipc: tuple[str, ...]
    isic: tuple[str, ...]
    sdg: tuple[int, ...]
    technology_field: int | None
    languages: tuple[str, ...]
    partner_kinds: tuple[str, ...]
    partner_countries: tuple[str, ...]
    excluded_countries: tuple[str, ...]
    conditions: Conditions
    disclosure: dict[str, str]
    valid_until: date

    @classmethod
    def of(cls, profile: Profile, content: Content, *, own: bool) -> "ProfileOut":
        """Return a profile as it is shown. Built without a second check of checked things."""
        shown = {name: getattr(content, name) for name in CONTENT}
        return cls.model_construct(
            id=profile.id,
            version=profile.version,
            state=profile.state,
            revision=profile.revision,
            own=own,
            created_at=profile.created_at,
            organization_id=profile.organization_id,
            kind=cast("Kind", profile.kind),
            **shown,
        )


def _out(seen: Seen) -> ProfileOut:
    return ProfileOut.of(seen.profile, seen.content, own=seen.own)


def _own(profile: Profile) -> Response:
    out = ProfileOut.of(profile, profile.content, own=True)
    return versioned(out, profile.version)


@router.post("", status_code=status.HTTP_201_CREATED, response_model=ProfileOut)
async def write(body: ProfileBody, request: Request, who: SignedIn, once: Once) -> Response:
    """Write a need or an offer, as a draft or published at once."""
    # Read from the state itself: this is the busiest change, and each dependency costs.
    state = request.app.state
    begin: Begin = state.begin
    clock: Clock = state.clock
    content = body.content(clock.now())

    async def act(begin: Begin) -> Profile:
        return await profiles.write(
            who, body.organization_id, body.kind, content, begin, clock, publish=body.publish
        )

    return await once(
        begin, act, lambda p: created(ProfileOut.of(p, p.content, own=True), p.version)
    )


@router.get("", response_model=Page[ProfileOut])
async def find(
    request: Request,
    who: SignedIn,
    read: ReadDep,
    page: Paging,
    docking_event_id: UUID | None = None,
    organization_id: UUID | None = None,
    kind: Kind | None = None,
    state: Annotated[ProfileState | None, Query()] = None,
    q: Annotated[str | None, Query(max_length=200)] = None,
    country: Annotated[str | None, Query(max_length=2)] = None,
    mine: bool = False,
) -> Response:
    """List profiles that the caller may read, newest first."""
    found = await profiles.find(
        who,
        more(page, UUID),
        docking_event_id=docking_event_id,
        organization_id=organization_id,
        kind=kind,
        state=state,
        q=q,
        country=country,
        mine=mine,
        begin=read,
    )
    return page.answer(request, [_out(s) for s in found], lambda last: [str(last.id)])


@router.get("/{profile_id}", response_model=ProfileOut)
async def profile(profile_id: UUID, who: SignedIn, read: ReadDep) -> Response:
    """Return a profile as the caller may read it."""
    seen = await profiles.profile(who, profile_id, read)
    return versioned(_out(seen), seen.profile.version)


class FindingOut(BaseModel):
    """A place in an open text that names somebody.

    Attributes:
        start: Where it begins in the version, in characters (code points); end: behind its last.
        reason: Why it is pointed out, as a stable code; `why` is the same in English.
    """

    kind: NameKind
    field: str
    language: str
    start: int
    end: int
    text: str
    reason: Why
    why: str


class ChecksOut(BaseModel):
    """What a person should look at before a profile is published; nothing of it forbids that."""

    profile_id: UUID
    version: int
    naming: list[FindingOut]


@router.get("/{profile_id}/checks")
async def checks(
    profile_id: UUID, who: SignedIn, read: ReadDep, clock: ClockDep, phones: PhonesDep
) -> ChecksOut:
    """Point out what in its open texts names a person, an organization, a brand or a place."""
    found, findings = await naming.naming(who, profile_id, phones, read, clock)
    return ChecksOut(
        profile_id=found.id,
        version=found.version,
        naming=[
            FindingOut(
                kind=each.kind,
                field=each.field,
                language=each.language,
                start=each.start,
                end=each.end,
                text=each.text,
                reason=each.why,
                why=WORDED[each.why],
            )
            for each in findings
        ],
    )


@router.patch("/{profile_id}", response_model=ProfileOut)
async def describe(
    profile_id: UUID,
    body: ProfilePatch,
    expected: ExpectedVersion,
    who: SignedIn,
    begin: BeginDep,
    clock: ClockDep,
) -> Response:
    """Change what a profile says; for a published one this is a new revision."""
    changes: dict[str, Any] = {name: getattr(body, name) for name in body.model_fields_set}
    return _own(await profiles.describe(who, profile_id, expected, changes, begin, clock))


@router.post("/{profile_id}/state", response_model=ProfileOut)
async def move(
    profile_id: UUID,
    body: StateBody,
    expected: ExpectedVersion,
    who: SignedIn,
    once: Once,
    begin: BeginDep,
    clock: ClockDep,
) -> Response:
    """Submit, publish or withdraw a profile."""

    async def act(begin: BeginDep) -> Profile:
        return await profiles.move(who, profile_id, expected, body.to, begin, clock)

    return await once(begin, act, _own)
