"""The demo's needs and offers as the ranking takes them: open fields, all in one docking event."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from functools import cache
from typing import Any
from uuid import NAMESPACE_OID, UUID, uuid5

from techdock_embedded.demo import files
from techdock_matching.adapters.encoders import SentenceEncoder
from techdock_matching.adapters.glossary import lexicon
from techdock_matching.adapters.index import InProcessIndex
from techdock_matching.app.ports import Filter
from techdock_matching.domain.ranking.capping import evened, first_places, usual_cap
from techdock_matching.domain.ranking.match import Candidate
from techdock_matching.domain.ranking.meaning import Meaning, meaning, pieces_of
from techdock_matching.domain.ranking.profile import Conditions, Kind, Profile, Text

from support.profiles import EVENT, TODAY

HERE = Filter(TODAY, EVENT)
LENGTH = 50


def named(external_id: str) -> UUID:
    """The id of a need, an offer or an organization."""
    return uuid5(NAMESPACE_OID, external_id)


@cache
def profiles() -> Mapping[str, Profile]:
    """Return the profiles by their external ids."""
    owners = {one["external_id"]: one for one in files.all_of("organizations")}
    told = files.all_of("profiles")
    return {one["external_id"]: _profile(one, owners[one["organization"]]) for one in told}


def _profile(told: Mapping[str, Any], owner: Mapping[str, Any]) -> Profile:
    seen = {name: value for name, value in told.items() if name not in told["disclosure"]}
    conditions = seen.get("conditions") or {}
    plain = (
        "trl", "trl_least", "trl_most", "ipr_status", "cooperation", "ipc", "isic", "sdg",
        "technology_field", "technology_keywords", "market_keywords", "languages", "partner_kinds",
        "partner_countries", "excluded_countries",
    )  # fmt: skip
    facts = {name: _frozen(seen[name]) for name in plain if seen.get(name)}
    return Profile(
        named(told["external_id"]),
        Kind(told["kind"]),
        organization_id=named(told["organization"]),
        group_id=named(told["organization"]),
        country=owner["country"],
        valid_until=date(2100, 1, 1),
        docking_events=frozenset({EVENT}),
        texts={
            field: Text(
                text["original"],
                {tag: version["text"] for tag, version in text["versions"].items()},
            )
            for field, text in told["texts"].items()
            if field not in told["disclosure"]
        },
        organization_kind=owner["kind"],
        conditions=Conditions(**{name: _frozen(value) for name, value in conditions.items()}),
        **facts,
    )


def _frozen(value: Any) -> Any:
    return tuple(value) if isinstance(value, list) else value


@cache
def encoder() -> SentenceEncoder:
    """Return the usual encoder, loaded once."""
    return SentenceEncoder()


@cache
def _meant(texts: tuple[tuple[str, str, str], ...]) -> Meaning | None:
    by_field = {field: Text(tag, {tag: text}) for field, tag, text in texts}
    blank = replace(next(iter(profiles().values())), texts=by_field)
    read = pieces_of(blank)
    return None if read is None else Meaning(meaning(read, encoder()), read.language, read.words)


def index_of(some: Mapping[str, Profile]) -> InProcessIndex:
    """Return an index of profiles with their vectors."""
    index = InProcessIndex(lexicon(), encoder())
    index.add(list(some.values()))
    index.add_meanings({one.id: meant for one in some.values() if (meant := meant_by(one))})
    index.refresh()
    return index


def meant_by(profile: Profile) -> Meaning | None:
    """Return the vector of a profile."""
    told = ((name, t.original, t.versions[t.original]) for name, t in profile.texts.items())
    return _meant(tuple(told))


def lists_of(index: InProcessIndex) -> dict[UUID, list[Candidate]]:
    """Return the lists as they are shown: first places given out."""
    lists = index.lists(HERE, LENGTH)
    found: dict[UUID, list[Candidate]] = {}
    sides = {
        kind: sorted(one.id for one in profiles().values() if one.kind is kind) for kind in Kind
    }
    for kind, owners in sides.items():
        scored = ((one, ((c.profile_id, c.score) for c in lists[one])) for one in owners)
        first = first_places(scored, usual_cap(len(owners), len(sides[kind.other])))
        found |= {one: evened(lists[one], first[one]) for one in owners}
    return found
