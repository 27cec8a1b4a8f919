"""The demo's data files hang together: whoever fills the demo can rely on these figures."""

import csv
from collections import Counter
from datetime import time
from itertools import combinations
from zoneinfo import available_timezones

import pycountry
import pytest
from techdock_embedded.demo import files
from techdock_embedded.demo.files import Json

PLAN: Json = files.one("docking_event.json")
ORGANIZATIONS: dict[str, Json] = {o["external_id"]: o for o in files.all_of("organizations")}
PROFILES: dict[str, Json] = {p["external_id"]: p for p in files.all_of("profiles")}
FITS: list[Json] = files.one("fits.json")
REQUESTS: dict[str, Json] = {r["external_id"]: r for r in files.one("requests.json")}
DAY: Json = files.one("day.json")
PROJECTS: list[Json] = files.one("projects.json")
VENUES: dict[str, Json] = {v["external_id"]: v for v in PLAN["venues"]}
CONFIRMED = {
    name for name, o in ORGANIZATIONS.items() if o["participation"]["state"] == "confirmed"
}
PERSONS = [p for o in ORGANIZATIONS.values() for p in o["participation"]["persons"]]
ORIGINALS = {"zh-Hans", "en", "ru", "ar", "es", "fr"}
MOST_ACCEPTED = 9


def accepted() -> list[Json]:
    return [r for r in REQUESTS.values() if r["answer"] == "accepted"]


def contact(organization: str) -> Json:
    part = ORGANIZATIONS[organization]["participation"]
    found: Json = part["persons"][part["contact"]]
    return found


def rows(name: str) -> list[dict[str, str]]:
    text = (files.ROOT / "sheets" / name).read_text(encoding="utf-8")
    return list(csv.DictReader(text.splitlines()))


def test_ids_are_unique() -> None:
    assert len(files.all_of("organizations")) == len(ORGANIZATIONS)
    assert len(files.all_of("profiles")) == len(PROFILES)
    assert len(files.one("requests.json")) == len(REQUESTS)
    emails = [p["email"] for p in (*PERSONS, *PLAN["interpreters"])]
    assert len(emails) == len(set(emails))


def test_sixty_organizations_of_which_fifty_two_are_confirmed() -> None:
    states = Counter(o["participation"]["state"] for o in ORGANIZATIONS.values())
    assert states.total() == 60
    assert states["confirmed"] == 52
    assert set(states) == {"confirmed", "vetted", "applied", "refused", "withdrawn"}


def test_countries_regions_and_zones_exist() -> None:
    assert len({o["country"] for o in ORGANIZATIONS.values()}) == 25
    for name, organization in ORGANIZATIONS.items():
        assert pycountry.countries.get(alpha_2=organization["country"]), name
        assert pycountry.subdivisions.get(code=organization["region"]), name
    for profile in PROFILES.values():
        for country in (*profile["partner_countries"], *profile["excluded_countries"]):
            assert pycountry.countries.get(alpha_2=country), profile["external_id"]
    zones = {p["zone"] for p in PERSONS} | {v["zone"] for v in VENUES.values()}
    assert zones <= available_timezones()


def test_nothing_in_it_can_be_taken_for_somebody_real() -> None:
    for name, organization in ORGANIZATIONS.items():
        assert organization["example"] is True, name
        assert organization["website"].endswith(".example"), name
    assert all(p["email"].endswith(".example") for p in (*PERSONS, *PLAN["interpreters"]))


def test_persons_are_somewhere_and_speak_two_languages() -> None:
    for person in PERSONS:
        assert len(set(person["languages"])) >= 2, person["email"]
        assert person["names"]["native"].strip(), person["email"]
        assert person["names"]["latin"].isascii(), person["email"]
        if person["mode"] == "on_site":
            assert person["zone"] == VENUES[person["venue"]]["zone"], person["email"]
        else:
            assert "venue" not in person, person["email"]


def test_the_docking_event_has_all_roles_venues_and_kinds_of_sessions() -> None:
    kinds = {"plenary", "panel", "themed", "closed_roundtable", "showcase", "training"}
    roles = {o["role"] for o in PLAN["organizers"]}
    assert roles == {"host", "undertaker", "co_organizer", "supporter"}
    assert {o["organization"] for o in PLAN["organizers"]} <= ORGANIZATIONS.keys()
    assert Counter(v["kind"] for v in VENUES.values()) == {"main": 1, "sub_venue": 3, "online": 1}
    assert {s["kind"] for s in PLAN["sessions"]} == {*kinds, "matchmaking"}
    for session in PLAN["sessions"]:
        assert time.fromisoformat(session["start"]) < time.fromisoformat(session["end"])
        assert PLAN["starts_on"] <= session["day"] <= PLAN["ends_on"]
        assert (session["kind"] == "matchmaking") == ("slot_minutes" in session)
        assert set(session.get("invited", ())) <= CONFIRMED
    for venue in VENUES.values():
        assert venue.get("local_host", "org-001") in CONFIRMED
        assert {t["owner"] for t in venue["tables"] if "owner" in t} <= CONFIRMED


