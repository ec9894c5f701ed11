"""The hand-off packet: everything known, each fact with its source; what was tried; what is open; nothing invented."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from ruamel.yaml import YAML

import bot.nlu
from actions.checks import check_order
from actions.lines import Line
from actions.policy.schema import RULES
from actions.shop import Order
from bot.dialogue.attempts import note_attempts
from bot.dialogue.hearing import order_words
from bot.dialogue.hearing.order_slots import INVOICE_KINDS
from bot.dialogue.outcome import line, say
from bot.dialogue.state import Attempt, Frame, State
from bot.nlu.reading import LANGUAGES
from bot.texts import Catalogue
from bot.turn.mood import MoodLevel
from bot.turn.packet import CaseFacts, Packet, Said, Source, compose_packet, count_contacts
from tests.unit.actions.order_samples import ITEM, signed
from tests.unit.actions.policy_cases import at

OPENED_AT = at("2026-11-10 10:00")
NOW = OPENED_AT + timedelta(hours=2)
NUMBER = "20261101001"
ORDER = signed(at("2026-11-08 12:00"))
DECISION: dict[str, Any] = {
    "outcome": "accept", "remedies": ["repair", "exchange"], "shipping": "shop", "amount": None, "tier": "general",
    "rules": ["fault.exchange"], "clauses": ["§4.2"], "evidence_required": ["photo"],
    "until": "2026-11-24T00:00:00+08:00", "explanation": {},
}  # fmt: skip
DEFECT = CaseFacts(
    category="quality",
    intent="quality.functional_defect",
    opened_at=OPENED_AT,
    slots={"intent": "quality.functional_defect", "said": "It is dead", "order": NUMBER, "reason": "functional_defect"},
    order_number=NUMBER,
)


def with_order(case: CaseFacts, order: Order = ORDER) -> CaseFacts:
    """The case with the shop's record of its order."""
    return replace(case, order=order, check=check_order(order, NOW))


def compose(case: CaseFacts = DEFECT, **changes: Any) -> Packet:
    """Compose a packet two hours after the opening."""
    return compose_packet(replace(case, **changes), now=NOW)


def keys(lines: tuple[Line, ...]) -> list[str]:
    """The keys of sentences."""
    return [told.key for told in lines]


def told_by(packet: Packet, source: Source) -> dict[str, Line | str]:
    """The facts of one source, by name."""
    return {fact.name: fact.text for fact in packet.facts if fact.source is source}


def test_what_the_customer_wants_is_named_and_quoted() -> None:
    """The intent as a sentence, the remedy wished for, their own words."""
    packet = compose(slots={**DEFECT.slots, "wish": "repair", "last_said": "since Monday"})
    assert ("packet.intent.quality.functional_defect", "repair") == (packet.wants.key, packet.wish)
    assert ("It is dead", "since Monday") == packet.words
    assert Line("packet.wish", {"remedy": Line("word.repair")}) in packet.summary


def test_what_went_back_already_is_told() -> None:
    """Whoever grants more sees it."""
    assert ORDER.payment is not None
    part = replace(ORDER, payment=replace(ORDER.payment, refunded=Decimal("30.00")))
    told = told_by(compose(with_order(DEFECT, part)), Source.SHOP)
    assert Line("packet.amount", {"amount": Decimal("30.00")}) == told["refunded"]


@pytest.mark.parametrize(
    ("slots", "key"),
    [
        ({}, "order.cancel"),
        ({"remedy": "keep"}, "order.kept"),  # a cancelling that was taken back
        ({"remedy": "cancel"}, "order.cancel"),  # and wanted again
    ],
)
def test_what_is_wanted_of_an_order_is_what_was_said_last(slots: dict[str, Any], key: str) -> None:
    """And said once."""
    packet = compose(category="order", intent="order.cancel", slots=slots)
    assert f"packet.intent.{key}" == packet.wants.key
    assert "packet.wish" not in keys(packet.summary)


def test_every_fact_has_its_source() -> None:
    """What the customer said, what the shop's book says, what the checks found, what the policy decided."""
    packet = compose(with_order(DEFECT), decision=DECISION)
    assert {"order": NUMBER, "reason": Line("word.functional_defect")} == told_by(packet, Source.CUSTOMER)
    assert ["paid", "dispatched", "signed"] == list(told_by(packet, Source.SHOP))
    assert ["rules", "remedies", "until"] == list(told_by(packet, Source.POLICY))
    assert {"signature_missing"} == set(told_by(compose(findings=("signature_missing",)), Source.CHECK))


