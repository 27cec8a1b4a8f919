"""A personal timetable as an iCalendar feed (RFC 5545), by the icalendar library."""

from collections.abc import Sequence
from datetime import UTC, timedelta
from zoneinfo import ZoneInfo

from icalendar import Calendar, Event

from techdock_matching.app.calendars import Entry

WORDS = {
    "en": ("Meeting", "Table", "Online", "Interpreter present", "Cancelled", "Meetings"),
    "zh-Hans": ("会谈", "桌号", "线上", "有口译", "已取消", "会谈日程"),
    "ru": ("Встреча", "Стол", "Онлайн", "С переводчиком", "Отменена", "Встречи"),  # noqa: RUF001 - Russian
    "ar": ("اجتماع", "طاولة", "عبر الإنترنت", "بحضور مترجم", "ملغى", "الاجتماعات"),
}
"""Meeting, table, online, interpreter, cancelled, calendar title, by language."""
YEAR = timedelta(days=366)


def draw(code: str, language: str, entries: Sequence[Entry]) -> bytes:
    """Return the feed.

    Args:
        code: Code of the docking event, for the calendar's name.
        language: BCP 47 tag; languages without words of ours get English ones.
        entries: In any order; they are written by time.
    """
    words = WORDS.get(language, WORDS["en"])
    calendar = Calendar()
    calendar.add("prodid", "-//Techdock//Meetings//EN")
    calendar.add("version", "2.0")
    calendar.add("method", "PUBLISH")
    calendar.add("x-wr-calname", f"{code}: {words[5]}")
    calendar.add("refresh-interval", timedelta(minutes=15), parameters={"value": "DURATION"})
    for entry in sorted(entries, key=lambda e: (e.start, e.meeting_id)):
        calendar.add_component(_component(entry, words))
    if entries:
        # Only the years of the entries: a zone's whole history would outgrow the feed.
        first = min(entry.start for entry in entries).date()
        last = max(entry.end for entry in entries).date()
        calendar.add_missing_timezones(first - YEAR, last + YEAR)
    drawn: bytes = calendar.to_ical()
    return drawn


def _component(entry: Entry, words: tuple[str, ...]) -> Event:
    meeting, table, online, interpreted, cancelled, _ = words
    zone = ZoneInfo(entry.zone)
    component = Event()
    component.add("uid", f"{entry.meeting_id}@meetings.techdock")
    component.add("sequence", entry.sequence)
    component.add("dtstamp", entry.changed_at.astimezone(UTC))
    component.add("dtstart", entry.start.astimezone(zone))
    component.add("dtend", entry.end.astimezone(zone))
    title = f"{meeting}: {', '.join(entry.others)}" if entry.others else meeting
    component.add("summary", f"{cancelled}: {title}" if entry.cancelled else title)
    component.add("status", "CANCELLED" if entry.cancelled else "CONFIRMED")
    place = online if entry.table is None else f"{table} {entry.table}"
    component.add("location", f"{entry.place}, {place}" if entry.place else place)
    utc = f"{entry.start.astimezone(UTC):%Y-%m-%d %H:%M}-{entry.end.astimezone(UTC):%H:%M} UTC"
    lines = [utc, *([interpreted] if entry.interpreted else []), *filter(None, [entry.link])]
    component.add("description", "\n".join(lines))
    if entry.page:
        component.add("url", entry.page)
    return component
