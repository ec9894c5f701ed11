"""The API of tickets under /api/v1, for the console and for programs (bearer token). Described by openapi.json."""

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Mapping
from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from aiohttp import web
from sqlalchemy import and_, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from actions.shop import Order, ShopError
from bot.channels.telegram.colleagues import CODE_VALID_FOR, make_link_code
from bot.console import casebook, confirming, revealing
from bot.console.auth import require_person
from bot.console.bodies import (
    ConfirmBody,
    DecisionBody,
    DeclineBody,
    EmptyBody,
    HandoverBody,
    HelpBody,
    MessageBody,
    NoteBody,
    PresenceBody,
    ResolveBody,
    StageBody,
    TierBody,
    read_body,
    read_number,
)
from bot.console.describe import describe_case, describe_entry, describe_last, describe_person
from bot.console.handoff import HIDDEN, describe_handoff, finish_handoff, load_handoff
from bot.console.known import Known, find_known
from bot.console.masked import find_masked, mask_email
from bot.console.pages import find_language, find_texts
from bot.console.paging import read_page
from bot.keys import SERVICES, SETTINGS, TURNS
from bot.models import Attachment, Conversation, Message
from bot.security.personal import find_email
from bot.security.sealing import Seal
from bot.web.errors import YEARS, ProblemError
from escalation import casework, handover, helping, notices, presence
from escalation.casefile import load_ticket
from escalation.models import PersonRow
from escalation.queue import LONGEST_LIST, QueueEntry, TicketFilters, list_page
from escalation.rights import Access
from escalation.severity import Tier
from escalation.tickets import Stage, State

Act = Callable[[web.Request, PersonRow, str], Awaitable[None]]


def set_up(app: web.Application) -> None:
    """Add the routes."""
    router = app.router
    router.add_get("/api/v1/me", show_me)
    router.add_post("/api/v1/me/telegram", make_telegram_link)
    router.add_post("/api/v1/presence", set_presence)
    router.add_get("/api/v1/people", show_people)
    router.add_get("/api/v1/tickets", show_tickets)
    router.add_get("/api/v1/tickets/{number}", show_ticket)
    router.add_get("/api/v1/tickets/{number}/photos/{id}", show_photo)
    for name, act in ACTS.items():
        router.add_post(f"/api/v1/tickets/{{number}}/{name}", _acting(act))
    router.add_post("/api/v1/tickets/{number}/reveal", revealing.show_masked)
    router.add_post("/api/v1/handovers/{id}", decide_handover)
    router.add_get("/api/v1/notices", show_notices)
    router.add_post("/api/v1/notices/read", read_notices)


async def show_me(request: web.Request) -> web.Response:
    """Who is asking."""
    person = await require_person(request)
    return web.json_response({**describe_person(person), "on_break": person.on_break})


async def make_telegram_link(request: web.Request) -> web.Response:
    """What one sends to the shop's bot, so that one's notices come to one's own Telegram chat too."""
    person = await require_person(request)
    await read_body(request, EmptyBody)
    if request.app[SETTINGS].telegram_token is None:
        raise ProblemError(404, "no_telegram", "This shop has no bot on Telegram.")
    services = request.app[SERVICES]
    now = services.clock.now()
    code = make_link_code(services.seal, person.id, now=now)
    return web.json_response({"send": f"/link {code}", "until": (now + CODE_VALID_FOR).isoformat()})


async def set_presence(request: web.Request) -> web.Response:
    """Say whether one takes new tickets; who goes passes on what they have not answered."""
    person = await require_person(request)
    body = await read_body(request, PresenceBody)
    services = request.app[SERVICES]
    now = services.clock.now()
    async with services.sessions.begin() as session:
        if body.available:
            back = update(PersonRow).where(PersonRow.id == person.id)
            await session.execute(back.values(available=True, on_break=False))
            await presence.mark_seen(session, person.id, now=now)
        else:
            await presence.go_off_duty(session, person.id, levels=services.levels, now=now)
    services.on_due.set()
    return web.json_response({**describe_person(person), "available": body.available})


