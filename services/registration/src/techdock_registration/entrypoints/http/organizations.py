"""Organizations."""

from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Query, Request, status
from fastapi.responses import Response
from pydantic import BaseModel
from techdock_shared.http.app import Body
from techdock_shared.http.etag import ExpectedVersion, versioned
from techdock_shared.http.idempotency import Once, created
from techdock_shared.http.paging import Page, Paging
from techdock_shared.http.principal import SignedIn

from techdock_registration.app import organizations
from techdock_registration.domain.organization import Facts, Identifiers, Organization
from techdock_registration.domain.texts import Names
from techdock_registration.entrypoints.http.given import BeginDep, ClockDep, ReadDep, more

router = APIRouter(prefix="/v1/organizations", tags=["organizations"])


class OrganizationNames(Body):
    """The name in its own script and language, and in Latin letters."""

    native: str
    latin: str | None = None
    language: str = "en"


class OrganizationBody(Body):
    """An organization."""

    kind: str
    names: OrganizationNames
    country: str
    aliases: tuple[str, ...] = ()
    region: str | None = None
    size: str | None = None
    identifiers: Identifiers = Identifiers()
    group_id: UUID | None = None
    website: str | None = None
    external_id: str | None = None
    example: bool = False

    def facts(self) -> Facts:
        """Return what it says, checked."""
        return Facts(
            self.kind,
            Names(self.names.native, self.names.latin),
            self.names.language,
            self.country,
            self.aliases,
            self.region,
            self.size,
            self.identifiers,
            self.website,
            self.external_id,
            self.example,
        )


class OrganizationPatch(Body):
    """What is to be changed; what is missing stays as it is."""

    kind: str | None = None
    names: OrganizationNames | None = None
    country: str | None = None
    aliases: tuple[str, ...] | None = None
    region: str | None = None
    size: str | None = None
    identifiers: Identifiers | None = None
    group_id: UUID | None = None
    website: str | None = None
    example: bool | None = None


class OrganizationOut(BaseModel):
    """An organization; one that was merged names what it counts as."""

    id: UUID
    version: int
    state: str
    external_id: str | None
    kind: str
    names: OrganizationNames
    aliases: tuple[str, ...]
    country: str
    region: str | None
    size: str | None
    identifiers: Identifiers
    group_id: UUID
    website: str | None
    example: bool
    merged_into: UUID | None
    merged_from: list[UUID] | None = None

    @classmethod
    def of(cls, thing: Organization, merged: list[Organization] | None = None) -> "OrganizationOut":
        """Return an organization as it is shown, with the names of those merged into it."""
        facts = thing.facts
        more = merged or []
        aliases = [*facts.aliases]
        aliases += [name for m in more for name in (m.facts.names.native, *m.facts.aliases)]
        return cls(
            id=thing.id,
            version=thing.version,
            state=thing.state,
            external_id=facts.external_id,
            kind=facts.kind,
            names=OrganizationNames(
                native=facts.names.native,
                latin=facts.names.latin,
                language=facts.name_language,
            ),
            aliases=tuple(dict.fromkeys(aliases)),
            country=facts.country,
            region=facts.region,
            size=facts.size,
            identifiers=facts.identifiers,
            group_id=thing.group_id,
            website=facts.website,
            example=facts.example,
            merged_into=thing.merged_into,
            merged_from=None if merged is None else [m.id for m in merged],
        )


class MergeBody(Body):
    """Which organization it counts as."""

    into_id: UUID


@router.post("", status_code=status.HTTP_201_CREATED, response_model=OrganizationOut)
async def register(
    body: OrganizationBody, who: SignedIn, once: Once, begin: BeginDep, clock: ClockDep
) -> Response:
    """Take an organization in; a participant who does it acts for it."""
    facts = body.facts()

    async def act(begin: BeginDep) -> Organization:
        return await organizations.register(who, facts, body.group_id, begin, clock)

    return await once(begin, act, lambda made: created(OrganizationOut.of(made), made.version))


@router.get("", response_model=Page[OrganizationOut])
async def find(
    request: Request,
    _: SignedIn,
    read: ReadDep,
    page: Paging,
    q: Annotated[str | None, Query(max_length=200)] = None,
    country: Annotated[str | None, Query(max_length=2)] = None,
    kind: Annotated[str | None, Query(max_length=40)] = None,
) -> Response:
    """List active organizations by name; `q` is part of a name or alias."""
    found = await organizations.find(more(page, str, UUID), q, country, kind, read)
    return page.answer(request, [OrganizationOut.of(o) for o in found], _position)


def _position(last: OrganizationOut) -> list[Any]:
    name = (last.names.latin or last.names.native).lower()[:300]
    return [name, str(last.id)]


@router.get("/{organization_id}", response_model=OrganizationOut)
async def organization(organization_id: UUID, _: SignedIn, read: ReadDep) -> Response:
    """Return an organization."""
    found, merged = await organizations.organization(organization_id, read)
    return versioned(OrganizationOut.of(found, merged), found.version)


@router.patch("/{organization_id}", response_model=OrganizationOut)
async def describe(
    organization_id: UUID,
    body: OrganizationPatch,
    expected: ExpectedVersion,
    who: SignedIn,
    begin: BeginDep,
    clock: ClockDep,
) -> Response:
    """Change what is said of an organization."""
    changes = {name: getattr(body, name) for name in body.model_fields_set}
    saved = await organizations.describe(who, organization_id, expected, changes, begin, clock)
    return versioned(OrganizationOut.of(saved), saved.version)


@router.post("/{organization_id}/merge", response_model=OrganizationOut)
async def merge(
    organization_id: UUID,
    body: MergeBody,
    who: SignedIn,
    once: Once,
    begin: BeginDep,
    clock: ClockDep,
) -> Response:
    """Say that two records are one organization."""

    async def act(begin: BeginDep) -> Organization:
        return await organizations.merge(who, organization_id, body.into_id, begin, clock)

    return await once(begin, act, lambda o: versioned(OrganizationOut.of(o), o.version))


@router.post("/{organization_id}/unmerge", response_model=OrganizationOut)
async def unmerge(
    organization_id: UUID, who: SignedIn, once: Once, begin: BeginDep, clock: ClockDep
) -> Response:
    """Take a merge back."""

    async def act(begin: BeginDep) -> Organization:
        return await organizations.unmerge(who, organization_id, begin, clock)

    return await once(begin, act, lambda o: versioned(OrganizationOut.of(o), o.version))
