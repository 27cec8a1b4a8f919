"""Tales: what registration and matching might tell of docking events, whole and in order.

A tale is random, from its seed, but always coherent. Tests deliver it disturbed and ask whether the
end is the same.
"""

import random
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from itertools import groupby
from typing import Any
from uuid import UUID

from techdock_contracts import matching as m
from techdock_contracts import registration as r
from techdock_contracts.event import Event, Tombstone
from techdock_contracts.texts import Text, Version
from techdock_contracts.topics import PROFILES, Topic

START = datetime(2027, 5, 17, 6, tzinfo=UTC)
DAY = START.date()
COUNTRIES = ("CN", "KZ", "UZ", "RU", "PK", "FR")
WORDS = ("drip", "saline", "cotton", "solar", "sensor", "seed", "storage", "mine", "camel", "water")
ANSWERS = (
    m.MeetingCountered,
    m.MeetingAccepted,
    m.MeetingDeclined,
    m.MeetingRequestWithdrawn,
    m.MeetingRequestExpired,
)
"""What becomes of requests; one more stays without an answer."""

STAGES = ("intention", "agreement", "contract")

Told = Event | Tombstone


@dataclass(frozen=True, slots=True)
class Side:
    """An organization that takes part, with its persons (counting ids)."""

    organization: UUID
    participation: UUID
    country: str
    persons: tuple[UUID, ...]