def test_three_rounds_of_meetings_in_each_half_day_at_the_main_venue() -> None:
    rounds = Counter(
        (s["day"], s["start"] < "13:00")
        for s in PLAN["sessions"]
        if s["kind"] == "matchmaking" and s["venue"] == "venue-main"
    )
    assert rounds == dict.fromkeys([(0, True), (0, False), (1, True), (1, False)], 3)


@pytest.mark.parametrize("venue", sorted(VENUES))
def test_sessions_for_meetings_at_one_venue_do_not_overlap(venue: str) -> None:
    here = [s for s in PLAN["sessions"] if s["kind"] == "matchmaking" and s["venue"] == venue]
    assert here
    for one, other in combinations(here, 2):
        apart = one["end"] <= other["start"] or other["end"] <= one["start"]
        assert one["day"] != other["day"] or apart, (one["external_id"], other["external_id"])


def test_fifty_five_needs_and_sixty_five_offers_of_confirmed_organizations() -> None:
    assert Counter(p["kind"] for p in PROFILES.values()) == {"need": 55, "offer": 65}
    assert {p["organization"] for p in PROFILES.values()} == CONFIRMED


def test_profiles_are_written_in_six_languages_and_most_have_a_second_version() -> None:
    titles = [p["texts"]["title"] for p in PROFILES.values()]
    assert {t["original"] for t in titles} == ORIGINALS
    assert sum(len(t["versions"]) > 1 for t in titles) == 80
    assert {v["status"] for t in titles for v in t["versions"].values()} == {"human", "machine"}


@pytest.mark.parametrize("name", sorted(PROFILES))
def test_a_profile_says_something_in_every_field(name: str) -> None:
    profile = PROFILES[name]
    own = "partner_sought" if profile["kind"] == "need" else "advantages"
    assert set(profile["texts"]) == {"title", "summary", "description", own}
    for text in profile["texts"].values():
        assert all(version["text"].strip() for version in text["versions"].values())
        assert text["original"] in text["versions"]
    assert len(profile["texts"]["description"]["versions"][text["original"]]["text"]) > 110
    for field in ("cooperation", "technology_keywords", "ipc", "isic", "sdg", "languages"):
        assert profile[field], field
    if profile["kind"] == "need":
        assert 1 <= profile["trl_least"] <= profile["trl_most"] <= 9
    else:
        assert 1 <= profile["trl"] <= 9
    assert 1 <= len(profile["disclosure"]) <= 2


def test_texts_differ_in_substance() -> None:
    for field in ("title", "summary", "description"):
        texts = [p["texts"][field] for p in PROFILES.values()]
        assert len({t["versions"][t["original"]]["text"] for t in texts}) == len(PROFILES)


def in_the_way(need: Json, offer: Json) -> list[str]:
    """Say what keeps an offer from answering a need, as far as codes can tell."""
    countries = [ORGANIZATIONS[p["organization"]]["country"] for p in (need, offer)]
    asked_for = set(need["conditions"]["certificates"])
    faults = {
        "same organization": need["organization"] == offer["organization"],
        "excluded country": countries[1] in need["excluded_countries"]
        or countries[0] in offer["excluded_countries"],
        "stage": not need["trl_least"] <= offer["trl"] <= need["trl_most"],
        "certificate": not asked_for <= set(offer["conditions"]["certificates"]),
        "cooperation": not set(need["cooperation"]) & set(offer["cooperation"]),
    }
    return [fault for fault, there in faults.items() if there]


@pytest.mark.parametrize("fit", FITS, ids=lambda f: f"{f['need']}-{f['offer']}")
def test_a_fit_fits_and_a_near_miss_does_not(fit: Json) -> None:
    need, offer = PROFILES[fit["need"]], PROFILES[fit["offer"]]
    assert (need["kind"], offer["kind"]) == ("need", "offer")
    assert bool(in_the_way(need, offer)) == (fit["kind"] == "near_miss")
    assert fit["why"]


def test_there_are_fits_for_every_need_but_few_and_fifteen_near_misses() -> None:
    assert Counter(f["kind"] for f in FITS) == {"fit": 54, "near_miss": 15}
    assert len({(f["need"], f["offer"]) for f in FITS}) == len(FITS)


