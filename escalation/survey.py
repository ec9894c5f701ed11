"""How it went: outcome, service, process (三滿意, §4.4), asked once for each resolution cycle.

Opening a link records nothing; sending the form does. The rated person is the owner at resolution, whatever happens to
the ticket later.
"""

import hashlib
import secrets
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from escalation.errors import SurveyError
from escalation.history import record
from escalation.models import SurveyRow, TicketRow

VALID_FOR = timedelta(days=7)
LOW_RATING = 2
_RATINGS = range(1, 6)
LONGEST_COMMENT = 2000


@dataclass(frozen=True)
class Ratings:
    """What a customer sends: whether it is solved, three ratings of 1 to 5 (None: not rated), words."""

    solved: bool | None = None
    outcome: int | None = None
    service: int | None = None
    process: int | None = None
    comment: str = ""

    @property
    def is_low(self) -> bool:
        """Whether a supervisor should look at it."""
        return any(rating is not None and rating <= LOW_RATING for rating in (self.outcome, self.service, self.process))


async def ask_survey(session: AsyncSession, ticket: TicketRow, *, now: datetime) -> str:
    """Open the survey of this cycle and return its token (kept as a digest only)."""
    token = secrets.token_urlsafe(24)
    session.add(
        SurveyRow(
            ticket_id=ticket.id,
            cycle=ticket.reopenings + 1,
            person_id=ticket.owner_id,
            token_digest=digest(token),
            asked_at=now,
            valid_until=now + VALID_FOR,
        )
    )
    await session.flush()
    return token


async def find_survey(session: AsyncSession, token: str) -> tuple[SurveyRow, TicketRow] | None:
    """Return the survey of a link and its ticket, or None."""
    query = select(SurveyRow, TicketRow).join(TicketRow, TicketRow.id == SurveyRow.ticket_id)
    row = (await session.execute(query.where(SurveyRow.token_digest == digest(token)))).one_or_none()
    return None if row is None else (row[0], row[1])


async def find_survey_of_conversation(
    session: AsyncSession, conversation_id: UUID, survey_id: UUID | None
) -> SurveyRow | None:
    """Return a conversation's survey: the one of this id if it is one of its own, else the newest."""
    query = select(SurveyRow).join(TicketRow, TicketRow.id == SurveyRow.ticket_id)
    own = list(
        await session.scalars(query.where(TicketRow.conversation_id == conversation_id).order_by(SurveyRow.asked_at))
    )
    return next((survey for survey in own if survey.id == survey_id), own[-1] if own else None)


def is_repeated(survey: SurveyRow, ratings: Ratings) -> bool:
    """Tell whether a survey was answered by these very ratings."""
    stored = Ratings(survey.solved, survey.outcome, survey.service, survey.process, survey.comment or "")
    return survey.answered_at is not None and stored == replace(ratings, comment=ratings.comment.strip())


async def submit_survey(session: AsyncSession, survey_id: UUID, ratings: Ratings, *, now: datetime) -> TicketRow:
    """Take a customer's answer, once. Returns the ticket; the caller confirms or reopens it. Raises SurveyError."""
    query = select(TicketRow).join(SurveyRow, SurveyRow.ticket_id == TicketRow.id).where(SurveyRow.id == survey_id)
    # The ticket first, as everywhere: the customer's word may reopen it.
    ticket = await session.scalar(query.with_for_update(of=TicketRow).execution_options(populate_existing=True))
    if ticket is None:
        raise SurveyError("unknown", "There is no such survey.")
    survey = await session.get_one(SurveyRow, survey_id, populate_existing=True)
    if survey.answered_at is not None:
        raise SurveyError("answered", "You have answered this already; thank you.")
    if now >= survey.valid_until:
        raise SurveyError("expired", "This survey is over; it was open for seven days.")
    _check(ratings)
    survey.answered_at, survey.solved = now, ratings.solved
    survey.outcome, survey.service, survey.process = ratings.outcome, ratings.service, ratings.process
    survey.comment = ratings.comment.strip() or None
    told = {
        "outcome": ratings.outcome,
        "service": ratings.service,
        "process": ratings.process,
        "solved": ratings.solved,
    }
    await record(session, ticket, "rated", "customer", at=now, cycle=survey.cycle, ratings=told)
    return ticket


async def add_comment(session: AsyncSession, survey_id: UUID, text: str, *, now: datetime) -> None:
    """Keep what a customer adds to ratings that came without words, once. Raises SurveyError."""
    query = select(SurveyRow).where(SurveyRow.id == survey_id).with_for_update()
    survey = await session.scalar(query.execution_options(populate_existing=True))
    if survey is None:
        raise SurveyError("unknown", "There is no such survey.")
    if survey.answered_at is None or survey.comment is not None:
        raise SurveyError("answered", "There is nothing to add to; thank you.")
    if now >= survey.valid_until:
        raise SurveyError("expired", "This survey is over; it was open for seven days.")
    if len(text) > LONGEST_COMMENT:
        raise SurveyError("bad_rating", f"A comment has up to {LONGEST_COMMENT} characters.")
    survey.comment = text.strip() or None


def _check(ratings: Ratings) -> None:
    for name in ("outcome", "service", "process"):
        value = getattr(ratings, name)
        if value is not None and (isinstance(value, bool) or value not in _RATINGS):
            raise SurveyError("bad_rating", f"{name} is rated from 1 to 5.")
    if len(ratings.comment) > LONGEST_COMMENT:
        raise SurveyError("bad_rating", f"A comment has up to {LONGEST_COMMENT} characters.")
    if ratings.solved is None and ratings.outcome is None and ratings.service is None and ratings.process is None:
        raise SurveyError("bad_rating", "Say whether it is solved, or rate it.")


def digest(token: str) -> bytes:
    """What is stored of a token: it is random and long, so a plain digest is enough."""
    return hashlib.sha256(token.encode()).digest()
