"""The matching worker as a child of a program: started again when it dies, gone when we are.

The child must not outlive its parent, not even when that is killed with SIGKILL:

- It reads its standard input in a thread of its own. The write end is held by this process
  alone, so however this process ends, the kernel closes the pipe and the child leaves.
- On Linux it also asks for SIGKILL when its parent dies (PR_SET_PDEATHSIG), in case it is deep
  in a computation that does not let the thread run. That signal fires when the *thread* that
  started the child ends: start it from a thread that lives as long as the program.
"""

import asyncio
import ctypes
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from functools import partial

import structlog

log = structlog.get_logger(__name__)

STOP_S = 1.5
GRACE_S = 3.0
FIRST_PAUSE_S = 0.2
LONGEST_PAUSE_S = 10.0
HEALTHY_S = 30.0
PR_SET_PDEATHSIG = 1
FRUGAL = {"MALLOC_ARENA_MAX": "2", "MALLOC_MMAP_THRESHOLD_": "1048576"}
"""glibc gives large arrays back when they are done with, in place of keeping them for later: 200 MB
less with 20,000 profiles (RESULTS.md). Others do not know these variables."""


class WorkerChild:
    """Runs `python -m techdock_matching.worker` beside this process.

    Example:
        child = WorkerChild({"TECHDOCK_MATCHING_DATABASE_URL": url})
        Service(app, [..., child.keep])     # ends with the background tasks
    """

    def __init__(self, environment: Mapping[str, str]) -> None:
        """Prepare; nothing runs yet.

        Args:
            environment: Settings of the worker, on top of those of this process.
        """
        self._environment = dict(environment)
        self._process: asyncio.subprocess.Process | None = None

    @property
    def pid(self) -> int | None:
        """Process id of the running child."""
        return self._process.pid if self._process is not None else None

    async def keep(self) -> None:
        """Start the child, and again when it dies, until this task is cancelled."""
        pause_s = FIRST_PAUSE_S
        loop = asyncio.get_running_loop()
        try:
            while True:
                begun = loop.time()
                code = await (await self._start()).wait()
                if loop.time() - begun > HEALTHY_S:
                    pause_s = FIRST_PAUSE_S
                log.warning("matching worker ended; starting it again", code=code)
                await asyncio.sleep(pause_s)
                pause_s = min(2 * pause_s, LONGEST_PAUSE_S)
        finally:
            # The host cancels again what does not end at once; the child needs its moment.
            stopping = asyncio.ensure_future(self._stop())
            while not stopping.done():
                with suppress(asyncio.CancelledError):
                    await asyncio.shield(stopping)
            stopping.result()

    async def _start(self) -> asyncio.subprocess.Process:
        # A session of its own: Ctrl-C in the terminal reaches us, and we end the child.
        self._process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            "techdock_matching.worker",
            "--end-with-parent",
            stdin=subprocess.PIPE,
            env={**FRUGAL, **os.environ, **self._environment},
            start_new_session=True,
        )
        log.info("matching worker started", pid=self._process.pid)
        return self._process

    async def _stop(self) -> None:
        process, self._process = self._process, None
        if process is None or process.returncode is not None:
            return
        if process.stdin is not None:
            process.stdin.close()
        try:
            async with asyncio.timeout(STOP_S):
                await process.wait()
        except TimeoutError:
            with suppress(ProcessLookupError):
                process.kill()
            await process.wait()


class Parent:
    """The parent of this process, as the child sees it."""

    def __init__(self) -> None:
        self._ended: Callable[[], object] = partial(os._exit, 0)

    def on_end(self, ended: Callable[[], object]) -> None:
        """Call this, from another thread, when the parent ends; before, the process just exits."""
        self._ended = ended

    def watch(self) -> None:
        """Begin to look whether the parent lives; it holds the other end of our standard input."""
        if sys.platform == "linux":
            ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
        threading.Thread(target=self._wait, name="parent-watch", daemon=True).start()

    def _wait(self) -> None:
        while os.read(0, 1):
            pass
        self._ended()
        # Whatever hangs while it ends properly: nobody is left to end this process.
        time.sleep(GRACE_S)
        os._exit(0)
