"""A conversation without a server: the real reading, `plan` and `step` on the demo shop's orders, and the catalogue.

What the customer says takes milliseconds here, so that many ways of saying it can be tried. Tickets are kept as the
dialogue sees them; the shop's commands are collected, not carried out.
"""

import re
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from actions.checks import check_order
from actions.policy import Policy
from actions.shop import Order
from bot.dialogue import engine
from bot.dialogue.flows.cases import ticket_params
from bot.dialogue.records import (
    AddToTicket,
    Choice,
    CommandShop,
    Effect,
    Facts,
    Heard,
    NameOrder,
    Needs,
    OpenTicket,
    OrderFacts,
    OrderProof,
    PrepareCommand,
    Prepared,
    Say,
    SettleTicket,
    Standing,
    WithdrawPrepared,
)
from bot.dialogue.silence import forget_stale_proofs
from bot.dialogue.state import State
from bot.nlu.analysis import TextReader
from bot.nlu.context import read_in_context
from bot.nlu.dates import add_dates, find_dates
from bot.nlu.language import detect_language
from bot.nlu.reading import Language
from bot.texts import Catalogue
from escalation.service import TicketView

SHANGHAI = ZoneInfo("Asia/Shanghai")


@dataclass(frozen=True)
class Kept:
    """A command that was prepared on a ticket, and how far it is."""

    command: CommandShop
    ticket: str
    standing: Standing = Standing.PREPARED

    def as_fact(self) -> Prepared:
        """Return it as the dialogue sees it."""
        command, sku = self.command, self.command.details.get("sku")
        return Prepared(self.ticket, command.kind, command.order_number, sku, self.standing, command.details)

    def is_withdrawn_by(self, effect: WithdrawPrepared) -> bool:
        """As the turn does it: only what nobody has confirmed, or asked for."""
        same = self.ticket == effect.ticket and self.command.kind in effect.kinds
        of_item = effect.sku is None or self.command.details.get("sku") in {None, effect.sku}
        return same and of_item and self.standing is Standing.PREPARED


