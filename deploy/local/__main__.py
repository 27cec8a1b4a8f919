"""The real servers without Docker, on loopback, with their data in a folder of their own.

Used by `make test-distributed`, and by whoever wants to see the distributed Techdock run:

    python deploy/local start kafka postgres redis      start, and wait until they answer
    python deploy/local start                           those, and Techdock's own programs
    python deploy/local env                             variables for tests, as shell lines
    python deploy/local sign-in-link you@example.org    administer it; `token` prints a token
    python deploy/local status
    python deploy/local kill kafka-2                    as a power failure would
    python deploy/local start kafka-2                   bring it back
    python deploy/local stop [--wipe]                   --wipe removes what is stored

Needs Java 17 and Maven for Kafka; everything else is in the development requirements.
"""

import argparse
import os
import shlex
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable, Mapping
from pathlib import Path

import kafka_nodes
import postgres_server
import programs
import redis_server
from processes import Failed, end, locked, running

ROOT = Path(__file__).resolve().parents[2]
COMMANDS = ("start", "stop", "kill", "status", "env", "sign-in-link", "token")
PARTS = ("kafka", "postgres", "redis", "techdock")


class Local:
    """The servers of one folder."""

    def __init__(self, folder: Path, nodes: int | None = None, port: int = 0) -> None:
        """Name the folder; nothing starts yet.

        Args:
            folder: Where data, logs, ports and secrets are kept.
            nodes: Kafka nodes of a new cluster, 1 or 3; None: 1, or those that there are.
            port: Port of a new gateway; 0 chooses a free one.
        """
        self.folder = folder
        self.cache = ROOT / "build" / "cache"
        self.nodes = nodes
        self.port = port
        self.secrets = folder / "secrets"

    def start(self, part: str) -> None:
        """Start a part, or one program of it, and wait until it answers.

        Raises:
            Failed: It did not, or there is no such part.
        """
        if part == "kafka":
            kafka_nodes.start(self.folder / "kafka", self.cache, self.nodes)
        elif part == "postgres":
            self._make_secrets()
            postgres_server.start(self.folder / "postgres", self.secrets / "postgres")
        elif part == "redis":
            self._make_secrets()
            redis_server.start(self.folder / "redis", self.secrets / "redis")
        elif part == "techdock":
            self._start_programs(programs.NAMES)
        elif part in programs.NAMES:
            self._start_programs([part])
        elif part.startswith("kafka-"):
            kafka_nodes.start_node(self.folder / "kafka", self.cache, _number(part))
        else:
            raise Failed(f"there is no {part}; there are {', '.join(self.names())}")

    def stop(self, part: str) -> None:
        """Stop a part or one program in good order."""
        stops: Mapping[str, Callable[[], bool]] = {
            "kafka": lambda: kafka_nodes.stop(self.folder / "kafka"),
            "postgres": lambda: postgres_server.stop(self.folder / "postgres"),
            "redis": lambda: redis_server.stop(self.folder / "redis"),
            "techdock": lambda: programs.stop(self.folder / "techdock"),
        }
        if part in stops:
            stops[part]()
        else:
            end(self._folder_of(part), _process(part), signal.SIGTERM)

    def kill(self, part: str) -> None:
        """End a part or one program as a power failure would: nothing flushed, nobody told.

        Raises:
            Failed: It did not run.
        """
        killed = [
            end(self._folder_of(name), _process(name), signal.SIGKILL)
            for name in self._names_in(part)
        ]
        if not any(killed):
            raise Failed(f"{part} does not run")

    def status(self) -> list[tuple[str, bool]]:
        """Say of each program whether it runs."""
        return [
            (name, running(self._folder_of(name), _process(name)) is not None)
            for name in self.names()
        ]

    def names(self) -> list[str]:
        """Name every program that this folder knows."""
        return [name for part in PARTS for name in self._names_in(part)]

    def variables(self) -> dict[str, str]:
        """Tell tests where the servers are, and how to reach this program."""
        found = {
            "TECHDOCK_TEST_LOCAL": str(self.folder),
            "TECHDOCK_TEST_KAFKA": ",".join(kafka_nodes.servers(self.folder / "kafka")),
            "TECHDOCK_TEST_POSTGRES": self._superuser_url(),
            "TECHDOCK_TEST_REDIS": self._read("registration/redis_url"),
            "TECHDOCK_TEST_URL": programs.url(self.folder / "techdock"),
        }
        return {name: value for name, value in found.items() if value}

    def administrator(self, how: str, address: str) -> str:
        """Let an address administer Techdock, and return a sign-in link or a token."""
        kafka = kafka_nodes.servers(self.folder / "kafka")
        return programs.administrator(self.folder / "techdock", self.secrets, kafka, how, address)

    def wipe(self) -> None:
        """Kill everything and remove the folder."""
        for name, up in self.status():
            if up:
                self.kill(name)
        postgres_server.wipe(self.folder / "postgres")
        shutil.rmtree(self.folder)

    def _start_programs(self, names: tuple[str, ...] | list[str]) -> None:
        kafka = kafka_nodes.servers(self.folder / "kafka")
        if not kafka:
            raise Failed("start kafka, postgres and redis first")
        programs.start(self.folder / "techdock", self.secrets, kafka, names, self.port)

    def _make_secrets(self) -> None:
        self.secrets.mkdir(parents=True, exist_ok=True, mode=0o700)
        addresses = {
            "POSTGRES_ADDRESS": postgres_server.plan(self.folder / "postgres"),
            "REDIS_ADDRESS": redis_server.plan(self.folder / "redis"),
        }
        script = str(ROOT / "deploy" / "secrets.sh")
        subprocess.run(["sh", script, str(self.secrets)], check=True, env=os.environ | addresses)

    def _superuser_url(self) -> str:
        password = self._read("postgres/postgres")
        address = postgres_server.plan(self.folder / "postgres") if password else ""
        return password and f"postgresql+asyncpg://postgres:{password}@{address}"

    def _read(self, secret: str) -> str:
        path = self.secrets / secret
        return path.read_text() if path.exists() else ""

    def _names_in(self, part: str) -> list[str]:
        if part == "kafka":
            return [f"kafka-{n + 1}" for n in range(len(kafka_nodes.servers(self.folder / part)))]
        if part == "techdock":
            return list(programs.NAMES)
        return [part]

    def _folder_of(self, name: str) -> Path:
        if name in programs.NAMES:
            return self.folder / "techdock"
        if name in ("postgres", "redis"):
            return self.folder / name
        _number(name)
        return self.folder / "kafka"


