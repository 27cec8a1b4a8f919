"""Needs that no good offer answers, gathered by what the next docking event could be about."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID

from techdock_matching.domain.ranking.match import Candidate, Strength
from techdock_matching.domain.ranking.weights import Weights


class Band(StrEnum):
    """The stage that is sought: ideas, things being tested, things that work."""

    EARLY = "1-3"
    TESTED = "4-6"
    READY = "7-9"


@dataclass(frozen=True, slots=True)
class Need:
    """A need, as far as its theme is concerned."""

    id: UUID
    organization_id: UUID
    country: str
    title: Mapping[str, object]
    technology_field: int | None
    trl_least: int | None
    trl_most: int | None
    keywords: tuple[str, ...]
    cooperation: tuple[str, ...]

    @property
    def band(self) -> Band | None:
        """The stage that it asks for at least; None: any."""
        level = self.trl_least or self.trl_most
        return next((band for band in Band if level <= int(band[-1])), None) if level else None


@dataclass(frozen=True, slots=True)
class Unmet:
    """A need without a good match.

    Attributes:
        offers: Offers in its list.
        best: How well the first of them fits; None: there is none.
    """

    need: Need
    offers: int
    best: Strength | None


@dataclass(frozen=True, slots=True)
class Cell:
    """Unmet needs of one country, field and stage; of all, where those are not told apart.

    Attributes:
        country: None: they are not told apart.
        keywords: What they name most often, with how many name it.
    """

    country: str | None
    technology_field: int | None
    band: Band | None
    unmet: tuple[Unmet, ...]
    keywords: tuple[tuple[str, int], ...]


@dataclass(frozen=True, slots=True)
class Board:
    """All needs of a docking event.

    Attributes:
        needs: How many there are.
        waiting: Those that are not ranked yet; they stand in no cell.
        unmet: Those without a good match.
        cells: Where they are, the largest first.
    """

    needs: int
    waiting: int
    unmet: int
    cells: tuple[Cell, ...]


class By(StrEnum):
    """What needs are gathered by, beside their field."""

    COUNTRY_AND_STAGE = "country_and_stage"
    STAGE = "stage"
    FIELD = "field"


def board(
    needs: Sequence[Need],
    lists: Mapping[UUID, Sequence[Candidate]],
    weights: Weights,
    by: By = By.COUNTRY_AND_STAGE,
) -> Board:
    """Gather the needs without a good match.

    Args:
        lists: By need; who is not ranked yet is missing.
        weights: Those of the docking event, which say what is good.
    """
    cells: dict[tuple[str | None, int | None, Band | None], list[Unmet]] = {}
    for need in sorted(needs, key=lambda each: each.id):
        places = lists.get(need.id)
        if places is None:
            continue
        best = weights.strength(places[0].score) if places else None
        if best in (None, Strength.POSSIBLE):
            key = (
                need.country if by is By.COUNTRY_AND_STAGE else None,
                need.technology_field,
                None if by is By.FIELD else need.band,
            )
            cells.setdefault(key, []).append(Unmet(need, len(places), best))
    found = [Cell(*key, tuple(of), _keywords(of)) for key, of in cells.items()]
    found.sort(
        key=lambda c: (-len(c.unmet), c.country or "", c.technology_field or 0, c.band or "")
    )
    return Board(
        len(needs),
        sum(need.id not in lists for need in needs),
        sum(len(cell.unmet) for cell in found),
        tuple(found),
    )


def _keywords(unmet: Sequence[Unmet]) -> tuple[tuple[str, int], ...]:
    named = Counter(word for each in unmet for word in {k.casefold() for k in each.need.keywords})
    return tuple(sorted(named.items(), key=lambda each: (-each[1], each[0]))[:12])
