"""Erasing one person: cut off at once, then table by table, resumed wherever it was left (PIPL 47).

The first transaction does what cannot be done by halves: their key is destroyed, nobody can come in by a session, a
chat or an account of theirs any more, open matters end, and the erasure is written down with all ids that are theirs.
Then the list outside the database has it, and one table after another loses what they and others wrote. Every step may
be done again. Tickets, times, ratings and accounts stay, and so does the audit log, which holds ids and digests.
"""

import asyncio
import hashlib
import logging
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import ARRAY, String, Uuid, bindparam, delete, false, func, or_, select, text, update
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker

from bot.models import Conversation, Customer, CustomerIdentity, Inbound, ShopCommandRow, ShopLookupRow
from bot.privacy.classes import Table, Whose, list_erased
from bot.privacy.ledger import Erased, as_erased, note_erased
from bot.privacy.models import ErasureRow
from bot.privacy.preparing import CUSTOMER
from bot.privacy.subjects import Subject, find_obstacles, gather_subject
from bot.security.masking import mask_sensitive
from escalation.errors import RefusedError
from escalation.leaving import end_tickets, record_privacy
from escalation.models import SurveyRow, TicketRow
from escalation.ports import Clock

log = logging.getLogger(__name__)

# Why it is usually done; anything else is said in words, of which the log keeps a digest.
USUAL_REASONS = frozenset({"customer_asked", "consent_withdrawn", "purpose_over", "unlawful", "account_closed"})
OTHER = "other"
OPERATOR = "operator"
ERASED = "erased"
_TRIES = 3
_DEADLOCK = "40P01"
# Tells how far it has come: for tests that kill it there.
Observer = Callable[[str], Awaitable[None]]


async def _ignore(_step: str) -> None:
    """Nobody watches."""


@dataclass(frozen=True)
class Reason:
    """Why somebody is erased. `despite`: why it is done although something of theirs is still going on."""

    words: str
    despite: str | None = None

    @property
    def code(self) -> str:
        """The usual reason, or "other"."""
        return self.words if self.words in USUAL_REASONS else OTHER

    def logged(self) -> dict[str, str]:
        """Return what the audit log keeps: never words."""
        told = {"why": self.code}
        if self.code == OTHER:
            told["why_digest"] = _digest(self.words)
        return told | ({"despite_digest": _digest(self.despite)} if self.despite else {})


def _digest(words: str) -> str:
    return hashlib.sha256(words.encode()).hexdigest()


async def ask_erasure(
    session: AsyncSession,
    customer_id: UUID,
    reason: Reason,
    *,
    asked_by: str,
    ticket_number: str | None = None,
    now: datetime,
) -> ErasureRow:
    """Write down that somebody is to be erased; nothing happens to them before it is confirmed.

    Raises RefusedError without a reason, where something of theirs is still going on (unless the reason says why it is
    done despite that), and where they are being erased already.
    """
    if not reason.words.strip():
        raise RefusedError("say why this person is erased: the reason is recorded")
    subject = await gather_subject(session, [customer_id])
    await check_obstacles(session, subject, reason.despite, besides=ticket_number)
    row = await _find_asked(session, subject, ticket_number)
    row = row or ErasureRow(id=uuid4(), customer_id=customer_id, scope={}, kept={})
    # Who asked as a visitor may have signed in since: the ticket is their account's by now.
    row.customer_id = customer_id
    row.ticket_number = row.ticket_number or ticket_number
    row.why, row.reason = reason.code, "" if reason.code != OTHER else mask_sensitive(reason.words)
    row.despite = mask_sensitive(reason.despite) if reason.despite else None
    row.asked_by, row.asked_at = asked_by, now
    session.add(row)
    await record_privacy(
        session, row.customer_id, "erasure_asked", actor=asked_by, now=now, erasure=str(row.id), **reason.logged()
    )
    await session.flush()
    return row


