"""The envelope every event shares, and how a message becomes an event.

On the wire an event is a CloudEvents 1.0 JSON object with the payload under `data`; in Python it is
flat, so that a handler reads `event.sequence` and `event.meeting_id` alike.
"""

from dataclasses import dataclass
from typing import Any, ClassVar
from uuid import UUID

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field
from pydantic_core import from_json, to_json
from typing_extensions import override

from techdock_contracts.topics import Topic

HEAD = ("id", "type", "time", "subject", "sequence", "tenant", "correlationid", "traceparent")
"""Attributes that stand beside `data`; names are CloudEvents': lower-case letters and digits."""


class Part(BaseModel):
    """A piece of an event's payload. Readers ignore what they do not know."""

    model_config = ConfigDict(frozen=True, extra="ignore")


class Event(Part):
    """Something that happened, told to other services.

    Readers ignore fields they do not know, so a producer may add optional fields within a version.
    """

    topic: ClassVar[Topic]
    registry: ClassVar[dict[str, type["Event"]]] = {}

    id: UUID = Field(description="Unique per event; consumers deduplicate on it.")
    type: str
    time: AwareDatetime = Field(description="When it was recorded, UTC; not when it happened.")
    subject: str = Field(description="Id of the aggregate that the event is about.")
    sequence: int = Field(
        default=0, ge=0, description="Counts the events of one subject on one topic, from 1."
    )
    tenant: UUID | None = Field(default=None, description="Owner of the subject; none if shared.")
    correlationid: UUID | None = Field(default=None, description="The request that began it all.")
    traceparent: str | None = Field(default=None, description="W3C trace context.")

    @classmethod
    @override
    def __pydantic_init_subclass__(cls, **kwargs: Any) -> None:
        super().__pydantic_init_subclass__(**kwargs)
        kind = cls.model_fields["type"].default
        if isinstance(kind, str):
            Event.registry[kind] = cls

    @property
    def key(self) -> str:
        """The message key: events with the same key stay in order."""
        return str(getattr(self, self.topic.key))

    def to_bytes(self) -> bytes:
        """Return the message body, UTF-8 JSON."""
        flat = self.model_dump(mode="json", exclude_none=True)
        head = {name: flat.pop(name) for name in HEAD if name in flat}
        wire = {
            "specversion": "1.0",
            "source": f"/techdock/{self.topic.producer}",
            "datacontenttype": "application/json",
            **head,
            "data": flat,
        }
        return to_json(wire)

    @classmethod
    def from_bytes(cls, body: bytes) -> "Event | None":
        """Read a message body.

        Returns:
            The event, or None when its type is newer than this reader.

        Raises:
            ValueError: The body is no JSON object, or breaks the contract of its type
                (then it is a pydantic.ValidationError, which is a ValueError).
        """
        wire = from_json(body)
        if not isinstance(wire, dict) or not isinstance(wire.get("type"), str):
            raise ValueError("expected a CloudEvents JSON object with a type")  # noqa: TRY004 - one kind of failure for a broken body
        model = Event.registry.get(wire["type"])
        if model is None:
            return None
        payload = wire.get("data")
        if not isinstance(payload, dict):
            raise ValueError(f"expected an object under data, found {type(payload).__name__}")  # noqa: TRY004 - as above
        return model.model_validate({**payload, **{n: wire[n] for n in HEAD if n in wire}})


@dataclass(frozen=True, slots=True)
class Tombstone:
    """The end of a key on a state topic: a message without a body.

    On the wire the value is null and the rest stands in the headers ce_id, ce_subject, ce_sequence.
    """

    id: UUID
    topic: Topic
    key: str
    subject: str
    sequence: int
