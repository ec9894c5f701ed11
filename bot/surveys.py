"""A customer's answer to the survey, from whichever channel: taken once, with what follows from it (product §7)."""

from datetime import datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from bot.bubbles import write_bubble
from bot.inbox import lock_conversation
from bot.models import Conversation
from bot.texts import Catalogue
from escalation import casework
from escalation.models import SurveyRow, TicketRow
from escalation.notices import find_by_role, notify
from escalation.rights import Role
from escalation.service_levels import ServiceLevels
from escalation.survey import Ratings, submit_survey
from escalation.tickets import State


async def take_survey(
    session: AsyncSession,
    conversation_id: UUID,
    survey: SurveyRow,
    ratings: Ratings,
    *,
    catalogue: Catalogue,
    levels: ServiceLevels,
    now: datetime,
) -> None:
    """Take ratings and act on them: "not solved" reopens, a supervisor hears of low ones. Raises SurveyError."""
    conversation = await lock_conversation(session, conversation_id)
    conversation.version += 1
    ticket = await submit_survey(session, survey.id, ratings, now=now)
    if ratings.is_low:
        supervisors = await find_by_role(session, Role.SUPERVISOR)
        cause = f"survey/{survey.id}"
        await notify(session, ticket, supervisors, kind="low_rating", cause=cause, levels=levels, now=now)
    await settle(session, conversation, ticket, solved=ratings.solved, levels=levels, now=now)
    key = "survey.reopened" if ratings.solved is False else "survey.thanks"
    text = catalogue.say(key, conversation.language, number=ticket.number)
    write_bubble(session, conversation, "bot", text, key=f"survey/{survey.id}", now=now)


async def settle(
    session: AsyncSession,
    conversation: Conversation,
    ticket: TicketRow,
    *,
    solved: bool | None,
    levels: ServiceLevels,
    now: datetime,
) -> None:
    """Close or reopen a ticket by the customer's word; one that is neither resolved nor closed stays as it is."""
    if solved is True and ticket.state == State.RESOLVED:
        await casework.confirm(session, ticket.number, now=now)
    if solved is False and ticket.state in {State.RESOLVED, State.CLOSED}:
        await casework.reopen(session, ticket.number, levels=levels, now=now)
        conversation.speaker, conversation.speaker_name = "queue", None
