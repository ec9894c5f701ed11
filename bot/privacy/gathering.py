"""Everything that is about one person, opened and readable, as tables of plain values (PIPL 45).

What they said and were told, whole; their photos, orders, tickets, what they told for a ticket, ratings, what was asked
of the shop for them, and who looked at their data when. Not theirs, and so not in it: what colleagues wrote for one
another (notes, reasons, remarks on a rating), of which it says how many there are, and all that is about anybody else.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from actions.embedded_commands import WHOLE_ORDER
from actions.models import ShopCommandResult, ShopOrder
from bot.console.masked import read_command
from bot.faq.models import FaqQuestionRow
from bot.models import (
    Attachment,
    Conversation,
    Customer,
    CustomerIdentity,
    Message,
    ShopCommandRow,
)
from bot.privacy.subjects import Subject
from bot.security.personal import find_email
from bot.security.sealing import Seal
from bot.turn.private import SEALED, open_private
from escalation.models import HandoverRow, SurveyRow, TicketEventRow, TicketRow

_NOTES = frozenset({"note", "followed_up"})
# What happened to a ticket by the customer's own words, told as they told it.
_THEIRS = frozenset({"facts_added", "order_named", "wish_changed", "shop_answered"})


@dataclass(frozen=True)
class Photo:
    """A photo they sent: its name in the export, and its content."""

    id: UUID
    media_type: str
    content: bytes

    @property
    def name(self) -> str:
        """The file it becomes."""
        return f"photos/{self.id}.{self.media_type.rpartition('/')[2].replace('jpeg', 'jpg')}"


@dataclass(frozen=True)
class Gathered:
    """A person's data. `tables` by name; `notes`: how many notes of colleagues are not in it."""

    language: str
    tables: Mapping[str, Any]
    photos: tuple[Photo, ...] = field(default=())
    notes: int = 0


async def gather(session: AsyncSession, seal: Seal, subject: Subject) -> Gathered:
    """Return what is about a person, in the language they last wrote."""
    talks = select(Conversation).where(Conversation.id.in_(subject.conversations))
    conversations = (await session.scalars(talks.order_by(Conversation.created_at))).all()
    photos = select(Attachment).where(Attachment.conversation_id.in_(subject.conversations))
    sent = [
        Photo(row.id, row.media_type, row.content)
        for row in await session.scalars(photos.order_by(Attachment.created_at))
    ]
    newest = max(conversations, key=lambda one: one.updated_at, default=None)
    tickets, notes = await _gather_tickets(session, seal, subject)
    tables = {
        "person": await _gather_person(session, seal, subject),
        "conversations": [await _tell_talk(session, seal, one, sent) for one in conversations],
        "tickets": tickets,
        "orders": await _gather_orders(session, seal, subject),
        "requests": await _gather_requests(session, seal, subject),
        "questions": await _gather_questions(session, subject),
    }
    return Gathered(newest.language if newest else "zh-Hans", _plain(tables), tuple(sent), notes)


async def _gather_person(session: AsyncSession, seal: Seal, subject: Subject) -> dict[str, Any]:
    known = select(CustomerIdentity).where(CustomerIdentity.customer_id.in_(subject.customers))
    emails = [await find_email(session, seal, customer) for customer in sorted(subject.customers)]
    since = select(Customer.created_at).where(Customer.id.in_(subject.customers)).order_by(Customer.created_at)
    return {
        "ids": sorted(subject.customers),
        "known_since": await session.scalar(since.limit(1)),
        "accounts": [
            {"where": one.channel, "id": one.external_id}
            for one in await session.scalars(known.order_by(CustomerIdentity.channel, CustomerIdentity.external_id))
        ],
        "emails": [email for email in emails if email],
    }


async def _tell_talk(session: AsyncSession, seal: Seal, talk: Conversation, photos: list[Photo]) -> dict[str, Any]:
    names = {str(photo.id): photo.name for photo in photos}
    said = select(Message).where(Message.conversation_id == talk.id).order_by(Message.seq)
    frames = talk.state.get("frames") or ()
    return {
        "channel": talk.channel,
        "began_at": talk.created_at,
        "last_at": talk.updated_at,
        "language": talk.language,
        "time_zone": talk.time_zone,
        "messages": [
            {
                "at": one.at,
                "from": one.sender,
                "name": one.sender_name,
                "text": one.text,
                "earlier": one.earlier,
                "photos": [names.get(str(photo["id"]), photo["id"]) for photo in one.attachments],
            }
            for one in await session.scalars(said)
        ],
        "remembered": [
            {"about": frame.get("flow"), **open_private(frame.get("slots") or {}, seal)} for frame in frames
        ],
    }