@pytest.mark.parametrize(
    ("slot", "value", "written"),
    [
        ("reason", "wrong_item", "发错货"),
        ("liquid", True, "是"),
        ("place", "front_desk", "前台"),
        ("invoice_kind", "company", "公司"),
        ("what", "items", "商品"),
        ("variant", "other", "另一款"),
        ("colour", "black", "黑色"),
        ("part", "compressor", "压缩机"),
        ("since", "start", "一开始就这样"),
        ("since", "2026-11-09T00:00:00+08:00", "11月9日"),
        ("deliver_on", "2026-11-12", "11月12日"),
        ("day", "any", "哪天都行"),
        ("item", ITEM.sku, ITEM.name["zh-Hans"]),
        ("title", "personal", "personal"),
        ("detail", "black", "black"),
        ("earlier_reason", "wrong_item", "发错"),
    ],
)
def test_a_code_is_told_in_the_readers_words(slot: str, value: Any, written: str) -> None:
    """What the customer wrote stays as it is; the slot itself has a name."""
    told = told_by(compose(with_order(DEFECT), slots={slot: value}), Source.CUSTOMER)[slot]
    catalogue = Catalogue("console", zone=ZoneInfo("Asia/Shanghai"))
    assert written in (catalogue.write(told, "zh-Hans") if isinstance(told, Line) else told)
    assert f"packet.customer.{slot}" in catalogue.texts("zh-Hans")


def test_what_the_shop_knows_of_the_buyer_is_told_to_the_person_alone() -> None:
    """With the word that a suspicion is not for the customer."""
    told = told_by(compose(with_order(DEFECT, replace(ORDER, suspected_abuse=True, buyer_under_18=True))), Source.SHOP)
    assert Line("packet.discreetly") == told["suspected_abuse"]
    assert Line("word.yes") == told["buyer_under_18"]


@pytest.mark.parametrize("rule", [rule for rule in RULES if rule.startswith("human.")])
def test_why_a_person_decides_is_told_in_words(rule: str) -> None:
    """From the decision that was stored, so also while the shop does not answer."""
    packet = compose(decision={**DECISION, "outcome": "human", "remedies": [], "rules": [rule]})
    why = told_by(packet, Source.POLICY)["only_person"]
    catalogue = Catalogue("console", zone=ZoneInfo("Asia/Shanghai"))
    assert isinstance(why, Line)
    assert all(catalogue.write(why, language) for language in LANGUAGES)


def test_every_code_has_its_word() -> None:
    """In all three languages: those of the lexicon, of the warranty's parts, of the flows' answers."""
    catalogue = Catalogue("console", zone=ZoneInfo("Asia/Shanghai"))
    coded = {*_read_colours(), *order_words.INSTRUCTIONS, *INVOICE_KINDS}
    for slot, value in (("colour", code) for code in sorted(coded)):
        told = told_by(compose(slots={slot: value}), Source.CUSTOMER)[slot]
        assert isinstance(told, Line), value
        assert all(catalogue.write(told, language) for language in LANGUAGES)


def _read_colours() -> set[str]:
    lexicon = YAML(typ="safe").load((Path(bot.nlu.__file__).parent / "lexicon.yml").read_text(encoding="utf-8"))
    return set(lexicon["colours"])


def test_the_checks_are_those_of_now() -> None:
    """A finding of the opening that has been put right is told no more; that the bot failed stays true."""
    packet = compose(with_order(DEFECT), findings=("shipment_missing", "turn_failed"))
    assert {"turn_failed": Line("word.turn_failed")} == told_by(packet, Source.CHECK)


def test_what_the_customer_added_since_is_in_it() -> None:
    """Words and photos, each with its time, as they said it."""
    added = (Said(NOW, "It happened again", photos=2),)
    packet = compose(added=added)
    assert [("added", "It happened again", NOW), ("photos", "2", NOW)] == [
        (fact.name, fact.text, fact.at) for fact in packet.facts if fact.at
    ]


@pytest.mark.parametrize(
    ("changes", "open_questions"),
    [
        ({}, ["packet.open.shop_record"]),
        ({"order_number": None}, ["packet.open.order"]),
        ({"order_number": None, "category": "complaint"}, []),
        ({"slots": {"said": "x"}}, ["packet.open.shop_record", "packet.open.reason"]),
        ({"decision": DECISION}, ["packet.open.photo", "packet.open.shop_record"]),
        ({"decision": DECISION, "photos": 1}, ["packet.open.shop_record"]),
        ({"decision": DECISION, "added": (Said(NOW, "", photos=1),)}, ["packet.open.shop_record"]),
        ({"decision": {**DECISION, "evidence_required": ["freight_receipt"]}, "photos": 1},
         ["packet.open.freight_receipt", "packet.open.shop_record"]),
        ({"asked": "intact"}, ["packet.open.shop_record", "packet.open.asked"]),
        ({"asked": "reason"}, ["packet.open.shop_record"]),
    ],
)  # fmt: skip
def test_open_questions_are_what_nobody_has_answered(changes: dict[str, Any], open_questions: list[str]) -> None:
    """Evidence that has come, and what is known, is asked no more."""
    assert open_questions == keys(compose(**changes).open)


def test_with_the_shops_record_nothing_is_open() -> None:
    """Unless the order has several items and none was named."""
    two = replace(ORDER, items=(ITEM, replace(ITEM, sku="mug")))
    assert [] == keys(compose(with_order(DEFECT)).open)
    assert ["packet.open.item"] == keys(compose(with_order(DEFECT, two)).open)
    named = replace(DEFECT, slots={**DEFECT.slots, "item": "mug"})
    assert [] == keys(compose(with_order(named, two)).open)


