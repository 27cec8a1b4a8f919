"""The pages, one module per area; `AREAS` is what wiring serves."""

from techdock_portal.pages import (
    administration,
    docking_events,
    matches,
    me,
    ministry,
    my_participation,
    my_timetable,
    profiles,
    projects,
    publishing,
    requests,
    sign_in,
    teaching,
)
from techdock_portal.pages.organizer import (
    day,
    imports,
    inviting,
    ledger,
    mutual,
    people,
    sessions,
    timetable,
    venues,
    weights,
)
from techdock_portal.pages.organizer import docking_events as organized
from techdock_portal.routing import Pages

AREAS: tuple[Pages, ...] = (
    sign_in.pages,
    docking_events.pages,
    matches.pages,
    teaching.pages,
    requests.pages,
    my_timetable.pages,
    my_participation.pages,
    profiles.pages,
    publishing.pages,
    projects.pages,
    me.pages,
    organized.pages,
    venues.pages,
    sessions.pages,
    people.pages,
    imports.pages,
    inviting.pages,
    timetable.pages,
    weights.pages,
    mutual.pages,
    day.pages,
    ledger.pages,
    ministry.pages,
    administration.pages,
)
