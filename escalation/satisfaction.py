"""How customers found it: the surveys' figures, and the surveys to read and to follow up (product §7, §4.4)."""

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import InstrumentedAttribute

from escalation.errors import ForbiddenError, RefusedError
from escalation.history import record
from escalation.models import PersonRow, SurveyRow, TicketRow
from escalation.reports import Group, ReportFilters, find_conditions, find_group, find_reported
from escalation.rights import Role
from escalation.survey import LOW_RATING

# The trade's figures in the standard (§4.1, §4.4): the mean, the share of good ratings and of bad ones.
TRADE_MEAN, TRADE_POSITIVE, TRADE_NEGATIVE = 4.2, 0.45, 0.15
# What a comment is about (product §7), as whoever follows it up sorts it.
CAUSES = ("speed", "logistics", "quality", "attitude", "policy", "other")
LOWEST_RATING, POSITIVE_RATING, HIGHEST_RATING = 1, 4, 5
_FOLLOW_UP = frozenset({Role.SUPERVISOR, Role.OPERATIONS_MANAGER})
LONGEST_LIST = 500


class SurveyFigure(StrEnum):
    """What surveys are counted by. GOOD: rated 4–5, BAD: rated 1–2, WAITING: bad, and not followed up."""

    ASKED = "asked"
    ANSWERED = "answered"
    WAITING = "waiting"
    RATED = "rated"
    GOOD = "good"
    BAD = "bad"


class Question(StrEnum):
    """What a survey asks (三滿意)."""

    OUTCOME = "outcome"
    SERVICE = "service"
    PROCESS = "process"


@dataclass(frozen=True)
class SurveyChoice:
    """Which surveys are wanted: those a figure counts by one question, about one cause; None is any of them."""

    figure: SurveyFigure = SurveyFigure.ANSWERED
    question: Question | None = None
    cause: str | None = None


ALL_ANSWERED = SurveyChoice()


@dataclass(frozen=True)
class RatingFigures:
    """One question's ratings: how many, their mean (None without any), how many good (4–5) and bad (1–2) ones."""

    n: int
    mean: float | None
    positive: int
    negative: int

    @property
    def positive_share(self) -> float | None:
        """Good ones of all, or None."""
        return self.positive / self.n if self.n else None

    @property
    def negative_share(self) -> float | None:
        """Bad ones of all, or None."""
        return self.negative / self.n if self.n else None


@dataclass(frozen=True)
class SatisfactionFigures:
    """One line: `line` names the group (None: all). A ticket that was reopened is asked again, and counts again."""

    line: str | date | None
    asked: int
    answered: int
    solved: int
    not_solved: int
    outcome: RatingFigures
    service: RatingFigures
    process: RatingFigures

    @property
    def response_rate(self) -> float | None:
        """Answered of asked, or None."""
        return self.answered / self.asked if self.asked else None


@dataclass(frozen=True)
class SurveyEntry:
    """A survey to read. `needs_follow_up`: a low rating that no supervisor has looked at."""

    survey: SurveyRow
    ticket: TicketRow
    person_login: str
    person_name: str
    needs_follow_up: bool


async def compute_satisfaction(
    session: AsyncSession,
    reader: PersonRow,
    filters: ReportFilters,
    *,
    group_by: Group | None = None,
    zone: ZoneInfo,
) -> list[SatisfactionFigures]:
    """Return the figures of the surveys asked in a period, a line for each group; people are the rated ones."""
    line = find_group(group_by, SurveyRow.asked_at, zone)
    query = (
        select(
            line,
            func.count(),
            func.count(SurveyRow.answered_at),
            func.count().filter(SurveyRow.solved.is_(True)),
            func.count().filter(SurveyRow.solved.is_(False)),
            *[figure for rating in _RATINGS.values() for figure in _figures(rating)],
        )
        .join(TicketRow, TicketRow.id == SurveyRow.ticket_id)
        .join(PersonRow, PersonRow.id == SurveyRow.person_id)
        .where(*_narrow(reader, filters))
    )
    grouped = query if group_by is None else query.group_by(line).order_by(line)
    return [
        SatisfactionFigures(*row[:5], *(_read(row[start : start + 4]) for start in (5, 9, 13)))
        for row in await session.execute(grouped)
    ]


async def count_causes(session: AsyncSession, reader: PersonRow, filters: ReportFilters) -> dict[str, int]:
    """Return what the surveys of a period were about, as those who followed them up sorted them: the most first."""
    query = (
        select(SurveyRow.cause, func.count())
        .join(TicketRow, TicketRow.id == SurveyRow.ticket_id)
        .join(PersonRow, PersonRow.id == SurveyRow.person_id)
        .where(SurveyRow.cause.is_not(None), *_narrow(reader, filters))
        .group_by(SurveyRow.cause)
        .order_by(func.count().desc(), SurveyRow.cause)
    )
    return {str(cause): count for cause, count in await session.execute(query)}


