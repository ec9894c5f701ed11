"""The console's pages: signing in, a password of one's own, the work place."""

import asyncio
from functools import partial

import aiohttp_jinja2
from aiohttp import web

from bot.console.auth import COOKIE, find_by_cookie, make_csrf, set_cookie
from bot.console.colleagues import Colleagues
from bot.console.socket import console_socket
from bot.keys import COLLEAGUES, LIMITS, PAGES, SERVICES, SETTINGS, SIGNING_IN
from bot.nlu.reading import LANGUAGES
from bot.security.limits import SIGN_INS, SIGN_INS_OF_ADDRESS
from bot.texts import Catalogue, as_language, as_time_zone
from bot.web.addresses import find_address
from bot.web.forms import read_fields
from escalation.errors import PasswordError, SignInError
from escalation.models import PersonRow
from escalation.people_lists import count_decidable
from escalation.signing_in import SignedIn, change_password, is_csrf, sign_in, sign_out

LANGUAGE_COOKIE = "shouwen_language"
# Where the browser's clock stands, as `static/zone.js` tells it.
ZONE_COOKIE = "shouwen_time_zone"
_LONGEST_LOGIN = 40
_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob: data:; connect-src 'self'; "
    "base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
)


def set_up(app: web.Application) -> None:
    """Add the routes."""
    app[COLLEAGUES] = Colleagues()
    app[SIGNING_IN] = asyncio.Semaphore(1)
    app.router.add_get("/console", show_console)
    app.router.add_post("/console/sign-in", take_sign_in)
    app.router.add_post("/console/password", take_password)
    app.router.add_post("/console/sign-out", take_sign_out)
    app.router.add_get("/console/texts/{language}.json", show_texts)
    app.router.add_get("/ws/console", console_socket)


async def show_console(request: web.Request) -> web.Response:
    """The work place; the sign-in form for who is not signed in."""
    person = await find_by_cookie(request)
    if person is None:
        return render(request, "sign_in.html", fault=None)
    if person.must_change_password:
        return render(request, "password.html", person=person, fault=None)
    has_telegram = request.app[SETTINGS].telegram_token is not None
    async with request.app[SERVICES].sessions() as session:
        decidable = await count_decidable(session, person, now=request.app[SERVICES].clock.now())
    return render(request, "console.html", person=person, has_telegram=has_telegram, decidable=decidable)


async def take_sign_in(request: web.Request) -> web.Response:
    """Sign in by login and password. Too many tries from one address wait."""
    form = await read_fields(request) or {}
    login, password = form.get("login", ""), form.get("password", "")
    if not _may_try(request, login):
        return render(request, "sign_in.html", fault="sign_in.too_fast", status=429)
    try:
        signed_in = await _sign_in(request, login, password)
    except SignInError:
        return render(request, "sign_in.html", fault="sign_in.wrong", status=403)
    onward = web.HTTPSeeOther(_where_to(signed_in.person))
    set_cookie(request, onward, signed_in.token)
    raise onward


def _may_try(request: web.Request, login: str) -> bool:
    """One login may be tried a few times; an address may try a few more, whatever the logins."""
    limits, address = request.app[LIMITS], find_address(request)
    return limits.allow(SIGN_INS, f"{address}/{login[:_LONGEST_LOGIN]}") and limits.allow(SIGN_INS_OF_ADDRESS, address)


async def _sign_in(request: web.Request, login: str, password: str) -> SignedIn:
    """Check one password at a time: that keeps a processor busy, and customers are to be answered meanwhile."""
    services = request.app[SERVICES]
    async with request.app[SIGNING_IN], services.sessions.begin() as session:
        return await sign_in(session, login, password, now=services.clock.now())


def _where_to(person: PersonRow) -> str:
    return "/supervisor" if person.role in {"auditor"} and not person.must_change_password else "/console"


async def take_password(request: web.Request) -> web.Response:
    """Set a password of one's own."""
    person, form = await _read_own_form(request)
    services = request.app[SERVICES]
    try:
        async with services.sessions.begin() as session:
            row = await session.get_one(PersonRow, person.id)
            old, new = form.get("old", ""), form.get("new", "")
            token = request.cookies.get(COOKIE, "")
            await change_password(session, row, old=old, new=new, token=token, now=services.clock.now())
    except SignInError:
        return render(request, "password.html", person=person, fault="password.wrong", status=403)
    except PasswordError:
        return render(request, "password.html", person=person, fault="password.weak", status=422)
    raise web.HTTPSeeOther("/console")


async def take_sign_out(request: web.Request) -> web.Response:
    """End the session."""
    await _read_own_form(request)
    async with request.app[SERVICES].sessions.begin() as session:
        await sign_out(session, request.cookies.get(COOKIE, ""))
    onward = web.HTTPSeeOther("/console")
    onward.del_cookie(COOKIE)
    raise onward


async def _read_own_form(request: web.Request) -> tuple[PersonRow, dict[str, str]]:
    """Return who sent a form, and what is in it."""
    person = await find_by_cookie(request)
    form = await read_fields(request) or {}
    if person is None or not is_csrf(request.cookies.get(COOKIE, ""), form.get("csrf", "")):
        raise web.HTTPForbidden(text="This form does not belong to your session: load the page again.")
    return person, form


async def show_texts(request: web.Request) -> web.Response:
    """The console's sentences in a language."""
    language = as_language(request.match_info["language"])
    if language is None:
        raise web.HTTPNotFound(text="There are texts for zh-Hans, zh-Hant and en.")
    return web.json_response(dict(request.app[PAGES]["console"].texts(language)), headers={"Cache-Control": "no-cache"})


def render(
    request: web.Request, template: str, *, status: int = 200, pages: str = "console", **context: object
) -> web.Response:
    """Render a page for people who work here, in their language, with the sentences of some pages."""
    language = find_language(request)
    texts = find_texts(request, pages)
    common = {
        "language": language,
        "languages": LANGUAGES,
        "t": partial(_say, texts, language),
        "csrf": make_csrf(request),
    }
    response = aiohttp_jinja2.render_template(template, request, {**common, **context}, status=status)
    if request.query.get("lang"):
        response.set_cookie(LANGUAGE_COOKIE, language, samesite="Lax", path="/", max_age=31_536_000)
    response.headers["Content-Security-Policy"] = _POLICY
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Cache-Control"] = "no-store"
    return response


def _say(texts: object, language: str, key: str, **params: object) -> str:
    return str(texts.say(key, language, **params))  # type: ignore[attr-defined]


def find_texts(request: web.Request, pages: str = "console") -> Catalogue:
    """The console's sentences (of "staff": those of who is in charge, too), with times in the reader's zone.

    That is the shop's where the browser has not told it.
    """
    return request.app[PAGES][pages].read_in(as_time_zone(request.cookies.get(ZONE_COOKIE)))


def find_language(request: web.Request) -> str:
    """`?lang=`, else what was chosen before, else the browser's first language that we have."""
    asked = as_language(request.query.get("lang")) or as_language(request.cookies.get(LANGUAGE_COOKIE))
    accepted = (part.split(";")[0].strip() for part in request.headers.get("Accept-Language", "").split(","))
    return asked or next((language for tag in accepted if (language := as_language(tag))), "zh-Hans")