@dataclass
class Talk:
    """One customer's conversation. `orders` by their number; `sub` is who is signed in."""

    reader: TextReader
    policy: Policy
    orders: dict[str, Order]
    now: datetime
    language: Language = "zh-Hans"
    sub: str | None = None
    state: State = field(default_factory=State)
    tickets: list[TicketView] = field(default_factory=list)
    opened: list[OpenTicket] = field(default_factory=list)
    added: list[AddToTicket] = field(default_factory=list)
    commands: list[CommandShop] = field(default_factory=list)
    kept: list[Kept] = field(default_factory=list)
    withdrawn: list[WithdrawPrepared] = field(default_factory=list)
    settled: list[SettleTicket] = field(default_factory=list)
    offered: list[str] = field(default_factory=list)
    transcript: list[str] = field(default_factory=list)
    catalogue: Catalogue = field(default_factory=lambda: Catalogue("dialogue", zone=SHANGHAI))

    def say(self, text: str, *, photos: int = 0) -> str:
        """Write something; returns what is answered."""
        text = self._named(text)
        self.language = detect_language(text, default=self.language) if text else self.language
        reading = None
        if text.strip():
            read = self.reader.read([text], engine="embedded")[0]
            read = add_dates(read, find_dates(text, at=self.now, zone=SHANGHAI))
            reading = read_in_context(read, self.state.topic)
        return self._take(Heard("text", text, self.now, reading, photos=photos), text + " [photo]" * photos)

    def press(self, value: str) -> str:
        """Press a button that is offered."""
        value = self._named(value)
        assert value in self.offered, f"{value} is not offered: {self.offered}\n{self}"
        return self._take(Heard("choice", "", self.now, choice=value), f"[{value}]")

    def hear_shop(self, command: CommandShop, *, refused: str | None = None, **details: str) -> str:
        """Let the shop answer a command: it is done, or refused for a reason."""
        event = {"kind": command.kind, "order_number": command.order_number, "done": refused is None,
                 "reason": refused, "details": details}  # fmt: skip
        return self._take(Heard("command", "", self.now, command=event), f"[{command.kind}: {refused or 'done'}]")

    def wait(self, **span: float) -> None:
        """Let time pass."""
        self.now += timedelta(**span)

    def __str__(self) -> str:
        """Return what was said, for people."""
        return "\n".join(self.transcript)

    def _named(self, text: str) -> str:
        """Put an order in place of `{004}` (its number) or `{004.digits}`."""
        by_tail = {number[-3:]: order for number, order in self.orders.items()}
        text = re.sub(r"\{(\d{3})\.digits\}", lambda found: by_tail[found[1]].phone_last4, text)
        return re.sub(r"\{(\d{3})\}", lambda found: by_tail[found[1]].number, text)

    def _take(self, heard: Heard, shown: str) -> str:
        self.transcript.append(f"  > {shown}")
        self.state = forget_stale_proofs(self.state, heard.at)
        facts = self._gather(engine.plan(self.state, heard))
        self.state, effects = engine.step(self.state, heard, facts)
        # As the database keeps it.
        self.state = State.from_json(self.state.to_json())
        return "\n".join(self._apply(effects))

    def _gather(self, needs: Needs) -> Facts:
        own = tuple(order for order in self.orders.values() if self.sub and order.customer_sub == self.sub)
        orders = {claim.number: self._judge(claim.number, claim.digits) for claim in needs.claims}
        return Facts(
            now=self.now,
            policy=self.policy,
            orders=orders,
            own_orders=own if needs.own_orders else (),
            tickets=tuple(reversed(self.tickets)),
            prepared=tuple(kept.as_fact() for kept in self.kept),
        )

    def _judge(self, number: str, digits: str | None) -> OrderFacts:
        order = self.orders.get(number)
        own = order is not None and self.sub is not None and order.customer_sub == self.sub
        if order and (own or number in self.state.proven or digits == order.phone_last4):
            return OrderFacts(OrderProof.PROVEN, order, check_order(order, self.now))
        return OrderFacts(OrderProof.NO_MATCH if digits else OrderProof.DIGITS_MISSING)

    def _apply(self, effects: tuple[Effect, ...]) -> list[str]:
        said: list[str] = []
        for effect in effects:
            match effect:
                case Say():
                    said.append(self._write(effect))
                case OpenTicket():
                    self.opened.append(effect)
                    self.tickets.append(self._view(effect))
                case AddToTicket():
                    self.added.append(effect)
                    self._change(effect)
                case NameOrder():
                    self._name_order(effect)
                case CommandShop():
                    self.commands.append(effect)
                case PrepareCommand():
                    self._prepare(effect)
                case WithdrawPrepared():
                    self._withdraw(effect)
                case SettleTicket():
                    self.settled.append(effect)
        choices = next((effect.choices for effect in reversed(effects) if isinstance(effect, Say)), ())
        self.offered = [choice.value for choice in choices]
        self.transcript += [f"  < {line}" for line in said]
        self.transcript += [f"    {self._labels(choices)}"] if choices else []
        return said

    def _labels(self, choices: tuple[Choice, ...]) -> str:
        return " ".join(f"[{self.catalogue.write(choice.label, self.language)}]" for choice in choices)

    def _write(self, effect: Say) -> str:
        about: dict[str, Any] = ticket_params(self.tickets[-1]) if effect.ticket else {}
        return self.catalogue.write(effect.line, self.language, **about)

    def _view(self, effect: OpenTicket) -> TicketView:
        return TicketView(
            number=f"SW-{len(self.tickets) + 1}",
            category=effect.category,
            intent=effect.intent,
            state="open",
            stage=None,
            tier=effect.policy_tier or "general",
            reasons=(),
            desk=effect.category,
            owner_name="Lin",
            owner_login="lin",
            answered=False,
            method={"key": effect.method.key, "params": dict(effect.method.params)},
            due_at=self.now + timedelta(hours=48),
            response_due_at=self.now + timedelta(hours=24),
            feedback_due_at=self.now + timedelta(hours=72),
            opened_at=self.now,
            order_number=effect.order_number,
            product_key=effect.product_key,
        )

    def _change(self, effect: AddToTicket) -> None:
        """As the turn does it: a changed wish is handled in its own way."""
        wish = effect.changed
        if wish is not None:
            method = {"key": wish.method.key, "params": dict(wish.method.params)}
            self.tickets = [replace(one, method=method) if one.number == effect.number else one for one in self.tickets]

    def _name_order(self, effect: NameOrder) -> None:
        self.tickets = [
            replace(one, order_number=effect.order_number) if one.number == effect.number else one
            for one in self.tickets
        ]

    def hear_from_shop(self, event: str, **command: Any) -> tuple[Effect, ...]:
        """Let the shop's answer to a command come in ("command"), or the news that it is late ("delay")."""
        heard = Heard(event, "", self.now, command=command)
        self.state, effects = engine.step(self.state, heard, self._gather(engine.plan(self.state, heard)))
        self._apply(effects)
        return effects

    @property
    def prepared(self) -> list[CommandShop]:
        """What waits for a person's word, or has had it."""
        return [kept.command for kept in self.kept]

    def confirm(self, standing: Standing = Standing.CONFIRMED) -> None:
        """Let a person confirm all that is prepared, or ask for its approval."""
        self.kept = [replace(kept, standing=standing) for kept in self.kept]

    def _prepare(self, effect: PrepareCommand) -> None:
        kept = Kept(effect.command, effect.ticket or self.tickets[-1].number)
        if kept not in self.kept:
            self.kept.append(kept)

    def _withdraw(self, effect: WithdrawPrepared) -> None:
        self.withdrawn.append(effect)
        self.kept = [kept for kept in self.kept if not kept.is_withdrawn_by(effect)]

    def change_ticket(self, **changes: Any) -> None:
        """Let the newest ticket be resolved, say."""
        self.tickets[-1] = replace(self.tickets[-1], **changes)
