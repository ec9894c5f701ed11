"""The supervisor's page and the reports behind it: HTML, JSON and CSV of the same figures."""

import csv
import io
from collections.abc import Sequence
from datetime import date, datetime, time
from typing import Any, TypeGuard
from uuid import UUID
from zoneinfo import ZoneInfo

from aiohttp import web
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.console.auth import find_by_cookie, require_person
from bot.console.bodies import FollowUpBody, read_body
from bot.console.pages import find_language, render
from bot.keys import PAGES, SERVICES
from bot.supervisor.alone import add_up, compute_alone
from bot.supervisor.charts import Bar, Line, draw_bars, draw_lines
from bot.supervisor.describe import (
    describe_alone,
    describe_satisfaction,
    describe_service,
    describe_survey,
    hide_words,
)
from bot.supervisor.filters import CHANNELS, NAMES, find_period_before, make_link, read_filters, read_group
from bot.texts import Catalogue
from bot.web.errors import ProblemError
from escalation.clocks import ClockKind
from escalation.models import PersonRow
from escalation.queue import TicketFilters, count_due, list_tickets
from escalation.reports import Group, ReportFilters
from escalation.rights import RIGHTS, Reports, Role
from escalation.satisfaction import (
    CAUSES,
    TRADE_MEAN,
    TRADE_NEGATIVE,
    TRADE_POSITIVE,
    SatisfactionFigures,
    compute_satisfaction,
    follow_up,
    list_surveys,
)
from escalation.service_figures import HANDLING_RATE, ServiceFigures, compute_service
from escalation.service_levels import ServiceLevels

_ZONE = ZoneInfo("Asia/Shanghai")
_MOST_LINES = 100
_MOST_OVERDUE = 8


def set_up(app: web.Application) -> None:
    """Add the routes."""
    app.router.add_get("/supervisor", show_page)
    app.router.add_get("/api/v1/surveys", show_surveys)
    app.router.add_post("/api/v1/surveys/{id}/follow-up", take_follow_up)
    app.router.add_get("/api/v1/reports/satisfaction", show_satisfaction)
    app.router.add_get("/api/v1/reports/service", show_service)
    app.router.add_get("/api/v1/reports/alone", show_alone)


async def show_page(request: web.Request) -> web.Response:
    """The four questions on one page; each figure leads to its tickets."""
    person = await find_by_cookie(request)
    if person is None or person.must_change_password:
        raise web.HTTPSeeOther("/console")
    if RIGHTS[Role(person.role)].reports is Reports.NONE:
        raise web.HTTPForbidden(text="These figures are for leads, supervisors and auditors.")
    services = request.app[SERVICES]
    now = services.clock.now()
    filters = read_filters(request.query, zone=_ZONE, now=now)
    async with services.sessions() as session:
        view = await _gather(session, person, filters, services.levels, now)
    texts = request.app[PAGES]["console"]
    language = find_language(request)

    def say(key: str, **params: object) -> str:
        return texts.say(key, language, **params)

    return render(
        request,
        "supervisor.html",
        person=person,
        query=request.query,
        given={**{name: request.query.get(name, "") for name in NAMES}, "since": f"{filters.since:%Y-%m-%d}"},
        written=lambda words: hide_words(words, person),
        link=lambda path, **changes: make_link(path, request.query, **changes),
        trade={"mean": TRADE_MEAN, "positive": TRADE_POSITIVE, "negative": TRADE_NEGATIVE, "handling": HANDLING_RATE},
        causes=CAUSES,
        clock_kinds=[kind.value for kind in ClockKind],
        desks=[(desk, _name_desk(texts, desk, language)) for desk in dict.fromkeys(services.levels.desks.values())],
        channels=CHANNELS,
        named=lambda kind, names: [(name, say(f"{kind}.{name}")) for name in names],
        narrowed=any(request.query.get(name) for name in NAMES),
        zone=_ZONE,
        now=now,
        weeks_chart=_draw_weeks(view["weeks"], say),
        categories_chart=_draw_categories(view["by_category"], view["before"], say),
        **view,
    )


async def _gather(
    session: AsyncSession, person: PersonRow, filters: ReportFilters, levels: ServiceLevels, now: datetime
) -> dict[str, Any]:
    """Everything the page shows, read at one instant."""
    narrowed = {name: getattr(filters, name) for name in ("desk", "category", "tier", "channel")}
    late = TicketFilters(due_before=now, owner=filters.person, **narrowed)
    [satisfaction] = await compute_satisfaction(session, person, filters, zone=_ZONE)
    [service] = await compute_service(session, person, filters, zone=_ZONE, now=now)
    alone = await compute_alone(session, person, filters, levels=levels, zone=_ZONE)
    return {
        "alone": alone,
        "alone_in_all": add_up(alone),
        "overdue": await list_tickets(session, person, late, limit=_MOST_OVERDUE),
        "all_overdue": await count_due(session, person, late),
        "satisfaction": satisfaction,
        "service": service,
        "weeks": await compute_satisfaction(session, person, filters, group_by=Group.WEEK, zone=_ZONE),
        "by_category": await compute_service(session, person, filters, group_by=Group.CATEGORY, zone=_ZONE, now=now),
        "before": await compute_service(
            session, person, find_period_before(filters, now), group_by=Group.CATEGORY, zone=_ZONE, now=now
        ),
        "names": {row.login: row.name for row in await session.execute(select(PersonRow.login, PersonRow.name))},
        "by_person": await compute_service(session, person, filters, group_by=Group.PERSON, zone=_ZONE, now=now),
        "surveys": await list_surveys(session, person, filters, limit=_MOST_LINES),
    }