async def _find_asked(session: AsyncSession, subject: Subject, ticket_number: str | None) -> ErasureRow | None:
    """Return what the customer asked for, nobody having taken it up. Raises RefusedError where somebody has."""
    asked_in = ErasureRow.ticket_number == ticket_number if ticket_number else false()
    theirs = or_(ErasureRow.customer_id.in_(subject.customers), asked_in)
    waiting = select(ErasureRow).where(theirs, ErasureRow.done_at.is_(None)).order_by(ErasureRow.asked_at)
    rows = (await session.scalars(waiting.with_for_update())).all()
    for row in rows:
        if row.confirmed_at is not None or row.asked_by != CUSTOMER:
            raise RefusedError(f"erasure {row.id} of this person was asked for by {row.asked_by} already")
    for row in rows[1:]:
        await session.delete(row)
    await session.flush()
    return rows[0] if rows else None


async def withdraw_erasure(session: AsyncSession, erasure_id: UUID, *, by: str, now: datetime) -> ErasureRow:
    """Take back an erasure that has not begun. Raises RefusedError for one that has."""
    row = await session.get(ErasureRow, erasure_id, with_for_update=True)
    if row is None or row.begun_at is not None:
        raise RefusedError("there is no such erasure to take back: it was withdrawn, or has begun")
    await session.delete(row)
    await record_privacy(session, row.customer_id, "erasure_withdrawn", actor=by, now=now, erasure=str(row.id))
    return row


async def check_obstacles(
    session: AsyncSession, subject: Subject, despite: str | None, *, besides: str | None = None
) -> None:
    """Raise RefusedError where an erasure would break something off, naming it; the ticket it is asked in may end."""
    obstacles = [one for one in await find_obstacles(session, subject) if one != f"ticket {besides} is open"]
    if obstacles and not (despite or "").strip():
        raise RefusedError(
            f"not yet: {'; '.join(obstacles)}. Finish that first, or say why the erasure cannot wait for it"
        )


