"""Before publishing: what names somebody and what says the same is shown, and a person decides."""

from support import portal_looking as l
from support import portal_world as w
from support.portal_api import FakeApi, problem

from .conftest import Visit
from .test_deeds import TYPED, E

STEP = f"{E}/profiles/{w.DRAFT}/publish"


def states(api: FakeApi) -> list[str]:
    return [body["to"] for _, p, body, _ in api.sent if p == f"/v1/profiles/{w.DRAFT}/state"]


async def test_what_is_found_is_shown_before_anything_is_published(
    visit: Visit, api: FakeApi
) -> None:
    api.alike = l.ALIKE
    browser = visit("participant")

    answer = await browser.post(f"{E}/profiles/new", data={**TYPED, "act": "publish"})

    assert answer.headers["location"] == STEP
    assert states(api) == []
    shown = (await browser.get(STEP)).text
    assert "2 published ones say much the same" in shown
    assert f'href="{E}/profiles/{w.OFFER_2}"' in shown
    assert "<mark>капельные</mark>" in shown
    assert "It is another one: publish" in shown
    body = api.posted("/duplicates")[0]
    assert body["kind"] == "offer"
    assert body["exclude"] == w.DRAFT
    assert set(body["texts"]) == {"title", "summary"}
    assert body["texts"]["title"] == {"ru": "Сборка узлов полива на месте"}


async def test_who_has_seen_it_publishes_nevertheless(visit: Visit, api: FakeApi) -> None:
    answer = await visit("participant").post(STEP, data={"_version": "2"})

    assert answer.headers["location"].startswith(f"{E}/matches?profile=")
    assert states(api) == ["submitted", "published"]


async def test_what_names_somebody_is_marked_in_the_text(visit: Visit, api: FakeApi) -> None:
    shown = (await visit("participant").get(f"{E}/profiles/{w.NEED}/publish")).text

    assert "3 places name somebody" in shown
    assert '<mark>капельные линии</mark><sup><a href="#n-2"' in shown
    assert "It is the name of your own organization." in shown
    assert "It is published already" in shown
    assert "Publish anyway" not in shown


async def test_publishing_goes_on_when_nobody_can_look_for_similar_ones(
    visit: Visit, api: FakeApi
) -> None:
    api.fail["POST", "/v1/duplicates"] = problem(503, "ranker_starting")
    browser = visit("participant")

    answer = await browser.post(f"{E}/profiles/new", data={**TYPED, "act": "publish"})

    assert states(api) == ["submitted", "published"]
    browser.cookies.update(answer.cookies)
    assert "could not be looked for" in (await browser.get(STEP)).text


async def test_a_refused_publication_is_said_on_the_step(visit: Visit, api: FakeApi) -> None:
    api.fail["POST", f"/v1/profiles/{w.DRAFT}/state"] = problem(409, "not_confirmed")

    answer = await visit("participant").post(STEP, data={"_version": "2"})

    assert answer.status_code == 409
    assert "First the organizers have to confirm" in answer.text


async def test_others_have_no_such_step(visit: Visit, api: FakeApi) -> None:
    answer = await visit("participant").get(f"{E}/profiles/{w.OFFER}/publish")

    assert answer.status_code == 404
