"""Imports: every error is listed, a wrong file imports nothing, a job applies a right one once."""

import io
import json
import zipfile
from dataclasses import replace
from datetime import timedelta
from uuid import uuid4

import httpx
import pytest
import xlsxwriter
from sqlalchemy import func, select
from support.registration import Json, Person, Scene, done, problem
from techdock_contracts import registration as told
from techdock_registration.adapters import tables
from techdock_registration.adapters.spreadsheets import FileSpreadsheets
from techdock_registration.app import imports
from techdock_registration.entrypoints.jobs import handlers
from techdock_shared.sql.engine import reading
from techdock_shared.sql.worker import MOST_ATTEMPTS, Work, Worker

ORGANIZATIONS = """external_id,kind,name_native,name_latin,name_language,aliases,country,size
O1,enterprise,«Пример»,Primer LLP,ru,Primer; Platform,KZ,small
O2,institute,示例研究院,Example Institute,zh-Hans,,cn,
"""
NEEDS = """external_id;organization;language;title;title_en;summary;trl_least;cooperation;sdg
N1;O1;ru;Опреснение воды;Desalination;Нужна установка;5;licence;6
N2;O2;zh-Hans;海水淡化;;需要设备;;joint_research;6
"""


def csv_of(rows: list[Json]) -> bytes:
    columns = list(dict.fromkeys(key for row in rows for key in row))
    lines = [",".join(columns)]
    lines += [",".join(str(row.get(c, "")) for c in columns) for row in rows]
    return "\n".join(lines).encode()


def workbook_of(rows: list[list[object]]) -> bytes:
    out = io.BytesIO()
    with xlsxwriter.Workbook(out, {"in_memory": True}) as workbook:
        sheet = workbook.add_worksheet("Лист")
        for number, row in enumerate(rows):
            for column, value in enumerate(row):
                sheet.write(number, column, value)
    return out.getvalue()


async def upload(
    scene: Scene,
    kind: str,
    content: bytes | str,
    *,
    who: Person | None = None,
    key: str | None = None,
    **form: str,
) -> httpx.Response:
    person = who or scene.organizer
    data = content.encode() if isinstance(content, str) else content
    return await person.client.post(
        f"/v1/{scene.path}/imports",
        files={"file": ("file", data)},
        data={"kind": kind, **form},
        headers={
            "Authorization": f"Bearer {person.token}",
            "Idempotency-Key": key or uuid4().hex,
        },
    )


async def work(scene: Scene) -> None:
    """Do all jobs that wait."""
    jobs = handlers(scene.world.begin, scene.world.clock, FileSpreadsheets())
    worker = Worker(scene.world.engine, tables.plumbing.jobs, jobs, clock=scene.world.clock)
    while await worker.work_once():
        pass


async def take(scene: Scene, kind: str, content: bytes | str, **form: str) -> Json:
    """Import a file for real, and return how it ended."""
    accepted = await upload(scene, kind, content, dry_run="false", **form)
    assert accepted.status_code == 202, accepted.text
    await work(scene)
    job = await scene.organizer.get(f"imports/{accepted.json()['id']}")
    assert job["state"] == "done", job
    return job


async def rows_in(scene: Scene, *names: str) -> list[int]:
    async with reading(scene.world.engine) as connection:
        return [
            (
                await connection.execute(
                    select(func.count()).select_from(tables.metadata.tables[name])
                )
            ).scalar_one()
            for name in names
        ]


def counts(said: Json) -> tuple[int, int, int]:
    return said["new"], said["updated"], said["unchanged"]


