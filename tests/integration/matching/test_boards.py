"""Boards over HTTP: for organizers of the docking event, from what is stored."""

from collections.abc import AsyncIterator
from pathlib import Path
from uuid import UUID

import pytest
from support.databases import DATABASES
from support.matching import World, named
from support.matching_app import Matching, matching
from techdock_matching.app.asking import Counterpart, NobodyAsked
from techdock_matching.domain.ranking.match import Explanation, Reason, Strength


@pytest.fixture(params=DATABASES)
async def app(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Matching]:
    async with matching(request.param, tmp_path) as opened:
        yield opened


@pytest.fixture
async def world(app: Matching) -> World:
    """Tell a docking event with a need that is answered and one that is not."""
    world = World()
    await app.hear(world.announced(), world.opened())
    drip = "drip irrigation for saline soil and cotton fields in dry steppe"
    laser = "laser cladding of worn turbine blades in power stations"
    told = [("n1", "need", "drip irrigation", drip), ("n2", "need", "laser cladding", laser),
            ("o1", "offer", "drip irrigation", drip), ("o2", "offer", "cotton gin", "ginning machine with low fibre loss")]  # fmt: skip
    for name, kind, title, summary in told:
        await app.hear(
            world.organization(name),
            world.participant(name),
            world.profile(f"{name}.profile", name, kind, title, summary),
        )
    await app.rank()
    return world


async def test_the_fairness_board_counts_places_and_says_why(app: Matching, world: World) -> None:
    path = f"/docking-events/{world.docking_event}/fairness"

    shown = await app.organizer(world).get(path)

    needs, offers = shown["sides"]
    assert (needs["kind"], needs["profiles"], needs["lists"]) == ("need", 2, 2)
    assert offers["shown_10"] <= offers["shown_20"] <= 2
    assert str(named("n2.profile")) in {one["profile_id"] for one in shown["never"]}
    assert all(one["reason"] for one in shown["never"])
    assert sum(shown["reasons"].values()) == len(shown["never"])
    assert shown["most"][0]["title"]["versions"]["en"]["text"] == "drip irrigation"
    assert shown["profiles"] is None
    everything = await app.organizer(world).get(path, everything=True)
    assert len(everything["profiles"]) == 4


async def test_unmet_needs_are_listed_by_cell(app: Matching, world: World) -> None:
    shown = await app.organizer(world).get(f"/docking-events/{world.docking_event}/unmet-needs")

    assert (shown["needs"], shown["waiting"]) == (2, 0)
    assert shown["unmet"] == sum(len(cell["needs"]) for cell in shown["cells"])
    ids = {need["profile_id"] for cell in shown["cells"] for need in cell["needs"]}
    assert str(named("n2.profile")) in ids
    path = f"/docking-events/{world.docking_event}/unmet-needs"
    by_field = await app.organizer(world).get(path, by="field")
    assert [cell["country"] for cell in by_field["cells"]] == [None]


@pytest.mark.parametrize("what", ["fairness", "unmet-needs"])
async def test_boards_are_for_organizers(app: Matching, world: World, what: str) -> None:
    path = f"/docking-events/{world.docking_event}/{what}"

    await app.participant(world, "n1").get(path, status=403)
    await app.stranger().get(path, status=404)


class Ranked(NobodyAsked):
    """Answers every need with the same offers."""

    def __init__(self, *offers: UUID) -> None:
        self.offers = offers
        self.asked: list[tuple[UUID, frozenset[UUID]]] = []

    async def rank(
        self,
        profile_id: UUID,
        docking_event_id: UUID | None,
        limit: int,
        without: frozenset[UUID] = frozenset(),
    ) -> tuple[Counterpart, ...]:
        self.asked.append((profile_id, without))
        reason = Reason("text", True, {"terms": ("laser",)}, 900)
        why = Explanation((reason,), (), ())
        strengths = (Strength.STRONG, Strength.GOOD, Strength.POSSIBLE)
        return tuple(
            Counterpart(offer, 6000 - at, strengths[min(at, 2)], why)
            for at, offer in enumerate(self.offers)
        )


async def test_those_who_answer_needs_from_outside_are_suggested(
    app: Matching, world: World
) -> None:
    other = World("other")
    await app.hear(other.announced(), other.opened())
    for name in ("far", "weak", "o1"):
        await app.hear(
            other.organization(name),
            other.participant(name),
            other.profile(f"{name}.abroad", name, "offer", "laser", "laser cladding of blades"),
        )
    offers = [named(f"{name}.abroad") for name in ("far", "o1", "weak")]
    app.service.http.state.asking = asking = Ranked(*offers)
    path = f"/docking-events/{world.docking_event}/suggested-invitations"

    shown = await app.organizer(world).get(path)

    assert (shown["needs"], shown["asked"]) == (2, 2)
    # o1 takes part already, and weak would bring nothing good.
    (only,) = shown["items"]
    assert only["organization_id"] == str(named("far"))
    assert only["answers"][0]["need_id"] == str(named("n2.profile"))
    assert [each["unmet"] for each in only["answers"]] == [True, False]
    assert only["answers"][0]["reasons"][0]["params"]["terms"] == ["laser"]
    assert {without for _, without in asking.asked} == {frozenset({world.docking_event})}


async def test_without_a_ranker_the_suggestions_come_later(app: Matching, world: World) -> None:
    path = f"/docking-events/{world.docking_event}/suggested-invitations"

    refused = await app.organizer(world).call("GET", path)

    assert refused.status_code == 503
    assert refused.json()["code"] == "ranker_starting"
    await app.participant(world, "n1").get(path, status=403)
