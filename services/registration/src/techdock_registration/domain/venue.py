"""The places of a docking event, and who carries it there."""

import re
from dataclasses import dataclass
from uuid import UUID

from techdock_registration.domain import codes
from techdock_registration.domain.rules import MOST_CAPACITY, Findings, is_language, is_zone
from techdock_registration.domain.spans import Span, disjoint
from techdock_registration.domain.texts import Text

MAIN, SUB_VENUE, ONLINE = "main", "sub_venue", "online"
LINK = re.compile(r"https?://[^\s<>\"']{3,500}")
MOST_TABLES = 500


@dataclass(frozen=True, slots=True)
class Desk:
    """A table at a venue.

    Attributes:
        label: A short code, such as T07.
        equipment: Codes of table_equipment.
        owner_id: Organization whose booth it is.
    """

    id: UUID
    label: str
    equipment: tuple[str, ...] = ()
    owner_id: UUID | None = None

    def __post_init__(self) -> None:
        found = Findings()
        found.text("tables.label", self.label, 20)
        for code in self.equipment:
            found.expect(
                codes.knows("table_equipment", code),
                "tables.equipment",
                "codes of table_equipment",
                code,
            )
        found.settle("table")


@dataclass(frozen=True, slots=True)
class Venue:
    """A place of a docking event: the main venue, a sub-venue, or online.

    Attributes:
        country: None only online.
        zone: IANA time zone of its clocks.
        capacity: Persons.
        link: Where remote people join.
    """

    id: UUID
    kind: str
    names: Text
    zone: str
    city: Text | None = None
    country: str | None = None
    local_host_id: UUID | None = None
    capacity: int | None = None
    link: str | None = None
    tables: tuple[Desk, ...] = ()

    def __post_init__(self) -> None:
        found = Findings()
        found.expect(
            codes.knows("venue_kind", self.kind), "kind", "main, sub_venue or online", self.kind
        )
        found.text("names", self.names.first, 300)
        found.expect(is_zone(self.zone), "zone", "an IANA time zone", self.zone)
        found.expect(
            self.kind == ONLINE if self.country is None else codes.knows("country", self.country),
            "country",
            "two letters of ISO 3166-1, given unless online",
            self.country,
        )
        found.expect(
            self.kind == ONLINE or self.city is not None, "city", "given unless online", "none"
        )
        found.expect(
            self.capacity is None or 1 <= self.capacity <= MOST_CAPACITY,
            "capacity",
            f"1 to {MOST_CAPACITY}",
            self.capacity,
        )
        found.expect(
            self.link is None or LINK.fullmatch(self.link) is not None,
            "link",
            "an address that begins with http:// or https://",
            self.link,
        )
        found.expect(
            len(self.tables) <= MOST_TABLES,
            "tables",
            f"at most {MOST_TABLES}",
            len(self.tables),
        )
        labels = {table.label for table in self.tables}
        ids = {table.id for table in self.tables}
        found.expect(
            len(labels) == len(ids) == len(self.tables),
            "tables",
            "different labels and ids",
            "the same twice",
        )
        found.settle("venue")


@dataclass(frozen=True, slots=True)
class Organizer:
    """An organization that carries a docking event.

    Attributes:
        role: Code of organizer_role.
    """

    organization_id: UUID
    role: str

    def __post_init__(self) -> None:
        found = Findings()
        found.expect(
            codes.knows("organizer_role", self.role),
            "organizers.role",
            "a code of organizer_role",
            self.role,
        )
        found.settle("organizer")


@dataclass(frozen=True, slots=True)
class Interpreter:
    """A person who interprets at a docking event.

    Attributes:
        id: Chosen by the organizer; names the entry.
        person_id: Counting id of the person.
        venue_id: None: online.
        hours: None: the whole docking event.
    """

    id: UUID
    person_id: UUID
    languages: tuple[str, ...]
    venue_id: UUID | None = None
    hours: tuple[Span, ...] = ()

    def __post_init__(self) -> None:
        found = Findings()
        found.expect(
            len(set(self.languages)) > 1, "languages", "two or more", len(set(self.languages))
        )
        for tag in self.languages:
            found.expect(is_language(tag), "languages", "BCP 47 tags", tag)
        found.expect(disjoint(self.hours), "hours", "spans that do not overlap", "an overlap")
        found.settle("interpreter")
