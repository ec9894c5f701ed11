"""The shop as the bot sees it: orders, payments, shipments, and the commands that change them.

Adapters: `embedded_shop.EmbeddedShop` (own tables). Reads show the facts as the shop's systems hold them, so that
`checks.py` can compare the order's, the payment's and the shipment's record (三核一檢, §1.2).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import Protocol


class OrderStatus(StrEnum):
    """Where an order stands in the shop's own book."""

    AWAITING_PAYMENT = "awaiting_payment"
    PAID = "paid"
    DISPATCHED = "dispatched"
    SIGNED = "signed"
    CANCELLED = "cancelled"
    REFUNDED = "refunded"


@dataclass(frozen=True)
class OrderItem:
    """One line of an order. `name` has the keys zh-Hans, zh-Hant, en; `kind` is a policy kind of goods.

    `price_now`: what one of it costs in the shop today, None where the shop does not tell. `returned_at`: when it came
    back to us. `exchanged_at`: when another took its place. `gift_price`: the marked price of the gift that came along.
    `bundle`: a name that the parts of one bundle share; each then says what was paid for the whole bundle
    (`bundle_paid`) and what one of it cost at purchase without the bundle's discount (`list_price`). `refunded`: what
    went back for it so far, a price's fall included; `refunded_quantity`: for how many of it all that was paid.
    """

    sku: str
    name: dict[str, str]
    kind: str
    quantity: int
    price: Decimal
    confirmed_nonreturnable: bool = False
    unsealed: bool = False
    in_stock: bool = True
    repairs: int = 0
    repair_days: int = 0
    installed_at: datetime | None = None
    cross_border: bool = False
    price_now: Decimal | None = None
    returned_at: datetime | None = None
    exchanged_at: datetime | None = None
    gift_price: Decimal | None = None
    bundle: str | None = None
    bundle_paid: Decimal | None = None
    list_price: Decimal | None = None
    refunded: Decimal = Decimal(0)
    refunded_quantity: int = 0


@dataclass(frozen=True)
class PaymentPart:
    """What was paid in one of several ways."""

    method: str
    amount: Decimal


@dataclass(frozen=True)
class Payment:
    """The payment record. `amount` in yuan; `refunded_at` is set once all of it went back.

    `parts`: where it was paid in several ways, each with its amount; `method` is then the main one. `refunded`: what
    went back so far, for whatever reason; None where the shop does not tell, and takes no refund of a part.
    """

    amount: Decimal
    paid_at: datetime | None
    method: str
    refunded_at: datetime | None = None
    parts: tuple[PaymentPart, ...] = ()
    refunded: Decimal | None = None

    @property
    def left(self) -> Decimal:
        """What of it has not gone back, as far as the shop tells."""
        return Decimal(0) if self.refunded_at else max(self.amount - (self.refunded or Decimal(0)), Decimal(0))

    @property
    def is_split(self) -> bool:
        """Whether it was paid in several ways."""
        return len(self.parts) > 1


@dataclass(frozen=True)
class Scan:
    """One scan of a parcel by the carrier; `place` and `note` have the three language keys."""

    at: datetime
    place: dict[str, str]
    note: dict[str, str]


@dataclass(frozen=True)
class Shipment:
    """The carrier's record of an order's parcel. `carrier_phone`: where the carrier answers about it, if known."""

    carrier: str
    tracking_number: str
    dispatched_at: datetime
    delivered_at: datetime | None
    signed_at: datetime | None
    signed_by: str | None
    scans: tuple[Scan, ...]
    lost: bool = False
    carrier_phone: str | None = None

    @property
    def last_scan_at(self) -> datetime | None:
        """The newest scan's instant, or None before the first."""
        return max((scan.at for scan in self.scans), default=None)


@dataclass(frozen=True)
class Order:
    """One order with its payment and shipment records, as the shop's systems hold them.

    `held_until`: an unpaid order is kept for the customer until then; None where the shop does not tell. `coupon` and
    `points`: what was used beside the payment. `freight_insured`: an insurance pays for sending back.
    `buyer_under_18`, `suspected_abuse` (which the customer is never told): the shop knows it, and a person settles
    what comes after the sale.
    """

    number: str
    customer_sub: str | None
    phone_last4: str
    status: OrderStatus
    placed_at: datetime
    promised_dispatch_at: datetime | None
    items: tuple[OrderItem, ...]
    amount: Decimal
    payment: Payment | None
    shipment: Shipment | None
    cancel_requested_at: datetime | None = None
    held_until: datetime | None = None
    coupon: Decimal | None = None
    points: int = 0
    freight_insured: bool = False
    buyer_under_18: bool = False
    suspected_abuse: bool = False


class ShopError(Exception):
    """The shop's system did not answer, or answered nonsense. Say so, take the case, look again later."""


class CommandKind(StrEnum):
    """What may be asked of the shop, with the details that each takes.

    cancel_order: none. change_order, before dispatch: what changes (`address`, `phone`, `recipient`, `note`).
    delivery_instruction, before delivery: `day` (2027-01-31), `hours` (18:00-20:00), `instruction`. issue_voucher:
    `amount`, `cause`. refund: `amount`, all that is left of the payment; for a part of the order also `sku` and
    `quantity`, and only where the shop tells what went back (`Payment.refunded`). refund_difference: `sku`, `amount`.
    request_invoice: `kind` (personal, company), `title`, `tax_number`, `email`. resend, return_label: `sku`.
    """

    CANCEL_ORDER = "cancel_order"
    CHANGE_ORDER = "change_order"
    DELIVERY_INSTRUCTION = "delivery_instruction"
    ISSUE_VOUCHER = "issue_voucher"
    REFUND = "refund"
    REFUND_DIFFERENCE = "refund_difference"
    REQUEST_INVOICE = "request_invoice"
    RESEND = "resend"
    RETURN_LABEL = "return_label"


# What puts a matter right: of several for the same goods, one.
REMEDIES: Mapping[str, str] = {
    CommandKind.REFUND: "refund",
    CommandKind.RESEND: "resend",
    CommandKind.RETURN_LABEL: "return",
}
# Details that tell something of a person: whoever keeps a command keeps these sealed.
PERSONAL_DETAILS = frozenset({"address", "phone", "recipient", "note", "instruction", "title", "tax_number", "email"})


@dataclass(frozen=True)
class ShopCommand:
    """A change asked of the shop. `key` makes it happen once: the same key again returns the first result.

    `kind` is a `CommandKind`; one that the shop does not know is refused as "unknown_command".
    """

    key: str
    kind: str
    order_number: str
    details: dict[str, str]


@dataclass(frozen=True)
class CommandResult:
    """What the shop did. `done` False means refused for good, with `reason` (a code, e.g. "already_dispatched")."""

    done: bool
    reason: str | None
    details: dict[str, str]


class Shop(Protocol):
    """The shop's system. Every method may raise ShopError."""

    async def find_order(self, number: str) -> Order | None:
        """Return the order, or None if the shop has no such number."""
        ...

    async def find_orders(self, customer_sub: str, *, limit: int = 10) -> list[Order]:
        """Return a signed-in customer's orders, newest first."""
        ...

    async def execute(self, command: ShopCommand) -> CommandResult:
        """Carry out a command exactly once per key."""
        ...
