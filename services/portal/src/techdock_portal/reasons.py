"""Words for why two sides fit, why a request has no place, and what would help."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from techdock_portal.client import Json
from techdock_portal.i18n import EN_DASH, N_, Language
from techdock_portal.words import P_, labels

ABOUT: dict[str, tuple[str, str]] = {
    "text": P_("reason", "Topic"),
    "concepts": P_("reason", "Topic"),
    "meaning": P_("reason", "Meaning"),
    "no_shared_text": P_("reason", "Texts"),
    "codes": P_("reason", "Field"),
    "trl": P_("reason", "Readiness level"),
    "cooperation": P_("reason", "Cooperation"),
    "language": P_("reason", "Language"),
    "partner_kind": P_("reason", "Kind of partner"),
    "country": P_("reason", "Country"),
    "climate": P_("reason", "Climate"),
    "water": P_("reason", "Water"),
    "power": P_("reason", "Power"),
    "skill_level": P_("reason", "Skills"),
    "price_band": P_("reason", "Price"),
    "certificates": P_("reason", "Certificates"),
    "ipr": P_("reason", "Rights"),
    "acceptance": P_("reason", "Willing to meet"),
    "kin": P_("reason", "Place"),
    "missing": P_("reason", "Missing in yours"),
}
FULLER = N_("a fuller description")
LISTS = {
    "cooperation": "cooperation", "partner_kind": "organization_kind", "climate": "climate",
    "water": "water", "power": "power", "skill_level": "skill_level", "price_band": "price_band",
    "certificates": "certificates", "ipr": "ipr_status",
}  # fmt: skip
SIDES = {
    (True, True): N_("you: %(mine)s; they: %(theirs)s"),
    (True, False): N_("you: %(mine)s; they have not said"),
    (False, True): N_("they: %(theirs)s; you have not said"),
    (False, False): N_("not stated on one side"),
}
WILLING = {
    True: N_("often accepts the meetings it is asked for"),
    False: N_("seldom accepts the meetings it is asked for"),
}
PLACES = {
    "description": "summary-0", "codes": "technology_keywords", "language": "languages",
    "partner_kind": "partner_kinds", "country": "partner_countries", "ipr": "ipr_status",
}  # fmt: skip
"""Fields of the editor that are called otherwise than what they are for."""

CODE_LISTS = {"ipc": "IPC", "isic": "ISIC", "sdg": "SDG", "field": "WIPO"}
MOST_FITS = 5
_MOST, _MUCH = 0.9, 0.5

NO_PLACE: dict[str, str] = {
    "maximum": N_("One side has as many meetings as it wished for at most."),
    "cannot_meet": N_("The persons are nowhere together, and no venue has a link."),
    "no_table": N_("None of the tables suits: a video link or a booth is missing."),
    "no_interpreter": N_("The sides share no language, and nobody interprets between theirs."),
    "no_common_hours": N_("The two sides have no hours in common."),
    "night": N_("The only slots left fall into the night of one side."),
    "no_common_slot": N_("In every slot that they have in common one side meets others."),
    "precedence": N_("A meeting that has to come first leaves no slot behind it."),
    "tables_full": N_("In every slot that both sides have free, all tables are taken."),
    "interpreter_busy": N_("In every slot that both sides have free, the interpreter is taken."),
    "place_free": N_("There is a free place; the run was too short to find it."),
}
WOULD_HELP: dict[str, str] = {
    "place": N_("Nothing else has to change: a longer run finds it."),
    "move_meeting": N_("Moving one other meeting."),
    "add_table": N_("One more table."),
    "add_interpreter": N_("One more interpreter."),
    "free_person": N_("One person free then, against the hours stated."),
    "agree_night": N_("That one person agrees to meet at night."),
    "raise_maximum": N_("One more meeting than the side wished for at most."),
}


def apart(word: object) -> str:
    """Keep a word of any script apart from the sentence around it (U+2068, U+2069)."""
    return f"\N{FIRST STRONG ISOLATE}{word}\N{POP DIRECTIONAL ISOLATE}"


@dataclass(frozen=True, slots=True)
class Said:
    """A reason in words: what it is about, then both sides' facts.

    Attributes:
        lacks: What the reader's profile leaves open: in words, and the field of the editor.
    """

    about: str
    facts: str
    fits: bool | None
    lacks: tuple[tuple[str, str], ...] = ()


def said(language: Language, reason: Json, kind: str) -> Said:
    """Word a reason of a match for its reader.

    Args:
        language: The reader's.
        reason: Told to one of the two sides, as its param `reader` says.
        kind: What the reader of the page has: need or offer.
    """
    code = str(reason.get("code"))
    word = ABOUT.get(code)
    about = language.word(*word) if word else code.replace("_", " ")
    facts = _Facts(language, code, reason.get("params") or {}, kind)
    lacks = tuple(facts.lacks()) if code == "missing" else ()
    return Said(about, facts.sentence(), reason.get("fits"), lacks)


@dataclass(frozen=True, slots=True)
class _Facts:
    """The params of a reason, on their way to a sentence."""

    language: Language
    code: str
    params: Mapping[str, Any]
    kind: str

    def sentence(self) -> str:
        """Return the sentence."""
        special = getattr(self, f"_{self.code}", None)
        if special is not None:
            return str(special())
        if shared := self._worded(self.params.get("shared")):
            return self.language.text(N_("%(shared)s on both sides"), shared=shared)
        return self._sides(*self._mine_and_theirs())

    def _mine_and_theirs(self) -> tuple[object, object]:
        if "wants" in self.params:
            both = self.params["wants"], self.params.get("is")
            return both if self.params.get("reader") == self.kind else both[::-1]
        mine, theirs = ("need", "offer") if self.kind == "need" else ("offer", "need")
        return self.params.get(mine), self.params.get(theirs)

    def _sides(self, mine: object, theirs: object) -> str:
        message = SIDES[bool(mine), bool(theirs)]
        return self.language.text(message, mine=self._worded(mine), theirs=self._worded(theirs))

    def _text(self) -> str:
        terms = self._worded(self.params.get("terms"))
        return self.language.text(N_("%(terms)s in both"), terms=terms)

    def _concepts(self) -> str:
        sides = (self.params.get("terms") or (), self.params.get("terms_there") or ())
        mine, theirs = sides if self.params.get("reader") == self.kind else sides[::-1]
        pairs = [f"{apart(one)} ({apart(other)})" for one, other in zip(mine, theirs, strict=True)]
        return self.language.text(N_("%(terms)s in both"), terms=self.language.listed(pairs))

    def _meaning(self) -> str:
        return self.language.text(N_("the two texts as a whole say something similar"))

    def _no_shared_text(self) -> str:
        sides = (self.params.get("mine"), self.params.get("theirs"))
        mine, theirs = sides if self.params.get("reader") == self.kind else sides[::-1]
        named = [self.language.listed([self.language.language(tag) for tag in side or ()])
                 for side in (mine, theirs)]  # fmt: skip
        return self.language.text(
            N_("yours in %(mine)s, theirs in %(theirs)s"), mine=named[0], theirs=named[1]
        )

    def _codes(self) -> str:
        shared = [apart(each) for each in sorted(self.params.get("keyword") or ())]
        for name, short in CODE_LISTS.items():
            if codes := self.params.get(name):
                ordered = sorted(map(str, codes), key=lambda code: (len(code), code))
                shared.append(f"{short} {', '.join(ordered)}")
        if not shared:
            return self.language.text(N_("nothing in common"))
        return self.language.text(
            N_("%(shared)s on both sides"), shared=self.language.listed(shared)
        )

    def _trl(self) -> str:
        least, most = self.params.get("least"), self.params.get("most")
        sought = least if least == most else f"{least or 1}{EN_DASH}{most or 9}"
        wanted = None if least is None and most is None else self.language.digits(str(sought))
        stated = self.params.get("stated")
        offered = None if stated is None else self.language.digits(str(stated))
        return self._sides(*((wanted, offered) if self.kind == "need" else (offered, wanted)))

    def _certificates(self) -> str:
        if lacks := self._worded(self.params.get("lacks")):
            return self.language.text(N_("%(lacks)s missing"), lacks=lacks)
        return self._sides(*self._mine_and_theirs())

    def _ipr(self) -> str:
        status = self.params.get("status")
        return self._sides(*((None, status) if self.kind == "need" else (status, None)))

    def _acceptance(self) -> str:
        often = self.params.get("willing") == "often"
        return self.language.text(WILLING[often])

    def _kin(self) -> str:
        most = self.language.digits(str(self.params.get("most") or ""))
        return self.language.text(
            N_(
                "others of the same organization stand before it; it has at most %(most)s of the"
                " first ten places"
            ),
            most=most,
        )

    def _missing(self) -> str:
        return self.language.listed([named for named, _ in self.lacks()])

    def lacks(self) -> Iterator[tuple[str, str]]:
        """Yield what the reader's profile leaves open, with its place in the editor."""
        for code in self.params.get("fields") or ():
            word = ABOUT.get(code)
            named = self.language.word(*word) if word else self.language.text(FULLER)
            place = "trl_least" if code == "trl" and self.kind == "need" else code
            yield named, PLACES.get(place, place)

    def _worded(self, value: object) -> str:
        given = (
            []
            if value in (None, "")
            else list(value)
            if isinstance(value, list | tuple)
            else [value]
        )
        if self.code in LISTS:
            return labels(self.language, LISTS[self.code], given)
        if self.code == "language":
            return self.language.listed([self.language.language(str(tag)) for tag in given])
        if self.code == "country":
            return self.language.listed([self.language.country(str(each)) for each in given])
        return self.language.listed([apart(each) for each in given])


