"""What a sentence tells beside what was asked: facts of the goods and the wish, so that nothing is asked twice. Pure.

Facts are slots. Those that are about the goods (`LASTING`) are kept for the order they belong to, whatever flow is
going on: `state.State.told`.
"""

import re
from collections.abc import Mapping
from typing import Any

from bot.dialogue.hearing.accident_words import is_wet_unexplained, tells_doing
from bot.dialogue.hearing.circumstance_words import flags_in, intact_in, part_in, since_in
from bot.dialogue.hearing.fake_words import FAKE, asks_to_check, names_fake, tells_own_use
from bot.dialogue.hearing.items import names_all
from bot.dialogue.hearing.plain_words import plain
from bot.dialogue.hearing.reason_words import reason_in
from bot.dialogue.hearing.told_words import told_defects
from bot.dialogue.hearing.wish_words import remedy_in
from bot.dialogue.records import Heard
from bot.dialogue.state import Frame
from bot.nlu.reading import Reading
from bot.security.masking import mask_sensitive

LASTING = frozenset({
    "item", "products", "reason", "defects", "since", "photos", "size", "colour", "part", "liquid", "intact",
    "under_18", "freight_disputed",
})  # fmt: skip
# Told later, these say how what is out of order came to be so.
_HOW_IT_BROKE = frozenset({"damaged_in_transit", "accidental_damage"})
_GRAVE = frozenset({"fake", "unsafe"})
_SURE_OF_FAKE = 0.85
# What was answered under a misunderstanding.
_DEPENDENT = ("remedy", "intact", "unexplained")
# What is answered to these belongs into the case as it was written.
_OPEN_QUESTIONS = frozenset({"detail", "item", "variant_detail", "day"})
_OF_THE_ITEM = frozenset({"item", "products"})
_WISHES = {
    "after_sales.return": "return",
    "after_sales.exchange": "exchange",
    "after_sales.repair_warranty": "repair",
}
# A date beside such a word is when something was bought or came, not since when it is faulty.
_BOUGHT_AFTER = re.compile(r"\s*(日|号|號)?(晚上|早上|下午|上午)?(买|買|下的?单|下的?單|订|訂|签收|簽收|收到|付|到的)")
_BOUGHT_BEFORE = re.compile(
    r"(bought|ordered|received|got|arrived|delivered|came)( it| them)?( on)?\s*$", re.IGNORECASE
)
_CLAUSE = re.compile(r"[，,。.；;！!？?\n]|\b(?:and|but)\b|但是?|可是", re.IGNORECASE)
# "The backpack stays", "the earphones are fine".
_KEPT = re.compile(
    r"(要|想|会|先|都)?(留|保留)(着|下|$|[了吧\s])|不(用|想|要)?(退|换|修)|没(有)?(问题|事|坏)|(是|都|还)?(好的|完好|正常)|"
    r"\b((is|are|was|were)( all| both)? (fine|ok(ay)?|good|perfect|great)|i'?(ll| will)? ?(am )?keep(ing)?|keep (the|"
    r"it|them))\b"
)
_MOST_SAID = 1000


def listen(text: str, reading: Reading | None, *, intent: str = "") -> dict[str, Any]:
    """Return the facts that a sentence tells; `intent` is what it was taken to be about, "" where that is open."""
    defects = told_defects(text, reading.entities) if reading else []
    if intent == FAKE and reading is not None and not _is_surely_fake(text, reading):
        intent = ""
    reason = reason_in(text, intent=intent, defects=defects)
    flags, wish = flags_in(text), remedy_in(text)
    facts: dict[str, Any] = {
        "reason": reason,
        # By the intent alone: a button, or words that do not say how. Later words know better.
        "leaning": True if reason and reason_in(text, defects=defects) is None else None,
        "unexplained": True if reason is None and "unexplained" in flags else None,
        "wish": wish or _WISHES.get(intent),
        "outright": True if wish else None,
        "defects": defects or None,
        "products": _concerned(text, reading) or None,
        "size": _last(reading, "size"),
        "colour": _last(reading, "colour"),
        "part": part_in(text),
        "intact": intact_in(text),
        "since": "start" if "from_start" in flags else _since(text, reading) or since_in(text),
        "liquid": flags.get("liquid") if reason == "accidental_damage" or is_wet_unexplained(text) else None,
        "under_18": flags.get("under_18"),
        "freight_disputed": flags.get("freight_disputed"),
        "together": names_all(text) or None,
    }
    return {name: value for name, value in facts.items() if value is not None}


