"""What things may say: checks that name the field, what was expected and what was found."""

from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.build_registration import (
    NOON,
    attendee,
    content,
    docking_event,
    entry,
    facts,
    organization,
    outline,
    plan,
    text,
    venue,
)
from techdock_registration.domain import codes
from techdock_registration.domain.access import ApiToken, RoleGrant, SignInLink
from techdock_registration.domain.organization import (
    Identifiers,
    Merged,
    OrganizationState,
    Unmerged,
)
from techdock_registration.domain.profile_content import FIELDS, OPEN, Content
from techdock_registration.domain.rules import is_email, is_language
from techdock_registration.domain.spans import Span, disjoint
from techdock_registration.domain.states import WrongState
from techdock_registration.domain.texts import Text, Version
from techdock_registration.domain.venue import Desk
from techdock_shared.errors import Invalid, NotFound, Unauthorized


@pytest.mark.parametrize(
    ("changes", "where"),
    [
        ({"trl_least": 0}, "trl_least"),
        ({"trl_least": 6, "trl_most": 5}, "trl_most"),
        ({"ipr_status": "mine"}, "ipr_status"),
        ({"cooperation": ("marriage",)}, "cooperation"),
        ({"partner_countries": ("XX",)}, "partner_countries"),
        ({"partner_countries": ("KZ",), "excluded_countries": ("KZ",)}, "excluded_countries"),
        ({"ipc": ("water",)}, "ipc"),
        ({"isic": ("04",)}, "isic"),
        ({"isic": ("a",)}, "isic"),
        ({"sdg": (18,)}, "sdg"),
        ({"technology_field": 36}, "technology_field"),
        ({"languages": ("russian!",)}, "languages"),
        ({"technology_keywords": ("",)}, "technology_keywords"),
        ({"technology_keywords": tuple("k" * n for n in range(1, 60))}, "technology_keywords"),
        ({"disclosure": {"title": "nda"}}, "disclosure.title"),
        ({"disclosure": {"summary": "later"}}, "disclosure.summary"),
        ({"disclosure": {"price": "open"}}, "disclosure"),
        ({"texts": {}}, "texts.title"),
        ({"texts": {"title": text("x" * 501)}}, "texts.title.versions.en"),
        ({"texts": {"title": text(), "story": text()}}, "texts"),
    ],
)
def test_a_profile_names_the_field_that_is_wrong(changes: dict[str, Any], where: str) -> None:
    with pytest.raises(Invalid) as refused:
        content(**changes)

    assert where in {error.where for error in refused.value.errors}


def test_every_fault_is_told_and_not_only_the_first() -> None:
    with pytest.raises(Invalid) as refused:
        content(trl_least=0, sdg=(0, 99), ipr_status="mine")

    assert [error.where for error in refused.value.errors] == [
        "trl_least",
        "ipr_status",
        "sdg",
        "sdg",
    ]
    assert refused.value.errors[0].expected == "1 to 9"
    assert refused.value.errors[0].found == "0"


def test_the_codes_of_the_interface_are_known() -> None:
    everything = content(
        ipr_status="secret_know_how",
        cooperation=("licence", "shared_data"),
        ipc=("C02F", "C02F1/44", "A01"),
        isic=("A", "01", "0111"),
        sdg=(6, 17),
        technology_field=24,
        partner_kinds=("joint_laboratory",),
    )

    assert everything.level("summary") == OPEN


@given(st.dictionaries(st.sampled_from(FIELDS[1:]), st.sampled_from(["open", "accepted", "nda"])))
def test_what_is_not_open_is_not_shown(disclosure: dict[str, str]) -> None:
    full = Content(
        (uuid4(),),
        {name: text(f"secret {name}") for name in FIELDS[:7]},
        NOON.date(),
        trl=4,
        ipr_status="granted",
        cooperation=("licence",),
        technology_keywords=("membrane",),
        sdg=(6,),
        technology_field=24,
        partner_countries=("KZ",),
        disclosure=disclosure,
    )

    shown = full.shown_at(frozenset({OPEN}))

    for name in FIELDS:
        hidden = disclosure.get(name, OPEN) != OPEN
        if name in FIELDS[:7]:
            assert (name in shown.texts) == (not hidden)
        elif hidden:
            assert getattr(shown, name) in (None, (), type(full.conditions)())
        else:
            assert getattr(shown, name) == getattr(full, name)