@dataclass(frozen=True, slots=True)
class Fit:
    """The reasons of a match for one side: those to see at once, and the rest."""

    shown: tuple[Said, ...]
    rest: tuple[Said, ...]


def fits(language: Language, match: Json, kind: str) -> tuple[Fit, Fit]:
    """Return why a match fits the reader, and what the other side sees in it besides.

    What does not fit, or is not known, is always to be seen at once.
    """
    mine = [said(language, reason, kind) for reason in match.get("reasons") or ()]
    theirs = [
        told
        for reason in match.get("reasons_there") or ()
        if reason.get("code") != "missing" and (told := said(language, reason, kind)) not in mine
    ]
    return _fit(mine), _fit(theirs)


def _fit(told: list[Said]) -> Fit:
    best = [each for each in told if each.fits][:MOST_FITS]
    shown = [each for each in told if not each.fits or each in best]
    return Fit(tuple(shown), tuple(each for each in told if each not in shown))


def no_place(language: Language, reason: Json | str | None) -> str:
    """Say why a request has no place."""
    told = {"code": reason} if isinstance(reason, str) else reason or {}
    message = NO_PLACE.get(str(told.get("code")), N_("No place was found."))
    return language.text(message) + _detail(language, told)


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


def contribution(language: Language, share: float) -> str:
    """Say in a word how much a shared concept counts beside the weightiest, from 0 to 1."""
    if share >= _MOST:
        return language.text(N_("counts most"))
    return language.text(N_("counts much") if share >= _MUCH else N_("counts some"))
