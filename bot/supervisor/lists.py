"""The lists that figures lead to: the tickets, promises and ratings that were counted, with the filters in the address.

`figure` names what is listed; `clock` the promise, `question` and `cause` which ratings; `page` begins at 1.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from math import ceil
from typing import TypedDict, TypeVar

from aiohttp import web
from sqlalchemy.ext.asyncio import AsyncSession

from bot.keys import SERVICES
from bot.supervisor.describe import find_written
from bot.supervisor.filters import read_filters
from bot.supervisor.pages import find_late
from bot.supervisor.sheets import ZONE, Say, access_figures, make_say, render_sheet
from bot.web.errors import ProblemError
from escalation.clocks import ClockKind
from escalation.figure_lists import FigureEntry, list_counted, list_promises
from escalation.models import ClockRow, PersonRow, TicketRow
from escalation.queue import QueueEntry, count_due, list_tickets
from escalation.reports import ReportFilters
from escalation.satisfaction import CAUSES, Question, SurveyChoice, SurveyFigure, count_surveys, list_surveys
from escalation.service_figures import PromiseFigure, TicketFigure

PAGE_LINES = 50
# What is overdue now by any clock, whenever it was opened.
LATE = "late"
Name = TypeVar("Name", bound=StrEnum)


@dataclass(frozen=True)
class _Wanted:
    """Which tickets, or which promises of a kind, an address asks for, and what page of them."""

    figure: str
    kind: ClockKind | None
    page: int


@dataclass(frozen=True)
class ListLine:
    """One line: a ticket, its owner's name, a clock of it and how that stands, in words."""

    ticket: TicketRow
    owner_name: str
    clock: str
    due_at: datetime | None
    standing: str


def set_up(app: web.Application) -> None:
    """Add the routes."""
    app.router.add_get("/supervisor/tickets", show_tickets)
    app.router.add_get("/supervisor/surveys", show_surveys)


async def show_tickets(request: web.Request) -> web.Response:
    """The tickets, or the promises, behind a figure."""
    person = await access_figures(request)
    services = request.app[SERVICES]
    now = services.clock.now()
    filters = read_filters(request.query, zone=ZONE, now=now)
    wanted, say = _read_wanted(request.query), make_say(request)
    async with services.sessions() as session:
        if wanted.figure == LATE:
            count, lines = await _list_late(session, person, filters, wanted, say, now)
        else:
            count, lines = await _list_counted(session, person, filters, wanted, say, now)
    name = say(f"figure.{wanted.figure}")
    return await render_sheet(
        request,
        "figure_tickets.html",
        person=person,
        filters=filters,
        heading=f"{say(f'clock.{wanted.kind}')} · {name}" if wanted.kind else name,
        asked={"figure": wanted.figure, "clock": wanted.kind or ""},
        is_now=wanted.figure == LATE,
        lines=lines,
        turn=_turn(count, wanted.page),
    )


async def show_surveys(request: web.Request) -> web.Response:
    """The ratings behind a figure."""
    person = await access_figures(request)
    services = request.app[SERVICES]
    filters = read_filters(request.query, zone=ZONE, now=services.clock.now())
    choice, page, say = _read_choice(request.query), read_page(request.query), make_say(request)
    async with services.sessions() as session:
        count = await count_surveys(session, person, filters, choice)
        first = _find_first(page)
        entries = await list_surveys(session, person, filters, choice, limit=PAGE_LINES, offset=first)
        written = await find_written(session, services.seal, person, entries)
    parts = [
        say(f"rating.{choice.question}") if choice.question else "",
        say(f"figure.{choice.figure}"),
        say(f"cause.{choice.cause}") if choice.cause else "",
    ]
    return await render_sheet(
        request,
        "figure_surveys.html",
        person=person,
        filters=filters,
        heading=" · ".join(part for part in parts if part),
        asked={"figure": choice.figure, "question": choice.question or "", "cause": choice.cause or ""},
        surveys=entries,
        written=written,
        causes=CAUSES,
        turn=_turn(count, page),
    )