def recall(told: Mapping[str, Any], fresh: Mapping[str, Any]) -> dict[str, Any]:
    """Return what was told before that still holds beside what is told now.

    Other goods, or another reason, is another matter: of the first nothing is kept, of the second which goods it is.
    """
    if fresh.get("products") and told.get("products") and set(fresh["products"]).isdisjoint(told["products"]):
        return {}
    if fresh.get("reason") and told.get("reason") and fresh["reason"] != told["reason"]:
        return {name: value for name, value in told.items() if name in _OF_THE_ITEM}
    return dict(told)


def is_grave(reason: str | None) -> bool:
    """Tell whether a reason is one that a person must hear of at once."""
    return reason in _GRAVE


def merge(frame: Frame, facts: Mapping[str, Any], heard: Heard, *, corrects: bool) -> Frame:
    """Return a flow's frame with more facts. What is known stands, unless corrected or graver than a change of mind.

    A later wish takes the place of an earlier one, and of a remedy chosen.
    """
    fresh = dict(facts)
    reason = frame.slots.get("reason")
    known = reason not in {None, "no_reason"} and not frame.slots.get("leaning")
    explains = reason == "functional_defect" and _tells_how(fresh.get("reason"), heard.text)
    keeps_reason = known and not explains and fresh.get("reason") not in _GRAVE
    if "reason" in fresh and not corrects and (keeps_reason or fresh["reason"] == "no_reason"):
        fresh["reason"] = reason or fresh["reason"]
    if "defects" in fresh and not corrects:
        fresh["defects"] = list(dict.fromkeys((*frame.slots.get("defects", ()), *fresh["defects"])))
    stale = [
        *(("leaning",) if "reason" in fresh else ()),
        *(_DEPENDENT if corrects or (explains and known) else ()),
        *(("remedy",) if fresh.get("wish", frame.slots.get("remedy")) != frame.slots.get("remedy") else ()),
        *(("item",) if "products" in fresh else ()),
    ]
    worth = bool(facts) or corrects or frame.asking in _OPEN_QUESTIONS
    said = add_said(frame.slots.get("said", ""), heard.text) if worth else None
    photos = frame.slots.get("photos", 0) + heard.photos or None
    return frame.forget(*stale).fill(**fresh, said=said, photos=photos)


def _is_surely_fake(text: str, reading: Reading) -> bool:
    """Tell whether so grave a reason is named, or else is plain to the classifier."""
    sure = reading.intent == FAKE and reading.confidence >= _SURE_OF_FAKE
    return (sure or names_fake(text)) and not asks_to_check(text) and not tells_own_use(text)


def _tells_how(reason: str | None, text: str) -> bool:
    """Tell whether a reason says how goods broke: "by accident" alone, beside what is broken, does not."""
    return reason in _HOW_IT_BROKE and (reason != "accidental_damage" or tells_doing(text))


def add_said(before: str, text: str) -> str:
    """Return the customer's words with more of them, each sentence once, sensitive numbers masked."""
    fresh = mask_sensitive(text).strip()
    if not fresh or fresh in before:
        return before
    return f"{before}\n{fresh}".strip()[-_MOST_SAID:]


def _values(reading: Reading | None, name: str) -> list[str]:
    return list(dict.fromkeys(entity.value for entity in reading.entities if entity.name == name)) if reading else []


def _concerned(text: str, reading: Reading | None) -> list[str]:
    """Return the goods that a sentence is about, without those that it says are kept, or fine."""
    if reading is None:
        return []
    named = [one for one in reading.entities if one.name == "product"]
    told = [one.value for one in named if not _KEPT.search(plain(_clause_around(text, one.start, one.end)))]
    return list(dict.fromkeys(told or [one.value for one in named]))


def _clause_around(text: str, start: int, end: int) -> str:
    before, behind = _CLAUSE.split(text[:start])[-1], _CLAUSE.split(text[end:])[0]
    return f"{before}{text[start:end]}{behind}"


def _last(reading: Reading | None, name: str) -> str | None:
    values = _values(reading, name)
    return values[-1] if values else None


def _since(text: str, reading: Reading | None) -> str | None:
    dates = [entity for entity in reading.entities if entity.name == "date"] if reading else []
    told = (
        date.value
        for date in dates
        if not _BOUGHT_AFTER.match(text[date.end :]) and not _BOUGHT_BEFORE.search(text[: date.start])
    )
    return next(told, None)
