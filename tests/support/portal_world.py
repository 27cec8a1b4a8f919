# ruff: noqa: RUF001 - texts in four scripts
"""Believable answers of the three services: two sides, several languages; all invented."""

from typing import Any

Json = dict[str, Any]


def uid(number: int) -> str:
    return f"01900000-0000-7000-8000-{number:012d}"


DE, TENANT = uid(1), uid(2)
MAIN, ALMATY, RIYADH, ONLINE = uid(11), uid(12), uid(13), uid(14)
QILIAN, TAMSHY, WADI, GOBI, HEXI = uid(21), uid(22), uid(23), uid(24), uid(25)
P_QILIAN, P_TAMSHY, P_WADI, P_GOBI, P_HEXI = uid(31), uid(32), uid(33), uid(34), uid(35)
LI, AIGERIM, FAISAL = uid(41), uid(42), uid(43)
NEED, OFFER, DRAFT, OFFER_2, OFFER_3 = uid(51), uid(52), uid(53), uid(54), uid(55)
R_SENT, R_IN, R_PLACED, R_COUNTERED = uid(61), uid(62), uid(63), uid(64)
MEETING, MEETING_2, PROJECT = uid(71), uid(72), uid(73)
TIMETABLE, TIMETABLE_2, RUN, IMPORT = uid(81), uid(82), uid(83), uid(84)
MATCHMAKING, PLENARY = uid(91), uid(92)
TABLE_1, TABLE_2, TABLE_3 = uid(101), uid(102), uid(103)
LETTER = uid(111)


def text(original: str, **versions: str) -> Json:
    return {
        "original": original,
        "versions": {
            tag.replace("_", "-"): {
                "text": value,
                "status": "human" if tag.replace("_", "-") == original else "machine",
            }
            for tag, value in versions.items()
        },
    }


def a_table(id: str, label: str) -> Json:
    return {"id": id, "label": label, "equipment": ["video_link"], "owner_id": None}


DOCKING_EVENT: Json = {
    "id": DE, "tenant_id": TENANT, "version": 4, "state": "open", "code": "DRY-2027",
    "names": text(
        "zh-Hans", zh_Hans="旱作节水农业技术交流对接活动",
        en="Water-saving and dryland farming technologies",
        ru="Водосбережение и засушливое земледелие", ar="تقنيات توفير المياه والزراعة الجافة",
    ),
    "summary": text(
        "en", en="Two days of talks, a showcase and bilateral meetings between those who need a "
        "technology for dry land and those who offer one.",
        ru="Два дня докладов, выставка и двусторонние встречи.",
    ),
    "starts_on": "2027-04-21", "ends_on": "2027-04-22", "edition": 4,
    "languages": ["zh", "en", "ru", "ar"], "programmes": ["B&R-2027"], "most_meetings": 8,
    "deadlines": {"apply_until": "2027-03-20T10:00:00Z", "request_until": "2027-04-14T10:00:00Z"},
    "organizers": [
        {"organization_id": GOBI, "role": "undertaker",
         "names": {"native": "戈壁缘技术转移中心", "latin": "Gobi Edge Technology-Transfer Centre", "language": "zh-Hans"}},
        {"organization_id": TAMSHY, "role": "co_organizer",
         "names": {"native": "Жетісу Тамшы", "latin": "Zhetisu Tamshy", "language": "kk"}},
    ],
    "venues": [
        {"id": MAIN, "kind": "main", "names": text("zh-Hans", zh_Hans="兰州国际会议中心", en="Lanzhou Convention Centre"),
         "city": text("zh-Hans", zh_Hans="兰州", en="Lanzhou", ru="Ланьчжоу", ar="لانتشو"),
         "country": "CN", "zone": "Asia/Shanghai", "local_host_id": GOBI, "capacity": 220, "link": None,
         "tables": [a_table(TABLE_1, "L1"), a_table(TABLE_2, "L2")]},
        {"id": ALMATY, "kind": "sub_venue", "names": text("ru", ru="Дом воды", en="Steppe Water House"),
         "city": text("ru", ru="Алматы", en="Almaty", zh_Hans="阿拉木图", ar="ألماتي"), "country": "KZ",
         "zone": "Asia/Almaty", "local_host_id": TAMSHY, "capacity": 40, "tables": [a_table(TABLE_3, "A1")]},
        {"id": RIYADH, "kind": "sub_venue", "names": text("ar", ar="حاضنة وادي النخيل", en="Palm Valley Incubator"),
         "city": text("ar", ar="الرياض", en="Riyadh", ru="Эр-Рияд", zh_Hans="利雅得"), "country": "SA",
         "zone": "Asia/Riyadh", "capacity": 40, "tables": []},
        {"id": ONLINE, "kind": "online", "names": text("en", en="Video rooms"), "city": None, "country": None,
         "zone": "UTC", "capacity": None, "link": "https://video.example/room", "tables": []},
    ],
    "interpreters": [{"id": uid(122), "person_id": uid(121),
                      "languages": ["zh", "ru"], "venue_id": MAIN, "hours": []}],
}  # fmt: skip


