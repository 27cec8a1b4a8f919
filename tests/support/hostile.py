"""Requests that no honest program sends: what is wrong stands in one place, the rest is right."""

import copy
from collections.abc import Iterator, Mapping
from typing import Any

from techdock_embedded.client import Json

LONG = "x" * 5_000
NUL = "a\x00b"
SURROGATE = "a\ud800b"
EXTREME = {
    "uuid": ("", "not-a-uuid", "0190c0de-0000-7000-8000-00000000000", NUL),
    "date": ("0001-01-01", "9999-12-31", "2026-02-30", "26-1-1", -1, NUL),
    "date-time": (
        "0001-01-01T00:00:00+14:00",
        "9999-12-31T23:59:59-14:00",
        "2026-01-01T00:00:00",
        "2026-13-01T00:00:00Z",
        10**30,
        NUL,
    ),
    "integer": (-1, 0, 2**31, 2**63, 10**30, -(10**30), 1e308, "1.5", True),
    "string": (NUL, SURROGATE, LONG, "\u202e\u0007", "'; --", 10**30),
    "boolean": ("maybe", 2),
}


def kinds(document: Json, schema: Json) -> Iterator[str]:
    """What a value may be, by the names of `EXTREME`."""
    while "$ref" in schema:
        schema = document["components"]["schemas"][schema["$ref"].rpartition("/")[2]]
    for one in schema.get("anyOf", [schema]):
        if one is not schema and ("$ref" in one or "anyOf" in one):
            yield from kinds(document, one)
        kind = one.get("format", one.get("type"))
        if kind in EXTREME:
            yield kind


def spoilt(document: Json, schema: Json, body: Json) -> Iterator[tuple[str, Any, Json]]:
    """Yield where, what, and the body with it: each field, then each text inside the body."""
    for name, field in schema.get("properties", {}).items():
        for kind in kinds(document, field):
            for value in EXTREME[kind]:
                yield name, value, {**body, name: value}
    for path, text in leaves(body):
        if len(path) > 1 and isinstance(text, str):
            for value in (NUL, SURROGATE, LONG):
                yield ".".join(map(str, path)), value, replaced(body, path, value)


def leaves(thing: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[tuple[Any, ...], Any]]:
    """Every value at the end of a path through objects and lists."""
    if isinstance(thing, Mapping):
        for name, value in thing.items():
            yield from leaves(value, (*path, name))
    elif isinstance(thing, list):
        for place, value in enumerate(thing):
            yield from leaves(value, (*path, place))
    else:
        yield path, thing


def replaced(body: Json, path: tuple[Any, ...], value: Any) -> Json:
    """The body with another value at the end of a path."""
    other: Any = copy.deepcopy(body)
    inner = other
    for step in path[:-1]:
        inner = inner[step]
    inner[path[-1]] = value
    whole: Json = other
    return whole
