"""State machines: states move only along their arrows."""

from collections.abc import Mapping
from typing import TypeVar

from techdock_shared.errors import Conflict

S = TypeVar("S", bound=str)


class WrongState(Conflict):
    """The command is not for things in this state."""

    code = "wrong_state"


class ChangedMeanwhile(Conflict):
    """Somebody saved the thing since it was read."""

    code = "changed_meanwhile"


def at_version(what: str, version: int, expected: int) -> None:
    """Insist that a thing is still as the caller read it.

    Raises:
        ChangedMeanwhile: It is at another version.
    """
    if version != expected:
        raise ChangedMeanwhile(f"{what} is at version {version}, not {expected}; read it again")


def step(what: str, state: S, to: S, arrows: Mapping[S, frozenset[S]]) -> S:
    """Return the state that follows.

    Args:
        what: The thing in words, for the problem.

    Raises:
        WrongState: No arrow leads there; names the state.
    """
    if to not in arrows.get(state, frozenset()):
        onward = ", ".join(sorted(arrows.get(state, ()))) or "nothing"
        raise WrongState(f"{what} is {state}; from here it may become {onward}, not {to}")
    return to


def only(what: str, state: S, *allowed: S) -> None:
    """Insist on a state.

    Raises:
        WrongState: It is another one; names it.
    """
    if state not in allowed:
        raise WrongState(f"{what} is {state}; this needs {' or '.join(allowed)}")
