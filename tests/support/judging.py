"""Looks at a docking event through the public interface of all services, and judges a history.

What clients were told and what registration and matching show must go together; what reporting
counts, and who was written to, must follow from what those two show.
"""

from collections import Counter
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from techdock_embedded.client import Client, Json, Refused

from support.history import History, twice
from support.stage import SERVICES, SIDES, Stage
from support.waiting import until

TICK = timedelta(minutes=5)
ANSWERED = {"accepted", "declined"}
AGREED = {"accepted", "placed", "unplaced"}
SETTLE_S = 30.0


@dataclass
class Findings:
    """What is there."""

    profiles: list[Json] = field(default_factory=list)
    attendance: list[Json] = field(default_factory=list)
    requests: dict[str, Json] = field(default_factory=dict)
    meetings: list[Json] = field(default_factory=list)
    mails: list[Json] = field(default_factory=list)

    def published(self, kind: str) -> set[str]:
        return {p["id"] for p in self.profiles if p["kind"] == kind and p["state"] == "published"}

    def live(self) -> list[Json]:
        return [meeting for meeting in self.meetings if meeting["state"] != "cancelled"]


async def judge(stage: Stage, history: History) -> list[str]:
    """Return everything that is wrong; nothing, when all promises were kept."""
    found = await _find(stage)
    wrong = [*history.errors, *_commands(history, found), *_slots(found)]
    wrong += [said async for said in _figures(stage, found)]
    wrong += [said async for said in _mails(stage, found)]
    wrong += [said async for said in _lists(stage, found)]
    wrong += [said async for said in _set_aside(stage)]
    return wrong


async def _find(stage: Stage) -> Findings:
    story, found = stage.story, Findings()
    assert story.organizer
    profiles = "registration/v1/profiles"
    every = story.organizer.every
    found.profiles = [p async for p in every(profiles, docking_event_id=stage.docking_event)]
    found.attendance = [a async for a in every(f"{story.event_path}/attendance")]
    for who in SIDES:
        # A message is for the two sides only.
        sent = story.people[who].every(f"{story.matching_path}/requests", mine="out")
        found.requests |= {request["id"]: request async for request in sent}
    found.meetings = [m async for m in every(f"{story.matching_path}/meetings")]
    return found


def _commands(history: History, found: Findings) -> Iterator[str]:
    titles = [_title(profile) for profile in found.profiles]
    yield from history.judge("profile", titles)
    state = {_title(profile): profile["state"] for profile in found.profiles}
    steps = {"submitted": {"submitted", "published"}, "published": {"published"}}
    for step, reached in steps.items():
        taken = {each.name for each in history.of(step)}
        yield from history.judge(step, [t for t in titles if t in taken and state[t] in reached])
    texts = [request["message"]["text"] for request in found.requests.values()]
    yield from history.judge("request", texts)
    yield from _answers(history, found)
    yield from _check_ins(history, found)


def _answers(history: History, found: Findings) -> Iterator[str]:
    """Of all who answered a request one succeeded, and it is as that one said."""
    for to, shown in (("accepted", AGREED), ("declined", {"declined"})):
        said = Counter(each.name.split()[0] for each in history.of(to) if each.outcome == "ok")
        maybe = {each.name.split()[0] for each in history.of(to) if each.outcome == "info"}
        for request_id, times in said.items():
            if times > 1 or found.requests[request_id]["state"] not in shown:
                is_ = found.requests[request_id]["state"]
                yield f"request {request_id} was {to} {times} times and is {is_}"
        there = {id_ for id_, request in found.requests.items() if request["state"] in shown}
        for request_id in there - said.keys() - maybe:
            yield f"request {request_id} is {to}, and nobody did it"


def _check_ins(history: History, found: Findings) -> Iterator[str]:
    """Each person counts once at each place where somebody was told so, and nowhere else."""
    counted = Counter(f"{a['person_id']} {a['session_id']}" for a in found.attendance)
    yield from (f"{what} counts {times} times" for what, times in counted.items() if times > 1)
    looks = [(each.name.rpartition(" ")[0], each.outcome) for each in history.of("check_in")]
    told = {what for what, outcome in looks if outcome == "ok"}
    maybe = {what for what, outcome in looks if outcome == "info"}
    yield from (f"{what} was checked in and is not there" for what in told - counted.keys())
    yield from (f"{what} is there unasked" for what in counted.keys() - told - maybe)


def _slots(found: Findings) -> Iterator[str]:
    slots: list[tuple[str, str]] = []
    for meeting in found.live():
        start, end = map(datetime.fromisoformat, (meeting["start"], meeting["end"]))
        who = [person for party in meeting["parties"] for person in party["persons"]]
        who += [meeting[it] for it in ("table_id", "interpreter_id") if meeting[it]]
        while start < end:
            slots += [(each, start.isoformat()) for each in who]
            start += TICK
    yield from twice(slots)
    requests = Counter(m["request_id"] for m in found.live() if m["request_id"])
    yield from (f"{id_} has {n} meetings" for id_, n in requests.items() if n > 1)
    placed = {id_ for id_, request in found.requests.items() if request["state"] == "placed"}
    yield from (f"request {id_} and its meeting disagree" for id_ in placed ^ requests.keys())


