"""Why goods come back, as the policy names it: what is missing, wrong, faulty, broken, unsafe, or not wanted. Pure.

The classifier says what a sentence is about; these say which reason it gives, so that it is not asked for. In three
languages; patterns look at normalised text (Simplified, lower case).
"""

import re
from collections.abc import Collection
from functools import lru_cache

from bot.dialogue.hearing.accident_words import LETS_WATER_IN
from bot.dialogue.hearing.circumstance_words import is_by_minor
from bot.dialogue.hearing.damage_words import (
    is_accident,
    is_damage_unexplained,
    is_damaged,
    is_out_of_order,
    is_spoiled,
    names_carrier_fault,
)
from bot.dialogue.hearing.fake_words import FAKE, is_fake
from bot.dialogue.hearing.harm_words import UNSAFE, tells_danger
from bot.dialogue.hearing.plain_words import plain
from bot.dialogue.hearing.short_words import shortfall_in
from bot.dialogue.hearing.told_words import told_of_goods
from bot.dialogue.hearing.words import QUESTION, names

_SMOKES = frozenset({"smokes", "explodes", "electric_leak"})
_POOR = frozenset({
    "poor_quality", "not_as_described", "pilling", "faded", "shrunk", "smells", "loose", "stained", "spoiled",
    "inaccurate", "bad_fit_parts", "mouldy", "expired", "foreign_matter", "allergic",
})  # fmt: skip
_FAULTY = frozenset({
    "no_sound", "one_side_silent", "noise", "microphone_fault", "wont_charge", "battery_drains", "wont_turn_on",
    "shuts_down", "freezes", "wont_connect", "screen_fault", "overheats", "not_cooling", "not_heating",
    "stopped_working", "broken", "stuck", "leaking",
})  # fmt: skip
_SPOILT = frozenset({"spoiled", "mouldy"})
_KEEPS_NO_FOOD = frozenset({"not_cooling", "wont_turn_on", "stopped_working"})
# Food like this may have harmed somebody (Food Safety Law 34); of other goods it is poor quality.
UNSAFE_FOOD = frozenset({"mouldy", "expired", "foreign_matter"})

