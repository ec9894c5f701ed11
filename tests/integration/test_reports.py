"""The supervisor's figures: counted by hand, judged by the facts, shown to whom they concern."""

from datetime import date, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from escalation import casework
from escalation.clocks import ClockKind
from escalation.errors import ForbiddenError, RefusedError
from escalation.figure_lists import list_counted, list_promises
from escalation.models import PersonRow
from escalation.people import add_person
from escalation.reports import Group, ReportFilters
from escalation.satisfaction import (
    Question,
    SatisfactionFigures,
    SurveyChoice,
    SurveyEntry,
    SurveyFigure,
    compute_satisfaction,
    count_causes,
    count_surveys,
    follow_up,
    list_surveys,
)
from escalation.service_figures import PromiseFigure, ServiceFigures, TicketFigure, compute_service
from escalation.survey import Ratings, find_survey, submit_survey
from escalation.testing import NOON
from tests.integration.desk import Desk

pytestmark = pytest.mark.postgres

HOUR = timedelta(hours=1)
SHANGHAI = ZoneInfo("Asia/Shanghai")


async def find(session: AsyncSession, login: str) -> PersonRow:
    """Somebody of the team."""
    return (await session.scalars(select(PersonRow).where(PersonRow.login == login))).one()


async def satisfaction(
    at: Desk, reader: str = "sue", group_by: Group | None = None, **filters: Any
) -> list[SatisfactionFigures]:
    """The satisfaction report, as somebody sees it."""
    async with at.sessions() as session:
        person = await find(session, reader)
        return await compute_satisfaction(session, person, ReportFilters(**filters), group_by=group_by, zone=SHANGHAI)


async def service_figures(
    at: Desk, reader: str = "sue", group_by: Group | None = None, **filters: Any
) -> list[ServiceFigures]:
    """The service report, as somebody sees it."""
    async with at.sessions() as session:
        person = await find(session, reader)
        return await compute_service(
            session, person, ReportFilters(**filters), group_by=group_by, zone=SHANGHAI, now=at.clock.now()
        )


async def surveys(desk: Desk, reader: str = "sue", **filters: Any) -> list[SurveyEntry]:
    """The surveys to read, as somebody sees them."""
    async with desk.sessions() as session:
        return await list_surveys(session, await find(session, reader), ReportFilters(), **filters)


async def rated(desk: Desk, by: str, ratings: Ratings | None, **changes: Any) -> UUID:
    """A ticket answered and resolved by somebody, and rated (or asked about only); returns the survey's id."""
    number = await desk.open(**changes)
    await desk.answer(number, by=by)
    token = await desk.resolve(number, by=by)
    async with desk.sessions.begin() as session:
        found = await find_survey(session, token)
        assert found is not None
        if ratings is not None:
            await submit_survey(session, found[0].id, ratings, now=desk.clock.now())
        return found[0].id


async def test_a_mean_stands_beside_its_n(desk: Desk) -> None:
    """Three asked, two answered; a question left out counts for nothing."""
    await rated(desk, "ann", Ratings(True, 5, 4, None))
    await rated(desk, "ann", Ratings(False, 2, 3, None, "slow"))
    await rated(desk, "ann", None)
    (all_,) = await satisfaction(desk)
    assert (3, 2, 1, 1) == (all_.asked, all_.answered, all_.solved, all_.not_solved)
    assert 2 / 3 == pytest.approx(all_.response_rate)
    assert (2, 3.5, 1, 1) == (all_.outcome.n, all_.outcome.mean, all_.outcome.positive, all_.outcome.negative)
    assert (0.5, 0.0) == (all_.service.positive_share, all_.service.negative_share)
    assert (0, None, None) == (all_.process.n, all_.process.mean, all_.process.positive_share)


async def test_without_surveys_there_is_no_rate(desk: Desk) -> None:
    """Rather none than a zero that looks like a result."""
    (nothing,) = await satisfaction(desk)
    assert (0, None, None) == (nothing.asked, nothing.response_rate, nothing.outcome.mean)
    assert [] == await satisfaction(desk, group_by=Group.DESK)


async def test_the_rating_stays_with_the_owner_at_resolution(desk: Desk) -> None:
    """Whoever has the ticket later is not rated for it."""
    await rated(desk, "ann", Ratings(True, 5, 5, 5))
    await rated(desk, "bo", Ratings(True, 1, 1, 1))
    await desk.set_person("ann", active=False)
    assert [("ann", 5.0), ("bo", 1.0)] == [
        (line.line, line.outcome.mean) for line in await satisfaction(desk, group_by=Group.PERSON)
    ]


