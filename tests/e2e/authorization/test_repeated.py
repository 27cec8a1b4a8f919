"""Sent twice it happens once; two people who change one thing lose nothing."""

import asyncio
from collections.abc import Mapping
from typing import Any
from uuid import uuid4

import pytest
from support.authorization_small import Small
from support.changes import changes, encoded, send
from techdock_embedded.client import Json

pytestmark = pytest.mark.asyncio(loop_scope="session")

READS = {"matching POST /v1/duplicates", "registration POST /v1/names"}
ONCE_ONLY = {
    "matching POST /v1/requests/{id}/state",
    "registration POST /v1/docking-events/{docking_event_id}/state",
    "registration POST /v1/participations/{participation_id}/state",
    "registration POST /v1/profiles/{profile_id}/state",
    "registration POST /v1/sessions/{session_id}/state",
}
"""They end what the others ask for."""

EXPECTED_SUCCESSES = 12


async def test_a_post_that_is_sent_again_has_one_effect_and_the_same_answer(small: Small) -> None:
    wrong, succeeded = [], 0
    for change in changes(small):
        if change.method != "POST" or change.name in READS | ONCE_ONLY:
            continue
        key, content = str(uuid4()), encoded(change.body)
        first = await send(small, change, content, Idempotency_Key=key)
        if not first.is_success:
            continue
        succeeded += 1
        again = await send(small, change, content, Idempotency_Key=key)
        if (again.status_code, again.content) != (first.status_code, first.content):
            wrong.append(f"{change.name}: {first.text[:100]} and then {again.text[:200]}")
        if again.headers.get("idempotency-replayed") != "true":
            wrong.append(f"{change.name}: does not say that it was replayed")
        if again.headers.get("etag") != first.headers.get("etag"):
            wrong.append(f"{change.name}: another ETag")
        other = await send(small, change, content + b" ", Idempotency_Key=key)
        if (other.status_code, other.json()["code"]) != (422, "idempotency_key_reused"):
            wrong.append(f"{change.name}: another payload: {other.status_code} {other.text[:200]}")
    assert not wrong, "\n".join(wrong)
    assert succeeded >= EXPECTED_SUCCESSES


async def test_the_same_post_at_the_same_moment_has_one_effect(small: Small) -> None:
    key, name = str(uuid4()), f"Twice {uuid4().hex[:8]}"
    change = next(c for c in changes(small) if c.name == "registration POST /v1/organizations")
    content = encoded({**change.body, "names": {"native": name}})

    answers = await asyncio.gather(
        *(send(small, change, content, Idempotency_Key=key) for _ in range(8))
    )

    made = {a.json()["id"] for a in answers if a.is_success}
    assert len(made) == 1
    refused = [a for a in answers if not a.is_success]
    assert all((a.status_code, a.json()["code"]) == (409, "in_flight") for a in refused)
    assert all("retry-after" in a.headers for a in refused)
    headers = {"Authorization": f"Bearer {small.inside.token}"}
    listed = await small.http.get(
        "/api/registration/v1/organizations", params={"q": name}, headers=headers
    )
    assert {one["id"] for one in listed.json()["items"]} == made


async def test_a_key_of_somebody_else_gives_nothing_away(small: Small) -> None:
    key = str(uuid4())
    change = next(c for c in changes(small) if c.name == "registration POST /v1/tokens")
    content = encoded(change.body)
    mine = await send(small, change, content, Idempotency_Key=key)
    other = await small.inside.another(f"other.{uuid4().hex[:8]}@techdock.example")
    theirs = await send(Small(other, small.things), change, content, Idempotency_Key=key)
    assert mine.status_code == theirs.status_code == 201
    assert mine.json()["token"] != theirs.json()["token"]


TWO: Mapping[str, tuple[Json, Json]] = {
    "registration PATCH /v1/me": ({"language": "ru"}, {"languages": ["en", "ru"]}),
    "registration PATCH /v1/organizations/{organization_id}": (
        {"size": "small"},
        {"website": "https://alpha.example"},
    ),
    "registration PATCH /v1/docking-events/{docking_event_id}": (
        {"series": "Silk Road"},
        {"programmes": ["water"]},
    ),
    "registration PATCH /v1/sessions/{session_id}": ({"capacity": 40}, {"break_minutes": 5}),
    "registration PATCH /v1/participations/{participation_id}": (
        {"least_meetings": 1},
        {"most_meetings": 9},
    ),
    "registration PATCH /v1/profiles/{profile_id}": ({"trl_least": 5}, {"sdg": [6]}),
}
"""What two people change of one thing, each another field."""


async def test_two_people_who_change_one_thing_lose_nothing(small: Small) -> None:
    wrong = []
    headers = {"Authorization": f"Bearer {small.inside.token}"}
    asked = {change.name: change for change in changes(small)}
    assert set(TWO) <= set(asked)
    for name, bodies in TWO.items():
        change = asked[name]
        url = change.url(small.things)
        before = await small.http.get(url, headers=headers)
        etag = before.headers["etag"]
        answers = await asyncio.gather(
            *(send(small, change, encoded(body), If_Match=etag) for body in bodies)
        )
        if sorted(answer.status_code for answer in answers) != [200, 409]:
            wrong.append(f"{name}: {[(a.status_code, a.text[:150]) for a in answers]}")
            continue
        first = 0 if answers[0].is_success else 1
        refused = answers[1 - first].json()
        if refused["code"] != "changed_meanwhile":
            wrong.append(f"{name}: {refused}")
        again = await send(
            small, change, encoded(bodies[1 - first]), If_Match=answers[first].headers["etag"]
        )
        after = (await small.http.get(url, headers=headers)).json()
        both: dict[str, Any] = {**bodies[0], **bodies[1]}
        if again.status_code != 200 or not both.items() <= after.items():
            wrong.append(f"{name}: {both} not in {after}")
    assert not wrong, "\n".join(wrong)


async def test_every_change_rests_on_the_version_that_was_read(small: Small) -> None:
    """Also those that are not tried by two: a version of long ago is refused everywhere."""
    wrong, tried = [], 0
    for change in changes(small):
        if not change.needs_version:
            continue
        tried += 1
        answer = await send(small, change, encoded(change.body), If_Match='"0"')
        # Nobody has planned or weighed yet: version 0; and nothing was proposed.
        first = change.path.endswith(("/frame", "/weights"))
        gone = change.path == "/v1/proposals/{id}/state"
        if answer.status_code not in ((200, 409) if first else (404,) if gone else (409, 403)):
            wrong.append(f"{change.name}: {answer.status_code} {answer.text[:200]}")
    assert not wrong, "\n".join(wrong)
    assert tried >= 15
