# ruff: noqa: RUF001 - texts in four scripts
"""What matching and reporting answer about the world of `portal_world`."""

from typing import Any

from support import portal_world as w

Json = dict[str, Any]


def reason(code: str, fits: bool | None, weight: float, **params: Any) -> Json:
    return {"code": code, "fits": fits, "params": params, "weight": weight}


def a_match(
    profile: str,
    organization: str,
    participation: str,
    rank: int,
    there: int,
    strength: str,
    **more: Any,
) -> Json:
    return {
        "profile_id": profile,
        "kind": "offer",
        "organization_id": organization,
        "participation_id": participation,
        "rank": rank,
        "rank_there": there,
        "strength": strength,
        "reasons": [],
        "reasons_there": [],
        "quotes": [],
        "request": None,
        **more,
    }


def kept(profile: str, organization: str, reason: str | None = None) -> Json:
    return {
        "profile_id": profile,
        "kind": "offer",
        "organization_id": organization,
        "country": "CN",
        "title": w.PROFILES[profile]["texts"]["title"],
        "person_id": w.AIGERIM,
        "at": "2027-04-03T08:00:00Z",
        "reason": reason,
    }


def lesson(about: str, lesson: str, count: int, weight: int, *values: str) -> Json:
    return {
        "about": about, "lesson": lesson, "count": count, "weight": weight, "values": list(values)}  # fmt: skip


MATCHES: list[Json] = [
    a_match(w.OFFER, w.QILIAN, w.P_QILIAN, 1, 2, "strong",
            reasons=[reason("text", True, 610, reader="need", language="ru", terms=["капельницы", "солоноватая вода", "питание"], shares=[500, 300, 200]),
                     reason("meaning", True, 240, reader="need", mine=["ru"], theirs=["zh-Hans"]),
                     reason("codes", True, 300, reader="need", keyword=["drip irrigation"], sdg=[6, 13], ipc=["A01G25/02"]),
                     reason("trl", True, 200, reader="need", least=7, most=9, stated=8), reason("climate", True, 100, reader="need", need=["semi_arid"], offer=["semi_arid"], shared=["semi_arid"]),
                     reason("cooperation", True, 90, reader="need", need=["licence"], offer=["licence"], shared=["licence"]),
                     reason("language", False, -80, reader="need", need=["ru"], offer=["zh"], shared=[]),
                     reason("certificates", False, -70, reader="need", need=["eac"], offer=[], lacks=["eac"]),
                     reason("price_band", None, 0, reader="need", need="middle", offer=None), reason("ipr", True, 20, reader="need", status="granted"),
                     reason("missing", None, 0, reader="need", fields=["price_band", "description"])],
            reasons_there=[reason("text", True, 610, reader="offer", language="ru", terms=["капельницы", "солоноватая вода", "питание"], shares=[500, 300, 200]),
                           reason("country", True, 0, reader="offer", wants=["KZ", "UZ"], **{"is": "KZ"}), reason("partner_kind", True, 100, reader="offer", wants=["enterprise"], **{"is": "enterprise"}),
                           reason("missing", None, 0, reader="offer", fields=["water"])],
            quotes=[{"language": "ru", "mine": "Ищем капельные линии, которые не забиваются при воде с минерализацией 3–4 г/л.",
                     "theirs": "Капельница с самопромывным каналом проработала два сезона на солоноватой воде.", "terms": ["капельные", "воде"],
                     "versions_mine": {"en": {"text": "We look for drip lines that do not clog at 3–4 g/l.", "status": "machine"}},
                     "versions_theirs": {"zh-Hans": {"text": "自冲洗滴头在微咸水中运行了两季。", "status": "human"}}}],
            saved=True, moved=2, taught=[lesson("field", "saved", 2, 160, "29"), lesson("topic", "asked", 1, 160, "капельные линии"),
                                         lesson("country", "saved", 1, 30, "CN"), lesson("words", "saved", 1, 120, "капельницы"), lesson("self", "saved", 1, 160), lesson("cooperation", "saved", 1, 20, "licence")]),
    a_match(w.OFFER_2, w.HEXI, w.P_HEXI, 3, 1, "good",
            reasons=[reason("no_shared_text", None, 0, reader="need", mine=["ru"], theirs=["zh-Hans"]), reason("trl", False, -200, reader="need", least=7, most=9, stated=4),
                     reason("power", False, -100, reader="need", need=["off_grid"], offer=["grid"], shared=[])],
            moved=-1, taught=[lesson("stage", "too_early", 1, -200, "4"), lesson("group", "competitor", 2, -600), lesson("field", "field", 1, -250, "29")],
            request={"id": w.R_SENT, "state": "sent"}),
    a_match(w.OFFER_3, w.WADI, w.P_WADI, 7, None, "possible", reasons=[reason("codes", False, 10, reader="need")]),
]  # fmt: skip


