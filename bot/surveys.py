"""A customer's answer to the survey, from whichever channel: taken once, with what follows from it (product §7)."""

from dataclasses import replace
from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from actions.lines import Line
from bot.dialogue.flows.cases import ticket_params
from bot.models import Conversation
from bot.security.masking import mask_sensitive
from bot.security.sealing import Seal
from bot.texts import Catalogue
from bot.turn.bubbles import write_bubble
from bot.turn.inbox import lock_conversation
from escalation import casework, service
from escalation.access import lock_ticket
from escalation.errors import ClosedTooLongError
from escalation.models import SurveyRow, TicketRow
from escalation.notices import find_by_role, notify
from escalation.rights import Role
from escalation.service import TicketOpening, TicketView
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
    ratings = mask_comment(ratings)
    ticket = await submit_survey(session, survey.id, ratings, now=now)
    if ratings.is_low:
        supervisors = await find_by_role(session, Role.SUPERVISOR)
        cause = f"survey/{survey.id}"
        await notify(session, ticket, supervisors, kind="low_rating", cause=cause, levels=levels, now=now)
    following = await settle(session, conversation, ticket, solved=ratings.solved, levels=levels, now=now)
    line = Line("survey.reopened" if ratings.solved is False else "survey.thanks", {"number": ticket.number})
    if following is not None:
        line = tell_going_on(ticket.number, following)
    text = catalogue.read_in(conversation.time_zone).write(line, conversation.language)
    write_bubble(session, conversation, "bot", text, key=f"survey/{survey.id}", now=now)


def mask_comment(ratings: Ratings) -> Ratings:
    """Return ratings whose comment shows no phone, card or address, as a message would not (§7.1)."""
    return replace(ratings, comment=mask_sensitive(ratings.comment))


async def ask_how_it_went(
    session: AsyncSession,
    conversation: Conversation,
    ticket: TicketRow,
    token: str,
    *,
    catalogue: Catalogue,
    seal: Seal,
    now: datetime,
) -> None:
    """Ask in the conversation. The link's token is sealed: who reads the transcript cannot answer for the customer."""
    newest = select(SurveyRow.id).where(SurveyRow.ticket_id == ticket.id).order_by(SurveyRow.cycle.desc()).limit(1)
    survey_id = await session.scalar(newest)
    language = conversation.language
    write_bubble(
        session,
        conversation,
        "bot",
        catalogue.say("survey.ask", language, number=ticket.number),
        choices=[
            {"value": f"solved=yes:{ticket.number}", "label": catalogue.say("choice.solved", language)},
            {"value": f"solved=no:{ticket.number}", "label": catalogue.say("choice.not_solved", language)},
        ],
        survey={"id": str(survey_id), "ticket": ticket.number, "token": seal.close(token).decode()},
        key=f"survey/{survey_id}/asked",
        now=now,
    )


async def settle(
    session: AsyncSession,
    conversation: Conversation,
    ticket: TicketRow,
    *,
    solved: bool | None,
    levels: ServiceLevels,
    now: datetime,
) -> TicketView | None:
    """Close or reopen a ticket by the customer's word; one that is neither resolved nor closed stays as it is.

    Returns the ticket that the matter goes on in if that is another one: this one was closed too long ago (product §4).
    """
    if solved is True and ticket.state == State.RESOLVED:
        await casework.confirm(session, ticket.number, now=now)
    if solved is not False or ticket.state not in {State.RESOLVED, State.CLOSED}:
        return None
    conversation.speaker, conversation.speaker_name = "queue", None
    try:
        await casework.reopen(session, ticket.number, levels=levels, now=now)
    except ClosedTooLongError:
        return await _go_on_from(session, conversation, ticket, levels=levels, now=now)
    return None


def tell_going_on(previous: str, following: TicketView) -> Line:
    """Say which ticket goes on from one too long closed, with all that a word about a ticket names (§4.3)."""
    return Line("survey.went_on", {**ticket_params(following), "previous": previous})


async def _go_on_from(
    session: AsyncSession, conversation: Conversation, ticket: TicketRow, *, levels: ServiceLevels, now: datetime
) -> TicketView:
    """Go on in the ticket that went on from this one before, opened again if need be; else open one."""
    successor = await find_last_successor(session, ticket)
    if successor.id == ticket.id:
        return await service.open_ticket(session, _opening_from(ticket, now), levels=levels, now=now)
    latest = await lock_ticket(session, successor.number)
    following = await settle(session, conversation, latest, solved=False, levels=levels, now=now)
    return following or await view_ticket(session, latest)


async def find_last_successor(session: AsyncSession, ticket: TicketRow) -> TicketRow:
    """Return the newest ticket of those that went on from this one in turn; the ticket itself if none did."""
    query = select(TicketRow).where(TicketRow.previous_id == ticket.id).order_by(TicketRow.opened_at.desc()).limit(1)
    following = await session.scalar(query)
    return ticket if following is None else await find_last_successor(session, following)


async def view_ticket(session: AsyncSession, ticket: TicketRow) -> TicketView:
    """Return a ticket as customers are told of it."""
    views = await service.find_tickets_of_conversation(session, ticket.conversation_id)
    return next(view for view in views if view.number == ticket.number)


def _opening_from(ticket: TicketRow, now: datetime) -> TicketOpening:
    return TicketOpening(
        cause=f"{ticket.id}/went_on",
        conversation_id=ticket.conversation_id,
        customer_id=ticket.customer_id,
        category=ticket.category,
        intent=ticket.intent,
        seriousness=ticket.seriousness,
        order_number=ticket.order_number,
        order_amount=ticket.order_amount,
        product_key=ticket.product_key,
        policy_tier=None,
        threat=False,
        summary=ticket.summary,
        method=ticket.method,
        decision=ticket.decision,
        packet=ticket.packet,
        language=ticket.language,
        channel=ticket.channel,
        opened_at=now,
        previous=ticket.number,
    )