def test_a_hundred_and_sixty_requests_with_their_answers() -> None:
    answers = Counter(r["answer"] for r in REQUESTS.values())
    assert answers == {"accepted": 110, "declined": 20, "open": 30}
    pairs = {frozenset((r["asking"], r["asked"])) for r in REQUESTS.values()}
    assert len(pairs) == 160
    assert all(len(pair) == 2 and pair <= CONFIRMED for pair in pairs)


def test_requests_name_profiles_of_their_own_sides() -> None:
    for request in REQUESTS.values():
        for side in ("asking", "asked"):
            if profile := request.get(f"{side}_profile"):
                assert PROFILES[profile]["organization"] == request[side], request["external_id"]


def test_messages_are_in_a_language_of_the_one_who_writes() -> None:
    written = [r for r in REQUESTS.values() if "message" in r]
    assert len(written) == 25
    for request in written:
        spoken = {
            language
            for person in ORGANIZATIONS[request["asking"]]["participation"]["persons"]
            for language in person["languages"]
        }
        assert request["message"]["language"] in spoken, request["external_id"]
        assert 0 < len(request["message"]["text"]) <= 1000


def test_those_who_accepted_can_talk() -> None:
    interpreters = [set(i["languages"]) for i in PLAN["interpreters"]]
    for request in accepted():
        one, other = (set(contact(request[side])["languages"]) for side in ("asking", "asked"))
        helped = any(i & one and i & other for i in interpreters)
        assert one & other or helped, request["external_id"]


def test_two_acceptances_are_more_than_their_organizations_can_keep() -> None:
    agreed = Counter(r[side] for r in accepted() for side in ("asking", "asked"))
    assert max(agreed.values()) <= MOST_ACCEPTED
    over = {}
    for name in CONFIRMED:
        part = ORGANIZATIONS[name]["participation"]
        assert part["least_meetings"] <= agreed[name], name
        if agreed[name] > part.get("most_meetings", PLAN["most_meetings"]):
            over[name] = agreed[name] - part["most_meetings"]
    assert list(over.values()) == [1, 1]


def test_no_shows_are_accepted_requests_and_no_beginning_of_a_project() -> None:
    no_shows = DAY["no_show_requests"]
    named = {*no_shows, *(r for others in DAY["no_show_alternates"].values() for r in others)}
    assert len(set(no_shows)) == 3
    assert named <= {r["external_id"] for r in accepted()}
    assert not named & {p["request"] for p in PROJECTS}
    for name, absent in DAY["absent"].items():
        assert absent in (REQUESTS[name]["asking"], REQUESTS[name]["asked"])
    assert set(DAY["check_in"]["everybody_except"]) <= {p["email"] for p in PERSONS}


def test_the_ladder_of_fourteen_projects() -> None:
    reached = Counter(
        stage["stage"] for p in PROJECTS for stage in p["stages"] if stage["confirmed_by"]
    )
    assert reached == {"intention": 14, "agreement": 6, "contract": 3, "landed": 1}
    assert dict(reached) == DAY["expected"]["projects"]
    pending = [s for p in PROJECTS for s in p["stages"] if not s["confirmed_by"]]
    assert Counter("disputed_by" in stage for stage in pending) == {True: 1, False: 1}


def test_projects_come_of_accepted_requests_and_climb_in_order() -> None:
    ladder = ["intention", "agreement", "contract", "landed"]
    for project in PROJECTS:
        request = REQUESTS[project["request"]]
        assert request["answer"] == "accepted"
        assert set(project["parties"]) == {request["asking"], request["asked"]}
        assert [PROFILES[p]["organization"] for p in project["profiles"]] == project["parties"]
        stages = project["stages"]
        assert [s["stage"] for s in stages] == ladder[: len(stages)]
        assert [s["days_after"] for s in stages] == sorted(s["days_after"] for s in stages)
        for stage in stages:
            others = {*stage["confirmed_by"], *stage.get("disputed_by", ())}
            assert {stage["declared_by"], *others} <= set(project["parties"])
            assert stage["declared_by"] not in others
            assert stage["evidence"]


@pytest.mark.parametrize("kind", ["organizations", "participations", "needs", "offers"])
def test_a_sheet_has_five_rows_that_refer_to_what_is_known(kind: str) -> None:
    known = {*ORGANIZATIONS, *(row["external_id"] for row in rows("organizations.csv"))}
    found = rows(f"{kind}.csv")
    assert len(found) == 5
    for row in found:
        assert row["external_id"]
        assert None not in row
        if kind != "organizations":
            assert row["organization"] in known


def test_every_row_of_the_wrong_sheet_is_wrong_in_its_own_way() -> None:
    one, two, three, four, five = rows("needs_with_errors.csv")
    assert int(one["trl_least"]) > int(one["trl_most"])
    assert two["organization"] not in ORGANIZATIONS
    assert not three["title"]
    assert int(four["trl_most"]) > 9
    assert five["external_id"] == one["external_id"]