async def test_a_dry_run_writes_nothing_and_a_real_one_what_it_said(scene: Scene) -> None:
    before = await rows_in(scene, "organizations", "outbox", "external_ids", "jobs")

    dry = done(await upload(scene, "organizations", ORGANIZATIONS))

    assert (dry["rows"], counts(dry), dry["errors"]) == (2, (2, 0, 0), [])
    assert await rows_in(scene, "organizations", "outbox", "external_ids", "jobs") == before
    job = await take(scene, "organizations", ORGANIZATIONS)
    assert (job["done"], job["total"], counts(job["report"])) == (2, 2, (2, 0, 0))
    found = (await scene.organizer.get("organizations", q="primer llp"))["items"]
    assert found[0]["aliases"] == ["Primer", "Platform"]
    assert found[0]["external_id"] == "O1"


async def test_a_dry_run_warns_of_names_in_texts_and_takes_the_rows(scene: Scene) -> None:
    await take(scene, "organizations", ORGANIZATIONS)
    rows = (
        "external_id;organization;language;title;title_en;summary\n"
        "N1;O1;ru;Опреснение;Desalination;Нужна установка\n"
        "N2;O1;ru;Опреснение;Write to info@example.org;Primer ищет партнёра\n"
    )

    dry = done(await upload(scene, "needs", rows))

    assert (counts(dry), dry["errors"]) == ((2, 0, 0), [])
    assert [(w["row"], w["column"], w["found"], w["code"]) for w in dry["warnings"]] == [
        (3, "title_en", "info@example.org", "mail"),
        (3, "summary", "Primer", "organization_own"),
    ]
    job = await take(scene, "needs", rows)
    assert (counts(job["report"]), job["report"]["warnings"]) == ((2, 0, 0), [])


async def test_organizations_come_into_a_draft_too_because_it_needs_a_host(scene: Scene) -> None:
    today = scene.world.clock.now().date().isoformat()
    plan = {"code": "DRAFT-1", "names": {"original": "en", "versions": {"en": {"text": "Draft"}}},
            "starts_on": today, "ends_on": today}  # fmt: skip
    draft = await scene.organizer.post(f"tenants/{scene.tenant['id']}/docking-events", plan)
    scene = replace(scene, docking_event=draft)

    job = await take(scene, "organizations", ORGANIZATIONS)

    assert counts(job["report"]) == (2, 0, 0)
    assert problem(await upload(scene, "needs", NEEDS), 409) == "wrong_state"


async def test_the_same_file_twice_changes_nothing_and_another_row_updates(scene: Scene) -> None:
    await take(scene, "organizations", ORGANIZATIONS)
    outbox = await rows_in(scene, "outbox")

    again = done(await upload(scene, "organizations", ORGANIZATIONS, key="dry"))
    same = await take(scene, "organizations", ORGANIZATIONS, partial="true")
    assert counts(again) == counts(same["report"]) == (0, 0, 2)
    assert await rows_in(scene, "outbox") == outbox
    changed = await take(scene, "organizations", ORGANIZATIONS.replace("small", "large"))

    assert counts(changed["report"]) == (0, 1, 1)
    assert isinstance((await scene.world.told())[-1], told.OrganizationChanged)


async def test_needs_are_published_in_their_languages(scene: Scene) -> None:
    await take(scene, "organizations", ORGANIZATIONS)

    job = await take(scene, "needs", NEEDS)

    assert counts(job["report"]) == (2, 0, 0)
    event = scene.docking_event["id"]
    found = (await scene.organizer.get("profiles", docking_event_id=event))["items"]
    by_id = {p["external_id"]: p for p in found}
    assert by_id["N1"]["state"] == "published"
    assert by_id["N1"]["texts"]["title"]["versions"]["en"]["text"] == "Desalination"
    assert by_id["N2"]["cooperation"] == ["joint_research"]
    assert by_id["N2"]["texts"]["title"]["original"] == "zh-Hans"
    events = await scene.world.told()
    assert sum(isinstance(e, told.ProfileState) for e in events) == 2
    assert sum(isinstance(e, told.ProfilePublished) for e in events) == 2


