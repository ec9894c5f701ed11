"""A shop's answers over HTTP, as docs/reference/shop-api.yaml has them: each field checked, each fault named.

Stricter than a file of orders: amounts are strings, instants carry their zone. Fields that the contract does not have
are passed over, so that a shop may send more. What is said of a fault holds no value: answers are about people.
"""

import re
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from decimal import Decimal
from typing import Annotated, Any, TypeVar

from pydantic import AfterValidator, AwareDatetime, BaseModel, BeforeValidator, ConfigDict, Field, ValidationError

from actions.order_files import (
    ItemRecord,
    OrderRecord,
    PaymentPartRecord,
    PaymentRecord,
    ScanRecord,
    ShipmentRecord,
)
from actions.shop import (
    CommandKind,
    CommandResult,
    Order,
    OrderItem,
    Payment,
    PaymentPart,
    Scan,
    Shipment,
    ShopError,
)

_MONEY = re.compile(r"[0-9]{1,10}(\.[0-9]{1,2})?")
_INSTANT = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}[Tt ]")
# Outside of these years an instant is a mistake (and days could not be counted from it).
_YEARS = range(2000, 2100)
_MOST_FAULTS = 3
# What a command that was carried out must tell: the customer is told it.
TOLD: Mapping[str, frozenset[str]] = {
    CommandKind.CANCEL_ORDER: frozenset(),
    CommandKind.CHANGE_ORDER: frozenset(),
    CommandKind.DELIVERY_INSTRUCTION: frozenset(),
    CommandKind.ISSUE_VOUCHER: frozenset({"code", "amount"}),
    CommandKind.REFUND: frozenset({"amount"}),
    CommandKind.REFUND_DIFFERENCE: frozenset({"amount"}),
    CommandKind.REQUEST_INVOICE: frozenset({"number"}),
    CommandKind.RESEND: frozenset({"order"}),
    CommandKind.RETURN_LABEL: frozenset({"label", "carrier"}),
}
_LIKE_A_FIELD = re.compile(r"[A-Za-z0-9_-]{1,40}")


def _read_money(value: object) -> Decimal:
    if not isinstance(value, str) or not _MONEY.fullmatch(value):
        raise ValueError('must be a text like "199.00"')
    return Decimal(value)


def _check_instant(value: object) -> object:
    if not isinstance(value, str) or not _INSTANT.match(value):
        raise ValueError('must be a text like "2026-11-23T12:00:00+08:00"')
    return datetime.fromisoformat(value)


def _check_year(at: datetime) -> datetime:
    if at.year not in _YEARS:
        raise ValueError(f"must lie between {_YEARS.start} and {_YEARS.stop}")
    return at.astimezone(UTC)


WireMoney = Annotated[Decimal, BeforeValidator(_read_money)]
WireInstant = Annotated[AwareDatetime, BeforeValidator(_check_instant), AfterValidator(_check_year)]
_STRICT = ConfigDict(strict=True, extra="ignore")
_Record = TypeVar("_Record", bound=BaseModel)


class WireItem(ItemRecord):
    """One line of an order."""

    model_config = _STRICT

    price: WireMoney
    price_now: WireMoney | None = None
    gift_price: WireMoney | None = None
    installed_at: WireInstant | None = None
    returned_at: WireInstant | None = None
    exchanged_at: WireInstant | None = None
    refunded: WireMoney = Decimal(0)
    bundle_paid: WireMoney | None = None
    list_price: WireMoney | None = None


class WirePaymentPart(PaymentPartRecord):
    """One of several ways in which an order was paid."""

    model_config = _STRICT

    amount: WireMoney


class WirePayment(PaymentRecord):
    """An order's payment."""

    model_config = _STRICT

    amount: WireMoney
    paid_at: WireInstant | None = None
    refunded_at: WireInstant | None = None
    parts: Annotated[list[WirePaymentPart], Field(max_length=20, default_factory=list)]  # type: ignore[assignment]
    refunded: WireMoney | None = None


class WireScan(ScanRecord):
    """One scan of a parcel."""

    model_config = _STRICT

    at: WireInstant


