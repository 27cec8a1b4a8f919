"""Runs a server as long as standard input is open: started as a program, by its path.

It imports nothing of ours, so that it starts in a few milliseconds and stays small. See
`techdock_shared.cache.valkey` for why it is there.
"""

import ctypes
import os
import select
import shutil
import signal
import subprocess
import sys
import time

PAUSE_S = 0.2
LONGEST_PAUSE_S = 5.0
STEADY_S = 10.0
PR_SET_PDEATHSIG = 1


def die_with_parent() -> None:
    """Ask Linux to kill this process when the thread that started it ends."""
    if sys.platform == "linux":
        ctypes.CDLL(None, use_errno=True).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)


def parent_ended(parent: int, timeout_s: float) -> bool:
    """Wait so long at most; say whether the parent is gone.

    Args:
        parent: Its process id. Another parent now means that it is gone, should some other
            process hold the pipe open.
        timeout_s: Longest wait, in seconds.
    """
    readable, _, _ = select.select([0], [], [], timeout_s)
    return (bool(readable) and os.read(0, 1) == b"") or os.getppid() != parent


def run(command: list[str], parent: int) -> None:
    """Keep the command running until the parent ends."""
    pause_s = PAUSE_S
    while True:
        started = time.monotonic()
        # preexec_fn is safe here: this process has one thread.
        server = subprocess.Popen(command, stdin=subprocess.DEVNULL, preexec_fn=die_with_parent)  # noqa: S603, PLW1509
        try:
            while server.poll() is None:
                if parent_ended(parent, PAUSE_S):
                    return
        finally:
            server.kill()
            server.wait()
        if time.monotonic() - started > STEADY_S:
            pause_s = PAUSE_S
        if parent_ended(parent, pause_s):
            return
        pause_s = min(LONGEST_PAUSE_S, pause_s * 2)


if __name__ == "__main__":
    parent = os.getppid()
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    folder, *command = sys.argv[1:]
    try:
        run(command, parent)
    finally:
        if folder:
            shutil.rmtree(folder, ignore_errors=True)