class Eraser:
    """Carries out erasures on one database; several processes may."""

    def __init__(
        self,
        sessions: async_sessionmaker[AsyncSession],
        data_dir: Path | None,
        clock: Clock,
        *,
        reached: Observer = _ignore,
    ) -> None:
        """`data_dir` has the list that outlives the database; None where a restore keeps it itself."""
        self._sessions, self._data_dir, self._clock = sessions, data_dir, clock
        self._reached = reached

    async def confirm(self, erasure_id: UUID, *, by: str, alone: bool = False) -> ErasureRow:
        """Confirm an erasure and carry it out. Raises RefusedError for who asked for it.

        `alone`: at the command line one person is enough; a login may be any word, so it is not told from that. When
        this returns, it is done; where it is broken off after its beginning, `resume` goes on.
        """
        for last in range(_TRIES):
            try:
                async with self._sessions.begin() as session:
                    await self._begin(session, erasure_id, by=by, alone=alone)
                break
            except DBAPIError as error:
                # A turn of theirs had one of what is locked here, and waited for another.
                if getattr(error.orig, "sqlstate", None) != _DEADLOCK or last == _TRIES - 1:
                    raise
        await self._reached("begun")
        return await self.go_on(erasure_id)

    async def resume(self) -> int:
        """Go on with every erasure that was begun and not ended; returns how many."""
        begun = select(ErasureRow.id).where(ErasureRow.begun_at.is_not(None), ErasureRow.done_at.is_(None))
        async with self._sessions() as session:
            found = list(await session.scalars(begun.order_by(ErasureRow.begun_at)))
        for erasure_id in found:
            await self.go_on(erasure_id)
        return len(found)

    async def apply(self, erased: Erased) -> bool:
        """Carry out an erasure that was begun elsewhere, on a database that may be older; tells if there was anything.

        Whoever is not in this database, or was erased in it, is left.
        """
        async with self._sessions.begin() as session:
            row = await session.get(ErasureRow, erased.id, with_for_update=True)
            if row is not None and row.done_at is not None:
                return False
            subject = await gather_subject(session, erased.customers, conversations=erased.conversations)
            known = select(func.count()).where(Customer.id.in_(subject.customers))
            if row is None and not await session.scalar(known):
                return False
            await session.execute(
                delete(ErasureRow).where(ErasureRow.customer_id.in_(subject.customers), ErasureRow.done_at.is_(None))
            )
            row = ErasureRow(
                id=erased.id, customer_id=erased.customer_id, why=erased.why, reason="", despite=None,
                asked_by=erased.asked_by, asked_at=erased.begun_at, confirmed_by=erased.confirmed_by,
                confirmed_at=erased.begun_at, begun_at=erased.begun_at, scope={}, kept={},
            )  # fmt: skip
            session.add(row)
            await self._cut_off(session, row, subject, actor=OPERATOR, logged={"why": erased.why, "restored": True})
        await self.go_on(erased.id)
        return True

    async def go_on(self, erasure_id: UUID) -> ErasureRow:
        """Do what is left of an erasure that was begun."""
        async with self._sessions() as session:
            row = await session.get_one(ErasureRow, erasure_id)
        if self._data_dir is not None:
            await asyncio.to_thread(note_erased, self._data_dir, [as_erased(row)])
        await self._reached("listed")
        for whose in (Whose.CONVERSATION, Whose.TICKET):
            for name, table in list_erased(whose):
                async with self._sessions.begin() as session:
                    await blank(session, name, table, _read_ids(row, whose))
                await self._reached(name)
        async with self._sessions.begin() as session:
            return await self._end(session, erasure_id)

    async def _begin(self, session: AsyncSession, erasure_id: UUID, *, by: str, alone: bool) -> None:
        row = await session.get(ErasureRow, erasure_id, with_for_update=True)
        if row is None:
            raise RefusedError("there is no such erasure: it was withdrawn, or is done")
        if row.begun_at is not None:
            return
        if row.asked_by == CUSTOMER:
            raise RefusedError("somebody who works here must ask for it first: who the customer is must be certain")
        if by == row.asked_by and not alone:
            raise RefusedError("two people are needed: nobody confirms the erasure that they asked for themselves")
        subject = await _lock_subject(session, row.customer_id)
        await _check_still_theirs(session, row, subject)
        await check_obstacles(session, subject, row.despite, besides=row.ticket_number)
        now = self._clock.now()
        row.confirmed_by, row.confirmed_at, row.begun_at = by, now, now
        await self._cut_off(session, row, subject, actor=by, logged=Reason(row.why, row.despite).logged())

    async def _cut_off(
        self, session: AsyncSession, row: ErasureRow, subject: Subject, *, actor: str, logged: dict[str, Any]
    ) -> None:
        """End what goes on, destroy the key, and let nothing lead to them any more."""
        now = self._clock.now()
        row.scope = {
            whose: [str(one) for one in subject.ids(whose)]
            for whose in (Whose.CUSTOMER, Whose.CONVERSATION, Whose.TICKET)
        }
        ended = await end_tickets(session, subject.tickets, actor=actor, now=now)
        broken_off = await _end_commands(session, subject, now)
        row.kept = {**await _count_kept(session, subject), "ended": ended, "broken_off": broken_off}
        waiting = update(Inbound).where(
            Inbound.conversation_id.in_(subject.conversations), Inbound.handled_at.is_(None)
        )
        await session.execute(waiting.values(handled_at=now, covered_by=ERASED, sealed_text=None))
        # What is still looked up for them would be said to nobody, and be written where their words were taken out.
        looked_up = delete(ShopLookupRow).where(ShopLookupRow.conversation_id.in_(subject.conversations))
        await session.execute(looked_up)
        over = update(SurveyRow).where(SurveyRow.ticket_id.in_(subject.tickets), SurveyRow.valid_until > now)
        await session.execute(over.values(valid_until=now))
        for whose in (Whose.ORDER, Whose.CUSTOMER):
            for name, table in list_erased(whose):
                await blank(session, name, table, subject.ids(whose))
        closed = update(Conversation).where(Conversation.id.in_(subject.conversations))
        await session.execute(
            closed.values(
                session_digest=None, address_digest=None, address=None, unreachable_at=None, mails=False,
                speaker="bot", version=Conversation.version + 1, erased_at=now,
            )
        )  # fmt: skip
        await record_privacy(
            session, row.customer_id, "erasure_begun", actor=actor, now=now, erasure=str(row.id),
            asked_by=row.asked_by, conversations=len(subject.conversations), tickets=len(subject.tickets),
            ended=ended, **logged,
        )  # fmt: skip

    async def _end(self, session: AsyncSession, erasure_id: UUID) -> ErasureRow:
        row = await session.get_one(ErasureRow, erasure_id, with_for_update=True)
        if row.done_at is None:
            now = self._clock.now()
            await _part_from(session, _read_ids(row, Whose.CUSTOMER), now)
            row.done_at = now
            await record_privacy(
                session, row.customer_id, "erased", actor=row.confirmed_by or OPERATOR, now=now, erasure=str(row.id),
                kept={name: value for name, value in row.kept.items() if isinstance(value, int)},
            )  # fmt: skip
        return row


