"""What the embedded shop pays back: all that is left of a payment, a part of it, or what an item has become cheaper.

It keeps account of what went back, for the payment and for each item: together never more than was paid.
"""

from datetime import datetime
from decimal import Decimal, InvalidOperation

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from actions.bundles import count_left, due_back
from actions.embedded_records import to_order
from actions.models import ShopCommandResult, ShopOrder, ShopOrderItem, ShopPayment
from actions.shop import CommandKind, CommandResult, OrderStatus, ShopCommand

GONE = frozenset({OrderStatus.CANCELLED, OrderStatus.REFUNDED})


async def refund(session: AsyncSession, order: ShopOrder, command: ShopCommand, now: datetime) -> CommandResult:
    """Pay back what is left of what was paid for an order, or for a part of it; what was sent again is not paid too."""
    payment = order.payment
    if payment is None or payment.paid_at is None:
        return refuse("not_paid")
    left = payment.amount - payment.refunded
    if payment.refunded_at is not None or left <= 0:
        return refuse("already_refunded")
    if "sku" in command.details:
        return await _refund_part(session, order, payment, command, now)
    # What was prepared before more went back is still a wish for the rest.
    if not left <= _read_amount(command) <= payment.amount:
        return refuse("too_much")
    if await _is_resent(session, order, None):
        return refuse("already_resent")
    return pay_back_rest(order, payment, now)


def pay_back_rest(order: ShopOrder, payment: ShopPayment, now: datetime) -> CommandResult:
    """Pay back all that is left of a payment; the order has ended."""
    left = max(payment.amount - payment.refunded, Decimal("0.00"))
    order.status, payment.refunded_at, payment.refunded = OrderStatus.REFUNDED, now, payment.refunded + left
    return done(amount=str(left), method=payment.method)


async def _refund_part(
    session: AsyncSession, order: ShopOrder, payment: ShopPayment, command: ShopCommand, now: datetime
) -> CommandResult:
    """Pay back for so many of an item, never more than was paid for them and has not gone back yet."""
    item, quantity = find_item(order, command), _read_quantity(command)
    if item is None or order.status in GONE:
        return refuse("not_paid")
    if not 0 < quantity <= count_left(item):
        return refuse("already_refunded")
    if await _is_resent(session, order, item.sku):
        return refuse("already_resent")
    amount, record = _read_amount(command), to_order(order)
    if not 0 < amount <= due_back(record, record.items[order.items.index(item)], quantity):
        return refuse("too_much")
    item.refunded_quantity += quantity
    _book(item, payment, amount)
    if payment.refunded == payment.amount:
        order.status, payment.refunded_at = OrderStatus.REFUNDED, now
    return done(amount=str(amount), method=payment.method)


async def refund_difference(
    session: AsyncSession, order: ShopOrder, command: ShopCommand, _now: datetime
) -> CommandResult:
    """Pay back what an item has become cheaper, once for each item, never more than that, nor than what is left."""
    payment, item = order.payment, find_item(order, command)
    if payment is None or payment.paid_at is None or item is None or order.status in GONE:
        return refuse("not_paid")
    if await find_earlier(session, order, command, same="sku") or not count_left(item):
        return refuse("already_refunded")
    amount, record = _read_amount(command), to_order(order)
    fallen = (item.price - (item.price_now or item.price)) * count_left(item)
    if not 0 < amount <= min(fallen, due_back(record, record.items[order.items.index(item)])):
        return refuse("no_difference")
    _book(item, payment, amount)
    return done(amount=str(amount), method=payment.method)


def _book(item: ShopOrderItem, payment: ShopPayment, amount: Decimal) -> None:
    item.refunded += amount
    payment.refunded += amount


def find_item(order: ShopOrder, command: ShopCommand) -> ShopOrderItem | None:
    """Return the item of an order that a command is for, or None."""
    return next((item for item in order.items if item.sku == command.details.get("sku")), None)


async def _is_resent(session: AsyncSession, order: ShopOrder, sku: str | None) -> bool:
    """Tell whether an item was sent again; None stands for any."""
    rows = await session.scalars(
        select(ShopCommandResult).where(
            ShopCommandResult.order_number == order.number, ShopCommandResult.kind == CommandKind.RESEND
        )
    )
    return any(row.result and row.result["done"] and sku in {None, row.details.get("sku")} for row in rows)


async def find_earlier(
    session: AsyncSession, order: ShopOrder, command: ShopCommand, *, same: str
) -> CommandResult | None:
    """Return what an earlier command of the kind did for the same cause or item, whoever's message asked for it."""
    rows = await session.scalars(
        select(ShopCommandResult).where(
            ShopCommandResult.order_number == order.number,
            ShopCommandResult.kind == command.kind,
            ShopCommandResult.key != command.key,
        )
    )
    for row in rows:
        if row.result and row.result["done"] and row.details.get(same) == command.details.get(same):
            return CommandResult(**row.result)
    return None


def done(**details: str) -> CommandResult:
    """Return what was done, with what the customer is told."""
    return CommandResult(done=True, reason=None, details=details)


def refuse(reason: str) -> CommandResult:
    """Return a refusal for good."""
    return CommandResult(done=False, reason=reason, details={})


def _read_quantity(command: ShopCommand) -> int:
    given = command.details.get("quantity", "1")
    return int(given) if given.isascii() and given.isdigit() and len(given) < 7 else 0


def _read_amount(command: ShopCommand) -> Decimal:
    """Return the amount of a command in whole cents, 0 for what is none."""
    try:
        amount = Decimal(command.details.get("amount") or "0")
        return amount if amount == amount.quantize(Decimal("0.01")) else Decimal(0)
    except InvalidOperation:
        return Decimal(0)
