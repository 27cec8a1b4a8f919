"""What the worker does with a plan of mutual matches: read what is known, plan, leave drafts."""

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Any
from uuid import UUID

from techdock_shared.ids import uuid7

from techdock_matching.app.repositories import Begin, Transaction
from techdock_matching.app.repositories_plan import Task
from techdock_matching.app.requests import ASKING_STATES
from techdock_matching.app.views import DockingEvent, MatchList, Participation
from techdock_matching.domain.meeting_request import RequestState
from techdock_matching.domain.proposal import WAITING, Proposal, ProposalState
from techdock_matching.domain.ranking import mutual
from techdock_matching.domain.ranking.match import Strength
from techdock_matching.domain.ranking.weights import Weights
from techdock_matching.domain.states import WrongState

USUAL_MOST = 8
"""Meetings that a participation has time for where neither it nor the organizer says."""

PORTION = 500
_FORGOTTEN = frozenset({RequestState.EXPIRED, RequestState.WITHDRAWN})
"""After these a pair may be proposed; who declined is not asked again."""

Told = Callable[[int, int], Awaitable[None]]
Sides = tuple[UUID, UUID]


@dataclass(frozen=True, slots=True)
class Known:
    """What a plan rests on.

    Attributes:
        left: Meetings that each participation still has time for.
        owner: The participation that entered a profile.
        closed: Pairs of participations that are not proposed, the smaller id first.
        dismissed: Counterparts that were dismissed from each list.
    """

    docking_event: DockingEvent
    weights: Weights
    left: Mapping[UUID, int]
    owner: Mapping[UUID, UUID]
    lists: Mapping[UUID, MatchList]
    closed: frozenset[Sides]
    dismissed: Mapping[UUID, frozenset[UUID]]


async def draft(task: Task, read: Begin, begin: Begin, told: Told) -> dict[str, Any]:
    """Make a plan, and leave it as drafts in place of the earlier ones; returns its figures.

    Raises:
        WrongState: The docking event is over.
    """
    async with read() as transaction:
        known = await _known(task.docking_event_id, transaction)
    await told(1, 3)
    least, questions = Strength(task.ordered["least"]), int(task.ordered["questions"])
    found = await asyncio.to_thread(planned, known, least, questions)
    await told(2, 3)
    async with begin() as transaction:
        # Somebody may have sent the earlier drafts meanwhile; then these pairs are closed.
        now = await transaction.proposals.find(task.docking_event_id)
        drafts = [one.id for one in now if one.state is ProposalState.DRAFTED]
        sent = {(o.low_id, o.high_id) for o in now if o.state is not ProposalState.DRAFTED}
        await transaction.proposals.remove(drafts)
        kept = [one for one in found if (one.low_id, one.high_id) not in sent]
        await transaction.proposals.save(kept)
    meets = {side for one in kept for side in (one.low_id, one.high_id)}
    free = [party for party, left in known.left.items() if left > 0]
    return {"pairs": len(kept), "parties": len(free), "served": len(meets)}