async def test_every_error_is_listed_with_its_place(scene: Scene) -> None:
    await take(scene, "organizations", ORGANIZATIONS)
    rows = [
        [
            "external_id",
            "organization",
            "language",
            "title",
            "summary",
            "trl",
            "sdg",
            "cooperation",
        ],
        ["A", "O1", "ru", "Хорошо", "text", 6, "6; 7", "licence"],
        ["B", "O1", "russian!", "Плохо", "text", "six", 99, "marriage"],
        [],
        ["", "O1", "ru", "", "text", 12, "", ""],
        ["D", "O9", "ru", "Ничья", "text", 3, "", ""],
        ["A", "O1", "ru", "Дважды", "text", 3, "", ""],
    ]

    dry = done(await upload(scene, "offers", workbook_of(rows)))

    assert [(e["row"], e["column"], e["found"]) for e in dry["errors"]] == [
        (3, "language", "russian!"),
        (3, "trl", "six"),
        (5, "external_id", ""),
        (5, "title", ""),
        (6, "organization", "O9"),
        (7, "external_id", "A"),
    ]
    assert {e["sheet"] for e in dry["errors"]} == {"Лист"}
    assert all(e["expected"] for e in dry["errors"])
    assert dry["error_count"] == len(dry["errors"])
    refused = await upload(scene, "offers", workbook_of(rows), dry_run="false", key="real")
    assert problem(refused, 422) == "invalid_rows"
    assert refused.json()["errors"] == dry["errors"]
    assert (await scene.organizer.get("profiles"))["items"] == []
    part = await take(scene, "offers", workbook_of(rows), partial="true")
    assert counts(part["report"]) == (1, 0, 0)
    assert part["report"]["skipped"] == 4
    assert len((await scene.organizer.get("profiles"))["items"]) == 1


async def test_unknown_and_missing_columns_are_named(scene: Scene) -> None:
    wrong = done(await upload(scene, "organizations", "external_id,kind,nam_native\nO1,park,X\n"))

    assert {(e["row"], e["column"]) for e in wrong["errors"]} == {
        (1, "nam_native"),
        (1, "name_native"),
        (1, "name_language"),
        (1, "country"),
    }


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1251"])
@pytest.mark.parametrize("separator", [",", ";", "\t"])
async def test_russian_spreadsheets_are_read_in_their_encodings(
    scene: Scene, encoding: str, separator: str
) -> None:
    text = ORGANIZATIONS.replace("示例研究院", "Институт примеров и образцов").replace("; ", " ")
    content = text.replace(",", separator).encode(encoding)

    dry = done(await upload(scene, "organizations", content))

    assert (dry["rows"], dry["errors"]) == (2, [])


async def test_chinese_spreadsheets_are_read_in_gb18030(scene: Scene) -> None:
    text = ORGANIZATIONS.replace("«Пример»", "示例有限责任公司")

    await take(scene, "organizations", text.encode("gb18030"))

    found = (await scene.organizer.get("organizations", q="示例有限责任公司"))["items"]
    assert len(found) == 1


async def test_participations_have_a_row_for_each_person(scene: Scene) -> None:
    await take(scene, "organizations", ORGANIZATIONS)
    rows = [
        {
            "external_id": "P1",
            "organization": "O1",
            "person_name_native": "Асем",
            "person_name_latin": "Asem",
            "email": "asem@primer.example",
            "role": "head",
            "venue": "main",
            "languages": "ru; en",
            "least_meetings": 2,
        },
        {
            "external_id": "P2",
            "organization": "O2",
            "person_name_native": "王",
            "mode": "remote",
            "zone": "Asia/Shanghai",
        },
        {"external_id": "P1", "organization": "O1", "person_name_native": "Бек", "venue": "urumqi"},
    ]

    job = await take(scene, "participations", csv_of(rows), confirm="true")
    again = done(await upload(scene, "participations", csv_of(rows), key="again"))
    rows[1]["mode"] = "on_site"
    changed = await take(scene, "participations", csv_of(rows))

    assert counts(job["report"]) == (2, 0, 0)
    assert counts(again) == (0, 0, 2)
    assert counts(changed["report"]) == (0, 1, 1)
    listed = (await scene.organizer.get(f"{scene.path}/participations"))["items"]
    first = next(p for p in listed if p["external_id"] == "P1")
    assert [p["names"]["native"] for p in first["persons"]] == ["Асем", "Бек"]
    assert first["state"] == "confirmed"
    asem = await scene.world.sign_in("asem@primer.example")
    assert (await asem.get(f"{scene.path}/me"))["ticket"]
    kinds = [type(e) for e in await scene.world.told() if "participation" in e.type]
    assert kinds == [told.ParticipationConfirmed] * 2 + [told.ParticipationChanged]


