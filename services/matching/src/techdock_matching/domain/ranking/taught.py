"""What the people of a profile taught its list: by saving, asking for meetings, and dismissing.

Each counterpart that they judged is a lesson. What a candidate shares with it moves the candidate
up or down by whole thousandths of the score; a lesson that is taken back leaves no trace. The
profile's own place in the lists of others does not change by it.

| about | shares | values |
|---|---|---|
| topic | a keyword, a patent group or a sector | at most three of them |
| words | words of one's own text, by which it is joined to both | at most three of them |
| field | the technology field | its number |
| country | the country | its code |
| stage | the readiness level, or one further along the dismissed side of it | that of the lesson |
| cooperation | a form of cooperation | at most three |
| group | the group of organizations | none |
| self | it is the one that was judged | none |
"""

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID

from techdock_matching.domain.ranking.match import Candidate
from techdock_matching.domain.ranking.normal import normalised
from techdock_matching.domain.ranking.profile import Profile
from techdock_matching.domain.ranking.weights import Weights

SAVED = "saved"
ASKED = "asked"
SELF = "self"
MOST_COUNTED = 3
"""From so many lessons of one kind on, more of them change nothing."""

MOST = 900
"""Most that all lessons together move a candidate, thousandths, either way."""

_MOST_VALUES = 3
_ISIC_CLASS = 4


class Dismissal(StrEnum):
    """Why somebody does not want to see a counterpart.

    not_fitting: it is about something else; known: they know each other; too_early, too_late: its
    stage; country, field: where it is from, what it is about; other: teaches nothing.
    """

    NOT_FITTING = "not_fitting"
    KNOWN = "known"
    COMPETITOR = "competitor"
    TOO_EARLY = "too_early"
    TOO_LATE = "too_late"
    COUNTRY = "country"
    FIELD = "field"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class Lesson:
    """A counterpart that was judged.

    Attributes:
        what: `saved`, `asked`, or the reason of a dismissal.
    """

    profile: Profile
    what: str


@dataclass(frozen=True, slots=True)
class Adjustment:
    """What lessons of one kind do to one candidate.

    Attributes:
        about: What is shared; the module lists it.
        lesson: `saved`, `asked`, or the reason of a dismissal.
        count: How many judged counterparts share it.
        values: What exactly is shared.
        weight: Thousandths of the score; positive moves up.
    """

    about: str
    lesson: str
    count: int
    values: tuple[str, ...]
    weight: int


Joins = Mapping[UUID, Sequence[str]]
"""By which words of one's own text each counterpart is joined to it."""

Shares = Callable[[Profile, Profile], tuple[str, ...] | None]
"""What a candidate shares with a judged counterpart; none: nothing."""


def _topic(candidate: Profile, judged: Profile) -> tuple[str, ...] | None:
    theirs = set(_topics(candidate))
    return tuple(each for each in _topics(judged) if each in theirs) or None


def _topics(profile: Profile) -> Iterator[str]:
    for keyword in (*profile.technology_keywords, *profile.market_keywords):
        yield " ".join(normalised(keyword).split())
    for code in profile.ipc:
        yield code.replace(" ", "").upper().partition("/")[0]
    for code in profile.isic:
        if len(digits := "".join(filter(str.isdigit, code))) == _ISIC_CLASS:
            yield f"ISIC {digits}"


def _words(joins: Joins) -> Shares:
    def shares(candidate: Profile, judged: Profile) -> tuple[str, ...] | None:
        here = {word.casefold() for word in joins.get(candidate.id, ())}
        there = dict.fromkeys(word.casefold() for word in joins.get(judged.id, ()))
        # One may be joined by a longer run of words than the other.
        near = (word for word in there if any(word in one or one in word for one in here))
        return tuple(near) or None

    return shares


def _field(candidate: Profile, judged: Profile) -> tuple[str, ...] | None:
    known = candidate.technology_field
    return (str(known),) if known is not None and known == judged.technology_field else None


def _country(candidate: Profile, judged: Profile) -> tuple[str, ...] | None:
    return (candidate.country,) if candidate.country == judged.country else None


def _group(candidate: Profile, judged: Profile) -> tuple[str, ...] | None:
    return () if candidate.group_id == judged.group_id else None


def _cooperation(candidate: Profile, judged: Profile) -> tuple[str, ...] | None:
    return tuple(each for each in judged.cooperation if each in candidate.cooperation) or None


def _stage(profile: Profile) -> int | None:
    """Return the stage that an offer has reached, or the first that a need accepts."""
    if profile.trl is not None:
        return profile.trl
    return profile.trl_most if profile.trl_least is None else profile.trl_least


def _stages(holds: Callable[[int, int], bool]) -> Shares:
    def shares(candidate: Profile, judged: Profile) -> tuple[str, ...] | None:
        here, there = _stage(candidate), _stage(judged)
        if here is None or there is None or not holds(here, there):
            return None
        return (str(there),)

    return shares