def a_session(id: str, kind: str, start: str, end: str, names: Json, **more: Any) -> Json:
    return {
        "id": id,
        "docking_event_id": DE,
        "version": 1,
        "state": "planned",
        "kind": kind,
        "names": names,
        "venue_id": MAIN,
        "zone": "Asia/Shanghai",
        "start": start,
        "end": end,
        "visibility": "public",
        "capacity": 220,
        **more,
    }


SESSIONS = [
    a_session(PLENARY, "plenary", "2027-04-21T02:00:00Z", "2027-04-21T03:00:00Z",
              text("en", en="Opening, and four words from the sub-venues", ru="Открытие")),
    a_session(uid(93), "showcase", "2027-04-21T06:00:00Z", "2027-04-21T10:30:00Z",
              text("en", en="21 products and projects, with their offers")),
    a_session(uid(94), "closed_roundtable", "2027-04-22T02:00:00Z", "2027-04-22T04:00:00Z",
              text("en", en="Financing of pilots"), visibility="invited"),
    a_session(MATCHMAKING, "matchmaking", "2027-04-21T07:00:00Z", "2027-04-21T10:30:00Z",
              text("en", en="Bilateral meetings"), slot_minutes=30, break_minutes=0),
]  # fmt: skip

ORGANIZATIONS: dict[str, Json] = {
    QILIAN: {"native": "祁连旱作节水研究所", "latin": "Qilian Dryland Institute", "language": "zh-Hans", "country": "CN", "kind": "institute"},
    TAMSHY: {"native": "ТОО «Жетісу Тамшы»", "latin": "Zhetisu Tamshy LLP", "language": "kk", "country": "KZ", "kind": "enterprise"},
    WADI: {"native": "شركة وادي النخيل الزراعية", "latin": "Wadi al-Nakheel", "language": "ar", "country": "SA", "kind": "enterprise"},
    GOBI: {"native": "戈壁缘技术转移中心", "latin": "Gobi Edge Technology-Transfer Centre", "language": "zh-Hans", "country": "CN", "kind": "transfer_center"},
    HEXI: {"native": "河西传感器厂", "latin": "Hexi Sensor Works", "language": "zh-Hans", "country": "CN", "kind": "enterprise"},
}  # fmt: skip
OF_PARTICIPATION = {P_QILIAN: QILIAN, P_TAMSHY: TAMSHY, P_WADI: WADI, P_GOBI: GOBI, P_HEXI: HEXI}
PERSONS: dict[str, Json] = {
    LI: {"native": "李青", "latin": "Li Qing"},
    AIGERIM: {"native": "Айгерим Сеитова", "latin": "Aigerim Seitova"},
    uid(121): {"native": "Лейла Хаддад", "latin": "Leila Haddad"},
    FAISAL: {"native": "فيصل العتيبي", "latin": "Faisal al-Otaibi"},
}


def an_account(email: str, native: str, latin: str, tag: str, **more: Any) -> Json:
    return {
        "id": uid(900),
        "version": 3,
        "email": email,
        "names": {"native": native, "latin": latin},
        "language": tag,
        "languages": [tag],
        "roles": [],
        "participations": [],
        "organizations": [],
        "consents": [
            {
                "purpose": "contacts",
                "text_version": "1",
                "given": True,
                "at": "2027-03-01T08:00:00Z",
            }
        ],
        **more,
    }