def a_request(id: str, state: str, asking: str, asked: str, **more: Any) -> Json:
    return {
        "id": id,
        "version": 1,
        "docking_event_id": w.DE,
        "state": state,
        "asking_participation_id": asking,
        "asked_participation_id": asked,
        "asking_persons": [w.AIGERIM if asking == w.P_TAMSHY else w.LI],
        "asked_persons": [w.AIGERIM if asked == w.P_TAMSHY else w.LI],
        "asking_profile_id": w.NEED,
        "asked_profile_id": w.OFFER,
        "slots": 1,
        "message": None,
        "expires_at": "2027-04-10T10:00:00Z",
        "created_at": "2027-04-03T08:00:00Z",
        **more,
    }


REQUESTS: dict[str, Json] = {
    w.R_SENT: a_request(
        w.R_SENT,
        "sent",
        w.P_TAMSHY,
        w.P_HEXI,
        message={"language": "ru", "text": "Хотим увидеть датчик в работе."},
    ),
    w.R_IN: a_request(
        w.R_IN,
        "sent",
        w.P_QILIAN,
        w.P_TAMSHY,
        asking_profile_id=w.OFFER,
        asked_profile_id=w.NEED,
        message={"language": "zh-Hans", "text": "我们想在贵方果园做示范。"},
    ),
    w.R_PLACED: a_request(w.R_PLACED, "placed", w.P_TAMSHY, w.P_QILIAN),
    w.R_COUNTERED: a_request(w.R_COUNTERED, "countered", w.P_TAMSHY, w.P_WADI, slots=2),
}


def a_meeting(
    id: str, start: str, end: str, state: str, other: str, table: str, **more: Any
) -> Json:
    return {"id": id, "docking_event_id": w.DE, "request_id": w.R_PLACED, "version": 1, "state": state,
            "start": start, "end": end, "zone": "Asia/Almaty", "venue_id": w.ALMATY, "table_id": table, "link": None,
            "interpreter_id": w.uid(121), "profiles": [w.NEED, w.OFFER], "calendar_sequence": 0, "session_id": w.MATCHMAKING, "timetable_version": 2, "absent": [],
            "parties": [{"participation_id": w.P_TAMSHY, "organization_id": w.TAMSHY, "persons": [w.AIGERIM]},
                        {"participation_id": other, "organization_id": w.OF_PARTICIPATION[other], "persons": [w.LI]}],
            **more}  # fmt: skip


