"""What waits for somebody's word, with what the reader may do about each: `GET /api/v1/approvals`, and its page."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from aiohttp import web
from pydantic import BaseModel, Field

from bot.console import waiting
from bot.console.auth import find_by_cookie, require_person
from bot.console.confirming import find_act, find_grant, may_decline
from bot.console.handoff import HIDDEN
from bot.console.known import Known, find_known
from bot.console.masked import open_masked, read_command
from bot.console.pages import render
from bot.console.paging import read_page
from bot.console.waiting import LONGEST_PAGE, Matter, Side, Waiting
from bot.keys import SERVICES
from bot.models import ShopCommandRow
from bot.security.masking import mask_sensitive
from bot.security.sealing import Seal
from bot.web.errors import ProblemError
from escalation.deciders import choose_approvers, choose_consenters
from escalation.models import HandoverRow, PersonRow
from escalation.pages import Cursor
from escalation.rights import Access

_USUAL_PAGE = 50


class WhoBody(BaseModel):
    """Somebody who works here."""

    login: str
    name: str


class MatterTicketBody(BaseModel):
    """The ticket that something waits on. `can_open`: the reader may see it."""

    number: str
    category: str
    tier: str
    state: str
    desk: str
    order_number: str | None
    owner: WhoBody
    can_open: bool


class MatterBody(BaseModel):
    """One thing that waits for a decision."""

    kind: str = Field(description="command: something prepared for the shop; handover: the ticket is to pass on.")
    id: str = Field(description="The command's key, or the handover's id: what a decision names.")
    what: str = Field(description="The command's kind, such as refund; or handover.")
    amount: str | None = Field(description="What it is worth at most, in yuan; None: nothing.")
    together: str | None = Field(description="What is measured by the limit, where other parts of the order count too.")
    details: dict[str, Any] = Field(description="What the command says, personal data in it masked.")
    to: WhoBody | None = Field(description="Who is to have the ticket.")
    reason: str | None = Field(description="Why a handover is asked for.")
    words: str | None = Field(description="What the customer said; None where the ticket is not the reader's to see.")
    ticket: MatterTicketBody
    asked_by: WhoBody | None = Field(description="Whose request it is; None: the bot prepared it.")
    since: datetime
    next_clock: str | None
    next_due_at: datetime | None = Field(description="Until when: the ticket's running clock that is due first.")
    wanted: list[WhoBody] = Field(description="Whose word is wanted.")
    is_mine: bool = Field(description="The reader's is.")
    may: list[str] = Field(description="What the reader may do: confirm, ask, decline; agree, refuse.")


class ApprovalsAnswer(BaseModel):
    """What waits for a decision, what is due first on top."""

    approvals: list[MatterBody]
    counts: dict[Side, int] = Field(description="How many there are on each side, on all pages.")
    next: str | None = Field(description="The cursor of the next page; None on the last one.")


def set_up(app: web.Application) -> None:
    """Add the routes."""
    app.router.add_get("/console/approvals", show_page)
    app.router.add_get("/api/v1/approvals", show_approvals)


async def show_page(request: web.Request) -> web.Response:
    """The list, which the page fetches and keeps up to date by itself."""
    person = await find_by_cookie(request)
    if person is None or person.must_change_password:
        raise web.HTTPSeeOther("/console")
    return render(request, "approvals.html", person=person, sides=list(Side))


async def show_approvals(request: web.Request) -> web.Response:
    """What waits for a decision: one's own to take (side=mine), what one asked for (asked), all one may see (all)."""
    person = await require_person(request)
    side = _read_side(request)
    limit, after = read_page(request, usual=_USUAL_PAGE, longest=LONGEST_PAGE, least=0)
    services = request.app[SERVICES]
    async with services.sessions() as session:
        counts = await waiting.count_waiting(session, person)
        if not limit:
            return _answer([], counts, None)
        found = await waiting.list_waiting(session, person, side, limit=limit, after=after)
        read = [matter for matter in found.page.lines if matter.access >= Access.READ or matter.is_mine]
        spoken = [matter.ticket.conversation_id for matter in read]
        known = await find_known(session, services.seal, spoken)
    lines = [_describe(matter, found, known, services.seal, person) for matter in found.page.lines]
    return _answer(lines, counts, found.page.following)


