"""What goes into a turn and what comes out of it: plain records, no behaviour.

`Heard` and `Facts` go into `step`; `Effect`s come out, and the turn applies them in its transaction.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any

from actions.checks import OrderCheck
from actions.faq import Answered, Entry, Finding
from actions.lines import Line
from actions.policy import Policy
from actions.policy.limits import Used
from actions.shop import Order
from bot.nlu.reading import Reading
from escalation.service import TicketView


@dataclass(frozen=True)
class Heard:
    """One thing the customer (or the shop) said: bubbles taken together, a button, or a command's result."""

    kind: str  # "text" | "choice" | "unreadable" | one of bot.turn.inbox.EVENTS
    text: str
    at: datetime
    reading: Reading | None = None
    choice: str | None = None
    photos: int = 0
    command: dict[str, Any] | None = None


class OrderProof(StrEnum):
    """What is known of the order a flow speaks of."""

    NOT_NAMED = "not_named"
    DIGITS_MISSING = "digits_missing"
    NO_MATCH = "no_match"
    LOCKED = "locked"
    PROVEN = "proven"
    SHOP_DOWN = "shop_down"


NOT_KNOWN_WHICH = ""
"""In place of an order's number: one of a signed-in customer's own, not known which."""


@dataclass(frozen=True)
class OrderClaim:
    """An order a flow speaks of, with the phone's last four digits if the customer gave them as proof."""

    number: str
    digits: str | None = None


@dataclass(frozen=True)
class Needs:
    """The facts a turn wants. `own_orders`: the list to choose from, for a signed-in customer.

    `question`: what the FAQ may have an answer to; `entry`: one of its entries that the customer chose.
    """

    claims: tuple[OrderClaim, ...] = ()
    own_orders: bool = False
    question: str | None = None
    entry: str | None = None


@dataclass(frozen=True)
class OrderFacts:
    """What may be known of one order. `order` and `check` only when it is proven to be the customer's."""

    proof: OrderProof
    order: Order | None = None
    check: OrderCheck | None = None


@dataclass(frozen=True)
class FaqFacts:
    """What the FAQ knows: its entries, and what the question finds in it (`vector` is the question's)."""

    entries: Mapping[str, Entry]
    finding: Finding | None = None
    vector: bytes = b""

    @property
    def answer(self) -> Entry | None:
        """The entry that surely answers the question, or None."""
        if self.finding is None or self.finding.answered is not Answered.FOUND or self.finding.best is None:
            return None
        return self.entries.get(self.finding.best.entry_id)

    @property
    def suggested(self) -> tuple[Entry, ...]:
        """The entries of which the customer may mean one, where it is not sure which."""
        matches = self.finding.suggested if self.finding else ()
        found = (self.entries.get(match.entry_id) for match in matches)
        return tuple(entry for entry in found if entry is not None)


class Standing(StrEnum):
    """How far a command is that was prepared on a ticket."""

    PREPARED = "prepared"
    ASKED = "asked"
    CONFIRMED = "confirmed"
    DONE = "done"
    REFUSED = "refused"
    DECLINED = "declined"


@dataclass(frozen=True)
class Prepared:
    """A command that was prepared on an open ticket. `sku`: the item it is for, None for the whole order.

    `details` are those that tell nothing of a person. ASKED: somebody has asked for its approval.
    CONFIRMED: the shop has been, or is about to be, asked.
    """

    ticket: str
    kind: str
    order_number: str
    sku: str | None = None
    standing: Standing = Standing.PREPARED
    details: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Facts:
    """What is true now, as far as this turn may know. `orders` by number; NOT_KNOWN_WHICH: their list can't be had.

    `used`: what the bot settled by itself today, by order and kind of command (see `bot.turn.allowance`). `prepared`:
    what waits, or waited, on the open ones of the tickets for a person's word, oldest first. `declined`: what of the
    orders' commands a person has ever declined, on whatever ticket.
    """

    now: datetime
    policy: Policy
    orders: Mapping[str, OrderFacts] = field(default_factory=dict)
    own_orders: tuple[Order, ...] = ()
    tickets: tuple[TicketView, ...] = ()
    prepared: tuple[Prepared, ...] = ()
    faq: FaqFacts | None = None
    used: Mapping[str, Mapping[str, Used]] = field(default_factory=dict)
    declined: tuple[Prepared, ...] = ()
    lacks_contact: bool = False


@dataclass(frozen=True)
class Choice:
    """A quick-reply button. `value` comes back in a choice frame."""

    value: str
    label: Line


@dataclass(frozen=True)
class Say:
    """A bot's bubble. With `ticket`, the parameters of the ticket opened (or named) in this turn are added."""

    line: Line
    choices: tuple[Choice, ...] = ()
    ticket: bool = False


