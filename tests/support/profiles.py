"""Profiles for tests: what a test does not name is filled in."""

import random
from collections.abc import Mapping
from datetime import date
from typing import Any
from uuid import UUID

from techdock_matching.domain.ranking.profile import Conditions, Kind, Profile, Text

TODAY = date(2027, 4, 21)
EVENT = UUID(int=7)

_WORDS = {
    "en": "drip irrigation brackish water salinity emitter clogging orchard membrane filter sensor soil solar panel pump valve field crop yield farm controller pressure pipe tank",
    "ru": "капельный полив солоноватая вода минерализация засорение сад мембрана фильтр датчик почва солнечная панель насос клапан поле урожай ферма контроллер давление труба бак",
    "zh": "滴灌 微咸水 矿化度 堵塞 果园 膜 过滤 传感器 土壤 太阳能 水泵 阀门 农田 产量 控制器 压力 管道",
    "es": "riego goteo agua salobre salinidad emisor huerto membrana filtro sensor suelo panel solar bomba válvula campo cultivo rendimiento presión tubería",
    "ar": "الري بالتنقيط مياه مالحة ملوحة بستان غشاء مرشح مستشعر تربة لوح شمسي مضخة صمام حقل محصول ضغط أنبوب",
    "fr": "irrigation goutte eau saumâtre salinité verger membrane filtre capteur sol panneau solaire pompe vanne champ récolte pression tuyau",
}
WORDS = {language: words.split() for language, words in _WORDS.items()}


def uid(number: int) -> UUID:
    """Return a readable id."""
    return UUID(int=number)


def profile(number: int, kind: Kind = Kind.NEED, text: str = "", **facts: Any) -> Profile:
    """Return a profile of an organization of its own; `text` is in English."""
    texts = {"description": Text("en", {"en": text})} if text else {}
    given: dict[str, Any] = {
        "organization_id": uid(10_000 + number),
        "group_id": uid(20_000 + number),
        "country": "KZ",
        "valid_until": date(2028, 1, 1),
        "docking_events": frozenset({EVENT}),
        "texts": texts,
    }
    return Profile(uid(number), kind, **{**given, **facts})


def need(number: int, text: str = "", **facts: Any) -> Profile:
    return profile(number, Kind.NEED, text, **facts)


def offer(number: int, text: str = "", **facts: Any) -> Profile:
    return profile(number, Kind.OFFER, text, **facts)


def texts(versions: Mapping[str, str], original: str | None = None) -> dict[str, Text]:
    """Return a description in several languages."""
    return {"description": Text(original or next(iter(versions)), dict(versions))}


def many(count: int, seed: int) -> list[Profile]:
    """Return random profiles of both sides that state this and that, in several languages."""
    chance = random.Random(seed)
    return [_random(chance, number) for number in chance.sample(range(1, count * 20), count)]


def _random(chance: random.Random, number: int) -> Profile:
    kind = chance.choice([Kind.NEED, Kind.OFFER])
    spoken = chance.sample(sorted(WORDS), chance.choice([1, 1, 1, 2, 3]))
    sep = {"zh": ""}
    versions = {
        tag: sep.get(tag, " ").join(chance.choices(WORDS[tag], k=chance.randint(0, 40)))
        for tag in spoken
    }
    some = lambda values, most: tuple(chance.sample(values, chance.randint(0, most)))  # noqa: E731
    maybe = lambda values: chance.choice([None, *values])  # noqa: E731
    low = chance.choice([None, *range(1, 8)])
    return profile(
        number,
        kind,
        texts=texts(versions),
        organization_id=uid(10_000_000 + number % 40),
        group_id=uid(20_000_000 + number % 30),
        country=chance.choice(["CN", "KZ", "RU", "ES", "EG", "FR"]),
        valid_until=date(2027, chance.choice([3, 5, 9]), 1),
        docking_events=frozenset(map(uid, chance.sample([7, 8, 9], chance.randint(0, 3)))),
        trl=chance.choice([None, *range(1, 10)]) if kind is Kind.OFFER else None,
        trl_least=low if kind is Kind.NEED else None,
        trl_most=None if low is None or kind is Kind.OFFER else min(9, low + chance.randint(0, 3)),
        ipr_status=maybe(["granted", "applied", "none", "copyright"]),
        cooperation=some(["licence", "joint_venture", "service", "training"], 2),
        ipc=some(["A01G 25/02", "A01G 25/16", "C02F 1/44", "H02S 10/00"], 2),
        isic=some(["0111", "0113", "2813", "36"], 2),
        sdg=some([2, 6, 7, 13], 2),
        technology_field=maybe([24, 27, 29]),
        technology_keywords=some(["drip line", "мембрана", "滴灌", "Membrane"], 2),
        languages=some(["en", "ru", "zh-Hans", "es"], 2),
        partner_kinds=some(["enterprise", "institute"], 1),
        organization_kind=maybe(["enterprise", "institute", "park"]),
        partner_countries=some(["CN", "KZ", "RU"], 3) if chance.random() < 0.2 else (),
        excluded_countries=some(["CN", "ES"], 1),
        conditions=Conditions(
            climate=some(["arid", "cold"], 1),
            water=some(["fresh", "brackish"], 1),
            power=some(["grid", "solar"], 2),
            skill_level=maybe(["basic", "trained", "specialist"]),
            price_band=maybe(["low", "middle", "high"]),
            certificates=some(["ce", "eac", "gb"], 2),
        ),
    )