async def blank(session: AsyncSession, name: str, table: Table, ids: list[Any]) -> int:
    """Delete a table's rows of these ids, or leave in each what erasure leaves; returns how many."""
    theirs = f"WHERE {table.column} = ANY(:ids)"
    if table.deletes:
        statement = f"DELETE FROM {name} {theirs}"  # noqa: S608 - names of ours
    else:
        sets = ", ".join(f"{field} = {one.blank}" for field, one in table.fields.items() if one.blank)
        statement = f"UPDATE {name} SET {sets} {theirs}"  # noqa: S608
    kind = ARRAY(String) if table.whose is Whose.ORDER else ARRAY(Uuid)
    result: Any = await session.execute(text(statement).bindparams(bindparam("ids", type_=kind)), {"ids": ids})
    return int(result.rowcount)


def _read_ids(row: ErasureRow, whose: Whose) -> list[UUID]:
    return [UUID(one) for one in row.scope[whose]]


async def _lock_subject(session: AsyncSession, customer_id: UUID) -> Subject:
    """Lock who they are before looking at what is theirs: nothing of theirs begins meanwhile."""
    subject = await gather_subject(session, [customer_id])
    people = select(Customer.id).where(Customer.id.in_(subject.customers)).order_by(Customer.id)
    await session.execute(people.with_for_update())
    known = select(CustomerIdentity).where(CustomerIdentity.customer_id.in_(subject.customers))
    await session.execute(known.order_by(CustomerIdentity.channel).with_for_update())
    subject = await gather_subject(session, [customer_id])
    talks = select(Conversation.id).where(Conversation.id.in_(subject.conversations)).order_by(Conversation.id)
    await session.execute(talks.with_for_update(key_share=True))
    return await gather_subject(session, [customer_id])


async def _check_still_theirs(session: AsyncSession, row: ErasureRow, subject: Subject) -> None:
    """Raise RefusedError where the ticket it was asked in has become somebody else's: a visitor has signed in since.

    Who they were before has nothing any more, and it would be said that all was erased; their account is more than was
    asked about.
    """
    asked_in = await session.scalar(select(TicketRow.id).where(TicketRow.number == row.ticket_number))
    if asked_in is not None and asked_in not in subject.tickets:
        raise RefusedError(f"the customer of {row.ticket_number} has signed in since: take this back, and ask anew")


async def _end_commands(session: AsyncSession, subject: Subject, now: datetime) -> list[str]:
    """What was asked of the shop and is not done is not done any more; returns what it was, for whoever must know."""
    undone = select(ShopCommandRow).where(
        ShopCommandRow.conversation_id.in_(subject.conversations), ShopCommandRow.done_at.is_(None)
    )
    told = []
    for row in await session.scalars(undone.order_by(ShopCommandRow.created_at).with_for_update()):
        if row.next_attempt_at is not None:
            told.append(f"{row.kind} {row.order_number}")
        row.done_at, row.next_attempt_at = now, None
        row.result = {"done": False, "reason": ERASED, "details": {}}
    return told


async def _count_kept(session: AsyncSession, subject: Subject) -> dict[str, int]:
    commands = select(func.count()).where(ShopCommandRow.conversation_id.in_(subject.conversations))
    return {
        "tickets": len(subject.tickets),
        "orders": len(subject.orders),
        "commands": await session.scalar(commands) or 0,
    }


async def _part_from(session: AsyncSession, customers: Iterable[UUID], now: datetime) -> None:
    """Who came back while they were being erased is somebody new: what they say now is no part of it."""
    came = select(Conversation).where(Conversation.customer_id.in_(list(customers)), Conversation.erased_at.is_(None))
    for talk in await session.scalars(came.with_for_update(key_share=True)):
        anew = Customer(id=uuid4(), created_at=now)
        session.add(anew)
        await session.flush()
        talk.customer_id = anew.id
        moved = update(TicketRow).where(TicketRow.conversation_id == talk.id)
        await session.execute(moved.values(customer_id=anew.id))
