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


MATCHES: list[Json] = [
    a_match(w.OFFER, w.QILIAN, w.P_QILIAN, 1, 2, "strong",
            reasons=[reason("topic", True, 0.61, terms=["засорение капельниц", "солоноватая вода", "автономное питание"]),
                     reason("trl", True, 0.2, least=7, most=9, theirs=8), reason("climate", True, 0.1, shared=["semi_arid"]),
                     reason("cooperation", True, 0.1, shared=["licence"]), reason("ipr_status", False, 0.1, mine=None, theirs="secret_know_how"),
                     reason("price_band", None, 0.05, mine="middle")],
            reasons_there=[reason("country", True, 0.1, country="KZ"), reason("language", None, 0.1, mine=["ru"], theirs=["zh"])],
            quotes=[{"language": "ru", "mine": "Ищем капельные линии, которые **не забиваются** при воде с минерализацией 3–4 г/л.",
                     "theirs": "Капельница с самопромывным каналом проработала два сезона **без засорения**."}]),
    a_match(w.OFFER_2, w.HEXI, w.P_HEXI, 3, 1, "good",
            reasons=[reason("topic", True, 0.3, terms=["солёность"]), reason("trl", False, 0.2, least=7, most=9, theirs=4),
                     reason("power", False, 0.1, mine=["off_grid"], theirs=["grid"])],
            reasons_there=[], request={"id": w.R_SENT, "state": "sent"}),
    a_match(w.OFFER_3, w.WADI, w.P_WADI, 7, 5, "possible", reasons=[reason("topic", False, 0.1)], reasons_there=[]),
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
            "interpreter_id": w.uid(121), "profiles": [w.NEED, w.OFFER], "calendar_sequence": 0,
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
     "change": {"code": "free_slot", "params": {"start": "2027-04-22T10:00:00Z", "participation_id": w.P_WADI}}, "checked": True},
    {"request_id": w.R_SENT, "reason": {"code": "interpreter", "params": {"languages": ["zh", "ru"]}},
     "change": {"code": "add_interpreter", "params": {"languages": ["zh", "ru"], "start": "2027-04-21T08:00:00Z"}}, "checked": True},
]  # fmt: skip
TIMETABLES: dict[str, Json] = {
    w.TIMETABLE: {"id": w.TIMETABLE, "version": 3, "number": 2, "state": "draft", "docking_event_id": w.DE,
                  "meetings": list(MEETINGS.values()), "unplaced": UNPLACED, "created_at": "2027-04-15T09:00:00Z",
                  "figures": {"placed": 2, "unplaced": 2, "gaps": 1, "worst_hour": "21:30"}},
    w.TIMETABLE_2: {"id": w.TIMETABLE_2, "version": 2, "number": 1, "state": "superseded", "docking_event_id": w.DE,
                    "meetings": [MEETINGS[w.MEETING]], "unplaced": [], "created_at": "2027-04-12T09:00:00Z",
                    "figures": {"placed": 1, "unplaced": 0, "gaps": 0}},
}  # fmt: skip
PROJECTS: dict[str, Json] = {
    w.PROJECT: {"id": w.PROJECT, "version": 2, "docking_event_id": w.DE, "meeting_id": w.MEETING, "parties": [w.TAMSHY, w.QILIAN],
                "profiles": [w.NEED, w.OFFER], "stage": "intention", "ended": False, "direction": "in",
                "stages": [
                    {"stage": "intention", "occurred_on": "2027-04-21", "declared_by": w.TAMSHY, "confirmed_by": [w.TAMSHY, w.QILIAN],
                     "state": "confirmed", "evidence_sha256": None},
                    {"stage": "agreement", "occurred_on": "2027-06-02", "declared_by": w.QILIAN, "confirmed_by": [w.QILIAN],
                     "state": "declared", "evidence_sha256": "9c41" + "0" * 60},
                ]},
}  # fmt: skip


def a_figure(code: str, value: int | None, unit: str, **more: Any) -> Json:
    return {"indicator": code, "definition_version": 1, "value": value, "unit": unit, **more}


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
    "as_of": "2027-06-30", "position": 1204417, "checksum": "e2a9" + "b" * 60, "answer_id": w.uid(131),
    "figures": [
        {"indicator": "EVENTS_HELD", "value": 317, "flag": None, "unit": "events",
         "phrase": {"zh-Hans": "300余场", "en": "more than 300", "ru": "более 300", "ar": "أكثر من 300"}},
        {"indicator": "HEADCOUNT", "value": 120, "flag": None, "unit": "persons", "phrase": {}},
        {"indicator": "FOREIGN", "value": None, "flag": "c", "unit": "persons", "phrase": {}},
        {"indicator": "MEETINGS_BOOKED", "value": 110, "flag": None, "unit": "meetings", "phrase": {}},
        {"indicator": "MEETINGS_HELD", "value": 100, "flag": None, "unit": "meetings", "phrase": {}},
    ],
    "docking_events": [{"id": w.DE, "code": "DRY-2027", "held_on": "2027-04-22", "figures": [
        {"indicator": "HEADCOUNT", "value": 120, "flag": None, "unit": "persons"},
        {"indicator": "FOREIGN", "value": None, "flag": "c", "unit": "persons"}]}],
}  # fmt: skip
INDICATORS: Json = {"items": [
    {"indicator": code, "version": 1, "unit": unit, "class": "P" if code == "EVENTS_HELD" else "C", "names": names, "definitions": definition}
    for code, unit, names, definition in (
        ("EVENTS_HELD", "events", {"zh-Hans": "已举办对接活动", "en": "Docking events held", "ru": "Проведённые мероприятия", "ar": "فعاليات أُقيمت"},
         {"zh-Hans": "按场次计", "en": "once per docking event", "ru": "по одному разу", "ar": "مرة لكل فعالية"}),
        ("HEADCOUNT", "persons", {"zh-Hans": "到场人数", "en": "Persons present", "ru": "Присутствовали", "ar": "الحاضرون"}, {}),
        ("FOREIGN", "persons", {"zh-Hans": "境外人员", "en": "From abroad", "ru": "Из-за рубежа", "ar": "من الخارج"}, {}),
    )
]}  # fmt: skip
