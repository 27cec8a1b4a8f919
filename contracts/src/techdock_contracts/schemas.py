"""Renders the contracts as JSON Schema and AsyncAPI, and guards what was promised.

`python -m techdock_contracts.schemas write contracts` refuses to overwrite a schema with one that
breaks it; a breaking change is a new `.vN` type, hence a new file. `check` also reads every example
once promised, as the oldest reader would send it.
"""

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from techdock_contracts import topics
from techdock_contracts.event import HEAD, Event
from techdock_contracts.planning import DOCUMENTS
from techdock_contracts.promises import Schema, breaks

TEXT = {"type": "string"}
_HEAD_ONLY_WIRE = {
    "specversion": {"const": "1.0"},
    "source": {**TEXT, "description": "/techdock/<service>"},
    "datacontenttype": {"const": "application/json"},
}


def schema(model: type[Event]) -> Schema:
    """Return the JSON Schema of an event as it stands on the wire."""
    flat = model.model_json_schema()
    flat.pop("description", None)
    fields = flat.pop("properties")
    needed = {name for name, field in model.model_fields.items() if field.is_required()}
    head = {name: fields.pop(name) for name in HEAD}
    data_needed = sorted(needed & fields.keys())
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": model.__name__,
        "description": _summary(model),
        "type": "object",
        "properties": {
            **_HEAD_ONLY_WIRE,
            **head,
            "data": {"type": "object", "properties": fields, "required": data_needed},
        },
        "required": sorted(
            {"specversion", "source", "data", "type", "sequence"} | (needed & head.keys())
        ),
        "$defs": flat.get("$defs", {}),
    }


def render() -> dict[str, Any]:
    """Return every generated file by its path under `contracts/`."""
    events = dict(sorted(Event.registry.items()))
    files: dict[str, Any] = {f"schemas/{name}.json": schema(m) for name, m in events.items()}
    for name, document in DOCUMENTS.items():
        head = {"$schema": "https://json-schema.org/draft/2020-12/schema"}
        files[f"schemas/{name}.json"] = head | document.model_json_schema()
    files["topics.json"] = [
        {
            "name": topic.name,
            "key": topic.key,
            "partitions": topic.partitions,
            "retention": "newest of each key" if topic.compacted else "for ever",
            "producer": topic.producer,
            "consumers": list(topic.consumers),
        }
        for topic in topics.ALL
    ]
    files["asyncapi.json"] = _asyncapi(events)
    return files


def _asyncapi(events: dict[str, type[Event]]) -> dict[str, Any]:
    channels, operations = {}, {}
    for topic in topics.ALL:
        names = [name for name, model in events.items() if model.topic is topic]
        channels[topic.name] = {
            "address": topic.name,
            "messages": {name: {"$ref": f"#/components/messages/{name}"} for name in names},
            "bindings": {
                "kafka": {
                    "topic": topic.name,
                    "partitions": topic.partitions,
                    "topicConfiguration": {
                        "cleanup.policy": ["compact" if topic.compacted else "delete"],
                        "retention.ms": -1,
                    },
                    "bindingVersion": "0.5.0",
                }
            },
        }
        channel = {"$ref": f"#/channels/{topic.name}"}
        operations[f"{topic.producer}.sends.{topic.name}"] = {"action": "send", "channel": channel}
        for consumer in topic.consumers:
            operations[f"{consumer}.receives.{topic.name}"] = {
                "action": "receive",
                "channel": channel,
            }
    messages = {
        name: {
            "name": name,
            "contentType": "application/cloudevents+json",
            "summary": _summary(model),
            "payload": {
                "schemaFormat": "application/schema+json;version=draft-2020-12",
                "schema": {"$ref": f"./schemas/{name}.json"},
            },
            "bindings": {"kafka": {"key": {"type": "string", "description": model.topic.key}}},
        }
        for name, model in events.items()
    }
    return {
        "asyncapi": "3.0.0",
        "info": {"title": "Techdock events", "version": "1"},
        "channels": channels,
        "operations": operations,
        "components": {"messages": messages},
    }


def _summary(model: type[Event]) -> str:
    return (model.__doc__ or "").partition("\n")[0]


def unread(root: Path) -> Iterator[str]:
    """Say which examples cannot be read any more, and which events have none."""
    for name in Event.registry:
        files = sorted((root / "examples" / name).glob("*.json"))
        if not files:
            yield f"examples/{name}/ has no example"
        for file in files:
            try:
                event = Event.from_bytes(file.read_bytes())
            except ValueError as error:
                yield f"{file.relative_to(root)} cannot be read: {error}"
            else:
                if event is None or event.type != name:
                    yield f"{file.relative_to(root)} is not a {name}"


def main(action: str, root: Path) -> int:
    """Write the files, or check that they are as written; return the exit status."""
    problems = list(unread(root))
    files = render()
    promised = {f"schemas/{file.name}" for file in (root / "schemas").glob("*.json")}
    problems += [f"{name} was promised, and no class keeps it" for name in promised - files.keys()]
    for path, content in files.items():
        file, text = root / path, json.dumps(content, indent=2, ensure_ascii=False) + "\n"
        before = json.loads(file.read_text(encoding="utf-8")) if file.exists() else None
        broken = list(breaks(before, content)) if before and path.startswith("schemas/") else []
        if broken:
            problems.append("\n  ".join([f"{path} breaks its promise; add a new type:", *broken]))
        elif action == "write":
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(text, encoding="utf-8")
        elif before is None or file.read_text(encoding="utf-8") != text:
            problems.append(f"{path} is out of date; run: make contracts")
    print(*problems, sep="\n", end="\n" if problems else "")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], Path(sys.argv[2])))