def _name_desk(texts: Catalogue, desk: str, language: str) -> str:
    """A desk of the shop's own has no name but the service file's."""
    return texts.texts(language).get(f"desk.{desk}", desk)


def _draw_weeks(weeks: Sequence[SatisfactionFigures], say: Any) -> str:
    lines = [
        Line(say(f"rating.{name}"), [getattr(week, name).mean for week in weeks], dash)
        for name, dash in (("outcome", ""), ("service", "6 3"), ("process", "2 3"))
    ]
    days = [say("chart.day", at=datetime.combine(week.line, time(), _ZONE)) for week in weeks if _is_day(week.line)]
    return draw_lines(say("chart.weeks"), days, lines, low=1, high=5, mark=TRADE_MEAN)


def _is_day(line: str | date | None) -> TypeGuard[date]:
    return isinstance(line, date)


def _draw_categories(categories: Sequence[ServiceFigures], before: Sequence[ServiceFigures], say: Any) -> str:
    opened = {line.line: line.opened for line in before}
    bars = [Bar(say(f"category.{line.line}"), line.opened, opened.get(line.line, 0)) for line in categories]
    return draw_bars(say("chart.categories"), sorted(bars, key=lambda bar: -bar.count))


async def show_surveys(request: web.Request) -> web.StreamResponse:
    """Answered surveys, newest first: JSON, or CSV with `?format=csv`."""
    person, filters = await _asked(request)
    async with request.app[SERVICES].sessions() as session:
        entries = await list_surveys(session, person, filters, only_low=request.query.get("low") == "1")
    lines = [describe_survey(entry, person) for entry in entries]
    if request.query.get("format") == "csv":
        return _csv("surveys", [{**line, "person": line["person"]["login"]} for line in lines])
    return web.json_response({"surveys": lines})


async def take_follow_up(request: web.Request) -> web.Response:
    """A supervisor says what was done about a survey."""
    person = await require_person(request)
    body = await read_body(request, FollowUpBody)
    services = request.app[SERVICES]
    try:
        survey_id = UUID(request.match_info["id"])
    except ValueError:
        raise ProblemError(404, "no_such_survey", "There is no such survey.") from None
    async with services.sessions.begin() as session:
        await follow_up(session, survey_id, by=person, note=body.note, cause=body.cause, now=services.clock.now())
    return web.json_response({"id": str(survey_id)})


async def show_satisfaction(request: web.Request) -> web.StreamResponse:
    """The report on satisfaction, a line for each group of `?by=`."""
    person, filters = await _asked(request)
    async with request.app[SERVICES].sessions() as session:
        lines = await compute_satisfaction(session, person, filters, group_by=read_group(request.query), zone=_ZONE)
    return _answer(request, "satisfaction", [describe_satisfaction(line) for line in lines])


async def show_service(request: web.Request) -> web.StreamResponse:
    """The report on service, a line for each group of `?by=`."""
    person, filters = await _asked(request)
    now = request.app[SERVICES].clock.now()
    async with request.app[SERVICES].sessions() as session:
        lines = await compute_service(session, person, filters, group_by=read_group(request.query), zone=_ZONE, now=now)
    return _answer(request, "service", [describe_service(line) for line in lines])


async def show_alone(request: web.Request) -> web.StreamResponse:
    """The report on what the bot settled alone, a line for each category."""
    person, filters = await _asked(request)
    services = request.app[SERVICES]
    async with services.sessions() as session:
        lines = await compute_alone(session, person, filters, levels=services.levels, zone=_ZONE)
    return _answer(request, "alone", [describe_alone(line) for line in lines])


async def _asked(request: web.Request) -> tuple[PersonRow, ReportFilters]:
    person = await require_person(request)
    now = request.app[SERVICES].clock.now()
    return person, read_filters(request.query, zone=_ZONE, now=now)


def _answer(request: web.Request, name: str, lines: list[dict[str, Any]]) -> web.StreamResponse:
    if request.query.get("format") == "csv":
        return _csv(name, [_flat(line) for line in lines])
    return web.json_response({"lines": lines})


def _flat(line: dict[str, Any], prefix: str = "") -> dict[str, Any]:
    flat: dict[str, Any] = {}
    for name, value in line.items():
        if isinstance(value, dict):
            flat |= _flat(value, f"{prefix}{name}_")
        else:
            flat[f"{prefix}{name}"] = value
    return flat


def _csv(name: str, lines: list[dict[str, Any]]) -> web.Response:
    """A CSV file that spreadsheets open as UTF-8; a cell never begins as a formula does."""
    out = io.StringIO()
    writer = csv.DictWriter(out, fieldnames=list(lines[0]) if lines else ["nothing"])
    writer.writeheader()
    writer.writerows({key: _harmless(value) for key, value in line.items()} for line in lines)
    headers = {"Content-Disposition": f'attachment; filename="{name}.csv"'}
    return web.Response(text="\ufeff" + out.getvalue(), content_type="text/csv", charset="utf-8", headers=headers)


def _harmless(value: object) -> object:
    return f"'{value}" if isinstance(value, str) and value[:1] in {"=", "+", "-", "@", "\t"} else value
