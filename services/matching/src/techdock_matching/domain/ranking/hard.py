"""Hard constraints: who can never be matched, whatever they write."""

from datetime import date
from uuid import UUID

from techdock_matching.domain.ranking.profile import Profile


def may_meet(mine: Profile, theirs: Profile, on: date, docking_event_id: UUID | None) -> bool:
    """Whether nothing forbids the match; the same seen from either side.

    Args:
        on: The day on which both must be valid.
        docking_event_id: Both must be entered in it; none: in any.
    """
    return (
        mine.kind is not theirs.kind
        and mine.organization_id != theirs.organization_id
        and mine.group_id != theirs.group_id
        and min(mine.valid_until, theirs.valid_until) >= on
        and (
            docking_event_id is None
            or (
                docking_event_id in mine.docking_events
                and docking_event_id in theirs.docking_events
            )
        )
        and wants_country(mine, theirs.country)
        and wants_country(theirs, mine.country)
    )


def wants_country(profile: Profile, country: str) -> bool:
    """Whether a profile lets in counterparts of a country."""
    if country in profile.excluded_countries:
        return False
    return not profile.partner_countries or country in profile.partner_countries
