"""A customer's case as the policy sees it, and how it is read from JSON (`shouwen policy decide`)."""

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from typing import Any

REQUESTS = ("return", "exchange", "repair", "refund", "compensation", "price_protection", "resend")
REASONS = (
    "no_reason",
    "functional_defect",
    "poor_quality",
    "damaged_in_transit",
    "wrong_item",
    "missing_item",
    "fake",
    "unsafe",
    "late_delivery",
    "lost",
    "accidental_damage",
    "price_drop",
)
KINDS = (
    "general",
    "electronics",
    "appliance",
    "clothing",
    "home",
    "cosmetics",
    "food",
    "food_fresh",
    "made_to_order",
    "digital",
    "periodical",
    "personal_hygiene",
    "near_expiry",
    "declared_defect",
)
PAYMENT_METHODS = ("alipay", "wechat", "card", "balance", "gift_card", "cash")
# What a rule may ask for: the bot asks for photos, a colleague is told of the others.
EVIDENCE = ("photo", "repair_record", "freight_receipt")

# Beyond these a fact is a slip of the pen, and periods could not be counted.
YEARS = range(1990, 2200)
_MOST = 36500
_LONGEST_WORD = 40
# An amount as a shop writes it; Decimal would take " 1_000 ", "１２" and "Infinity" too.
_AMOUNT = re.compile(r"-?[0-9]{1,20}(\.[0-9]{1,20})?")


class CaseError(ValueError):
    """A case that cannot be read. `field` is the dotted name of what is wrong with it."""

    def __init__(self, field: str, reason: str) -> None:
        super().__init__(f"{field}: {reason}" if field else reason)
        self.field = field
        self.reason = reason


@dataclass(frozen=True)
class PolicyCase:
    """What is asked, why, when it was told, and every fact the rules look at. None is unknown, never "no".

    `amount`: what was paid for these goods and, where money is to go back, has not gone back yet. `bundle_paid`: what
    was paid for the whole bundle they are part of, `kept_price` what the kept part cost without its discount, and
    `bundle_refunded` what went back for it before. `payments`: (method, amount) of each way it was paid; `paid`: what
    they make together, for the whole order. `returned_at`: when we received the goods back.
    """

    request: str
    reason: str
    at: datetime
    kind: str = "general"
    intact: bool | None = None
    confirmed_nonreturnable: bool = False
    unsealed: bool = False
    liquid_or_deliberate: bool = False
    in_stock: bool = True
    repairs: int = 0
    repair_days: int = 0
    installed_at: datetime | None = None
    exchanged_at: datetime | None = None
    part: str | None = None
    injury: bool = False
    cross_border: bool = False
    gift_price: Decimal | None = None
    gift_returned: bool | None = None
    amount: Decimal | None = None
    paid_at: datetime | None = None
    dispatched_at: datetime | None = None
    delivered_at: datetime | None = None
    signed_at: datetime | None = None
    last_scan_at: datetime | None = None
    carrier_lost: bool = False
    returned_at: datetime | None = None
    payments: tuple[tuple[str, Decimal], ...] = ()
    paid: Decimal | None = None
    bundle_paid: Decimal | None = None
    kept_price: Decimal | None = None
    bundle_refunded: Decimal | None = None
    coupon: Decimal | None = None
    points: int = 0
    freight_insured: bool = False
    freight_disputed: bool = False
    under_18: bool = False
    suspected_abuse: bool = False
    price_now: Decimal | None = None
    price_same_item: bool = True
    price_same_seller: bool = True
    evidence: tuple[str, ...] = ()

    @property
    def events(self) -> tuple[datetime, ...]:
        """What is known to have happened to the order; none of it can lie after `at`."""
        known = (self.paid_at, self.dispatched_at, self.delivered_at, self.signed_at, self.returned_at)
        return tuple(event for event in known if event)

    @property
    def bought_at(self) -> datetime:
        """When it was paid; if that is unknown, the earliest that is known of it: it was bought no later."""
        return self.paid_at or min((*self.events, self.at))

    @property
    def is_in_hand(self) -> bool:
        """Whether the customer has the goods, by the carrier's word or because something was done with them there."""
        used = self.unsealed or self.installed_at or self.repairs or self.repair_days
        return bool(self.delivered_at or self.signed_at or used)


Reader = Callable[[Any], Any]


def parse_case(data: Any) -> PolicyCase:
    """Read a case. `request`, `reason` and `at` are obligatory; the rest takes `PolicyCase`'s defaults.

    Raises:
        CaseError: something is missing, unknown or of the wrong kind; it names the field.
    """
    if not isinstance(data, Mapping):
        raise CaseError("", "must be an object")
    groups = {name: _read_group(name, data[name]) for name in _GROUPS if name in data}
    plain = {name: value for name, value in data.items() if name not in groups}
    values = _read_fields("", plain, _TOP)
    for name in ("request", "reason", "at"):
        if name not in values:
            raise CaseError(name, "is missing")
    return PolicyCase(**values, **{name: value for group in groups.values() for name, value in group.items()})


def _read_group(name: str, data: Any) -> dict[str, Any]:
    if not isinstance(data, Mapping):
        raise CaseError(name, "must be an object")
    return _read_fields(f"{name}.", data, _GROUPS[name])


