"""The distributed Techdock as its containers run it: one process per program, and the gateway."""

import os
import shutil
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from processes import (
    Failed,
    end,
    free_ports,
    last_words,
    launch,
    read_state,
    running,
    tell,
    write_state,
)

DEPLOY = Path(__file__).resolve().parents[1]
SERVICES = ("registration", "matching", "reporting", "portal")
WORKER = "matching-worker"
GATEWAY = "gateway"
HEALTH = "gateway-health"
NAMES = (*SERVICES, WORKER, GATEWAY)
ENTRY = ("sh", str(DEPLOY / "entrypoint.sh"))
PATIENCE_S = 60


def start(
    folder: Path, secrets: Path, kafka: Sequence[str], names: Iterable[str] = NAMES, port: int = 0
) -> str:
    """Start programs and wait until each is ready.

    Args:
        folder: Logs and ports.
        secrets: One folder per program, as deploy/secrets.sh makes them.
        kafka: Addresses of the Kafka nodes.
        names: Which programs.
        port: Port of the gateway, at the first start; 0 chooses a free one.

    Returns:
        Address of the gateway.

    Raises:
        Failed: A program ended, or was not ready in time.
    """
    state = read_state(folder)
    if not state:
        listening = (*SERVICES, GATEWAY, HEALTH)
        state = dict(zip(listening, free_ports(len(listening)), strict=True))
        state[GATEWAY] = port or state[GATEWAY]
        write_state(folder, state)
    if WORKER not in state:
        state[WORKER] = free_ports(1)[0]
        write_state(folder, state)
    # The worker last: it needs the tables that matching brings up to date.
    first = [name for name in names if name != WORKER]
    for some in (first, [name for name in names if name == WORKER]):
        for name in some:
            if not running(folder, name):
                _launch(folder, secrets, kafka, state, name)
        _wait(folder, state, some)
    return url(folder)


def url(folder: Path) -> str:
    """Name the address of the gateway; empty before the first start."""
    state = read_state(folder)
    return f"http://127.0.0.1:{state[GATEWAY]}" if state else ""


def environment(
    service: str, secrets: Path, kafka: Sequence[str], ports: Mapping[str, int]
) -> dict[str, str]:
    """Name a service's settings: the same variables as in docker-compose.yml."""
    settings = {
        "HOST": "127.0.0.1",
        "PORT": str(ports[service]),
        "PUBLIC_URL": f"http://127.0.0.1:{ports[GATEWAY]}",
        "GATEWAYS": "127.0.0.1",
    }
    if service != "portal":
        own = secrets / service
        settings["DATABASE_URL_FILE"] = str(own / "database_url")
        settings["REDIS_URL_FILE"] = str(own / "redis_url")
        settings["DEPLOYMENT_KEY_FILE"] = str(own / "deployment_key")
        settings["KAFKA_SERVERS"] = ",".join(kafka)
        settings["KAFKA_REPLICATION"] = str(len(kafka))
    if service == "matching":
        settings["WORKER_PORT"] = str(ports[WORKER])
        settings["WORKER_URL"] = f"http://127.0.0.1:{ports[WORKER]}"
    for other in ("registration", "matching", "reporting"):
        settings[f"{other.upper()}_URL"] = f"http://127.0.0.1:{ports[other]}"
    return {f"TECHDOCK_{service.upper()}_{name}": value for name, value in settings.items()}


def administrator(folder: Path, secrets: Path, kafka: Sequence[str], how: str, address: str) -> str:
    """Let an address administer this Techdock; returns a sign-in link or a token.

    Args:
        folder: Logs and ports.
        secrets: One folder per program.
        kafka: Addresses of the Kafka nodes.
        how: `sign-in-link` or `token`.
        address: Mail address of the administrator.

    Raises:
        Failed: It could not be done; the message says why.
    """
    settings = environment("registration", secrets, kafka, read_state(folder))
    command = [*ENTRY, sys.executable, str(DEPLOY / "administrator.py"), how, address]
    done = subprocess.run(
        command, env=os.environ | settings, check=False, capture_output=True, text=True
    )
    if done.returncode:
        raise Failed(done.stderr)
    return done.stdout.strip()


def stop(folder: Path, names: Iterable[str] = NAMES, how: signal.Signals = signal.SIGTERM) -> bool:
    """Stop programs, all at the same time.

    Returns:
        Whether one of them ran.
    """
    for name in names:
        tell(folder, name, how)
    ended = [end(folder, name, how) for name in names]
    return any(ended)


def _launch(
    folder: Path, secrets: Path, kafka: Sequence[str], ports: Mapping[str, int], name: str
) -> None:
    if name == GATEWAY:
        launch(folder, name, _caddy(), _gateway_environment(folder, ports))
        return
    module = "techdock_matching.worker" if name == WORKER else f"techdock_{name}"
    service = "matching" if name == WORKER else name
    settings = environment(service, secrets, kafka, ports)
    launch(folder, name, [*ENTRY, sys.executable, "-m", module], settings)


def _caddy() -> list[str]:
    beside = Path(sys.executable).with_name("caddy")
    program = str(beside) if beside.exists() else shutil.which("caddy")
    if program is None:
        raise Failed("Caddy is missing: install the development requirements (make install)")
    config = str(DEPLOY / "gateway" / "Caddyfile")
    return [program, "run", "--config", config, "--adapter", "caddyfile"]


def _gateway_environment(folder: Path, ports: Mapping[str, int]) -> dict[str, str]:
    behind = {f"TECHDOCK_GATEWAY_{name.upper()}": f"127.0.0.1:{ports[name]}" for name in SERVICES}
    storage = folder / "gateway"
    return {
        **behind,
        "TECHDOCK_GATEWAY_ADDRESS": f"http://127.0.0.1:{ports[GATEWAY]}",
        "TECHDOCK_GATEWAY_HEALTH": f"http://127.0.0.1:{ports[HEALTH]}",
        "TECHDOCK_GATEWAY_STORAGE": str(storage),
        "HOME": str(storage),
        "PATH": os.environ.get("PATH", os.defpath),
    }


def _wait(folder: Path, ports: Mapping[str, int], names: Iterable[str]) -> None:
    deadline = time.monotonic() + PATIENCE_S
    for name in names:
        while not _ready(folder, ports, name):
            if not running(folder, name):
                raise Failed(f"{name} ended while it started. {last_words(folder, name)}")
            if time.monotonic() > deadline:
                raise Failed(
                    f"{name} was not ready within {PATIENCE_S} s. {last_words(folder, name)}"
                )
            time.sleep(0.1)


def _ready(folder: Path, ports: Mapping[str, int], name: str) -> bool:
    if name == WORKER:
        return running(folder, name) is not None
    port, path = (ports[HEALTH], "/") if name == GATEWAY else (ports[name], "/health/ready")
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}{path}", timeout=5) as answer:
            return bool(answer.status == 200)  # noqa: PLR2004 - HTTP's "OK"
    except (urllib.error.URLError, OSError):
        return False
