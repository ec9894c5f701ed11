"""Figures as JSON, for the API and the CSV export."""

from collections.abc import Callable, Iterable
from datetime import date, timedelta
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from bot.console.known import find_known
from bot.security.sealing import Seal
from bot.supervisor.alone import AloneFigures
from escalation.models import PersonRow, TicketRow
from escalation.rights import RIGHTS, Access, Role
from escalation.satisfaction import RatingFigures, SatisfactionFigures, SurveyEntry
from escalation.service_figures import PromiseFigures, ServiceFigures

_HIDDEN = "•••"
Written = Callable[[str | None, TicketRow], str | None]


async def find_written(session: AsyncSession, seal: Seal, reader: PersonRow, entries: Iterable[SurveyEntry]) -> Written:
    """Return what tells this reader the words of a survey: an auditor none, others no personal value (product §6)."""
    if RIGHTS[Role(reader.role)].own is Access.READ_MASKED:
        return lambda words, _ticket: _HIDDEN if words else words
    with_words = [one.ticket.conversation_id for one in entries if one.survey.comment or one.survey.follow_up_note]
    known = await find_known(session, seal, with_words)
    return lambda words, ticket: known[ticket.conversation_id].hide(words) if words else words


def describe_satisfaction(figures: SatisfactionFigures) -> dict[str, Any]:
    """One line of the report on satisfaction."""
    return {
        "line": _name(figures.line),
        "asked": figures.asked,
        "answered": figures.answered,
        "response_rate": figures.response_rate,
        "solved": figures.solved,
        "not_solved": figures.not_solved,
        **{name: _rating(getattr(figures, name)) for name in ("outcome", "service", "process")},
    }


def describe_service(figures: ServiceFigures) -> dict[str, Any]:
    """One line of the report on service; times in seconds."""
    return {
        "line": _name(figures.line),
        "opened": figures.opened,
        "handled": figures.handled,
        "overdue": figures.overdue,
        "reopened": figures.reopened,
        "handling_rate": figures.handling_rate,
        "clocks": {kind.value: _promise(promise) for kind, promise in figures.promises.items()},
    }


def describe_alone(figures: AloneFigures) -> dict[str, Any]:
    """One line of the report on what the bot settled alone."""
    return {
        "category": figures.category,
        "requests": figures.requests,
        "alone": figures.alone,
        "with_person": figures.with_person,
        "waiting": figures.waiting,
        "share": figures.share,
    }


def describe_survey(entry: SurveyEntry, written: Written) -> dict[str, Any]:
    """An answered survey; `written` is what `find_written` returned."""
    survey = entry.survey
    return {
        "id": str(survey.id),
        "number": entry.ticket.number,
        "category": entry.ticket.category,
        "desk": entry.ticket.desk,
        "cycle": survey.cycle,
        "person": {"login": entry.person_login, "name": entry.person_name},
        "answered_at": survey.answered_at.isoformat() if survey.answered_at else None,
        "solved": survey.solved,
        "outcome": survey.outcome,
        "service": survey.service,
        "process": survey.process,
        "comment": written(survey.comment, entry.ticket),
        "needs_follow_up": entry.needs_follow_up,
        "follow_up": written(survey.follow_up_note, entry.ticket),
        "cause": survey.cause,
    }


def _rating(rating: RatingFigures) -> dict[str, Any]:
    return {
        "n": rating.n,
        "mean": rating.mean,
        "positive_share": rating.positive_share,
        "negative_share": rating.negative_share,
    }


def _promise(promise: PromiseFigures) -> dict[str, Any]:
    return {
        "met": promise.met,
        "breached": promise.breached,
        "running": promise.running,
        "n": promise.n,
        "median_seconds": _seconds(promise.median),
        "p90_seconds": _seconds(promise.p90),
    }


def _seconds(length: timedelta | None) -> float | None:
    return None if length is None else length.total_seconds()


def _name(line: str | date | None) -> str | None:
    return line.isoformat() if isinstance(line, date) else line
