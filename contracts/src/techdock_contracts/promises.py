"""What may change inside a version of an event: wording, and new optional fields."""

from collections.abc import Iterator, Mapping
from typing import Any

Schema = Mapping[str, Any]
WORDING = {"title", "description", "examples", "summary"}
_NESTED = ("properties", "$defs")


def breaks(old: Schema, new: Schema, where: str = "") -> Iterator[str]:
    """Say what an old message, or an old reader, would trip over.

    Args:
        old: The JSON Schema that was promised.
        new: The JSON Schema of the code.
        where: Path of the two in the whole schema.

    Yields:
        One sentence for each broken promise; nothing when the promise is kept.
    """
    before, after = old.get("properties", {}), new.get("properties", {})
    for name in sorted(before.keys() - after.keys()):
        yield f"{where}.{name} is gone"
    needed_before, needed_now = set(old.get("required", ())), set(new.get("required", ()))
    for name in sorted(needed_before ^ needed_now):
        if name in before or name in needed_now:
            now = "required" if name in needed_now else "optional"
            yield f"{where}.{name} became {now}"
    for group in _NESTED:
        for name, schema in old.get(group, {}).items():
            if name in new.get(group, {}):
                yield from breaks(schema, new[group][name], f"{where}.{name}")
            elif group == "$defs":
                yield f"{where}.{name} is gone"
    for word in sorted((old.keys() | new.keys()) - WORDING - set(_NESTED) - {"required"}):
        if old.get(word) != new.get(word):
            yield f"{where} changed its {word}: {old.get(word)} -> {new.get(word)}"
