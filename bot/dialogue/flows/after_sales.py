"""After-sales beside sending back: how long the warranty runs, compensation, and the fitter's appointment."""

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, time
from decimal import Decimal

from actions import after_sales, logistics, orders
from actions.bundles import came_together, count_left
from actions.days import SHOP_ZONE, last_moment
from actions.policy import Decision, describe_warranty
from actions.policy.warranty import Warranty
from actions.shop import CommandKind, Order, OrderItem
from bot.dialogue.flows import orders as order_flows
from bot.dialogue.flows.cases import add_said, find_case_of_goods, open_or_add, tell_case, tell_case_status
from bot.dialogue.flows.changed_wish import find_loss, take_up_loss
from bot.dialogue.flows.goods import decide_at_gate, decide_case, for_item
from bot.dialogue.flows.prepared import find_prepared
from bot.dialogue.flows.refunds import Owed, count_under_way, pay_back_returned
from bot.dialogue.flows.remedies import open_goods_ticket, take_without_order
from bot.dialogue.hearing import words
from bot.dialogue.hearing.damage_words import says_only_broken
from bot.dialogue.outcome import PERSON, CommandShop, Moment, Outcome, ask, end, line, option, say, start
from bot.dialogue.records import Effect, Say, Standing
from bot.dialogue.state import Frame

_CAUSES = ("late_delivery", "functional_defect", "damaged_in_transit", "wrong_item", "missing_item")
# What the shop did wrong costs the customer neither a bundle's discount nor a gift.
_OURS = frozenset({"functional_defect", "poor_quality", "damaged_in_transit", "wrong_item", "missing_item"})
_OF_GOODS = frozenset({"goods", "goods_wish"})
_MACHINES = frozenset({"electronics", "appliance"})
_KEEPS = re.compile(
    r"留[着著]|留下|将就|凑合|不(用|想|要|需要|打算)?(退|换)|扔了|丢了|[只就]要(一点)?(赔|补)|"
    r"\bkeep(ing)? (it|them|the)\b|\bonly (want|need) (some )?compensation\b|\bthr[eo]w(n|ing)? (it|them) (away|out)\b|"
    r"\b(no|not?|don'?t) (want |need )?(to )?(a |an )?(return|refund|exchange|send)\b"
)
_LATE = re.compile(r"晚了|迟|慢|超时|没按时|\b(late|delay\w*|slow|overdue)\b")
_TOO_LITTLE = re.compile(
    r"少(了|退|给|打)|退少|金额(不对|不符|有误)|没退(全|够|完)|"
    r"\b(too little|wrong amount|less than|not (the )?(full|whole|all)|"
    r"short(ed)? (me|by)|only (got|received) (part|some|half))\b"
)
_RUDE = re.compile(
    r"骂|辱|吼|凶我|脏话|威胁我|态度|\b(rude\w*|sw(ore|earing)|shout\w*|insult\w*|yell\w*|abus(ed|ive)|attitude)\b"
)
_WHEN = re.compile(
    r"什么时候|多久|几天|到了(吗|没)|还没|没到|没收到|进度|到哪|到账|"
    r"\b(when|where|status|yet|how long|still|haven'?t|hasn'?t|not (received|got))\b"
)
# The fitter was there, or should have been, and something is wrong: no new appointment but a case.
_FITTING_FAULT = re.compile(
    r"装(错|坏|歪|反|得?不|不好)|没(来|装好|装上)|爽约|放鸽子|收费|乱收|加钱|要钱|漏|松|歪|重新(安)?装|再(来)?装|"
    r"\b(badly|wrong(ly)?|crooked|never (came|showed|turned up)|didn'?t (come|show|turn up)|no.?show|not (come|shown)|"
    r"charged|"
    r"leak\w*|loose|again|re-?install\w*|missed)\b"
)
_PARTS_OF_DAY = {
    "morning": re.compile(r"上午|早上|\bmorning\b"),
    "afternoon": re.compile(r"下午|中午|\bafternoon\b"),
    "evening": re.compile(r"晚上|傍晚|\b(evening|night)\b"),
}


