"""The reader's cookies: session, language, zone, and what was just said to them."""

from urllib.parse import quote, unquote

from starlette.datastructures import Headers
from starlette.requests import Request
from starlette.responses import Response

LANGUAGE, ZONE, SAID = "techdock_language", "techdock_zone", "techdock_said"
YEAR_S = 365 * 24 * 3600
SESSION_S = 30 * 24 * 3600
SAID_S = 60


class Cookies:
    """Reads and writes our cookies as the public address allows.

    Over https the session has the `__Host-` prefix: no other host of the domain can set it.
    """

    def __init__(self, public_url: str) -> None:
        self.secure = public_url.startswith("https://")
        self.session = "__Host-techdock_session" if self.secure else "techdock_session"

    def token(self, request: Request) -> str | None:
        """Return the session that the browser carries."""
        return request.cookies.get(self.session) or None

    def keep(self, response: Response, token: str) -> None:
        """Let the browser carry a session."""
        response.set_cookie(
            self.session, token, max_age=SESSION_S, path="/", secure=self.secure,
            httponly=True, samesite="lax",
        )  # fmt: skip

    def forget(self, response: Response) -> None:
        """Let the browser drop its session."""
        response.delete_cookie(
            self.session, path="/", secure=self.secure, httponly=True, samesite="lax"
        )

    def speak(self, response: Response, tag: str) -> None:
        """Remember which language the reader chose."""
        response.set_cookie(
            LANGUAGE, tag, max_age=YEAR_S, path="/", secure=self.secure, httponly=True,
            samesite="lax",
        )  # fmt: skip

    def say(self, response: Response, message: str) -> None:
        """Show a message on the next page, once."""
        response.set_cookie(
            SAID, quote(message), max_age=SAID_S, path="/", secure=self.secure, httponly=True,
            samesite="lax",
        )  # fmt: skip


def said(request: Request) -> str | None:
    """Return what is to be said once."""
    value = request.cookies.get(SAID)
    return unquote(value) if value else None


def zone(request: Request) -> str | None:
    """Return the zone that the reader's browser told us."""
    value = request.cookies.get(ZONE)
    return unquote(value) if value else None


def comes_from_elsewhere(headers: Headers) -> bool:
    """Say whether another site made the browser send this form.

    The edge refuses it for whoever is signed in; this also keeps strangers from being
    signed in as somebody else.
    """
    site = headers.get("sec-fetch-site")
    if site is not None:
        return site not in {"same-origin", "none"}
    origin = headers.get("origin")
    if origin is None:
        return False
    hosts = {headers.get("host"), headers.get("x-forwarded-host")}
    return origin.partition("://")[2] not in hosts
