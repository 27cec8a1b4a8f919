"""Which meetings of an answer are free to move while the others stay."""

from collections.abc import Sequence
from random import Random

from techdock_matching.adapters.exact.reduced import Reduced
from techdock_matching.domain.timetable.b2bsp import measure

_OF_BREAKS = 4
"""How much likelier a participant is chosen for each break."""


def neighbourhood(reduced: Reduced, slots: Sequence[int], share: float, chance: Random) -> set[int]:
    """Choose meetings: all of some slots, in a row or not, or all of some participants.

    Args:
        slots: The answer.
        share: Of the slots or meetings that are chosen, 0 to 1.
    """
    way = chance.randrange(4)
    if way > 1:
        return _of_participants(reduced, slots, share, chance)
    count = max(2, round(share * reduced.problem.slots))
    times = list(range(reduced.problem.slots))
    if way == 0:
        chance.shuffle(times)
    first = 0 if way == 0 else chance.randrange(max(1, len(times) - count + 1))
    chosen = set(times[first : first + count])
    return {meeting for meeting, slot in enumerate(slots) if slot in chosen}


def _of_participants(
    reduced: Reduced, slots: Sequence[int], share: float, chance: Random
) -> set[int]:
    """All meetings of some participants, rather of those with breaks."""
    breaks = measure(reduced.problem, slots).breaks
    weights = [1 + _OF_BREAKS * count for count in breaks]
    chosen: set[int] = set()
    while len(chosen) < share * len(slots):
        (participant,) = chance.choices(range(len(weights)), weights)
        chosen.update(reduced.of[participant])
    return chosen
