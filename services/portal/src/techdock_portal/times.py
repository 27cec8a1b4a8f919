"""Times as people need them: the place's clock first, with city and offset; their own beside."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from babel.dates import get_timezone_location
from markupsafe import Markup, escape

from techdock_portal.i18n import EN_DASH, PLACE_COMMA, Language

MINUS = "\N{MINUS SIGN}"


def instant(value: str | datetime | None) -> datetime | None:
    """Read an instant of the interface: ISO 8601, UTC."""
    if isinstance(value, datetime):
        return value
    if not isinstance(value, str):
        return None  # Nothing, or what a template calls undefined.
    try:
        parsed = datetime.fromisoformat(value)
    except ValueError:
        return None
    return parsed if parsed.tzinfo else parsed.replace(tzinfo=UTC)


def a_date(value: str | date | None) -> date | None:
    """Read a date of the interface: ISO 8601, with or without a time behind it."""
    if isinstance(value, date):
        return value
    if not isinstance(value, str):
        return None
    try:
        return date.fromisoformat(value[:10])
    except ValueError:
        return None


def zone_of(name: str | None) -> ZoneInfo | None:
    """Return an IANA zone by its name, or None."""
    if not name:
        return None
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return None


def offset(at: datetime) -> str:
    """Write the distance to UTC of an instant in its zone: UTC+5:30."""
    distance = at.utcoffset() or timedelta()
    minutes = int(distance.total_seconds() // 60)
    sign = MINUS if minutes < 0 else "+"
    hours, rest = divmod(abs(minutes), 60)
    return f"UTC{sign}{hours}" + (f":{rest:02}" if rest else "")


def to_utc(local: str, zone: str) -> str | None:
    """Turn what a `datetime-local` field holds, at a place, into an instant of the interface."""
    where = zone_of(zone)
    try:
        at = datetime.fromisoformat(local)
    except ValueError:
        return None
    if where is None:
        return None
    return at.replace(tzinfo=where).astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def to_field(value: str | datetime | None, zone: str | None) -> str:
    """Turn an instant into what a `datetime-local` field holds, at a place."""
    at, where = instant(value), zone_of(zone)
    return at.astimezone(where or UTC).strftime("%Y-%m-%dT%H:%M") if at else ""


@dataclass(frozen=True, slots=True)
class Clocks:
    """Writes times in one language for one reader.

    Attributes:
        own: The reader's IANA zone; None when it is not known.
    """

    language: Language
    own: str | None

    def city(self, zone: str | None) -> str:
        """Return the city that a zone is named after."""
        if zone is None or zone_of(zone) is None or zone in {"UTC", "Etc/UTC"}:
            return ""
        return str(get_timezone_location(zone, locale=self.language.locale, return_city=True))

    def place(self, zone: str | None, city: str | None = None, at: datetime | None = None) -> str:
        """Write a place and its distance to UTC then: Riyadh, UTC+3."""
        where = zone_of(zone) or UTC
        moment = (at or datetime.now(UTC)).astimezone(where)
        name = city or self.city(zone)
        comma = PLACE_COMMA[self.language.tag]
        return f"{name}{comma}{offset(moment)}" if name else offset(moment)

    def hours(self, start: datetime, end: datetime | None, zone: str | None) -> str:
        """Write a time or a range of times of one day at a place."""
        where = zone_of(zone) or UTC
        first = self.language.hour(start.astimezone(where))
        if end is None:
            return first
        return f"{first}{EN_DASH}{self.language.hour(end.astimezone(where))}"

    def span(
        self,
        start: str | datetime | None,
        end: str | datetime | None = None,
        zone: str | None = None,
        city: str | None = None,
    ) -> Markup:
        """Write when something is, at its place, and under it in the reader's own time."""
        first, last = instant(start), instant(end)
        if first is None:
            return Markup()
        hours = self.hours(first, last, zone)
        place = escape(self.place(zone, city, first))
        mine = self._own_hours(first, last, zone)
        under = Markup('<span class="td-yours">{}</span>').format(mine) if mine else Markup()
        return Markup(
            '<span class="td-time"><b><time datetime="{}">{}</time></b> '
            '<span class="td-zone">{}</span>{}</span>'
        ).format(_iso(first), hours, place, under)

    def moment(
        self, value: str | datetime | None, zone: str | None = None, city: str | None = None
    ) -> Markup:
        """Write date and time in words at a place, then the reader's own in brackets."""
        at = instant(value)
        if at is None:
            return Markup()
        where = zone or self.own or "UTC"
        local = at.astimezone(zone_of(where) or UTC)
        text = f"{self.language.day(local.date())}, {self.language.hour(local)}"
        if self.language.tag == "zh-Hans":
            text = text.replace(", ", " ")
        mine = self._own_hours(at, None, where)
        beside = Markup(' <span class="td-quiet">({})</span>').format(mine) if mine else Markup()
        return Markup(
            '<time datetime="{}"><b>{}</b></time> <span class="td-zone">{}</span>{}'
        ).format(_iso(at), text, self.place(where, city, at), beside)

    def _own_hours(self, first: datetime, last: datetime | None, zone: str | None) -> str | None:
        """Return the same in the reader's zone, with the day where it is another one."""
        here, there = zone_of(self.own), zone_of(zone) or UTC
        if here is None or self.own is None:
            return None
        mine, theirs = first.astimezone(here), first.astimezone(there)
        if mine.utcoffset() == theirs.utcoffset():
            return None
        hours = self.hours(first, last, self.own)
        if mine.date() != theirs.date():
            hours = f"{self.language.day(mine.date(), year=False)}, {hours}"
        return f"{hours} {self.place(self.own, None, first)}"


def _iso(at: datetime) -> str:
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%MZ")
