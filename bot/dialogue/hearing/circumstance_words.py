"""What else decides a case about goods, told unasked: who bought them, since when, which part, used or not. Pure.

In three languages; patterns look at normalised text (Simplified, lower case).
"""

import re

from bot.dialogue.hearing.accident_words import LIQUID_OR_DELIBERATE
from bot.dialogue.hearing.damage_words import is_damage_unexplained
from bot.dialogue.hearing.plain_words import plain
from bot.dialogue.hearing.words import names

_BOUGHT_ALONE = r"买的|下的?单|付(的|了)?款|付的钱|乱[买点按拍]|误[点拍]|偷偷|[拿用]我的?(手机|平板|账号|帐号)"
_CHILD = (
    r"(孩子|小孩|儿子|女儿|(?<!娃)娃(?!娃)|宝宝|小朋友|孙子|孙女|外孙|侄子|侄女|外甥|[个我]仔|[个我]女(?=[^友生士神]))"
)
_MINOR = re.compile(
    rf"未成年|{_CHILD}.{{0,8}}({_BOUGHT_ALONE})|我(才|今年)?1[0-7]岁|"
    r"\b(my|our) (\w+ )?(\w*kid|\w*child|\w*son|\w*daughter|boy|girl|toddler|nephew|niece)( \w+){0,3} "
    r"(bought|ordered|purchased|paid)\b(?! for\b)|"
    r"\b(1[0-7]|[1-9]|seven|eight|nine|ten|eleven|twelve|thirteen|fourteen|fifteen|sixteen|seventeen)[- ]"
    r"(years?|yrs?|yo)([- ]olds?)?( (?!(?:i|we|you)\b)\w+){0,3} (bought|ordered|purchased|paid)\b(?! for\b)|"
    r"\bunder ?age\b|\b(is|was|i'?m|he'?s|she'?s|only|still) a minor\b(?! [a-z])|\bi'?m (only )?1[0-7]\b"
)
# How old a child is says nothing beside a fault or a size; alone, or where the child bought, it does.
_CHILDS_AGE = re.compile(
    r"(他|她|孩子|小孩|儿子|女儿|弟弟|妹妹)(才|今年|只有|还不到|只)+(\d|1[0-7])岁"
    rf"([^。！!；;]{{0,15}}({_BOUGHT_ALONE})|[了啊呢。！! ]*$)"
)
_FOR_A_CHILD = re.compile(
    r"给[^，,。]{0,4}(他|她|孩子|小孩|儿子|女儿|弟弟|妹妹)[^，,。]{0,2}[买订拍下]|[买订拍]给[^，,。]{0,4}(他|她|孩|儿|女|弟|妹)"
)
_FREIGHT = re.compile(
    r"运费险.{0,12}(不赔|拒赔|没赔|少赔|赔少|不给|没到|有争议)|"
    r"\bfreight insurance\b.{0,40}\b(refus\w+|reject\w+|denied|not paid|won'?t pay|too little)\b"
)
_FROM_THE_START = re.compile(
    r"一开始就|从一开始|刚收到就|一收到就|第一天就|拿到就|"
    r"\b(from the (start|beginning|first day)|since (i|we) got (it|them)|out of the box|right away when it came)\b"
)
# Told unasked, of goods that nobody has used, or somebody has.
_UNUSED = re.compile(
    r"(没|未)有?(怎么)?(穿|用|拆|开|洗|戴)过?|全新|吊牌(都|还)?在|原封|"
    r"\b(never|not|haven'?t|hasn'?t) (been )?(worn|used|opened)|"
    r"\b(unworn|unused|unopened|still sealed|tags (are )?(still )?on)\b"
)
_USED = re.compile(
    # Trying it on is no use of it.
    r"(?<!试)(穿|用|洗|戴)过|拆封了|剪了吊牌|吊牌(剪|掉|没)了?|"
    r"\b(worn (it|them)|used (it|them)|tags? (are |is )?(cut|removed|off))\b"
)
_SINCE_WORDS = re.compile(
    r"(几|两|三|好几|半|上)个?(天|周|星期|月)(前|以?来|多)?(就|开始)|最近(才|就)?|这几天|好几天|上(周|个?星期|个?月)(就|开始)?|"
    r"\b(for (a while|ages|some time|(a few |two |three |several )?(days|weeks|months))|last (week|month)|"
    r"(a few|two|three|some|several) (days|weeks|months) ago|recently)\b"
)
_PARTS = {"compressor": re.compile(r"压缩机|\bcompressor\b"), "motor": re.compile(r"电机|马达|\bmotor\b")}


def is_by_minor(text: str) -> bool:
    """Tell whether a child, and not somebody for a child, bought something."""
    return (names(_MINOR, text) or names(_CHILDS_AGE, text)) and not names(_FOR_A_CHILD, text)


def intact_in(text: str) -> str | None:
    """Return whether a sentence says, unasked, that goods are as new ("yes") or were used ("no"); else None."""
    if names(_UNUSED, text):
        return "yes"
    return "no" if names(_USED, text) else None


def since_in(text: str) -> str | None:
    """Return since when something is so, in the customer's words, where no date is named."""
    found = _SINCE_WORDS.search(plain(text))
    return found[0] if found else None


def part_in(text: str) -> str | None:
    """Return the part that a sentence names and the warranty knows, or None."""
    return next((part for part, pattern in _PARTS.items() if names(pattern, text)), None)


def flags_in(text: str) -> dict[str, bool]:
    """Return what else decides a case, where a sentence tells it."""
    told = {
        "liquid": names(LIQUID_OR_DELIBERATE, text),
        "under_18": is_by_minor(text),
        "freight_disputed": names(_FREIGHT, text),
        "unexplained": is_damage_unexplained(text),
        "from_start": names(_FROM_THE_START, text),
    }
    return {name: True for name, holds in told.items() if holds}
