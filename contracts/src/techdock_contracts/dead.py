"""What a service could not handle, told to operators."""

from typing import ClassVar, Literal

from pydantic import Field

from techdock_contracts.event import Event
from techdock_contracts.topics import DEAD, Topic


class _SetAside(Event):
    origin_topic: str
    origin_partition: int
    origin_offset: int
    origin_key: str
    group: str
    error: str = Field(description="Kind of failure; never the content of the message.")


class RegistrationSetAside(_SetAside):
    """A message that registration could not handle was set aside."""

    topic: ClassVar[Topic] = DEAD["registration"]

    type: Literal["registration.message_set_aside.v1"] = "registration.message_set_aside.v1"


class MatchingSetAside(_SetAside):
    """A message that matching could not handle was set aside."""

    topic: ClassVar[Topic] = DEAD["matching"]

    type: Literal["matching.message_set_aside.v1"] = "matching.message_set_aside.v1"


class ReportingSetAside(_SetAside):
    """A message that reporting could not handle was set aside."""

    topic: ClassVar[Topic] = DEAD["reporting"]

    type: Literal["reporting.message_set_aside.v1"] = "reporting.message_set_aside.v1"


SET_ASIDE: dict[str, type[_SetAside]] = {
    "registration": RegistrationSetAside,
    "matching": MatchingSetAside,
    "reporting": ReportingSetAside,
}
