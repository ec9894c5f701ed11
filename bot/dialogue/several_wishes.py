"""A message that is a list of wishes: "1. return the earphones 2. an invoice 3. when will it come?". Pure.

Each is heard by itself, so that what is told of one says nothing of the others; points about the same are one wish. A
list of what is wrong, or of what has happened, is none.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass, replace

from bot.dialogue.flows.questions import OUT_OF_SCOPE
from bot.dialogue.flows.table import flow_for
from bot.dialogue.hearing import words
from bot.dialogue.hearing.listening import listen
from bot.dialogue.hearing.remark_words import wants_one_more
from bot.dialogue.several_goods import goods_in
from bot.dialogue.several_orders import intent_of_part
from bot.nlu.reading import Point, Reading

_NO_MATTER = frozenset({"chitchat", OUT_OF_SCOPE})
_COMPENSATION = "compensation"
_FOR_GOODS = frozenset({"refund", _COMPENSATION})
_UNKNOWN, _COMPLAINT = "out_of_scope.other", "complaint.complaint"
_FIRST_MARK = re.compile(r"[(（]?(?:第?[1一①]|first(?:ly)?)?[\W_]{0,4}$", re.IGNORECASE)
_BULLET = re.compile(r"[-–—*•·●▪◦・①-⑨]")
_COMPLAINS = re.compile(
    r"(?<!不是)(?<!不[想要用])(?<!不是[来要想])(?<!怎么)(?<!如何)(?<!哪里)(?<!之前)(?<!上次)(投诉|举报)(?!过|电话|渠道|单|编号)|"
    r"\b(file|make|lodge|raise) an? (\w+ )?complaint\b|\b(want|like|wish|need|have|going) to complain\b"
)

IntentByWords = Callable[[str, Reading], str | None]


@dataclass(frozen=True)
class Wish:
    """One wish of a list: the words about it, and what they ask for."""

    reading: Reading
    intent: str

    @property
    def order(self) -> str | None:
        """The order that is named in its own words, or None."""
        named = (one.value for one in self.reading.entities if one.name == "order_number")
        return next(named, None)


def wishes_listed(reading: Reading | None, by_words: IntentByWords) -> tuple[Wish, ...]:
    """Return the wishes of a list in its order; nothing where it has fewer than two.

    `by_words` tells what plain words ask for, whatever the classifier hears in them.
    """
    if reading is None or len(reading.points) <= 1:
        return ()
    wishes, told = list[Wish](), None
    for index, point in enumerate(reading.points):
        part = _cut(reading, point)
        intent = _intent_below(part, by_words) if _is_below(reading, index) else _intent_of(part, by_words)
        if intent is not None:
            wishes, told = _add(wishes, Wish(_join(told, part) if told else part, intent)), None
        elif wishes:
            # What asks for nothing is told of what stands beside it.
            wishes[-1] = replace(wishes[-1], reading=_join(wishes[-1].reading, part))
        else:
            told = _join(told, part) if told else part
    known = [one for one in wishes if one.intent != _UNKNOWN]
    return _with_what_is_told_before(reading, wishes) if len(known) > 1 else ()


def begins_complaining(reading: Reading | None) -> bool:
    """Tell whether what follows in a list is said to be complained of."""
    return reading is not None and bool(reading.points) and words.names(_COMPLAINS, _before(reading).text)


def _before(reading: Reading) -> Reading:
    text = _FIRST_MARK.sub("", reading.text[: reading.points[0].start])
    inside = tuple(one for one in reading.entities if one.end <= len(text))
    return replace(reading, text=text, entities=inside, also=(), ranking=(), points=())


def _with_what_is_told_before(reading: Reading, wishes: list[Wish]) -> tuple[Wish, ...]:
    """Return the wishes with the fault that is told before a list: told of the goods of a point, or a wish itself."""
    before = _before(reading)
    told = listen(before.text, before)
    fault = intent_of_part(before) if "unexplained" in told or told.get("reason", "no_reason") != "no_reason" else None
    if fault is None:
        return tuple(wishes)
    first = Wish(before, fault)
    same = next((one for one in wishes if _is_same(first, one)), None)
    if same is None:
        return (first, *wishes)
    return tuple(replace(one, reading=_join(before, one.reading)) if one is same else one for one in wishes)


def _is_below(reading: Reading, index: int) -> bool:
    """Tell whether a point is what stands below a list, without a mark of its own."""
    between = reading.text[reading.points[index - 1].end : reading.points[index].start] if index else "1"
    return re.search(r"\w", between) is None and index == len(reading.points) - 1 and _BULLET.search(between) is None


def _intent_below(part: Reading, by_words: IntentByWords) -> str | None:
    """Return what is asked for below a list, beside the number of the order and thanks."""
    if words.names(words.THREAT, part.text) or words.names(_COMPLAINS, part.text):
        return _COMPLAINT
    return by_words(part.text, part) or intent_of_part(part)


def _cut(reading: Reading, point: Point) -> Reading:
    text = reading.text[point.start : point.end]
    inside = (one for one in reading.entities if point.start <= one.start and one.end <= point.end)
    moved = tuple(replace(one, start=one.start - point.start, end=one.end - point.start) for one in inside)
    return replace(
        reading, text=text, entities=moved, intent=point.intent, category=point.intent.partition(".")[0],
        confidence=point.confidence, unsure=point.unsure, also=(), ranking=(), points=(),
    )  # fmt: skip


def _intent_of(part: Reading, by_words: IntentByWords) -> str | None:
    """Return what a point asks for: by plain words, by the classifier, unknown where it asks something, else None."""
    plain = by_words(part.text, part)
    if plain:
        return plain
    if not part.unsure and part.category not in _NO_MATTER:
        return part.intent
    named = intent_of_part(part)
    return named or (_UNKNOWN if words.is_question(part.text) else None)


def _add(wishes: list[Wish], fresh: Wish) -> list[Wish]:
    """Return the wishes with one more, or with it told in the last one that is about the same."""
    for at, one in reversed(list(enumerate(wishes))):
        if _is_same(one, fresh):
            # What goods shall come to goes before money for the trouble with them.
            intent = fresh.intent if flow_for(one.intent).name == _COMPENSATION else one.intent
            joined = Wish(_join(one.reading, fresh.reading), intent)
            return [*wishes[:at], joined, *wishes[at + 1 :]]
    return [*wishes, fresh]


def _is_same(one: Wish, other: Wish) -> bool:
    """Tell whether two wishes are one: of one kind, of the same order and not of other goods."""
    goods, others = goods_in(one.reading), goods_in(other.reading)
    apart = (goods and others and goods.isdisjoint(others)) or (one.order and other.order and one.order != other.order)
    return _kind_of(one) == _kind_of(other) and not apart


def _kind_of(wish: Wish) -> str:
    """Return the flow that a wish begins; money back is a wish for faulty goods, where it is not asked after.

    One more of something is apart from another address.
    """
    flow = flow_for(wish.intent).name
    if flow == "change" and wants_one_more(wish.reading.text):
        return "one_more"
    return "goods" if flow in _FOR_GOODS and not words.names(words.ASKS, wish.reading.text) else flow


def _join(first: Reading, second: Reading) -> Reading:
    by = len(first.text) + 1
    moved = (replace(one, start=one.start + by, end=one.end + by) for one in second.entities)
    return replace(first, text=f"{first.text}\n{second.text}", entities=(*first.entities, *moved))