def tell_warranty(moment: Moment) -> Outcome:
    """Tell until when what is faulty is put right, with the dates; a fault may be told right away."""
    return for_item(moment, _tell_warranty)


def _tell_warranty(moment: Moment, item: OrderItem) -> Outcome:
    warranty = describe_warranty(
        after_sales.case_from_order(
            moment.order,
            item,
            request="repair",
            reason="functional_defect",
            at=moment.facts.now,
            told={"part": moment.slot("part")},
        ),
        moment.facts.policy,
    )
    if warranty is None:
        return end(say("warranty.not_yet", item=item.name))
    *before, last = _warranty_lines(warranty, item, moment.facts.now)
    return end(*before, Say(last.line, (start("quality.functional_defect", "choice.faulty"), PERSON)))


def _warranty_lines(warranty: Warranty, item: OrderItem, now: datetime) -> Iterator[Say]:
    until = last_moment(warranty.return_until)
    if warranty.until is None or warranty.starts_at is None:
        yield say("warranty.returns" if now < warranty.return_until else "warranty.ended", item=item.name, until=until)
        return
    key = "warranty.running" if now < warranty.until else "warranty.over"
    yield say(key, item=item.name, start=warranty.starts_at, until=last_moment(warranty.until))
    if now < warranty.return_until:
        yield say("warranty.and_returns", until=until)
    elif warranty.accident_until and now < warranty.accident_until:
        yield say("warranty.and_accidents", until=last_moment(warranty.accident_until))


def tell_refund(moment: Moment) -> Outcome:
    """Tell where the money is, each way: paid back, sent back and due, or not come back yet."""
    if moment.slot("order") == "none":
        return take_without_order(moment)
    asks_when = words.names(_WHEN, moment.slot("said") or "")
    if find_loss(moment) and asks_when:
        return tell_case_status(moment)
    order = moment.order
    if order.payment and order.payment.refunded_at:
        told = order_flows.tell_refund(moment)
        return _take_shortfall(moment, told) if words.names(_TOO_LITTLE, moment.slot("said") or "") else told
    if any(item.returned_at and count_left(item) for item in order.items):
        return _tell_due(moment)
    return (_tell_when(moment) if asks_when else None) or order_flows.tell_refund(moment)


def _take_shortfall(moment: Moment, told: Outcome) -> Outcome:
    """Less came than the records say: they are told, and a person finds out."""
    method = line("method.after_sales")
    return end(*told.effects, *open_or_add(moment, category="after_sales", intent="after_sales.refund", method=method))


def _tell_when(moment: Moment) -> Outcome | None:
    """Tell when money comes back for goods that have not: a person has it, it went back already, or they must first."""
    order = moment.order
    if _waits_for_word(moment):
        return tell_case_status(moment)
    settled = [item for item in order.items if item.refunded_quantity]
    if settled:
        return end(*(say("refund.part_done", item=item.name, amount=item.refunded) for item in settled))
    if not orders.has_arrived(order):
        return None
    item = order.items[0]
    return end(say("refund.not_back", start("after_sales.return", "choice.return"), PERSON, item=item.name))


def _waits_for_word(moment: Moment) -> bool:
    """Tell whether a refund is prepared, or the shop was asked for it just now."""
    prepared = find_prepared(moment.facts, moment.order.number, {CommandKind.REFUND})
    return any(one.standing is not Standing.DONE for one in prepared)


