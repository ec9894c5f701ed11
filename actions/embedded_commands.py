"""What the embedded shop does for each command, inside the transaction that claims its key."""

import re
import secrets
from collections.abc import Awaitable, Callable
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import selectinload

from actions.bundles import count_left
from actions.embedded_refunds import (
    GONE,
    done,
    find_earlier,
    find_item,
    pay_back_rest,
    refund,
    refund_difference,
    refuse,
)
from actions.models import ShopOrder, ShopShipment
from actions.shop import CommandKind, CommandResult, OrderStatus, ShopCommand

Act = Callable[[AsyncSession, ShopOrder, ShopCommand, datetime], Awaitable[CommandResult]]

WHOLE_ORDER = (
    selectinload(ShopOrder.items),
    selectinload(ShopOrder.payment),
    selectinload(ShopOrder.shipment).selectinload(ShopShipment.scans),
)
_UNSENT = frozenset({OrderStatus.AWAITING_PAYMENT, OrderStatus.PAID})
# No letters or digits that are mistaken for one another when read out on the telephone.
_CODE_LETTERS = "ABCDEFGHJKMNPQRSTVWXYZ23456789"


async def carry_out(session: AsyncSession, command: ShopCommand, now: datetime) -> CommandResult:
    """Do what a command asks, or refuse it with a reason; nothing is committed."""
    act = _ACTS.get(command.kind)
    if act is None:
        return refuse("unknown_command")
    # An import that was waited for has written the order anew: only a second look finds that.
    order = await _lock(session, command.order_number) or await _lock(session, command.order_number)
    if order is None:
        return refuse("unknown_order")
    return await act(session, order, command, now)


async def _lock(session: AsyncSession, number: str) -> ShopOrder | None:
    """Two commands about one order follow one another, so that neither acts on what the other changes."""
    return await session.get(ShopOrder, number, options=WHOLE_ORDER, with_for_update={"of": ShopOrder})


async def _cancel_order(
    _session: AsyncSession, order: ShopOrder, _command: ShopCommand, now: datetime
) -> CommandResult:
    """Cancel before dispatch; what is left of what was paid goes back at once (product §3, refund.time)."""
    if order.status in GONE:
        return refuse("already_cancelled")
    if order.shipment or order.status not in _UNSENT:
        return refuse("already_dispatched")
    order.cancel_requested_at = now
    payment = order.payment
    if payment is None or payment.paid_at is None:
        order.status = OrderStatus.CANCELLED
        return done(amount="0.00")
    return pay_back_rest(order, payment, now)


async def _issue_voucher(
    session: AsyncSession, order: ShopOrder, command: ShopCommand, _now: datetime
) -> CommandResult:
    """Issue one voucher for each cause of an order; asked again, it is the one there is."""
    earlier = await find_earlier(session, order, command, same="cause")
    code = f"SW{_random_code(10)}"
    return earlier or done(code=code, amount=command.details.get("amount", "0.00"))


async def _return_label(session: AsyncSession, order: ShopOrder, command: ShopCommand, _now: datetime) -> CommandResult:
    if order.shipment is None:
        return refuse("not_dispatched")
    earlier = await find_earlier(session, order, command, same="sku")
    return earlier or done(label=f"RT{_random_code(10)}", carrier=order.shipment.carrier)


async def _resend(session: AsyncSession, order: ShopOrder, command: ShopCommand, _now: datetime) -> CommandResult:
    item = find_item(order, command)
    if order.status in GONE or (item and count_left(item) == 0):
        return refuse("already_refunded")
    if order.shipment is None:
        return refuse("not_dispatched")
    earlier = await find_earlier(session, order, command, same="sku")
    return earlier or done(order=f"{order.number}-R")


async def _change_order(
    _session: AsyncSession, order: ShopOrder, command: ShopCommand, _now: datetime
) -> CommandResult:
    """Note what changes before dispatch, for those who pack; the phone is also the proof that an order is theirs."""
    if order.status in GONE:
        return refuse("already_cancelled")
    if order.shipment or order.status not in _UNSENT:
        return refuse("already_dispatched")
    if not command.details:
        return refuse("nothing_to_change")
    digits = re.sub(r"[^0-9]", "", command.details.get("phone", ""))
    if digits:
        order.phone_last4 = digits[-4:]
    return done(changed=",".join(sorted(command.details)))


async def _delivery_instruction(
    _session: AsyncSession, order: ShopOrder, command: ShopCommand, _now: datetime
) -> CommandResult:
    """Note when and how to deliver, for the carrier, as long as the parcel has not come."""
    if order.status in GONE:
        return refuse("already_cancelled")
    if order.status == OrderStatus.SIGNED or (
        order.shipment and (order.shipment.delivered_at or order.shipment.signed_at)
    ):
        return refuse("already_delivered")
    return done(**{name: command.details[name] for name in ("day", "hours") if name in command.details})


async def _request_invoice(
    session: AsyncSession, order: ShopOrder, command: ShopCommand, _now: datetime
) -> CommandResult:
    """Take an invoice in, once for an order that is paid."""
    if order.status in GONE:
        return refuse("already_cancelled")
    if order.payment is None or order.payment.paid_at is None:
        return refuse("not_paid")
    if await find_earlier(session, order, command, same="order"):
        return refuse("already_invoiced")
    return done(number=f"IV{_random_code(10)}", amount=str(order.payment.amount))


_ACTS: dict[str, Act] = {
    CommandKind.CANCEL_ORDER: _cancel_order,
    CommandKind.CHANGE_ORDER: _change_order,
    CommandKind.DELIVERY_INSTRUCTION: _delivery_instruction,
    CommandKind.ISSUE_VOUCHER: _issue_voucher,
    CommandKind.REFUND: refund,
    CommandKind.REFUND_DIFFERENCE: refund_difference,
    CommandKind.REQUEST_INVOICE: _request_invoice,
    CommandKind.RESEND: _resend,
    CommandKind.RETURN_LABEL: _return_label,
}


def _random_code(length: int) -> str:
    return "".join(secrets.choice(_CODE_LETTERS) for _ in range(length))
