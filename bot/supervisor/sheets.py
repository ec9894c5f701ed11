"""What the supervisor's pages have in common: who may open them, the filters above, links that keep them."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any
from zoneinfo import ZoneInfo

from aiohttp import web
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.console.auth import find_by_cookie
from bot.console.pages import find_language, find_texts, render
from bot.keys import SERVICES
from bot.supervisor.filters import CHANNELS, NAMES, make_link
from escalation.models import PersonRow
from escalation.reports import ReportFilters
from escalation.rights import RIGHTS, Reports, Role

ZONE = ZoneInfo("Asia/Shanghai")
_CATEGORIES = ("order", "logistics", "quality", "after_sales", "complaint", "handoff")
_TIERS = ("general", "major", "critical")
Say = Callable[..., str]


async def access_figures(request: web.Request) -> PersonRow:
    """Return who is asking. Raises a way to the sign-in form, or 403 for who has no figures to see (product §6)."""
    person = await find_by_cookie(request)
    if person is None or person.must_change_password:
        raise web.HTTPSeeOther("/console")
    if RIGHTS[Role(person.role)].reports is Reports.NONE:
        raise web.HTTPForbidden(text="These figures are for leads, supervisors and auditors.")
    return person


def make_say(request: web.Request) -> Say:
    """Return what says the console's sentences in the reader's language."""
    texts, language = find_texts(request), find_language(request)
    return lambda key, **params: texts.say(key, language, **params)


def name_desk(request: web.Request, desk: str) -> str:
    """A desk of the shop's own has no name but the service file's."""
    return find_texts(request).texts(find_language(request)).get(f"desk.{desk}", desk)


async def render_sheet(
    request: web.Request,
    template: str,
    *,
    person: PersonRow,
    filters: ReportFilters,
    asked: Mapping[str, str],
    is_now: bool = False,
    **context: Any,
) -> web.Response:
    """Render one of the pages with the filters of its address; `asked` is what else of the address is kept.

    `is_now`: it is about now, whatever the period.
    """
    query, say = request.query, make_say(request)
    desks = dict.fromkeys(request.app[SERVICES].levels.desks.values())
    named = {"category": _CATEGORIES, "tier": _TIERS, "channel": CHANNELS}
    choices = {
        "desk": [(desk, name_desk(request, desk)) for desk in desks],
        **{kind: [(name, say(f"{kind}.{name}")) for name in names] for kind, names in named.items()},
    }
    async with request.app[SERVICES].sessions() as session:
        people = await find_names(session)
    return render(
        request,
        template,
        person=person,
        path=request.path,
        asked=asked,
        is_now=is_now,
        given={**{name: query.get(name, "") for name in NAMES}, "since": f"{filters.since:%Y-%m-%d}"},
        choices={kind: _with_given(offered, query.get(kind, "")) for kind, offered in choices.items()},
        people=people,
        narrowed=any(query.get(name) for name in NAMES),
        clear=make_link(request.path, {"lang": query.get("lang", "")}, **asked),
        link=lambda path, **changes: make_link(path, query, **changes),
        **context,
    )


def _with_given(offered: Sequence[tuple[str, str]], given: str) -> Sequence[tuple[str, str]]:
    """What an address narrows to is shown, also where there is no such thing (any more)."""
    is_offered = not given or any(given == value for value, _ in offered)
    return offered if is_offered else [*offered, (given, given)]


async def find_names(session: AsyncSession) -> dict[str, str]:
    """Return what everybody who ever worked here is called, by login."""
    names = select(PersonRow.login, PersonRow.name).order_by(PersonRow.login)
    return {row.login: row.name for row in await session.execute(names)}
