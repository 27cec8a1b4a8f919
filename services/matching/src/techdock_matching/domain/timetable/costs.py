"""What a timetable costs, level by level; a lower level never outweighs a higher one."""

from dataclasses import dataclass
from typing import TypeAlias

Cost: TypeAlias = tuple[int, ...]
"""One figure per level, most important first; compared from the left, lower is better."""


@dataclass(frozen=True, slots=True)
class Level:
    """A level of the cost.

    Attributes:
        code: What is counted: below_wish, unplaced, worst_hour, gaps, gap_spread, changes, moved.
        weight: Multiplies the figure; 0 switches the level off.
    """

    code: str
    weight: int = 1


LEVELS = (
    Level("below_wish"),
    Level("unplaced"),
    Level("worst_hour"),
    Level("gaps"),
    Level("gap_spread"),
    Level("changes"),
    Level("moved"),
)
"""The order of scheduling.md."""