@pytest.mark.parametrize(
    ("changes", "where"),
    [
        ({"kind": "shop"}, "kind"),
        ({"country": "kz"}, "country"),
        ({"region": "KZ-ALA1"}, "region"),
        ({"region": "RU-MOW"}, "region"),
        ({"size": "huge"}, "size"),
        ({"website": "javascript:alert(1)"}, "website"),
        ({"aliases": ("",)}, "aliases"),
    ],
)
def test_an_organization_names_the_field_that_is_wrong(changes: dict[str, Any], where: str) -> None:
    with pytest.raises(Invalid) as refused:
        facts(**changes)

    assert where in {error.where for error in refused.value.errors}


def test_identifiers_have_their_forms() -> None:
    assert Identifiers("05a28rw58", "5493001KJTIIGC8Y1R12", "91110000100000000X")
    with pytest.raises(Invalid, match="ror"):
        Identifiers(ror="x")


def test_a_merge_can_be_undone_and_stays_in_the_history() -> None:
    one, other = organization(), organization()

    merged = one.merge(other, NOON)
    back = merged.unmerge(NOON + timedelta(days=1))

    assert merged.merged_into == other.id
    assert back.state is OrganizationState.ACTIVE
    assert back.merged_into is None
    assert back.facts == one.facts
    assert [(m.into_id, m.undone_at) for m in back.merges] == [(other.id, NOON + timedelta(days=1))]
    assert [type(h) for h in back.happened] == [Merged, Unmerged]
    with pytest.raises(WrongState):
        other.merge(merged, NOON)
    with pytest.raises(Invalid, match="itself"):
        one.merge(one, NOON)


def test_a_closed_roundtable_is_for_its_invited_only() -> None:
    with pytest.raises(Invalid, match="visibility must be invited"):
        plan(kind="closed_roundtable", visibility="public")
    assert plan(kind="closed_roundtable", visibility="invited")


@pytest.mark.parametrize(
    "changes",
    [
        {"kind": "matchmaking"},
        {"kind": "matchmaking", "slot_minutes": 7},
        {"kind": "plenary", "slot_minutes": 30},
        {"kind": "matchmaking", "slot_minutes": 30, "break_minutes": 3},
        {
            "kind": "matchmaking",
            "slot_minutes": 30,
            "time": Span(NOON + timedelta(minutes=1), NOON + timedelta(hours=1)),
        },
    ],
)
def test_slots_lie_on_ticks_of_five_minutes(changes: dict[str, Any]) -> None:
    with pytest.raises(Invalid):
        plan(**changes)


@given(st.lists(st.tuples(st.integers(0, 47), st.integers(1, 6)), min_size=2, max_size=6))
def test_a_person_never_has_overlapping_hours(pairs: list[tuple[int, int]]) -> None:
    spans = tuple(
        Span(NOON + timedelta(hours=start), NOON + timedelta(hours=start + length))
        for start, length in pairs
    )
    clash = any(
        a.start < b.end and b.start < a.end for i, a in enumerate(spans) for b in spans[i + 1 :]
    )

    assert disjoint(spans) == (not clash)
    if clash:
        with pytest.raises(Invalid, match="hours"):
            attendee(hours=spans)
    else:
        assert attendee(hours=spans).hours == spans


def test_a_contact_is_one_of_the_persons_and_nobody_comes_twice() -> None:
    person = attendee()

    with pytest.raises(Invalid, match="contact must be one of the persons"):
        entry(person, contact_id=uuid4())
    with pytest.raises(Invalid, match="each person once"):
        entry(person, person)
    with pytest.raises(Invalid, match="at most one head"):
        entry(attendee(role="head"), attendee(role="head"))
    with pytest.raises(Invalid, match="most_meetings must be 3 to 1000"):
        entry(person, least_meetings=3, most_meetings=2)


