"""Tickets as the API and the console show them: JSON, with personal words hidden from who may only read masked."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from actions.checks import check_order
from actions.shop import Order
from bot.console.known import Known
from bot.console.masked import open_masked
from bot.models import Message
from bot.security.masking import mask_sensitive
from bot.security.sealing import Seal
from bot.turn.private import SEALED
from escalation.casefile import CaseFile, Who
from escalation.clocks import is_met
from escalation.models import ClockRow, PersonRow, TicketEventRow, TicketRow
from escalation.queue import QueueEntry
from escalation.rights import Access
from escalation.tickets import STAGES_WITHIN, Stage, State

_HIDDEN = "•••"
_WRITTEN = frozenset({"text", "said", "reason", "note"})


def describe_entry(entry: QueueEntry, last: Mapping[str, Any] | None) -> dict[str, Any]:
    """One line of a list. `last` is the conversation's newest bubble."""
    return {
        **_brief(entry.ticket),
        "owner": {"login": entry.owner_login, "name": entry.owner_name},
        "next_clock": entry.next_clock,
        "next_due_at": _iso(entry.next_due_at),
        "escalated_to_me": entry.is_handled_by_me,
        "last": last,
    }


def describe_case(
    case: CaseFile,
    messages: Iterable[Message],
    order: Order | None,
    *,
    packet: Mapping[str, Any],
    person: PersonRow,
    seal: Seal,
    now: datetime,
) -> dict[str, Any]:
    """One ticket whole; what is sealed is opened, and personal data in it masked, for who may read it.

    `packet` is the hand-off packet as its reader gets it.
    """
    masked = case.access < Access.READ
    ticket = case.ticket
    return {
        **_brief(ticket),
        "conversation": str(ticket.conversation_id),
        "stages": _stages(case),
        "seriousness": ticket.seriousness,
        "reach": ticket.reach,
        "owner": _who(case.owner),
        "first_responder": _who(case.first_responder) if case.first_responder else None,
        "handlers": [_who(one.who) for one in case.participants if one.kind == "handler"],
        "helpers": [_who(one.who) for one in case.participants if one.kind == "helper"],
        "owners": [
            {"login": one.who.login, "reason": one.reason, "from": _iso(one.assigned_at), "to": _iso(one.ended_at)}
            for one in case.ownerships
        ],
        "clocks": [_clock(clock, now) for clock in case.clocks],
        "steps": [
            {"clock": one.clock, "cycle": one.cycle, "name": one.name, "due_at": _iso(one.due_at), "at": _iso(one.at)}
            for one in case.steps
        ],
        "handover": None
        if case.handover is None
        else {
            "id": str(case.handover.id),
            "from": case.handover.owner.login,
            "to": case.handover.to.login,
            "reason": _HIDDEN if masked else mask_sensitive(case.handover.reason),
            "at": _iso(case.handover.asked_at),
        },
        "decision": ticket.decision,
        "method": ticket.method,
        "summary": _HIDDEN if masked else mask_sensitive(ticket.summary),
        "packet": packet,
        "order": None if order is None or masked else describe_order(order, now),
        "messages": [_message(message, masked=masked) for message in messages],
        "events": [_event(event, seal, masked=masked) for event in case.events],
        "surveys": [
            {
                "cycle": survey.cycle,
                "answered_at": _iso(survey.answered_at),
                "solved": survey.solved,
                "outcome": survey.outcome,
                "service": survey.service,
                "process": survey.process,
                "comment": _HIDDEN if masked and survey.comment else survey.comment,
            }
            for survey in case.surveys
        ],
        "access": case.access.name.lower(),
        "may_claim": ticket.first_responder_id is None and person.desk == ticket.desk,
    }


def _stages(case: CaseFile) -> list[dict[str, Any]]:
    """A complaint's stages: by when each was promised, and since when it is reached (None: not yet)."""
    if case.ticket.stage is None:
        return []
    opened_at = case.ticket.opened_at
    reached = {event.details["stage"]: event.at for event in case.events if event.kind == "stage"}
    reached[Stage.ACCEPTED] = opened_at
    return [
        {"stage": stage, "due_at": _iso(opened_at + within), "at": _iso(reached.get(stage))}
        for stage, within in STAGES_WITHIN.items()
    ]


