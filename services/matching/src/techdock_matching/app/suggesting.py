"""Whom to invite: organizations that are not in a docking event and answer needs that are."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from techdock_shared.http.principal import Principal

from techdock_matching.app import access
from techdock_matching.app.asking import Asking, Counterpart
from techdock_matching.app.boards import BoardReads
from techdock_matching.app.catalogue import reach
from techdock_matching.app.repositories import Begin
from techdock_matching.app.views import PublishedProfile
from techdock_matching.domain.ranking.match import Strength
from techdock_matching.domain.ranking.weighing import adjusted
from techdock_matching.domain.unmet import Need, board

MOST_NEEDS = 60
"""Needs that are asked about, those without a good match first; each takes some milliseconds."""

OFFERS_PER_NEED = 10
AT_ONCE = 4
MOST_SUGGESTED = 30
WORTH = {Strength.STRONG: 2, Strength.GOOD: 1}
UNMET_COUNTS = 3
"""So many times as much does an answer count for a need that has no other."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What an organization has for a need.

    Attributes:
        unmet: The need has no good match in the docking event.
    """

    need: Need
    unmet: bool
    offer: PublishedProfile
    counterpart: Counterpart


@dataclass(frozen=True, slots=True)
class Suggestion:
    """An organization that is not in the docking event, with what it would bring."""

    organization_id: UUID
    country: str
    answers: tuple[Answer, ...]

    @property
    def worth(self) -> int:
        """How much it would bring; orders suggestions."""
        return sum(
            WORTH[one.counterpart.strength] * (UNMET_COUNTS if one.unmet else 1)
            for one in self.answers
        )


@dataclass(frozen=True, slots=True)
class Suggestions:
    """Whom to invite.

    Attributes:
        asked: Needs that were asked about, of `needs`.
    """

    needs: int
    asked: int
    items: tuple[Suggestion, ...]


async def suggestions(
    docking_event_id: UUID, asking: Asking, read: Begin, boards: BoardReads, *, who: Principal
) -> Suggestions:
    """Rank organizations outside a docking event by the needs in it that they answer well.

    Looks at published offers that the organizer may read: those of their own docking events.

    Raises:
        NotFound: The docking event does not exist for the caller.
        Forbidden: The caller does not organize it.
        RankerStarting: There is no answer now.
    """
    async with read() as transaction:
        access.organize(who, await transaction.lookups.docking_event(docking_event_id))
        reached = await reach(None, transaction, who)
        there = await transaction.lookups.participations(docking_event_id)
        weighing = await transaction.weighings.current(docking_event_id)
    needs, lists = await boards.needs(docking_event_id)
    found = board(needs, lists, adjusted(weighing.values))
    lacking = {one.need.id for cell in found.cells for one in cell.unmet}
    wanted = sorted(needs, key=lambda need: (need.id not in lacking, need.id))[:MOST_NEEDS]
    answers = await _answers(docking_event_id, wanted, asking)
    offers = await _offers([one.profile_id for _, some in answers for one in some], read)
    present = {part.organization_id for part in there} | {part.group_id for part in there}
    best: dict[UUID, dict[UUID, Answer]] = {}
    for need, some in answers:
        for counterpart in some:
            offer = offers.get(counterpart.profile_id)
            if offer is None or counterpart.strength not in WORTH:
                continue
            content = offer.content
            if {content.organization_id, content.group_id} & present:
                continue
            if not reached.intersection(content.docking_events):
                continue
            # The best comes first, so what an organization has for a need is kept once.
            mine = best.setdefault(offer.organization_id, {})
            mine.setdefault(need.id, Answer(need, need.id in lacking, offer, counterpart))
    items = [
        Suggestion(organization, next(iter(of.values())).offer.content.country, tuple(of.values()))
        for organization, of in best.items()
    ]
    items.sort(key=lambda one: (-one.worth, one.organization_id))
    return Suggestions(len(needs), len(wanted), tuple(items[:MOST_SUGGESTED]))


async def _answers(
    docking_event_id: UUID, needs: Sequence[Need], asking: Asking
) -> list[tuple[Need, Sequence[Counterpart]]]:
    free = asyncio.Semaphore(AT_ONCE)

    async def ask(need: Need) -> tuple[Need, Sequence[Counterpart]]:
        async with free:
            without = frozenset({docking_event_id})
            return need, await asking.rank(need.id, None, OFFERS_PER_NEED, without)

    return list(await asyncio.gather(*map(ask, needs)))


async def _offers(ids: Sequence[UUID], read: Begin) -> dict[UUID, PublishedProfile]:
    async with read() as transaction:
        found = await transaction.lookups.profiles(list(dict.fromkeys(ids)))
    return {one.id: one for one in found}
