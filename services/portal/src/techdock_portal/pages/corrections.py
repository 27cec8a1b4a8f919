"""What a service found wrong, by the field of the form that holds it."""

from techdock_portal.client import ApiProblem
from techdock_portal.i18n import N_
from techdock_portal.page import Page

ERROR = N_("Expected: %(expected)s")
ERROR_FOUND = N_("Expected: %(expected)s. Found: %(found)s")


def corrections(
    page: Page, problem: ApiProblem, fields: dict[str, str] | None = None
) -> dict[str, str]:
    """Return a sentence for each field.

    Args:
        page: For the language.
        problem: What the service answered.
        fields: Names in the form by those of the interface, where they differ.
    """
    found: dict[str, str] = {}
    for error in problem.errors:
        where = str(error.get("where", "")).removeprefix("body.")
        name = (fields or {}).get(where, where.replace(".", "-"))
        said = error.get("found")
        if said in (None, ""):
            found[name] = page.text(ERROR, expected=error.get("expected", ""))
        else:
            found[name] = page.text(ERROR_FOUND, expected=error.get("expected", ""), found=said)
    return found
