"""The roster page and its API: who is at which desk, on duty or away, with how much room; leads set what they may."""

from collections.abc import Sequence
from typing import Any

from aiohttp import web

from bot.console.auth import find_by_cookie, require_person
from bot.console.bodies import PostBody, read_body
from bot.console.pages import find_language, render
from bot.keys import COLLEAGUES, PAGES, SERVICES
from bot.web.errors import ProblemError
from escalation import roster
from escalation.errors import ForbiddenError
from escalation.models import PersonRow
from escalation.roster import DeskRoster, Post, PostChange


def set_up(app: web.Application) -> None:
    """Add the routes."""
    app.router.add_get("/console/roster", show_page)
    app.router.add_get("/api/v1/roster", show_roster)
    app.router.add_post("/api/v1/roster/{login}", take_change)


async def show_page(request: web.Request) -> web.Response:
    """The desks that one may see; what changes meanwhile is fetched by the page itself."""
    person = await find_by_cookie(request)
    if person is None or person.must_change_password:
        raise web.HTTPSeeOther("/console")
    try:
        desks = await _load(request, person)
    except ForbiddenError as error:
        raise web.HTTPForbidden(text=str(error)) from None
    levels, texts = request.app[SERVICES].levels, request.app[PAGES]["console"]
    known = texts.texts(find_language(request))
    return render(
        request,
        "roster.html",
        person=person,
        desks=desks,
        all_desks=list(dict.fromkeys(levels.desks.values())),
        # A desk of the shop's own has no name but the service file's.
        name_desk=lambda desk: known.get(f"desk.{desk}", desk),
        most_open=roster.MOST_OPEN,
        zone=levels.working_hours.zone,
    )


async def show_roster(request: web.Request) -> web.Response:
    """Who is at which desk: on duty or away, open cases and limit, and the desk's hours."""
    desks = await _load(request, await require_person(request))
    return web.json_response({"desks": [describe_desk(desk) for desk in desks]})


async def take_change(request: web.Request) -> web.Response:
    """Set a colleague's presence, limit or desk; everybody's pages hear of it."""
    person = await require_person(request)
    body = await read_body(request, PostBody)
    change = PostChange(**body.model_dump())
    if change == PostChange():
        raise ProblemError(422, "bad_request_body", "Give at least one of: available, max_open, desk.")
    services, login = request.app[SERVICES], request.match_info["login"]
    async with services.sessions.begin() as session:
        changed = await roster.change_post(
            session, login, change, by=person, levels=services.levels, now=services.clock.now()
        )
    services.on_due.set()
    if body.available is not None:
        request.app[COLLEAGUES].set_duty(changed, available=body.available)
    request.app[COLLEAGUES].change_roster()
    return await show_roster(request)


async def _load(request: web.Request, person: PersonRow) -> Sequence[DeskRoster]:
    services = request.app[SERVICES]
    async with services.sessions() as session:
        return await roster.list_roster(session, person, services.levels, now=services.clock.now())


def describe_desk(desk: DeskRoster) -> dict[str, Any]:
    """A desk as JSON."""
    return {
        "desk": desk.name,
        "open": desk.hours.is_open,
        "until": desk.hours.until.isoformat() if desk.hours.until else None,
        "on_duty": desk.on_duty,
        "room": desk.room,
        "people": [_describe_post(post) for post in desk.posts],
    }


def _describe_post(post: Post) -> dict[str, Any]:
    return {
        "login": post.person.login,
        "name": post.person.name,
        "role": post.person.role,
        "desk": post.person.desk,
        "on_duty": post.on_duty,
        "console_open": post.by_console,
        "last_seen_at": post.person.last_seen_at.isoformat() if post.person.last_seen_at else None,
        "open_cases": post.open_cases,
        "unanswered": post.unanswered,
        "max_open": post.person.max_open,
        "room": post.room,
        "may_change": post.may_change,
    }
