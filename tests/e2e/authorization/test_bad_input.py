"""Whatever is sent, the answer is a clear problem and never a failure of ours."""

from collections.abc import Iterator
from typing import Any
from uuid import uuid4

import httpx
import pytest
from support.authorization_requests import NONE, RECIPES, address
from support.authorization_small import Small
from support.changes import SERVICES, changes, encoded, send
from support.hostile import LONG, NUL, SURROGATE, spoilt
from support.waiting import until
from techdock_shared.http.paging import encode_cursor

pytestmark = pytest.mark.asyncio(loop_scope="session")

LONG_TEXTS = {"text"}
LONG_DRAFTS = {"matching POST /v1/duplicates"}
"""A draft may be as long as what it is compared with."""
"""The last name of a path to a text that may be long: the versions of a Text."""


def faults(answer: httpx.Response, *allowed: int) -> Iterator[str]:
    """Say why an answer is no clear problem with one of these statuses."""
    if answer.status_code not in allowed:
        yield f"{answer.status_code} instead of {allowed}: {answer.text[:200]}"
    elif answer.is_error:
        problem = answer.json()
        if answer.headers["content-type"] != "application/problem+json":
            yield f"not a problem: {answer.headers['content-type']}"
        if not (problem["code"] and problem["detail"] and problem["status"] == answer.status_code):
            yield f"says nothing: {problem}"


async def test_an_unknown_field_is_named(either: Small) -> None:
    wrong = []
    for change in changes(either):
        answer = await send(either, change, encoded({**change.body, "surprise": 1}))
        wrong += [f"{change.name}: {fault}" for fault in faults(answer, 422)]
        errors = answer.json().get("errors", [])
        expected = {"where": "body.surprise", "expected": "no such field", "found": "surprise"}
        if expected not in errors:
            wrong.append(f"{change.name}: {errors}")
    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize(
    ("content", "headers", "status"),
    [
        (b'{"a":', {}, (400, 422)),
        (b"", {}, (400, 422)),
        (b"\xff\xfe{}", {}, (400, 422)),
        (b"[" * 10_000, {}, (400, 422)),
        (b"[]", {}, (422,)),
        (b"null", {}, (422,)),
        (b"1e99999", {}, (400, 422)),
        (b'"\xed\xa0\x80"', {}, (400, 422)),
        (b"{}", {"Content_Type": "text/plain"}, (415, 422)),
        (b"a=b", {"Content_Type": "application/x-www-form-urlencoded"}, (415, 422)),
        (b" " * (256 * 1024 + 1), {}, (413,)),
    ],
    ids=[
        "cut",
        "nothing",
        "utf-16",
        "deep",
        "list",
        "null",
        "number",
        "bytes",
        "plain",
        "form",
        "huge",
    ],
)
async def test_a_broken_body_is_refused(
    either: Small, content: bytes, headers: dict[str, str], status: tuple[int, ...]
) -> None:
    wrong = []
    for change in changes(either):
        answer = await send(either, change, content, **headers)
        wrong += [f"{change.name}: {fault}" for fault in faults(answer, *status)]
    assert not wrong, "\n".join(wrong)


async def test_extreme_values_are_refused_or_taken_and_never_a_failure(either: Small) -> None:
    wrong = []
    for change in changes(either):
        for where, value, body in spoilt(change.document, change.schema, change.body):
            answer = await send(either, change, encoded(body))
            what = f"{change.name}: {where} = {str(value)[:40]!r}: "
            if answer.status_code >= 500:
                wrong.append(f"{what}{answer.status_code} {answer.text[:200]}")
            elif answer.is_error:
                wrong += [what + fault for fault in faults(answer, answer.status_code)]
            if value in (NUL, SURROGATE) and answer.status_code != 422:
                wrong.append(f"{what}not refused: {answer.status_code} {answer.text[:200]}")
            long = value is LONG and where.rpartition(".")[2] not in LONG_TEXTS
            long = long and change.name not in LONG_DRAFTS
            huge = type(value) is int and abs(value) >= 2**63
            if (long or huge) and answer.is_success:
                wrong.append(f"{what}taken: {answer.status_code} {answer.text[:200]}")
    assert not wrong, f"{len(wrong)} faults:\n" + "\n".join(wrong)


SOME_ID = "0190c0de-0000-7000-8000-000000000001"
POSITIONS: tuple[list[Any], ...] = (
    [],
    [1],
    [None],
    [["x"]],
    ["x"],
    ["a\x00b"],
    [SOME_ID],
    ["2026-01-01", SOME_ID],
    ["2026-01-01T00:00:00", SOME_ID],
    ["2026-01-01T00:00:00Z", SOME_ID],
    ["0001-01-01T00:00:00+14:00", SOME_ID],
    ["a\x00b", SOME_ID],
    [SOME_ID, "2026-01-01T00:00:00Z"],
    ["2026-01-01T00:00:00Z", 7],
)
"""Places in a list as somebody may make them up who has seen how a cursor is built."""

QUERIES: dict[str, tuple[Any, ...]] = {
    "limit": ("0", "-1", "201", "99999999999999999999", "x"),
    "cursor": ("x", "bnVsbA", "x" * 2000, "\u4e2d", *map(encode_cursor, POSITIONS)),
}
DEFAULT = ("\x00", LONG, "0001-01-01", "9999-12-31", "0001-01-01T00:00:00+14:00", "-1", "\u4e2d")


