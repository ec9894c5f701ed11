"""The demo shop's orders: dated around the day they are made, so that each shows its rule on the first day."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML
from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import selectinload

from actions.days import SHOP_ZONE, day_of
from actions.models import ShopOrder, ShopOrderItem, ShopPayment, ShopScan, ShopShipment
from actions.policy.rules import LANGUAGES

# Any number: it keeps two processes from seeding at the same moment.
_SEED_LOCK = 7_301_944
_CARRIER = "安行物流 Anxing"  # written alike in all three languages
_CARRIER_PHONE = "400-000-0110"
_FILE = Path(__file__).with_name("demo_orders.yml")
# The time of day of an event that is given as a day.
_HOURS = {
    "returned": 10, "exchanged": 14, "placed": 9, "cancelled": 10, "refunded": 11, "dispatched": 18,
    "scan": 20, "signed": 11, "installed": 15, "promised": 18, "held": 20,
}  # fmt: skip


@dataclass(frozen=True)
class DemoOrder:
    """What the demo page shows of one order; texts have the three language keys. `say` is ready to be sent."""

    number: str
    phone_last4: str
    product: Mapping[str, str]
    caption: Mapping[str, str]
    say: Mapping[str, str]


async def seed_demo_orders(session: AsyncSession, now: datetime) -> int:
    """Add the demo orders unless there are some; return how many were added. Commits nothing."""
    await session.execute(select(func.pg_advisory_xact_lock(_SEED_LOCK)))
    there = await session.scalar(select(ShopOrder.number).where(ShopOrder.demo.is_not(None)).limit(1))
    if there is not None:
        return 0
    rows = make_demo_orders(now)
    session.add_all(rows)
    await session.flush()
    return len(rows)


async def list_demo_orders(session: AsyncSession) -> list[DemoOrder]:
    """Return the demo orders in their own order."""
    wanted = select(ShopOrder).where(ShopOrder.demo.is_not(None)).order_by(ShopOrder.number)
    return [_to_demo(row) for row in await session.scalars(wanted.options(selectinload(ShopOrder.items)))]


def make_demo_orders(now: datetime) -> list[ShopOrder]:
    """Return the rows, dated around `now`; the numbers carry that day's date."""
    book = _read_book()
    return [_Maker(book, spec, now).make() for spec in book["orders"]]


def _to_demo(row: ShopOrder) -> DemoOrder:
    demo = row.demo or {}
    return DemoOrder(row.number, row.phone_last4, row.items[0].name, demo["caption"], demo["say"])


@cache
def _read_book() -> dict[str, Any]:
    book: dict[str, Any] = YAML(typ="safe").load(_FILE.read_text(encoding="utf-8"))
    return book


