"""Valid things with one line; a test names only what it is about."""

from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

from techdock_registration.domain.docking_event import DockingEvent, Outline
from techdock_registration.domain.organization import Facts, Organization
from techdock_registration.domain.participation import Attendee, Belonging, Entry, Participation
from techdock_registration.domain.profile import Profile
from techdock_registration.domain.profile_content import Content
from techdock_registration.domain.session import Plan, Session
from techdock_registration.domain.spans import Span
from techdock_registration.domain.texts import Names, Text
from techdock_registration.domain.venue import Organizer, Venue

NOON = datetime(2030, 5, 1, 12, tzinfo=UTC)
OF = Belonging("KZ", UUID(int=7))


def text(words: str = "Words", language: str = "en") -> Text:
    return Text.of(language, words)


def venue(**changes: Any) -> Venue:
    parts = {"id": uuid4(), "kind": "main", "names": text("Hall"), "zone": "Asia/Urumqi"}
    return Venue(**(parts | {"city": text("Urumqi"), "country": "CN"} | changes))


def outline(**changes: Any) -> Outline:
    parts: dict[str, Any] = {
        "code": "TD-1",
        "names": text("Docking event"),
        "starts_on": date(2030, 5, 1),
        "ends_on": date(2030, 5, 2),
        "organizers": (Organizer(uuid4(), "host"),),
    }
    return Outline(**(parts | changes))


def docking_event(**changes: Any) -> DockingEvent:
    parts: dict[str, Any] = {
        "id": uuid4(),
        "tenant_id": uuid4(),
        "outline": outline(),
        "created_at": NOON,
        "venues": (venue(),),
    }
    return DockingEvent(**(parts | changes))


def plan(**changes: Any) -> Plan:
    parts: dict[str, Any] = {
        "kind": "plenary",
        "names": text("Opening"),
        "venue_id": uuid4(),
        "time": Span(NOON, NOON + timedelta(hours=1)),
        "zone": "Asia/Urumqi",
    }
    return Plan(**(parts | changes))


def session(**changes: Any) -> Session:
    parts: dict[str, Any] = {
        "id": uuid4(),
        "docking_event_id": uuid4(),
        "tenant_id": uuid4(),
        "plan": plan(),
    }
    return Session(**(parts | changes))


def attendee(**changes: Any) -> Attendee:
    parts: dict[str, Any] = {
        "person_id": uuid4(),
        "role": "member",
        "mode": "remote",
        "zone": "Asia/Almaty",
    }
    return Attendee(**(parts | changes))


def entry(*persons: Attendee, **changes: Any) -> Entry:
    everybody = persons or (attendee(),)
    return Entry(everybody, changes.pop("contact_id", everybody[0].person_id), **changes)


def participation(**changes: Any) -> Participation:
    parts: dict[str, Any] = {
        "id": uuid4(),
        "docking_event_id": uuid4(),
        "tenant_id": uuid4(),
        "organization_id": uuid4(),
        "entry": entry(),
        "applied_at": NOON,
    }
    return Participation(**(parts | changes))


def content(**changes: Any) -> Content:
    parts: dict[str, Any] = {
        "docking_events": (uuid4(),),
        "texts": {"title": text("Water"), "summary": text("From the sea")},
        "valid_until": date(2031, 5, 1),
    }
    return Content(**(parts | changes))


def profile(**changes: Any) -> Profile:
    parts: dict[str, Any] = {
        "id": uuid4(),
        "organization_id": uuid4(),
        "kind": "need",
        "content": content(),
        "created_at": NOON,
    }
    return Profile(**(parts | changes))


def facts(**changes: Any) -> Facts:
    parts: dict[str, Any] = {
        "kind": "enterprise",
        "names": Names("Пример", "Primer"),
        "name_language": "ru",
        "country": "KZ",
    }
    return Facts(**(parts | changes))


def organization(**changes: Any) -> Organization:
    parts: dict[str, Any] = {"id": uuid4(), "facts": facts(), "registered_by": uuid4()}
    parts |= {"created_at": NOON} | changes
    parts.setdefault("group_id", parts["id"])
    return Organization(**parts)
