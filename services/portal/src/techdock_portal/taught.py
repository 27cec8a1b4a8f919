"""Words for what the readers' own deeds do to the order of their matches."""

from collections.abc import Callable, Mapping

from techdock_portal.client import Json
from techdock_portal.i18n import N_, PLACE_COMMA, Language
from techdock_portal.reasons import ABOUT, Said, apart
from techdock_portal.words import P_, labels

ABOUT_TAUGHT: Mapping[str, tuple[str, str]] = {
    "topic": ABOUT["text"],
    "words": ABOUT["text"],
    "field": ABOUT["codes"],
    "country": ABOUT["country"],
    "stage": ABOUT["trl"],
    "cooperation": ABOUT["cooperation"],
    "group": P_("reason", "Organization"),
    "self": P_("reason", "This one"),
}
ITSELF = {"saved": N_("you saved it"), "asked": N_("you asked for a meeting")}
Count = Callable[[Language, int], str]

LIKE: Mapping[str, Count] = {
    "saved": lambda tongue, n: tongue.plural(
        "as with %(n)s match that you saved", "as with %(n)s matches that you saved", n
    ),
    "asked": lambda tongue, n: tongue.plural(
        "as with %(n)s match that you asked for a meeting",
        "as with %(n)s matches that you asked for a meeting",
        n,
    ),
    "not_fitting": lambda tongue, n: tongue.plural(
        "as with %(n)s match that you said does not fit",
        "as with %(n)s matches that you said do not fit",
        n,
    ),
    "known": lambda tongue, n: tongue.plural(
        "as with %(n)s match that you said you know already",
        "as with %(n)s matches that you said you know already",
        n,
    ),
    "competitor": lambda tongue, n: tongue.plural(
        "as with %(n)s match that you called a competitor",
        "as with %(n)s matches that you called competitors",
        n,
    ),
    "too_early": lambda tongue, n: tongue.plural(
        "no further than %(n)s match that you dismissed as too early",
        "no further than %(n)s matches that you dismissed as too early",
        n,
    ),
    "too_late": lambda tongue, n: tongue.plural(
        "no earlier than %(n)s match that you dismissed as too far along",
        "no earlier than %(n)s matches that you dismissed as too far along",
        n,
    ),
    "country": lambda tongue, n: tongue.plural(
        "as with %(n)s match that you dismissed for its country",
        "as with %(n)s matches that you dismissed for their country",
        n,
    ),
    "field": lambda tongue, n: tongue.plural(
        "as with %(n)s match that you dismissed for its field",
        "as with %(n)s matches that you dismissed for their field",
        n,
    ),
}


def lessons(language: Language, match: Json, fields: Mapping[str, str]) -> list[Said]:
    """Return in words what the readers' own deeds do to the place of a match.

    Args:
        language: The reader's.
        match: As matching lists it.
        fields: Names of the technology fields by their numbers.
    """
    return [
        Said(language.word(*about), _facts(language, told, fields), int(told["weight"]) > 0)
        for told in match.get("taught") or ()
        if (about := ABOUT_TAUGHT.get(str(told.get("about")))) and str(told.get("lesson")) in LIKE
    ]


def _facts(language: Language, told: Json, fields: Mapping[str, str]) -> str:
    if told["about"] == "self":
        return language.text(ITSELF.get(str(told["lesson"]), ITSELF["saved"]))
    given = [str(value) for value in told.get("values") or ()]
    like = LIKE[str(told["lesson"])](language, int(told["count"]))
    named = {
        "topic": lambda: language.listed([apart(each) for each in given]),
        "words": lambda: language.listed([apart(each) for each in given]),
        "field": lambda: language.listed([fields.get(each, each) for each in given]),
        "country": lambda: language.listed([language.country(each) for each in given]),
        # The stage of the one that was dismissed says itself what is meant.
        "stage": lambda: language.digits(given[0]) if told["lesson"] in {"saved", "asked"} else "",
        "cooperation": lambda: labels(language, "cooperation", given),
    }
    which = named.get(str(told["about"]), lambda: "")() if given else ""
    return f"{which}{PLACE_COMMA[language.tag]}{like}" if which else like