def _answer(lines: list[dict[str, Any]], counts: dict[str, int], following: Cursor | None) -> web.Response:
    answer = {"approvals": lines, "counts": counts, "next": following.write() if following else None}
    return web.json_response(ApprovalsAnswer.model_validate(answer).model_dump(mode="json"))


def _read_side(request: web.Request) -> Side:
    try:
        return Side(request.query.get("side") or Side.ALL)
    except ValueError:
        raise ProblemError(422, "bad_side", f"side is one of: {', '.join(Side)}.") from None


def _describe(
    matter: Matter, found: Waiting, known: Mapping[UUID, Known], seal: Seal, person: PersonRow
) -> dict[str, Any]:
    ticket, words = matter.ticket, known.get(matter.ticket.conversation_id, Known())
    owner = found.known[ticket.owner_id]
    if isinstance(matter.subject, HandoverRow):
        subject = _describe_handover(matter, matter.subject, found, words, person)
    else:
        subject = _describe_command(matter, matter.subject, found, seal, person)
    can_open = matter.access > Access.NONE
    said = words.hide(mask_sensitive(ticket.summary)) if matter.access >= Access.READ else HIDDEN
    return {
        **subject,
        "words": said if can_open else None,
        "ticket": {
            "number": ticket.number,
            "category": ticket.category,
            "tier": ticket.tier,
            "state": ticket.state,
            "desk": ticket.desk,
            "order_number": ticket.order_number if can_open else None,
            "owner": _who(owner),
            "can_open": can_open,
        },
        "since": matter.since,
        "next_clock": matter.next_clock,
        "next_due_at": matter.next_due_at,
        "is_mine": matter.is_mine,
    }


def _describe_command(
    matter: Matter, row: ShopCommandRow, found: Waiting, seal: Seal, person: PersonRow
) -> dict[str, Any]:
    masked, owner = matter.access < Access.READ, found.known[matter.ticket.owner_id]
    grant, alone = find_grant(row, matter.others), find_grant(row)
    act = find_act(row, matter.others, person) if matter.access >= Access.WORK else None
    declines = matter.access >= Access.WORK and may_decline(row, matter.others, person)
    asker = next((one for one in found.people if one.login == row.asked_by), None)
    approvers = choose_approvers(found.people, grant, desk=matter.ticket.desk, asked_by=row.asked_by)
    return {
        "kind": "command",
        "id": row.key,
        "what": row.kind,
        "amount": str(row.amount) if row.amount else None,
        "together": str(grant) if grant != alone else None,
        "details": open_masked(row.details if masked else read_command(row), seal),
        "to": None,
        "reason": None,
        "asked_by": (_who(asker) if asker else {"login": row.asked_by, "name": row.asked_by}) if row.asked_by else None,
        "wanted": [_who(one) for one in (approvers if row.asked_by else [owner])],
        "may": [*([act] if act else []), *(["decline"] if declines else [])],
    }


def _describe_handover(
    matter: Matter, row: HandoverRow, found: Waiting, words: Known, person: PersonRow
) -> dict[str, Any]:
    owner = found.known[row.from_id]
    consenters = choose_consenters(found.people, owner, asked_by=row.asked_by)
    # Whose word is wanted reads why, whatever they may see of the ticket.
    is_read = matter.access >= Access.READ or matter.is_mine
    return {
        "kind": "handover",
        "id": str(row.id),
        "what": "handover",
        "amount": None,
        "together": None,
        "details": {},
        "to": _who(found.known[row.to_id]),
        "reason": words.hide(mask_sensitive(row.reason)) if is_read else HIDDEN,
        "asked_by": _who(found.known[row.asked_by or row.from_id]),
        "wanted": [_who(one) for one in consenters],
        "may": ["agree", "refuse"] if person.id in {one.id for one in consenters} else [],
    }


def _who(person: PersonRow) -> dict[str, str]:
    return {"login": person.login, "name": person.name}