def _read_fields(prefix: str, data: Mapping[str, Any], readers: Mapping[str, Reader]) -> dict[str, Any]:
    values = {}
    for name, value in data.items():
        if name not in readers:
            raise CaseError(f"{prefix}{name}", "is not a field of a case")
        try:
            values[name] = readers[name](value)
        except (ValueError, OverflowError) as error:
            raise CaseError(f"{prefix}{name}", str(error)) from None
    return values


def _quote(value: Any) -> str:
    """Return a value as JSON writes it, short enough for an error."""
    written = json.dumps(value, ensure_ascii=False)
    return written if len(written) <= _LONGEST_WORD else f"{written[:_LONGEST_WORD]}…"


def _one_of(*names: str) -> Reader:
    def read(value: Any) -> str:
        if not isinstance(value, str) or value not in names:
            raise ValueError(f"{_quote(value)} is none of {', '.join(names)}")
        return value

    return read


def _optional(reader: Reader) -> Reader:
    return lambda value: None if value is None else reader(value)


def _read_flag(value: Any) -> bool:
    if not isinstance(value, bool):
        raise ValueError(f"{_quote(value)} is not true or false")  # noqa: TRY004 - one error type for all readers
    return value


def _read_count(value: Any) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value <= _MOST:
        raise ValueError(f"{_quote(value)} is not a whole number from 0 to {_MOST}")
    return value


def _read_instant(value: Any) -> datetime:
    if not isinstance(value, str):
        raise ValueError(f"{_quote(value)} is not an ISO 8601 instant")  # noqa: TRY004
    try:
        at = datetime.fromisoformat(value)
    except ValueError:
        raise ValueError(f"{_quote(value)} is not an ISO 8601 instant") from None
    if at.tzinfo is None:
        raise ValueError(f"{_quote(value)} has no time zone")
    if at.year not in YEARS:
        raise ValueError(f"{_quote(value)} is not in the years {YEARS.start} to {YEARS.stop - 1}")
    return at.astimezone(UTC)


def _read_amount(value: Any) -> Decimal:
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        raise ValueError(f"{_quote(value)} is not an amount")  # noqa: TRY004
    if isinstance(value, str) and not _AMOUNT.fullmatch(value):
        raise ValueError(f'{_quote(value)} is not an amount such as "199.00"')
    try:
        amount = Decimal(str(value))
        fits = amount.is_finite() and 0 <= amount < Decimal(10) ** 10 and amount == amount.quantize(Decimal("0.01"))
    except InvalidOperation:
        raise ValueError(f"{_quote(value)} is not an amount") from None
    if not fits:
        raise ValueError(f"{_quote(value)} is not an amount from 0.00 up, in whole cents")
    # -0.00 is nothing, too.
    return abs(amount.quantize(Decimal("0.01")))


def _read_evidence(value: Any) -> tuple[str, ...]:
    if not isinstance(value, list) or not all(isinstance(name, str) for name in value):
        raise ValueError("must be a list of words")
    return tuple(value)


def _read_part(value: Any) -> str:
    if not isinstance(value, str) or not 0 < len(value) <= _LONGEST_WORD:
        raise ValueError(f"is not a word of up to {_LONGEST_WORD} characters")
    return value


def _read_payments(value: Any) -> tuple[tuple[str, Decimal], ...]:
    if not isinstance(value, list) or not all(
        isinstance(part, Mapping) and set(part) == {"method", "amount"} for part in value
    ):
        raise ValueError('must be a list of {"method", "amount"}')
    read_method = _one_of(*PAYMENT_METHODS)
    return tuple((read_method(part["method"]), _read_amount(part["amount"])) for part in value)


_TOP: dict[str, Reader] = {
    "request": _one_of(*REQUESTS),
    "reason": _one_of(*REASONS),
    "at": _read_instant,
    "price_now": _optional(_read_amount),
    "price_same_item": _read_flag,
    "price_same_seller": _read_flag,
    "evidence": _read_evidence,
}
_GOODS: dict[str, Reader] = {
    "kind": _one_of(*KINDS),
    "intact": _optional(_read_flag),
    "confirmed_nonreturnable": _read_flag,
    "unsealed": _read_flag,
    "liquid_or_deliberate": _read_flag,
    "in_stock": _read_flag,
    "repairs": _read_count,
    "repair_days": _read_count,
    "installed_at": _optional(_read_instant),
    "exchanged_at": _optional(_read_instant),
    "part": _optional(_read_part),
    "injury": _read_flag,
    "cross_border": _read_flag,
    "gift_price": _optional(_read_amount),
    "gift_returned": _optional(_read_flag),
}
_ORDER: dict[str, Reader] = {
    "amount": _optional(_read_amount),
    "paid_at": _optional(_read_instant),
    "dispatched_at": _optional(_read_instant),
    "delivered_at": _optional(_read_instant),
    "signed_at": _optional(_read_instant),
    "last_scan_at": _optional(_read_instant),
    "carrier_lost": _read_flag,
    "returned_at": _optional(_read_instant),
    "payments": _read_payments,
    "paid": _optional(_read_amount),
    "bundle_paid": _optional(_read_amount),
    "kept_price": _optional(_read_amount),
    "bundle_refunded": _optional(_read_amount),
    "coupon": _optional(_read_amount),
    "points": _read_count,
    "freight_insured": _read_flag,
    "freight_disputed": _read_flag,
}
_BUYER: dict[str, Reader] = {"under_18": _read_flag, "suspected_abuse": _read_flag}
_GROUPS = {"goods": _GOODS, "order": _ORDER, "buyer": _BUYER}
