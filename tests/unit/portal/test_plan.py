"""The organizer's weights and plan of mutual matches, and what a participant says to it."""

import pytest
from support import portal_plan as p
from support import portal_world as w
from support.portal_api import FakeApi, problem
from techdock_portal.i18n import LANGUAGES

from .conftest import Visit

E, ORG = f"/docking-events/{w.DE}", f"/organize/{w.DE}"
TYPED = {**{f"values-{name}": "0.5" for name in p.NAMES}, "values-trl": "1,2", "_version": "2"}


async def test_weights_show_what_is_in_force_and_what_was_before(visit: Visit) -> None:
    page = (await visit("organizer").get(f"{ORG}/weights")).text
    assert 'value="0.8"' in page
    assert "in force: 0.8" in page
    assert "nothing: the standard weights" in page
    assert f"{ORG}/weights?again=1" in page
    again = (await visit("organizer").get(f"{ORG}/weights?again=1")).text
    assert 'value="0.8"' not in again


async def test_weights_are_saved_on_the_version_that_was_seen(visit: Visit, api: FakeApi) -> None:
    answer = await visit("organizer").post(f"{ORG}/weights", data=TYPED)
    assert answer.status_code == 303
    (sent,) = [one for one in api.sent if one[0] == "PUT"]
    assert sent[2]["values"]["trl"] == 1.2
    assert sent[3]["if-match"] == '"2"'


async def test_a_wrong_weight_is_said_at_its_field_and_nothing_is_lost(
    visit: Visit, api: FakeApi
) -> None:
    wrong = [{"where": "body.values.trl", "expected": "a number from 0.0 to 2.0", "found": "9.0"}]
    refused = problem(422, "invalid", "no", wrong)
    api.fail["PUT", f"/v1/docking-events/{w.DE}/weights"] = refused
    answer = await visit("organizer").post(f"{ORG}/weights", data={**TYPED, "values-trl": "9"})
    assert answer.status_code == 422
    assert 'href="#values-trl"' in answer.text
    assert 'value="9"' in answer.text


@pytest.mark.parametrize("language", LANGUAGES)
async def test_a_preview_is_followed_and_then_says_what_would_change(
    visit: Visit, api: FakeApi, language: str
) -> None:
    browser = visit("organizer", language)
    ordered = await browser.post(f"{ORG}/weights/preview", data=TYPED)
    assert ordered.headers["location"] == f"{ORG}/weights?preview={p.PREVIEW}#preview"
    page = (await browser.get(f"{ORG}/weights?preview={p.PREVIEW}")).text
    assert f'hx-get="{ORG}/weights/previews/{p.PREVIEW}"' in page
    assert 'value="1.2"' in page
    api.run_state = "done"
    part = await browser.get(f"{ORG}/weights/previews/{p.PREVIEW}", headers={"hx-request": "true"})
    assert "hx-get" not in part.text
    assert "<b>" in part.text
    assert "385" in part.text or "\u0663\u0668\u0665" in part.text


@pytest.mark.parametrize("language", LANGUAGES)
async def test_a_plan_is_made_followed_trimmed_and_sent(
    visit: Visit, api: FakeApi, language: str
) -> None:
    browser = visit("organizer", language)
    made = await browser.post(f"{ORG}/mutual", data={"least": "strong"})
    assert made.headers["location"] == f"{ORG}/mutual?plan={p.PLAN}"
    assert api.posted(f"/docking-events/{w.DE}/mutual-plans") == [
        {"least": "strong", "questions": 1}
    ]
    page = (await browser.get(f"{ORG}/mutual?plan={p.PLAN}")).text
    assert f'hx-get="{ORG}/mutual/plans/{p.PLAN}"' in page
    api.run_state = "done"
    part = await browser.get(f"{ORG}/mutual/plans/{p.PLAN}", headers={"hx-request": "true"})
    assert part.headers["HX-Redirect"] == f"{ORG}/mutual?plan={p.PLAN}"
    gone = await browser.post(
        f"{ORG}/mutual/{p.PROPOSAL}/remove", data={"_version": "1", "outcome": "drafted"}
    )
    assert gone.headers["location"] == f"{ORG}/mutual?outcome=drafted"
    assert api.posted(f"/proposals/{p.PROPOSAL}/state") == [{"to": "withdrawn"}]
    await browser.post(f"{ORG}/mutual/send")
    assert len(api.posted(f"/docking-events/{w.DE}/proposals/send")) == 1


async def test_a_plan_that_ends_while_the_page_is_drawn_is_not_shown_without_its_pairs(
    visit: Visit, api: FakeApi
) -> None:
    # What is read after the plan has ended holds its pairs; asked earlier, it may hold none, and
    # nothing would draw the page again.
    await visit("organizer").get(f"{ORG}/mutual?plan={p.PLAN}")
    asked = [path for method, path, _, _ in api.sent if method == "GET"]
    plan = asked.index(f"/v1/mutual-plans/{p.PLAN}")
    assert plan < asked.index(f"/v1{E}/proposals-summary")
    assert plan < asked.index(f"/v1{E}/proposals")


async def test_what_is_proposed_stands_on_the_requests_page_and_is_answered(
    visit: Visit, api: FakeApi
) -> None:
    browser = visit("participant")
    page = (await browser.get(f"{E}/requests")).text
    assert page.index("Waiting for your answer") < page.index("Not agreed")
    assert page.count("Yes, I would meet") == 1
    url = f"{E}/requests/proposals/{p.PROPOSAL}"
    answer = await browser.post(url, data={"to": "accepted", "_version": "1"})
    assert answer.headers["location"] == f"{E}/requests"
    assert api.posted(f"/proposals/{p.PROPOSAL}/state") == [{"to": "accepted"}]


async def test_weights_and_plan_are_for_organizers(visit: Visit) -> None:
    for path in (f"{ORG}/weights", f"{ORG}/mutual"):
        assert (await visit("participant").get(path)).status_code == 404
