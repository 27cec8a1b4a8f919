"""Draws templates: one Jinja environment per language, with our icons, states and words."""

from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import Any
from urllib.parse import quote
from uuid import uuid4

from jinja2 import ChainableUndefined, Environment, FileSystemLoader
from markupsafe import Markup, escape

from techdock_portal import form_words, words
from techdock_portal.i18n import (
    COMMA,
    LANGUAGES,
    NATIVE,
    PLACE_COMMA,
    Language,
    direction_of,
    language,
)
from techdock_portal.refusals import refused
from techdock_portal.texts import best, named, original, others
from techdock_portal.times import a_date, instant, to_field

HERE = Path(__file__).parent
STATIC = HERE / "static"


@cache
def asset(name: str) -> str:
    """Return the address of a static file; it changes with the content, so it caches for ever."""
    path = STATIC / name
    mark = sha256(path.read_bytes()).hexdigest()[:10] if path.is_file() else "none"
    return f"/static/{quote(name)}?v={mark}"


@cache
def icon(name: str, extra: str = "") -> Markup:
    """Return a drawing from the sprite; it carries no meaning of its own."""
    classes = f"td-icon {extra}".strip()
    return Markup('<svg class="{}" aria-hidden="true"><use href="{}#{}"/></svg>').format(
        classes, asset("vendor/icons.svg"), name
    )


def once() -> Markup:
    """Return the hidden field that makes a form sent twice one deed."""
    return Markup('<input type="hidden" name="_key" value="{}">').format(uuid4())


def version_field(version: object) -> Markup:
    """Return the hidden field that says which version of a thing the reader saw."""
    return Markup('<input type="hidden" name="_version" value="{}">').format(version or "")


@cache
def environment(tag: str) -> Environment:
    """Return the environment of one language."""
    tongue = language(tag)
    made = Environment(
        loader=FileSystemLoader(HERE / "templates"),
        autoescape=True,
        undefined=ChainableUndefined,
        extensions=["jinja2.ext.i18n", "jinja2.ext.do", "jinja2.ext.loopcontrols"],
        trim_blocks=True,
        lstrip_blocks=True,
        cache_size=-1,
    )
    made.install_gettext_callables(  # type: ignore[attr-defined]  # given by the extension
        tongue.catalogue.ugettext,
        tongue.catalogue.ungettext,
        newstyle=True,
        pgettext=tongue.catalogue.upgettext,
        npgettext=tongue.catalogue.unpgettext,
    )
    made.globals.update(_globals(tongue))
    return made


def _globals(tongue: Language) -> dict[str, Any]:
    def status(kind: str, code: object, word: str | None = None) -> Markup:
        """Return a state as icon, word and tint."""
        shown = words.state(kind, code)
        tone = f" is-{shown.tone}" if shown.tone else ""
        return Markup('<span class="td-status{}">{}<span>{}</span></span>').format(
            tone, icon(shown.icon), word or tongue.word(*shown.word)
        )

    def said(tone: str, name: str, text: object) -> Markup:
        """Return any words as a state: icon, word and tint."""
        return Markup('<span class="td-status{}">{}<span>{}</span></span>').format(
            f" is-{tone}" if tone else "", icon(name), escape(text)
        )

    def count(one: str, many: str, number: int, **values: object) -> str:
        return tongue.plural(one, many, number, **values)

    return {
        "language": tongue,
        "refused": lambda problem: refused(tongue, problem),
        "languages": [(tag, NATIVE[tag], direction_of(tag)) for tag in LANGUAGES],
        "asset": asset,
        "icon": icon,
        "status": status,
        "said": said,
        "state_word": lambda kind, code: tongue.word(*words.state(kind, code).word),
        "word": lambda list_, code: words.label(tongue, list_, code),
        "words": lambda list_, codes: words.labels(tongue, list_, codes),
        "choices": lambda list_: words.choices(tongue, list_),
        "count": count,
        "num": tongue.number,
        "day": lambda value, **form: tongue.day(found, **form) if (found := a_date(value)) else "",
        "days": lambda first, last: _days(tongue, first, last),
        "digits": tongue.digits,
        "country": tongue.country,
        "tongue": tongue.language,
        "tongues": lambda tags: tongue.listed([tongue.language(str(tag)) for tag in tags or ()]),
        "comma": COMMA[tongue.tag],
        "place_comma": PLACE_COMMA[tongue.tag],
        "listed": tongue.listed,
        "best": lambda text: best(text, tongue.tag),
        "original": original,
        "others": others,
        "named": named,
        "instant": instant,
        "to_field": to_field,
        "direction_of": direction_of,
        "once": once,
        "version_field": version_field,
        "session_icon": lambda kind: icon(words.SESSION_ICONS.get(str(kind), "calendar-time")),
        "STAGES": words.STAGES,
        "STEPS": words.STEPS,
        "TEXT_FIELDS": words.TEXT_FIELDS,
        "field_labels": form_words.FIELD_LABELS,
        "field_hints": form_words.FIELD_HINTS,
        "trl_words": form_words.TRL,
        "move_words": form_words.MOVES,
    }


def _days(tongue: Language, first: str | None, last: str | None) -> str:
    start, end = a_date(first), a_date(last)
    if start is None:
        return ""
    return tongue.days(start, end or start)
