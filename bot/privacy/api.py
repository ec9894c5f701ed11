"""One person's data in the API: handed out, and erased by two people (product §6, §8).

Who decides what becomes of the shop's data may: an operations manager or an admin. One asks with a reason, from a
ticket of the person; another one confirms.
"""

from typing import Annotated, Any
from uuid import UUID

from aiohttp import web
from pydantic import Field, StringConstraints
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.console.auth import require_person
from bot.console.bodies import Body, DecisionBody, read_body, read_number
from bot.keys import SERVICES, SETTINGS
from bot.privacy.erasing import Eraser, Reason, ask_erasure, withdraw_erasure
from bot.privacy.exporting import export_person
from bot.privacy.models import ErasureRow
from bot.web.errors import ProblemError
from escalation.errors import ForbiddenError, UnknownTicketError
from escalation.models import PersonRow, TicketRow
from escalation.rights import Role, may_decide_on_data

_Words = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=1000)]
_MOST = 100


class ExportBody(Body):
    """Why a person's data is handed out: customer_asked, or in words."""

    reason: _Words


class ErasureBody(Body):
    """Why a person is to be erased, and why it cannot wait for what is still going on, if anything is."""

    reason: _Words = Field(
        description="customer_asked, consent_withdrawn, purpose_over, unlawful, account_closed, or words of one's own."
    )
    despite: _Words | None = None


def set_up(app: web.Application) -> None:
    """Add the routes."""
    app.router.add_post("/api/v1/tickets/{number}/export", export)
    app.router.add_post("/api/v1/tickets/{number}/erasure", ask)
    app.router.add_get("/api/v1/erasures", show_all)
    app.router.add_post("/api/v1/erasures/{id}", decide)


async def export(request: web.Request) -> web.Response:
    """Everything about a ticket's customer as a ZIP file, to be handed to them."""
    person = await _require_right(request)
    number = read_number(request)
    body = await read_body(request, ExportBody)
    services = request.app[SERVICES]
    async with services.sessions.begin() as session:
        customer_id = await _find_customer(session, number)
        content = await export_person(
            session, services.seal, customer_id, by=person.login, reason=Reason(body.reason),
            zone=services.levels.working_hours.zone, now=services.clock.now(),
        )  # fmt: skip
    headers = {"Cache-Control": "no-store", "Content-Disposition": f'attachment; filename="data-{number}.zip"'}
    return web.Response(body=content, content_type="application/zip", headers=headers)


async def ask(request: web.Request) -> web.Response:
    """Ask for a ticket's customer to be erased; another person confirms it."""
    person = await _require_right(request)
    number = read_number(request)
    body = await read_body(request, ErasureBody)
    services = request.app[SERVICES]
    async with services.sessions.begin() as session:
        customer_id = await _find_customer(session, number)
        row = await ask_erasure(
            session, customer_id, Reason(body.reason, body.despite), asked_by=person.login, ticket_number=number,
            now=services.clock.now(),
        )  # fmt: skip
    return web.json_response(_describe(row))


async def show_all(request: web.Request) -> web.Response:
    """Erasures that wait for somebody, and the newest of those that are done."""
    await _require_right(request)
    newest = select(ErasureRow).order_by(ErasureRow.done_at.desc().nulls_first(), ErasureRow.asked_at.desc())
    async with request.app[SERVICES].sessions() as session:
        rows = await session.scalars(newest.limit(_MOST))
        return web.json_response({"erasures": [_describe(row) for row in rows]})


async def decide(request: web.Request) -> web.Response:
    """Confirm an erasure that somebody else asked for, or (agreed: false) have it withdrawn."""
    person = await _require_right(request)
    body = await read_body(request, DecisionBody)
    services, erasure_id = request.app[SERVICES], _read_id(request)
    if not body.agreed:
        async with services.sessions.begin() as session:
            row = await withdraw_erasure(session, erasure_id, by=person.login, now=services.clock.now())
        return web.json_response({**_describe(row), "state": "withdrawn"})
    eraser = Eraser(services.sessions, request.app[SETTINGS].data_dir, services.clock)
    row = await eraser.confirm(erasure_id, by=person.login)
    for conversation in row.scope["conversations"]:
        services.bus.hint(UUID(conversation))
    return web.json_response(_describe(row))


async def _require_right(request: web.Request) -> PersonRow:
    person = await require_person(request)
    if not may_decide_on_data(Role(person.role)):
        raise ForbiddenError(f"a {person.role} may not: an operations manager or an admin decides on a person's data")
    return person


async def _find_customer(session: AsyncSession, number: str) -> UUID:
    customer_id = await session.scalar(select(TicketRow.customer_id).where(TicketRow.number == number))
    if customer_id is None:
        raise UnknownTicketError(f"there is no ticket {number}")
    return customer_id


def _read_id(request: web.Request) -> UUID:
    try:
        return UUID(request.match_info["id"])
    except ValueError:
        raise ProblemError(404, "no_such_erasure", "There is no such erasure.") from None


def _describe(row: ErasureRow) -> dict[str, Any]:
    """What is told of an erasure; the ticket it was asked in stands for the person."""
    state = "done" if row.done_at else "begun" if row.begun_at else "asked"
    return {
        "id": str(row.id),
        "state": state,
        "ticket": row.ticket_number,
        "why": row.why,
        "reason": row.reason,
        "despite": row.despite,
        "asked_by": row.asked_by,
        "asked_at": row.asked_at.isoformat(),
        "confirmed_by": row.confirmed_by,
        "done_at": row.done_at.isoformat() if row.done_at else None,
        "kept": row.kept,
    }
