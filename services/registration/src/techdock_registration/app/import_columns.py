"""The columns of each kind of import file."""

import re

ORGANIZATIONS = (
    "external_id",
    "kind",
    "name_native",
    "name_latin",
    "name_language",
    "aliases",
    "country",
    "region",
    "size",
    "website",
)
PARTICIPATIONS = (
    "external_id",
    "organization",
    "person_name_native",
    "person_name_latin",
    "email",
    "role",
    "mode",
    "venue",
    "zone",
    "languages",
    "least_meetings",
    "most_meetings",
)
TEXTS = ("title", "summary", "description", "advantages", "partner_sought")
_BEFORE = ("external_id", "organization", "language", *TEXTS)
_AFTER = (
    "ipr_status",
    "cooperation",
    "technology_keywords",
    "market_keywords",
    "ipc",
    "isic",
    "sdg",
    "technology_field",
    "languages",
    "partner_kinds",
    "partner_countries",
    "excluded_countries",
    "climate",
    "water",
    "power",
    "skill_level",
    "price_band",
    "certificates",
    "valid_until",
)
NEEDS = (*_BEFORE, "trl_least", "trl_most", *_AFTER)
OFFERS = (*_BEFORE, "trl", *_AFTER)

COLUMNS = {
    "organizations": ORGANIZATIONS,
    "participations": PARTICIPATIONS,
    "needs": NEEDS,
    "offers": OFFERS,
}
REQUIRED = {
    "organizations": ("external_id", "kind", "name_native", "name_language", "country"),
    "participations": ("external_id", "organization", "person_name_native"),
    "needs": ("external_id", "organization", "language", "title"),
    "offers": ("external_id", "organization", "language", "title"),
}
VERSION = re.compile(rf"({'|'.join(TEXTS)})_([a-z]{{2,3}}(?:-[A-Z][a-z]{{3}})?(?:-[A-Z]{{2}})?)")
"""A column with another language's version of a text, such as title_en."""


def is_column(kind: str, name: str) -> bool:
    """Whether a kind of file has a column."""
    if name in COLUMNS[kind]:
        return True
    return kind in ("needs", "offers") and VERSION.fullmatch(name) is not None
