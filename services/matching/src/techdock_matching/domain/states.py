"""State machines: states move only along their arrows."""

from collections.abc import Mapping
from enum import StrEnum
from typing import TypeVar

from techdock_shared.errors import Conflict

S = TypeVar("S", bound=StrEnum)


class WrongState(Conflict):
    """The command is not for things in this state."""

    code = "wrong_state"


def step(what: str, state: S, to: S, arrows: Mapping[S, frozenset[S]]) -> S:
    """Return the state that follows.

    Args:
        what: The thing in words, for the problem.

    Raises:
        WrongState: No arrow leads there; names the state.
    """
    onward = arrows.get(state, frozenset())
    if to not in onward:
        known = ", ".join(sorted(onward)) or "nothing"
        raise WrongState(f"{what} is {state}; from here it may become {known}, not {to}")
    return to
