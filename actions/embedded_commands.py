"""What the embedded shop does for each command, inside the transaction that claims its key."""

import re
import secrets
from collections.abc import Awaitable, Callable
from datetime import datetime
from decimal import Decimal, InvalidOperation

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import selectinload

from actions.models import ShopCommandResult, ShopOrder, ShopShipment
from actions.shop import CommandKind, CommandResult, OrderStatus, ShopCommand

Act = Callable[[AsyncSession, ShopOrder, ShopCommand, datetime], Awaitable[CommandResult]]

WHOLE_ORDER = (
    selectinload(ShopOrder.items),
    selectinload(ShopOrder.payment),
    selectinload(ShopOrder.shipment).selectinload(ShopShipment.scans),
)
_GONE = frozenset({OrderStatus.CANCELLED, OrderStatus.REFUNDED})
_UNSENT = frozenset({OrderStatus.AWAITING_PAYMENT, OrderStatus.PAID})
# No letters or digits that are mistaken for one another when read out on the telephone.
_CODE_LETTERS = "ABCDEFGHJKMNPQRSTVWXYZ23456789"


async def carry_out(session: AsyncSession, command: ShopCommand, now: datetime) -> CommandResult:
    """Do what a command asks, or refuse it with a reason; nothing is committed."""
    act = _ACTS.get(command.kind)
    if act is None:
        return _refuse("unknown_command")
    # Locked: two commands about one order follow one another, so that neither acts on what the other changes.
    order = await session.get(ShopOrder, command.order_number, options=WHOLE_ORDER, with_for_update={"of": ShopOrder})
    if order is None:
        return _refuse("unknown_order")
    return await act(session, order, command, now)


async def _cancel_order(session: AsyncSession, order: ShopOrder, _command: ShopCommand, now: datetime) -> CommandResult:
    """Cancel before dispatch; what was paid goes back at once (product §3, refund.time)."""
    if order.status in _GONE:
        return _refuse("already_cancelled")
    if order.shipment or order.status not in _UNSENT:
        return _refuse("already_dispatched")
    order.cancel_requested_at = now
    payment = order.payment
    if payment is None or payment.paid_at is None:
        order.status = OrderStatus.CANCELLED
        return _done(amount="0.00")
    order.status = OrderStatus.REFUNDED
    payment.refunded_at = now
    return _done(amount=str(payment.amount - await _given_back(session, order)), method=payment.method)


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
    if order.status in _GONE:
        return _refuse("already_refunded")
    if order.shipment is None:
        return _refuse("not_dispatched")
    earlier = await _earlier(session, order, command, same="sku")
    return earlier or _done(order=f"{order.number}-R")


async def _refund(session: AsyncSession, order: ShopOrder, command: ShopCommand, now: datetime) -> CommandResult:
    """Pay back all that is left of what was paid for an order, once; what was sent again is not paid back as well."""
    payment = order.payment
    if payment is None or payment.paid_at is None or _read_amount(command.details.get("amount")) != payment.amount:
        return _refuse("not_paid")
    if payment.refunded_at is not None:
        return _refuse("already_refunded")
    if await _is_resent(session, order):
        return _refuse("already_resent")
    order.status, payment.refunded_at = OrderStatus.REFUNDED, now
    return _done(amount=str(payment.amount - await _given_back(session, order)), method=payment.method)


async def _given_back(session: AsyncSession, order: ShopOrder) -> Decimal:
    """Return what was paid back of the price already, because it fell."""
    differences = select(ShopCommandResult.result).where(
        ShopCommandResult.order_number == order.number, ShopCommandResult.kind == CommandKind.REFUND_DIFFERENCE
    )
    done = (result for result in await session.scalars(differences) if result and result["done"])
    return sum((_read_amount(result["details"].get("amount")) for result in done), Decimal(0))