async def _list_late(
    session: AsyncSession, person: PersonRow, filters: ReportFilters, wanted: _Wanted, say: Say, now: datetime
) -> tuple[int, Sequence[ListLine]]:
    late = find_late(filters, now)
    entries = await list_tickets(session, person, late, limit=PAGE_LINES, offset=_find_first(wanted.page))
    return await count_due(session, person, late), [_describe_late(entry, say, now) for entry in entries]


async def _list_counted(
    session: AsyncSession, person: PersonRow, filters: ReportFilters, wanted: _Wanted, say: Say, now: datetime
) -> tuple[int, Sequence[ListLine]]:
    part: _Part = {"now": now, "limit": PAGE_LINES, "offset": _find_first(wanted.page)}
    if wanted.kind is None:
        counted = _check(TicketFigure, "figure", wanted.figure)
        found = await list_counted(session, person, filters, counted, **part)
    else:
        of = _check(PromiseFigure, "figure", wanted.figure)
        found = await list_promises(session, person, filters, of, wanted.kind, **part)
    return found.count, [_describe(entry, say, now) for entry in found.entries]


class _Part(TypedDict):
    now: datetime
    limit: int
    offset: int


def _describe_late(entry: QueueEntry, say: Say, now: datetime) -> ListLine:
    due_at = entry.next_due_at or now
    standing = say("standing.over", over=now - due_at)
    return ListLine(entry.ticket, entry.owner_name, say(f"clock.{entry.next_clock}"), due_at, standing)


def _describe(entry: FigureEntry, say: Say, now: datetime) -> ListLine:
    clock = entry.clock
    if clock is None:
        return ListLine(entry.ticket, entry.owner_name, "", None, "")
    name = say(f"clock.{clock.kind}") + (f" #{clock.cycle}" if clock.cycle > 1 else "")
    return ListLine(entry.ticket, entry.owner_name, name, clock.due_at, _tell(clock, say, now))


def _tell(clock: ClockRow, say: Say, now: datetime) -> str:
    """How a promise stands, and how long it took or is over."""
    if clock.met_at is not None:
        took = clock.met_at - clock.started_at
        over = clock.met_at - clock.due_at
        return (
            say("standing.late", took=took, over=over) if over.total_seconds() > 0 else say("standing.met", took=took)
        )
    if clock.dropped_at is not None:
        return say("standing.passed_on")
    if clock.paused_at is not None:
        return say("standing.paused")
    is_over = now > clock.due_at
    return say("standing.over", over=now - clock.due_at) if is_over else say("standing.left", left=clock.due_at - now)


# --- what the address asks for ---------------------------------------------------------------------------------------


def _read_wanted(query: Mapping[str, str]) -> _Wanted:
    figure = query.get("figure") or TicketFigure.OPENED.value
    return _Wanted(figure, None if figure == LATE else _read(ClockKind, query, "clock"), read_page(query))


def _read_choice(query: Mapping[str, str]) -> SurveyChoice:
    cause = query.get("cause") or None
    if cause is not None and cause not in CAUSES:
        raise ProblemError(422, "bad_cause", f'"cause" is one of: {", ".join(CAUSES)}.')
    figure = _read(SurveyFigure, query, "figure") or SurveyFigure.ANSWERED
    return SurveyChoice(figure, _read(Question, query, "question"), cause)


def _read(names: type[Name], query: Mapping[str, str], name: str) -> Name | None:
    given = query.get(name)
    return _check(names, name, given) if given else None


def _check(names: type[Name], name: str, given: str) -> Name:
    try:
        return names(given)
    except ValueError:
        raise ProblemError(422, f"bad_{name}", f'"{name}" is one of: {", ".join(names)}.') from None


def read_page(query: Mapping[str, str]) -> int:
    """Return which page of a list an address asks for, the first without a word. Raises ProblemError."""
    given = query.get("page") or "1"
    if not (given.isascii() and given.isdigit() and 0 < int(given[:6]) and len(given) < 6):
        raise ProblemError(422, "bad_page", '"page" is a number from 1 on.')
    return int(given)


def _find_first(page: int) -> int:
    return (page - 1) * PAGE_LINES


def _turn(count: int, page: int) -> dict[str, int]:
    """Return what turns the pages: how many lines there are, which page this is, of how many."""
    return {"count": count, "page": page, "pages": max(ceil(count / PAGE_LINES), 1)}
