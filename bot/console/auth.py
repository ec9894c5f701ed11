"""Who asks: a person by bearer token, or by the console's cookie, which needs the CSRF header to change something.

The cookie is HttpOnly and SameSite=Lax; the CSRF token is derived from it and given to our own pages only.
"""

from aiohttp import web

from bot.keys import SERVICES, SETTINGS
from bot.web.errors import ProblemError
from escalation.models import PersonRow
from escalation.people import find_person_by_token
from escalation.signing_in import SIGNED_IN_WITHIN, compute_csrf, find_signed_in, is_csrf

COOKIE = "shouwen_console"
CSRF_HEADER = "X-CSRF-Token"
_SAFE = frozenset({"GET", "HEAD"})


async def require_person(request: web.Request) -> PersonRow:
    """Return who is asking. Raises ProblemError 401 for nobody, 403 without the CSRF token."""
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() == "bearer":
        async with request.app[SERVICES].sessions() as session:
            person = await find_person_by_token(session, token)
    else:
        person = await find_by_cookie(request)
        if (
            person
            and request.method not in _SAFE
            and not is_csrf(_cookie(request), request.headers.get(CSRF_HEADER, ""))
        ):
            raise ProblemError(403, "no_csrf_token", f"Send the page's token in the header {CSRF_HEADER}.")
        if person and person.must_change_password:
            raise ProblemError(403, "password_must_change", "Set a password of your own first, at /console.")
    if person is None:
        raise ProblemError(401, "not_signed_in", "Sign in at /console, or send an API token as a bearer token.")
    return person


async def find_by_cookie(request: web.Request) -> PersonRow | None:
    """Return who is signed in in this browser, or None."""
    services = request.app[SERVICES]
    async with services.sessions() as session:
        return await find_signed_in(session, _cookie(request), now=services.clock.now())


def make_csrf(request: web.Request) -> str:
    """Return the CSRF token of the browser's session."""
    return compute_csrf(_cookie(request))


def set_cookie(request: web.Request, response: web.StreamResponse, token: str) -> None:
    """Give the browser its session."""
    public = request.app[SETTINGS].public_url or ""
    response.set_cookie(
        COOKIE,
        token,
        max_age=int(SIGNED_IN_WITHIN.total_seconds()),
        httponly=True,
        samesite="Lax",
        secure=public.startswith("https://"),
        path="/",
    )


def _cookie(request: web.Request) -> str:
    return request.cookies.get(COOKIE, "")
