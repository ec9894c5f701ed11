"""Figures as JSON, for the API and the CSV export."""

from datetime import date, timedelta
from typing import Any

from bot.supervisor.alone import AloneFigures
from escalation.models import PersonRow
from escalation.rights import RIGHTS, Access, Role
from escalation.satisfaction import RatingFigures, SatisfactionFigures, SurveyEntry
from escalation.service_figures import PromiseFigures, ServiceFigures

_HIDDEN = "•••"


def hide_words(words: str | None, reader: PersonRow) -> str | None:
    """What somebody wrote, as this reader may see it: an auditor reads masked (product §6)."""
    masked = RIGHTS[Role(reader.role)].own is Access.READ_MASKED
    return _HIDDEN if masked and words else words


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


def describe_survey(entry: SurveyEntry, reader: PersonRow) -> dict[str, Any]:
    """An answered survey, as this reader may see it."""
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
        "comment": hide_words(survey.comment, reader),
        "needs_follow_up": entry.needs_follow_up,
        "follow_up": hide_words(survey.follow_up_note, reader),
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