async def test_extreme_queries_are_refused_or_answered(either: Small) -> None:
    wrong = []
    headers = {"Authorization": f"Bearer {either.inside.token}"}
    for service in SERVICES:
        document = either.inside.techdock.services[service].http.openapi()
        for path, methods in document["paths"].items():
            for parameter in methods.get("get", {}).get("parameters", ()):
                if parameter["in"] != "query":
                    continue
                name = parameter["name"]
                recipe = RECIPES[service].get(f"GET {path}", NONE)
                for value in QUERIES.get(name, DEFAULT):
                    query = {**recipe.query(either.things), name: value}
                    url = f"/api/{service}{address(path, either.things)}"
                    answer = await either.http.get(url, params=query, headers=headers)
                    allowed = (422,) if value == "\x00" else (200, 403, 404, 422)
                    what = f"GET {service}{path}?{name}={value[:30]!r}"
                    wrong += [f"{what}: {fault}" for fault in faults(answer, *allowed)]
    assert not wrong, f"{len(wrong)} faults:\n" + "\n".join(wrong)


HEAD = b"external_id,kind,name_native,name_language,country\n"
FILES: dict[str, tuple[str, bytes]] = {
    "long name": ("x" * 1000 + ".csv", HEAD + b"1,park,A park,en,CN\n"),
    "name with a path": ("../../etc/passwd\u202e.csv", HEAD + b"2,park,A park,en,CN\n"),
    "U+0000": ("a.csv", HEAD + b"3,park,A\x00park,en,CN\n"),
    "U+0000 in an id": ("a.csv", HEAD + b"\x003,park,A park,en,CN\n"),
    "utf-16": ("a.csv", "external_id,kind\n1,park\n".encode("utf-16")),
    "no text": ("a.csv", bytes(range(256)) * 20),
    "long cell": ("a.csv", HEAD + b"4,park," + b"x" * 100_000 + b",en,CN\n"),
    "many columns": ("a.csv", b"," * 50_000 + b"\n" + HEAD),
    "open quote": ("a.csv", HEAD + b'5,park,"A park,en,CN\n' * 100),
    "no sheet": ("a.xlsx", b"PK\x03\x04" + b"\x00" * 100),
    "lines": ("a.jsonl", b'{"external_id": "6", "kind": "park"}\n{"kind": \n[]\nnull\n'),
    "nothing": ("a.csv", b""),
}


@pytest.mark.parametrize("case", FILES)
@pytest.mark.parametrize("kind", ["organizations", "participations", "needs"])
async def test_a_hostile_file_is_reported_and_takes_nothing_along(
    either: Small, kind: str, case: str
) -> None:
    url = f"/api/registration/v1/docking-events/{either.things['docking_event_id']}/imports"
    headers = {"Authorization": f"Bearer {either.inside.token}"}
    for dry_run in ("true", "false"):
        answer = await either.http.post(
            url,
            files={"file": FILES[case]},
            data={"kind": kind, "dry_run": dry_run, "partial": "true"},
            headers={**headers, "Idempotency-Key": str(uuid4())},
        )
        assert not list(faults(answer, 200, 202, 422))
    if answer.status_code == 202:
        job = f"/api/registration/v1/imports/{answer.json()['id']}"

        async def ended() -> bool:
            state = (await either.http.get(job, headers=headers)).json()["state"]
            assert state != "failed"
            return state == "done"

        await until("the import", ended)


async def test_a_file_that_is_too_large_is_refused(either: Small) -> None:
    url = f"/api/registration/v1/docking-events/{either.things['docking_event_id']}/imports"
    answer = await either.http.post(
        url,
        files={"file": ("a.csv", b"x" * (10 * 1024 * 1024 + 70_000))},
        data={"kind": "organizations"},
        headers={
            "Authorization": f"Bearer {either.inside.token}",
            "Idempotency-Key": str(uuid4()),
        },
    )
    assert not list(faults(answer, 413))


async def test_an_address_that_names_nothing_is_a_clear_problem(either: Small) -> None:
    wrong = []
    headers = {"Authorization": f"Bearer {either.inside.token}"}
    for service in SERVICES:
        document = either.inside.techdock.services[service].http.openapi()
        for path, methods in document["paths"].items():
            if "{" not in path or "get" not in methods:
                continue
            start = path.partition("{")[0]
            for part in ("x", "0", "%00", "%F0%9F%9A%80", "..%2f..", "x" * 3000, uuid4()):
                end = path.rpartition("}")[2]
                url = f"/api/{service}{start}{part}{end if path.count('{') == 1 else ''}"
                answer = await either.http.get(url, headers=headers)
                wrong += [f"{url[:90]}: {fault}" for fault in faults(answer, 404, 405, 422)]
    assert not wrong, "\n".join(wrong)


async def test_versions_and_keys_are_demanded(either: Small) -> None:
    wrong = []
    for change in changes(either):
        right = encoded(change.body)
        tries: list[tuple[dict[str, str], int]] = []
        if change.needs_version:
            tries += [({"If_Match": ""}, 428), ({"If_Match": "*"}, 428)]
            tries += [({"If_Match": text}, 422) for text in ("1", 'W/"1"', '"x"', '"1","2"')]
            tries += [({"If_Match": f'"{"9" * 40}"'}, 422)]
        if change.method == "POST":
            tries += [({"Idempotency_Key": text}, 400) for text in ("", "x" * 201, "\x7f")]
        for headers, status in tries:
            answer = await send(either, change, right, **headers)
            wrong += [f"{change.name} {headers}: {fault}" for fault in faults(answer, status)]
    assert not wrong, "\n".join(wrong)