async def _is_resent(session: AsyncSession, order: ShopOrder) -> bool:
    resends = select(ShopCommandResult.result).where(
        ShopCommandResult.order_number == order.number, ShopCommandResult.kind == CommandKind.RESEND
    )
    return any(result and result["done"] for result in await session.scalars(resends))


async def _change_order(
    _session: AsyncSession, order: ShopOrder, command: ShopCommand, _now: datetime
) -> CommandResult:
    """Note what changes before dispatch, for those who pack; the phone is also the proof that an order is theirs."""
    if order.status in _GONE:
        return _refuse("already_cancelled")
    if order.shipment or order.status not in _UNSENT:
        return _refuse("already_dispatched")
    if not command.details:
        return _refuse("nothing_to_change")
    digits = re.sub(r"[^0-9]", "", command.details.get("phone", ""))
    if digits:
        order.phone_last4 = digits[-4:]
    return _done(changed=",".join(sorted(command.details)))


async def _delivery_instruction(
    _session: AsyncSession, order: ShopOrder, command: ShopCommand, _now: datetime
) -> CommandResult:
    """Note when and how to deliver, for the carrier, as long as the parcel has not come."""
    if order.status in _GONE:
        return _refuse("already_cancelled")
    if order.status == OrderStatus.SIGNED or (
        order.shipment and (order.shipment.delivered_at or order.shipment.signed_at)
    ):
        return _refuse("already_delivered")
    return _done(**{name: command.details[name] for name in ("day", "hours") if name in command.details})


async def _request_invoice(
    session: AsyncSession, order: ShopOrder, command: ShopCommand, _now: datetime
) -> CommandResult:
    """Take an invoice in, once for an order that is paid."""
    if order.status in _GONE:
        return _refuse("already_cancelled")
    if order.payment is None or order.payment.paid_at is None:
        return _refuse("not_paid")
    if await _earlier(session, order, command, same="order"):
        return _refuse("already_invoiced")
    return _done(number=f"IV{_random_code(10)}", amount=str(order.payment.amount))


async def _refund_difference(
    session: AsyncSession, order: ShopOrder, command: ShopCommand, _now: datetime
) -> CommandResult:
    """Pay back what an item has become cheaper, once for each item, never more than that."""
    payment, item = order.payment, next((one for one in order.items if one.sku == command.details.get("sku")), None)
    if payment is None or payment.paid_at is None or item is None or order.status in _GONE:
        return _refuse("not_paid")
    earlier = await _earlier(session, order, command, same="sku")
    if earlier:
        return _refuse("already_refunded")
    amount = _read_amount(command.details.get("amount"))
    fallen = (item.price - (item.price_now or item.price)) * item.quantity
    if not 0 < amount <= fallen:
        return _refuse("no_difference")
    return _done(amount=str(amount), method=payment.method)


def _read_amount(given: str | None) -> Decimal:
    """Return an amount, 0 for what is none."""
    try:
        amount = Decimal(given or "0")
    except InvalidOperation:
        return Decimal(0)
    return amount if amount.is_finite() else Decimal(0)


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
    CommandKind.CANCEL_ORDER: _cancel_order,
    CommandKind.CHANGE_ORDER: _change_order,
    CommandKind.DELIVERY_INSTRUCTION: _delivery_instruction,
    CommandKind.ISSUE_VOUCHER: _issue_voucher,
    CommandKind.REFUND: _refund,
    CommandKind.REFUND_DIFFERENCE: _refund_difference,
    CommandKind.REQUEST_INVOICE: _request_invoice,
    CommandKind.RESEND: _resend,
    CommandKind.RETURN_LABEL: _return_label,
}


def _done(**details: str) -> CommandResult:
    return CommandResult(done=True, reason=None, details=details)


def _refuse(reason: str) -> CommandResult:
    return CommandResult(done=False, reason=reason, details={})


def _random_code(length: int) -> str:
    return "".join(secrets.choice(_CODE_LETTERS) for _ in range(length))
