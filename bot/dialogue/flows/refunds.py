"""Money that is owed already: its refund is prepared to the cent, so that a person only has to confirm it."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

from actions import orders
from actions.bundles import count_left, due_back, keeps_account
from actions.policy import Decision
from actions.shares import split
from actions.shop import CommandKind, Order, OrderItem
from bot.dialogue.flows.cases import add_said, tell_case
from bot.dialogue.flows.prepared import find_case_of, find_part_refunds, find_remedies, stands
from bot.dialogue.outcome import CommandShop, Moment, line, say, ways_paid
from bot.dialogue.records import Effect, Prepared


@dataclass(frozen=True)
class Owed:
    """What came back together, and the policy's decision on it."""

    items: Sequence[OrderItem]
    decision: Decision


def pay_back(moment: Moment, decision: Decision | None = None) -> tuple[Effect, ...]:
    """Pay back all that is left of what was paid; nothing where that is in doubt: a person finds out how much.

    Where a remedy waits for a person's word already, that case only hears that it was asked for again; the refund of a
    part that nobody has confirmed gives way to the whole.
    """
    parts = find_part_refunds(moment.facts, moment.order.number)
    waiting = [one for one in find_remedies(moment.facts, moment.order.number, None) if one not in parts or stands(one)]
    if waiting:
        case = find_case_of(moment.facts, waiting)
        return add_said(moment, case), tell_case(case, "ticket.already")
    command = refund_all(moment, decision)
    return (command,) if command else ()


def refund_all(moment: Moment, decision: Decision | None = None) -> CommandShop | None:
    """Return the command that pays back what is left of an order, the way it was paid; None where that is in doubt."""
    order, paid = moment.order, orders.whole_payment(moment.order)
    if paid is None:
        return None
    return CommandShop(
        CommandKind.REFUND,
        order.number,
        {"amount": str(paid.left)},
        amount=paid.left,
        told=say("refund.asked", amount=paid.left, method=ways_paid(paid, paid.left)),
        decision=decision.to_json() if decision else None,
        seriousness="loss",
    )


def takes_parts(order: Order) -> bool:
    """Tell whether money for a part of an order can be asked of the shop: it keeps account, and nothing is in doubt."""
    return orders.whole_payment(order) is not None and keeps_account(order)


def refund_part(
    moment: Moment, item: OrderItem, decision: Decision, *, quantity: int, amount: Decimal | None = None
) -> CommandShop | None:
    """Return the command that pays back so many of an item; None where that is in doubt, or the shop takes no parts.

    `amount` None is what was paid for them and has not gone back.
    """
    order, paid = moment.order, orders.whole_payment(moment.order)
    most = due_back(order, item, quantity)
    asked = most if amount is None else amount
    if paid is None or not takes_parts(order) or not 0 < asked <= most:
        return None
    of_some = quantity < item.quantity
    what = line("refund.some", count=quantity, item=item.name) if of_some else item.name
    return CommandShop(
        CommandKind.REFUND,
        order.number,
        {"sku": item.sku, "quantity": str(quantity), "amount": str(asked)},
        amount=asked,
        told=say("refund.part_asked", item=what, amount=asked, method=ways_paid(paid, asked)),
        named=line("command.refund_part", amount=asked, item=what),
        decision=decision.to_json(),
        seriousness="loss",
    )


def pay_back_returned(moment: Moment, owed: Sequence[Owed]) -> tuple[Effect, ...]:
    """Pay back what came back and is due: all that is left of the order, or part by part; nothing where in doubt.

    While the refund of a part is under way all others are prepared part by part: which comes first is open.
    """
    order, total = moment.order, Decimal(0)
    under_way = any(map(stands, find_part_refunds(moment.facts, order.number)))
    for one in owed:
        if one.decision.outcome != "accept" or "refund" not in one.decision.remedies or one.decision.amount is None:
            return ()
        total += one.decision.amount
    back = {item.sku for one in owed for item in one.items}
    all_back = all(item.sku in back or not due_back(order, item) for item in order.items)
    if all_back and not under_way and order.payment and total == order.payment.left:
        return pay_back(moment, owed[0].decision)
    commands = [command for one in owed for command in _refund_parts(moment, one)]
    return tuple(command for command in commands if command) if all(commands) else ()


def count_under_way(moment: Moment) -> Order:
    """Return the order as it is once the refunds of its parts that a person has confirmed, or asked for, are made."""
    order = moment.order
    if not takes_parts(order):
        return order
    for one in find_part_refunds(moment.facts, order.number):
        if stands(one):
            order = _book(order, one)
    return order


def _book(order: Order, refund: Prepared) -> Order:
    amount, quantity = Decimal(refund.details["amount"]), int(refund.details["quantity"])
    items = tuple(
        replace(item, refunded=item.refunded + amount, refunded_quantity=item.refunded_quantity + quantity)
        if item.sku == refund.sku
        else item
        for item in order.items
    )
    paid = order.payment
    booked = paid and replace(paid, refunded=(paid.refunded or Decimal(0)) + amount)
    return replace(order, items=items, payment=booked)


def _refund_parts(moment: Moment, owed: Owed) -> list[CommandShop | None]:
    """Share among the parts of a bundle what is settled for them together."""
    most = [due_back(moment.order, item) for item in owed.items]
    shares = split(owed.decision.amount or Decimal(0), most)
    return [
        refund_part(moment, item, owed.decision, quantity=count_left(item), amount=share)
        for item, share in zip(owed.items, shares, strict=True)
        if share
    ]
