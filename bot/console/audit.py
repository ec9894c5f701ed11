"""The page of the audit log: what was done by whom, in words, and whether the log is whole. Filters in the address."""

from typing import Any
from urllib.parse import urlencode

from aiohttp import web

from bot.console.audit_api import NAMES, load_log, read_cursor, read_filters, write_cursor
from bot.console.audit_words import AuditWords
from bot.console.auth import find_by_cookie
from bot.console.pages import find_language, find_texts, render
from bot.keys import SERVICES
from bot.web.errors import ProblemError
from escalation.audit_reading import AuditFilters, AuditPage, list_entries
from escalation.models import PersonRow
from escalation.rights import RIGHTS, PeopleRight, Role

_PATH = "/console/audit"
_NOTHING = AuditPage([], None, {}, {})


def set_up(app: web.Application) -> None:
    """Add the route."""
    app.router.add_get(_PATH, show_page)


async def show_page(request: web.Request) -> web.Response:
    """The log, newest first; a filter that cannot be read is told above an empty list."""
    person = await _require(request)
    query, fault = request.query, None
    page = _NOTHING
    try:
        filters, after = _read(request)
        async with request.app[SERVICES].sessions() as session:
            page = await list_entries(session, person, filters, after=after)
    except ProblemError as error:
        fault = error.code
    words = AuditWords(find_texts(request, "staff"), find_language(request))
    further = write_cursor(page.further)
    return render(
        request,
        "audit.html",
        pages="staff",
        status=422 if fault else 200,
        person=person,
        page=page,
        words=words,
        fault=fault,
        given={name: query.get(name, "") for name in NAMES},
        narrowed=any(query.get(name) for name in NAMES),
        kinds=words.list_kinds(),
        log=await load_log(request),
        older=_link(query, cursor=further) if further else None,
        newest=_link(query, cursor="") if query.get("cursor") else None,
        sees_people=RIGHTS[Role(person.role)].people is not PeopleRight.NONE,
        sees_tickets=person.role != Role.ADMIN,
        link=lambda **changes: _link({}, **changes),
    )


async def _require(request: web.Request) -> PersonRow:
    person = await find_by_cookie(request)
    if person is None or person.must_change_password:
        raise web.HTTPSeeOther("/console")
    if not RIGHTS[Role(person.role)].reads_audit:
        raise web.HTTPForbidden(text="The audit log is for operations managers, auditors and admins.")
    return person


def _read(request: web.Request) -> tuple[AuditFilters, Any]:
    zone = request.app[SERVICES].levels.working_hours.zone
    return read_filters(request.query, zone), read_cursor(request.query.get("cursor"))


def _link(query: Any, **changes: str) -> str:
    asked = {name: query.get(name, "") for name in (*NAMES, "lang")} | changes
    wanted = urlencode({name: value for name, value in asked.items() if value})
    return f"{_PATH}?{wanted}" if wanted else _PATH