@pytest.mark.parametrize(
    ("attempt", "key"),
    [
        (Attempt("decision", NOW.isoformat(), {"request": "return", "outcome": "refuse", "rules": ["return.no_reason"],
                                               "clauses": ["§4.2"]}), "packet.tried.refuse"),
        (Attempt("proof", NOW.isoformat(), {"outcome": "no_match"}, times=3), "packet.tried.no_match"),
        (Attempt("proof", NOW.isoformat(), {"outcome": "locked"}), "packet.tried.locked"),
        (Attempt("command", NOW.isoformat(), {"command": "cancel_order", "reason": "already_dispatched"}),
         "packet.tried.command"),
        (Attempt("question", NOW.isoformat(), {"slot": "intact"}, times=2), "packet.tried.question"),
        (Attempt("shop", NOW.isoformat()), "packet.tried.shop"),
    ],
)  # fmt: skip
def test_what_was_tried_is_told_with_its_reason(attempt: Attempt, key: str) -> None:
    """A decision with its rules and clauses."""
    (tried,) = compose(tried=(attempt,)).tried
    assert (key, NOW) == (tried.line.key, tried.at)
    assert tuple(attempt.details.get("rules", ())) == tried.rules


@pytest.mark.parametrize(
    ("order", "since", "told"),
    [
        (NUMBER, timedelta(0), 1),
        (None, timedelta(0), 1),
        ("20269999999", timedelta(0), 0),
        (NUMBER, -timedelta(days=1), 1),
        (NUMBER, -timedelta(days=1, seconds=1), 0),
    ],
)
def test_what_was_tried_for_another_matter_is_not_told(order: str | None, since: timedelta, told: int) -> None:
    """About another order, or more than a day before the case was opened."""
    attempt = Attempt("proof", (OPENED_AT + since).isoformat(), {"outcome": "no_match", "order": order})
    assert told == len(compose(tried=(attempt,)).tried)


@pytest.mark.parametrize(
    ("minutes_ago", "count"),
    [
        ([], 0),
        ([0], 1),
        ([0, 59], 1),
        ([0, 60], 1),
        ([0, 61], 2),
        ([0, 40, 80], 1),
        ([0, 24 * 60, 7 * 24 * 60], 3),
        ([0, 24 * 60, 7 * 24 * 60 + 1], 2),
    ],
)
def test_contacts_of_seven_days_are_counted(minutes_ago: list[int], count: int) -> None:
    """Several messages right after one another are one contact."""
    assert count == count_contacts([NOW - timedelta(minutes=ago) for ago in minutes_ago], now=NOW)


def test_many_contacts_weigh_on_the_mood_and_are_told() -> None:
    """The third within seven days."""
    contacts_at = tuple(NOW - timedelta(days=days) for days in range(3))
    packet = compose(contacts_at=contacts_at, said=(Said(NOW, "Any news?"),))
    assert (3, MoodLevel.WORRIED) == (packet.contacts, packet.mood.level)
    assert Line("packet.contacts", {"count": 3}) in packet.summary


# What a turn tried


def noted(*effects: Any, before: State | None = None, order: str | None = NUMBER) -> tuple[Attempt, ...]:
    """What is known to have been tried after a turn with these effects."""
    known = before or State(order=order)
    return note_attempts(known, replace(known, tried=()), effects, at=NOW).tried


@pytest.mark.parametrize(
    ("told", "kind", "details"),
    [
        (say("order.no_match"), "proof", {"outcome": "no_match", "order": NUMBER}),
        (say("order.locked"), "proof", {"outcome": "locked", "order": NUMBER}),
        (say("handoff.shop_down"), "shop", {"order": NUMBER}),
        (say("result.cancel_order.refused", order="7", reason=line("reason.already_dispatched")), "command",
         {"command": "cancel_order", "reason": "already_dispatched", "order": "7"}),
    ],
)  # fmt: skip
def test_what_the_customer_hears_tells_what_was_tried(told: Any, kind: str, details: dict[str, Any]) -> None:
    """No flow has to report it besides."""
    assert (Attempt(kind, NOW.isoformat(), details),) == noted(told)


def test_a_question_asked_in_vain_is_noted_with_what_it_asked() -> None:
    """Twice the same is one attempt, made twice; it survives whatever the turn did to the rest of the memory."""
    asking = State(frames=(Frame("goods", {}, asking="reason"),))
    once = noted(say("unheard"), before=asking)
    twice = noted(say("unheard"), before=replace(asking, tried=once))
    assert [("question", {"slot": "reason", "order": None}, 2)] == [(a.kind, a.details, a.times) for a in twice]


def test_what_was_tried_is_kept_within_bounds_and_over_a_restart() -> None:
    """Twenty at the most; as JSON and back the same."""
    state = State()
    for number in range(25):
        refused = say(f"result.c{number}.refused", order="7", reason=line("reason.unknown_order"))
        state = note_attempts(state, state, (refused,), at=NOW)
    assert 20 == len(state.tried)
    assert state == State.from_json(state.to_json())