@dataclass(frozen=True)
class _Maker:
    """Makes one order's rows from its description."""

    book: Mapping[str, Any]
    spec: Mapping[str, Any]
    now: datetime

    def make(self) -> ShopOrder:
        items = [self._item(product, position) for position, product in enumerate(self._products, start=1)]
        amount = self._money("bundle") or sum((item.price * item.quantity for item in items), Decimal(0))
        return ShopOrder(
            number=self._number,
            phone_last4=self.spec["phone"],
            status=self.spec["status"],
            placed_at=self._at("placed"),
            promised_dispatch_at=self._at("promised"),
            held_until=self._at("held"),
            coupon=self._money("coupon"),
            points=self.spec.get("points", 0),
            freight_insured=self.spec.get("insured", False),
            buyer_under_18=self.spec.get("under_18", False),
            suspected_abuse=self.spec.get("suspected_abuse", False),
            cancel_requested_at=self._at("cancelled"),
            amount=amount,
            demo={"caption": _by_language(self.spec["caption"]), "say": self._say()},
            items=items,
            payment=self._payment(amount),
            shipment=self._shipment(),
        )

    @property
    def _number(self) -> str:
        return f"{day_of(self.now):%Y%m%d}{self.spec['id']}"

    def _say(self) -> dict[str, str]:
        said, frame = _by_language(self.spec["say"]), _by_language(self.book["say_frame"])
        return {
            language: frame[language].format(say=said[language], order=self._number, digits=self.spec["phone"])
            for language in LANGUAGES
        }

    @property
    def _products(self) -> list[str]:
        return [self.spec["product"], *self.spec.get("also", ())]

    def _item(self, sku: str, position: int) -> ShopOrderItem:
        product = self.book["products"][sku]
        return ShopOrderItem(
            position=position,
            sku=sku,
            name=_by_language(product["name"]),
            kind=product["kind"],
            quantity=self.spec.get("quantity", 1),
            price=Decimal(product["price"]),
            confirmed_nonreturnable=self.spec.get("confirmed", False),
            unsealed=self.spec.get("unsealed", False),
            in_stock=not self.spec.get("sold_out", False),
            repairs=self.spec.get("repairs", 0),
            repair_days=self.spec.get("repair_days", 0),
            installed_at=self._at("installed"),
            returned_at=self._at("returned"),
            exchanged_at=self._at("exchanged"),
            gift_price=self._money("gift"),
            bundle="bundle" if "bundle" in self.spec else None,
            bundle_paid=self._money("bundle"),
            list_price=Decimal(product["price"]) if "bundle" in self.spec else None,
            cross_border=self.spec.get("cross_border", False),
            price_now=Decimal(self.spec.get("price_now", product["price"])),
            refunded=Decimal(0),
            refunded_quantity=0,
        )

    def _money(self, name: str) -> Decimal | None:
        return Decimal(self.spec[name]) if name in self.spec else None

    def _payment(self, amount: Decimal) -> ShopPayment | None:
        placed_at = self._at("placed")
        if self.spec["status"] == "awaiting_payment" or placed_at is None:
            return None
        parts: Mapping[str, str] = self.spec.get("paid_with", {})
        usual = "wechat" if int(self.spec["id"]) % 2 else "alipay"
        paid, refunded_at = Decimal(self.spec.get("paid_amount", amount)), self._at("refunded")
        return ShopPayment(
            amount=paid,
            paid_at=placed_at + timedelta(minutes=4),
            method=next(iter(parts), usual),
            refunded_at=refunded_at,
            refunded=paid if refunded_at else Decimal(0),
            parts=[{"method": method, "amount": part} for method, part in parts.items()],
        )

    def _shipment(self) -> ShopShipment | None:
        dispatched_at = self._at("dispatched")
        if dispatched_at is None:
            return None
        signed_at = self._at("signed")
        if signed_at is not None:
            signed_at = max(signed_at, dispatched_at + timedelta(hours=1))
        return ShopShipment(
            carrier=_CARRIER,
            tracking_number=f"SD{self._number}",
            dispatched_at=dispatched_at,
            delivered_at=signed_at,
            signed_at=signed_at,
            signed_by=self.spec.get("signed_by"),
            lost=self.spec.get("lost", False),
            carrier_phone=_CARRIER_PHONE,
            scans=self._scans(dispatched_at, signed_at),
        )

    def _scans(self, dispatched_at: datetime, signed_at: datetime | None) -> list[ShopScan]:
        seen = [(dispatched_at, 0, "collected"), (self._at("scan"), 1, "transit"), (signed_at, 2, "delivered")]
        return [
            ShopScan(
                position=position,
                at=at,
                place=_by_language(self.book["places"][place]),
                note=_by_language(self.book["notes"][note]),
            )
            for position, (at, place, note) in enumerate(seen)
            if at is not None
        ]

    def _at(self, event: str) -> datetime | None:
        written = self.spec.get(event)
        if written is None:
            return None
        number, unit = int(written[:-1]), written[-1]
        if unit == "h":
            return self.now + timedelta(hours=number)
        day = day_of(self.now) + timedelta(days=number)
        return datetime.combine(day, time(_HOURS[event]), SHOP_ZONE)


def _by_language(texts: list[str]) -> dict[str, str]:
    return dict(zip(LANGUAGES, texts, strict=True))
