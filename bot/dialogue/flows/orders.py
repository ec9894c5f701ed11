"""Order desk: status by three checks and one inspection (§1.2), cancelling, where a refund stands."""

from dataclasses import replace
from decimal import Decimal
from typing import Any

from actions import orders
from actions.checks import Stage
from actions.shop import CommandKind, Order, OrderStatus
from bot.dialogue.attempts import was_refused
from bot.dialogue.flows.cases import add_said, is_handled_so, open_or_add, tell_case
from bot.dialogue.flows.prepared import find_case_of, find_prepared, stands
from bot.dialogue.flows.refunds import pay_back
from bot.dialogue.hearing import words
from bot.dialogue.hearing.listening import listen
from bot.dialogue.outcome import (
    PERSON,
    YES_NO,
    CommandShop,
    Moment,
    Outcome,
    ask,
    end,
    line,
    open_ticket_for,
    say,
    start,
    ways_paid,
)
from bot.dialogue.records import ChangedWish, Effect, Prepared, Say, WithdrawPrepared
from bot.dialogue.state import Frame
from escalation.service import TicketView

# How a case about a cancelling is handled of which the shop has not been asked.
_NOT_IN_HAND = frozenset({"method.confirm", "method.keep"})


def tell_status(moment: Moment) -> Outcome:
    """Tell where the order stands; what disagrees between the records becomes an order exception."""
    told = tuple(Say(told) for told in orders.describe_order(moment.order, moment.check, moment.facts.now))
    if moment.check.exceptions:
        return end(*told, *_order_case(moment, "order.exception", "method.exception"))
    if moment.order.status is OrderStatus.AWAITING_PAYMENT:
        return Outcome(onward=Frame("payment", moment.frame.slots))
    if moment.slot("intent") == "order.exception":
        return end(*told, say("order.records_agree", PERSON))
    if moment.slot("intent") == "order.dispatch_delay" and moment.check.stage is Stage.AWAITING_DISPATCH:
        return _promise_dispatch(moment, told)
    return end(*told)


def _promise_dispatch(moment: Moment, told: tuple[Say, ...]) -> Outcome:
    """Every delay gets a date: the promised one, else the one by which the order desk answers."""
    if moment.order.promised_dispatch_at is not None:
        return end(*told, say("dispatch.in_time", promised_at=moment.order.promised_dispatch_at))
    return end(*told, *_order_case(moment, "order.dispatch_delay", "method.dispatch"))


def _order_case(moment: Moment, intent: str, method: str) -> tuple[Effect, ...]:
    return open_or_add(moment, category="order", intent=intent, method=line(method))


def cancel(moment: Moment) -> Outcome:
    """Cancel an order that has not left; a parcel on its way can be refused or returned."""
    order, said = moment.order, moment.slot("said") or ""
    if moment.slot("confirm") is None and words.names(words.RESTORE, said):
        return _restore(moment)
    too_late = _tell_too_late(moment)
    if too_late:
        return too_late
    taken_back = "no" if words.names(words.CANCEL_TAKEN_BACK, said) else None
    match moment.slot("confirm") or taken_back:
        case "yes":
            told, paid = say("cancel.asked", order=order.number), order.payment
            amount = paid.left if paid and paid.paid_at else Decimal(0)
            return end(CommandShop(CommandKind.CANCEL_ORDER, order.number, amount=amount, told=told))
        case "no":
            return end(say("cancel.kept", order=order.number))
    return ask("confirm", _ask_to_cancel(order))


def _tell_too_late(moment: Moment) -> Outcome | None:
    """Tell why an order can't be cancelled any more; what has come goes back instead. None where it can."""
    order = moment.order
    if orders.is_gone(order):
        return end(say("cancel.already", order=order.number))
    if orders.has_arrived(order):
        told = listen(moment.slot("said") or "", None)
        goods = Frame("goods", {**moment.frame.slots, **told, "intent": "after_sales.return", "wish": "return"})
        return Outcome((say("cancel.arrived", order=order.number),), onward=goods)
    if orders.may_cancel(order):
        return None
    return end(say("cancel.too_late", start("after_sales.return", "choice.return"), PERSON, order=order.number))


def _ask_to_cancel(order: Order) -> Say:
    """Say what comes back, which is all that is left of what was paid; each part to the way it was paid."""
    paid = order.payment
    amount = paid.left if paid and paid.paid_at else order.amount
    about: dict[str, Any] = {"order": order.number, "item": order.items[0].name, "amount": amount}
    if order.status is OrderStatus.AWAITING_PAYMENT:
        return say("cancel.confirm_unpaid", *YES_NO, order=order.number, item=order.items[0].name)
    if paid is None or not paid.is_split:
        return say("cancel.confirm", *YES_NO, **about)
    return say("cancel.confirm_parts", *YES_NO, **about, parts=ways_paid(paid, paid.left))