_SHODDY = re.compile(
    r"((绣|印|刻|缝|裁)(错|反|歪)|(?<![我别])做(错(?!事)|反|歪))(?!人)|散架|开胶|脱胶|开线|脱线|掉色|褪色|起球|缩水|"
    r"质量(太|很|真|好|这么)?差|做工(?=[^，,。]{0,6}(差|烂|糙|不好|不行|垃圾|问题|一般|廉价|劣|次))|粗糙|"
    r"\b(f[ae]ll(ing|en)? apart|(came|coming) apart|poor(ly)? (quality|made)|shoddy|faded|shrunk|shrank|cheaply made|"
    r"(embroider\w*|print\w*|engrav\w*|name|letter\w*|logo|tag)[^.!?]{0,20}(says|reads|spells|"
    r"is) \W?\w+\W? (instead of|not|rather than)|"
    r"misprint\w*|misspel\w+|(embroidered|printed|engraved|spelled|spelt) (it )?(wrong|wrongly))\b"
)
_MISSING = re.compile(
    r"(?<![至多减不很])少(了|发|寄|给|一(?![点些])|两|件|个|送(?!一点))|漏(发|寄|装|了(?![回看说填写打接]))|"
    r"只(收到|来|到)了?[一二两三四五六七八九十0-9]|只有[一二两三四五六七八九十0-9](?![0-9]*[个名位次]?"
    r"(天|小时|分钟|周|星期|月|年|人(?!份)|客服|问题|办法|机会|要求|块|元|点|种))|"
    r"缺(了|少(?!诚意)|[一二两三]|件)|没有?(放(?!心|在心|门口|驿站|假)|装(?![好上完]))|"
    r"没有?给我(?![发开]票|回|打|退|答|联|解|处理|办|开|说|看|查|换|修|赔|补偿|机会|时间|消息|电话|钱|结果|安排|"
    r"发货|送货|派)|不齐|不全|"
    r"\b(missing|left out|(one|two|three|four|five|six|\d+|items?|pieces?|box(es)?)( \w+)? short(?! (?!of|in|on|and|"
    r"please)[a-z])|short (by|one|two|three|\d+)|incomplete|"
    r"only ((got|received) (?!(an?|one|two|\d+) (repl|e-?mail|answer|message|call|response)|(e-?mail|told|charged))|"
    r"came with|(one|two|three|\d+)\b"
    r"(?! (questions?|things?|days?|hours?|minutes?|weeks?|problems?|requests?|way|left|more|times?))))\b"
)
_WRONG = re.compile(
    r"(发|寄|送|给|拿|配)错(?!人)|错(货|款|色|码)|不是我(买|订|要|下单)|货不对|颜色不对|型号不对|"
    r"(颜色|尺码|尺寸|型号|款式)[^，,。]{0,4}(不对|错|不符)|"
    r"(订|买|要|拍)[^，,。]{1,4}(色|的)[，,]?(却|结果|但)?(来|寄|送|发)(了|的是)?[^，,。]{1,4}(色|的)|"
    r"(要|买|订|拍|选)的是(?!退款|答复|回复|态度|说法|解释|结果|人工|补偿|赔偿|道歉)[^，,。]{1,12}[，,]?(你们|结果|"
    r"却|可|但)?(发|寄|送|来|收到|给)(我|了|的|来|过来)*|"
    r"\b(sent|got|received|delivered|shipped)( me| us)? (the |a )?(wrong|different)\b|\bwrong (one|item|thing|product|"
    r"colou?r|size|model|order)\b|"
    r"\bordered [\w ]{1,25}(and|but),? (i |we |you )?(got|received|sent|was sent)\b"
    r"(?! (it|them|this|mine|nothing|no|a refund|refunded|an e-?mail|charged|told|"
    r"the (order|parcel|package|confirmation))\b)|"
    r"\bnot what (i|we) ordered\b|\b(another|different) (colou?r|model|item) (was|came|arrived)\b"
)
_OWN_MISTAKE = re.compile(
    r"(买|拍|下|选|订|点)错|我(自己|不小心)?拿错|\b(bought|ordered|chose|picked|selected) (the |a )?wrong\b|"
    r"\bordered (it )?by (mistake|accident)\b"
)
_CHANGED_MIND = re.compile(
    r"不想要|不要了|不喜欢|用不(上|着)|不合适|不合身|不合脚|不好看|(太|偏|有点)(大|小|长|短|紧|松|肥|细(?![心腻致节])|窄|宽)|"
    r"(?<!声音)(?<!音量)(大|小|长|短|紧|松|肥)了|尺码(太|偏|有点|不合|大|小)|(?<!兑)[换改](个|一个|大|小|别的|另一个|"
    r"其他|一点|一些|的){0,3}(尺码|码(?![头数]))|"
    r"[七7]天(?=[^，,。]{0,4}(无理由|鉴赏|犹豫|退|换|内))|无理由|后悔|买(多|重)了|"
    r"\b(changed my mind|no reason|don'?t (want|like|need)|no longer (want|need)|doesn'?t (fit|suit)|don'?t fit|"
    r"(bigger|larger|smaller|different|another) size|"
    r"too (big|small|tight|loose|large|long|short)|second thoughts)\b"
)
_UNWANTED = re.compile(
    r"不想要|不要了|想退|要退|后悔|"
    r"\b(changed my mind|don'?t (want|need) (it|them|this|these|"
    r"(the|my) (?!refund|return|exchange|repair|money|voucher|parcel|order)\w+))\b"
)
# Whoever asks for a remedy does not ask whether something is wrong, nor who says "was it not you?".
_ASKS_NOT_WHETHER = re.compile(
    r"(怎么|咋|如何)(办|处理|弄)[呀啊呢]?[?？]*|\bwhat (can|should|do) (i|you|we) do( now)?\?*|"
    r"(难道|(?<!是)不是|不就是)[^，,。！!？?]{1,12}吗[?？]?|"
    r"(能不能|可不可以|可以|能)(给我|帮我|直接|再)*(换|退|修|补|重)[^，,。！!？?]{0,8}([吗么?？]|$)?|"
    r"\b(can|could|would|will|may) (i|you|we) (please |just )?(get|have|return|exchange|replace|repair|fix|refund|"
    r"send|take)"
    r"\b[^,.!?]*\??"
)
_HOW_TO = re.compile(r"(怎么|如何|咋)(用|装|洗|选|弄|修|清)|\bhow (do|to|can|should)\b")