async def show_people(request: web.Request) -> web.Response:
    """Who works here, for handing over."""
    await require_person(request)
    async with request.app[SERVICES].sessions() as session:
        people = await session.scalars(select(PersonRow).where(PersonRow.active).order_by(PersonRow.login))
        return web.json_response({"people": [describe_person(person) for person in people]})


async def show_tickets(request: web.Request) -> web.Response:
    """Tickets that one may see, what is due next first; narrowed by the query, and a page at a time."""
    person = await require_person(request)
    limit, after = read_page(request, usual=LONGEST_LIST, longest=LONGEST_LIST)
    services = request.app[SERVICES]
    async with services.sessions() as session:
        page = await list_page(session, person, _filters(request, person), limit=limit, after=after)
        entries = page.lines
        last = await _find_last(session, [entry.ticket.conversation_id for entry in entries])
        masked = person.role == "auditor"
        spoken = [id_ for id_, message in last.items() if message.text and not masked]
        known = await find_known(session, services.seal, spoken)

    def describe() -> list[dict[str, Any]]:
        return [_describe_line(entry, last, known, masked=masked) for entry in entries]

    lines = await asyncio.to_thread(describe)
    following = page.following.write() if page.following else None
    return web.json_response({"tickets": lines, "more": following is not None, "next": following})


def _describe_line(
    entry: QueueEntry, last: Mapping[UUID, Message], known: Mapping[UUID, Known], *, masked: bool
) -> dict[str, Any]:
    conversation = entry.ticket.conversation_id
    newest = last.get(conversation)
    shown = describe_last(newest, known.get(conversation, Known()), masked=masked) if newest else None
    return describe_entry(entry, shown)


def _check_known(name: str, given: Iterable[str], known: type[StrEnum]) -> None:
    """Refuse what a filter could never meet: an empty list would look like good news. Raises ProblemError."""
    if not set(given) <= {"", *known}:
        raise ProblemError(422, f"bad_{name}", f"{name} is one of: {', '.join(known)}.")


def _filters(request: web.Request, person: PersonRow) -> TicketFilters:
    query = request.query
    owner = query.get("owner")
    due_before = query.get("due_before")
    try:
        due = datetime.fromisoformat(due_before) if due_before else None
    except ValueError:
        raise ProblemError(422, "bad_due_before", "due_before must be an instant such as 2026-11-23T10:00Z.") from None
    if due is not None and due.tzinfo is None:
        raise ProblemError(422, "bad_due_before", "due_before needs a zone, such as Z or +08:00.")
    if due is not None and due.year not in YEARS:
        raise ProblemError(422, "bad_due_before", f"due_before must lie between {YEARS[0]} and {YEARS[-1]}.")
    states = tuple(query.getall("state", []))
    _check_known("state", states, State)
    _check_known("tier", query.getall("tier", []), Tier)
    return TicketFilters(
        states=states,
        owner=person.login if owner == "me" else owner,
        desk=person.desk if query.get("desk") == "mine" else query.get("desk"),
        tier=query.get("tier"),
        due_before=due,
        handled_by_me=query.get("handled_by") == "me",
        search=query.get("search"),
    )


async def _find_last(session: AsyncSession, conversations: list[UUID]) -> dict[UUID, Message]:
    newest = select(Message).join(
        Conversation, and_(Conversation.id == Message.conversation_id, Conversation.last_seq == Message.seq)
    )
    rows = await session.scalars(newest.where(Conversation.id.in_(conversations)))
    return {message.conversation_id: message for message in rows}


