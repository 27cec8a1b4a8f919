"""One request of a reader: who they are, how they read, and how a page is drawn for them."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote, urlencode
from uuid import UUID

from starlette.datastructures import FormData
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from techdock_portal import frame, session
from techdock_portal.client import Api, ApiProblem, Json, Services, same
from techdock_portal.drawing import environment
from techdock_portal.i18n import Language, accepted, language, nearest
from techdock_portal.texts import Named, named
from techdock_portal.times import Clocks, zone_of


@dataclass(frozen=True, slots=True)
class Account:
    """The signed-in reader, as registration describes them."""

    content: Json

    @property
    def names(self) -> Named:
        """Name, or the mail address as long as there is none."""
        return named(self.content.get("names")) or Named(str(self.content.get("email") or ""))

    @property
    def roles(self) -> list[Json]:
        """Roles beyond taking part."""
        return list(self.content.get("roles") or ())

    @property
    def participations(self) -> list[Json]:
        """Docking events that the reader takes part in."""
        return list(self.content.get("participations") or ())

    @property
    def organizations(self) -> list[str]:
        """Ids of the organizations that the reader acts for."""
        return [
            str(each.get("id") or each.get("organization_id"))
            if isinstance(each, dict)
            else str(each)
            for each in self.content.get("organizations") or ()
        ]

    def has(self, role: str) -> bool:
        """Say whether the reader has a role anywhere."""
        return any(each.get("name") == role for each in self.roles)

    def organizes(self, docking_event: Json) -> bool:
        """Say whether the reader organizes a docking event."""
        return any(
            role.get("name") == "organizer"
            and same(role.get("tenant_id"), docking_event.get("tenant_id"))
            and (
                role.get("docking_event_id") is None
                or same(role["docking_event_id"], docking_event.get("id"))
            )
            for role in self.roles
        )

    def part_in(self, docking_event_id: str | UUID) -> Json | None:
        """Return how the reader takes part in a docking event."""
        parts = (
            p for p in self.participations if same(p.get("docking_event_id"), docking_event_id)
        )
        return next(parts, None)


@dataclass(slots=True)
class Page:
    """What a handler works with: the three services, the reader, the drawing board."""

    request: Request
    services: Services
    cookies: session.Cookies
    public_url: str
    language: Language
    account: Account | None = None
    docking_event: Json | None = None
    fixed_zone: str | None = None
    _form: FormData | None = field(default=None, init=False)

    # --- the services -----------------------------------------------------------------------

    @property
    def registration(self) -> Api:
        """People, organizations, docking events, profiles."""
        return self._api("registration")

    @property
    def matching(self) -> Api:
        """Matches, requests, timetables, projects."""
        return self._api("matching")

    @property
    def reporting(self) -> Api:
        """Figures."""
        return self._api("reporting")

    def _api(self, name: Any) -> Api:
        request_id = self.request.scope.get("techdock.request_id")
        visitor = self.request.client.host if self.request.client is not None else None
        return self.services.on_behalf(name, self.token, self.language.tag, request_id, visitor)

    # --- the request ------------------------------------------------------------------------

    @property
    def token(self) -> str | None:
        """The reader's session."""
        return self.cookies.token(self.request)

    @property
    def who(self) -> Account:
        """The reader on a page that only signed-in people reach."""
        if self.account is None:
            raise ApiProblem(401, "unauthorized")
        return self.account

    def path(self, name: str) -> str:
        """Return an id out of the path."""
        return str(self.request.path_params[name])

    def query(self, name: str, default: str = "") -> str:
        """Return a query parameter."""
        return self.request.query_params.get(name, default)

    async def form(self) -> FormData:
        """Return what was typed."""
        if self._form is None:
            self._form = await self.request.form(max_files=4, max_fields=2000)
        return self._form

    async def field(self, name: str) -> str:
        """Return one field of what was typed, without the blanks around it."""
        value = (await self.form()).get(name)
        return value.strip() if isinstance(value, str) else ""

    async def fields(self, name: str) -> list[str]:
        """Return all values of a field of what was typed."""
        values = (await self.form()).getlist(name)
        return [value.strip() for value in values if isinstance(value, str) and value.strip()]

    async def key(self) -> str | None:
        """Return the key that makes a form sent twice one deed."""
        return await self.field("_key") or None

    async def version(self) -> str:
        """Return the version of the thing that the reader saw."""
        return await self.field("_version")

    @property
    def is_part(self) -> bool:
        """Whether only a part of the page is asked for, by htmx."""
        return self.request.headers.get("hx-request") == "true"

    # --- the docking event that the page is about ---------------------------------------------

    async def about(self, docking_event_id: str) -> Json:
        """Fetch the docking event that the page is about; it stands in the strip on top."""
        if self.docking_event is None:
            self.docking_event = await self.registration.get(f"/docking-events/{docking_event_id}")
        return self.docking_event

    async def organized(self) -> Json:
        """Fetch the docking event of the path, for those who organize it only.

        Raises:
            ApiProblem: 404 for everybody else: it does not exist for them.
        """
        found = await self.about(self.path("docking_event"))
        if not self.who.organizes(found):
            raise ApiProblem(404, "not_found")
        return found

    async def taken_part_in(self) -> tuple[Json, Json]:
        """Fetch the docking event of the path and how the reader takes part in it.

        Raises:
            ApiProblem: 404 for everybody else.
        """
        part = self.who.part_in(self.path("docking_event"))
        if part is None:
            raise ApiProblem(404, "not_found")
        return await self.about(self.path("docking_event")), part

    # --- drawing ------------------------------------------------------------------------------

    @property
    def zone(self) -> str | None:
        """The reader's own zone: what the browser says, else where they take part."""
        told = session.zone(self.request)
        return self.fixed_zone or (told if zone_of(told) else None)

    @property
    def clocks(self) -> Clocks:
        """Writes times for the reader."""
        return Clocks(self.language, self.zone)

    def text(self, message: str, **values: object) -> str:
        """Return a message in the reader's language."""
        return self.language.text(message, **values)

    def render(self, template: str, **context: object) -> str:
        """Return a template as text."""
        clocks = self.clocks
        board: dict[str, Any] = {
            "page": self,
            "account": self.account,
            "docking_event": self.docking_event,
            "clocks": clocks,
            "span": clocks.span,
            "moment": clocks.moment,
            "place_of": clocks.place,
            "said_once": session.said(self.request),
            **frame.of(self),
            **context,
        }
        return environment(self.language.tag).get_template(template).render(board)

    def draw(self, template: str, status: int = 200, /, **context: object) -> Response:
        """Return a page."""
        response = HTMLResponse(self.render(template, **context), status)
        response.headers["Content-Language"] = self.language.tag
        response.headers["Vary"] = "Cookie, Accept-Language, HX-Request"
        if session.said(self.request):
            response.delete_cookie(session.SAID, path="/")
        return response

    def go(self, url: str, said: str | None = None) -> Response:
        """Send the reader to another page, perhaps with a message (marked with `N_`)."""
        response = RedirectResponse(url, 303)
        if said:
            self.cookies.say(response, said)
        return response

    def here(self, **query: str | None) -> str:
        """Return the address of this page with some query parameters changed."""
        kept = {**dict(self.request.query_params), **query}
        parts = {key: value for key, value in kept.items() if value}
        path = quote(self.request.scope["path"])
        return f"{path}?{urlencode(parts)}" if parts else path


def language_of(request: Request, account: Account | None) -> Language:
    """Return the language of the page: chosen here, else of the profile, else of the browser."""
    chosen = nearest(request.cookies.get(session.LANGUAGE))
    profile = nearest(account.content.get("language")) if account else None
    return language(chosen or profile or accepted(request.headers.get("accept-language")))


def switch(request: Request, cookies: session.Cookies) -> Response | None:
    """Answer `?language=`: remember it and show the same page again."""
    wanted = nearest(request.query_params.get("language"))
    if wanted is None or request.method != "GET":
        return None
    rest: Mapping[str, str] = {
        key: value for key, value in request.query_params.items() if key != "language"
    }
    path = quote(request.scope["path"])
    response = RedirectResponse(f"{path}?{urlencode(rest)}" if rest else path, 303)
    cookies.speak(response, wanted)
    return response