@dataclass(frozen=True)
class OpenTicket:
    """A matter for a person. `method` says how it will be handled, in the customer's words.

    `private` are facts that tell something of the customer (an address, say): kept sealed.
    """

    category: str
    intent: str
    seriousness: str
    method: Line
    summary: str
    order_number: str | None = None
    order_amount: str | None = None
    product_key: str | None = None
    policy_tier: str | None = None
    threat: bool = False
    decision: dict[str, Any] | None = None
    packet: dict[str, Any] = field(default_factory=dict)
    private: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class ChangedWish:
    """What a ticket's customer would have by now: how that will be handled, and the policy's decision on it.

    `reason`: the one that the decision goes by.
    """

    remedy: str
    method: Line
    decision: dict[str, Any] | None = None
    reason: str | None = None


@dataclass(frozen=True)
class AddToTicket:
    """More facts for an open ticket: what the customer added, or wants instead. `private` is kept sealed."""

    number: str
    text: str
    photos: int = 0
    private: dict[str, str] = field(default_factory=dict)
    changed: ChangedWish | None = None


@dataclass(frozen=True)
class NameOrder:
    """The order that an open case is about, proven to be the customer's, who named it only now; its owner is told."""

    number: str
    order_number: str


@dataclass(frozen=True)
class CommandShop:
    """A change asked of the shop, after commit. Above the day's limits it is prepared for a person instead.

    `amount`: what it is worth in yuan. `told`: what the customer hears if it is asked for at once; `named`: what it is
    called where a person must confirm it first, None goes by its kind. `decision`, the policy's, and `seriousness` are
    for the ticket that it is confirmed on.
    """

    kind: str
    order_number: str
    details: dict[str, str] = field(default_factory=dict)
    amount: Decimal = Decimal(0)
    told: Say | None = None
    named: Line | None = None
    decision: dict[str, Any] | None = None
    seriousness: str = "nuisance"


@dataclass(frozen=True)
class PrepareCommand:
    """A command that waits for a person to confirm it, on a ticket: by its number, or (None) the one of this turn."""

    command: CommandShop
    ticket: str | None = None


@dataclass(frozen=True)
class WithdrawPrepared:
    """Commands of these kinds, prepared on a ticket for an item (`sku`, None for any), are not wanted any more.

    What somebody has confirmed, or has asked to approve, stands.
    """

    ticket: str
    kinds: tuple[str, ...]
    sku: str | None = None


@dataclass(frozen=True)
class PrepareErasure:
    """The customer wants their data erased: the request waits, on this turn's ticket, for who may decide on it."""


@dataclass(frozen=True)
class KeepContact:
    """A mail address that the visitor left for answers; kept encrypted, nowhere else."""

    email: str


@dataclass(frozen=True)
class SettleTicket:
    """The customer's word on a resolved ticket."""

    number: str
    solved: bool


@dataclass(frozen=True)
class NoteQuestion:
    """A question the FAQ did not answer, for the shop; `text` is masked.

    `reason`: "no_answer", "close" (entries were suggested) or "not_meant" (the answer was beside the point).
    """

    text: str
    vector: bytes
    reason: str
    nearest: str | None = None
    score: float | None = None


@dataclass(frozen=True)
class NotePick:
    """The customer chose one of the suggested entries."""

    entry: str


@dataclass(frozen=True)
class LookUpLater:
    """A request to be taken up again once the shop answers: its flow, and what is known for it.

    `order_number` may be NOT_KNOWN_WHICH.

    `digits` are the proof given; `was_proven`: the order was shown to be the customer's before. `number` is the ticket
    that waits for it, None the one that this turn opens or adds to.
    """

    order_number: str
    flow: str
    slots: Mapping[str, Any]
    digits: str | None = None
    was_proven: bool = False
    number: str | None = None


@dataclass(frozen=True)
class CompleteTicket:
    """What the shop told at last, for the ticket that was taken without it; its owner is told unless it ends.

    `opening` has what a ticket would be opened with now, None where nothing is known but `facts`. `ends`: nothing is
    left to do, and the customer is asked whether it is solved.
    """

    number: str
    facts: Mapping[str, Any]
    opening: OpenTicket | None = None
    order_number: str | None = None
    ends: bool = False


Effect = (
    Say
    | OpenTicket
    | AddToTicket
    | NameOrder
    | CommandShop
    | PrepareCommand
    | WithdrawPrepared
    | SettleTicket
    | KeepContact
    | PrepareErasure
    | NoteQuestion
    | NotePick
    | CompleteTicket
    | LookUpLater
)
