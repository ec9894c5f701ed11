"""Reads orders from a shop's files: JSON Lines, JSON or CSV, each field checked, every fault with its row and column.

JSON: one order an object, nested as `docs/how-to/your-orders.md` shows. CSV: a row for each item; the rows of an order
stand together and say the same of it. Instants carry their zone; amounts are yuan.
"""

import csv
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from itertools import groupby
from pathlib import Path
from typing import Annotated, Any

from pydantic import (
    AwareDatetime,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    StringConstraints,
    ValidationError,
    ValidationInfo,
    field_validator,
)

from actions.policy.case import KINDS
from actions.policy.rules import LANGUAGES
from actions.shop import OrderStatus

_LONGEST_FAULT = 120


def _in_all_languages(value: object) -> object:
    """A text that is given once is the same in every language."""
    return dict.fromkeys(LANGUAGES, value) if isinstance(value, str) else value


def _check_languages(value: object) -> object:
    texts = _in_all_languages(value)
    if not isinstance(texts, Mapping) or set(texts) != set(LANGUAGES):
        raise ValueError(f"must be a text, or one for each of {', '.join(LANGUAGES)}")
    return texts


def _check_kind(value: str) -> str:
    if value not in KINDS:
        raise ValueError(f"must be one of {', '.join(KINDS)}")
    return value


def _text(longest: int) -> Any:
    return StringConstraints(strip_whitespace=True, min_length=1, max_length=longest, pattern=r"^[^\x00]*$")


# Outside of these years an instant is a mistake: days could not be counted from it, nor could every database keep it.
Instant = Annotated[AwareDatetime, Field(ge=datetime(2000, 1, 1, tzinfo=UTC), lt=datetime(2100, 1, 1, tzinfo=UTC))]
Money = Annotated[Decimal, Field(ge=0, max_digits=12, decimal_places=2, allow_inf_nan=False)]
Texts = Annotated[dict[str, Annotated[str, _text(500)]], BeforeValidator(_check_languages)]
Kind = Annotated[str, Field(max_length=30), BeforeValidator(_check_kind)]


class _Record(BaseModel):
    model_config = ConfigDict(extra="forbid")


class ItemRecord(_Record):
    """One line of an order, as `actions.shop.OrderItem`."""

    sku: Annotated[str, _text(60)]
    name: Texts
    kind: Kind = "general"
    quantity: Annotated[int, Field(ge=1, le=100_000)] = 1
    price: Money
    confirmed_nonreturnable: bool = False
    unsealed: bool = False
    in_stock: bool = True
    repairs: Annotated[int, Field(ge=0, le=1000)] = 0
    repair_days: Annotated[int, Field(ge=0, le=10_000)] = 0
    installed_at: Instant | None = None
    cross_border: bool = False
    price_now: Money | None = None
    returned_at: Instant | None = None
    exchanged_at: Instant | None = None
    gift_price: Money | None = None
    refunded: Money = Decimal(0)
    refunded_quantity: Annotated[int, Field(ge=0, le=100_000)] = 0
    bundle_paid: Money | None = None
    list_price: Money | None = None
    # Last, so that the check knows the two, and costs nothing where there is no bundle.
    bundle: Annotated[str, _text(60)] | None = None

    @field_validator("bundle")
    @classmethod
    def _check_bundle(cls, bundle: str | None, others: ValidationInfo) -> str | None:
        """Without these nobody can say what comes back for a part of a bundle."""
        missing = [name for name in ("bundle_paid", "list_price") if others.data.get(name, ...) is None]
        if bundle and missing:
            raise ValueError(f"a part of a bundle needs {' and '.join(missing)}")
        return bundle


class PaymentPartRecord(_Record):
    """One of several ways in which an order was paid, as `actions.shop.PaymentPart`."""

    method: Annotated[str, _text(20)]
    amount: Money


class PaymentRecord(_Record):
    """An order's payment, as `actions.shop.Payment`."""

    amount: Money
    paid_at: Instant | None = None
    method: Annotated[str, _text(20)]
    refunded_at: Instant | None = None
    parts: Annotated[list[PaymentPartRecord], Field(max_length=20)] = []
    refunded: Money | None = None

    @field_validator("refunded")
    @classmethod
    def _check_refunded(cls, refunded: Decimal | None, others: ValidationInfo) -> Decimal | None:
        """No more went back than was paid."""
        if refunded is not None and refunded > others.data.get("amount", refunded):
            raise ValueError("must not be more than the payment's amount")
        return refunded


