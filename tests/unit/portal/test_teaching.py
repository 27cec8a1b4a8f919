"""Match cards: what joins both sides, in my language; and what I taught, with the way back."""

import re

import pytest
from support import portal_answers as a
from support import portal_world as w
from support.portal_api import FakeApi
from techdock_portal import cards
from techdock_portal.i18n import LANGUAGES, language
from techdock_portal.taught import lessons

from .conftest import Visit

E = f"/docking-events/{w.DE}"
LIST = f"{E}/matches?profile={w.NEED}"


@pytest.mark.parametrize(
    ("deed", "method", "path", "body"),
    [
        ("save", "POST", "saved-matches", {"profile_id": w.OFFER}),
        ("unsave", "DELETE", f"saved-matches/{w.OFFER}", {}),
        ("restore", "DELETE", f"dismissals/{w.OFFER}", {}),
    ],
)
async def test_a_deed_reaches_matching_and_leads_back_to_the_list(
    visit: Visit, api: FakeApi, deed: str, method: str, path: str, body: dict[str, str]
) -> None:
    data = {"profile_id": w.OFFER, "_key": "k-7", "plain": "1"}
    answer = await visit("participant").post(f"{E}/profiles/{w.NEED}/{deed}", data=data)
    assert answer.status_code == 303
    assert answer.headers["location"] == f"{LIST}&plain=1"
    ((_, _, sent, headers),) = [
        one for one in api.sent if one[:2] == (method, f"/v1/profiles/{w.NEED}/{path}")
    ]
    assert sent == body
    assert method == "DELETE" or headers["idempotency-key"] == "k-7"


async def test_the_list_says_that_it_learnt_and_can_be_seen_without(visit: Visit) -> None:
    browser = visit("participant", "en")
    page = (await browser.get(LIST)).text
    assert "Your list is ordered also by what you saved" in page
    assert "2 places up by what you did" in page
    assert "as with 2 matches that you saved" in page
    assert f'href="{LIST}&amp;plain=1"' in page
    without = (await browser.get(f"{LIST}&plain=1")).text
    assert "does not count in this order" in without
    assert f'href="{LIST}"' in without
    assert '<input type="hidden" name="plain" value="1">' in without


async def test_what_was_saved_and_dismissed_is_found_again(visit: Visit) -> None:
    page = (await visit("participant", "en").get(LIST)).text
    fold = page.split('id="kept-restore"')[1]
    assert "Too early a stage for us" in fold
    assert "Айгерим" in fold or "Aigerim" in fold
    assert f'action="{E}/profiles/{w.NEED}/restore"' in fold
    assert "Saved: 1" in page


async def test_a_sentence_is_shown_in_my_language_with_the_compared_one_a_click_away(
    visit: Visit,
) -> None:
    page = (await visit("participant", "zh-Hans").get(LIST)).text
    theirs = page.split("td-side is-offer")[1]
    assert '<blockquote lang="zh-Hans" dir="ltr">自冲洗滴头' in theirs
    assert theirs.index("自冲洗滴头") < theirs.index("самопромывным каналом")
    mine = (await visit("participant", "en").get(LIST)).text.split("td-side is-need")[1]
    assert "We look for drip lines" in mine
    assert "machine" in mine[: mine.index("Compared in Russian")].lower()


async def test_what_a_thin_profile_lacks_leads_to_its_field(visit: Visit) -> None:
    page = (await visit("participant", "en").get(LIST)).text
    edit = f"{E}/profiles/{w.NEED}/edit"
    places = re.findall(rf'href="{edit}#([\w-]+)"', page)
    assert places == ["price_band", "summary-0"]
    editor = (await visit("participant", "en").get(edit)).text
    assert all(f'id="{place}"' in editor for place in (*places, "languages", "climate"))


async def test_a_live_list_knows_where_to_listen_and_what_it_shows(visit: Visit) -> None:
    page = (await visit("participant").get(LIST)).text
    assert f'data-live="/api/matching/v1/profiles/{w.NEED}/matches/live' in page
    assert 'data-stamp="3f2a"' in page


@pytest.mark.parametrize("tag", LANGUAGES)
def test_every_lesson_is_worded(tag: str) -> None:
    tongue = language(tag)
    for match in a.MATCHES[:2]:
        told = lessons(tongue, match, {"29": "Civil engineering"})
        assert len(told) == len(match["taught"])
        assert all(one.facts and one.about for one in told)
    first = lessons(tongue, a.MATCHES[0], {"29": "Civil engineering"})[0]
    assert first.facts.startswith("Civil engineering")
    unknown = {"taught": [a.lesson("moon", "saved", 1, 1), a.lesson("field", "moon", 1, 1)]}
    assert lessons(tongue, unknown, {}) == []


def test_bars_are_as_long_as_the_shares() -> None:
    match = {"reasons": [{"params": {
        "terms": ["drip", "saline"], "terms_there": ["滴灌", "saline"], "shares": [600, 200]}}]}  # fmt: skip
    found = cards.joins(language("en"), match)
    assert [(one.term, one.there, one.bar) for one in found] == [
        ("drip", "滴灌", 66), ("saline", "", 22)]  # fmt: skip
    assert cards.joins(language("en"), {}) == []
