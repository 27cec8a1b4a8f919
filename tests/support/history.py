"""A history of what clients did, and its judge.

Acknowledged: the effect is there exactly once. Refused: it is not there. No answer: there at most
once. After Jepsen's vocabulary: invoke, ok, fail, info.
"""

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Literal

Outcome = Literal["invoked", "ok", "fail", "info"]


@dataclass
class Operation:
    """One intention of one client.

    Attributes:
        name: What the effect can be found by; unique.
        outcome: ok: acknowledged. fail: refused. info: no answer, nobody knows.
    """

    client: int
    kind: str
    name: str
    outcome: Outcome = "invoked"


@dataclass
class History:
    """What all clients did."""

    operations: list[Operation] = field(default_factory=list)

    def invoke(self, client: int, kind: str, name: str) -> Operation:
        operation = Operation(client, kind, name)
        self.operations.append(operation)
        return operation

    def of(self, kind: str) -> list[Operation]:
        return [operation for operation in self.operations if operation.kind == kind]

    def judge(self, kind: str, found: Iterable[str]) -> Iterator[str]:
        """Say where the effects that were found are not those that the history allows.

        Args:
            kind: Of the operations to judge.
            found: The name of each effect, as often as it is there.
        """
        times = Counter(found)
        known = {operation.name for operation in self.of(kind)}
        for name in times.keys() - known:
            yield f"{kind} {name} is there, and nobody did it"
        for operation in self.of(kind):
            there = times[operation.name]
            allowed = {"ok": {1}, "fail": {0}, "info": {0, 1}, "invoked": {0, 1}}
            if there not in allowed[operation.outcome]:
                yield f"{kind} {operation.name}: {operation.outcome}, there {there} times"


def twice(slots: Iterable[tuple[str, str]]) -> Iterator[str]:
    """Say which (who or what, tick) was booked more than once."""
    for slot, times in Counter(slots).items():
        if times > 1:
            yield f"{slot[0]} is booked {times} times at {slot[1]}"
