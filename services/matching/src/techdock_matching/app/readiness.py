"""Who is ready for a docking event, and what the others lack: for its organizers."""

from collections.abc import Sequence
from uuid import UUID

from techdock_shared.http.principal import Principal

from techdock_matching.app import access
from techdock_matching.app.repositories import Begin
from techdock_matching.app.views import Counts, Lack, Place, Standing


async def readiness(
    docking_event_id: UUID,
    read: Begin,
    *,
    who: Principal,
    lack: Lack | None,
    everybody: bool,
    after: Place | None,
    limit: int,
) -> tuple[Counts, Sequence[Standing]]:
    """Return the figures of a docking event, and a part of the list of standings.

    Raises:
        NotFound: The docking event does not exist for the caller.
        Forbidden: The caller does not organize it.
    """
    async with read() as transaction:
        docking_event = await transaction.lookups.docking_event(docking_event_id)
        access.organize(who, docking_event)
        return await transaction.standings.find(
            docking_event_id, lack=lack, everybody=everybody, after=after, limit=limit
        )
