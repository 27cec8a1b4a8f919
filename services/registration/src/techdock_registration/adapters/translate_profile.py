"""What others are told of needs and offers: the open fields as state, codes as events."""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from techdock_contracts import registration as told
from techdock_contracts.event import Event, Tombstone
from techdock_contracts.texts import Text, Version
from techdock_contracts.topics import PROFILES
from techdock_shared.errors import Invalid
from techdock_shared.ids import uuid7

from techdock_registration.domain.participation import Belonging
from techdock_registration.domain.profile import Expired, Profile, Published, Revised, Withdrawn
from techdock_registration.domain.profile_content import OPEN, Content

MOST_EVENT_BYTES = 512 * 1024


def profile(thing: Profile) -> Iterator[Event | Tombstone]:
    """Tell what happened to a profile: first its state, then the event without texts.

    Raises:
        Invalid: What would be told is longer than 512 KiB.
    """
    for happening in thing.happened:
        match happening:
            case Published(of, at):
                yield _state(thing, of, at)
                yield told.ProfilePublished(
                    **_head(thing.id, at), **_codes(thing), **_told(thing, of, at)
                )
            case Revised(of, at):
                yield _state(thing, of, at)
                yield told.ProfileRevised(
                    **_head(thing.id, at), **_codes(thing), **_told(thing, of, at)
                )
            case Withdrawn(at):
                yield _tombstone(thing.id)
                yield told.ProfileWithdrawn(**_head(thing.id, at), occurred_on=_day(at))
            case Expired(at):
                yield _tombstone(thing.id)
                yield told.ProfileExpired(**_head(thing.id, at), occurred_on=_day(at))


def _head(id: UUID, at: datetime) -> dict[str, Any]:
    return {"id": uuid7(), "time": at, "subject": str(id), "profile_id": id}


def _day(at: datetime) -> Any:
    return at.astimezone(UTC).date()


def _tombstone(id: UUID) -> Tombstone:
    return Tombstone(id=uuid7(), topic=PROFILES, key=str(id), subject=str(id), sequence=0)


def _codes(thing: Profile) -> dict[str, Any]:
    content = thing.content
    return {
        "organization_id": thing.organization_id,
        "kind": thing.kind,
        "docking_events": content.docking_events,
        "revision": thing.revision,
        "trl": content.trl,
        "trl_least": content.trl_least,
        "trl_most": content.trl_most,
        "ipr_status": content.ipr_status,
        "cooperation": content.cooperation,
        "ipc": content.ipc,
        "isic": content.isic,
        "sdg": content.sdg,
        "technology_field": content.technology_field,
        "languages": content.languages,
        "valid_until": content.valid_until,
    }


def _told(thing: Profile, of: Belonging, at: datetime) -> dict[str, Any]:
    content = thing.content
    return {
        "country": of.country,
        "group_id": of.group_id,
        "original_language": content.title.original,
        "text_languages": content.text_languages,
        "characters": content.characters,
        "occurred_on": _day(at),
    }


_STATE_ONLY = (
    "technology_keywords",
    "market_keywords",
    "partner_kinds",
    "partner_countries",
    "excluded_countries",
)
_ALWAYS = ("organization_id", "kind", "docking_events", "revision", "valid_until")


def _state(thing: Profile, of: Belonging, at: datetime) -> told.ProfileState:
    """Return the state: only fields that any confirmed participant may read."""
    content = thing.content
    fields = {**_codes(thing), **{name: getattr(content, name) for name in _STATE_ONLY}}
    shown = {
        name: value
        for name, value in fields.items()
        if name in _ALWAYS or content.level(name) == OPEN
    }
    if content.level("conditions") == OPEN:
        shown["conditions"] = _conditions(content)
    state = told.ProfileState(
        **_head(thing.id, at),
        **shown,
        country=of.country,
        group_id=of.group_id,
        texts={n: _text(content, n) for n in content.texts if content.level(n) == OPEN},
    )
    letters = sum(len(v.text) for t in state.texts.values() for v in t.versions.values())
    # A character takes at most four bytes; only a long one is rendered to be measured.
    if letters * 4 > MOST_EVENT_BYTES // 2:
        size = len(state.to_bytes())
        if size > MOST_EVENT_BYTES:
            raise Invalid(f"a published profile has at most {MOST_EVENT_BYTES} bytes, not {size}")
    return state


def _text(content: Content, name: str) -> Text:
    text = content.texts[name]
    return Text.model_construct(
        original=text.original,
        versions={
            tag: Version.model_construct(text=v.text, status=v.status)  # type: ignore[arg-type]  # checked by the domain
            for tag, v in text.versions.items()
        },
    )


def _conditions(content: Content) -> told.Conditions:
    c = content.conditions
    return told.Conditions(
        climate=c.climate,
        water=c.water,
        power=c.power,
        skill_level=c.skill_level,
        price_band=c.price_band,
        certificates=c.certificates,
    )
