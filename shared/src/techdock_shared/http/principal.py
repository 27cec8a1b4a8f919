"""Who is asking, what they may do, and the policies that routes carry.

    router = APIRouter(prefix="/v1")

    @router.get("/codes/{list}", dependencies=[public])          # for everybody
    @router.get("/me")                                            # any signed-in account
    async def me(who: SignedIn) -> Me: ...
    ADMINISTRATOR = requires(lambda who: who.is_administrator, "administrator")
    @router.post("/tenants")
    async def open_tenant(who: Annotated[Principal, ADMINISTRATOR], ...): ...
    @router.get("/docking-events")                                # everybody, known or not
    async def docking_events(who: Visitor) -> Response: ...       # Principal | None

A route without one of these does not start. What depends on the thing itself (this
docking event, this organization) is decided in the service with the methods of `Principal`.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Annotated, Any, Literal, Protocol
from uuid import UUID

from fastapi import Depends, Request
from typing_extensions import override

from techdock_shared.errors import Forbidden, Unauthorized, Unavailable

RoleName = Literal["administrator", "organizer", "analyst"]

READ, WRITE = "read", "write"
COOKIE_NAMES = ("__Host-techdock_session", "techdock_session")
SESSION_COOKIES = tuple(name.encode() for name in COOKIE_NAMES)
MOST_TOKEN_CHARACTERS = 512
SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})


@dataclass(frozen=True, slots=True)
class Role:
    """What an account may do for a tenant, and there perhaps only in one docking event.

    Attributes:
        tenant_id: None only for an administrator of the whole installation.
    """

    name: RoleName
    tenant_id: UUID | None = None
    docking_event_id: UUID | None = None
    organization_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class Part:
    """The account's person takes part in a docking event for an organization."""

    participation_id: UUID
    docking_event_id: UUID
    organization_id: UUID
    head: bool = False


@dataclass(frozen=True, slots=True)
class Principal:
    """Who is asking.

    Attributes:
        person_id: The counting id of the person.
        scopes: None for a session (everything the account may do), else what an API token
            was given: `read`, `write`.
        generation: Raised by registration when the account's roles change or it signs out.
        stale: Registration does not answer; this is what it said up to 15 minutes ago.
        frozen: Stale, and the request would change something: roles say `Unavailable`.
    """

    account_id: UUID
    person_id: UUID
    language: str = "en"
    roles: tuple[Role, ...] = ()
    participations: tuple[Part, ...] = ()
    organizations: tuple[UUID, ...] = ()
    scopes: frozenset[str] | None = None
    generation: int = 0
    stale: bool = False
    frozen: bool = False

    @property
    def is_administrator(self) -> bool:
        """Whether the account runs the installation."""
        return any(role.name == "administrator" for role in self._proven_roles())

    def organizes(self, tenant_id: UUID, docking_event_id: UUID | None = None) -> bool:
        """Say whether the account organizes the tenant's docking events, or this one.

        Args:
            tenant_id: Whose docking event it is.
            docking_event_id: None asks for the role in the whole tenant.
        """
        return any(
            role.name == "organizer"
            and role.tenant_id == tenant_id
            and role.docking_event_id in (None, docking_event_id)
            for role in self._proven_roles()
        )

    def analyses(self, tenant_id: UUID) -> bool:
        """Say whether the account reads the tenant's released figures."""
        return any(
            role.name == "analyst" and role.tenant_id == tenant_id for role in self._proven_roles()
        )

    def takes_part_as(self, participation_id: UUID) -> bool:
        """Say whether the person is one of a participation."""
        return any(part.participation_id == participation_id for part in self.participations)

    def acts_for(self, organization_id: UUID) -> bool:
        """Say whether the account may write for an organization."""
        return organization_id in self.organizations

    def in_docking_event(self, docking_event_id: UUID) -> bool:
        """Say whether the person takes part in a docking event."""
        return any(part.docking_event_id == docking_event_id for part in self.participations)

    def participation_in(self, docking_event_id: UUID) -> Part | None:
        """Return how the person takes part in a docking event."""
        parts = (p for p in self.participations if p.docking_event_id == docking_event_id)
        return next(parts, None)

    def may(self, scope: str) -> bool:
        """Say whether the credential covers a scope; a session covers all."""
        return self.scopes is None or scope in self.scopes

    def _proven_roles(self) -> tuple[Role, ...]:
        if self.frozen and self.roles:
            raise Unavailable("roles cannot be verified now, so nothing that needs one is changed")
        return self.roles