def _tell_due(moment: Moment) -> Outcome:
    """Goods are back with us: the day the money is due; once that is past, a person only confirms it."""
    moment = _with_order(moment, count_under_way(moment))
    returned = [item for item in moment.order.items if item.returned_at and count_left(item)]
    if not returned:
        return tell_case_status(moment)
    back = [Owed(items, _decide_returned(moment, items[0])) for items in _together(moment, returned)]
    told = [say("goods.explained", explanation=one.decision.explanation) for one in back]
    owed = [one for one in back if _is_owed(one.decision) and not _is_due_later(moment, one.decision)]
    if not owed:
        return end(*told)
    by_hand = open_goods_ticket(moment, owed[0].decision, "refund", seriousness="loss")
    return end(*told, *(pay_back_returned(moment, owed) or by_hand))


def _with_order(moment: Moment, order: Order) -> Moment:
    known = replace(moment.order_facts, order=order)
    return replace(moment, facts=replace(moment.facts, orders={**moment.facts.orders, order.number: known}))


def _is_owed(decision: Decision) -> bool:
    """A gift that cost nothing, say, comes back for nothing."""
    return decision.outcome != "accept" or decision.amount is None or decision.amount > 0


def _together(moment: Moment, returned: list[OrderItem]) -> list[list[OrderItem]]:
    """Return what is settled together, each once: parts of one bundle are."""
    groups: list[list[OrderItem]] = []
    for item in returned:
        if not any(item is one for group in groups for one in group):
            groups.append(came_together(moment.order, item))
    return groups


def _decide_returned(moment: Moment, item: OrderItem) -> Decision:
    reason = moment.slot("reason")
    return decide_case(moment, item, reason if reason in _OURS else "no_reason", request="refund")


def _is_due_later(moment: Moment, decision: Decision) -> bool:
    return decision.outcome == "accept" and decision.until is not None and moment.facts.now < decision.until


def compensate(moment: Moment) -> Outcome:
    """Make good for trouble by the policy's amount, once it is shown; lateness has a rule of its own."""
    if moment.slot("order") == "none":
        return take_without_order(moment)
    if _is_about_rudeness(moment):
        return Outcome(onward=Frame("complaint", moment.frame.slots))
    if moment.slot("reason") == "late_delivery" or _is_about_lateness(moment) or _is_only_late(moment):
        return Outcome(onward=Frame("late", moment.frame.slots))
    # "补发" is no compensation where a parcel is lost.
    loss = take_up_loss(moment)
    return Outcome(onward=loss) if loss else for_item(moment, _compensate)


def _compensate(moment: Moment, item: OrderItem) -> Outcome:
    only_person = decide_at_gate(moment, item)
    if only_person:
        return _give_to_person(moment, item, only_person)
    broken = _find_broken(moment, item)
    if broken:
        return Outcome(onward=broken)
    if moment.slot("reason") in {None, "no_reason"}:
        return ask(
            "reason", say("compensation.ask_cause", *(option("reason", why, f"reason.{why}") for why in _CAUSES))
        )
    return _pay(moment, item)


def _find_broken(moment: Moment, item: OrderItem) -> Frame | None:
    """Return the case of broken goods: what came so is paid for in full, which is more than any compensation.

    Who keeps them wants no more than that, and who asks for it beside what is open to them has heard so.
    """
    reason, said = moment.slot("reason"), moment.slot("said") or ""
    broken = moment.frame.fill(intent="quality.damaged", wish=moment.slot("wish") or "return")
    if reason == "damaged_in_transit":
        is_told = any(frame.flow in _OF_GOODS and frame.asking for frame in moment.state.frames)
        return None if is_told or words.names(_KEEPS, said) else replace(broken, flow="goods")
    # A cup that "is broken" is not out of order; how it came to be so is asked.
    no_machine = reason == "functional_defect" and item.kind not in _MACHINES and says_only_broken(said)
    untold = no_machine or (reason is None and moment.slot("unexplained"))
    return replace(broken.forget("reason", "leaning").fill(unexplained=True), flow="goods") if untold else None


def _is_about_rudeness(moment: Moment) -> bool:
    """Tell whether nothing is wrong with goods, but somebody was rude: no amount is set for that, a person hears it."""
    return moment.slot("reason") in {None, "no_reason"} and words.names(_RUDE, moment.slot("said") or "")