class WireShipment(ShipmentRecord):
    """An order's parcel."""

    model_config = _STRICT

    dispatched_at: WireInstant
    delivered_at: WireInstant | None = None
    signed_at: WireInstant | None = None
    scans: Annotated[list[WireScan], Field(max_length=1000, default_factory=list)]  # type: ignore[assignment]


class WireOrder(OrderRecord):
    """One order."""

    model_config = _STRICT

    placed_at: WireInstant
    promised_dispatch_at: WireInstant | None = None
    cancel_requested_at: WireInstant | None = None
    held_until: WireInstant | None = None
    amount: WireMoney
    coupon: WireMoney | None = None
    items: Annotated[list[WireItem], Field(min_length=1, max_length=1000)]  # type: ignore[assignment]
    payment: WirePayment | None = None
    shipment: WireShipment | None = None


class _OrderList(BaseModel):
    model_config = _STRICT

    orders: Annotated[list[WireOrder], Field(max_length=100)]


_Code = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,39}$")]


class _Done(BaseModel):
    model_config = _STRICT

    details: Annotated[dict[_Code, Annotated[str, Field(pattern=r"^[^\x00]{0,500}$")]], Field(max_length=20)] = {}


class _Refused(BaseModel):
    model_config = _STRICT

    reason: _Code


def read_order(body: bytes) -> Order:
    """Return the order of an answer. Raises ShopError naming what is wrong with it."""
    return to_order(_read(WireOrder, body))


def find_faults(body: bytes) -> list[str]:
    """Return all that is wrong with the order of an answer, each with its field."""
    try:
        WireOrder.model_validate_json(body)
    except ValidationError as error:
        return _tell_all(error)
    return []


def read_orders(body: bytes) -> list[Order]:
    """Return the orders of an answer. Raises ShopError naming what is wrong with it."""
    return [to_order(record) for record in _read(_OrderList, body).orders]


def read_done(kind: str, body: bytes) -> CommandResult:
    """Return what a command of a kind did. Raises ShopError where what the customer must be told is missing."""
    details = _read(_Done, body).details
    missing = TOLD.get(kind, frozenset()) - details.keys()
    if missing:
        raise ShopError(f"its answer breaks the contract: details of {kind} lack {', '.join(sorted(missing))}")
    return CommandResult(done=True, reason=None, details=details)


def read_refusal(body: bytes) -> CommandResult:
    """Return why a command was refused. Raises ShopError."""
    return CommandResult(done=False, reason=_read(_Refused, body).reason, details={})


def to_order(record: OrderRecord) -> Order:
    """Return a checked record as the port's order."""
    plain = record.model_dump(exclude={"items", "payment", "shipment"})
    return Order(
        **plain,
        items=tuple(OrderItem(**item.model_dump()) for item in record.items),
        payment=_to_payment(record.payment) if record.payment else None,
        shipment=_to_shipment(record.shipment) if record.shipment else None,
    )


def _to_payment(record: PaymentRecord) -> Payment:
    parts = tuple(PaymentPart(**part.model_dump()) for part in record.parts)
    return Payment(**record.model_dump(exclude={"parts"}), parts=parts)


def _to_shipment(record: ShipmentRecord) -> Shipment:
    scans = tuple(Scan(**scan.model_dump()) for scan in record.scans)
    return Shipment(**record.model_dump(exclude={"scans"}), scans=scans)


def _read(kind: type[_Record], body: bytes) -> _Record:
    try:
        return kind.model_validate_json(body)
    except ValidationError as error:
        told = _tell_all(error)
        more = f" and {len(told) - _MOST_FAULTS} more" if len(told) > _MOST_FAULTS else ""
        raise ShopError(f"its answer breaks the contract: {'; '.join(told[:_MOST_FAULTS])}{more}") from None


def _tell_all(error: ValidationError) -> list[str]:
    """Name the faults, without what was given."""
    faults: Sequence[Any] = error.errors(include_url=False, include_input=False, include_context=False)
    if faults[0]["type"] == "json_invalid":
        return ["the answer: is not JSON, or was cut off"]
    return [f"{_place(fault['loc'])}: {str(fault['msg']).removeprefix('Value error, ')}" for fault in faults]


def _place(loc: Sequence[str | int]) -> str:
    parts = [str(part) if isinstance(part, int) or _LIKE_A_FIELD.fullmatch(part) else "?" for part in loc]
    return ".".join(parts) or "the answer"
