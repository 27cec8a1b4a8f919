"""Why two profiles are matched, told to both sides as data.

Codes and their params (`reader` is in each: need or offer, the side that reads it):

| code | params |
|---|---|
| text | language, terms, shares (thousandths of what is shared) |
| concepts | language, language_there, terms, terms_there, shares: the same of both sides |
| meaning | mine, theirs: languages of the texts: they say something similar as a whole |
| no_shared_text | mine, theirs: languages of the texts |
| codes | field, sdg, isic, ipc, keyword: what is shared of each |
| trl | least, most (sought), stated |
| cooperation, language, climate, water, power | need, offer, shared |
| partner_kind | wants (of the reader), is (the counterpart) |
| country | wants (of the reader), is (the counterpart) |
| skill_level, price_band | need, offer |
| certificates | need, offer, lacks |
| ipr | status |
| acceptance | willing (often, seldom): to meet who asks; added when a list is read |
| kin | before, most: of its organization stand before it, and may among the first ten; the same |
| missing | fields that the counterpart states and the reader does not |
"""

from collections.abc import Iterable, Iterator, Mapping

from techdock_matching.domain.ranking import fit
from techdock_matching.domain.ranking.bridged import Bridged, bridged
from techdock_matching.domain.ranking.lexicon import Lexicon
from techdock_matching.domain.ranking.match import Explanation, Param, Quote, Reason
from techdock_matching.domain.ranking.profile import Kind, Profile
from techdock_matching.domain.ranking.reading import Readings
from techdock_matching.domain.ranking.shared import Rarities, Shared, shared_words
from techdock_matching.domain.ranking.terms import CODES, CONCEPTS, MEANING, Space, codes_of
from techdock_matching.domain.ranking.weights import Weights

_THIN_CHARACTERS = 200
_NO_WORDS = frozenset({CODES, CONCEPTS, MEANING})
_LEAST_MEANING = 0.5
"""From here on texts are called similar in what they say as a whole."""


def explain(
    mine: Profile,
    theirs: Profile,
    weights: Weights,
    arms: Mapping[Space, float],
    rarities: Mapping[Space, Rarities],
    readings: Readings,
) -> Explanation:
    """Say why two profiles are matched, to the owner of `mine` and to that of `theirs`.

    Args:
        arms: What each space that both share adds to the score, in standard deviations, damped.
        rarities: How rare words are in the same spaces.
        readings: For the words of the languages.
    """
    languages = {name: score for name, score in arms.items() if name not in _NO_WORDS}
    language = max(sorted(languages), key=lambda name: languages[name], default=None)
    passages = readings.passages(mine), readings.passages(theirs)
    spoken = tuple(tuple(sorted(side)) for side in passages)
    quotes: tuple[Quote, ...] = ()
    if language is not None:
        ours, others = (
            [readings.read(text, language) for _, text in side[language]] for side in passages
        )
        shared = shared_words(ours, others, language, rarities[language])
        quotes = shared.quotes
        similar = weights.text * languages[language]
        topics = [_text(side, language, shared, similar) for side in (mine, theirs)]
    elif CONCEPTS in arms and (
        bridge := bridged(*passages, _insisted(readings.lexicon), rarities[CONCEPTS].of_columns)
    ):
        quotes = bridge.quotes
        share = arms[CONCEPTS] if MEANING in arms else weights.concepts * arms[CONCEPTS]
        similar = weights.text * share
        topics = [_concepts(mine, bridge, similar), _concepts(theirs, bridge.turned(), similar)]
    elif arms.get(MEANING, 0.0) < _LEAST_MEANING:
        topics = [_apart(mine, spoken), _apart(theirs, spoken[::-1])]
    else:
        topics = [None, None]
    meant = [_meaning(mine, spoken, arms, weights), _meaning(theirs, spoken[::-1], arms, weights)]
    alone = language is None and CONCEPTS not in arms and MEANING not in arms
    share = weights.codes_alone if alone else weights.codes
    codes = None if CODES not in arms else share * arms[CODES]
    need, offer = (mine, theirs) if mine.kind is Kind.NEED else (theirs, mine)
    fits = tuple(fit.terms(need, offer))
    return Explanation(
        in_order((*meant[0], *_reasons(mine, theirs, weights, topics[0], codes, fits))),
        in_order((*meant[1], *_reasons(theirs, mine, weights, topics[1], codes, fits))),
        quotes,
    )


def _insisted(lexicon: Lexicon | None) -> Lexicon:
    if lexicon is None:
        raise ValueError("concepts are compared, and there is no lexicon")
    return lexicon