def main() -> int:
    """Do what the command line says.

    Returns:
        0, or 1 with the reason on standard error.
    """
    parser = argparse.ArgumentParser(
        prog="deploy/local",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("command", choices=COMMANDS)
    parser.add_argument("parts", nargs="*", metavar="PART", help="kafka, kafka-2, matching, ...")
    parser.add_argument("--dir", type=Path, default=ROOT / "build" / "local")
    parser.add_argument("--nodes", type=int, choices=[1, 3], help="of a new Kafka, else 1")
    parser.add_argument("--port", type=int, default=0, help="of a new gateway; 0: a free one")
    parser.add_argument("--wipe", action="store_true", help="with stop: remove what is stored")
    asked = parser.parse_args()
    local = Local(asked.dir.resolve(), asked.nodes, asked.port)
    try:
        with locked(local.folder):
            _do(local, asked.command, asked.parts, wipe=asked.wipe)
    except Failed as failure:
        print(failure, file=sys.stderr)
        return 1
    return 0


def _do(local: Local, command: str, parts: list[str], *, wipe: bool) -> None:
    if command == "status":
        for name, up in local.status():
            print(f"{name:<16} {'up' if up else 'down'}")
    elif command == "env":
        for name, value in local.variables().items():
            print(f"export {name}={shlex.quote(value)}")
    elif command in ("sign-in-link", "token"):
        for address in parts:
            print(local.administrator(command, address))
    elif wipe:
        local.wipe()
    else:
        order = parts or (PARTS if command == "start" else PARTS[::-1])
        for part in order:
            {"start": local.start, "stop": local.stop, "kill": local.kill}[command](part)
        if command == "start" and "techdock" in order:
            print(f"Techdock is at {programs.url(local.folder / 'techdock')}")


def _number(name: str) -> int:
    kind, _, number = name.partition("-")
    if kind != "kafka" or not number.isdigit():
        raise Failed(f"there is no {name}; a program is named as `status` names it")
    return int(number)


def _process(name: str) -> str:
    return f"node{_number(name)}" if name.startswith("kafka-") else name


if __name__ == "__main__":
    sys.exit(main())
