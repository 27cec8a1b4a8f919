"""What matching keeps of what registration tells: one function per event it reads.

Every function only names what to keep and up to which sequence it is known. The store ignores
what is older than what it has, so repeated and reordered messages give the same read model.
"""

from techdock_contracts import registration as told
from techdock_contracts.event import Tombstone

from techdock_matching.app.repositories import Kind, Transaction


async def organization(
    event: told.OrganizationRegistered | told.OrganizationChanged, transaction: Transaction
) -> None:
    """Keep what is said of an organization."""
    values = {
        "kind": event.kind,
        "country": event.country,
        "region": event.region,
        "size": event.size,
        "group_id": event.group_id,
    }
    transaction.projections.facts(Kind.ORGANIZATION, event.organization_id, values, event.sequence)


async def organization_merged(event: told.OrganizationMerged, transaction: Transaction) -> None:
    """An organization counts as another from now on."""
    transaction.projections.state(
        Kind.ORGANIZATION, event.organization_id, {"merged_into": event.into_id}, event.sequence
    )


async def organization_unmerged(event: told.OrganizationUnmerged, transaction: Transaction) -> None:
    """An organization stands for itself again."""
    transaction.projections.state(
        Kind.ORGANIZATION, event.organization_id, {"merged_into": None}, event.sequence
    )


async def docking_event(
    event: told.DockingEventAnnounced | told.DockingEventChanged, transaction: Transaction
) -> None:
    """Keep the frame of a docking event."""
    values = {
        "tenant_id": event.tenant,
        "code": event.code,
        "starts_on": event.starts_on,
        "ends_on": event.ends_on,
        "zone": event.zone,
        "country": event.country,
        "languages": list(event.languages),
        "venues": [venue.model_dump(mode="json") for venue in event.venues],
        "interpreters": [person.model_dump(mode="json") for person in event.interpreters],
        "most_meetings": event.most_meetings,
    }
    transaction.projections.facts(
        Kind.DOCKING_EVENT, event.docking_event_id, values, event.sequence
    )


DOCKING_EVENT_STATES: dict[type[told._DockingEvent], str] = {
    told.DockingEventOpened: "open",
    told.DockingEventStarted: "running",
    told.DockingEventHeld: "held",
    told.DockingEventClosed: "closed",
    told.DockingEventCancelled: "cancelled",
}


async def docking_event_state(
    event: told.DockingEventOpened
    | told.DockingEventStarted
    | told.DockingEventHeld
    | told.DockingEventClosed
    | told.DockingEventCancelled,
    transaction: Transaction,
) -> None:
    """Keep how far a docking event has come."""
    values = {"tenant_id": event.tenant, "state": DOCKING_EVENT_STATES[type(event)]}
    transaction.projections.state(
        Kind.DOCKING_EVENT, event.docking_event_id, values, event.sequence
    )


async def session(
    event: told.SessionPlanned | told.SessionChanged, transaction: Transaction
) -> None:
    """Keep a session: matchmaking sessions are where slots come from."""
    values = {
        "docking_event_id": event.docking_event_id,
        "kind": event.kind,
        "venue_id": event.venue_id,
        "start": event.start,
        "end": event.end,
        "zone": event.zone,
        "slot_minutes": event.slot_minutes,
        "break_minutes": event.break_minutes,
    }
    transaction.projections.facts(Kind.SESSION, event.session_id, values, event.sequence)


async def session_state(
    event: told.SessionHeld | told.SessionCancelled, transaction: Transaction
) -> None:
    """Keep that a session was held or does not take place."""
    state = "held" if isinstance(event, told.SessionHeld) else "cancelled"
    values = {"docking_event_id": event.docking_event_id, "state": state}
    transaction.projections.state(Kind.SESSION, event.session_id, values, event.sequence)


async def participation(
    event: told.ParticipationConfirmed | told.ParticipationChanged, transaction: Transaction
) -> None:
    """Keep who takes part, with which persons, hours and wishes."""
    values = {
        "docking_event_id": event.docking_event_id,
        "tenant_id": event.tenant,
        "organization_id": event.organization_id,
        "country": event.country,
        "group_id": event.group_id,
        "contact_id": event.contact_id,
        "person_count": len(event.persons),
        "languages": " ".join(sorted({tag for one in event.persons for tag in one.languages})),
        "persons": [person.model_dump(mode="json") for person in event.persons],
        "least_meetings": event.least_meetings,
        "most_meetings": event.most_meetings,
    }
    transaction.projections.facts(
        Kind.PARTICIPATION, event.participation_id, values, event.sequence
    )


async def participation_withdrawn(
    event: told.ParticipationWithdrawn, transaction: Transaction
) -> None:
    """Keep that an organization does not take part any more."""
    values = {
        "docking_event_id": event.docking_event_id,
        "tenant_id": event.tenant,
        "organization_id": event.organization_id,
        "state": "withdrawn",
    }
    transaction.projections.state(
        Kind.PARTICIPATION, event.participation_id, values, event.sequence
    )


async def profile(event: told.ProfileState, transaction: Transaction) -> None:
    """Keep a published need or offer, and let it be ranked."""
    transaction.projections.profile(event, event.model_dump_json().encode())


async def profile_removed(tombstone: Tombstone, transaction: Transaction) -> None:
    """Forget the content of a need or offer, and take it out of all lists."""
    transaction.projections.profile_removed(tombstone)