def reason_in(text: str, *, intent: str = "", defects: Collection[str] = ()) -> str | None:
    """Return the policy reason that a sentence gives, or None; `defects` are the faults the reading found in it.

    Broken goods without a word on how are None too: see `is_damage_unexplained`.
    """
    return _find_reason(text, intent, frozenset(defects))


# A turn asks this of one sentence again and again, when it plans as when it decides.
@lru_cache(maxsize=32)
def _find_reason(text: str, intent: str, found: frozenset[str]) -> str | None:
    told = next((reason for reason, holds in _REASONS if holds(text, found, intent)), None)
    return told or (None if is_damage_unexplained(text) else _BY_INTENT.get(intent))


def _tells(pattern: re.Pattern[str], text: str) -> bool:
    return pattern.search(told_of_goods(text)) is not None


def _is_unsafe(text: str, found: frozenset[str], _intent: str) -> bool:
    return bool(found & _SMOKES) or _tells(UNSAFE, text)


def _is_missing(text: str, found: frozenset[str], _intent: str) -> bool:
    return "missing_part" in found or _tells(_MISSING, text) or shortfall_in(text) is not None


def _is_wrong(text: str, found: frozenset[str], _intent: str) -> bool:
    return ("wrong_item" in found or _tells(_WRONG, text)) and not names(_OWN_MISTAKE, text)


def _is_faulty(text: str, found: frozenset[str], _intent: str) -> bool:
    told = bool(found & _FAULTY) or is_out_of_order(text) or names(LETS_WATER_IN, text)
    return told and not is_damage_unexplained(text)


def _is_poor(text: str, found: frozenset[str], _intent: str) -> bool:
    """What has gone bad in a fridge that does not cool is not what was bought."""
    kept_in_it = found & _KEEPS_NO_FOOD
    spoilt = bool(found & _SPOILT) or is_spoiled(text)
    return bool(found & (_POOR - _SPOILT)) or (spoilt and not kept_in_it) or _tells(_SHODDY, text)


# In this order: what is graver, or said more plainly, first.
_REASONS = (
    ("unsafe", _is_unsafe),
    ("fake", is_fake),
    ("accidental_damage", lambda text, _found, _: is_accident(text)),
    ("missing_item", _is_missing),
    ("wrong_item", _is_wrong),
    ("damaged_in_transit", is_damaged),
    ("poor_quality", _is_poor),
    ("functional_defect", _is_faulty),
    ("no_reason", lambda text, _found, _: names(_OWN_MISTAKE, text) or _tells(_CHANGED_MIND, text)),
)  # fmt: skip
_INTENT_OF = {
    "unsafe": "quality.poor_quality",
    "fake": "quality.fake_or_used",
    "accidental_damage": "quality.functional_defect",
    "missing_item": "quality.wrong_or_missing_item",
    "wrong_item": "quality.wrong_or_missing_item",
    "damaged_in_transit": "quality.damaged",
    "poor_quality": "quality.poor_quality",
    "functional_defect": "quality.functional_defect",
}
_BY_INTENT = {
    "quality.functional_defect": "functional_defect",
    "quality.poor_quality": "poor_quality",
    FAKE: "fake",
}


def intent_of(text: str, defects: Collection[str]) -> str | None:
    """Return the intent of a sentence that plainly tells what is wrong with goods; None for others and questions.

    A danger is told whatever is asked beside it.
    """
    if tells_danger(text):
        return _INTENT_OF["unsafe"]
    if names(QUESTION, _ASKS_NOT_WHETHER.sub(" ", plain(text))) or names(_HOW_TO, text):
        return None
    if names_carrier_fault(text):
        return "quality.damaged"
    reason = reason_in(text, defects=defects)
    if (_tells(_UNWANTED, text) and reason == "no_reason") or (reason is None and is_by_minor(text)):
        return "after_sales.return"
    return _INTENT_OF.get(reason or "") or ("quality.damaged" if is_damage_unexplained(text) else None)
