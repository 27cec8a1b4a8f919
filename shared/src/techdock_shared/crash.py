"""Named points at which a test may end the process, to prove that nothing is lost or repeated.

They cost a look at one variable and do nothing unless a hook is installed, or
TECHDOCK_CRASH_AT names one when the process starts.
"""

import os
from collections.abc import Callable

Hook = Callable[[str], None]

EXIT_CODE = 137
"""What a process killed by SIGKILL reports to a shell."""

_hook: Hook | None = None


def point(name: str) -> None:
    """Pass a place where a crash would be worst, like `relay.before_mark`."""
    if _hook is not None:
        _hook(name)


def install(hook: Hook | None) -> None:
    """Call the hook at every point from now on; None takes it away."""
    global _hook  # noqa: PLW0603 - one hook per process is what makes a point cheap
    _hook = hook


def exit_at(text: str) -> Hook:
    """Return a hook that ends the process without any clean-up.

    Args:
        text: `name` or `name:n`: the n-th time that the point is passed, from 1.
    """
    name, _, count = text.partition(":")
    left = int(count or 1)

    def hook(passed: str) -> None:
        nonlocal left
        if passed == name:
            left -= 1
            if left == 0:
                os._exit(EXIT_CODE)

    return hook


if os.environ.get("TECHDOCK_CRASH_AT"):
    install(exit_at(os.environ["TECHDOCK_CRASH_AT"]))
