"""From what registration tells of a profile to what is ranked."""

from techdock_contracts.registration import ProfileState

from techdock_matching.domain.ranking.profile import Conditions, Kind, Profile, Text


def to_rank(content: ProfileState, organization_kind: str | None) -> Profile:
    """Return a published profile as the ranking takes it."""
    conditions = content.conditions
    return Profile(
        id=content.profile_id,
        kind=Kind(content.kind),
        organization_id=content.organization_id,
        group_id=content.group_id,
        country=content.country,
        valid_until=content.valid_until,
        docking_events=frozenset(content.docking_events),
        revision=content.revision,
        texts={
            field: Text(text.original, {tag: v.text for tag, v in text.versions.items()})
            for field, text in content.texts.items()
        },
        trl=content.trl,
        trl_least=content.trl_least,
        trl_most=content.trl_most,
        ipr_status=content.ipr_status,
        cooperation=content.cooperation,
        ipc=content.ipc,
        isic=content.isic,
        sdg=content.sdg,
        technology_field=content.technology_field,
        technology_keywords=content.technology_keywords,
        market_keywords=content.market_keywords,
        languages=content.languages,
        partner_kinds=content.partner_kinds,
        partner_countries=content.partner_countries,
        excluded_countries=content.excluded_countries,
        organization_kind=organization_kind,
        conditions=Conditions(
            climate=conditions.climate,
            water=conditions.water,
            power=conditions.power,
            skill_level=conditions.skill_level,
            price_band=conditions.price_band,
            certificates=conditions.certificates,
        ),
    )
