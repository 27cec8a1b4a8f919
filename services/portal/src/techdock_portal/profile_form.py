"""The form of a need or an offer: from the resource to its fields, and back."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from starlette.datastructures import FormData

from techdock_portal.client import ApiProblem, Json
from techdock_portal.words import TEXT_FIELDS

SPOKEN = (
    "zh", "en", "ru", "ar", "es", "fr", "pt", "de", "kk", "uz", "ky", "tr", "fa", "vi", "th",
    "id", "ms", "mn", "it", "ko", "ja", "hi", "ur",
)  # fmt: skip
FIRST_FIELDS = ("title", "summary")
MORE_FIELDS = tuple(name for name in TEXT_FIELDS if name not in FIRST_FIELDS)
LISTED = ("technology_keywords", "market_keywords", "ipc", "isic", "partner_countries",
          "excluded_countries")  # fmt: skip
TICKED = ("cooperation", "languages", "partner_kinds", "sdg")
CONDITIONS_TICKED = ("climate", "water", "power", "certificates")
CONDITIONS_PICKED = ("skill_level", "price_band")
COMMAS = (
    ",", "\n", "\N{FULLWIDTH SEMICOLON}", "\N{FULLWIDTH COMMA}", "\N{IDEOGRAPHIC COMMA}",
    "\N{ARABIC COMMA}", "\N{ARABIC SEMICOLON}",
)  # fmt: skip
UPPER = frozenset({"ipc", "isic", "partner_countries", "excluded_countries"})


@dataclass(frozen=True, slots=True)
class Column:
    """One language version of all texts.

    Attributes:
        status: human, machine or approved; of the title, as it was read.
    """

    index: int
    tag: str
    is_original: bool
    texts: Mapping[str, str]
    status: str = "human"


@dataclass(frozen=True, slots=True)
class Draft:
    """What the form shows.

    Attributes:
        values: Codes and numbers by name, as the interface has them.
    """

    kind: str
    columns: tuple[Column, ...]
    values: Json = field(default_factory=dict)

    @property
    def tags(self) -> tuple[str, ...]:
        """Languages in which there is a version."""
        return tuple(column.tag for column in self.columns)


def from_profile(profile: Json, add: str = "") -> Draft:
    """Return the form of a profile, perhaps with an empty version in one more language."""
    texts: Mapping[str, Json] = profile.get("texts") or {}
    first = (texts.get("title") or {}).get("original") or "en"
    tags = [first]
    for text in texts.values():
        tags += [tag for tag in text.get("versions") or {} if tag not in tags]
    if add and add not in tags:
        tags.append(add)
    columns = []
    for index, tag in enumerate(tags):
        versions = {
            name: (texts.get(name) or {}).get("versions", {}).get(tag) or {} for name in TEXT_FIELDS
        }
        written = {name: str(version.get("text", "")) for name, version in versions.items()}
        status = str(versions["title"].get("status", "human"))
        columns.append(Column(index, tag, index == 0, written, status))
    return Draft(str(profile["kind"]), tuple(columns), profile)


def empty(kind: str, tag: str) -> Draft:
    """Return the form of a new profile, whose original will be in this language."""
    return Draft(kind, (Column(0, tag, True, {}),), {"kind": kind, "texts": {}})


def from_typed(form: FormData, kind: str, add: str = "") -> Draft:
    """Return the form as it was typed; nothing of it is lost."""
    columns = [
        Column(
            index,
            tag,
            index == 0,
            {name: _text(form, f"{name}-{index}") for name in TEXT_FIELDS},
            _text(form, f"status-{index}") or "human",
        )
        for index, tag in _tags(form)
    ]
    if add and add not in [column.tag for column in columns]:
        columns.append(Column(len(columns), add, False, {}))
    return Draft(kind, tuple(columns), {"kind": kind, **_codes(form, kind)})


def to_body(form: FormData, kind: str, before: Json | None) -> Json:
    """Return what is sent to registration.

    Args:
        form: What was typed.
        kind: need or offer.
        before: The profile as it is stored: a machine translation that nobody touched stays one.
    """
    tags = _tags(form)
    original = tags[0][1] if tags else "en"
    texts: Json = {}
    for name in TEXT_FIELDS:
        versions: Json = {}
        for index, tag in tags:
            text = _text(form, f"{name}-{index}")
            if text:
                approved = _text(form, f"approved-{index}") == "yes"
                versions[tag] = {"text": text, "status": _status(before, name, tag, text, approved)}
        if versions:
            first = original if original in versions else next(iter(versions))
            texts[name] = {"original": first, "versions": versions}
    return {"texts": texts, **_codes(form, kind)}


def errors_of(problem: ApiProblem, form: FormData) -> dict[str, str]:
    """Return the names of our fields by those in which registration found faults."""
    index_of = {tag: index for index, tag in _tags(form)}
    names: dict[str, str] = {}
    for error in problem.errors:
        where = str(error.get("where", "")).removeprefix("body.")
        parts = where.split(".")
        if parts[0] == "texts" and len(parts) > 1:
            tag = next((part for part in parts[2:] if part in index_of), None)
            names[where] = f"{parts[1]}-{index_of[tag] if tag else 0}"
        elif parts[0] in {"conditions", "disclosure"} and len(parts) > 1:
            names[where] = parts[1] if parts[0] == "conditions" else f"disclosure-{parts[1]}"
        else:
            names[where] = parts[0]
    return names


def split(value: str) -> list[str]:
    """Return what was typed with ; or another comma between, each once."""
    for mark in COMMAS:
        value = value.replace(mark, ";")
    return list(dict.fromkeys(part for each in value.split(";") if (part := each.strip())))


def _tags(form: FormData) -> list[tuple[int, str]]:
    found = []
    for index in range(40):
        tag = _text(form, f"tag-{index}")
        if not tag:
            break
        found.append((index, tag))
    return found


def _codes(form: FormData, kind: str) -> Json:
    values: Json = {name: _split(_text(form, name), name in UPPER) for name in LISTED}
    values |= {name: _all(form, name) for name in TICKED}
    values["sdg"] = [int(code) for code in values["sdg"] if code.isdigit()]
    if kind == "need":
        values |= {name: _number(_text(form, name)) for name in ("trl_least", "trl_most")}
    else:
        values["trl"] = _number(_text(form, "trl"))
    values["ipr_status"] = _text(form, "ipr_status") or None
    values["technology_field"] = _number(_text(form, "technology_field"))
    values["conditions"] = {
        **{name: _all(form, name) for name in CONDITIONS_TICKED},
        **{name: _text(form, name) or None for name in CONDITIONS_PICKED},
    }
    values["disclosure"] = {
        name: level for name in MORE_FIELDS if (level := _text(form, f"disclosure-{name}"))
    }
    if valid_until := _text(form, "valid_until"):
        values["valid_until"] = valid_until
    return values


def _status(before: Json | None, name: str, tag: str, text: str, approved: bool) -> str:
    if approved:
        return "approved"
    stored = (((before or {}).get("texts") or {}).get(name) or {}).get("versions", {}).get(tag)
    if stored and stored.get("text", "").strip() == text:
        status = str(stored.get("status", "human"))
        return "human" if status == "approved" else status
    return "human"


def _text(form: FormData, name: str) -> str:
    value = form.get(name)
    return value.replace("\r\n", "\n").strip() if isinstance(value, str) else ""


def _all(form: FormData, name: str) -> list[str]:
    return [value for value in form.getlist(name) if isinstance(value, str) and value]


def _split(value: str, upper: bool) -> list[str]:
    parts = split(value)
    return [part.upper().replace(" ", "") for part in parts] if upper else parts


def _number(value: str) -> int | None:
    return int(value) if value.isdigit() else None