async def show_ticket(request: web.Request) -> web.Response:
    """One ticket whole: clocks, steps, decision, order with its checks, packet, conversation, history."""
    person = await require_person(request)
    services = request.app[SERVICES]
    number = read_number(request)
    async with services.sessions.begin() as session:
        case = await load_ticket(session, number, person=person)
        query = select(Message).where(Message.conversation_id == case.ticket.conversation_id).order_by(Message.seq)
        messages = (await session.scalars(query)).all()
        prepared = await confirming.find_prepared(session, number)
        facts = await load_handoff(session, case, messages, services.seal, now=services.clock.now())
        email = await find_email(session, services.seal, case.ticket.customer_id)
        known = await _find_known(session, services.seal, case.ticket.conversation_id, email)
        await notices.mark_read(session, person.id, number, now=services.clock.now())
    now = services.clock.now()
    order = await _find_order(request, facts.order_number)
    handoff = finish_handoff(facts, case.ticket.packet, order, now=now)
    packet = describe_handoff(handoff, case.access, find_texts(request), find_language(request))
    described = describe_case(case, messages, order, packet=packet, person=person, seal=services.seal, now=now)
    contact = None if email is None else HIDDEN if case.access < Access.READ else mask_email(email)
    masked = case.access < Access.READ
    waiting = [
        confirming.describe_prepared(row, prepared, services.seal, order=order, person=person, masked=masked)
        for row in prepared
    ]
    whole = find_masked(case.ticket, services.seal, events=case.events, prepared=prepared, email=email)
    revealable = list(whole) if case.access >= Access.WORK else []
    hidden = known.hide_in_case(described)
    shown = {**hidden, "prepared": waiting, "contact": contact, "revealable": revealable}
    return web.json_response(shown)


async def _find_known(session: AsyncSession, seal: Seal, conversation: UUID, email: str | None) -> Known:
    known = (await find_known(session, seal, [conversation]))[conversation]
    return known.plus([("email", email)] if email else ())


async def _find_order(request: web.Request, number: str | None) -> Order | None:
    if not number:
        return None
    try:
        return await request.app[SERVICES].shop.find_order(number)
    except ShopError:
        return None


async def show_photo(request: web.Request) -> web.Response:
    """A photo of a ticket's conversation, for who may read it unmasked."""
    person = await require_person(request)
    async with request.app[SERVICES].sessions() as session:
        case = await load_ticket(session, read_number(request), person=person)
        try:
            photo = await session.get(Attachment, UUID(request.match_info["id"]))
        except ValueError:
            photo = None
    if case.access < Access.READ or photo is None or photo.conversation_id != case.ticket.conversation_id:
        raise ProblemError(404, "no_such_photo", "This ticket has no such photo.")
    headers = {"Cache-Control": "private, max-age=86400", "X-Content-Type-Options": "nosniff"}
    return web.Response(body=photo.content, content_type=photo.media_type, headers=headers)


def _acting(act: Act) -> Callable[[web.Request], Awaitable[web.Response]]:
    async def handle(request: web.Request) -> web.Response:
        person = await require_person(request)
        await act(request, person, read_number(request))
        request.app[SERVICES].on_due.set()
        return await show_ticket(request)

    return handle


def _key(person: PersonRow, number: str, act: str, key: str | None) -> str | None:
    return None if key is None else f"{person.login}/{number}/{act}/{key}"


async def _accept(request: web.Request, person: PersonRow, number: str) -> None:
    await read_body(request, EmptyBody)
    services = request.app[SERVICES]
    async with casebook.open_case(services, number) as case:
        await casework.accept(case.session, number, by=person, now=services.clock.now())


async def _confirm(request: web.Request, person: PersonRow, number: str) -> None:
    body = await read_body(request, ConfirmBody)
    await confirming.confirm(request.app[SERVICES], number, person, body.command)
    request.app[TURNS].on_command.set()


async def _decline(request: web.Request, person: PersonRow, number: str) -> None:
    body = await read_body(request, DeclineBody)
    await confirming.decline(request.app[SERVICES], number, person, body.command, body.reason)


async def _message(request: web.Request, person: PersonRow, number: str) -> None:
    body = await read_body(request, MessageBody)
    key = _key(person, number, "message", body.key)
    await casebook.reply(request.app[SERVICES], number, person, body.text, key=key)


async def _note(request: web.Request, person: PersonRow, number: str) -> None:
    body = await read_body(request, NoteBody)
    services = request.app[SERVICES]
    async with casebook.open_case(services, number) as case:
        key = _key(person, number, "note", body.key)
        await casework.add_note(case.session, number, by=person, text=body.text, key=key, now=services.clock.now())


async def _wait(request: web.Request, person: PersonRow, number: str) -> None:
    body = await read_body(request, MessageBody)
    key = _key(person, number, "wait", body.key)
    await casebook.ask_customer(request.app[SERVICES], number, person, body.text, key=key)