async def test_weeks_begin_on_the_shops_monday(desk: Desk) -> None:
    """Sunday 23:30 in Shanghai is last week, half an hour later is this one."""
    sunday = NOON - timedelta(hours=12, minutes=30)
    desk.clock.advance(sunday - NOON)
    await rated(desk, "ann", Ratings(True, 5, 5, 5))
    desk.clock.advance(timedelta(minutes=30))
    await rated(desk, "ann", Ratings(True, 1, 1, 1))
    assert [(date(2026, 11, 16), 5.0), (date(2026, 11, 23), 1.0)] == [
        (line.line, line.outcome.mean) for line in await satisfaction(desk, group_by=Group.WEEK)
    ]


@pytest.mark.parametrize(
    ("filters", "asked"),
    [
        ({"since": NOON}, 2),
        ({"since": NOON + HOUR}, 1),
        ({"until": NOON + HOUR}, 1),  # before, not at
        ({"person": "eve"}, 1),
        ({"desk": "quality"}, 1),
        ({"category": "order"}, 1),
        ({"tier": "critical"}, 0),
        ({"channel": "widget"}, 2),
        ({"channel": "telegram"}, 0),
    ],
)
async def test_figures_are_narrowed(desk: Desk, filters: dict[str, Any], asked: int) -> None:
    """By period, person, desk, category, tier and channel."""
    await rated(desk, "ann", None)
    desk.clock.advance(HOUR)
    await rated(desk, "eve", None, category="order")
    assert [asked] == [line.asked for line in await satisfaction(desk, **filters)]


@pytest.mark.parametrize(("reader", "asked"), [("ann", 1), ("lea", 2), ("eve", 1), ("sue", 3), ("root", 0)])
async def test_figures_are_shown_to_whom_they_concern(desk: Desk, reader: str, asked: int) -> None:
    """An agent's own, a lead's desk, the supervisor all; an admin none. The same for surveys and for service."""
    async with desk.sessions.begin() as session:
        await add_person(session, login="root", name="Root", role="admin", desk=None, now=NOON)
    for by, category in (("ann", "quality"), ("bo", "quality"), ("eve", "order")):
        await rated(desk, by, Ratings(True, 5, 5, 5), category=category)
    assert [asked] == [line.asked for line in await satisfaction(desk, reader)]
    assert [asked] == [line.opened for line in await service_figures(desk, reader)]
    assert asked == len(await surveys(desk, reader))


async def test_low_ratings_wait_for_a_supervisor(desk: Desk) -> None:
    """1 or 2 in any question; once followed up they wait no more, and the cause is kept."""
    await rated(desk, "ann", Ratings(True, 3, 3, 3))
    low = await rated(desk, "ann", Ratings(True, 5, None, 2, "three days!"))
    (waiting,) = await surveys(desk, choice=SurveyChoice(SurveyFigure.WAITING))
    assert (low, "ann", True) == (waiting.survey.id, waiting.person_login, waiting.needs_follow_up)
    async with desk.sessions.begin() as session:
        details: dict[str, Any] = {"note": "called", "cause": "speed", "now": desk.clock.now()}
        with pytest.raises(ForbiddenError):
            await follow_up(session, low, by=await find(session, "lea"), **details)
        with pytest.raises(RefusedError, match="speed"):
            await follow_up(session, low, by=await find(session, "sue"), **{**details, "cause": "weather"})
        with pytest.raises(RefusedError):
            await follow_up(session, low, by=await find(session, "sue"), **{**details, "note": " "})
        await follow_up(session, low, by=await find(session, "sue"), **details)
    assert [] == await surveys(desk, choice=SurveyChoice(SurveyFigure.WAITING))
    (read,) = await surveys(desk, choice=SurveyChoice(SurveyFigure.BAD))
    assert ("called", "speed", False) == (read.survey.follow_up_note, read.survey.cause, read.needs_follow_up)
    assert 2 == len(await surveys(desk))


