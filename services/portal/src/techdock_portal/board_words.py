"""Words of the organizer's boards."""

from techdock_portal.words import P_

REASONS = {
    "waiting": P_("never shown", "It is not ranked yet"),
    "no_text": P_("never shown", "It has no text beside the title, no code and no keyword"),
    "no_counterpart": P_("never shown", "There is nothing of the other kind yet"),
    "excluded": P_("never shown", "Countries, group or validity forbid every counterpart"),
    "no_shared_language": P_(
        "never shown", "It shares no language, no concept and no code with anybody"
    ),
    "nothing_shared": P_("never shown", "Its words, concepts and codes meet those of nobody"),
    "outranked": P_("never shown", "Others stand before it in every list"),
}
BANDS = {
    "1-3": P_("stage sought", "levels 1 to 3: principles and proofs"),
    "4-6": P_("stage sought", "levels 4 to 6: tests and prototypes"),
    "7-9": P_("stage sought", "levels 7 to 9: working in practice"),
    "": P_("stage sought", "any level"),
}
BY = {
    "country_and_stage": P_("gathered by", "Country, field and stage"),
    "stage": P_("gathered by", "Field and stage"),
    "field": P_("gathered by", "Field only"),
}
