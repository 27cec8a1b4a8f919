"""The reasons of a place as its reader is told them: weighed, with what holds for it alone."""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import replace

from techdock_matching.app.repositories import Transaction
from techdock_matching.app.views import DockingEvent, PublishedProfile
from techdock_matching.domain.ranking import acceptance
from techdock_matching.domain.ranking.match import Explanation, Param, Reason
from techdock_matching.domain.ranking.quality import SHOWN
from techdock_matching.domain.ranking.reasons import in_order
from techdock_matching.domain.ranking.weighing import reweighed
from techdock_matching.domain.ranking.weights import Weights

Told = Callable[[Explanation, PublishedProfile, int], Explanation]
"""Of written reasons, the counterpart and its rank."""


async def telling(
    mine: PublishedProfile,
    shown: Sequence[PublishedProfile],
    weights: Weights,
    transaction: Transaction,
    docking_event: DockingEvent,
) -> Told:
    """Return what makes of the written reasons of a pair those of its place.

    Args:
        shown: The counterparts, best first.
    """
    willing = await transaction.lists.willing(docking_event.tenant_id)
    groups = Counter(one.content.group_id for one in shown[:SHOWN])
    most = round(weights.most_kin)

    def reason(code: str, fits: bool | None, weight: int, **params: Param) -> Reason:
        return Reason(code, fits, {"reader": mine.content.kind, **params}, weight)

    def told(why: Explanation, theirs: PublishedProfile, rank: int) -> Explanation:
        more: list[Reason] = []
        leaning = willing.get(theirs.organization_id)
        if leaning is not None and weights.acceptance:
            weight = acceptance.thousandths(0, leaning.value, weights)
            fits = leaning.told == acceptance.OFTEN
            more.append(reason("acceptance", fits, weight, willing=leaning.told))
        before = groups[theirs.content.group_id]
        if rank > SHOWN and before >= most:
            more.append(reason("kin", None, 0, before=before, most=most))
        found = reweighed(why, weights)
        return replace(found, reasons=in_order((*found.reasons, *more))) if more else found

    return told