class ScanRecord(_Record):
    """One scan of a parcel, as `actions.shop.Scan`."""

    at: Instant
    place: Texts
    note: Texts


class ShipmentRecord(_Record):
    """An order's parcel, as `actions.shop.Shipment`."""

    carrier: Annotated[str, _text(60)]
    tracking_number: Annotated[str, _text(60)]
    dispatched_at: Instant
    delivered_at: Instant | None = None
    signed_at: Instant | None = None
    signed_by: Annotated[str, _text(100)] | None = None
    lost: bool = False
    carrier_phone: Annotated[str, _text(40)] | None = None
    scans: list[ScanRecord] = []


class OrderRecord(_Record):
    """One order, as `actions.shop.Order`."""

    number: Annotated[str, _text(40)]
    customer_sub: Annotated[str, _text(200)] | None = None
    phone_last4: Annotated[str, StringConstraints(pattern=r"^[0-9]{4}$")]
    status: OrderStatus
    placed_at: Instant
    promised_dispatch_at: Instant | None = None
    held_until: Instant | None = None
    amount: Money
    coupon: Money | None = None
    points: Annotated[int, Field(ge=0, le=10_000_000)] = 0
    freight_insured: bool = False
    buyer_under_18: bool = False
    suspected_abuse: bool = False
    items: Annotated[list[ItemRecord], Field(min_length=1, max_length=1000)]
    payment: PaymentRecord | None = None
    shipment: ShipmentRecord | None = None

    @field_validator("items")
    @classmethod
    def _check_skus(cls, items: list[ItemRecord]) -> list[ItemRecord]:
        """A sku names one line: money and remedies for an item are asked for by it."""
        seen: dict[str, int] = {}
        for line, item in enumerate(items, 1):
            if (before := seen.setdefault(item.sku, line)) != line:
                raise ValueError(f"line {line} has the sku of line {before}: one line for each sku, with its quantity")
        return items

    @field_validator("items")
    @classmethod
    def _check_bundles(cls, items: list[ItemRecord]) -> list[ItemRecord]:
        """The parts of a bundle say the same of it."""
        paid: dict[str | None, Decimal | None] = {}
        for item in items:
            if item.bundle and paid.setdefault(item.bundle, item.bundle_paid) != item.bundle_paid:
                raise ValueError("the parts of a bundle name different bundle_paid")
        return items


@dataclass(frozen=True)
class Fault:
    """What is wrong with a file: where (`row` counts from 1, a CSV's heading included), in which column, and why."""

    row: int
    column: str
    reason: str

    def __str__(self) -> str:
        return f"row {self.row}, {self.column}: {self.reason}"


@dataclass(frozen=True)
class Row:
    """An order, and the row of the file that it begins in."""

    number: int
    order: OrderRecord


class OrderFileError(Exception):
    """The file as a whole cannot be read; the message says why and what to do."""


def read_orders(path: Path) -> Iterator[Row | list[Fault]]:
    """Yield each order of a file, or what is wrong with it. Raises OrderFileError, OSError.

    JSON Lines (.jsonl) and CSV are read row by row, JSON (.json, a list) at once.
    """
    readers = {".csv": _read_csv, ".json": _read_json, ".jsonl": _read_json_lines}
    reader = readers.get(path.suffix.lower())
    if reader is None:
        raise OrderFileError(f"{path}: its name must end with {', '.join(readers)}")
    try:
        yield from reader(path)
    except UnicodeDecodeError as error:
        raise OrderFileError(f"{path}: is not UTF-8 (byte {error.start}); save it as UTF-8, or 'CSV UTF-8'") from None


def _read_json_lines(path: Path) -> Iterator[Row | list[Fault]]:
    with path.open(encoding="utf-8-sig") as lines:
        for number, line in enumerate(lines, 1):
            if line.strip():
                try:
                    data = json.loads(line, parse_float=Decimal)
                except (ValueError, RecursionError) as error:
                    yield [Fault(number, "the line", f"is not JSON: {error}")]
                else:
                    yield _check(number, data)


def _read_json(path: Path) -> Iterator[Row | list[Fault]]:
    try:
        data = json.loads(path.read_text(encoding="utf-8-sig"), parse_float=Decimal)
    except UnicodeDecodeError:
        raise
    except (ValueError, RecursionError) as error:
        raise OrderFileError(f"{path}: is not JSON: {error}") from None
    if not isinstance(data, list):
        raise OrderFileError(f"{path}: must be a list of orders; for one order a line, name it .jsonl")
    for number, entry in enumerate(data, 1):
        yield _check(number, entry)