def _narrow(reader: PersonRow, filters: ReportFilters) -> tuple[ColumnElement[bool], ...]:
    return (find_reported(reader, SurveyRow.person_id), *find_conditions(filters, SurveyRow.asked_at))


_RATINGS = {
    Question.OUTCOME: SurveyRow.outcome,
    Question.SERVICE: SurveyRow.service,
    Question.PROCESS: SurveyRow.process,
}


def _figures(rating: InstrumentedAttribute[int | None]) -> tuple[ColumnElement[Any], ...]:
    return (
        func.count(rating),
        func.avg(rating),
        func.count().filter(rating >= POSITIVE_RATING),
        func.count().filter(rating <= LOW_RATING),
    )


def _read(figures: tuple[object, ...]) -> RatingFigures:
    n, mean, positive, negative = figures
    return RatingFigures(
        int(str(n)), None if mean is None else float(str(mean)), int(str(positive)), int(str(negative))
    )


async def list_surveys(
    session: AsyncSession,
    reader: PersonRow,
    filters: ReportFilters,
    choice: SurveyChoice = ALL_ANSWERED,
    *,
    limit: int = LONGEST_LIST,
    offset: int = 0,
) -> list[SurveyEntry]:
    """Return the surveys behind a figure, what was answered last first."""
    waiting = _is_rated(SurveyFigure.BAD, None) & SurveyRow.followed_up_at.is_(None)
    query = (
        select(SurveyRow, TicketRow, PersonRow.login, PersonRow.name, waiting)
        .join(TicketRow, TicketRow.id == SurveyRow.ticket_id)
        .join(PersonRow, PersonRow.id == SurveyRow.person_id)
        .where(*_narrow(reader, filters), *_choose(choice))
        .order_by(SurveyRow.answered_at.desc().nulls_last(), SurveyRow.asked_at.desc(), SurveyRow.id)
    )
    rows = await session.execute(query.limit(min(limit, LONGEST_LIST)).offset(offset))
    return [SurveyEntry(*row) for row in rows]


async def count_surveys(session: AsyncSession, reader: PersonRow, filters: ReportFilters, choice: SurveyChoice) -> int:
    """Count the surveys that `list_surveys` would list if it were not limited."""
    query = (
        select(func.count())
        .select_from(SurveyRow)
        .join(TicketRow, TicketRow.id == SurveyRow.ticket_id)
        .join(PersonRow, PersonRow.id == SurveyRow.person_id)
        .where(*_narrow(reader, filters), *_choose(choice))
    )
    return (await session.execute(query)).scalar_one()


def _choose(choice: SurveyChoice) -> list[ColumnElement[bool]]:
    conditions: list[ColumnElement[bool]] = []
    match choice.figure:
        case SurveyFigure.ASKED:
            pass
        case SurveyFigure.ANSWERED:
            conditions.append(SurveyRow.answered_at.is_not(None))
        case SurveyFigure.WAITING:
            conditions += [_is_rated(SurveyFigure.BAD, choice.question), SurveyRow.followed_up_at.is_(None)]
        case _:
            conditions.append(_is_rated(choice.figure, choice.question))
    return conditions if choice.cause is None else [*conditions, SurveyRow.cause == choice.cause]


def _is_rated(figure: SurveyFigure, question: Question | None) -> ColumnElement[bool]:
    """Tell whether a question, or any of them, was rated well (GOOD), badly (BAD), or at all."""
    ratings = _RATINGS.values() if question is None else (_RATINGS[question],)
    least = POSITIVE_RATING if figure is SurveyFigure.GOOD else LOWEST_RATING
    most = LOW_RATING if figure is SurveyFigure.BAD else HIGHEST_RATING
    return or_(*(func.coalesce(rating.between(least, most), False) for rating in ratings))


async def follow_up(
    session: AsyncSession, survey_id: UUID, *, by: PersonRow, note: str, cause: str | None, now: datetime
) -> SurveyRow:
    """A supervisor looked at a survey: what was done, what it was about. Raises ForbiddenError, RefusedError."""
    if Role(by.role) not in _FOLLOW_UP:
        raise ForbiddenError(f"a {by.role} does not follow up surveys: a supervisor does")
    if not note.strip():
        raise RefusedError("say what was done: the note is kept")
    if cause is not None and cause not in CAUSES:
        raise RefusedError(f"a cause is one of: {', '.join(CAUSES)}")
    survey = await session.scalar(select(SurveyRow).where(SurveyRow.id == survey_id).with_for_update())
    if survey is None or survey.answered_at is None:
        raise RefusedError("there is no such answered survey")
    survey.followed_up_by, survey.followed_up_at, survey.follow_up_note = by.id, now, note.strip()
    survey.cause = cause
    ticket = await session.get_one(TicketRow, survey.ticket_id)
    await record(session, ticket, "followed_up", by.login, at=now, private={"note": note}, cycle=survey.cycle)
    return survey