def describe_order(order: Order, now: datetime) -> dict[str, Any]:
    """An order with its three checks and the inspection."""
    check = check_order(order, now)
    return {
        "number": order.number,
        "status": order.status,
        "stage": check.stage,
        "amount": str(order.amount),
        "placed_at": _iso(order.placed_at),
        "phone_last4": order.phone_last4,
        "items": [
            {"sku": item.sku, "name": item.name, "quantity": item.quantity, "price": str(item.price)}
            for item in order.items
        ],
        "findings": [{"id": finding.id, "severity": finding.severity} for finding in check.findings],
        "paid_at": _iso(order.payment.paid_at) if order.payment else None,
        "shipment": None
        if order.shipment is None
        else {
            "carrier": order.shipment.carrier,
            "tracking_number": order.shipment.tracking_number,
            "dispatched_at": _iso(order.shipment.dispatched_at),
            "signed_at": _iso(order.shipment.signed_at),
        },
    }


def describe_person(person: PersonRow) -> dict[str, Any]:
    """Who is signed in."""
    return {
        "login": person.login,
        "name": person.name,
        "role": person.role,
        "desk": person.desk,
        "available": person.available,
    }


def describe_last(message: Message, known: Known, *, masked: bool) -> dict[str, Any]:
    """The newest bubble of a conversation, in short; `known`: what is not to be read in it."""
    text = _find_text(message) or ("📷" if message.attachments else "")
    return {
        "from": message.sender,
        "text": _HIDDEN if masked else known.hide(text)[:120],
        "at": _iso(message.at),
    }


def _brief(ticket: TicketRow) -> dict[str, Any]:
    return {
        "number": ticket.number,
        "category": ticket.category,
        "intent": ticket.intent,
        "state": ticket.state,
        "stage": ticket.stage,
        "tier": ticket.tier,
        "reasons": ticket.tier_reasons,
        "desk": ticket.desk,
        "order_number": ticket.order_number,
        "language": ticket.language,
        "channel": ticket.channel,
        "opened_at": _iso(ticket.opened_at),
        "resolved_at": _iso(ticket.resolved_at),
        "outcome": ticket.outcome,
        "reopenings": ticket.reopenings,
        "is_open": ticket.state not in {State.RESOLVED, State.CLOSED},
        "answered": ticket.first_responder_id is not None,
    }


def _clock(clock: ClockRow, now: datetime) -> dict[str, Any]:
    elapsed = (clock.met_at or clock.dropped_at or clock.paused_at or now) - clock.started_at
    whole = clock.due_at - clock.started_at
    return {
        "kind": clock.kind,
        "cycle": clock.cycle,
        "started_at": _iso(clock.started_at),
        "due_at": _iso(clock.due_at),
        "met_at": _iso(clock.met_at),
        "is_met": is_met(clock.due_at, clock.met_at),
        "breached_at": _iso(clock.breached_at),
        "noticed_at": _iso(clock.noticed_at),
        "paused": clock.paused_at is not None,
        "dropped_at": _iso(clock.dropped_at),
        "share": round(min(1.0, elapsed / whole), 3) if whole else 1.0,
    }


def _message(message: Message, *, masked: bool) -> dict[str, Any]:
    return {
        "seq": message.seq,
        "from": message.sender,
        "name": message.sender_name,
        "text": _HIDDEN if masked and message.sender != "bot" else _find_text(message),
        "attachments": [] if masked else message.attachments,
        "at": _iso(message.at),
    }


def _find_text(message: Message) -> str:
    """What was said, for whoever works here: a customer reads in an answer what colleagues see masked."""
    return mask_sensitive(message.text) if message.sender == "agent" else message.text


def _event(event: TicketEventRow, seal: Seal, *, masked: bool) -> dict[str, Any]:
    details = _hide(event.details) if masked else open_masked(event.details, seal)
    return {"id": event.id, "kind": event.kind, "actor": event.actor, "details": details, "at": _iso(event.at)}


def _hide(details: Mapping[str, Any]) -> dict[str, Any]:
    return {name: _HIDDEN if name in _WRITTEN | {SEALED} else value for name, value in details.items()}


def _who(who: Who) -> dict[str, Any]:
    return {"login": who.login, "name": who.name, "role": who.role}


def _iso(at: datetime | None) -> str | None:
    return at.isoformat() if at else None
