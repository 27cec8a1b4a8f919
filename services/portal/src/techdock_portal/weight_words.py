"""Words for the weights of a ranking: what each is, and what more of it does."""

from techdock_portal.i18n import N_
from techdock_portal.words import P_

NAMES: dict[str, tuple[str, str]] = {
    "text": P_("weight", "Texts in a language that both use"),
    "concepts": P_("weight", "Technology concepts across languages"),
    "codes": P_("weight", "Fields, codes and keywords"),
    "trl": P_("reason", "Readiness level"),
    "cooperation": P_("reason", "Cooperation"),
    "language": P_("reason", "Language"),
    "partner_kind": P_("reason", "Kind of partner"),
    "climate": P_("reason", "Climate"),
    "water": P_("reason", "Water"),
    "power": P_("reason", "Power"),
    "skill_level": P_("reason", "Skills"),
    "price_band": P_("reason", "Price"),
    "certificates": P_("reason", "Certificates"),
    "ipr": P_("reason", "Rights"),
    "acceptance": P_("reason", "Willing to meet"),
    "most_kin": P_("weight", "First places of one organization"),
    "possible": P_("weight", "Listed from"),
    "good": P_("weight", "A good match from"),
    "strong": P_("weight", "A strong match from"),
}
HINTS: dict[str, str] = {
    "text": N_("How close the wording is; the base of every match."),
    "concepts": N_("Counts where the two sides write in different languages."),
    "codes": N_("Technology field, goals, industry codes and keywords in common."),
    "trl": N_("How near the offer's stage is to what the need asks for."),
    "cooperation": N_("Whether both want the same form of cooperation."),
    "language": N_("Whether people of both sides can talk without an interpreter."),
    "partner_kind": N_("Whether each is the kind of organization that the other looks for."),
    "climate": N_("Whether the technology suits the climate."),
    "water": N_("Whether the water at hand will do."),
    "power": N_("Whether the power at hand will do."),
    "skill_level": N_("Whether it asks for no more skill than there is."),
    "price_band": N_("Whether it costs no more than is wanted."),
    "certificates": N_("Whether the certificates asked for are there."),
    "ipr": N_("Whether there are rights where a licence is sought."),
    "acceptance": N_(
        "How often each accepts the meetings it is asked for; newcomers stand on the average."
    ),
    "most_kin": N_(
        "Most among the first ten, also of offers that say nearly the same; 10: no limit."
    ),
    "possible": N_("Below this, a pair is in nobody's list."),
    "good": N_("From here on a match is called good and counts as served."),
    "strong": N_("From here on a match is called strong."),
}
GROUPS: tuple[tuple[str, tuple[str, ...]], ...] = (
    (N_("Topic"), ("text", "concepts", "codes")),
    (
        N_("What fits besides"),
        (
            "trl", "cooperation", "language", "partner_kind", "ipr", "certificates",
            "skill_level", "price_band", "climate", "water", "power",
        ),
    ),
    (N_("Fair to all"), ("acceptance", "most_kin")),
    (N_("Steps"), ("possible", "good", "strong")),
)  # fmt: skip
