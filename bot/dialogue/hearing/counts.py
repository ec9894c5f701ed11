"""How many of an item are missing or broken, where an order has several of it: read where told, else asked. Pure."""

import re

from actions.bundles import count_left
from actions.shop import OrderItem
from bot.dialogue.hearing.short_words import shortfall_in
from bot.dialogue.outcome import Moment, Outcome, option, say
from bot.nlu.normalise import normalise
from bot.nlu.numerals import CHINESE, ENGLISH, read_number

# Of these reasons some of several may be concerned, and the others are as they should be.
OF_SOME = frozenset({"missing_item", "damaged_in_transit"})
_MOST_BUTTONS = 5
_CLASSIFIER = "[个個件盒瓶只隻条條包袋本套台双雙支块塊杯罐箱片张張枚颗顆]"
# Of the goods itself, or of the time: it says nothing of how many are concerned.
_OF_ONE = (
    "(?:小|大|边|个|条)?(?:角|缝|口|洞|孔|坑|印|痕|螺丝|螺母|零件|配件|部件|盖|把手|手柄|腿|脚|边|底|柄|按钮|按键|轮|钉|扣|拉链|"
    "说明书|电池|充电|电?线|插头|遥控|天|周|礼拜|星期|月|小时)"
)
_OF_ONE_ENGLISH = (
    r"[ -]?(?:small |big |little )?(?:packs?|sets?|corners?|edges?|screws?|bolts?|legs?|lids?|caps?|handles?|buttons?|"
    r"wheels?|straps?|zips?|cables?|chargers?|batter(?:y|ies)|manuals?|spots?|cracks?|holes?|"
    r"hours?|days?|weeks?|months?|years?)\b"
)
_CHINESE = rf"(?:\d{{1,3}}|{CHINESE})"
_NUMBER = rf"(?:\d{{1,3}}|{ENGLISH})\b"
_TOLD = re.compile(
    rf"(少|缺|漏|碎|坏|破|裂|烂)(发|寄|装|掉)?了?(?P<after>{_CHINESE}){_CLASSIFIER}(?!{_OF_ONE})|"
    rf"(?P<before>{_CHINESE}){_CLASSIFIER}(是|都|已经)?(碎|坏|破|裂|烂|没收?到|不见|缺)|"
    rf"\b(?P<are>{_NUMBER})(?!{_OF_ONE_ENGLISH})( of (the |them |those |these )?(\w+ ?){{0,2}})?( \w+)? ?"
    r"\b(is|are|was|were|arrived|came)( \w+)? "
    rf"(missing(?! {_NUMBER})|broken|damaged|cracked|smashed|shattered|leaking|not there)|"
    rf"\b(missing|short of|lacks?) (?P<of>{_NUMBER})(?!{_OF_ONE_ENGLISH})"
)
_DENIED = re.compile(r"(不是|没有|并非|不止|\bnot) ?$")
# "two of the three", "三盒里的两盒": the other number is what was bought.
_BOUGHT = re.compile(rf"\bof (the |my |all )?{_NUMBER}|{_CHINESE}{_CLASSIFIER}(里面?|当?中|之中)")
_ANSWER = re.compile(
    rf"(?<![\d.])(?P<n>\d{{1,4}})(?![\d.]|{_CLASSIFIER}?{_OF_ONE}|{_OF_ONE_ENGLISH})|"
    rf"(?P<word>{CHINESE})(?={_CLASSIFIER}|\W|$)(?!{_CLASSIFIER}?{_OF_ONE})|"
    rf"\b(?P<english>{ENGLISH})\b(?!{_OF_ONE_ENGLISH})"
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
    """Return how many are missing or broken, where a sentence says so once; what was bought is another number."""
    said = normalise(text).lower()
    found = (one for one in _TOLD.finditer(said) if not _DENIED.search(said[: one.start()]))
    counts = {_as_count(next(value for value in one.groupdict().values() if value)) for one in found}
    return counts.pop() if len(counts) == 1 else None if counts else shortfall_in(text)


def read_count(text: str) -> str | None:
    """Return the number that an answer names: "2", "两盒", "one", or "all"; None where it names several."""
    told, said = count_in(text), _BOUGHT.sub(" ", normalise(text).lower())
    if told:
        return str(told)
    found = [next(value for value in one.groupdict().values() if value) for one in _ANSWER.finditer(said)]
    if found:
        counts = {_as_count(one) for one in found}
        count = counts.pop() if len(counts) == 1 else None
        return str(count) if count else None
    return "all" if _ALL.search(said) else None


def _as_count(written: str | None) -> int | None:
    number = read_number(written) if written else None
    return int(number) if number is not None and number == int(number) and number > 0 else None
