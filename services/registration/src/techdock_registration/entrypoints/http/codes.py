"""Lists of codes with their labels."""

from typing import Annotated

from babel import Locale, UnknownLocaleError
from fastapi import APIRouter, Query
from pydantic import BaseModel
from techdock_shared.http.principal import public

from techdock_registration.domain import codes
from techdock_registration.entrypoints.http.given import ClockDep

router = APIRouter(prefix="/v1/codes", tags=["codes"], dependencies=[public])


class CodeOut(BaseModel):
    """A code and what it is called in the language asked for."""

    code: str
    label: str


class CodesOut(BaseModel):
    """A list of codes as it stands today."""

    items: list[CodeOut]
    next: str | None = None
    since: str


@router.get("/{list}")
async def labelled(
    list: str,
    clock: ClockDep,
    language: Annotated[str, Query(max_length=35)] = "en",
) -> CodesOut:
    """Return a list with labels; English where there is none in the language."""
    edition = codes.edition(list, clock.now().date())
    items = [
        CodeOut(code=code.code, label=_label(list, code, language))
        for code in edition.codes.values()
    ]
    return CodesOut(items=items, since=edition.since.isoformat())


def _label(name: str, code: codes.Code, language: str) -> str:
    if code.labels:
        return code.labels.get(language) or code.labels["en"]
    for tag in (language, "en"):
        try:
            locale = Locale.parse(tag, sep="-")
        except (UnknownLocaleError, ValueError):
            continue
        if name == "country" and code.code in locale.territories:
            return str(locale.territories[code.code])
        spoken = code.code.replace("-", "_")
        if name == "language" and spoken in locale.languages:
            return str(locale.languages[spoken])
    return code.code
