"""The shop in our own database, for shops without a system of their own, and for the demo."""

import secrets
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import asdict
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker
from sqlalchemy.orm import selectinload

from actions.models import ShopCommandResult, ShopOrder, ShopOrderItem, ShopPayment, ShopScan, ShopShipment
from actions.shop import (
    CommandResult,
    Order,
    OrderItem,
    OrderStatus,
    Payment,
    Scan,
    Shipment,
    ShopCommand,
    ShopError,
)
from escalation.ports import Clock, SystemClock

Act = Callable[[AsyncSession, ShopOrder, ShopCommand, datetime], Awaitable[CommandResult]]

_WHOLE_ORDER = (
    selectinload(ShopOrder.items),
    selectinload(ShopOrder.payment),
    selectinload(ShopOrder.shipment).selectinload(ShopShipment.scans),
)
# No letters or digits that are mistaken for one another when read out on the telephone.
_CODE_LETTERS = "ABCDEFGHJKMNPQRSTVWXYZ23456789"


class EmbeddedShop:
    """Implements `actions.shop.Shop` on own tables. Every call is a short transaction of its own."""

    def __init__(self, sessions: async_sessionmaker[AsyncSession], clock: Clock | None = None) -> None:
        self._sessions = sessions
        self._clock = clock or SystemClock()

    async def find_order(self, number: str) -> Order | None:
        """Return the order, or None if there is no such number."""
        async with self._transaction() as session:
            row = await session.get(ShopOrder, number, options=_WHOLE_ORDER)
            return None if row is None else to_order(row)

    async def find_orders(self, customer_sub: str, *, limit: int = 10) -> list[Order]:
        """Return a signed-in customer's orders, newest first."""
        theirs = select(ShopOrder).where(ShopOrder.customer_sub == customer_sub).options(*_WHOLE_ORDER)
        newest = theirs.order_by(ShopOrder.placed_at.desc(), ShopOrder.number.desc()).limit(limit)
        async with self._transaction() as session:
            return [to_order(row) for row in await session.scalars(newest)]

    async def execute(self, command: ShopCommand) -> CommandResult:
        """Carry out a command exactly once per key; the same key again, even at the same moment, gets that result."""
        async with self._transaction() as session:
            now = self._clock.now()
            if not await _claim_key(session, command, now):
                return await _read_result(session, command)
            result = await _carry_out(session, command, now)
            row = await session.get_one(ShopCommandResult, command.key)
            row.result = asdict(result)
            return result

    @asynccontextmanager
    async def _transaction(self) -> AsyncIterator[AsyncSession]:
        try:
            async with self._sessions.begin() as session:
                yield session
        except (SQLAlchemyError, OSError) as error:
            raise ShopError(f"the embedded shop's database failed: {type(error).__name__}") from error


async def _claim_key(session: AsyncSession, command: ShopCommand, now: datetime) -> bool:
    """Insert the key; a second transaction with it waits here for the first, then finds it taken."""
    row = {
        "key": command.key,
        "kind": command.kind,
        "order_number": command.order_number,
        "details": command.details,
        "executed_at": now,
    }
    claim = insert(ShopCommandResult).values(row).on_conflict_do_nothing().returning(ShopCommandResult.key)
    return await session.scalar(claim) is not None


async def _read_result(session: AsyncSession, command: ShopCommand) -> CommandResult:
    row = await session.get_one(ShopCommandResult, command.key)
    if (row.kind, row.order_number) != (command.kind, command.order_number):
        raise ShopError(f"command key {command.key} was used for another command")
    return CommandResult(**(row.result or {}))


async def _carry_out(session: AsyncSession, command: ShopCommand, now: datetime) -> CommandResult:
    act = _ACTS.get(command.kind)
    if act is None:
        return _refuse("unknown_command")
    # Locked: two commands about one order follow one another, so that neither acts on what the other changes.
    order = await session.get(ShopOrder, command.order_number, options=_WHOLE_ORDER, with_for_update={"of": ShopOrder})
    if order is None:
        return _refuse("unknown_order")
    return await act(session, order, command, now)


