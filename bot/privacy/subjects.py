"""Whose data it is: all ids that are one person's, and the person found by what is known of them.

A visitor who signs in later brings along what they said before, so a person may be several customers in the tables: a
conversation is now one's, the ticket it led to was opened for the other. What is found is never told, only counted.
"""

import hmac
import re
from collections.abc import AsyncIterator, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import ARRAY, Text, Uuid, all_, and_, any_, func, literal, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from actions.models import ShopOrder
from bot.channels.telegram.courier import CHANNEL as TELEGRAM
from bot.console.known import find_known
from bot.models import Conversation, Customer, CustomerContact, CustomerIdentity, ShopCommandRow
from bot.privacy.classes import Whose
from bot.security.personal import find_email
from bot.security.sealing import Seal
from bot.security.sessions import SHOP_IDENTITY
from escalation.models import TicketRow
from escalation.staffing import ENDED

_AT_ONCE = 200


class By(StrEnum):
    """What a person can be found by."""

    CUSTOMER = "customer"
    TICKET = "ticket"
    ORDER = "order"
    EMAIL = "email"
    PHONE = "phone"
    TELEGRAM = "telegram"


@dataclass(frozen=True)
class Subject:
    """All ids that are one person's. `orders`: shown to be theirs, and nobody else's; `subs`: their ids at the shop.

    `shared`: those of `orders` of nobody's account that somebody else has shown to be theirs too, and who may still
    need what leads to it: a present's giver and who got it.
    """

    customers: frozenset[UUID]
    conversations: frozenset[UUID]
    tickets: frozenset[UUID] = frozenset()
    orders: frozenset[str] = frozenset()
    subs: frozenset[str] = frozenset()
    shared: frozenset[str] = frozenset()

    def ids(self, whose: Whose) -> list[Any]:
        """Return the ids of one kind of what is theirs alone, in a steady order."""
        return sorted(self.orders - self.shared if whose is Whose.ORDER else getattr(self, whose.value))


@dataclass(frozen=True)
class Match:
    """Somebody who may be meant, as an operator may see it: no name, no number, no words."""

    customer_id: UUID
    since: datetime
    last: datetime | None
    channels: tuple[str, ...] = ()
    tickets: tuple[str, ...] = field(default=())

    def describe(self) -> str:
        """Return a line that tells them apart."""
        seen = f"last seen {self.last:%Y-%m-%d}" if self.last else "never wrote"
        told = ", ".join(self.tickets[:5]) or "no tickets"
        return f"{self.customer_id}  since {self.since:%Y-%m-%d}  {seen}  {'+'.join(self.channels) or '-'}  {told}"


async def gather_subject(
    session: AsyncSession, customers: Iterable[UUID], *, conversations: Iterable[UUID] = ()
) -> Subject:
    """Return all that is of some customers who are one person; nobody known is an empty one.

    `conversations` are theirs too, whoever was said to have held them (a backup knows who held them before).
    """
    people, talks = set(customers), set(conversations)
    while True:
        found = await _widen(session, people, talks)
        if found == (people, talks):
            break
        people, talks = found
    of_them = or_(TicketRow.customer_id.in_(people), TicketRow.conversation_id.in_(talks))
    tickets = frozenset(await session.scalars(select(TicketRow.id).where(of_them)))
    subs = await session.scalars(
        select(CustomerIdentity.external_id).where(
            CustomerIdentity.channel == SHOP_IDENTITY, CustomerIdentity.customer_id.in_(people)
        )
    )
    known = frozenset(subs)
    orders = await _find_orders(session, talks, known)
    shared = await _find_shared(session, talks, orders)
    return Subject(frozenset(people), frozenset(talks), tickets, orders, known, shared)


async def _widen(session: AsyncSession, people: set[UUID], talks: set[UUID]) -> tuple[set[UUID], set[UUID]]:
    held = select(Conversation.id, Conversation.customer_id).where(
        or_(Conversation.customer_id.in_(people), Conversation.id.in_(talks))
    )
    led_to = select(TicketRow.conversation_id, TicketRow.customer_id).where(
        or_(TicketRow.customer_id.in_(people), TicketRow.conversation_id.in_(talks))
    )
    rows = [*(await session.execute(held)).all(), *(await session.execute(led_to)).all()]
    return people | {row[1] for row in rows}, talks | {row[0] for row in rows}


