"""What a flow decides at one point: say and do these things, then ask, end, or go over into another flow."""

from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from actions.checks import OrderCheck
from actions.lines import Line
from actions.shares import split
from actions.shop import Order, Payment
from bot.dialogue.records import (
    NOT_KNOWN_WHICH,
    Choice,
    CommandShop,
    Effect,
    Facts,
    OpenTicket,
    OrderFacts,
    OrderProof,
    Say,
)
from bot.dialogue.state import Frame, State
from escalation.service import TicketView


@dataclass(frozen=True)
class Moment:
    """A flow's view of now."""

    state: State
    frame: Frame
    facts: Facts

    def slot(self, name: str) -> Any:
        """Return what is known for a slot, or None."""
        return self.frame.slots.get(name)

    @property
    def order_facts(self) -> OrderFacts:
        """What may be known of the order this flow speaks of."""
        number = self.slot("order")
        return self.facts.orders.get(number or NOT_KNOWN_WHICH, OrderFacts(OrderProof.NOT_NAMED))

    @property
    def order(self) -> Order:
        """The order, proven; only flows that need one may ask."""
        order = self.order_facts.order
        if order is None:
            raise LookupError(f"flow {self.frame.flow} runs without a proven order")
        return order

    @property
    def check(self) -> OrderCheck:
        """The three checks and one inspection of the order (§1.2)."""
        check = self.order_facts.check
        if check is None:
            raise LookupError(f"flow {self.frame.flow} runs without a proven order")
        return check


@dataclass(frozen=True)
class Outcome:
    """`asks`: the slot now waited for (None ends the flow), `forgets` slots that were of no use.

    `onward`: a flow that takes over instead.
    """

    effects: tuple[Effect, ...] = ()
    asks: str | None = None
    onward: Frame | None = None
    slots: dict[str, Any] = field(default_factory=dict)
    forgets: tuple[str, ...] = ()


def line(key: str, **params: Any) -> Line:
    """Make a catalogue line."""
    return Line(key, params)


_NAMED_WAYS = frozenset({"alipay", "balance", "card", "cash", "gift_card", "wechat"})


def ways_paid(payment: Payment, amount: Decimal | None = None) -> Line | list[Line]:
    """Name the way an order was paid or, where there are several, each with its share of an amount (None: of all)."""
    if not payment.is_split:
        return _way_of_paying(payment.method)
    paid = [part.amount for part in payment.parts]
    shares = zip(payment.parts, paid if amount is None else split(amount, paid), strict=True)
    return [line("pay.part", way=_way_of_paying(part.method), amount=share) for part, share in shares if share]


def _way_of_paying(method: str) -> Line:
    """Name a way of paying; a shop may have ways that have no name here."""
    return line(f"pay.{method}" if method in _NAMED_WAYS else "pay.other")


def say(key: str, *choices: Choice, ticket: bool = False, **params: Any) -> Say:
    """Make a bubble of one catalogue line, with buttons."""
    return Say(Line(key, params), choices, ticket)


def ask(slot: str, question: Say, *before: Effect) -> Outcome:
    """Ask for a slot, after other effects."""
    return Outcome((*before, question), asks=slot)


def end(*effects: Effect) -> Outcome:
    """Finish the flow."""
    return Outcome(effects)


def option(slot: str, answer: str, label: str, **params: Any) -> Choice:
    """Make a button that fills a slot."""
    return Choice(f"{slot}={answer}", Line(label, params))


def start(intent: str, label: str) -> Choice:
    """Make a button that begins a flow."""
    return Choice(f"start:{intent}", Line(label, {}))


PERSON = start("handoff.ask_human", "choice.person")
YES_NO = (option("confirm", "yes", "choice.yes"), option("confirm", "no", "choice.no"))


def open_ticket_for(facts: Facts, *, category: str, order_number: str | None) -> TicketView | None:
    """Return the customer's open ticket about the same order and category, if there is one."""
    return next(
        (
            ticket
            for ticket in facts.tickets
            if ticket.is_open and ticket.category == category and ticket.order_number == order_number
        ),
        None,
    )


__all__ = [
    "PERSON", "YES_NO", "CommandShop", "Moment", "OpenTicket", "Outcome",
    "ask", "end", "line", "open_ticket_for", "option", "say", "start", "ways_paid",
]  # fmt: skip
