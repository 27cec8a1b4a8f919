"""What the fields of forms are called, and what their buttons do."""

from techdock_portal.i18n import N_

FIELD_LABELS = {
    "title": N_("Title"),
    "summary": N_("Summary"),
    "description": N_("Description"),
    "advantages": N_("Advantages and innovations"),
    "stage_comment": N_("On the stage of development"),
    "ipr_comment": N_("On rights"),
    "partner_sought": N_("Partner sought"),
}
FIELD_HINTS = {
    "description": N_("What it is about, for which purpose, where it would be used"),
    "advantages": N_("What is better than what exists"),
    "stage_comment": N_("What has been tried, where, for how long"),
    "ipr_comment": N_("Where it is protected, who holds the rights"),
    "partner_sought": N_("Whom you look for, for which task"),
}
TRL = (
    N_("basic principles observed"),
    N_("concept formulated"),
    N_("proof of concept"),
    N_("parts tested in the laboratory"),
    N_("parts tested in a relevant environment"),
    N_("prototype shown in a relevant environment"),
    N_("prototype shown in real operation"),
    N_("complete and qualified"),
    N_("in use, proven"),
)
MOVES = {
    "announced": N_("Announce it"),
    "open": N_("Open it for applications"),
    "running": N_("Start it"),
    "held": N_("Declare it held"),
    "closed": N_("Close it"),
}
