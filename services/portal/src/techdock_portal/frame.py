"""The frame of every page: where one can go, and which docking event it is about."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from techdock_portal.i18n import N_

if TYPE_CHECKING:
    from techdock_portal.page import Page


@dataclass(frozen=True, slots=True)
class Place:
    """One place in a navigation."""

    url: str
    label: str
    icon: str = ""
    current: bool = False


PARTICIPANT = (
    ("matches", N_("Matches"), "arrows-left-right"),
    ("catalogue", N_("Catalogue"), "zoom-question"),
    ("requests", N_("Requests"), "messages"),
    ("my-timetable", N_("Timetable"), "calendar-time"),
    ("profiles", N_("Needs and offers"), "file-text"),
)
ORGANIZER = (
    ("", N_("Readiness")),
    ("vetting", N_("Vetting")),
    ("agenda", N_("Agenda")),
    ("venues", N_("Venues and tables")),
    ("weights", N_("Weights")),
    ("mutual", N_("Mutual plan")),
    ("boards", N_("Boards")),
    ("timetable", N_("Timetable")),
    ("day", N_("Day view")),
    ("mails", N_("Mail ledger")),
    ("figures", N_("Figures")),
)
MINISTRY = (("", N_("Figures")), ("answers", N_("Earlier answers")))
ADMINISTRATOR = (
    ("", N_("Tenants")),
    ("tokens", N_("Tokens")),
    ("dead-letters", N_("Dead letters")),
    ("mails", N_("Mails")),
    ("health", N_("Health")),
)
ICONS = ("arrows-left-right", "messages", "calendar-time", "file-text")


def of(page: "Page") -> dict[str, Any]:
    """Return the places of the page's area and those in the reader's menu."""
    path = page.request.scope["path"]
    docking_event = page.docking_event
    area = path.strip("/").split("/")[0]
    places: list[Place] = []
    thumb = False
    if area == "organize" and docking_event:
        places = _places(page, f"/organize/{docking_event['id']}", ORGANIZER, path)
    elif area == "ministry":
        places = _places(page, "/ministry", MINISTRY, path)
    elif area == "administration":
        places = _places(page, "/administration", ADMINISTRATOR, path)
    elif docking_event and page.account and page.account.part_in(docking_event["id"]):
        base = f"/docking-events/{docking_event['id']}"
        places = [
            Place(f"{base}/{end}", page.text(label), icon, path.startswith(f"{base}/{end}"))
            for end, label, icon in PARTICIPANT
        ]
        thumb = True
    if not places:
        public = (("/docking-events", N_("Docking events")),)
        places = [Place(url, page.text(label), "", path.startswith(url)) for url, label in public]
        if page.account and page.account.has("organizer"):
            places.append(Place("/organize", page.text(N_("Organize")), "", path == "/organize"))
    wide = area in {"organize", "administration"}
    return {"places": places, "thumb": thumb, "wide": wide, "menu": _menu(page)}


def _places(
    page: "Page", base: str, of_area: tuple[tuple[str, str], ...], path: str
) -> list[Place]:
    return [
        Place(
            f"{base}/{end}" if end else base,
            page.text(label),
            "",
            path.startswith(f"{base}/{end}") if end else path.rstrip("/") == base,
        )
        for end, label in of_area
    ]


def _menu(page: "Page") -> list[Place]:
    account = page.account
    if account is None:
        return []
    menu = []
    if account.participations:
        menu.append(Place("/my", page.text(N_("My docking events"))))
    if account.has("organizer"):
        menu.append(Place("/organize", page.text(N_("Organize"))))
    if account.has("analyst"):
        menu.append(Place("/ministry", page.text(N_("Ministry figures"))))
    if account.has("administrator"):
        menu.append(Place("/administration", page.text(N_("Administration"))))
    if account.participations or account.has("organizer"):
        menu.append(Place("/catalogue", page.text(N_("Catalogue"))))
    menu.append(Place("/docking-events", page.text(N_("Docking events"))))
    menu.append(Place("/projects", page.text(N_("Outcomes"))))
    menu.append(Place("/me", page.text(N_("My data"))))
    menu.append(Place("/me/mails", page.text(N_("Kept mails"))))
    return menu
