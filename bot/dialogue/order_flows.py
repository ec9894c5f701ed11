"""Order desk: status by three checks and one inspection (§1.2), cancelling, where a refund stands."""

from actions import orders
from actions.shop import OrderStatus
from bot.dialogue.cases import open_or_add
from bot.dialogue.outcome import PERSON, YES_NO, CommandShop, Moment, Outcome, ask, end, line, say, start
from bot.dialogue.records import Say
from bot.dialogue.state import Frame


def tell_status(moment: Moment) -> Outcome:
    """Tell where the order stands; what disagrees between the records becomes an order exception."""
    told = tuple(Say(told) for told in orders.describe_order(moment.order, moment.check, moment.facts.now))
    if not moment.check.exceptions:
        return end(*told)
    return end(*told, *open_or_add(moment, category="order", intent="order.exception", method=line("method.exception")))


def cancel(moment: Moment) -> Outcome:
    """Cancel an order that has not left; a parcel on its way can be refused or returned."""
    order = moment.order
    if order.status in {OrderStatus.CANCELLED, OrderStatus.REFUNDED}:
        return end(say("cancel.already", order=order.number))
    if not orders.may_cancel(order):
        return end(say("cancel.too_late", start("after_sales.return", "choice.return"), PERSON, order=order.number))
    match moment.slot("confirm"):
        case "yes":
            return end(say("cancel.asked", order=order.number), CommandShop("cancel_order", order.number))
        case "no":
            return end(say("cancel.kept", order=order.number))
    question = say("cancel.confirm", *YES_NO, order=order.number, item=order.items[0].name, amount=order.amount)
    return ask("confirm", question)


def tell_refund(moment: Moment) -> Outcome:
    """Tell where the money is, or begin what leads to it: cancelling before dispatch, returning after."""
    order = moment.order
    if order.payment and order.payment.refunded_at:
        paid = order.payment
        return end(say("refund.done", amount=paid.amount, at=paid.refunded_at, method=line(f"pay.{paid.method}")))
    if order.status in {OrderStatus.CANCELLED, OrderStatus.REFUNDED}:
        told = say("refund.overdue", order=order.number, amount=order.amount)
        return end(told, *open_or_add(moment, category="after_sales", intent="after_sales.refund",
                                      method=line("method.refund"), seriousness="loss"))  # fmt: skip
    onward = "order.cancel" if orders.may_cancel(order) else "after_sales.return"
    return Outcome(onward=_hand_on(moment, onward))


def _hand_on(moment: Moment, intent: str) -> Frame:
    flow = "cancel" if intent == "order.cancel" else "goods_wish"
    wish = {} if flow == "cancel" else {"wish": "return"}
    return Frame(flow, {**moment.frame.slots, "intent": intent, **wish})