def a_part(participation: str, organization: str) -> Json:
    return {
        "participation_id": participation,
        "docking_event_id": DE,
        "organization_id": organization,
        "head": True,
    }


ACCOUNTS: dict[str, Json] = {
    "organizer": an_account("organizer@gobi-edge.example", "王敏", "Wang Min", "zh-Hans",
                            roles=[{"name": "organizer", "tenant_id": TENANT, "docking_event_id": None, "organization_id": GOBI}]),
    "participant": an_account("aigerim@tamshy.example", "Айгерим Сеитова", "Aigerim Seitova", "ru",
                              participations=[a_part(P_TAMSHY, TAMSHY)], organizations=[TAMSHY]),
    "analyst": an_account("analyst@ministry.example", "", "Ministry analyst", "en",
                          roles=[{"name": "analyst", "tenant_id": TENANT}]),
    "administrator": an_account("root@techdock.example", "", "Administrator", "en",
                                roles=[{"name": "administrator", "tenant_id": None}]),
}  # fmt: skip


def a_profile(id: str, kind: str, organization: str, state: str, texts: Json, **more: Any) -> Json:
    return {"id": id, "version": 2, "revision": 1, "kind": kind, "organization_id": organization, "state": state,
            "docking_events": [DE], "texts": texts, "trl": None, "trl_least": None, "trl_most": None,
            "ipr_status": None, "cooperation": ["licence", "joint_research"], "technology_keywords": ["drip irrigation"],
            "market_keywords": [], "ipc": ["A01G 25/02"], "isic": ["A01"], "sdg": [6], "technology_field": 29,
            "languages": ["ru"], "partner_kinds": ["institute"], "partner_countries": [], "excluded_countries": [],
            "conditions": {"climate": ["semi_arid"], "water": ["brackish"], "power": ["off_grid"], "skill_level": "trained",
                           "price_band": "middle", "certificates": ["eac"]},
            "disclosure": {"description": "accepted"}, "valid_until": "2028-03-31", **more}  # fmt: skip


PROFILES: dict[str, Json] = {
    NEED: a_profile(NEED, "need", TAMSHY, "published", {
        "title": text("ru", ru="Капельный полив солоноватой водой без внешней сети", en="Drip irrigation with brackish water off the grid"),
        "summary": text("ru", ru="Ищем капельные линии, которые не забиваются при воде с минерализацией 3–4 г/л, для 600 га сада в предгорьях. Установка должна работать без внешней сети."),
        "description": text("ru", ru="Сад стоит на склоне, вода из скважин."),
    }, trl_least=7, trl_most=9),
    DRAFT: a_profile(DRAFT, "offer", TAMSHY, "draft", {
        "title": text("ru", ru="Сборка узлов полива на месте"), "summary": text("ru", ru="Собираем и обслуживаем узлы."),
    }, trl=9),
    OFFER: a_profile(OFFER, "offer", QILIAN, "published", {
        "title": text("zh-Hans", zh_Hans="5克/升微咸水自冲洗滴灌带", en="Self-flushing drip line for water up to 5 g/L", ru="Самопромывная капельная лента для воды до 5 г/л"),
        "summary": text("zh-Hans", zh_Hans="滴头采用自冲洗流道，连续运行两季未堵塞。", ru="Капельница с самопромывным каналом проработала два сезона на воде с минерализацией 5 г/л без засорения. Узел питается от солнечной панели 40 Вт."),
    }, trl=8),
    OFFER_2: a_profile(OFFER_2, "offer", HEXI, "published", {
        "title": text("zh-Hans", zh_Hans="土壤盐分无线传感器", ru="Датчик солёности почвы с передачей по радио", en="Soil salinity sensor by radio")}, trl=4),
    OFFER_3: a_profile(OFFER_3, "offer", WADI, "published", {
        "title": text("ar", ar="سماد من سعف النخيل", en="Fertilizer from palm fronds", ru="Удобрение из пальмовых листьев")}, trl=9),
}  # fmt: skip
