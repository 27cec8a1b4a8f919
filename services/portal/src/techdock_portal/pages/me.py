"""My own data: names and language, consents, export, erasure, kept mails."""

import re
from datetime import UTC, datetime

from markupsafe import Markup, escape
from starlette.responses import Response

from techdock_portal.client import ApiProblem, Json
from techdock_portal.i18n import LANGUAGES, N_
from techdock_portal.page import Page
from techdock_portal.pages.corrections import corrections
from techdock_portal.routing import Pages
from techdock_portal.words import CODES

pages = Pages()

CONSENT_TEXT = "1"
ENDS = ".,;:!?)\N{IDEOGRAPHIC FULL STOP}\N{FULLWIDTH COMMA}\N{IDEOGRAPHIC COMMA}"
LINK = re.compile(r"https?://[^\s<>\"]+")


@pages.get("/me")
async def me(page: Page) -> Response:
    """Show what is kept about me."""
    return await _me(page)


@pages.post("/me")
async def change(page: Page) -> Response:
    """Change names and languages."""
    body: Json = {
        "names": {
            "native": await page.field("native"),
            "latin": await page.field("latin") or await page.field("native"),
        },
        "languages": await page.fields("languages"),
    }
    tag = await page.field("language")
    if tag in LANGUAGES:
        body["language"] = tag
    try:
        await page.registration.patch("/me", body, await page.version())
    except ApiProblem as problem:
        if not problem.is_for_the_form:
            raise
        return await _me(page, body, problem)
    response = page.go("/me", N_("Saved."))
    if tag in LANGUAGES:
        page.cookies.speak(response, tag)
    return response


@pages.post("/me/consents")
async def consent(page: Page) -> Response:
    """Give or take back a consent; each is kept with its date and the text it was given to."""
    body = {
        "purpose": await page.field("purpose"),
        "text_version": CONSENT_TEXT,
        "given": await page.field("given") == "yes",
    }
    await page.registration.post("/me/consents", body, key=await page.key())
    return page.go("/me#consents", N_("Saved."))


@pages.post("/me/password")
async def password(page: Page) -> Response:
    """Set a password beside the sign-in links."""
    form = await page.form()
    body: Json = {"password": str(form.get("password") or "")}
    if current := str(form.get("current") or ""):
        body["current"] = current
    try:
        await page.registration.put("/me/password", body)
    except ApiProblem as problem:
        if problem.status not in {401, 403, 409, 422}:
            raise
        return await _me(page, None, problem, wrong_password=True)
    return page.go("/me", N_("The password is set."))


@pages.get("/me/export.json")
async def export(page: Page) -> Response:
    """Hand out all that is kept about me."""
    found = await page.registration.file("/me/export")
    name = f"techdock-{datetime.now(UTC).date().isoformat()}.json"
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return Response(found.content, media_type="application/json", headers=headers)


@pages.post("/me/erase")
async def erase(page: Page) -> Response:
    """Erase me, after the box has been ticked."""
    if await page.field("sure") != "yes":
        return page.go("/me#erase", N_("Tick the box first: it cannot be undone."))
    await page.registration.delete("/me", await page.version() or None)
    response = page.go("/docking-events", N_("Your data are erased, and you are signed out."))
    page.cookies.forget(response)
    return response


@pages.get("/me/mails")
async def mails(page: Page) -> Response:
    """Show the mails that were written to me, also where no mail server sends them."""
    found = await page.registration.get("/me/mails", limit=50, cursor=page.query("cursor"))
    return page.draw("me/mails.html", mails=found["items"], next=found.get("next"), body=linked)


def linked(text: str | None) -> Markup:
    """Return the text of a mail with its addresses as links."""
    made, last, whole = Markup(), 0, text or ""
    for hit in LINK.finditer(whole):
        url = hit[0].rstrip(ENDS)
        made += escape(whole[last : hit.start()])
        made += Markup('<a href="{0}"><bdi>{0}</bdi></a>').format(url)
        last = hit.start() + len(url)
    return made + escape(whole[last:])


async def _me(
    page: Page,
    typed: Json | None = None,
    problem: ApiProblem | None = None,
    *,
    wrong_password: bool = False,
) -> Response:
    given = {each["purpose"]: each for each in page.who.content.get("consents") or ()}
    purposes = [*CODES["consent"], *(p for p in given if p not in CODES["consent"])]
    # A stale change shows what is stored now, with what was typed in the fields.
    content = {**page.who.content, **(typed or {})}
    return page.draw(
        "me/me.html",
        problem.status if problem else 200,
        content=content,
        purposes=[(purpose, given.get(purpose)) for purpose in purposes],
        errors=corrections(page, problem) if problem else {},
        problem=problem,
        wrong_password=wrong_password,
        spoken=[(tag, page.language.language(tag)) for tag in ("zh", "en", "ru", "ar", "es", "fr")],
    )