MEETINGS: dict[str, Json] = {
    w.MEETING: a_meeting(
        w.MEETING, "2027-04-21T07:00:00Z", "2027-04-21T07:30:00Z", "booked", w.P_QILIAN, w.TABLE_3
    ),
    w.MEETING_2: a_meeting(
        w.MEETING_2,
        "2027-04-21T08:30:00Z",
        "2027-04-21T09:00:00Z",
        "moved",
        w.P_WADI,
        w.TABLE_3,
        link="https://video.example/m2",
        interpreter_id=None,
    ),
}
UNPLACED: list[Json] = [
    {"request_id": w.R_COUNTERED, "reason": {"code": "no_common_slot", "params": {}},
     "change": {"code": "free_person", "params": {"start": "2027-04-22T10:00:00Z", "person": w.AIGERIM}}, "checked": True},
    {"request_id": w.R_SENT, "reason": {"code": "no_interpreter", "params": {"languages": ["zh", "ru"]}},
     "change": {"code": "add_interpreter", "params": {"languages": ["zh", "ru"], "start": "2027-04-21T08:00:00Z"}}, "checked": True},
]  # fmt: skip
PLACEMENTS: list[Json] = [
    {"request_id": w.R_PLACED, "session_id": w.MATCHMAKING, "first_slot": 0, "slots": 1, "venue_id": w.MAIN, "table_id": w.TABLE_1, "interpreter_id": w.uid(121)},
    {"request_id": w.R_IN, "session_id": w.MATCHMAKING, "first_slot": 1, "slots": 2, "venue_id": w.MAIN, "table_id": w.TABLE_2, "interpreter_id": None},
]  # fmt: skip
TIMETABLES: dict[str, Json] = {
    w.TIMETABLE: {"id": w.TIMETABLE, "version": 3, "number": 2, "state": "draft", "docking_event_id": w.DE,
                  "meetings": PLACEMENTS, "unplaced": UNPLACED, "created_at": "2027-04-15T09:00:00Z",
                  "locked": [w.R_PLACED], "edited": 3,
                  "figures": {"placed": 2, "unplaced": 2, "changes": 4, "proven": True,
                              "cost": {"below_wish": 1, "unplaced": 2, "worst_hour": 0, "gaps": 5, "gap_spread": 1, "changes": 6, "moved": 4}}},
    w.TIMETABLE_2: {"id": w.TIMETABLE_2, "version": 2, "number": 1, "state": "superseded", "docking_event_id": w.DE,
                    "meetings": PLACEMENTS[:1], "unplaced": [], "created_at": "2027-04-12T09:00:00Z",
                    "figures": {"placed": 1, "unplaced": 0}},
}  # fmt: skip
PROJECTS: dict[str, Json] = {
    w.PROJECT: {"id": w.PROJECT, "version": 2, "docking_event_id": w.DE, "meeting_id": w.MEETING, "parties": [{"organization_id": w.TAMSHY, "country": "KZ"}, {"organization_id": w.QILIAN, "country": "CN"}],
                "profiles": [w.NEED, w.OFFER], "stage": "intention", "ended_on": None, "direction": "in",
                "stages": [
                    {"stage": "intention", "occurred_on": "2027-04-21", "declared_by": w.TAMSHY, "confirmed_by": [w.TAMSHY, w.QILIAN],
                     "state": "confirmed", "evidence_sha256": None},
                    {"stage": "agreement", "occurred_on": "2027-06-02", "declared_by": w.QILIAN, "confirmed_by": [w.QILIAN],
                     "state": "declared", "evidence_sha256": "9c41" + "0" * 60},
                    {"stage": "contract", "occurred_on": "2027-08-02", "declared_by": w.TAMSHY, "confirmed_by": [w.TAMSHY], "state": "disputed",
                     "evidence_sha256": None, "disputed_by": [{"organization_id": w.QILIAN, "reason": "尚未签署"}]},
                ]},
}  # fmt: skip


def a_standing(participation: str, *lacks: str, **more: Any) -> Json:
    return {"participation_id": participation, "organization_id": w.OF_PARTICIPATION[participation], "person_count": 1, "languages": ["en", "zh-Hans"],
            "needs": 0, "offers": 2, "to_answer": 0, "accepted": 1, "lacks": list(lacks), **more}  # fmt: skip


STANDINGS: list[Json] = [
    a_standing(
        w.P_GOBI, "persons", "profiles", "languages", person_count=0, offers=0, languages=[]
    ),
    a_standing(w.P_TAMSHY, "answers", needs=1, to_answer=2),
    a_standing(w.P_QILIAN),
]
READINESS: Json = {
    "confirmed": 3, "ready": 1, "missing": {"persons": 1, "profiles": 1, "languages": 1, "answers": 1},
    "profiles": {"need": 9876, "offer": 5432}, "requests": {"sent": 2, "countered": 1, "placed": 4},
}  # fmt: skip