def _restore(moment: Moment) -> Outcome:
    """A cancelling not meant: nothing brings a cancelled order back; one that only waits is taken back."""
    order, paid = moment.order, moment.order.payment
    if orders.is_gone(order):
        if paid and paid.refunded_at:
            return end(say("restore.refunded", PERSON, order=order.number, amount=paid.amount, at=paid.refunded_at))
        return end(say("restore.gone", PERSON, order=order.number))
    waiting = find_prepared(moment.facts, order.number, {CommandKind.CANCEL_ORDER})
    if waiting:
        return end(*_take_back(moment, waiting))
    case = open_ticket_for(moment.facts, category="order", order_number=order.number)
    if case is not None and _is_cancelling(case):
        return end(*_stop_cancelling(moment, case))
    if _is_being_cancelled(moment):
        taken = open_or_add(moment, category="order", intent="order.cancel", method=line("method.person"))
        return end(say("restore.in_hand", order=order.number), *taken)
    told = (Say(told) for told in orders.describe_order(order, moment.check, moment.facts.now))
    return end(say("restore.not_cancelled", order=order.number), *told)


def _take_back(moment: Moment, waiting: tuple[Prepared, ...]) -> tuple[Effect, ...]:
    """Take back what waits for a person's word; what they have confirmed by now they see to."""
    case = find_case_of(moment.facts, waiting)
    if any(map(stands, waiting)):
        return _stop_cancelling(moment, case)
    withdrawn = (
        WithdrawPrepared(number, (CommandKind.CANCEL_ORDER,)) for number in dict.fromkeys(one.ticket for one in waiting)
    )
    told = tell_case(case, "restore.taken_back", order=moment.order.number)
    said = add_said(moment, case)
    if is_handled_so(case, line("method.confirm", command=CommandKind.CANCEL_ORDER)):
        said = replace(said, changed=ChangedWish("keep", line("method.keep")))
    return said, *withdrawn, told


def _stop_cancelling(moment: Moment, case: TicketView) -> tuple[Effect, ...]:
    """The shop has been asked already: a person sees to it."""
    return add_said(moment, case), tell_case(case, "restore.under_way", order=moment.order.number)


def _is_being_cancelled(moment: Moment) -> bool:
    """Tell whether the shop was asked to cancel just before, and has not said no."""
    asked, number = moment.state.ended, moment.order.number
    if asked is None or (asked.flow, asked.slots.get("order"), asked.slots.get("confirm")) != ("cancel", number, "yes"):
        return False
    return not was_refused(moment.state, number, CommandKind.CANCEL_ORDER)


def _is_cancelling(case: TicketView) -> bool:
    """Tell whether a case waits for the shop's system to cancel an order; what waits for a person is prepared on it."""
    method: str = case.method["key"]
    return method == "method.shop_command" or (case.intent == "order.cancel" and method not in _NOT_IN_HAND)


def tell_refund(moment: Moment) -> Outcome:
    """Tell where the money is, or begin what leads to it: cancelling before dispatch, returning after."""
    order = moment.order
    if order.payment and order.payment.refunded_at:
        paid, in_parts = order.payment, any(item.refunded for item in order.items)
        key = "refund.done_last" if in_parts else "refund.done_parts" if paid.is_split else "refund.done"
        return end(say(key, amount=paid.amount, at=paid.refunded_at, method=ways_paid(paid)))
    if order.status in {OrderStatus.CANCELLED, OrderStatus.REFUNDED}:
        owed = order.payment.left if order.payment and order.payment.refunded else order.amount
        told = say("refund.overdue", order=order.number, amount=owed)
        by_hand = open_or_add(moment, category="after_sales", intent="after_sales.refund",
                              method=line("method.refund"), seriousness="loss")  # fmt: skip
        return end(told, *(pay_back(moment) or by_hand))
    onward = "order.cancel" if orders.may_cancel(order) else "after_sales.return"
    return Outcome(onward=_hand_on(moment, onward))


def _hand_on(moment: Moment, intent: str) -> Frame:
    flow = "cancel" if intent == "order.cancel" else "goods_wish"
    wish = {} if flow == "cancel" else {"wish": "return"}
    return Frame(flow, {**moment.frame.slots, "intent": intent, **wish})