async def _known(docking_event_id: UUID, transaction: Transaction) -> Known:
    lookups, lists = transaction.lookups, transaction.lists
    docking_event = await lookups.docking_event(docking_event_id)
    if docking_event.state not in ASKING_STATES:
        raise WrongState(f"docking event {docking_event.code} is {docking_event.state}")
    parties = await lookups.participations(docking_event_id)
    by_organization = {one.organization_id: one.id for one in parties}
    owner: dict[UUID, UUID] = {}
    found: dict[UUID, MatchList] = {}
    dismissed: dict[UUID, frozenset[UUID]] = {}
    organizations = sorted(by_organization)
    for start in range(0, len(organizations), PORTION):
        part = organizations[start : start + PORTION]
        profiles = await lookups.profiles_of(docking_event_id, part)
        owner |= {one.id: by_organization[one.organization_id] for one in profiles}
    ids = sorted(owner)
    for start in range(0, len(ids), PORTION):
        found |= await lists.of_many(ids[start : start + PORTION], docking_event_id)
        dismissed |= await transaction.proposals.dismissed(ids[start : start + PORTION])
    requests = await transaction.requests.find(docking_event_id)
    proposals = await transaction.proposals.find(docking_event_id)
    closed = {_sides(r.asking_id, r.asked_id) for r in requests if r.state not in _FORGOTTEN}
    closed |= {
        (one.low_id, one.high_id) for one in proposals if one.state is not ProposalState.DRAFTED
    }
    for stored in await transaction.meetings.find(docking_event_id):
        of = sorted(party.participation_id for party in stored.value.parties)
        closed |= set(combinations(of, 2))
    closed |= _same_person(parties)
    busy = Counter(
        side for r in requests if r.is_open for side in (r.asking_id, r.asked_id)
    ) + Counter(side for p in proposals if p.state in WAITING for side in (p.low_id, p.high_id))
    return Known(
        docking_event,
        (await transaction.weighings.current(docking_event_id)).weights,
        {one.id: max(0, most_of(one, docking_event) - busy[one.id]) for one in parties},
        owner,
        found,
        frozenset(closed),
        dismissed,
    )


def most_of(participation: Participation, docking_event: DockingEvent) -> int:
    """Return how many meetings a participation has time for."""
    if participation.most_meetings is not None:
        return participation.most_meetings
    return USUAL_MOST if docking_event.most_meetings is None else docking_event.most_meetings


def _same_person(parties: Sequence[Participation]) -> set[Sides]:
    """Return the pairs for which one and the same person would be asked."""
    of: dict[UUID, list[UUID]] = {}
    for one in parties:
        of.setdefault(one.contact_id, []).append(one.id)
    return {pair for same in of.values() for pair in combinations(sorted(same), 2)}


def _sides(one: UUID, other: UUID) -> Sides:
    return (one, other) if one < other else (other, one)


def planned(known: Known, least: Strength, questions: int = 1) -> list[Proposal]:
    """Return the drafts of a plan.

    A pair counts by its two profiles that fit best, and only where each stands in the other's
    list: both sides gain.

    Args:
        known: What it rests on.
        least: How well the profiles fit at least.
        questions: For each meeting that a participation has time for, as not everybody says yes.
    """
    weights = known.weights
    floor = {Strength.STRONG: weights.strong, Strength.GOOD: weights.good}
    best: dict[Sides, tuple[int, UUID, UUID]] = {}
    for mine, listed in sorted(known.lists.items()):
        for place in listed.candidates:
            theirs = place.profile_id
            if mine > theirs or theirs not in known.owner or not _both(known, mine, theirs):
                continue
            sides = _sides(known.owner[mine], known.owner[theirs])
            if sides[0] == sides[1] or sides in known.closed:
                continue
            if place.score < floor.get(least, weights.possible):
                continue
            order = (mine, theirs) if known.owner[mine] == sides[0] else (theirs, mine)
            if sides not in best or best[sides][0] < place.score:
                best[sides] = (place.score, *order)
    # Only what makes a match at all is worth nothing; what is beyond it counts.
    pairs = [
        mutual.Pair(low, high, max(1, score - weights.possible) / 1000)
        for (low, high), (score, _, _) in best.items()
    ]
    most = {party: questions * left for party, left in known.left.items()}
    return [
        Proposal(
            uuid7(),
            known.docking_event.tenant_id,
            known.docking_event.id,
            pair.low,
            pair.high,
            best[pair.low, pair.high][1],
            best[pair.low, pair.high][2],
            best[pair.low, pair.high][0],
        )
        for pair in mutual.plan(pairs, most)
    ]


def _both(known: Known, mine: UUID, theirs: UUID) -> bool:
    """Say whether each stands in the other's list, and nobody dismissed the other."""
    listed = known.lists.get(theirs)
    return (
        listed is not None
        and listed.rank_of(mine) is not None
        and theirs not in known.dismissed.get(mine, frozenset())
        and mine not in known.dismissed.get(theirs, frozenset())
    )
