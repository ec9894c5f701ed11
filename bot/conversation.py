"""One inbound message, from receipt to reply: the turn.

1. `receive` stores it (transaction 1); only then is it acknowledged.
2. Read and gather: the text is understood, `plan` names the facts, the shop is asked. No transaction is open.
3. Transaction 2 locks the conversation, checks that it has not moved on, runs `step`, applies what it decided and
   marks the messages handled.
4. After commit: hints to sockets, shop commands.

A message stored but not handled is picked up by `recovery` when its lease has expired. A turn that fails twice goes to
a person with a note. Messages of one conversation are handled in order, conversations in parallel.
"""

import asyncio
import logging
import time
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from uuid import UUID

from sqlalchemy import update
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker

from actions.policy import Policy
from actions.shop import PERSONAL_DETAILS, Shop, ShopError
from bot.dialogue import engine
from bot.dialogue.outcome import line, say
from bot.dialogue.records import (
    NOT_KNOWN_WHICH,
    AddToTicket,
    CommandShop,
    CompleteTicket,
    Effect,
    Facts,
    Heard,
    OpenTicket,
    OrderFacts,
    OrderProof,
    SettleTicket,
)
from bot.dialogue.running import Step
from bot.dialogue.state import State
from bot.faq.book import FaqBook
from bot.live.bus import InMemoryBus
from bot.models import Conversation, Inbound
from bot.nlu.context import read_in_context
from bot.nlu.reading import Interpreter, Reading
from bot.nlu.understanding import read_message
from bot.security.masking import mask_sensitive
from bot.security.sealing import Seal
from bot.service_file import ServiceFile
from bot.texts import Catalogue
from bot.turn.allowance import count_used
from bot.turn.apply import Application
from bot.turn.batch import Batch, drop_batch, load_batch, lock_batch, mark_handled
from bot.turn.gather import Gathered, gather_facts
from bot.turn.inbox import EVENTS, Accepted, Received, store_received
from bot.turn.observer import TurnObserver
from bot.turn.prepared import find_declined_for, find_prepared_on
from bot.turn.private import close_state
from bot.turn.proof import judge_claims
from escalation import approvals, service
from escalation.looking import look
from escalation.ports import Clock
from escalation.service_levels import ServiceLevels

log = logging.getLogger(__name__)

# After so many failed tries a turn goes to a person.
TRIES = 2
# How often a turn starts over because more bubbles came; then it answers what it has.
_GROWTHS = 3
# A command beyond what is settled alone becomes a ticket.
_MOVE_CLOCKS = {OpenTicket, AddToTicket, SettleTicket, CommandShop, CompleteTicket}
# Events that go to the person who has the word, where one has.
_FOR_PEOPLE = frozenset({"delay", "lookup"})


@dataclass(frozen=True)
class TurnServices:
    """Everything a turn works with; made once by the composition root."""

    sessions: async_sessionmaker[AsyncSession]
    interpreter: Interpreter
    shop: Shop
    policy: Policy
    service_file: ServiceFile
    faq: FaqBook
    catalogue: Catalogue
    clock: Clock
    seal: Seal
    bus: InMemoryBus
    observer: TurnObserver
    # Whether the shop can mail its answers to a visitor who left.
    mails: bool = False
    # Set when a clock may be due earlier than the clock loop knows.
    on_due: asyncio.Event = field(default_factory=asyncio.Event)

    @property
    def levels(self) -> ServiceLevels:
        """What the shop promises now; the service file may be edited while the app runs."""
        return self.service_file.levels


@dataclass(frozen=True)
class _Decided:
    """What came of a turn: the batch to start over with (`anew`), or whether nothing waited behind (`is_all`)."""

    anew: Batch | None = None
    is_all: bool = False


@dataclass(frozen=True)
class _Applied:
    """What a turn wrote: who covers the messages, what to set once it is committed, what they were about."""

    covered_by: str
    woken: tuple[asyncio.Event, ...]
    topic: str | None = None


