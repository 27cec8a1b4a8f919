"""What benchmarks say of their surroundings, and how they look at other processes."""

import json
import os
import platform
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import psutil


def machine() -> str:
    """The processor, how many of it, how much memory, and how busy it is with other things."""
    model = platform.processor() or platform.machine()
    info = Path("/proc/cpuinfo")
    if info.exists():
        names = [line for line in info.read_text().splitlines() if line.startswith("model name")]
        model = names[0].partition(":")[2].strip() if names else model
    memory = psutil.virtual_memory().total / 2**30
    load = os.getloadavg()[0]
    python = platform.python_version()
    return f"{os.cpu_count()} x {model}, {memory:.0f} GiB, Python {python}, load {load:.1f}"


def goal(name: str, measured: float, limit: float, unit: str, *, least: bool = False) -> Any:
    """One line of the table of results.

    Args:
        limit: What must not be passed, or with `least` must be reached.
    """
    return {
        "what": name,
        "goal": f"{'>=' if least else '<='} {limit:g} {unit}",
        "measured": round(measured, 3),
        "unit": unit,
        "ratio": round(measured / limit, 3),
        "reached": measured >= limit if least else measured <= limit,
    }


def tell(benchmark: str, goals: Iterable[Any], **found: Any) -> None:
    """Print the one line of a benchmark."""
    line = {
        "benchmark": benchmark,
        "date": datetime.now(UTC).isoformat(timespec="seconds"),
        "machine": machine(),
        "goals": list(goals),
        **found,
    }
    print(json.dumps(line, ensure_ascii=False), flush=True)


class Watched:
    """Processes by name, with what they used; children of a process count as of their own."""

    def __init__(self, roots: Mapping[str, int]) -> None:
        """Take process ids by name."""
        self._roots = roots
        self._begun = self._used()

    def _processes(self) -> dict[str, psutil.Process]:
        found: dict[str, psutil.Process] = {}
        for name, pid in self._roots.items():
            root = psutil.Process(pid)
            found[name] = root
            for child in root.children(recursive=True):
                words = " ".join(child.cmdline())
                kind = "worker" if "techdock_matching.worker" in words else child.name()
                found[f"{name}/{kind}"] = child
        return found

    def _used(self) -> dict[str, float]:
        used: dict[str, float] = {}
        for name, process in self._processes().items():
            times = process.cpu_times()
            used[name] = times.user + times.system
        return used

    def cpu_s(self) -> dict[str, float]:
        """Processor seconds since the beginning."""
        return {n: round(v - self._begun.get(n, 0.0), 1) for n, v in self._used().items()}

    def peak_mb(self) -> dict[str, float]:
        """Highest resident memory of each, in MB."""
        return {name: peak_mb(process.pid) for name, process in self._processes().items()}


def peak_mb(pid: int) -> float:
    """Highest resident memory of a process, in MB; what it has now where the system keeps none."""
    status = Path(f"/proc/{pid}/status")
    if status.exists():
        for line in status.read_text().splitlines():
            if line.startswith("VmHWM:"):
                return round(int(line.split()[1]) / 1024, 1)
    return round(psutil.Process(pid).memory_info().rss / 2**20, 1)
