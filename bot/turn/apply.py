"""Apply what a turn decided, inside its transaction: bubbles with their numbers, tickets, shop commands."""

from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import delete, literal, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from actions.lines import Line
from bot.dialogue.flows.cases import ticket_params
from bot.dialogue.records import (
    AddToTicket,
    ChangedWish,
    CommandShop,
    CompleteTicket,
    Effect,
    KeepContact,
    LookUpLater,
    NameOrder,
    NotePick,
    NoteQuestion,
    OpenTicket,
    PrepareCommand,
    PrepareErasure,
    Say,
    SettleTicket,
    WithdrawPrepared,
)
from bot.faq.questions import note_pick, note_question
from bot.models import Conversation, CustomerContact, ShopCommandRow
from bot.privacy.preparing import prepare_erasure
from bot.security.personal import seal_for
from bot.security.sealing import Seal
from bot.surveys import ask_how_it_went, settle, tell_going_on
from bot.texts import Catalogue
from bot.turn.bubbles import write_bubbles
from bot.turn.lookups import keep_lookup
from bot.turn.private import SEALED, close_private
from escalation import service
from escalation.access import lock_ticket
from escalation.approvals import tell_prepared
from escalation.completing import Completion, change_wish, complete_ticket, end_settled, has_open, name_order
from escalation.promises import find_news
from escalation.roster import find_hours
from escalation.service import TicketOpening, TicketView
from escalation.service_levels import ServiceLevels