async def _find_orders(session: AsyncSession, talks: set[UUID], subs: frozenset[str]) -> frozenset[str]:
    """The orders of their account, and those that they proved: one that is merely named may be anybody's."""
    listed = any_(literal(list(talks), ARRAY(Uuid)))
    proven: set[str] = set(await session.scalars(select(ShopCommandRow.order_number).where(
        ShopCommandRow.conversation_id == listed)))  # fmt: skip
    for state in await session.scalars(select(Conversation.state).where(Conversation.id == listed)):
        proven.update(state.get("proven") or ())
    owner = ShopOrder.customer_sub
    theirs = or_(owner.in_(subs), ShopOrder.number.in_(proven) & owner.is_(None))
    return frozenset(await session.scalars(select(ShopOrder.number).where(theirs)))


async def _find_shared(session: AsyncSession, talks: set[UUID], orders: frozenset[str]) -> frozenset[str]:
    """Those of nobody's account that were shown to be somebody's, or changed, in a conversation of somebody else's."""
    nobodys = select(ShopOrder.number).where(ShopOrder.number.in_(orders), ShopOrder.customer_sub.is_(None))
    numbers = list(await session.scalars(nobodys))
    if not numbers:
        return frozenset()
    elses = and_(Conversation.id != all_(literal(list(talks), ARRAY(Uuid))), Conversation.erased_at.is_(None))
    proven = Conversation.state["proven"]
    known = select(proven).where(elses, proven.has_any(literal(numbers, ARRAY(Text))))
    asked = select(ShopCommandRow.order_number).join(Conversation, Conversation.id == ShopCommandRow.conversation_id)
    found = {one for state in await session.scalars(known) for one in state}
    found |= set(await session.scalars(asked.where(elses, ShopCommandRow.order_number.in_(numbers))))
    return orders & found


async def find_matches(session: AsyncSession, seal: Seal, by: By, value: str) -> list[Match]:
    """Return everybody who may be meant, each person once. Reads all that is sealed for a phone or a mail address."""
    found = await _FINDERS[by](session, seal, value.strip())
    matches, seen = [], set[UUID]()
    for customer in sorted(found):
        if customer in seen:
            continue
        subject = await gather_subject(session, [customer])
        seen |= subject.customers
        matches.append(await _describe(session, customer, subject))
    return matches


async def _describe(session: AsyncSession, customer: UUID, subject: Subject) -> Match:
    since = select(func.min(Customer.created_at)).where(Customer.id.in_(subject.customers))
    talked = select(Conversation.channel, Conversation.updated_at).where(Conversation.id.in_(subject.conversations))
    rows = (await session.execute(talked)).all()
    numbers = select(TicketRow.number).where(TicketRow.id.in_(subject.tickets)).order_by(TicketRow.opened_at.desc())
    return Match(
        customer,
        (await session.scalars(since)).one(),
        max((row.updated_at for row in rows), default=None),
        tuple(sorted({row.channel for row in rows})),
        tuple(await session.scalars(numbers)),
    )


async def _by_customer(session: AsyncSession, _seal: Seal, value: str) -> set[UUID]:
    """By the id here, or the one at the shop."""
    at_shop = select(CustomerIdentity.customer_id).where(
        CustomerIdentity.channel == SHOP_IDENTITY, CustomerIdentity.external_id == value
    )
    found = set(await session.scalars(at_shop))
    try:
        customer_id = UUID(value)
    except ValueError:
        return found
    return found | set(await session.scalars(select(Customer.id).where(Customer.id == customer_id)))


async def _by_ticket(session: AsyncSession, _seal: Seal, value: str) -> set[UUID]:
    query = select(TicketRow.customer_id).where(TicketRow.number == value.upper())
    return set(await session.scalars(query))


