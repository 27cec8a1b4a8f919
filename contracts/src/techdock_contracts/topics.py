"""Every Kafka topic: who writes it, who reads it, what orders it, what is kept."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Topic:
    """A stream of events about one kind of thing.

    Attributes:
        name: Name on the broker, `<service>.<things>.v<major>`.
        key: Event field that becomes the message key; one key, one order.
        producer: The one service that writes here.
        consumers: Services that read here.
        compacted: A state topic keeps the newest message of each key (and tombstones);
            an event topic keeps everything for ever.
        partitions: Number of partitions; it never changes, or a key would move.
    """

    name: str
    key: str
    producer: str
    consumers: tuple[str, ...]
    compacted: bool = False
    partitions: int = 6


ORGANIZATIONS = Topic(
    "registration.organizations.v1",
    key="organization_id",
    producer="registration",
    consumers=("matching", "reporting"),
)
DOCKING_EVENTS = Topic(
    "registration.docking_events.v1",
    key="docking_event_id",
    producer="registration",
    consumers=("matching", "reporting"),
)
PARTICIPATIONS = Topic(
    "registration.participations.v1",
    key="docking_event_id",
    producer="registration",
    consumers=("matching", "reporting"),
)
PROFILES = Topic(
    "registration.profiles.v1",
    key="profile_id",
    producer="registration",
    consumers=("matching",),
    compacted=True,
)
PROFILE_EVENTS = Topic(
    "registration.profile_events.v1",
    key="profile_id",
    producer="registration",
    consumers=("reporting",),
)
ATTENDANCE = Topic(
    "registration.attendance.v1",
    key="docking_event_id",
    producer="registration",
    consumers=("reporting",),
)
REQUESTS = Topic(
    "matching.requests.v1",
    key="docking_event_id",
    producer="matching",
    consumers=("registration", "reporting"),
)
MEETINGS = Topic(
    "matching.meetings.v1",
    key="docking_event_id",
    producer="matching",
    consumers=("registration", "reporting"),
)
PROJECTS = Topic(
    "matching.projects.v1",
    key="project_id",
    producer="matching",
    consumers=("registration", "reporting"),
)
COVERAGE = Topic(
    "matching.coverage.v1",
    key="profile_id",
    producer="matching",
    consumers=("reporting",),
    compacted=True,
)


def _dead(service: str) -> Topic:
    return Topic(f"{service}.dead.v1", key="origin_key", producer=service, consumers=())


DEAD = {service: _dead(service) for service in ("registration", "matching", "reporting")}
"""What a service could not handle, by service; read by operators only."""

ALL: tuple[Topic, ...] = (
    ORGANIZATIONS,
    DOCKING_EVENTS,
    PARTICIPATIONS,
    PROFILES,
    PROFILE_EVENTS,
    ATTENDANCE,
    REQUESTS,
    MEETINGS,
    PROJECTS,
    COVERAGE,
    *DEAD.values(),
)


def read_by(service: str) -> tuple[Topic, ...]:
    """Return the topics that a service listens to."""
    return tuple(topic for topic in ALL if service in topic.consumers)
