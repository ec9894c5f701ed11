"""The supervisor's first page: what is overdue, how customers found it, what goes wrong, whether the team copes."""

from collections.abc import Sequence
from datetime import date, datetime, time
from typing import Any, TypeGuard

from aiohttp import web
from sqlalchemy.ext.asyncio import AsyncSession

from bot.keys import SERVICES
from bot.supervisor.alone import add_up, compute_alone
from bot.supervisor.charts import Bar, Line, Point, draw_bars, draw_lines
from bot.supervisor.comparison import compare, read_comparison
from bot.supervisor.describe import find_written
from bot.supervisor.filters import find_period_before, find_week, make_link, read_filters
from bot.supervisor.sheets import ZONE, Say, access_figures, make_say, render_sheet
from escalation.clocks import ClockKind
from escalation.models import PersonRow
from escalation.queue import TicketFilters, count_due, list_tickets
from escalation.reports import Group, ReportFilters
from escalation.satisfaction import (
    CAUSES,
    TRADE_MEAN,
    TRADE_NEGATIVE,
    TRADE_POSITIVE,
    Question,
    SatisfactionFigures,
    SurveyChoice,
    SurveyFigure,
    compute_satisfaction,
    count_causes,
    count_surveys,
    list_surveys,
)
from escalation.service_figures import HANDLING_RATE, ServiceFigures, compute_service
from escalation.service_levels import ServiceLevels

_MOST_LINES = 20
_MOST_OVERDUE = 8


def set_up(app: web.Application) -> None:
    """Add the routes."""
    app.router.add_get("/supervisor", show_page)


async def show_page(request: web.Request) -> web.Response:
    """The four questions on one page; each figure leads to what it counts."""
    person = await access_figures(request)
    services = request.app[SERVICES]
    now = services.clock.now()
    filters = read_filters(request.query, zone=ZONE, now=now)
    group = read_comparison(request.query)
    async with services.sessions() as session:
        view = await _gather(session, person, filters, services.levels, now)
        written = await find_written(session, services.seal, person, view["surveys"])
        lines = await compare(session, request, person, filters, group, now=now)
    say = make_say(request)
    return await render_sheet(
        request,
        "supervisor.html",
        person=person,
        filters=filters,
        asked={"by": request.query.get("by", "")},
        trade={"mean": TRADE_MEAN, "positive": TRADE_POSITIVE, "negative": TRADE_NEGATIVE, "handling": HANDLING_RATE},
        causes=CAUSES,
        questions=[question.value for question in Question],
        clock_kinds=[kind.value for kind in ClockKind],
        groups=[one.value for one in Group],
        group=group.value,
        lines=lines,
        written=written,
        now=now,
        weeks_chart=_draw_weeks(request, view["weeks"], filters, say),
        categories_chart=_draw_categories(request, view["by_category"], view["before"], say),
        **view,
    )


async def _gather(
    session: AsyncSession, person: PersonRow, filters: ReportFilters, levels: ServiceLevels, now: datetime
) -> dict[str, Any]:
    """Everything the page shows, read at one instant."""
    late = find_late(filters, now)
    [satisfaction] = await compute_satisfaction(session, person, filters, zone=ZONE)
    [service] = await compute_service(session, person, filters, zone=ZONE, now=now)
    alone = await compute_alone(session, person, filters, levels=levels, zone=ZONE)
    before = find_period_before(filters, now)
    by_category: dict[str, Any] = {"group_by": Group.CATEGORY, "zone": ZONE, "now": now}
    return {
        "alone": alone,
        "alone_in_all": add_up(alone),
        "overdue": await list_tickets(session, person, late, limit=_MOST_OVERDUE),
        "all_overdue": await count_due(session, person, late),
        "satisfaction": satisfaction,
        "service": service,
        "weeks": await compute_satisfaction(session, person, filters, group_by=Group.WEEK, zone=ZONE),
        "by_category": await compute_service(session, person, filters, **by_category),
        "before": await compute_service(session, person, before, **by_category),
        "by_cause": await count_causes(session, person, filters),
        "waiting": await count_surveys(session, person, filters, SurveyChoice(SurveyFigure.WAITING)),
        "surveys": await list_surveys(session, person, filters, limit=_MOST_LINES),
    }


def find_late(filters: ReportFilters, now: datetime) -> TicketFilters:
    """Return what finds the tickets that are overdue now, whenever they were opened."""
    narrowed = {name: getattr(filters, name) for name in ("desk", "category", "tier", "channel")}
    return TicketFilters(due_before=now, owner=filters.person, **narrowed)


def _draw_weeks(request: web.Request, weeks: Sequence[SatisfactionFigures], filters: ReportFilters, say: Say) -> str:
    lines = [
        Line(say(f"rating.{name}"), [getattr(week, name).mean for week in weeks], dash)
        for name, dash in (("outcome", ""), ("service", "6 3"), ("process", "2 3"))
    ]
    points = [_draw_week(request, week, week.line, filters, say) for week in weeks if _is_day(week.line)]
    return draw_lines(say("chart.weeks"), points, lines, low=1, high=5, mark=TRADE_MEAN)


def _draw_week(
    request: web.Request, week: SatisfactionFigures, monday: date, filters: ReportFilters, say: Say
) -> Point:
    day = say("chart.day", at=datetime.combine(monday, time(), ZONE))
    means = [(say(f"rating.{question}"), getattr(week, question).mean) for question in Question]
    told = " · ".join(
        [f"{day}: {say('figures.answered', answered=week.answered, asked=week.asked)}"]
        + [f"{name} {mean:.2f}" for name, mean in means if mean is not None]
    )
    link = make_link("/supervisor/surveys", request.query, figure="answered", **find_week(monday, filters, ZONE))
    return Point(day, link, told)


def _is_day(line: str | date | None) -> TypeGuard[date]:
    return isinstance(line, date)


def _draw_categories(
    request: web.Request, categories: Sequence[ServiceFigures], before: Sequence[ServiceFigures], say: Say
) -> str:
    opened = {line.line: line.opened for line in before}
    bars = [
        Bar(
            say(f"category.{line.line}"),
            line.opened,
            opened.get(line.line, 0),
            make_link("/supervisor/tickets", request.query, figure="opened", category=str(line.line)),
        )
        for line in categories
    ]
    return draw_bars(say("chart.categories"), sorted(bars, key=lambda bar: -bar.count))
