"""Words for why two sides fit, why a request has no place, and what would help."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from techdock_portal.client import Json
from techdock_portal.i18n import EN_DASH, N_, Language
from techdock_portal.words import P_, labels

ABOUT: dict[str, tuple[str, str]] = {
    "topic": P_("reason", "Topic"),
    "terms": P_("reason", "Topic"),
    "text": P_("reason", "Topic"),
    "keywords": P_("reason", "Keywords"),
    "technology_keywords": P_("reason", "Keywords"),
    "market_keywords": P_("reason", "Markets"),
    "codes": P_("reason", "Field"),
    "technology_field": P_("reason", "Technology field"),
    "ipc": P_("reason", "Patent class"),
    "isic": P_("reason", "Sector"),
    "sdg": P_("reason", "Development goal"),
    "trl": P_("reason", "Readiness level"),
    "cooperation": P_("reason", "Cooperation"),
    "language": P_("reason", "Language"),
    "languages": P_("reason", "Language"),
    "partner_kind": P_("reason", "Kind of partner"),
    "partner_kinds": P_("reason", "Kind of partner"),
    "partner_country": P_("reason", "Country"),
    "partner_countries": P_("reason", "Country"),
    "country": P_("reason", "Country"),
    "climate": P_("reason", "Climate"),
    "water": P_("reason", "Water"),
    "power": P_("reason", "Power"),
    "skill_level": P_("reason", "Skills"),
    "price_band": P_("reason", "Price"),
    "certificates": P_("reason", "Certificates"),
    "ipr": P_("reason", "Rights"),
    "ipr_status": P_("reason", "Rights"),
}
LISTS = {
    "cooperation": "cooperation", "partner_kind": "organization_kind",
    "partner_kinds": "organization_kind", "climate": "climate", "water": "water",
    "power": "power", "skill_level": "skill_level", "price_band": "price_band",
    "certificates": "certificates", "ipr": "ipr_status", "ipr_status": "ipr_status",
}  # fmt: skip
IN_WORDS = frozenset({"topic", "terms", "text", "keywords", "technology_keywords"})
LANGUAGE_CODES = frozenset({"language", "languages"})
MINE = ("mine", "yours", "wanted", "need", "asked", "sought")
THEIRS = ("theirs", "offered", "offer", "has", "value")
SIDES = {
    (True, True): N_("you: %(mine)s; they: %(theirs)s"),
    (True, False): N_("you: %(mine)s; they have not said"),
    (False, True): N_("they: %(theirs)s; you have not said"),
    (False, False): N_("not stated on one side"),
}
COUNTRY_CODES = frozenset({"country", "partner_country", "partner_countries"})

NO_PLACE: dict[str, str] = {
    "no_common_slot": N_("The two sides have no free slot in common."),
    "no_common_free_slot": N_("The two sides have no free slot in common."),
    "tables_full": N_("In every slot that both sides have free, all tables are taken."),
    "no_table": N_("In every slot that both sides have free, all tables are taken."),
    "interpreter": N_("The sides share no language, and no interpreter is free in their slots."),
    "no_interpreter": N_("The sides share no language, and no interpreter is free in their slots."),
    "maximum": N_("One side has as many meetings as it wished for at most."),
    "person_maximum": N_("One side has as many meetings as it wished for at most."),
    "most_meetings": N_("One side has as many meetings as it wished for at most."),
    "precedence": N_("A meeting that has to come first leaves no slot behind it."),
    "night": N_("The only slots left fall into the night of one side."),
    "way": N_("One side could not be at the other table in time."),
    "travel": N_("One side could not be at the other table in time."),
    "displaced": N_("Each slot that would fit is held by another meeting; moving it costs more."),
    "out_of_reach": N_("No single change would give it a place."),
    "withdrawn": N_("One side does not take part any more."),
    "too_late": N_("It was accepted after the timetable was made."),
}
WOULD_HELP: dict[str, str] = {
    "free_slot": N_("One more free slot of one side."),
    "more_hours": N_("One more free slot of one side."),
    "hours": N_("One more free slot of one side."),
    "add_interpreter": N_("One more interpreter."),
    "interpreter": N_("One more interpreter."),
    "add_table": N_("One more table."),
    "table": N_("One more table."),
    "raise_maximum": N_("One more meeting than the side wished for at most."),
    "maximum": N_("One more meeting than the side wished for at most."),
    "night": N_("That the side agrees to meet at night."),
    "longer_run": N_("A longer run."),
}


@dataclass(frozen=True, slots=True)
class Said:
    """A reason in words: what it is about, then both sides' facts."""

    about: str
    facts: str
    fits: bool | None


