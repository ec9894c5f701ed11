"""Faulty, damaged, wrong, missing or unwanted goods: the policy decides, the customer chooses among what is open."""

from collections.abc import Iterable
from typing import Any

from actions import after_sales
from actions.policy import Decision, decide
from actions.shop import OrderItem
from bot.dialogue.cases import open_or_add
from bot.dialogue.outcome import (
    PERSON,
    CommandShop,
    Moment,
    Outcome,
    ask,
    end,
    line,
    option,
    say,
)
from bot.dialogue.records import Choice, Say
from bot.nlu.normalise import normalise

_REASONS = ("no_reason", "functional_defect", "damaged_in_transit", "wrong_item", "missing_item")
# What a customer asks for when no remedy was named: the best that a reason can give; the policy names the rest.
_BEST_REQUEST = {"accidental_damage": "repair", "missing_item": "resend", "damaged_in_transit": "exchange"}


def settle(moment: Moment) -> Outcome:
    """Find out item, reason and state; decide by policy; offer what is open; settle what was chosen."""
    item = _chosen_item(moment)
    if item is None:
        return ask("item", say("goods.which_item", *(_item_choice(item) for item in moment.order.items)))
    reason = _reason(moment)
    if reason is None:
        return ask("reason", say("goods.ask_reason", *(option("reason", why, f"reason.{why}") for why in _REASONS)))
    if reason == "no_reason" and moment.slot("intact") is None:
        return ask("intact", _ask_intact(item))
    decision = _decide(moment, item, reason)
    return _settle_decided(moment, item, decision)


def _chosen_item(moment: Moment) -> OrderItem | None:
    items = moment.order.items
    if len(items) == 1:
        return items[0]
    said = (moment.slot("item"), moment.slot("said"))
    return next((item for text in said if text for item in items if _names_item(text, item)), None)


def _names_item(text: str, item: OrderItem) -> bool:
    """Tell whether a text is the item's number or holds its name, or most of its name's words."""
    said = normalise(text).lower()
    return text == item.sku or any(normalise(name).lower() in said for name in item.name.values())


def _item_choice(item: OrderItem) -> Choice:
    return option("item", item.sku, "choice.item", item=item.name)


def _reason(moment: Moment) -> str | None:
    """Why the goods come back, as the policy names it; None while unknown."""
    reason: str | None = moment.slot("reason")
    return reason


def _ask_intact(item: OrderItem) -> Say:
    answers = (option("intact", answer, f"intact.{answer}") for answer in ("yes", "no", "unsure"))
    return say("goods.ask_intact", *answers, item=item.name)


def _decide(moment: Moment, item: OrderItem, reason: str, request: str | None = None) -> Decision:
    wish = request or moment.slot("remedy") or moment.slot("wish") or _BEST_REQUEST.get(reason, "return")
    case = after_sales.case_from_order(
        moment.order,
        item,
        request=wish,
        reason=reason,
        at=moment.facts.now,
        intact={"yes": True, "no": False}.get(moment.slot("intact") or ""),
        evidence=("photo",) if moment.slot("photos") else (),
    )
    return decide(case, moment.facts.policy)


def _settle_decided(moment: Moment, item: OrderItem, decision: Decision) -> Outcome:
    if decision.outcome == "human":
        return end(say("goods.explained", explanation=decision.explanation), *_ticket(moment, decision, "human"))
    remedy = moment.slot("remedy")
    if remedy in decision.remedies:
        return _carry_out(moment, item, decision, remedy)
    if not decision.remedies:
        return end(say("goods.explained", PERSON, explanation=decision.explanation))
    offer = say("goods.offer", *_remedy_choices(decision.offered), PERSON, explanation=decision.explanation)
    return ask("remedy", offer)


def _remedy_choices(remedies: Iterable[str]) -> tuple[Choice, ...]:
    return tuple(option("remedy", remedy, f"remedy.{remedy}") for remedy in remedies)


def _carry_out(moment: Moment, item: OrderItem, decision: Decision, remedy: str) -> Outcome:
    """A return gets its label at once; what hands must do becomes a ticket with the decision prepared."""
    if remedy != "return":
        return end(*_ticket(moment, decision, remedy), *_ask_evidence(moment, decision))
    details = {"sku": item.sku, "shipping": decision.shipping, "reason": _reason(moment) or ""}
    return end(
        say("return.asked", item=item.name, shipping=line(f"shipping.{decision.shipping}")),
        CommandShop("return_label", moment.order.number, details),
    )


def _ask_evidence(moment: Moment, decision: Decision) -> tuple[Say, ...]:
    if "photo" not in decision.evidence_required or moment.slot("photos"):
        return ()
    return (say("goods.add_photo"),)


def _ticket(moment: Moment, decision: Decision, remedy: str) -> tuple[Any, ...]:
    category = (
        "quality"
        if remedy == "human"
        and moment.slot(
            "intent",
        ).startswith("quality")
        else "after_sales"
    )
    return open_or_add(
        moment,
        category=category,
        intent=moment.slot("intent"),
        method=line(f"method.{remedy}"),
        seriousness="loss" if _reason(moment) != "no_reason" else "nuisance",
        decision=decision.to_json(),
        policy_tier=decision.tier,
    )