def _reasons(
    reader: Profile,
    other: Profile,
    weights: Weights,
    topic: Reason | None,
    codes: float | None,
    fits: Iterable[fit.Term],
) -> Iterator[Reason]:
    if topic is not None:
        yield topic
    if codes is not None:
        common = _shared_codes(reader, other)
        yield _told(reader, "codes", bool(common), common, round(1000 * codes))
    lacking: list[str] = []
    for term in fits:
        if term.code == "partner_kind":
            continue  # each side reads its own wish, below
        stated = _states(term.code, reader)
        if term.fits is not None or stated:
            yield _told(reader, term.code, term.fits, term.params, fit.thousandths(term, weights))
        elif _states(term.code, other):
            lacking.append(term.code)
    yield from _wishes(reader, other, weights)
    lacking.extend(_thin(reader))
    if lacking:
        yield _told(reader, "missing", None, {"fields": tuple(lacking)}, 0)


def _text(reader: Profile, language: str, shared: Shared, similar: float) -> Reason | None:
    params: dict[str, Param] = {
        "language": language,
        "terms": shared.terms,
        "shares": shared.shares,
    }
    return _told(reader, "text", True, params, round(1000 * similar)) if shared.terms else None


def _concepts(reader: Profile, bridge: Bridged, similar: float) -> Reason:
    params: dict[str, Param] = {
        "language": bridge.languages[0],
        "language_there": bridge.languages[1],
        "terms": bridge.terms,
        "terms_there": bridge.terms_there,
        "shares": bridge.shares,
    }
    return _told(reader, "concepts", True, params, round(1000 * similar))


def _apart(reader: Profile, languages: tuple[tuple[str, ...], ...]) -> Reason:
    params: dict[str, Param] = {"mine": languages[0], "theirs": languages[1]}
    return _told(reader, "no_shared_text", None, params, 0)


def _meaning(
    reader: Profile,
    languages: tuple[tuple[str, ...], ...],
    arms: Mapping[Space, float],
    weights: Weights,
) -> tuple[Reason, ...]:
    share = arms.get(MEANING, 0.0)
    if share < _LEAST_MEANING:
        return ()
    params: dict[str, Param] = {"mine": languages[0], "theirs": languages[1]}
    return (_told(reader, "meaning", True, params, round(1000 * weights.text * share)),)


def _thin(reader: Profile) -> Iterator[str]:
    """Yield what a profile leaves open that every ranking needs."""
    if sum(len(t.versions.get(t.original, "")) for t in reader.texts.values()) < _THIN_CHARACTERS:
        yield "description"
    if not any(codes_of(reader)):
        yield "codes"


def _wishes(reader: Profile, other: Profile, weights: Weights) -> Iterator[Reason]:
    """Yield what the reader wishes of a partner."""
    if reader.partner_kinds:
        params: dict[str, Param] = {"wants": reader.partner_kinds, "is": other.organization_kind}
        fits = None
        if other.organization_kind is not None:
            fits = other.organization_kind in reader.partner_kinds
        half = fit.half_weight("partner_kind", weights)
        yield _told(
            reader, "partner_kind", fits, params, 0 if fits is None else half * (2 * fits - 1)
        )
    if reader.partner_countries:
        wanted = other.country in reader.partner_countries
        params = {"wants": reader.partner_countries, "is": other.country}
        yield _told(reader, "country", wanted, params, 0)


def _shared_codes(reader: Profile, other: Profile) -> dict[str, Param]:
    """Return the shared codes by list, the coarser ones only where no finer one is shared."""
    others = set(codes_of(other))
    found: dict[str, list[str]] = {}
    for code in dict.fromkeys(codes_of(reader)):
        if code in others:
            name, _, value = code.partition(":")
            found.setdefault(name, []).append(value)
    return {
        name: tuple(v for v in values if not any(w != v and w.startswith(v) for w in values))
        if name in {"isic", "ipc"}
        else tuple(values)
        for name, values in found.items()
    }


def _states(code: str, profile: Profile) -> bool:
    if code == "trl":
        return profile.trl is not None or fit.sought_trl(profile) is not None
    if code == "cooperation":
        return bool(profile.cooperation)
    if code == "language":
        return bool(profile.languages)
    if code == "ipr":
        return profile.kind is Kind.NEED or profile.ipr_status is not None
    return bool(getattr(profile.conditions, code))


def _told(
    reader: Profile, code: str, fits: bool | None, params: Mapping[str, Param], weight: int
) -> Reason:
    return Reason(code, fits, {"reader": str(reader.kind), **params}, weight)


def in_order(reasons: Iterable[Reason]) -> tuple[Reason, ...]:
    """Return reasons with the weightiest first, for or against."""
    return tuple(sorted(reasons, key=lambda reason: (-abs(reason.weight), reason.code)))
