"""A history of what clients did, and its judge.

Acknowledged: the effect is there exactly once. Refused: it is not there. No answer: there at most
once. After Jepsen's vocabulary: invoke, ok, fail, info.
"""

from collections import Counter
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, field
from typing import Literal

Outcome = Literal["invoked", "ok", "fail", "info"]

ALLOWED: dict[Outcome, Collection[int]] = {
    "ok": {1},
    "fail": {0},
    "info": {0, 1},
    "invoked": {0, 1},
}
"""How often an effect may be there, by what its client was told."""


@dataclass
class Operation:
    """One intention of one client.

    Attributes:
        name: What the effect can be found by; unique among operations of a kind.
        outcome: ok: acknowledged. fail: refused. info: no answer, nobody knows.
        tries: How often the request was sent.
    """

    client: int
    kind: str
    name: str
    outcome: Outcome = "invoked"
    tries: int = 0


@dataclass
class History:
    """What all clients did.

    Attributes:
        errors: Answers that nobody should ever get: 5xx other than 503, and what is not HTTP.
        away: Answers that say `come back later`: 503.
    """

    operations: list[Operation] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)
    away: list[str] = field(default_factory=list)

    def invoke(self, client: int, kind: str, name: str) -> Operation:
        operation = Operation(client, kind, name)
        self.operations.append(operation)
        return operation

    def of(self, kind: str) -> list[Operation]:
        return [operation for operation in self.operations if operation.kind == kind]

    def acknowledged(self) -> int:
        """How many operations have succeeded so far."""
        return sum(operation.outcome == "ok" for operation in self.operations)

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
            if there not in ALLOWED[operation.outcome]:
                tries = f"{operation.tries} tries"
                yield f"{kind} {operation.name}: {operation.outcome} ({tries}), there {there} times"

    def summary(self) -> str:
        """One line for the output of a test."""
        counted = Counter((each.kind, each.outcome) for each in self.operations)
        parts = [f"{kind} {outcome} {n}" for (kind, outcome), n in sorted(counted.items())]
        again = sum(each.tries > 1 for each in self.operations)
        return f"{', '.join(parts)}; {again} sent again; {len(self.away)} times 503"


def twice(slots: Iterable[tuple[str, str]]) -> Iterator[str]:
    """Say which (who or what, tick) was booked more than once."""
    for slot, times in Counter(slots).items():
        if times > 1:
            yield f"{slot[0]} is booked {times} times at {slot[1]}"