TEACHES: Mapping[str, Mapping[str, int]] = {
    SAVED: {
        "topic": 120, "words": 120, "field": 80, "group": 60, "country": 30, "same_stage": 30,
        "cooperation": 20,
    },
    ASKED: {
        "topic": 160, "words": 160, "field": 100, "country": 40, "same_stage": 40,
        "cooperation": 30,
    },
    Dismissal.NOT_FITTING: {"topic": -150, "words": -150, "field": -60},
    Dismissal.KNOWN: {"group": -200},
    Dismissal.COMPETITOR: {"group": -300},
    Dismissal.TOO_EARLY: {"stage_at_most": -200},
    Dismissal.TOO_LATE: {"stage_at_least": -200},
    Dismissal.COUNTRY: {"country": -250},
    Dismissal.FIELD: {"field": -250},
    Dismissal.OTHER: {},
}  # fmt: skip
"""What each kind of lesson teaches, in thousandths for each judged counterpart."""

_SHARES: Mapping[str, tuple[str, Shares]] = {
    "topic": ("topic", _topic),
    "field": ("field", _field),
    "group": ("group", _group),
    "country": ("country", _country),
    "cooperation": ("cooperation", _cooperation),
    "same_stage": ("stage", _stages(lambda here, there: here == there)),
    "stage_at_most": ("stage", _stages(lambda here, there: here <= there)),
    "stage_at_least": ("stage", _stages(lambda here, there: here >= there)),
}


def adjustments(
    lessons: Collection[Lesson], candidates: Collection[Profile], joins: Joins | None = None
) -> Mapping[UUID, tuple[Adjustment, ...]]:
    """Return what the lessons do to each candidate, the weightiest first.

    What they do to every candidate alike is left out: it changes no order, and says nothing.

    Args:
        joins: Of candidates and judged ones, as far as they are known.
    """
    told_apart = {**_SHARES, "words": ("words", _words(joins or {}))}
    found = {one.id: list(_of(one, lessons, told_apart)) for one in candidates}
    told = [{each.kind for each in of_one} for of_one in found.values()]
    alike = set[tuple[str, str, int]]()
    if len(told) > 1:
        alike = told[0].intersection(*told[1:])
    return {
        one: _told([each for each in of_one if each.kind not in alike])
        for one, of_one in found.items()
    }


@dataclass(frozen=True, slots=True)
class _Part:
    """What one thing that is shared does to a candidate.

    Attributes:
        shared: With each other counterpart that was judged.
        weight: By those.
        own: Besides, because the candidate was judged itself: it moves with its kin, or these
            would push it down.
    """

    about: str
    lesson: str
    shared: Sequence[tuple[str, ...]]
    weight: int
    own: int

    @property
    def kind(self) -> tuple[str, str, int]:
        """Tells apart what it does."""
        return self.about, self.lesson, self.weight + self.own


def _of(
    candidate: Profile,
    lessons: Collection[Lesson],
    told_apart: Mapping[str, tuple[str, Shares]],
) -> Iterator[_Part]:
    for what, teaches in TEACHES.items():
        judged = [one.profile for one in lessons if one.what == what]
        others = [one for one in judged if one.id != candidate.id]
        for name, each in teaches.items():
            about, shares = told_apart[name]
            shared = [values for one in others if (values := shares(candidate, one)) is not None]
            weight = each * min(len(shared), MOST_COUNTED)
            own = 0
            if len(others) < len(judged) and shares(candidate, candidate) is not None:
                own = each * min(len(shared) + 1, MOST_COUNTED) - weight
            if weight or own:
                yield _Part(about, str(what), shared, weight, own)


def _told(parts: Sequence[_Part]) -> tuple[Adjustment, ...]:
    found = [
        Adjustment(
            part.about, part.lesson, len(part.shared), _most_frequent(part.shared), part.weight
        )
        for part in parts
        if part.shared
    ]
    found.extend(
        Adjustment(SELF, lesson, 1, (), own)
        for lesson in dict.fromkeys(part.lesson for part in parts)
        if (own := sum(part.own for part in parts if part.lesson == lesson))
    )
    return tuple(sorted(found, key=lambda one: (-abs(one.weight), one.about, one.lesson)))


def _most_frequent(shared: Sequence[tuple[str, ...]]) -> tuple[str, ...]:
    counts: dict[str, int] = {}
    for values in shared:
        for value in dict.fromkeys(values):
            counts[value] = counts.get(value, 0) + 1
    return tuple(sorted(counts, key=lambda value: (-counts[value], value))[:_MOST_VALUES])


def bound(weights: Weights) -> int:
    """Return the most that lessons may move a candidate: less than a step of strength."""
    return min(MOST, weights.strong - weights.good - 1, weights.good - weights.possible - 1)


def reordered(
    candidates: Sequence[Candidate],
    taught: Mapping[UUID, Sequence[Adjustment]],
    most: int,
) -> list[Candidate]:
    """Return the candidates in the taught order, each with the score that it was ranked by.

    Args:
        most: Most that a candidate moves, thousandths.
    """

    def place(candidate: Candidate) -> tuple[int, UUID]:
        total = sum(each.weight for each in taught.get(candidate.profile_id, ()))
        return -(candidate.score + max(-most, min(most, total))), candidate.profile_id

    return sorted(candidates, key=place)
