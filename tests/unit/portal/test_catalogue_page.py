"""The catalogue page: search, filters with counts, and what it says when there is no answer."""

import pytest
from support import portal_world as w

from .conftest import Visit

HERE = f"/docking-events/{w.DE}/catalogue"


async def test_found_sentences_are_marked_and_nothing_in_them_is_markup(visit: Visit) -> None:
    page = (await visit("participant").get("/catalogue?q=drip")).text
    assert "<mark>Drip</mark> &lt;lines&gt; save water." in page
    assert "2 needs and offers found" in page
    assert f"/docking-events/{w.DE}/profiles/{w.OFFER}/like" in page
    assert "cursor=c-2" in page


async def test_filters_show_counts_and_what_is_chosen(visit: Visit) -> None:
    page = (
        await visit("participant").get(f"{HERE}?q=drip&country=CN&climate=arid&trl_from=5")
    ).text
    assert 'name="country" value="CN" checked' in page
    assert 'name="climate" value="arid" checked' in page
    assert '<option value="5" selected>' in page
    assert "Take all filters away" in page


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ("irigation", "Did you mean"),
        ("loose", "Nothing has all of these words"),
        ("nothing", "Nothing found"),
        ("away", "just being loaded"),
        ("x" * 900, "Only the first 400 characters"),
    ],
)
async def test_a_reader_is_told_how_to_go_on(visit: Visit, query: str, said: str) -> None:
    answer = await visit("participant").get("/catalogue", params={"q": query})
    assert answer.status_code == 200
    assert said in answer.text


async def test_while_the_ranker_is_away_the_page_asks_again_by_itself(visit: Visit) -> None:
    page = (await visit("participant").get("/catalogue?q=away")).text
    assert 'hx-trigger="load delay:2s"' in page


@pytest.mark.parametrize("query", ["trl_from=x&trl_to=99", "kind=other", "country=%F0%9F%9A%9C"])
async def test_odd_addresses_are_answered(visit: Visit, query: str) -> None:
    assert (await visit("participant").get(f"/catalogue?{query}")).status_code == 200


async def test_strangers_sign_in_first(visit: Visit) -> None:
    answer = await visit().get("/catalogue")
    assert answer.status_code in {303, 401}


async def test_more_like_this_shows_both_sides(visit: Visit) -> None:
    page = (await visit("participant").get(f"/docking-events/{w.DE}/profiles/{w.OFFER}/like")).text
    assert "Offers about the same" in page
    assert "There is none yet." in page