class Principals(Protocol):
    """Resolves credentials."""

    async def of(self, token: str) -> Principal | None:
        """Return whose credential it is; None when it is nobody's (any more).

        Raises:
            Unavailable: It cannot be known now.
        """
        ...


class Policy:
    """Who may call a route; a FastAPI dependency that gives the principal.

    Attributes:
        name: As the authorization matrix calls it: public, visitor, signed_in, or a role.
    """

    __slots__ = ("_lookup", "_predicate", "name", "needs_principal")

    def __init__(
        self,
        name: str,
        *,
        lookup: bool = True,
        needs_principal: bool = True,
        predicate: Callable[[Principal], bool] | None = None,
    ) -> None:
        self.name = name
        self.needs_principal = needs_principal
        self._lookup = lookup
        self._predicate = predicate

    @override
    def __repr__(self) -> str:
        return f"Policy({self.name})"

    async def __call__(self, request: Request) -> Principal | None:
        """Return who is asking.

        Raises:
            Unauthorized: The route needs to know, and nobody is signed in.
            Forbidden: The caller is known and may not.
            TooMany: The caller asks too often.
            Unavailable: It cannot be known now.
        """
        who = await identify(request) if self._lookup else None
        if who is None:
            await request.app.state.rates.stranger(request)
            if self.needs_principal:
                raise Unauthorized("sign in first, or the session has ended")
            return None
        if not who.may(READ if _only_reads(request) else WRITE):
            raise Forbidden("the scopes of this token do not allow this")
        if self._predicate is not None and not self._predicate(who):
            raise Forbidden(f"this needs the role {self.name}")
        request.scope["techdock.principal"] = who
        return who


def reads_only(call: Callable[..., Any]) -> Callable[..., Any]:
    """Mark a dependency: whatever the method, a route that has it changes nothing."""
    _READING.add(call)
    return call


_READING: set[Callable[..., Any]] = set()


def _only_reads(request: Request) -> bool:
    if request.scope["method"] in SAFE_METHODS:
        return True
    dependant = getattr(request.scope.get("route"), "dependant", None)
    return dependant is not None and any(d.call in _READING for d in dependant.dependencies)


def credential(request: Request) -> str | None:
    """Return the bearer token or the session cookie of a request."""
    header = request.headers.get("authorization")
    if header is not None:
        scheme, _, token = header.partition(" ")
        token = token.strip() if scheme.lower() == "bearer" else ""
    else:
        cookies = request.cookies
        token = next((cookies[name] for name in COOKIE_NAMES if name in cookies), "")
    return token if 0 < len(token) <= MOST_TOKEN_CHARACTERS else None


async def identify(request: Request) -> Principal | None:
    """Return whose credential the request carries; None without one or with a dead one.

    Raises:
        TooMany: The account asks too often.
        Unavailable: It cannot be known now.
    """
    token = credential(request)
    state = request.app.state
    if token is None or state.principals is None:
        return None
    who: Principal | None = await state.principals.of(token)
    if who is None:
        return None
    rates = state.rates
    if rates.principal is not None:
        await rates.take(state.cache, f"rate.principal.{who.account_id}", rates.principal)
    if who.stale and request.scope["method"] not in SAFE_METHODS:
        who = replace(who, frozen=True)
    return who


public: Any = Depends(Policy("public", lookup=False, needs_principal=False))
visitor: Any = Depends(Policy("visitor", needs_principal=False))
signed_in: Any = Depends(Policy("signed_in"))

SignedIn = Annotated[Principal, signed_in]
Visitor = Annotated[Principal | None, visitor]


def requires(predicate: Callable[[Principal], bool], name: str) -> Any:
    """Return a policy: signed in, and the predicate holds; else 403.

    Args:
        predicate: About the principal alone, like `lambda who: who.is_administrator`.
        name: As the authorization matrix calls it.
    """
    return Depends(Policy(name, predicate=predicate))