async def _gather_tickets(session: AsyncSession, seal: Seal, subject: Subject) -> tuple[list[dict[str, Any]], int]:
    query = select(TicketRow).where(TicketRow.id.in_(subject.tickets)).order_by(TicketRow.opened_at)
    events = await _by_ticket(session, TicketEventRow, TicketEventRow.id, subject)
    surveys = await _by_ticket(session, SurveyRow, SurveyRow.cycle, subject)
    handovers = await _by_ticket(session, HandoverRow, HandoverRow.asked_at, subject)
    told = []
    for ticket in await session.scalars(query):
        happened = events.get(ticket.id, [])
        told.append(
            {
                "number": ticket.number,
                "about": ticket.intent,
                "opened_at": ticket.opened_at,
                "state": ticket.state,
                "outcome": ticket.outcome,
                "resolved_at": ticket.resolved_at,
                "order": ticket.order_number,
                "amount": ticket.order_amount,
                "said": ticket.summary,
                "decision": ticket.decision,
                "facts": open_private(ticket.packet.get("facts") or {}, seal),
                "added": [
                    {"at": one.at, **open_private(one.details, seal)} for one in happened if one.kind in _THEIRS
                ],
                "looked_at": [
                    {"at": one.at, "fields": one.details.get("fields")} for one in happened if one.kind == "revealed"
                ],
                "ratings": [
                    {
                        "asked_at": one.asked_at, "answered_at": one.answered_at, "solved": one.solved,
                        "outcome": one.outcome, "service": one.service, "process": one.process, "comment": one.comment,
                    }
                    for one in surveys.get(ticket.id, [])
                ],
            }
        )  # fmt: skip
    notes = [one for found in events.values() for one in found if one.kind in _NOTES]
    return told, len(notes) + sum(map(len, handovers.values()))


async def _by_ticket(session: AsyncSession, table: Any, order: Any, subject: Subject) -> dict[UUID, list[Any]]:
    found: dict[UUID, list[Any]] = {}
    for row in await session.scalars(select(table).where(table.ticket_id.in_(subject.tickets)).order_by(order)):
        found.setdefault(row.ticket_id, []).append(row)
    return found


async def _gather_orders(session: AsyncSession, seal: Seal, subject: Subject) -> list[dict[str, Any]]:
    query = select(ShopOrder).where(ShopOrder.number.in_(subject.orders)).options(*WHOLE_ORDER)
    # What somebody else asked for of an order that is theirs too is about them.
    asked = select(ShopCommandRow.key).where(ShopCommandRow.conversation_id.in_(subject.conversations))
    theirs = or_(ShopCommandResult.order_number.not_in(subject.shared), ShopCommandResult.key.in_(asked))
    done = select(ShopCommandResult).where(ShopCommandResult.order_number.in_(subject.orders), theirs)
    results: dict[str, list[dict[str, Any]]] = {}
    for row in await session.scalars(done.order_by(ShopCommandResult.executed_at)):
        sealed = {SEALED: row.sealed_details.decode()} if row.sealed_details else {}
        told = {"at": row.executed_at, "what": row.kind, **open_private({**row.details, **sealed}, seal)}
        results.setdefault(row.order_number, []).append(told)
    return [
        {
            "number": row.number,
            "status": row.status,
            "placed_at": row.placed_at,
            "amount": row.amount,
            "phone_last4": row.phone_last4,
            "items": [{"name": one.name, "quantity": one.quantity, "price": one.price} for one in row.items],
            "paid_at": row.payment.paid_at if row.payment else None,
            "paid_by": row.payment.method if row.payment else None,
            "refunded": row.payment.refunded if row.payment else None,
            "parcel": row.shipment
            and {
                "carrier": row.shipment.carrier,
                "number": row.shipment.tracking_number,
                "sent_at": row.shipment.dispatched_at,
                "signed_at": row.shipment.signed_at,
                "signed_by": row.shipment.signed_by,
                "scans": [{"at": one.at, "place": one.place, "note": one.note} for one in row.shipment.scans],
            },
            "changes": results.get(row.number, []),
        }
        for row in await session.scalars(query.order_by(ShopOrder.placed_at))
    ]


async def _gather_requests(session: AsyncSession, seal: Seal, subject: Subject) -> list[dict[str, Any]]:
    query = select(ShopCommandRow).where(ShopCommandRow.conversation_id.in_(subject.conversations))
    return [
        {
            "at": row.created_at,
            "what": row.kind,
            "order": row.order_number,
            "amount": row.amount,
            **open_private(read_command(row), seal),
            "done_at": row.done_at,
            "result": row.result,
        }
        for row in await session.scalars(query.order_by(ShopCommandRow.created_at))
    ]


async def _gather_questions(session: AsyncSession, subject: Subject) -> list[dict[str, Any]]:
    query = select(FaqQuestionRow).where(FaqQuestionRow.conversation_id.in_(subject.conversations))
    found = await session.scalars(query.order_by(FaqQuestionRow.asked_at))
    return [{"at": row.asked_at, "text": row.text, "language": row.language} for row in found]


def _plain(value: Any) -> Any:
    """Return values as JSON has them; instants with their zone, money as text."""
    match value:
        case Mapping():
            return {str(name): _plain(one) for name, one in value.items()}
        case list() | tuple():
            return [_plain(one) for one in value]
        case datetime():
            return value.isoformat()
        case UUID() | Decimal():
            return str(value)
    return value