async def _by_order(session: AsyncSession, _seal: Seal, value: str) -> set[UUID]:
    """Whoever's account it is in, or who proved it, or named it in a case; who asks decides between several."""
    account = select(CustomerIdentity.customer_id).join(
        ShopOrder, ShopOrder.customer_sub == CustomerIdentity.external_id
    )
    queries = (
        account.where(CustomerIdentity.channel == SHOP_IDENTITY, ShopOrder.number == value),
        select(TicketRow.customer_id).where(TicketRow.order_number == value),
        select(Conversation.customer_id)
        .join(ShopCommandRow, ShopCommandRow.conversation_id == Conversation.id)
        .where(ShopCommandRow.order_number == value),
        select(Conversation.customer_id).where(Conversation.state["proven"].contains([value])),
    )
    return {one for query in queries for one in await session.scalars(query)}


async def _by_telegram(session: AsyncSession, _seal: Seal, value: str) -> set[UUID]:
    query = select(CustomerIdentity.customer_id).where(
        CustomerIdentity.channel == TELEGRAM, CustomerIdentity.external_id == value
    )
    return set(await session.scalars(query))


async def _by_email(session: AsyncSession, seal: Seal, value: str) -> set[UUID]:
    wanted = value.lower()
    found = set()
    for customer in await session.scalars(select(CustomerContact.customer_id)):
        email = await find_email(session, seal, customer)
        if email is not None and _is_same(email.lower(), wanted):
            found.add(customer)
    return found | {one async for one in _by_known(session, seal, "email", wanted)}


async def _by_phone(session: AsyncSession, seal: Seal, value: str) -> set[UUID]:
    return {one async for one in _by_known(session, seal, "phone", _digits(value))}


async def _by_known(session: AsyncSession, seal: Seal, kind: str, wanted: str) -> AsyncIterator[UUID]:
    """Yield the customers of conversations in which this value was told and is kept sealed."""
    query = select(Conversation.id, Conversation.customer_id).order_by(Conversation.id).limit(_AT_ONCE)
    after: UUID | None = None
    while rows := (await session.execute(query.where(Conversation.id > after) if after else query)).all():
        known = await find_known(session, seal, [row.id for row in rows])
        for row in rows:
            if any(_is_same(_tidy(kind, told), wanted) for name, told in known[row.id].values if name == kind):
                yield row.customer_id
        after = rows[-1].id


def _tidy(kind: str, value: str) -> str:
    return _digits(value) if kind == "phone" else value.lower()


def _digits(phone: str) -> str:
    """Return a number without what is written differently each time: gaps, and China's code before a mobile's."""
    digits = re.sub(r"\D", "", phone)
    return digits[2:] if re.fullmatch(r"861[3-9]\d{9}", digits) else digits


def _is_same(one: str, other: str) -> bool:
    return bool(other) and hmac.compare_digest(one.encode(), other.encode())


_FINDERS = {
    By.CUSTOMER: _by_customer,
    By.TICKET: _by_ticket,
    By.ORDER: _by_order,
    By.EMAIL: _by_email,
    By.PHONE: _by_phone,
    By.TELEGRAM: _by_telegram,
}


async def find_obstacles(session: AsyncSession, subject: Subject) -> list[str]:
    """Return what an erasure would break off, in words without personal data: open tickets, what is owed, parcels."""
    open_ = select(TicketRow.number).where(TicketRow.id.in_(subject.tickets), TicketRow.state.not_in(ENDED))
    numbers: Sequence[str] = (await session.scalars(open_.order_by(TicketRow.number))).all()
    told = [f"ticket {number} is open" for number in numbers]
    ended = select(TicketRow.number).where(TicketRow.id.in_(subject.tickets), TicketRow.state.in_(ENDED))
    owed = select(ShopCommandRow).where(
        ShopCommandRow.conversation_id.in_(subject.conversations),
        ShopCommandRow.done_at.is_(None),
        or_(
            ShopCommandRow.ticket_number.is_(None),
            ShopCommandRow.confirmed_at.is_not(None),
            ShopCommandRow.ticket_number.not_in(ended),
        ),
    )
    for row in await session.scalars(owed.order_by(ShopCommandRow.created_at)):
        worth = f", worth {row.amount} yuan" if row.amount else ""
        told.append(f"the shop still owes {row.kind} for order {row.order_number}{worth}")
    under_way = select(ShopOrder.number).where(
        ShopOrder.number.in_(subject.orders), ShopOrder.status.in_(("paid", "dispatched"))
    )
    told += [f"order {number} is paid and has not arrived" for number in await session.scalars(under_way)]
    return told
