"""The reports that the supervisor's pages show, for programs and spreadsheets: JSON and CSV of the same figures."""

import asyncio
import csv
import io
from collections.abc import AsyncIterator, Awaitable, Callable
from itertools import count
from typing import Any
from uuid import UUID

from aiohttp import web

from bot.console.auth import require_person
from bot.console.bodies import FollowUpBody, read_body
from bot.keys import SERVICES
from bot.supervisor.alone import compute_alone
from bot.supervisor.describe import (
    describe_alone,
    describe_satisfaction,
    describe_service,
    describe_survey,
    find_written,
)
from bot.supervisor.filters import read_filters, read_group
from bot.supervisor.lists import read_page
from bot.supervisor.sheets import ZONE
from bot.web.errors import ProblemError
from escalation.models import PersonRow
from escalation.reports import ReportFilters
from escalation.satisfaction import (
    ALL_ANSWERED,
    LONGEST_LIST,
    SurveyChoice,
    SurveyFigure,
    compute_satisfaction,
    follow_up,
    list_surveys,
)
from escalation.service_figures import compute_service


def set_up(app: web.Application) -> None:
    """Add the routes."""
    app.router.add_get("/api/v1/surveys", show_surveys)
    app.router.add_post("/api/v1/surveys/{id}/follow-up", take_follow_up)
    app.router.add_get("/api/v1/reports/satisfaction", show_satisfaction)
    app.router.add_get("/api/v1/reports/service", show_service)
    app.router.add_get("/api/v1/reports/alone", show_alone)


async def show_surveys(request: web.Request) -> web.StreamResponse:
    """Answered surveys, newest first: a `?page=` of them as JSON (`more`: there may be another), all as CSV."""
    person, filters = await _asked(request)
    choice = SurveyChoice(SurveyFigure.BAD) if request.query.get("low") == "1" else ALL_ANSWERED
    services, page = request.app[SERVICES], read_page(request.query)
    async with services.sessions() as session:
        # Page after page as one moment shows them: none is told twice because another came in.
        await session.connection(execution_options={"isolation_level": "REPEATABLE READ"})

        async def read(offset: int) -> list[dict[str, Any]]:
            entries = await list_surveys(session, person, filters, choice, limit=LONGEST_LIST, offset=offset)
            written = await find_written(session, services.seal, person, entries)
            return await asyncio.to_thread(lambda: [describe_survey(entry, written) for entry in entries])

        if request.query.get("format") == "csv":
            lines = [line async for line in _read_all(read)]
            return _csv("surveys", [{**line, "person": line["person"]["login"]} for line in lines])
        lines = await read((page - 1) * LONGEST_LIST)
    return web.json_response({"surveys": lines, "more": len(lines) == LONGEST_LIST})


async def _read_all(read: Callable[[int], Awaitable[list[dict[str, Any]]]]) -> AsyncIterator[dict[str, Any]]:
    for offset in count(0, LONGEST_LIST):
        lines = await read(offset)
        for line in lines:
            yield line
        if len(lines) < LONGEST_LIST:
            return


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
        lines = await compute_satisfaction(session, person, filters, group_by=read_group(request.query), zone=ZONE)
    return _answer(request, "satisfaction", [describe_satisfaction(line) for line in lines])


async def show_service(request: web.Request) -> web.StreamResponse:
    """The report on service, a line for each group of `?by=`."""
    person, filters = await _asked(request)
    now = request.app[SERVICES].clock.now()
    async with request.app[SERVICES].sessions() as session:
        lines = await compute_service(session, person, filters, group_by=read_group(request.query), zone=ZONE, now=now)
    return _answer(request, "service", [describe_service(line) for line in lines])


async def show_alone(request: web.Request) -> web.StreamResponse:
    """The report on what the bot settled alone, a line for each category."""
    person, filters = await _asked(request)
    services = request.app[SERVICES]
    async with services.sessions() as session:
        lines = await compute_alone(session, person, filters, levels=services.levels, zone=ZONE)
    return _answer(request, "alone", [describe_alone(line) for line in lines])


async def _asked(request: web.Request) -> tuple[PersonRow, ReportFilters]:
    person = await require_person(request)
    now = request.app[SERVICES].clock.now()
    return person, read_filters(request.query, zone=ZONE, now=now)


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
