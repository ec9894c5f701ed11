"""How many of an item are missing or broken, where an order has several of it: read where told, else asked. Pure."""

import re

from actions.bundles import count_left
from actions.shop import OrderItem
from bot.dialogue.outcome import Moment, Outcome, option, say
from bot.nlu.normalise import normalise
from bot.nlu.numerals import CHINESE, ENGLISH, read_number

# Of these reasons some of several may be concerned, and the others are as they should be.
OF_SOME = frozenset({"missing_item", "damaged_in_transit"})
_MOST_BUTTONS = 5
_CLASSIFIER = "[个個件盒瓶只隻条條包袋本套台双雙支块塊杯罐箱片张張枚颗顆]"
_TOLD = re.compile(
    rf"(少|缺|漏|碎|坏|破|裂|烂)(发|寄|装|掉)?了?(?P<after>\d{{1,3}}|{CHINESE}){_CLASSIFIER}|"
    rf"(?P<before>\d{{1,3}}|{CHINESE}){_CLASSIFIER}(是|都|已经)?(碎|坏|破|裂|烂|没收?到|不见|缺)|"
    rf"\b(?P<are>\d{{1,3}}|{ENGLISH})( of (the |them|those |these )?(\w+ ?){{0,2}})?( \w+)? ?"
    r"\b(is|are|was|were|arrived|came)( \w+)? "
    r"(missing|broken|damaged|cracked|smashed|shattered|leaking|not there)|"
    rf"\b(missing|short of|lacks?) (?P<of>\d{{1,3}}|{ENGLISH})\b"
)
_ANSWER = re.compile(
    rf"(?<![\d.])(?P<n>\d{{1,4}})(?![\d.])|(?P<word>{CHINESE})(?={_CLASSIFIER}|\W|$)|\b(?P<english>{ENGLISH})\b"
)
_ALL = re.compile(r"全|都|所有|\b(all|every|both)\b")


def known_count(moment: Moment, item: OrderItem) -> int | None:
    """Return how many of an item a customer speaks of; None while that is open, or is more than there are."""
    left = count_left(item)
    if left <= 1 or moment.slot("reason") not in OF_SOME:
        return left
    answered = moment.slot("count")
    told = left if answered == "all" else _as_count(answered) or count_in(moment.slot("said") or "")
    return told if told and told <= left else None


def ask_count(moment: Moment, item: OrderItem) -> Outcome | None:
    """Ask how many of several are concerned; None where that is known. More than there are is no answer."""
    if known_count(moment, item) is not None:
        return None
    counts = range(1, min(count_left(item), _MOST_BUTTONS) + 1)
    choices = (option("count", str(count), "choice.count", count=count) for count in counts)
    return Outcome((say("refund.ask_count", *choices, item=item.name),), asks="count", forgets=("count",))


def count_in(text: str) -> int | None:
    """Return how many are missing or broken, where a sentence says so; what was bought is another number."""
    found = _TOLD.search(normalise(text).lower())
    return _as_count(next((value for value in found.groupdict().values() if value), None)) if found else None


def read_count(text: str) -> str | None:
    """Return the number that an answer names: "2", "两盒", "one", or "all"."""
    said = normalise(text).lower()
    found = _ANSWER.search(said)
    if found:
        count = _as_count(next(value for value in found.groupdict().values() if value))
        return str(count) if count else None
    return "all" if _ALL.search(said) else None


def _as_count(written: str | None) -> int | None:
    number = read_number(written) if written else None
    return int(number) if number is not None and number == int(number) and number > 0 else None
