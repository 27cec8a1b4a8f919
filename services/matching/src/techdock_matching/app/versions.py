"""Two people change one thing: the second is told, and keeps what he typed."""

from techdock_shared.errors import Conflict


class Stale(Conflict):
    """The thing was changed since the caller read it."""

    code = "stale"


def rests_on(expected: int, version: int) -> None:
    """Insist that a change rests on the present version.

    Raises:
        Stale: It rests on another.
    """
    if expected != version:
        raise Stale(f"version {version} is the present one, not {expected}; read it again")
