"""Real servers without Docker: Kafka, PostgreSQL, Valkey, on loopback, in a folder of their own.

    python deploy/local start [kafka] [--nodes 3]      start, and wait until they answer
    python deploy/local status | stop                  what is stored stays; --wipe removes it
    eval "$(python deploy/local env)"                  TECHDOCK_TEST_KAFKA and so on
    python deploy/local kill-node 2                    as a power failure would
    python deploy/local start-node 2
"""

import argparse
import sys
from pathlib import Path

import kafka_nodes
from processes import Failed, locked

ROOT = Path(__file__).resolve().parents[2]


def main() -> int:
    """Do what the command line says.

    Returns:
        0, or 1 with the reason on standard error.
    """
    parser = argparse.ArgumentParser(prog="deploy/local", description=__doc__.splitlines()[0])
    parser.add_argument("command", choices=["start", "stop", "status", "env", "kill-node", "start-node"])
    parser.add_argument("what", nargs="*")
    parser.add_argument("--dir", type=Path, default=ROOT / "build" / "local")
    parser.add_argument("--nodes", type=int, choices=[1, 3], default=1)
    a = parser.parse_args()
    folder = a.dir.resolve() / "kafka"
    cache = ROOT / "build" / "cache"
    try:
        with locked(a.dir):
            if a.command == "start":
                print(kafka_nodes.start(folder, cache, a.nodes))
            elif a.command == "stop":
                print(kafka_nodes.stop(folder))
            elif a.command == "status":
                print(kafka_nodes.status(folder))
            elif a.command == "kill-node":
                kafka_nodes.kill_node(folder, int(a.what[0]))
            elif a.command == "start-node":
                kafka_nodes.start_node(folder, cache, int(a.what[0]))
            else:
                print(kafka_nodes.servers(folder))
    except Failed as failure:
        print(failure, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
