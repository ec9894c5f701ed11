"""Masked values of a ticket told whole: to who works on it, one by one, for a reason that is recorded (product §6)."""

from collections.abc import Sequence

from aiohttp import web
from pydantic import BaseModel, Field
from sqlalchemy import select

from bot.console import casebook, confirming
from bot.console.auth import require_person
from bot.console.bodies import RevealBody, read_body, read_number
from bot.console.known import find_known
from bot.console.masked import find_masked
from bot.keys import SERVICES
from bot.security.personal import find_email
from bot.security.sealing import Seal
from bot.web.errors import ProblemError
from escalation.access import access_ticket
from escalation.disclosure import USUAL_REASONS, record_reveal
from escalation.models import TicketEventRow, TicketRow


class RevealAnswer(BaseModel):
    """What was asked for, whole."""

    number: str
    values: dict[str, str] = Field(description="By the name that the ticket's `revealable` gives it.")


async def show_masked(request: web.Request) -> web.Response:
    """Tell masked values whole. The record is committed before anything is told, and nothing keeps the answer."""
    person = await require_person(request)
    number = read_number(request)
    body = await read_body(request, RevealBody)
    services, wanted = request.app[SERVICES], body.wanted()
    async with casebook.open_case(services, number) as case:
        ticket = await access_ticket(case.session, number, person)
        known = await _load_masked(case, ticket, services.seal)
        _check_known(wanted, known, number)
        reason = await _hide_known(case, ticket, services.seal, body.reason)
        await record_reveal(case.session, number, by=person, fields=wanted, reason=reason, now=services.clock.now())
    answer = RevealAnswer(number=number, values={name: known[name] for name in wanted})
    return web.json_response(answer.model_dump(mode="json"), headers={"Cache-Control": "no-store"})


async def _load_masked(case: casebook.Case, ticket: TicketRow, seal: Seal) -> dict[str, str]:
    events = await case.session.scalars(select(TicketEventRow).where(TicketEventRow.ticket_id == ticket.id))
    prepared = await confirming.find_prepared(case.session, ticket.number)
    email = await find_email(case.session, seal, ticket.customer_id)
    return find_masked(ticket, seal, events=events.all(), prepared=prepared, email=email)


async def _hide_known(case: casebook.Case, ticket: TicketRow, seal: Seal, reason: str) -> str:
    """A reason in words is kept: it names no more than is shown."""
    if reason in USUAL_REASONS:
        return reason
    known = (await find_known(case.session, seal, [ticket.conversation_id]))[ticket.conversation_id]
    return known.hide(reason)


def _check_known(wanted: Sequence[str], known: dict[str, str], number: str) -> None:
    missing = [name for name in wanted if name not in known]
    if missing:
        told = f"{number} has no masked field {', '.join(missing)}; those it has are its revealable."
        raise ProblemError(404, "no_such_field", told)