class Turns:
    """Runs turns: one at a time for a conversation, many conversations at once."""

    def __init__(self, services: TurnServices, *, at_once: int = 32) -> None:
        """`at_once`: turns in progress at the most; the others wait their turn, stored."""
        self._services = services
        self._tasks: dict[UUID, asyncio.Task[None]] = {}
        self._again: set[UUID] = set()
        self._slots = asyncio.Semaphore(at_once)
        self.on_command = asyncio.Event()

    async def receive(self, received: Received) -> Accepted:
        """Store a message and see to it that it is handled. When this returns, it cannot be lost."""
        since = time.perf_counter()
        async with look(self._services.sessions) as session:
            accepted = await store_received(session, received, self._services.seal)
        await self._services.observer.reached("accepted", since=since)
        if not accepted.repeated:
            self.wake(received.conversation_id)
        return accepted

    def wake(self, conversation_id: UUID) -> None:
        """Handle what is waiting in a conversation, after whatever is being handled there now."""
        if conversation_id in self._tasks:
            self._again.add(conversation_id)
            return
        task = asyncio.create_task(self._handle_all(conversation_id))
        self._tasks[conversation_id] = task
        task.add_done_callback(lambda done: self._finished(conversation_id, done))

    async def drain(self) -> None:
        """Wait until no turn is in progress (at shutdown, and in tests)."""
        while self._tasks:
            await asyncio.gather(*self._tasks.values(), return_exceptions=True)
            await asyncio.sleep(0)

    def _finished(self, conversation_id: UUID, task: asyncio.Task[None]) -> None:
        del self._tasks[conversation_id]
        if not task.cancelled() and task.exception():
            # The database is away, most likely; the inbox keeps the message and recovery comes back to it.
            log.error("turn could not be finished; it stays in the inbox", exc_info=task.exception())
        if conversation_id in self._again:
            self._again.discard(conversation_id)
            self.wake(conversation_id)

    async def _handle_all(self, conversation_id: UUID) -> None:
        async with self._slots:
            while await self._handle_next(conversation_id):
                pass

    async def _handle_next(self, conversation_id: UUID) -> bool:
        """Handle the next batch; False when nothing was left behind it."""
        services = self._services
        async with look(services.sessions) as session:
            batch = await load_batch(session, conversation_id, services.seal)
        if batch is None:
            return False
        try:
            if batch.is_erased:
                is_all = await self._drop(batch)
            elif batch.attempts > TRIES:
                is_all = await self._give_to_person(batch)
            else:
                is_all = await self._take_turn(batch)
        except Exception:
            if batch.attempts > TRIES:
                raise
            log.exception("turn failed (try %d)", batch.attempts)
            await self._count_failure(batch)
            is_all = False
        services.bus.hint(conversation_id)
        # What comes later wakes the conversation again.
        return not is_all

    async def _drop(self, batch: Batch) -> bool:
        async with self._services.sessions.begin() as session:
            await drop_batch(session, batch)
        return batch.is_all

    async def _take_turn(self, batch: Batch) -> bool:
        """Read, gather, decide, commit; start over when the conversation moved on meanwhile.

        Returns whether nothing waited behind what was handled.
        """
        services, growths = self._services, 0
        services.bus.hint(batch.conversation_id, typing="bot")
        while True:
            since = time.perf_counter()
            heard = await self._hear(batch)
            await services.observer.reached("read", since=since)
            since = time.perf_counter()
            gathered = await self._gather(batch, heard)
            await services.observer.reached("gathered", since=since)
            decided = await self._decide(batch, heard, gathered, may_grow=growths < _GROWTHS)
            if decided.anew is None:
                return decided.is_all
            batch, growths = decided.anew, growths + 1

    async def _hear(self, batch: Batch) -> Heard:
        """Understand a batch. With a human speaking nothing need be understood."""
        reading: Reading | None = None
        if batch.kind == "text" and batch.text.strip() and batch.speaker != "agent":
            services = self._services
            zone = services.levels.working_hours.zone
            reading = await read_message(services.interpreter, batch.text, at=batch.received_at, zone=zone)
            reading = read_in_context(reading, batch.state.topic, batch.state.request)
        return Heard(
            kind=batch.kind,
            text=batch.text,
            at=batch.received_at,
            reading=reading,
            choice=batch.choice,
            photos=batch.photos,
            command=batch.command,
        )

    async def _gather(self, batch: Batch, heard: Heard) -> Gathered:
        if batch.speaker == "agent" and batch.kind not in EVENTS:
            return Gathered()
        needs = engine.plan(batch.state, heard)
        services = self._services
        gathered, faq = await asyncio.gather(
            gather_facts(services.shop, needs, batch.customer_sub), services.faq.gather(needs)
        )
        return replace(gathered, faq=faq)

    async def _decide(self, batch: Batch, heard: Heard, gathered: Gathered, *, may_grow: bool) -> _Decided:
        """Transaction 2."""
        services = self._services
        since = time.perf_counter()
        async with services.sessions.begin() as session:
            conversation, current = await lock_batch(session, batch.conversation_id)
            if current is None:
                return _Decided(is_all=True)
            if conversation.version != batch.version or (may_grow and current.inbound_ids != batch.inbound_ids):
                # Where the lock had to be waited for, what waits was read before the other had done with it.
                anew = await load_batch(session, batch.conversation_id, services.seal)
                return _Decided(anew=None if anew and anew.is_erased else anew, is_all=anew is None)
            applied = await self._apply(session, conversation, batch, heard, gathered)
            # Last, so that it is written with the rest: what is asked in between need not wait for it.
            conversation.version += 1
            conversation.updated_at = now = services.clock.now()
            await mark_handled(session, batch, covered_by=applied.covered_by, now=now, topic=applied.topic)
            await services.observer.reached("applied", since=since)
        await services.observer.reached("committed")
        for event in applied.woken:
            event.set()
        return _Decided(is_all=current.is_all and current.inbound_ids == batch.inbound_ids)

    async def _apply(
        self, session: AsyncSession, conversation: Conversation, batch: Batch, heard: Heard, gathered: Gathered
    ) -> _Applied:
        """Write what follows."""
        if conversation.speaker == "agent" and heard.kind in _FOR_PEOPLE:
            facts = await self._facts(session, batch, gathered)
            reported = engine.report(batch.state, heard, facts)
            await self._application(session, conversation, batch).apply(reported)
            return _Applied("human", self._woken_by(reported))
        if conversation.speaker == "agent" and heard.command is None:
            await service.record_customer_message(
                session, conversation_id=conversation.id, levels=self._services.levels, at=batch.received_at
            )
            return _Applied("human", (self._services.on_due,))
        facts = await self._facts(session, batch, gathered)
        conversation.language = batch.language or conversation.language
        state, effects = await self._step(session, conversation, batch, heard, facts)
        await self._application(session, conversation, batch).apply(effects)
        conversation.state = close_state(state, self._services.seal)
        if heard.kind == "command" and heard.command and heard.command.get("ticket"):
            await approvals.record_outcome(session, heard.command, now=self._services.clock.now())
        return _Applied("bot", self._woken_by(effects), state.topic)

    async def _step(
        self, session: AsyncSession, conversation: Conversation, batch: Batch, heard: Heard, facts: Facts
    ) -> Step:
        """Decide; where the shop would be asked for something, once more with what was settled today, and declined."""
        decided = engine.step(batch.state, heard, facts)
        if not any(isinstance(effect, CommandShop) for effect in decided[1]):
            return decided
        orders = [number for number, known in facts.orders.items() if known.order]
        policy, customer = self._services.policy, conversation.customer_id
        used = await count_used(session, customer, orders, policy=policy, now=facts.now)
        declined = await find_declined_for(session, orders)
        return engine.step(batch.state, heard, replace(facts, used=used, declined=declined))

    def _woken_by(self, effects: Iterable[Effect]) -> tuple[asyncio.Event, ...]:
        kinds = {type(effect) for effect in effects}
        commands = (self.on_command,) if CommandShop in kinds else ()
        return (*commands, self._services.on_due) if kinds & _MOVE_CLOCKS else commands

    async def _facts(self, session: AsyncSession, batch: Batch, gathered: Gathered) -> Facts:
        services = self._services
        now = services.clock.now()
        orders = await judge_claims(session, batch, gathered, services.seal, now=now)
        own = gathered.own_orders
        if isinstance(own, ShopError):
            # Whichever order of their own is meant, it cannot be looked at.
            own, orders[NOT_KNOWN_WHICH] = (), OrderFacts(OrderProof.SHOP_DOWN)
        tickets = tuple(await service.find_tickets_of_conversation(session, batch.conversation_id))
        return Facts(
            now=now,
            policy=services.policy,
            orders=orders,
            own_orders=own,
            tickets=tickets,
            prepared=await find_prepared_on(session, tickets),
            faq=gathered.faq,
            lacks_contact=services.mails and batch.lacks_contact,
        )

    def _application(self, session: AsyncSession, conversation: Conversation, batch: Batch) -> Application:
        services = self._services
        return Application(
            session=session,
            conversation=conversation,
            cause=batch.inbound_ids[0],
            now=services.clock.now(),
            catalogue=services.catalogue,
            levels=services.levels,
            seal=services.seal,
        )

    async def _count_failure(self, batch: Batch) -> None:
        async with self._services.sessions.begin() as session:
            failed = update(Inbound).where(Inbound.id.in_(batch.inbound_ids))
            await session.execute(failed.values(attempts=Inbound.attempts + 1))

    async def _give_to_person(self, batch: Batch) -> bool:
        """The turn failed twice: the customer is told, and a person gets the message with a note (product §9).

        Returns whether nothing waited behind it.
        """
        opening = _open_for_failed(batch)
        async with self._services.sessions.begin() as session:
            conversation, current = await lock_batch(session, batch.conversation_id)
            if (
                current is None
                or conversation.version != batch.version
                or current.inbound_ids[0] != batch.inbound_ids[0]
            ):
                return False
            conversation.version += 1
            conversation.state = State().to_json()
            apologies = (opening, say("turn.failed", ticket=True))
            await self._application(session, conversation, batch).apply(apologies)
            topic = batch.state.topic or opening.category
            await mark_handled(session, batch, covered_by="note", now=self._services.clock.now(), topic=topic)
        return current.is_all and current.inbound_ids == batch.inbound_ids


def _open_for_failed(batch: Batch) -> OpenTicket:
    """What a person gets of a turn that failed: what was said, and what was known before it."""
    known = batch.state.active.slots if batch.state.active else {}
    facts = {name: value for name, value in known.items() if name not in PERSONAL_DETAILS | {"digits"}}
    last_said = mask_sensitive(batch.text)
    first_said = facts.setdefault("said", last_said)
    return OpenTicket(
        category="handoff",
        intent="handoff.ask_human",
        seriousness="nuisance",
        method=line("method.person"),
        summary="\n".join(dict.fromkeys((first_said, last_said))).strip(),
        order_number=batch.state.order if batch.state.order in batch.state.proven else None,
        packet={
            "flow": "failed_turn",
            "facts": {**facts, "last_said": last_said},
            "findings": ["turn_failed"],
            "tried": [vars(attempt) for attempt in batch.state.tried],
            "about": facts.get("intent", batch.state.request),
        },
    )