@dataclass
class Application:
    """One turn's writing: `cause` (the inbound message's id) plus an ordinal is the key of everything it makes."""

    session: AsyncSession
    conversation: Conversation
    cause: UUID
    now: datetime
    catalogue: Catalogue
    levels: ServiceLevels
    seal: Seal
    ticket: TicketView | None = None
    _went_on: Line | None = None
    _desk_opens_at: datetime | None = None
    _owner_knows: bool = field(default=False)
    _ordinal: int = field(default=0)
    _said: list[tuple[str, list[dict[str, str]]]] = field(default_factory=list)

    async def apply(self, effects: tuple[Effect, ...]) -> None:
        """Carry out the effects in order.

        What is said is written last and together, so that no question in between has to wait for its writing.
        """
        for self._ordinal, effect in enumerate(effects):
            match effect:
                case Say():
                    self._say(effect)
                case CommandShop():
                    self.session.add(self._command(effect, next_attempt_at=self.now))
                case PrepareCommand():
                    await self._prepare(effect)
                case WithdrawPrepared():
                    await self._withdraw(effect)
                case OpenTicket() | AddToTicket() | NameOrder() | SettleTicket() | CompleteTicket():
                    await self._change_ticket(effect)
                case _:
                    await self._keep(effect)
        await self._write_said()

    async def _write_said(self) -> None:
        await write_bubbles(self.session, self.conversation, self._said, now=self.now)
        self._said.clear()

    async def _keep(self, effect: LookUpLater | NoteQuestion | NotePick | KeepContact | PrepareErasure) -> None:
        """Keep what is for the shop or for later, and tells nobody anything now."""
        match effect:
            case LookUpLater():
                await self._look_up_later(effect)
            case KeepContact():
                await self._keep_contact(effect)
            case PrepareErasure():
                await self._prepare_erasure()
            case NoteQuestion():
                self._note_question(effect)
            case NotePick():
                await note_pick(self.session, self.conversation.id, effect.entry)

    async def _change_ticket(
        self, effect: OpenTicket | AddToTicket | NameOrder | SettleTicket | CompleteTicket
    ) -> None:
        match effect:
            case OpenTicket():
                await self._open_ticket(effect)
            case AddToTicket():
                await self._add_to_ticket(effect)
            case NameOrder():
                self.ticket = await name_order(
                    self.session, effect.number, effect.order_number, cause=self._key, levels=self.levels, now=self.now
                )
            case SettleTicket():
                await self._settle(effect)
            case CompleteTicket():
                await self._complete(effect)

    def _say(self, effect: Say) -> None:
        about = ticket_params(self.ticket) if effect.ticket and self.ticket else {}
        language = self.conversation.language
        choices = [
            {"value": choice.value, "label": self.catalogue.write(choice.label, language)} for choice in effect.choices
        ]
        # The dialogue cannot know that a ticket was closed too long ago; what came instead is told in its place.
        line = self._went_on if self._went_on and effect.line.key == "survey.reopened" else effect.line
        text = self.catalogue.read_in(self.conversation.time_zone).write(line, language, **about)
        self._said.append((text, choices))
        if about and self._desk_opens_at:
            opens = Line("ticket.desk_closed", {"opens": self._desk_opens_at})
            self._said.append((self.catalogue.read_in(self.conversation.time_zone).write(opens, language), []))
            self._desk_opens_at = None

    async def _open_ticket(self, effect: OpenTicket) -> None:
        self.ticket = await service.open_ticket(self.session, self._opening(effect), levels=self.levels, now=self.now)
        hours = find_hours(self.levels, self.ticket.desk, self.now)
        self._desk_opens_at = None if hours.is_open else hours.until
        if self.conversation.speaker == "bot":
            self.conversation.speaker = "queue"

    def _opening(self, effect: OpenTicket) -> TicketOpening:
        return TicketOpening(
            cause=self._key,
            conversation_id=self.conversation.id,
            customer_id=self.conversation.customer_id,
            category=effect.category,
            intent=effect.intent,
            seriousness=effect.seriousness,
            order_number=effect.order_number,
            order_amount=Decimal(effect.order_amount) if effect.order_amount else None,
            product_key=effect.product_key,
            policy_tier=effect.policy_tier,
            threat=effect.threat,
            summary=effect.summary,
            method=line_to_json(effect.method),
            decision=effect.decision,
            packet=self._close_facts(effect),
            language=self.conversation.language,
            channel=self.conversation.channel,
            opened_at=self.now,
        )

    async def _add_to_ticket(self, effect: AddToTicket) -> None:
        await service.add_facts_to_ticket(
            self.session,
            effect.number,
            close_private({"said": effect.text, "photos": effect.photos, **effect.private}, self.seal),
            levels=self.levels,
            now=self.now,
        )
        if effect.changed:
            await self._change_wish(effect.number, effect.changed)
        # What this moved (a time that stood still goes on) is in the sentence that follows.
        await find_news(self.session, self.conversation.id)
        views = await service.find_tickets_of_conversation(self.session, self.conversation.id)
        self.ticket = next(view for view in views if view.number == effect.number)

    async def _change_wish(self, number: str, wish: ChangedWish) -> None:
        now = Completion(
            {"wish": wish.remedy},
            policy_tier=(wish.decision or {}).get("tier"),
            method=line_to_json(wish.method),
            decision=wish.decision,
            packet={"changed": {"remedy": wish.remedy, **({"reason": wish.reason} if wish.reason else {})}},
        )
        await change_wish(self.session, number, now, cause=self._key, levels=self.levels, now=self.now)
        self._owner_knows = True

    async def _keep_contact(self, effect: KeepContact) -> None:
        sealed = await seal_for(self.session, self.seal, self.conversation.customer_id, effect.email)
        contact = CustomerContact(customer_id=self.conversation.customer_id, sealed_email=sealed, given_at=self.now)
        await self.session.merge(contact)
        self.conversation.mails = True

    async def _prepare_erasure(self) -> None:
        number = self.ticket.number if self.ticket else None
        await prepare_erasure(self.session, self.conversation.customer_id, ticket_number=number, now=self.now)

    async def _settle(self, effect: SettleTicket) -> None:
        ticket = await lock_ticket(self.session, effect.number)
        following = await settle(
            self.session, self.conversation, ticket, solved=effect.solved, levels=self.levels, now=self.now
        )
        if following is not None:
            self.ticket, self._went_on = following, tell_going_on(effect.number, following)

    def _note_question(self, effect: NoteQuestion) -> None:
        note_question(
            self.session,
            effect,
            cause=self._key,
            conversation_id=self.conversation.id,
            language=self.conversation.language,
            now=self.now,
        )

    async def _complete(self, effect: CompleteTicket) -> None:
        self.ticket = await complete_ticket(
            self.session,
            effect.number,
            self._completion(effect),
            cause=self._key,
            tells_owner=not effect.ends,
            levels=self.levels,
            now=self.now,
        )
        if effect.ends:
            await self._end(effect.number)

    def _completion(self, effect: CompleteTicket) -> Completion:
        opening = effect.opening
        if opening is None:
            return Completion(effect.facts, effect.order_number)
        return Completion(
            effect.facts,
            opening.order_number,
            Decimal(opening.order_amount) if opening.order_amount else None,
            opening.product_key,
            opening.policy_tier,
            line_to_json(opening.method),
            opening.decision,
            self._close_facts(opening),
        )

    async def _end(self, number: str) -> None:
        """Nothing is left to do: the ticket ends, and the customer says whether that is so."""
        await self._write_said()
        ticket, token = await end_settled(self.session, number, now=self.now)
        await ask_how_it_went(
            self.session, self.conversation, ticket, token, catalogue=self.catalogue, seal=self.seal, now=self.now
        )
        if self.conversation.speaker == "queue" and not await has_open(self.session, ticket):
            self.conversation.speaker = "bot"

    async def _look_up_later(self, effect: LookUpLater) -> None:
        number = effect.number or (self.ticket.number if self.ticket else None)
        if number is not None:
            await keep_lookup(
                self.session,
                effect,
                key=self._key,
                conversation_id=self.conversation.id,
                number=number,
                seal=self.seal,
                now=self.now,
            )

    def _close_facts(self, effect: OpenTicket) -> dict[str, Any]:
        facts = {**effect.packet.get("facts", {}), **effect.private}
        return {**effect.packet, "facts": close_private(facts, self.seal)} if effect.private else effect.packet

    async def _prepare(self, effect: PrepareCommand) -> None:
        """Keep a command until a person confirms it; the same one is not kept twice."""
        number = effect.ticket or (self.ticket.number if self.ticket else None)
        if number is None:
            raise LookupError("a command is prepared on a ticket, and there is none")
        row = self._command(effect.command, ticket_number=number)
        same = select(ShopCommandRow.key).where(
            ShopCommandRow.ticket_number == number,
            ShopCommandRow.kind == row.kind,
            ShopCommandRow.order_number == row.order_number,
            ShopCommandRow.details == row.details,
            ShopCommandRow.confirmed_at.is_(None),
            ShopCommandRow.done_at.is_(None),
        )
        # What is sealed cannot be compared: a second address is another wish.
        if row.sealed_details or await self.session.scalar(same.limit(1)) is None:
            self.session.add(row)
            # Of a case that was opened just now its owner is told anyway, and of a wish that changed.
            if effect.ticket and not self._owner_knows:
                await tell_prepared(self.session, number, row.key, levels=self.levels, now=self.now)

    async def _withdraw(self, effect: WithdrawPrepared) -> None:
        sku = ShopCommandRow.details["sku"].astext
        await self.session.execute(
            delete(ShopCommandRow).where(
                ShopCommandRow.ticket_number == effect.ticket,
                ShopCommandRow.kind.in_(effect.kinds),
                ShopCommandRow.confirmed_at.is_(None),
                ShopCommandRow.done_at.is_(None),
                ShopCommandRow.asked_by.is_(None),
                or_(sku.is_(None), literal(effect.sku is None), sku == effect.sku),
            )
        )

    def _command(self, effect: CommandShop, **more: Any) -> ShopCommandRow:
        closed = close_private(effect.details, self.seal)
        sealed = closed.pop(SEALED, None)
        return ShopCommandRow(
            key=self._key,
            conversation_id=self.conversation.id,
            kind=effect.kind,
            order_number=effect.order_number,
            details=closed,
            sealed_details=sealed.encode() if sealed else None,
            amount=effect.amount,
            created_at=self.now,
            **more,
        )

    @property
    def _key(self) -> str:
        return f"{self.cause}/{self._ordinal}"


def line_to_json(line: Line) -> dict[str, Any]:
    """Return a line as JSON for a row; its parameters must be plain."""
    return {"key": line.key, "params": dict(line.params)}