def test_a_person_on_site_is_at_a_venue_and_a_remote_one_is_not() -> None:
    with pytest.raises(Invalid, match="venue_id"):
        attendee(mode="on_site")
    with pytest.raises(Invalid, match="venue_id"):
        attendee(mode="remote", venue_id=uuid4())


def test_venues_have_one_main_one_and_tables_with_different_labels() -> None:
    with pytest.raises(Invalid, match="one main venue"):
        docking_event(venues=(venue(), venue()))
    with pytest.raises(Invalid, match="different labels"):
        venue(tables=(Desk(uuid4(), "T01"), Desk(uuid4(), "T01")))
    with pytest.raises(Invalid, match="country"):
        venue(country=None)
    assert venue(kind="online", country=None, city=None)


def test_days_and_codes_of_a_docking_event_are_checked() -> None:
    with pytest.raises(Invalid, match="ends_on"):
        outline(ends_on=outline().starts_on - timedelta(days=1))
    with pytest.raises(Invalid, match="code"):
        outline(code="no spaces please")


def test_a_text_has_its_original_among_its_versions() -> None:
    with pytest.raises(Invalid, match="original"):
        Text("ru", {"en": Version("water")})
    with pytest.raises(Invalid, match="BCP 47"):
        Text("english!", {"english!": Version("water")})
    with pytest.raises(Invalid, match=r"versions.en.status"):
        Text("en", {"en": Version("water", "perfect")})
    both = Text("ru", {"ru": Version("вода"), "en": Version("water", "machine")})
    assert (both.best("en", "ru"), both.best("fr"), both.first) == ("water", "вода", "вода")


@pytest.mark.parametrize("address", ["a@b.co", "имя@пример.рф", "x.y+z@sub.example.org"])
def test_mail_addresses_are_known_by_their_form(address: str) -> None:
    assert is_email(address)


@pytest.mark.parametrize("address", ["", "a", "a@b", "a b@c.de", "a@b.c\nBcc: x@y.z", "<a@b.co>"])
def test_what_is_no_mail_address_is_refused(address: str) -> None:
    assert not is_email(address)


def test_language_tags_have_a_form() -> None:
    assert all(map(is_language, ("en", "zh-Hans", "zh-Hans-CN", "es-419", "kk")))
    assert not any(map(is_language, ("", "EN", "english", "zh_Hans", "en-")))


def test_every_list_of_codes_has_labels_in_four_languages() -> None:
    for name in codes.lists():
        if name in ("country", "language"):
            continue
        for code in codes.edition(name, NOON.date()).codes.values():
            assert set(code.labels) == set(codes.LANGUAGES), (name, code.code)
            assert all(code.labels.values()), (name, code.code)
    with pytest.raises(NotFound, match="organization_kind"):
        codes.edition("nothing", NOON.date())


def test_a_sign_in_link_works_once_and_for_fifteen_minutes() -> None:
    link = SignInLink.issue(b"x" * 32, uuid4(), NOON)

    used = link.redeem(NOON + timedelta(minutes=14, seconds=59))

    with pytest.raises(Unauthorized):
        used.redeem(NOON + timedelta(minutes=14, seconds=59))
    with pytest.raises(Unauthorized):
        link.redeem(NOON + timedelta(minutes=15))


def test_roles_and_tokens_are_of_known_kinds() -> None:
    with pytest.raises(Invalid, match="role"):
        RoleGrant(uuid4(), uuid4(), "king", NOON, uuid4())
    with pytest.raises(Invalid, match="tenant_id"):
        RoleGrant(uuid4(), uuid4(), "organizer", NOON)
    with pytest.raises(Invalid, match="tenant_id"):
        RoleGrant(uuid4(), uuid4(), "administrator", NOON, uuid4())
    with pytest.raises(Invalid, match="scopes"):
        ApiToken(uuid4(), uuid4(), "t", b"", "td_", ("everything",), NOON)