def _is_about_lateness(moment: Moment) -> bool:
    return moment.slot("reason") in {None, "no_reason"} and words.names(_LATE, moment.slot("said") or "")


def _is_only_late(moment: Moment) -> bool:
    """Tell whether nothing else is known to be wrong than that the parcel is late, or came so."""
    untold = moment.slot("reason") is None and not moment.slot("products")
    return untold and logistics.days_late(moment.order, moment.facts.now) > 0


def _pay(moment: Moment, item: OrderItem) -> Outcome:
    decision = decide_case(moment, item, moment.slot("reason"), request="compensation")
    told = say("goods.explained", explanation=decision.explanation)
    if decision.outcome == "human":
        return _give_to_person(moment, item, decision)
    if decision.outcome == "refuse" or decision.amount is None:
        return end(say("goods.explained", PERSON, explanation=decision.explanation))
    if moment.slot("photos") or "photo" not in decision.evidence_required:
        before = () if moment.frame.asking == "photo" else (told,)
        return end(*before, _voucher(moment, item, decision))
    if moment.slot("photo") == "none":
        return end(say("compensation.unseen"), *open_goods_ticket(moment, decision, "compensation"))
    question = say(
        "compensation.ask_photo", option("photo", "none", "choice.no_photo"), explanation=decision.explanation
    )
    return ask("photo", question)


def _voucher(moment: Moment, item: OrderItem, decision: Decision) -> CommandShop:
    amount = decision.amount or Decimal(0)
    return CommandShop(
        CommandKind.ISSUE_VOUCHER,
        moment.order.number,
        {"amount": str(amount), "cause": f"{moment.slot('reason')}/{item.sku}"},
        amount=amount,
        told=say("compensation.voucher", amount=amount),
        decision=decision.to_json(),
    )


def _give_to_person(moment: Moment, item: OrderItem, decision: Decision) -> Outcome:
    told = say("goods.explained", explanation=decision.explanation)
    case = find_case_of_goods(moment, item)
    if case:
        return end(told, add_said(moment, case), tell_case(case, "ticket.already"))
    return end(told, *open_goods_ticket(moment, decision, "human"))


def arrange_installation(moment: Moment) -> Outcome:
    """Take an appointment for the fitter, or what went wrong with one; a person confirms it with the fitter."""
    if moment.slot("order") == "none":
        return take_without_order(moment)
    return for_item(moment, _arrange_installation)


def _arrange_installation(moment: Moment, item: OrderItem) -> Outcome:
    if words.names(_FITTING_FAULT, moment.slot("said") or ""):
        return end(say("installation.sorry"), *_installation_ticket(moment, "installation_fault"))
    day = moment.slot("day")
    if day is None:
        return ask("day", say("installation.ask_day", option("day", "any", "day.any"), item=item.name))
    noted = say("installation.any_day") if day == "any" else _note_day(moment, item, day)
    return end(noted, *_installation_ticket(moment, "installation"))


def _note_day(moment: Moment, item: OrderItem, day: str) -> Say:
    said = moment.slot("said") or ""
    part = next((part for part, pattern in _PARTS_OF_DAY.items() if words.names(pattern, said)), None)
    if part is None:
        return say("installation.noted", at=_instant(day), item=item.name)
    return say("installation.noted_part", at=_instant(day), part=line(f"day.{part}"), item=item.name)


def _installation_ticket(moment: Moment, method: str) -> tuple[Effect, ...]:
    return open_or_add(
        moment,
        category="after_sales",
        intent="after_sales.installation",
        method=line(f"method.{method}"),
        seriousness="nuisance",
    )


def _instant(day: str) -> datetime:
    """Return a day or an instant as the reading writes it; a day without an hour is told by its noon."""
    at = datetime.fromisoformat(day)
    return at if at.tzinfo else datetime.combine(at.date(), time(12), SHOP_ZONE)