async def test_what_is_wrong_with_a_person_is_said_in_the_row(scene: Scene) -> None:
    await take(scene, "organizations", ORGANIZATIONS)
    rows = [
        {"external_id": "P1", "organization": "O1", "person_name_native": "A", "email": "nobody"},
        {"external_id": "P2", "organization": "O1", "person_name_native": "B", "venue": "Paris"},
        {"external_id": "P3", "organization": "O1", "person_name_native": "C", "role": "king"},
        {"external_id": "P4", "organization": "O1", "person_name_native": "D", "zone": "Mars"},
    ]

    dry = done(await upload(scene, "participations", csv_of(rows)))

    assert [(e["row"], e["column"]) for e in dry["errors"]] == [
        (2, "email"),
        (3, "venue"),
        (4, "role"),
        (5, "zone"),
    ]


async def test_foreign_files_are_read_by_a_mapping(scene: Scene) -> None:
    lines = [
        {"id": "S1", "title": "Thermometer", "text": "Wanted", "agency": "Commerce"},
        {"id": "S2", "title": "Antibodies", "text": "Wanted too", "agency": "Army"},
    ]
    content = "\n".join(json.dumps(line) for line in lines)
    mapping = json.dumps(
        {
            "columns": {
                "external_id": "id",
                "title": "title",
                "description": "text",
                "organization": "agency",
            },
            "constants": {"language": "en", "cooperation": "technical_cooperation"},
            "organizations": {"kind": "authority", "country": "US"},
        }
    )

    job = await take(scene, "needs", content, mapping=mapping)
    broken = done(await upload(scene, "needs", content + "\n{broken", mapping=mapping))
    wrong = await upload(scene, "needs", content, mapping='{"columns": {"colour": "id"}}')

    assert counts(job["report"]) == (2, 0, 0)
    assert [(e["row"], e["expected"]) for e in broken["errors"]] == [(3, "a row that can be read")]
    assert problem(wrong, 422) == "invalid"
    found = (await scene.organizer.get("organizations", q="commerce"))["items"]
    assert found[0]["country"] == "US"