async def test_promises_are_judged_by_the_facts(desk: Desk) -> None:
    """Answered in time, answered late, late without an answer though nobody looked, and still running."""
    in_time, late, _silent = [await desk.open() for _ in range(3)]
    desk.clock.advance(HOUR)
    await desk.answer(in_time, by="lea")
    desk.clock.advance(24 * HOUR)
    await desk.answer(late, by="lea")
    await desk.open()
    (all_,) = await service_figures(desk)
    response = all_.promises[ClockKind.RESPONSE]
    assert (1, 2, 1, 1 / 3) == (response.met, response.breached, response.running, response.met_share)
    assert (2, 13 * HOUR) == (response.n, response.median)
    assert response.p90 is not None
    assert HOUR + 0.9 * 24 * HOUR == response.p90
    assert (4, 0, 0, None) == (all_.opened, all_.handled, all_.overdue, all_.handling_rate)


async def test_the_handling_rate_leaves_out_what_still_runs(desk: Desk) -> None:
    """One handled, one overdue, one not due yet: a half."""
    await rated(desk, "ann", None)
    await desk.answer(await desk.open(), by="ann")
    desk.clock.advance(49 * HOUR)
    await desk.open()
    (all_,) = await service_figures(desk)
    assert (3, 1, 1, 0.5) == (all_.opened, all_.handled, all_.overdue, all_.handling_rate)


async def test_waiting_for_the_customer_is_not_late(desk: Desk) -> None:
    """The clock stands still, so it still runs."""
    number = await desk.open()
    await desk.act(casework.wait_for_customer, number, by="ann", now=desk.clock.now())
    desk.clock.advance(60 * HOUR)
    (all_,) = await service_figures(desk)
    assert (0, 0, 1) == (all_.handled, all_.overdue, all_.promises[ClockKind.RESOLUTION].running)


async def test_a_reopened_ticket_is_measured_again(desk: Desk) -> None:
    """Two cycles of resolution, and it is told that it was reopened."""
    number = await desk.open()
    await desk.resolve(number, by="ann")
    await desk.reopen(number)
    desk.clock.advance(49 * HOUR)
    (all_,) = await service_figures(desk)
    resolution = all_.promises[ClockKind.RESOLUTION]
    assert (1, 0, 1, 1) == (all_.reopened, all_.handled, all_.overdue, resolution.met)
    assert 1 == resolution.breached


async def test_figures_are_grouped(desk: Desk) -> None:
    """A line for each desk, in order, each with its own promises."""
    await rated(desk, "ann", None)
    await desk.open(category="order")
    lines = await service_figures(desk, group_by=Group.DESK)
    assert [("order", 1, 0), ("quality", 1, 1)] == [(line.line, line.opened, line.handled) for line in lines]
    assert [(0, 1), (1, 0)] == [
        (line.promises[ClockKind.RESOLUTION].met, line.promises[ClockKind.RESOLUTION].running) for line in lines
    ]


@pytest.mark.parametrize("group", list(Group))
async def test_every_group_adds_up(desk: Desk, group: Group) -> None:
    """Whatever it is grouped by, nothing is lost or counted twice."""
    for category in ("quality", "order", "order"):
        await rated(desk, "sue", Ratings(True, 4, 4, 4), category=category)
    assert 3 == sum(line.opened for line in await service_figures(desk, group_by=group))
    assert 3 == sum(line.outcome.n for line in await satisfaction(desk, group_by=group))


async def a_month(desk: Desk) -> None:
    """Work of every kind: in time, late, reopened, waiting, running, rated and not."""
    await rated(desk, "ann", Ratings(True, 5, 4, 2))
    number = await desk.open(category="order")
    desk.clock.advance(30 * HOUR)
    await desk.answer(number, by="eve")
    await rated(desk, "bo", Ratings(False, 1, None, 3))
    desk.clock.advance(20 * HOUR)
    reopened = await desk.open(seriousness="loss")
    await desk.answer(reopened, by="ann")
    await desk.resolve(reopened, by="ann")
    await desk.reopen(reopened)
    desk.clock.advance(HOUR)
    await desk.open(seriousness="safety")
    await rated(desk, "eve", None, category="order")