def said(language: Language, reason: Json) -> Said:
    """Word a reason of a match for the reader."""
    code = str(reason.get("code"))
    word = ABOUT.get(code)
    about = language.word(*word) if word else code.replace("_", " ")
    params: Mapping[str, Any] = reason.get("params") or {}
    return Said(about, _facts(language, code, params), reason.get("fits"))


def _facts(language: Language, code: str, params: Mapping[str, Any]) -> str:
    if code in IN_WORDS:
        terms = _first(language, code, params, "terms", "shared", "keywords", "both")
        return (
            language.text(N_("%(terms)s in both"), terms=terms)
            if terms
            else language.text(N_("little in common"))
        )
    if shared := _first(language, code, params, "shared", "both", "common"):
        return language.text(N_("%(shared)s on both sides"), shared=shared)
    mine = _range(language, params) or _first(language, code, params, *MINE)
    theirs = _first(language, code, params, *THEIRS, code)
    message = SIDES[bool(mine), bool(theirs)]
    return language.text(message, mine=mine, theirs=theirs)


def _first(language: Language, code: str, params: Mapping[str, Any], *names: str) -> str:
    """Return the first value of these names that is there, in words."""
    value = next((params[name] for name in names if params.get(name) not in (None, [], ())), None)
    return "" if value is None else _worded(language, code, value)


def _worded(language: Language, code: str, value: object) -> str:
    given = list(value) if isinstance(value, list | tuple) else [value]
    if code in LISTS:
        return labels(language, LISTS[code], given)
    if code in LANGUAGE_CODES:
        return language.listed([language.language(str(tag)) for tag in given])
    if code in COUNTRY_CODES:
        return language.listed([language.country(str(each)) for each in given])
    return language.listed([str(each) for each in given])


def _range(language: Language, params: Mapping[str, Any]) -> str:
    least, most = params.get("least"), params.get("most")
    if least is None and most is None:
        return ""
    if least == most or most is None or least is None:
        return language.digits(str(least if least is not None else most))
    return language.digits(f"{least}{EN_DASH}{most}")


def no_place(language: Language, reason: Json | None) -> str:
    """Say why a request has no place."""
    code = str((reason or {}).get("code", ""))
    message = NO_PLACE.get(code, N_("No place was found."))
    return language.text(message) + _detail(language, reason)


def would_help(language: Language, change: Json | None) -> str:
    """Say which single change would give a request a place; empty when there is none."""
    if not change:
        return ""
    message = WOULD_HELP.get(str(change.get("code")), N_("A change of the frame."))
    return language.text(message) + _detail(language, change)


def _detail(language: Language, thing: Json | None) -> str:
    params: Mapping[str, Any] = (thing or {}).get("params") or {}
    tags = params.get("languages") or []
    if not tags:
        return ""
    return f" ({language.listed([language.language(str(tag)) for tag in tags])})"


def contribution(language: Language, index: int, size: int) -> str:
    """Say in a word how much a shared concept counts, by its place among them."""
    if index == 0:
        return language.text(N_("counts most"))
    return language.text(N_("counts much") if index * 2 < size + 1 else N_("counts some"))
