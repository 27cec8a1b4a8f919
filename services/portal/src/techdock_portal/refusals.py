"""Words for what a service refused, by its stable code; else the service's own words."""

from markupsafe import Markup

from techdock_portal.client import ApiProblem
from techdock_portal.i18n import N_, Language

STALE = N_(
    "Somebody changed it meanwhile. What you typed is in the form; save again to put it in place."
)
WORDS = {
    "not_ready": N_("Something has to be there first: a main venue, an organization as host, the "
                    "first day."),
    "wrong_state": N_("That is not possible in its present state. Look at what is there now."),
    "incomplete": N_("A title and a summary are needed before it can be published."),
    "not_confirmed": N_("First the organizers have to confirm that your organization takes part."),
    "already_applied": N_("This organization has applied already."),
    "too_late": N_("The deadline is over."),
    "taken": N_("This code is in use already; choose another."),
    "already_requested": N_("There is an open request between the two sides already."),
    "double_booked": N_("A person, a table or an interpreter is in another meeting then."),
    "breaks_rules": N_("The timetable breaks a rule by now, because something changed since it was "
                       "made. Generate another."),
    "nothing_published": N_("No timetable is published yet."),
    "meeting_not_held": N_("An outcome can be recorded after the meeting has been held."),
    "already_declared": N_("This stage has been declared already."),
    "already_answered": N_("Your side has answered already."),
    "project_ended": N_("The cooperation has ended; what it reached stays."),
    "in_flight": N_("The same form is being worked on. Wait a moment."),
    "idempotency_key_reused": N_("This form was sent before with other content. Open the page "
                                 "again."),
}  # fmt: skip


def refused(language: Language, problem: ApiProblem) -> str | Markup:
    """Say what a service refused, in the reader's language where we have words."""
    if problem.is_stale:
        return language.text(STALE)
    if problem.code in WORDS:
        return language.text(WORDS[problem.code])
    return Markup('<bdi lang="en">{}</bdi>').format(problem.detail or problem.code)