@pytest.mark.parametrize("reader", ["ann", "lea", "sue"])
@pytest.mark.parametrize("filters", [{}, {"category": "order"}, {"person": "ann"}, {"since": NOON + 10 * HOUR}])
async def test_a_list_is_as_long_as_its_figure_says(desk: Desk, reader: str, filters: dict[str, Any]) -> None:
    """Every figure of tickets and of promises leads to exactly those that it counts."""
    await a_month(desk)
    now, narrowed = desk.clock.now(), ReportFilters(**filters)
    [all_] = await service_figures(desk, reader, **filters)
    counts = {
        TicketFigure.OPENED: all_.opened,
        TicketFigure.HANDLED: all_.handled,
        TicketFigure.OVERDUE: all_.overdue,
        TicketFigure.DUE: all_.handled + all_.overdue,
        TicketFigure.REOPENED: all_.reopened,
    }
    async with desk.sessions() as session:
        person = await find(session, reader)
        for figure, count in counts.items():
            listed = await list_counted(session, person, narrowed, figure, now=now, limit=50)
            assert (figure, count, count) == (figure, listed.count, len(listed.entries))
        for kind, promise in all_.promises.items():
            clocks = (promise.met, promise.breached, promise.running, promise.n)
            for of, count in zip(PromiseFigure, clocks, strict=True):
                listed = await list_promises(session, person, narrowed, of, kind, now=now, limit=50)
                assert (kind, of, count, count) == (kind, of, listed.count, len(listed.entries))


async def test_a_list_comes_a_page_at_a_time(desk: Desk) -> None:
    """All pages together are the list, nothing twice, the newest first; a ticket's clock is that of its last round."""
    await a_month(desk)
    async with desk.sessions() as session:
        sue = await find(session, "sue")
        pages = [
            await list_counted(
                session, sue, ReportFilters(), TicketFigure.OPENED, now=desk.clock.now(), limit=4, offset=offset
            )
            for offset in (0, 4)
        ]
    assert [(6, 4), (6, 2)] == [(page.count, len(page.entries)) for page in pages]
    entries = [entry for page in pages for entry in page.entries]
    opened = [entry.ticket.opened_at for entry in entries]
    assert 6 == len({entry.ticket.number for entry in entries})
    assert sorted(opened, reverse=True) == opened
    assert [2] == [entry.clock.cycle for entry in entries if entry.ticket.reopenings and entry.clock]


async def test_what_was_most_late_comes_first(desk: Desk) -> None:
    """A list of broken promises begins with the one that is furthest over."""
    number = await desk.open(seriousness="safety")
    desk.clock.advance(10 * HOUR)
    later = await desk.open(seriousness="safety")
    desk.clock.advance(2 * HOUR)
    async with desk.sessions() as session:
        listed = await list_promises(
            session, await find(session, "sue"), ReportFilters(), PromiseFigure.BREACHED, ClockKind.RESPONSE,
            now=desk.clock.now(), limit=50,
        )  # fmt: skip
    assert [number, later] == [entry.ticket.number for entry in listed.entries]


@pytest.mark.parametrize("reader", ["ann", "lea", "sue"])
async def test_ratings_are_listed_as_they_are_counted(desk: Desk, reader: str) -> None:
    """Asked, answered, rated, good and bad, by question."""
    await a_month(desk)
    [all_] = await satisfaction(desk, reader)
    wanted = [(SurveyChoice(SurveyFigure.ASKED), all_.asked), (SurveyChoice(SurveyFigure.ANSWERED), all_.answered)]
    for question in Question:
        rating = getattr(all_, question)
        wanted += [
            (SurveyChoice(SurveyFigure.RATED, question), rating.n),
            (SurveyChoice(SurveyFigure.GOOD, question), rating.positive),
            (SurveyChoice(SurveyFigure.BAD, question), rating.negative),
        ]
    async with desk.sessions() as session:
        person = await find(session, reader)
        for choice, count in wanted:
            listed = await list_surveys(session, person, ReportFilters(), choice)
            counted = await count_surveys(session, person, ReportFilters(), choice)
            assert (choice, count, count) == (choice, len(listed), counted)


async def test_causes_are_counted_once_they_are_known(desk: Desk) -> None:
    """What followed-up ratings were about, the most frequent first; each leads to its ratings."""
    for cause in ("speed", "quality", "speed", None):
        survey = await rated(desk, "ann", Ratings(False, 1, 1, 1))
        async with desk.sessions.begin() as session:
            sue = await find(session, "sue")
            await follow_up(session, survey, by=sue, note="called", cause=cause, now=desk.clock.now())
    async with desk.sessions() as session:
        sue = await find(session, "sue")
        causes = await count_causes(session, sue, ReportFilters())
        assert [("speed", 2), ("quality", 1)] == list(causes.items())
        assert 2 == await count_surveys(session, sue, ReportFilters(), SurveyChoice(cause="speed"))
        assert {} == await count_causes(session, sue, ReportFilters(category="order"))