async def _resolve(request: web.Request, person: PersonRow, number: str) -> None:
    body = await read_body(request, ResolveBody)
    key = _key(person, number, "resolve", body.key)
    await casebook.resolve(request.app[SERVICES], number, person, outcome=body.outcome, text=body.text, key=key)


async def _tier(request: web.Request, person: PersonRow, number: str) -> None:
    body = await read_body(request, TierBody)
    services = request.app[SERVICES]
    change: dict[str, Any] = {"tier": body.tier, "reason": body.reason, "levels": services.levels}
    async with casebook.open_case(services, number) as case:
        await casework.change_tier(case.session, number, by=person, now=services.clock.now(), **change)


async def _stage(request: web.Request, person: PersonRow, number: str) -> None:
    body = await read_body(request, StageBody)
    services = request.app[SERVICES]
    async with casebook.open_case(services, number) as case:
        now = services.clock.now()
        await casework.set_stage(case.session, number, by=person, stage=Stage(body.stage), now=now)


async def _hand_over(request: web.Request, person: PersonRow, number: str) -> None:
    body = await read_body(request, HandoverBody)
    services = request.app[SERVICES]
    change: dict[str, Any] = {"to": body.to, "reason": body.reason, "levels": services.levels}
    async with casebook.open_case(services, number) as case:
        await handover.hand_over(case.session, number, by=person, now=services.clock.now(), **change)


async def _ask_for_help(request: web.Request, person: PersonRow, number: str) -> None:
    body = await read_body(request, HelpBody)
    services = request.app[SERVICES]
    async with casebook.open_case(services, number) as case:
        await helping.ask_for_help(
            case.session, number, by=person, helper=body.helper, levels=services.levels, now=services.clock.now()
        )


async def _end_help(request: web.Request, person: PersonRow, number: str) -> None:
    body = await read_body(request, HelpBody)
    services = request.app[SERVICES]
    async with casebook.open_case(services, number) as case:
        await helping.end_help(case.session, number, by=person, helper=body.helper, now=services.clock.now())


async def _hand_back(request: web.Request, person: PersonRow, number: str) -> None:
    await read_body(request, EmptyBody)
    await casebook.hand_back(request.app[SERVICES], number, person)


ACTS: dict[str, Act] = {
    "accept": _accept,
    "confirm": _confirm,
    "decline": _decline,
    "messages": _message,
    "notes": _note,
    "wait": _wait,
    "resolve": _resolve,
    "tier": _tier,
    "stage": _stage,
    "handover": _hand_over,
    "help": _ask_for_help,
    "end-help": _end_help,
    "hand-back": _hand_back,
}


async def decide_handover(request: web.Request) -> web.Response:
    """Agree to a handover, or not."""
    person = await require_person(request)
    body = await read_body(request, DecisionBody)
    services = request.app[SERVICES]
    try:
        asked = UUID(request.match_info["id"])
    except ValueError:
        raise ProblemError(404, "no_such_handover", "There is no such handover.") from None
    decision: dict[str, Any] = {"agreed": body.agreed, "reason": body.reason, "levels": services.levels}
    async with services.sessions.begin() as session:
        ticket = await handover.decide_handover(session, asked, by=person, now=services.clock.now(), **decision)
    services.bus.hint(ticket.conversation_id)
    return web.json_response({"number": ticket.number, "agreed": body.agreed})


async def show_notices(request: web.Request) -> web.Response:
    """What one has not looked at yet, newest first. `more`: there may be others."""
    person = await require_person(request)
    async with request.app[SERVICES].sessions() as session:
        unread = await notices.find_unread(session, person.id)
    lines = [
        {"kind": row.kind, "number": number, "details": row.details, "at": row.at.isoformat()} for row, number in unread
    ]
    return web.json_response({"notices": lines, "more": len(lines) == notices.MOST_UNREAD})


async def read_notices(request: web.Request) -> web.Response:
    """Everything has been looked at."""
    person = await require_person(request)
    await read_body(request, EmptyBody)
    services = request.app[SERVICES]
    async with services.sessions.begin() as session:
        await notices.mark_read(session, person.id, None, now=services.clock.now())
    return web.json_response({"notices": [], "more": False})