def oracle(found: Findings) -> dict[str, set[str]]:
    """What stands behind each figure, from what registration and matching show."""
    agreed = {id_ for id_, request in found.requests.items() if request["state"] in AGREED}
    return {
        "HEADCOUNT": {a["person_id"] for a in found.attendance},
        "NEEDS": found.published("need"),
        "OFFERS": found.published("offer"),
        "REQUESTS_SENT": set(found.requests),
        "REQUESTS_ACCEPTED": agreed,
        "MEETINGS_BOOKED": {meeting["id"] for meeting in found.live()},
    }


async def _figures(stage: Stage, found: Findings) -> AsyncIterator[str]:
    story = stage.story
    organizer = story.organizer
    assert organizer
    path = f"reporting/v1/docking-events/{stage.docking_event}/figures"
    expected = oracle(found)
    counts = {indicator: len(ids) for indicator, ids in expected.items()}

    async def heard() -> bool:
        figures = (await organizer.get(path, as_of="2999-12-31"))["figures"]
        return counts.items() <= {(f["indicator"], f["value"]) for f in figures}

    try:
        await until("reporting has heard all", heard, within_s=SETTLE_S)
    except AssertionError as error:
        yield f"figures: {error}"
    for indicator, ids in expected.items():
        counted = await organizer.get(f"{path}/{indicator}/list", as_of="2999-12-31")
        if counted["ids"] != sorted(ids):
            yield f"{indicator}: reporting has {len(counted['ids'])}, it should be {len(ids)}"


async def _mails(stage: Stage, found: Findings) -> AsyncIterator[str]:
    """Only heads have a mail address: each of them was told of each request, once."""
    heads = {persons[0] for persons in stage.persons.values()}
    asked = [r for r in found.requests.values() if heads & set(r["asked_persons"])]
    asking = [r for r in found.requests.values() if heads & set(r["asking_persons"])]
    answered = [r for r in asking if r["state"] in AGREED | ANSWERED]
    wanted = {"request_received": len(asked), "request_answered": len(answered)}
    organizer = stage.story.organizer
    assert organizer
    mails: Counter[str] = Counter()
    states: Counter[str] = Counter()

    async def sent() -> bool:
        mails.clear()
        states.clear()
        async for mail in organizer.every(f"{stage.story.event_path}/mails"):
            mails[mail["reason"]] += 1
            states[mail["state"]] += 1
        # One whose sender was killed waits until its lease is over.
        told = all(mails[reason] == times for reason, times in wanted.items())
        return told and states.keys() <= {"sent", "sending"}

    try:
        await until("the mails are out", sent, within_s=SETTLE_S)
    except AssertionError:
        yield f"mails should be {wanted}, are {dict(mails)}, {dict(states)}"


async def _lists(stage: Stage, found: Findings) -> AsyncIterator[str]:
    """Every published profile has its list, in which nothing stands that is not published."""
    organizer = stage.story.organizer
    assert organizer
    for kind, others in (("need", "offer"), ("offer", "need")):
        for id_ in sorted(found.published(kind)):
            done = partial(_complete, organizer, id_, stage.docking_event)
            try:
                items = (await until(f"the list of {id_}", done, within_s=SETTLE_S))["items"]
            except AssertionError as error:
                yield str(error)
                continue
            listed = [item["profile_id"] for item in items]
            if len(set(listed)) < len(listed) or set(listed) - found.published(others):
                yield f"the list of {id_} has what does not belong: {listed}"
    drafts = {p["id"] for p in found.profiles if p["state"] != "published"}
    for id_ in sorted(drafts):
        try:
            await organizer.get(f"matching/v1/profiles/{id_}/matches")
        except Refused as refused:
            if refused.status == 404:
                continue
        yield f"{id_} is not published and has a list"


async def _complete(organizer: Client, id_: str, docking_event: str) -> Json | None:
    try:
        found = await organizer.get(
            f"matching/v1/profiles/{id_}/matches", docking_event_id=docking_event
        )
    except Refused as refused:
        if refused.status == 404:
            return None
        raise
    return found if found["complete"] and found["computed_at"] else None


async def _set_aside(stage: Stage) -> AsyncIterator[str]:
    for service in SERVICES:
        async for letter in stage.story.administrator.every(f"{service}/v1/dead-letters"):
            if letter["id"] in stage.letters:
                continue
            yield f"{service} could not handle {letter['topic']}: {letter['error']}"


def _title(profile: Any) -> str:
    return str(profile["texts"]["title"]["versions"]["en"]["text"])