async def test_a_job_goes_on_where_it_stopped(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(imports, "STEP", 4)
    rows = [
        {
            "external_id": f"O{n}",
            "kind": "park",
            "name_native": f"Park {n}",
            "name_language": "en",
            "country": "CN",
        }
        for n in range(10)
    ]
    accepted = await upload(scene, "organizations", csv_of(rows), dry_run="false")
    failures = [2, 1]

    original = imports.OrganizationRows.settle

    async def fails_at_times(self, drafts, transaction, at, *, write):  # type: ignore[no-untyped-def]
        tally = await original(self, drafts, transaction, at, write=write)
        if failures and drafts[0].external_id == "O4":
            failures.pop()
            raise RuntimeError
        return tally

    monkeypatch.setattr(imports.OrganizationRows, "settle", fails_at_times)
    import_id = accepted.json()["id"]
    await work(scene)
    part = await scene.organizer.get(f"imports/{import_id}")
    assert (part["state"], part["done"]) == ("queued", 4)
    while failures:
        scene.world.clock.time += timedelta(minutes=2)
        await work(scene)
    scene.world.clock.time += timedelta(minutes=2)
    await work(scene)

    job = await scene.organizer.get(f"imports/{import_id}")
    assert (job["state"], job["done"], counts(job["report"])) == ("done", 10, (10, 0, 0))
    registered = [e for e in await scene.world.told() if isinstance(e, told.OrganizationRegistered)]
    assert len(registered) == 10 + 1, "ten parks and the host"
    async with reading(scene.world.engine) as connection:
        kept = await connection.execute(select(tables.import_files.c.content))
        assert kept.scalar_one() == b""


async def test_imports_are_for_organizers(scene: Scene) -> None:
    asem, *_ = await scene.confirmed("asem@example.org")

    refused = await upload(scene, "organizations", ORGANIZATIONS, who=asem)
    accepted = await upload(scene, "organizations", ORGANIZATIONS, dry_run="false")

    assert problem(refused, 403) == "forbidden"
    hidden = await asem.call("GET", f"imports/{accepted.json()['id']}")
    assert problem(hidden, 404) == "not_found"


async def test_bombs_and_rubbish_are_refused(scene: Scene) -> None:
    bomb = io.BytesIO()
    with zipfile.ZipFile(bomb, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/worksheets/sheet1.xml", b"0" * 130 * 1024 * 1024)
    far = io.BytesIO()
    with zipfile.ZipFile(far, "w", zipfile.ZIP_DEFLATED) as archive:
        cell = b'<c r="XFD1048576"><v>1</v></c>'
        archive.writestr("xl/worksheets/sheet1.xml", b"<sheetData><row>" + cell)
    for content in (bomb.getvalue(), far.getvalue(), b"PK\x03\x04 rubbish", b"\xff\xfe\x00", b"  "):
        answer = await upload(scene, "organizations", content)
        assert problem(answer, 422) == "invalid", content[:20]
    large = await upload(scene, "organizations", b"x" * (10 * 1024 * 1024 + 1))
    assert large.status_code in (413, 422)


async def test_formulas_are_never_computed(scene: Scene) -> None:
    out = io.BytesIO()
    with xlsxwriter.Workbook(out, {"in_memory": True}) as workbook:
        sheet = workbook.add_worksheet()
        for column, head in enumerate(ORGANIZATIONS.split("\n", maxsplit=1)[0].split(",")):
            sheet.write_string(0, column, head)
        for column, cell in enumerate(["O1", "park", "", "", "en", "", "CN", ""]):
            sheet.write_string(1, column, cell)
        sheet.write_formula(1, 2, '=HYPERLINK("http://evil.example")', value="Saved by Excel")

    dry = done(await upload(scene, "organizations", out.getvalue()))

    assert dry["errors"] == []


@pytest.mark.parametrize("ending", ["csv", "xlsx"])
@pytest.mark.parametrize("language", ["zh-Hans", "en", "ru", "ar", "fr"])
async def test_templates_can_be_read_as_they_are(scene: Scene, ending: str, language: str) -> None:
    for kind in ("organizations", "participations", "needs", "offers"):
        answer = await scene.world.anybody.call(
            "GET", f"import-templates/{kind}.{ending}", language=language
        )
        assert answer.status_code == 200
        dry = done(await upload(scene, kind, answer.content))
        assert (dry["rows"], dry["errors"]) == (0, [])


async def test_an_import_that_kills_its_workers_fails(scene: Scene) -> None:
    class Killed(BaseException):
        """The process ends here."""

    async def die(_: Work) -> None:
        raise Killed

    accepted = done(await upload(scene, "organizations", ORGANIZATIONS, dry_run="false"))
    jobs, clock = tables.plumbing.jobs, scene.world.clock
    worker = Worker(scene.world.engine, jobs, {"import": die}, clock=clock)
    for _ in range(MOST_ATTEMPTS):
        with pytest.raises(Killed):
            await worker.work_once()
        clock.time += timedelta(minutes=1)

    await work(scene)

    job = await scene.organizer.get(f"imports/{accepted['id']}")
    assert job["state"] == "failed"
    assert job["error"].startswith("worker_lost: ")
