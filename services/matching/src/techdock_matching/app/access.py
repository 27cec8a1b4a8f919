"""Who may see and do what. What a caller has nothing to do with does not exist for him: 404."""

from techdock_shared.errors import Forbidden, NotFound
from techdock_shared.http.principal import Principal

from techdock_matching.app.views import DockingEvent, Participation


def organizes(who: Principal, docking_event: DockingEvent) -> bool:
    """Say whether the caller organizes a docking event."""
    return who.organizes(docking_event.tenant_id, docking_event.id)


def see(who: Principal, docking_event: DockingEvent) -> None:
    """Let organizers and participants of a docking event pass.

    Raises:
        NotFound: The caller has nothing to do with it.
    """
    if not (who.in_docking_event(docking_event.id) or organizes(who, docking_event)):
        raise NotFound(f"no docking event {docking_event.id}")


def organize(who: Principal, docking_event: DockingEvent) -> None:
    """Let organizers of a docking event pass.

    Raises:
        NotFound: The caller has nothing to do with it.
        Forbidden: The caller takes part in it, and does not organize it.
    """
    see(who, docking_event)
    if not organizes(who, docking_event):
        raise Forbidden("this is for organizers of the docking event")


def speak_for(who: Principal, participation: Participation) -> None:
    """Let the persons of a confirmed participation pass.

    Raises:
        NotFound: The caller has nothing to do with its docking event.
        Forbidden: The caller takes part for somebody else, or the participation has ended.
    """
    if not who.in_docking_event(participation.docking_event_id):
        raise NotFound(f"no participation {participation.id}")
    if not who.takes_part_as(participation.id):
        raise Forbidden("this is for the persons of the participation")
    if participation.state != "confirmed":
        raise Forbidden("the participation has ended")