def _check(number: int, data: object) -> Row | list[Fault]:
    try:
        return Row(number, OrderRecord.model_validate(data))
    except ValidationError as error:
        return [_tell(number, each) for each in error.errors(include_url=False)]


def _tell(number: int, error: Any) -> Fault:
    column = ".".join(str(part + 1) if isinstance(part, int) else str(part) for part in error["loc"])
    reason = str(error["msg"]).removeprefix("Value error, ")
    given = error["input"]
    shown = (
        f" (it is {given!r})" if isinstance(given, str | int | Decimal | None) and error["type"] != "missing" else ""
    )
    return Fault(number, column or "the order", f"{reason}{shown[:_LONGEST_FAULT]}")


# A CSV's columns: where each belongs in the order. Those of the item may differ from row to row.
_ORDER = (
    "number", "customer_sub", "phone_last4", "status", "placed_at", "promised_dispatch_at", "held_until", "amount",
    "coupon", "points", "freight_insured", "buyer_under_18", "suspected_abuse",
)  # fmt: skip
_PAYMENT = {
    "payment_amount": "amount", "paid_at": "paid_at", "payment_method": "method", "refunded_at": "refunded_at",
    "payment_parts": "parts", "payment_refunded": "refunded",
}  # fmt: skip
_SHIPMENT = (
    "carrier", "tracking_number", "dispatched_at", "delivered_at", "signed_at", "signed_by", "lost", "carrier_phone",
)  # fmt: skip
_NAMES = {f"name.{language}": language for language in LANGUAGES}
_ITEM = tuple(name for name in ItemRecord.model_fields if name != "name")
CSV_COLUMNS = (*_ORDER, *_PAYMENT, *_SHIPMENT, "name", *_NAMES, *_ITEM)
_OF_THE_ORDER = frozenset((*_ORDER, *_PAYMENT, *_SHIPMENT))


def _read_csv(path: Path) -> Iterator[Row | list[Fault]]:
    with path.open(encoding="utf-8-sig", newline="") as stream:
        rows = csv.DictReader(stream, strict=True)
        unknown = [name for name in rows.fieldnames or () if name not in CSV_COLUMNS]
        if unknown or "number" not in (rows.fieldnames or ()):
            wrong = f"has no column {unknown[0]!r}" if unknown else "has no column 'number'"
            raise OrderFileError(f"{path}: row 1 {wrong}; there are {', '.join(CSV_COLUMNS)}")
        try:
            for _, group in groupby(_lines(rows), key=lambda line: line[1].get("number")):
                yield _join(list(group))
        except csv.Error as error:
            raise OrderFileError(f"{path}: row {rows.line_num} is not CSV: {error}") from None


def _lines(rows: "csv.DictReader[str]") -> Iterator[tuple[int, dict[str, str]]]:
    for row in rows:
        # What is left empty was not given; what stands behind the last column has the key None.
        filled = {str(name): value for name, value in row.items() if name is None or (value or "").strip()}
        yield rows.line_num, filled


def _join(lines: list[tuple[int, dict[str, str]]]) -> Row | list[Fault]:
    """Make one order of its rows, one for each item."""
    number, first = lines[0]
    for later, line in lines:
        if "None" in line:
            return [Fault(later, "the row", "has more fields than there are columns")]
        differs = [name for name in _OF_THE_ORDER & (line.keys() | first.keys()) if line.get(name) != first.get(name)]
        if differs:
            return [Fault(later, min(differs), f"differs from row {number}, which is the same order")]
    payment: dict[str, Any] = {field: first[name] for name, field in _PAYMENT.items() if name in first}
    if "parts" in payment:
        payment["parts"] = [_payment_part(part) for part in payment["parts"].split(";")]
    shipment = {name: first[name] for name in _SHIPMENT if name in first}
    data = {name: first[name] for name in _ORDER if name in first}
    return _check(
        number,
        {**data, "items": [_item(line) for _, line in lines], "payment": payment or None, "shipment": shipment or None},
    )


def _payment_part(written: str) -> dict[str, str]:
    """Read "card=200.00"; what is left out is found missing with the rest."""
    method, _, amount = written.partition("=")
    return {name: value for name, value in (("method", method), ("amount", amount.strip())) if value}


def _item(line: Mapping[str, str]) -> dict[str, Any]:
    names = {language: line[column] for column, language in _NAMES.items() if column in line}
    fields: dict[str, Any] = {name: line[name] for name in _ITEM if name in line}
    name = names or line.get("name")
    return {**fields, "name": name} if name else fields
