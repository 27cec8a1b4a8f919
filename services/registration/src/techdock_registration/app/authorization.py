"""Who may do what.

What a caller has nothing to do with does not exist for them (NotFound); what they may see and
not change is Forbidden.
"""

from typing import TypeVar
from uuid import UUID

from techdock_shared.errors import Forbidden, NotFound
from techdock_shared.http.principal import Principal

from techdock_registration.domain.docking_event import DockingEvent, Standing
from techdock_registration.domain.organization import Organization
from techdock_registration.domain.participation import Participation
from techdock_registration.domain.session import INVITED, PUBLIC, Session

Known = TypeVar("Known", DockingEvent, Standing)


def organizes(who: Principal | None, docking_event: DockingEvent | Standing) -> bool:
    """Whether the caller organizes a docking event."""
    return who is not None and who.organizes(docking_event.tenant_id, docking_event.id)


def see(who: Principal | None, docking_event: Known) -> Known:
    """Return a docking event that the caller may see.

    Raises:
        NotFound: It is a draft of others.
    """
    if docking_event.is_told or organizes(who, docking_event):
        return docking_event
    raise NotFound(f"no docking event {docking_event.id}")


def insist_organizer(who: Principal | None, docking_event: DockingEvent) -> None:
    """Insist that the caller organizes a docking event.

    Raises:
        NotFound: They may not see it.
        Forbidden: They may see it.
    """
    see(who, docking_event)
    if not organizes(who, docking_event):
        raise Forbidden("this is for organizers of the docking event")


def insist_tenant_organizer(who: Principal, tenant_id: UUID) -> None:
    """Insist that the caller organizes all of a tenant.

    Raises:
        NotFound: They have nothing to do with it.
    """
    if not who.organizes(tenant_id):
        if in_tenant(who, tenant_id):
            raise Forbidden("this is for organizers of the whole tenant")
        raise NotFound(f"no tenant {tenant_id}")


def in_tenant(who: Principal, tenant_id: UUID) -> bool:
    """Whether the caller has any role in a tenant."""
    return any(role.tenant_id == tenant_id for role in who.roles)


def sees_session(who: Principal | None, session: Session, docking_event: DockingEvent) -> bool:
    """Whether a session is on the caller's agenda."""
    if organizes(who, docking_event):
        return True
    if not session.told:
        return False
    if session.plan.visibility == PUBLIC:
        return True
    part = who.participation_in(session.docking_event_id) if who is not None else None
    if part is None:
        return False
    return session.plan.visibility != INVITED or part.participation_id in session.plan.invited


def owns(who: Principal, participation: Participation) -> bool:
    """Whether a participation is the caller's own."""
    return who.takes_part_as(participation.id) or who.acts_for(participation.organization_id)


def describes(who: Principal, organization: Organization) -> bool:
    """Whether the caller may change what is said of an organization."""
    return (
        who.is_administrator
        or who.acts_for(organization.id)
        or organization.registered_by == who.account_id
        or (organization.registered_for is not None and who.organizes(organization.registered_for))
    )
