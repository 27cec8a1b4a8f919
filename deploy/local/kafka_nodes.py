"""Apache Kafka from Maven's artifacts: one node, or three that survive the loss of one."""

import asyncio
import base64
import logging
import shutil
import signal
import subprocess
import time
import uuid
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.errors import KafkaError
from processes import (
    Failed,
    end,
    free_ports,
    last_words,
    launch,
    locked,
    read_state,
    running,
    tell,
    write_state,
)

HERE = Path(__file__).resolve().parent
START = HERE.parent / "kafka" / "start.sh"
PATIENCE_S = 90


def fetch(cache: Path) -> Path:
    """Bring the jars, once; later starts need no network.

    Raises:
        Failed: Java or Maven is not installed, or Maven could not fetch.
    """
    for program in ("java", "mvn"):
        if shutil.which(program) is None:
            raise Failed(f"Kafka needs {program}: install Java 17 or newer and Maven")
    libs = cache / "kafka-4.3.1"
    done = libs / ".complete"
    with locked(cache):
        if not done.exists():
            options = ["--quiet", "--batch-mode", "-Dstyle.color=never", "-DincludeScope=runtime"]
            files = ["--file", str(HERE / "pom.xml"), f"-DoutputDirectory={libs}"]
            maven = ["mvn", *options, *files, "dependency:copy-dependencies"]
            if subprocess.run(maven, check=False, stdin=subprocess.DEVNULL).returncode:
                raise Failed("Maven could not fetch Kafka; what it said is above")
            done.touch()
    return libs


def start(folder: Path, cache: Path, nodes: int | None = None) -> list[str]:
    """Start the cluster, new or as it was, and wait until it answers.

    Args:
        folder: Data, logs and ports of the cluster.
        cache: Where the jars are kept between clusters.
        nodes: 1, or 3: then topics have three replicas of which two must have a write. None: as
            many as there were, 1 at first.

    Returns:
        Addresses of the nodes, `host:port`.

    Raises:
        Failed: The cluster did not answer in time, or was made with another number of nodes.
    """
    libs = fetch(cache)
    state = read_state(folder) or _planned(folder, nodes or 1)
    found = len(state["nodes"])
    if nodes not in (None, found):
        raise Failed(f"the cluster in {folder} has {found} nodes, not {nodes}: remove it first")
    for number in range(1, found + 1):
        _launch(folder, libs, state, number)
    _wait(folder, state, range(1, found + 1))
    return servers(folder)


def start_node(folder: Path, cache: Path, number: int) -> None:
    """Bring one node back, and wait until the cluster counts it again.

    Raises:
        Failed: It did not come back, or never existed.
    """
    state = read_state(folder)
    if number not in _numbers(state):
        raise Failed(f"there is no Kafka node {number}")
    _launch(folder, fetch(cache), state, number)
    _wait(folder, state, [n for n in _numbers(state) if running(folder, f"node{n}")])


def stop(folder: Path) -> bool:
    """Stop all nodes; what they stored stays."""
    found = [n for n in _numbers(read_state(folder)) if running(folder, f"node{n}")]
    for number in found:
        tell(folder, f"node{number}", signal.SIGTERM)
    # An orderly leave needs a majority of controllers, which the last nodes no longer have: they
    # would wait for it in vain. Killing them is safe, it is the fault that they are built for.
    for number in found:
        end(folder, f"node{number}", signal.SIGTERM, patience_s=3)
    return bool(found)


def servers(folder: Path) -> list[str]:
    """Name the nodes' addresses, whether they run or not."""
    return [f"127.0.0.1:{node['port']}" for node in read_state(folder).get("nodes", [])]


def _planned(folder: Path, nodes: int) -> dict[str, Any]:
    ports = free_ports(2 * nodes)
    each = [
        {"port": port, "controller_port": controller, "directory": _kafka_id()}
        for port, controller in zip(ports[::2], ports[1::2], strict=True)
    ]
    state = {"cluster": _kafka_id(), "nodes": each}
    write_state(folder, state)
    return state


def _kafka_id() -> str:
    """Make an id as Kafka writes them; one that starts with a dash would be read as an option."""
    return base64.urlsafe_b64encode(uuid.uuid4().bytes).decode().rstrip("=").replace("-", "A")


def _numbers(state: dict[str, Any]) -> range:
    return range(1, len(state.get("nodes", [])) + 1)


def _launch(folder: Path, libs: Path, state: dict[str, Any], number: int) -> None:
    if running(folder, f"node{number}"):
        return
    node = state["nodes"][number - 1]
    environment = {
        "KAFKA_DATA": str(folder / f"node{number}"),
        "KAFKA_LIBS": str(libs),
        "KAFKA_NODE": str(number),
        "KAFKA_PORT": str(node["port"]),
        "KAFKA_CONTROLLER_PORT": str(node["controller_port"]),
        "KAFKA_CLUSTER": state["cluster"],
    }
    if len(state["nodes"]) > 1:
        environment["KAFKA_VOTERS"] = ",".join(
            f"{n}@127.0.0.1:{other['controller_port']}:{other['directory']}"
            for n, other in enumerate(state["nodes"], start=1)
        )
    launch(folder, f"node{number}", ["sh", str(START)], environment)


def _wait(folder: Path, state: dict[str, Any], numbers: Sequence[int]) -> None:
    """Wait until every node is known to the cluster and groups can find their coordinator.

    An open port is not enough: a node accepts connections before it can answer them.
    """
    addresses = [f"127.0.0.1:{state['nodes'][number - 1]['port']}" for number in numbers]
    deadline = time.monotonic() + PATIENCE_S
    while not asyncio.run(_answers(addresses)):
        dead = [n for n in numbers if not running(folder, f"node{n}")]
        if dead:
            words = last_words(folder, f"node{dead[0]}")
            raise Failed(f"Kafka node {dead[0]} ended while it started. {words}")
        if time.monotonic() > deadline:
            words = last_words(folder, f"node{numbers[0]}")
            raise Failed(f"Kafka did not answer within {PATIENCE_S} s. {words}")
        time.sleep(0.2)


async def _answers(addresses: Sequence[str]) -> bool:
    logging.getLogger("aiokafka").setLevel(logging.CRITICAL)
    admin = AIOKafkaAdminClient(bootstrap_servers=list(addresses), request_timeout_ms=5_000)
    try:
        await admin.start()
        cluster = await admin.describe_cluster()
        await admin.find_coordinator("techdock-local")
    except (KafkaError, OSError, TimeoutError):
        return False
    finally:
        await admin.close()
    known = {f"{broker['host']}:{broker['port']}" for broker in cluster["brokers"]}
    return known >= set(addresses)