def words(text: str) -> dict[str, str]:
    return {"zh-Hans": f"{text} 中", "en": text, "ru": f"{text} ру", "ar": f"{text} ع"}


def a_figure(code: str, value: int | None, unit: str, **more: Any) -> Json:
    return {"indicator": code, "definition_version": 1, "value": value, "unit": words(unit), **more}


FIGURES: Json = {
    "as_of": "2027-04-30", "as_known": "2027-05-01T00:00:00Z", "position": 1204417, "checksum": "9c41" + "a" * 60,
    "figures": [a_figure("EVENTS_HELD", 1, "events"), a_figure("HEADCOUNT", 118, "persons"), a_figure("FOREIGN", 52, "persons"),
                a_figure("COUNTRIES", 14, "countries"), a_figure("NEEDS", 71, "profiles"), a_figure("OFFERS", 49, "profiles"),
                a_figure("MEETINGS_BOOKED", 108, "meetings"), a_figure("MEETINGS_HELD", 101, "meetings")],
    "ladder": {"reached": {"intention": 14, "agreement": 6, "contract": 3, "landed": 1, "verified": 0},
               "now": {"intention": 8, "agreement": 3, "contract": 2, "landed": 1, "verified": 0},
               "unconfirmed": {"intention": 2, "agreement": 1, "contract": 0, "landed": 0, "verified": 0}},
}  # fmt: skip
MINISTRY: Json = {
    "id": w.uid(131), "at": "2027-07-15T02:00:00Z", "position": 1204417, "question": {"tenants": [w.TENANT], "since": None, "until": None, "as_of": "2027-06-30"},
    "figures": [
        {"indicator": "EVENTS_HELD", "value": 317, "flag": "", "unit": words("events"),
         "phrase": {"zh-Hans": "300余场", "en": "more than 300", "ru": "более 300", "ar": "أكثر من 300"}},
        {"indicator": "HEADCOUNT", "value": 120, "flag": "", "unit": words("persons"), "phrase": {}},
        {"indicator": "FOREIGN", "value": None, "flag": "[c]", "unit": words("persons"), "phrase": {}},
        {"indicator": "MEETINGS_HELD", "value": 100, "flag": "", "unit": words("meetings"), "phrase": {}},
    ],
    "docking_events": [{"id": w.DE, "code": "DRY-2027", "held_on": "2027-04-22", "as_of": "2027-04-30", "figures": [
        {"indicator": "HEADCOUNT", "value": 120, "flag": ""}, {"indicator": "FOREIGN", "value": None, "flag": "[c]"}]}],
}  # fmt: skip
CODES = (
    "EVENTS_HELD",
    "HEADCOUNT",
    "FOREIGN",
    "COUNTRIES",
    "NEEDS",
    "OFFERS",
    "MEETINGS_BOOKED",
    "MEETINGS_HELD",
)
INDICATORS: Json = {"version": 1, "items": [
    {"code": code, "version": 1, "disclosure": "P" if code == "EVENTS_HELD" else "C", "names": words(code.capitalize()), "definitions": words("counts each once"),
     "units": words("persons")} for code in CODES]}  # fmt: skip
SLOTS = [
    {
        "session_id": w.MATCHMAKING,
        "number": n,
        "venue_id": w.MAIN,
        "zone": "Asia/Shanghai",
        "start": f"2027-04-21T{7 + n // 2:02}:{30 * (n % 2):02}:00Z",
        "end": f"2027-04-21T{7 + (n + 1) // 2:02}:{30 * ((n + 1) % 2):02}:00Z",
    }
    for n in range(7)
]
FRAME: Json = {
    "docking_event_id": w.DE,
    "version": 2,
    "slots": SLOTS,
    "tables": [{}, {}, {}],
    "interpreters": 1,
    "requests": 4,
    "planning": {"buffer_minutes": 0, "travel": [], "seed": 1, "seconds": 10},
}
