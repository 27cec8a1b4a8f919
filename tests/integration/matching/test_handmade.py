"""Timetables that were made by hand in a spreadsheet, over HTTP."""

import csv
import io
from collections.abc import AsyncIterator, Mapping, Sequence
from pathlib import Path

import pytest
import xlsxwriter
from support.databases import DATABASES
from support.matching import World, at
from support.matching_app import Matching, matching
from support.matching_timetable import agree, begin_fair, draft, publish


@pytest.fixture(params=DATABASES)
async def app(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Matching]:
    async with matching(request.param, tmp_path) as opened:
        yield opened


@pytest.fixture
async def world(app: Matching) -> World:
    world = World()
    await begin_fair(app, world)
    return world


def path(world: World) -> str:
    return f"/docking-events/{world.docking_event}/timetables"


def as_csv(rows: Sequence[Mapping[str, str]]) -> bytes:
    out = io.StringIO()
    writer = csv.DictWriter(out, fieldnames=list(rows[0]), delimiter=";")
    writer.writeheader()
    writer.writerows(rows)
    return out.getvalue().encode("utf-8-sig")


def as_xlsx(rows: Sequence[Mapping[str, str]]) -> bytes:
    out = io.BytesIO()
    with xlsxwriter.Workbook(out) as workbook:
        sheet = workbook.add_worksheet("Plan")
        for column, name in enumerate(rows[0]):
            sheet.write(0, column, name)
            for number, row in enumerate(rows, 1):
                sheet.write(number, column, row[name])
    return out.getvalue()


@pytest.mark.parametrize("write", [as_csv, as_xlsx])
async def test_a_timetable_made_by_hand_becomes_a_draft(
    app: Matching, world: World, write: type[bytes]
) -> None:
    one, other = await agree(app, world, "ana", "bek"), await agree(app, world, "ana", "cui")
    left = await agree(app, world, "bek", "dan")
    rows = [
        # By the clock of Tashkent, five hours before UTC; and by that of UTC.
        {"request": one, "who": "ana and bek", "start": "2026-09-14 11:30", "table": "T02"},
        {"request": other, "who": "=1+1", "start": "2026-09-14T06:00Z", "table": "T04"},
    ]
    organizer = app.organizer(world)
    made = await organizer.upload(path(world), "plan", write(rows))
    slots = {meeting["request_id"]: meeting["first_slot"] for meeting in made["meetings"]}
    assert slots == {one: 1, other: 0}
    assert {m["table_id"] for m in made["meetings"]} == {str(world.table(n)) for n in (2, 4)}
    assert [each["request_id"] for each in made["unplaced"]] == [left]
    assert (made["state"], made["run_id"], made["number"]) == ("draft", None, 1)
    await publish(app, world, made)
    booked = (await organizer.get(f"/docking-events/{world.docking_event}/meetings"))["items"]
    assert [one["start"] for one in booked] == ["2026-09-14T06:00:00Z", "2026-09-14T06:30:00Z"]


async def test_what_breaks_a_rule_names_rule_and_rows(app: Matching, world: World) -> None:
    one, other = await agree(app, world, "ana", "bek"), await agree(app, world, "ana", "cui")
    rows = [
        {"request": one, "start": "2026-09-14 11:30", "table": "T02"},
        {"request": other, "start": "2026-09-14 11:30", "table": "T02"},
    ]
    refused = await app.organizer(world).upload(path(world), "plan.csv", as_csv(rows), 409)
    assert refused["code"] == "breaks_rules"
    assert {error["where"] for error in refused["errors"]} == {"row 2, row 3"}
    assert {error["expected"] for error in refused["errors"]} == {"rule one_place_at_a_time kept"}
    assert (await app.organizer(world).get(path(world)))["items"] == []


async def test_every_cell_that_cannot_be_read_is_named(app: Matching, world: World) -> None:
    one = await agree(app, world, "ana", "bek")
    good = {
        "request": one,
        "start": "2026-09-14 11:30",
        "table": "T02",
        "venue": str(world.venue),
        "interpreter": "",
    }
    wrong = {
        "request": ("nobody", str(world.session)),
        "start": ("tomorrow", "2026-09-14 11:31", "2026-09-14 23:00", ""),
        "table": ("T99", ""),
        "venue": ("here", str(world.session)),
        "interpreter": ("somebody", str(world.session)),
    }
    rows = [good, good, *({**good, name: v} for name, vs in wrong.items() for v in vs)]
    for number, row in enumerate(rows[2:], 2):
        if row["request"] == one:
            rows[number] = {**row, "request": await _another(app, world, number)}
    refused = await app.organizer(world).upload(path(world), "plan.csv", as_csv(rows), 422)
    assert refused["code"] == "invalid_rows"
    told = [error["where"] for error in refused["errors"]]
    names = [name for name, values in wrong.items() for _ in values]
    expected = ["row 3, column request"]
    expected += [f"row {n}, column {name}" for n, name in enumerate(names, 4)]
    assert told == expected
    again = refused["errors"][0]
    assert (again["expected"], again["found"]) == ("each request once", "again, after row 2")


async def _another(app: Matching, world: World, number: int) -> str:
    """Return a further accepted request, between two who were not there yet."""
    names = f"x{number}", f"y{number}"
    await app.hear(*(world.participant(name) for name in names))
    return await agree(app, world, *names)


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"", "empty"),
        (b"start;table\n2026-09-14 11:30;T01\n", "request"),
        (b"request;start\n", "no rows"),
        (b"PK\x03\x04broken", "ZIP"),
        (b"\xff\xfe\x00\xd8", "UTF-8"),
    ],
)
async def test_a_file_that_is_none_is_refused(
    app: Matching, world: World, content: bytes, told: str
) -> None:
    refused = await app.organizer(world).upload(path(world), "plan", content, 422)
    assert told in refused["detail"]


async def test_only_organizers_hand_in_a_timetable(app: Matching, world: World) -> None:
    one = await agree(app, world, "ana", "bek")
    made = await draft(app, world)
    rows = as_csv([{"request": one, "start": at(6).isoformat(), "table": "T01"}])
    await app.participant(world, "ana").upload(path(world), "plan.csv", rows, 403)
    for file in (rows, b"", b"PK\x03\x04broken"):
        await app.stranger().upload(path(world), "plan.csv", file, 404)
    assert made["number"] == 1
    again = await app.organizer(world).upload(path(world), "plan.csv", rows)
    assert again["number"] == 2
