"""What matching listens to, in one table."""

from techdock_contracts import registration as told
from techdock_contracts.topics import PROFILES, read_by
from techdock_shared.messaging.broker import Broker
from techdock_shared.messaging.consumer import Begin, Consumer, Handlers
from techdock_shared.messaging.subscriber import subscribe

from techdock_matching.app import projections, proposals
from techdock_matching.app.repositories import Transaction
from techdock_matching.app.requests import settle_cancellation, settle_withdrawal

GROUP = "matching"


async def participation_withdrawn(
    event: told.ParticipationWithdrawn, transaction: Transaction
) -> None:
    """Keep that an organization left, and end what it had agreed to."""
    await projections.participation_withdrawn(event, transaction)
    await settle_withdrawal(event, transaction)
    await proposals.settle_withdrawal(event, transaction)


async def docking_event_cancelled(
    event: told.DockingEventCancelled, transaction: Transaction
) -> None:
    """Keep that a docking event does not take place, and end what was agreed for it."""
    await projections.docking_event_state(event, transaction)
    await settle_cancellation(event, transaction)
    await proposals.settle_cancellation(event, transaction)


HANDLERS: Handlers = {
    told.OrganizationRegistered: projections.organization,
    told.OrganizationChanged: projections.organization,
    told.OrganizationMerged: projections.organization_merged,
    told.OrganizationUnmerged: projections.organization_unmerged,
    told.DockingEventAnnounced: projections.docking_event,
    told.DockingEventChanged: projections.docking_event,
    **dict.fromkeys(projections.DOCKING_EVENT_STATES, projections.docking_event_state),
    told.DockingEventCancelled: docking_event_cancelled,
    told.SessionPlanned: projections.session,
    told.SessionChanged: projections.session,
    told.SessionHeld: projections.session_state,
    told.SessionCancelled: projections.session_state,
    told.ParticipationConfirmed: projections.participation,
    told.ParticipationChanged: projections.participation,
    told.ParticipationWithdrawn: participation_withdrawn,
    told.ProfileState: projections.profile,
    PROFILES: projections.profile_removed,
}


def listen(broker: Broker, begin: Begin) -> Consumer:
    """Start receiving; the broker is Kafka or the embedded log, and this line cannot tell."""
    consumer = Consumer(GROUP, HANDLERS, begin)
    for topic in read_by(GROUP):
        subscribe(broker, topic, consumer)
    return consumer