async def _cancel_order(
    _session: AsyncSession, order: ShopOrder, _command: ShopCommand, now: datetime
) -> CommandResult:
    """Cancel before dispatch; what was paid goes back at once (product §3, refund.time)."""
    if order.status in {OrderStatus.CANCELLED, OrderStatus.REFUNDED}:
        return _refuse("already_cancelled")
    if order.shipment or order.status not in {OrderStatus.AWAITING_PAYMENT, OrderStatus.PAID}:
        return _refuse("already_dispatched")
    order.cancel_requested_at = now
    payment = order.payment
    if payment is None or payment.paid_at is None:
        order.status = OrderStatus.CANCELLED
        return _done(amount="0.00")
    order.status = OrderStatus.REFUNDED
    payment.refunded_at = now
    return _done(amount=str(payment.amount), method=payment.method)


async def _issue_voucher(
    session: AsyncSession, order: ShopOrder, command: ShopCommand, _now: datetime
) -> CommandResult:
    """Issue one voucher for each cause of an order; asked again, it is the one there is."""
    earlier = await _earlier(session, order, command, same="cause")
    code = f"SW{_random_code(10)}"
    return earlier or _done(code=code, amount=command.details.get("amount", "0.00"))


async def _return_label(session: AsyncSession, order: ShopOrder, command: ShopCommand, _now: datetime) -> CommandResult:
    if order.shipment is None:
        return _refuse("not_dispatched")
    earlier = await _earlier(session, order, command, same="sku")
    return earlier or _done(label=f"RT{_random_code(10)}", carrier=order.shipment.carrier)


async def _resend(session: AsyncSession, order: ShopOrder, command: ShopCommand, _now: datetime) -> CommandResult:
    if order.shipment is None:
        return _refuse("not_dispatched")
    earlier = await _earlier(session, order, command, same="sku")
    return earlier or _done(order=f"{order.number}-R")


async def _earlier(session: AsyncSession, order: ShopOrder, command: ShopCommand, *, same: str) -> CommandResult | None:
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


_ACTS: dict[str, Act] = {
    "cancel_order": _cancel_order,
    "issue_voucher": _issue_voucher,
    "return_label": _return_label,
    "resend": _resend,
}


def _done(**details: str) -> CommandResult:
    return CommandResult(done=True, reason=None, details=details)


def _refuse(reason: str) -> CommandResult:
    return CommandResult(done=False, reason=reason, details={})


def _random_code(length: int) -> str:
    return "".join(secrets.choice(_CODE_LETTERS) for _ in range(length))


def to_order(row: ShopOrder) -> Order:
    """Return an order's rows as the record; its items, payment, shipment and scans must be loaded."""
    return Order(
        number=row.number,
        customer_sub=row.customer_sub,
        phone_last4=row.phone_last4,
        status=OrderStatus(row.status),
        placed_at=row.placed_at,
        promised_dispatch_at=row.promised_dispatch_at,
        items=tuple(_to_item(item) for item in row.items),
        amount=row.amount,
        payment=_to_payment(row.payment) if row.payment else None,
        shipment=_to_shipment(row.shipment) if row.shipment else None,
        cancel_requested_at=row.cancel_requested_at,
    )


def _to_item(row: ShopOrderItem) -> OrderItem:
    return OrderItem(
        sku=row.sku,
        name=row.name,
        kind=row.kind,
        quantity=row.quantity,
        price=row.price,
        confirmed_nonreturnable=row.confirmed_nonreturnable,
        unsealed=row.unsealed,
        in_stock=row.in_stock,
        repairs=row.repairs,
        repair_days=row.repair_days,
        installed_at=row.installed_at,
        cross_border=row.cross_border,
    )


def _to_payment(row: ShopPayment) -> Payment:
    return Payment(amount=row.amount, paid_at=row.paid_at, method=row.method, refunded_at=row.refunded_at)


def _to_shipment(row: ShopShipment) -> Shipment:
    return Shipment(
        carrier=row.carrier,
        tracking_number=row.tracking_number,
        dispatched_at=row.dispatched_at,
        delivered_at=row.delivered_at,
        signed_at=row.signed_at,
        signed_by=row.signed_by,
        scans=tuple(_to_scan(scan) for scan in row.scans),
        lost=row.lost,
    )


def _to_scan(row: ShopScan) -> Scan:
    return Scan(at=row.at, place=row.place, note=row.note)