@dataclass
class Tale:
    """Tells one docking event from its announcement to its end.

    Attributes:
        seed: Of everything random in it, ids too.
        sides: Given ones; more are made up.
        whole: Leave nothing out that might happen.
        told: In the order in which it happened.
    """

    seed: int
    sides: list[Side] = field(default_factory=list)
    docking_event: UUID | None = None
    whole: bool = False
    told: list[Told] = field(default_factory=list)
    sequences: dict[tuple[str, str], int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.rng = random.Random(self.seed)
        self.tenant = self.new_id()
        self.fair = self.docking_event or self.new_id()
        self.venue = self.new_id()
        self.session = self.new_id()

    def new_id(self) -> UUID:
        return UUID(int=self.rng.getrandbits(128), version=4)

    def tell(self, kind: type[Event], subject: UUID, /, **facts: Any) -> None:
        """Tell an event; tenant and docking event stand in it where it has them."""
        known = {"tenant": self.tenant, "docking_event_id": self.fair} | facts
        head = {
            "id": self.new_id(),
            "time": START,
            "subject": str(subject),
            "sequence": self.next_sequence(kind.topic, subject),
        }
        self.told.append(kind.model_validate({**known, **head}))

    def next_sequence(self, topic: Topic, subject: UUID) -> int:
        key = (topic.name, str(subject))
        self.sequences[key] = self.sequences.get(key, 0) + 1
        return self.sequences[key]

    def maybe(self, chance: float = 0.5) -> bool:
        return self.whole or self.rng.random() < chance

    def on(self) -> date:
        return DAY + timedelta(days=self.rng.randint(0, 2))


def tale(
    seed: int,
    sides: Sequence[Side] = (),
    docking_event: UUID | None = None,
    *,
    whole: bool = False,
) -> tuple[Told, ...]:
    """Return a tale, in order; a whole one has every kind of event that anybody listens to."""
    t = Tale(seed, list(sides), docking_event, whole)
    _frame(t)
    for _ in range(max(0, t.rng.randint(3, 4) - len(t.sides))):
        t.sides.append(Side(t.new_id(), t.new_id(), t.rng.choice(COUNTRIES), (t.new_id(),)))
    for side in t.sides:
        _take_part(t, side)
    for number in range(t.rng.randint(3, 6)):
        _profile(t, t.rng.choice(t.sides), number)
    requests = [_request(t) for _ in range(6 if whole else t.rng.randint(2, 6))]
    for each, answer in zip(requests, ANSWERS, strict=False):
        _answer(t, each, answer)
    if whole:
        _proposal(t)
    for ending in (m.MeetingHeld, m.MeetingNoShow, m.MeetingCancelled):
        _meeting(t, ending)
    _published(t)
    for _ in range(t.rng.randint(3, 8)):
        _check_in(t)
    for disputed in (False, True):
        _project(t, disputed=disputed)
    _end(t)
    return tuple(t.told)


def _frame(t: Tale) -> None:
    desk = r.Desk(table_id=t.new_id(), label="T01")
    venue = r.Venue(venue_id=t.venue, kind="main", country="CN", zone="Asia/Urumqi", tables=(desk,))
    facts = {
        "starts_on": DAY,
        "ends_on": DAY + timedelta(days=2),
        "zone": "Asia/Urumqi",
        "country": "CN",
        "venues": (venue,),
    }
    session = {
        "kind": "matchmaking",
        "venue_id": t.venue,
        "start": START,
        "end": START + timedelta(hours=4),
        "zone": "Asia/Urumqi",
        "visibility": "registered",
        "slot_minutes": 30,
    }
    other, its_session = {"docking_event_id": t.new_id()}, t.new_id()
    for fair, of_it in (({"docking_event_id": t.fair}, t.session), (other, its_session)):
        fair_id = fair["docking_event_id"]
        t.tell(r.DockingEventAnnounced, fair_id, **facts, **fair, code=str(fair_id)[:8])
        t.tell(r.DockingEventOpened, fair_id, **fair)
        t.tell(r.SessionPlanned, of_it, **session, **fair, session_id=of_it)
        if t.maybe():
            changed = facts | fair | {"most_meetings": t.rng.randint(1, 9)}
            t.tell(r.DockingEventChanged, fair_id, **changed, code=str(fair_id)[:8])
            shorter = session | fair | {"slot_minutes": 20}
            t.tell(r.SessionChanged, of_it, **shorter, session_id=of_it)
    t.tell(r.SessionCancelled, its_session, **other, session_id=its_session)
    t.tell(r.DockingEventCancelled, other["docking_event_id"], **other)


def _take_part(t: Tale, side: Side) -> None:
    about = {"organization_id": side.organization, "group_id": side.organization}
    facts = about | {"kind": "enterprise", "country": side.country}
    t.tell(r.OrganizationRegistered, side.organization, **facts)
    if t.maybe():
        t.tell(r.OrganizationChanged, side.organization, **{**facts, "kind": "institute"})
    if t.maybe(0.3):
        into = t.new_id()
        t.tell(
            r.OrganizationMerged, side.organization, organization_id=side.organization, into_id=into
        )
        if t.maybe():
            t.tell(
                r.OrganizationUnmerged,
                side.organization,
                organization_id=side.organization,
                out_of_id=into,
            )
    persons = tuple(
        r.Attendee(person_id=person, role="head", mode="on_site", zone="Asia/Urumqi")
        for person in side.persons
    )
    entry = about | {
        "participation_id": side.participation,
        "country": side.country,
        "contact_id": side.persons[0],
        "persons": persons,
    }
    t.tell(r.ParticipationConfirmed, side.participation, **entry)
    if t.maybe():
        t.tell(r.ParticipationChanged, side.participation, **{**entry, "least_meetings": 2})


def _profile(t: Tale, side: Side, number: int) -> None:
    profile = t.new_id()
    codes = {
        "profile_id": profile,
        "organization_id": side.organization,
        "group_id": side.organization,
        "country": side.country,
        "kind": "need" if number % 2 else "offer",
        "docking_events": (t.fair,),
        "valid_until": date(2030, 1, 1),
    }
    for revision in range(1, t.rng.randint(1, 3) + 1 + t.whole):
        words = " ".join(t.rng.sample(WORDS, 4))
        title = Text(original="en", versions={"en": Version(text=words)})
        t.tell(
            r.ProfileState, profile, **codes, tenant=None, revision=revision, texts={"title": title}
        )
        counted = r.ProfilePublished if revision == 1 else r.ProfileRevised
        more = {"original_language": "en", "characters": len(words), "occurred_on": t.on()}
        t.tell(counted, profile, **codes, tenant=None, revision=revision, **more)
    if t.maybe(0.4):
        sequence = t.next_sequence(PROFILES, profile)
        t.told.append(Tombstone(t.new_id(), PROFILES, str(profile), str(profile), sequence))
        ended = r.ProfileWithdrawn if number % 2 else r.ProfileExpired
        t.tell(ended, profile, profile_id=profile, occurred_on=t.on())
    good = t.rng.randint(0, 5)
    t.tell(m.ProfileCoverage, profile, tenant=None, profile_id=profile, good_matches=good)


def _pair(t: Tale) -> tuple[Side, Side]:
    one, other = t.rng.sample(t.sides, 2)
    return one, other


def _request(t: Tale) -> dict[str, Any]:
    asking, asked = _pair(t)
    request = {
        "request_id": t.new_id(),
        "asking_participation_id": asking.participation,
        "asked_participation_id": asked.participation,
    }
    persons = {"asking_persons": asking.persons, "asked_persons": asked.persons}
    t.tell(
        m.MeetingRequested,
        request["request_id"],
        **request,
        **persons,
        expires_at=START + timedelta(days=9),
        occurred_on=t.on(),
    )
    return request | persons


def _answer(t: Tale, request: dict[str, Any], kind: type[Event]) -> None:
    more = {"slots": 2} if kind is m.MeetingCountered else {}
    t.tell(kind, request["request_id"], **request, **more, occurred_on=t.on())
    if kind is m.MeetingCountered:
        t.tell(m.MeetingAccepted, request["request_id"], **request, occurred_on=t.on())
    elif kind is m.MeetingAccepted and t.maybe():
        about = {**request, "timetable_version": 1, "reason": "no_common_slot"}
        t.tell(m.MeetingUnplaced, request["request_id"], **about)


def _proposal(t: Tale) -> None:
    proposal, sides = t.new_id(), _pair(t)
    t.tell(
        m.MeetingProposed,
        proposal,
        proposal_id=proposal,
        participations=[side.participation for side in sides],
        persons=[side.persons for side in sides],
        expires_at=START + timedelta(days=9),
    )


def _meeting(t: Tale, ending: type[Event]) -> None:
    meeting, sides = t.new_id(), _pair(t)
    parties = tuple(
        m.Party(
            participation_id=side.participation,
            organization_id=side.organization,
            group_id=side.organization,
            country=side.country,
            persons=side.persons,
        )
        for side in sides
    )
    start = START + timedelta(minutes=30 * t.rng.randint(0, 7))
    facts = {
        "meeting_id": meeting,
        "timetable_version": 1,
        "parties": parties,
        "start": start,
        "end": start + timedelta(minutes=30),
        "zone": "Asia/Urumqi",
        "session_id": t.session,
        "venue_id": t.venue,
    }
    t.tell(m.MeetingBooked, meeting, **facts)
    later = {"start": start + timedelta(hours=1), "end": start + timedelta(minutes=90)}
    t.tell(m.MeetingMoved, meeting, **{**facts, **later})
    if ending is m.MeetingCancelled:
        t.tell(ending, meeting, meeting_id=meeting, timetable_version=2)
        return
    # What was reported wrongly is put right: held and missed are never both.
    endings = [ending, m.MeetingHeld, m.MeetingNoShow][: t.rng.randint(1, 3)]
    for kind in (each for each, _ in groupby(endings)):
        absent = {"absent": (sides[0].participation,)} if kind is m.MeetingNoShow else {}
        t.tell(kind, meeting, meeting_id=meeting, occurred_on=t.on(), **absent)


def _published(t: Tale) -> None:
    timetable = t.new_id()
    figures = {"booked": 3, "moved": 0, "cancelled": 1, "unplaced": 0}
    t.tell(m.TimetablePublished, timetable, timetable_id=timetable, timetable_version=1, **figures)


def _check_in(t: Tale) -> None:
    side, attendance = t.rng.choice(t.sides), t.new_id()
    t.tell(
        r.CheckedIn,
        attendance,
        attendance_id=attendance,
        session_id=t.session if t.maybe(0.3) else None,
        person_id=t.rng.choice(side.persons),
        organization_id=side.organization,
        country=side.country,
        mode="on_site",
        occurred_on=t.on(),
        zone="Asia/Urumqi",
    )


def _project(t: Tale, *, disputed: bool) -> None:
    project, sides = t.new_id(), _pair(t)
    parties = tuple(
        m.ProjectParty(
            organization_id=side.organization, group_id=side.organization, country=side.country
        )
        for side in sides
    )
    t.tell(m.ProjectOpened, project, project_id=project, parties=parties)
    for stage in STAGES[: t.rng.randint(1, 3)]:
        step = {"project_id": project, "stage": stage, "occurred_on": t.on(), "zone": "Asia/Urumqi"}
        t.tell(m.StageDeclared, project, **step, declared_by=sides[0].organization)
        if disputed:
            t.tell(m.StageDisputed, project, **step, disputed_by=sides[1].organization)
            break
        t.tell(m.StageConfirmed, project, **step)
    t.tell(m.ProjectEnded, project, project_id=project, occurred_on=t.on())


def _end(t: Tale) -> None:
    gone = t.rng.choice(t.sides)
    about = {"participation_id": gone.participation, "organization_id": gone.organization}
    t.tell(r.ParticipationWithdrawn, gone.participation, **about)
    t.tell(r.SessionHeld, t.session, session_id=t.session, kind="matchmaking", occurred_on=DAY)
    t.tell(r.DockingEventStarted, t.fair)
    t.tell(r.DockingEventHeld, t.fair, occurred_on=DAY)
    t.tell(r.DockingEventClosed, t.fair, occurred_on=DAY)
