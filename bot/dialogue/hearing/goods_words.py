"""What words tell of goods: why they come back, what is wished for, and what else decides. In three languages.

The classifier says what a sentence is about; these say what it tells besides, so that nothing is asked twice. All look
at normalised text (Simplified, lower case).
"""

import re
from collections.abc import Collection
from functools import lru_cache

from bot.dialogue.hearing.accident_words import LETS_WATER_IN, LIQUID_OR_DELIBERATE, tells_accident
from bot.dialogue.hearing.plain_words import plain
from bot.dialogue.hearing.words import QUESTION, names

FAKE = "quality.fake_or_used"
_SMOKES = frozenset({"smokes", "explodes", "electric_leak"})
_FAKE = frozenset({"fake", "used"})
_POOR = frozenset({
    "poor_quality", "not_as_described", "pilling", "faded", "shrunk", "smells", "loose", "stained", "spoiled",
    "inaccurate", "bad_fit_parts", "mouldy", "expired", "foreign_matter", "allergic",
})  # fmt: skip
_FAULTY = frozenset({
    "no_sound", "one_side_silent", "noise", "microphone_fault", "wont_charge", "battery_drains", "wont_turn_on",
    "shuts_down", "freezes", "wont_connect", "screen_fault", "overheats", "not_cooling", "not_heating",
    "stopped_working", "broken", "stuck", "leaking",
})  # fmt: skip
# Food like this may have harmed somebody (Food Safety Law 34); of other goods it is poor quality.
UNSAFE_FOOD = frozenset({"mouldy", "expired", "foreign_matter"})

_UNSAFE = re.compile(
    r"吃坏|拉肚子|上吐下泻|食物中毒|吃(完|了).{0,8}(吐|不舒服|肚子[痛疼])|有毒|漏电|冒烟|冒火|鼓包|(?<![油煎态气毛])炸(了|裂|开)|"
    r"\b(food poisoning|(made|makes) (me|us|him|her|my \w+) (sick|ill)|threw up|vomit\w*|smok(e|ing)|sparks?|"
    r"swollen battery|live wire)\b"
)
_CARRIER = re.compile(
    r"快递|物流|运输|运送|路上|途中|配送|包装|压坏|挤|"
    r"\b(courier|carrier|transit|transport\w*|shipping|shipment|on the way|packag\w+|delivery)\b"
)
_ARRIVAL = re.compile(
    r"收到|到手|到货|拆开|拆箱|开箱|打开(就|时|后|来|发现|箱|盒|包|一看)|签收|刚到|送来|寄来|送到|"
    r"\b(arriv\w+|unbox\w*|unpack\w*|came|received|delivered|got|out of the box|opened)\b"
)
# "Broken" is mostly out of order; so told of what came, it is damage.
_CAME_BROKEN = re.compile(
    r"\b(arriv\w+|came|delivered|received|showed up) (\w+ ){0,2}broken\b|"
    r"\bbroken (when|as) (i|we|it) (\w+ )?(opened|unpacked|unboxed|came|arrived|got)\b|\bbroken on arrival\b"
)
_CARRIER_BROKE = re.compile(
    r"(快递|物流|运输|配送|路上|途中).{0,8}(弄|摔|压|搞|砸|磕|颠)(坏|碎|破|烂|裂)|"
    r"\b(courier|carrier|driver|delivery (man|guy|person)) (\w+ )?(broke|damaged|dropped|crushed|smashed)\b"
)
# Some time has passed since it came.
_LATER = re.compile(
    r"(用了?|收到|买了?|买来|到手)[^，。,.]{0,6}(天|周|星期|个?月|年|久)|后来|用着用着|突然|"
    r"\b(after|for) (a |an |\w+ )?(few |couple of )?(days?|weeks?|months?|years?)\b|\b(later|suddenly)\b"
)
_BROKEN = re.compile(
    r"碎|裂|破(?!解|费)|断(了|裂|成|掉)|凹|变形|压扁|摔坏|磕|刮花|划痕|烂(?!人)|"
    r"\b(cracked|smashed|shattered|crushed|dented|damaged|torn|ripped|snapped|in pieces|scratch\w*|bent)\b"
)
_SPOILED = re.compile(r"烂(?!人)|发霉|变质|臭|\b(rotten|mou?ldy|spoiled|spoilt|gone bad|stale)\b")
_SHODDY = re.compile(
    r"(绣|印|刻|做|缝|裁)(错|反|歪)(?!人)|散架|开胶|脱胶|开线|脱线|掉色|褪色|起球|缩水|质量(太|很|真|好|这么)?差|做工|粗糙|"
    r"\b(f[ae]ll(ing|en)? apart|(came|coming) apart|poor(ly)? (quality|made)|shoddy|faded|shrunk|shrank|cheaply made|"
    r"misprint\w*|misspel\w+|(embroidered|printed|engraved|spelled|spelt) (it )?(wrong|wrongly))\b"
)
_MISSING = re.compile(
    r"少(了|发|寄|给|一|两|件|个|送)|漏(发|寄|装|了)|只(收到|有|来|到)了?[一二两三四五六七八九十0-9]|缺(了|少|[一二两三]|件)|没(有)?(放|装|给我)|不齐|不全|"
    r"\b(missing|left out|(one|two|three|\w+) short|short (by|one|two|three|\d+)|incomplete|"
    r"only (got|received|came with|one|two|three|\d+))\b"
)
_WRONG = re.compile(
    r"(发|寄|送|给|拿|配)错(?!人)|错(货|款|色|码)|不是我(买|订|要|下单)|货不对|颜色不对|型号不对|"
    r"(颜色|尺码|尺寸|型号|款式)[^，,。]{0,4}(不对|错|不符)|"
    r"(订|买|要|拍)[^，,。]{1,4}(色|的)[，,]?(却|结果|但)?(来|寄|送|发)(了|的是)?[^，,。]{1,4}(色|的)|"
    r"(要|买|订|拍|选)的是[^，,。]{1,12}[，,]?(你们|结果|却|可|但)?(发|寄|送|来|收到|给)(我|了|的|来|过来)*|"
    r"\b(sent|got|received|delivered|shipped)( me| us)? (the |a )?(wrong|different)\b|\bwrong (one|item|thing|product|"
    r"colou?r|size|model|order)\b|"
    r"\bordered [\w ]{1,25}(and|but),? (i |we |you )?(got|received|sent|was sent)\b|"
    r"\bnot what (i|we) ordered\b|\b(another|different) (colou?r|model|item) (was|came|arrived)\b"
)
_OWN_MISTAKE = re.compile(
    r"(买|拍|下|选|订|点)错|\b(bought|ordered|chose|picked|selected) (the |a )?wrong\b|"
    r"\bordered (it )?by (mistake|accident)\b"
)
_FAULT = re.compile(
    r"坏|故障|没声|没有声音|无声|不响|不亮|开不了机|不能用|没法用|用不了|失灵|死机|黑屏|漏水|不制冷|不工作|没反应|充不进|质量问题|有问题|有毛病|"
    r"\b(broken?|broke|dead|died|faulty|defect\w*|not working|(doesn'?t|don'?t) (even )?(work|start|turn on|charge)|"
    r"won'?t (work|start|turn on|charge)|stopped working|no sound|silent|malfunction\w*)\b"
)
_CHANGED_MIND = re.compile(
    r"不想要|不要了|不喜欢|用不(上|着)|不合适|不合身|不合脚|不好看|(太|偏|有点)(大|小|长|短|紧|松|肥)|(?<!声音)(?<!音量)(大|小|长|短|紧|松|肥)了|尺码|七天|7天无理由|无理由|后悔|买(多|重)了|"
    r"\b(changed my mind|no reason|don'?t (want|like|need)|no longer (want|need)|doesn'?t (fit|suit)|don'?t fit|"
    r"(bigger|larger|smaller|different|another) size|"
    r"too (big|small|tight|loose|large|long|short)|second thoughts)\b"
)
_UNWANTED = re.compile(
    r"不想要|不要了|想退|要退|后悔|"
    r"\b(changed my mind|don'?t (want|need) (it|them|this|these|"
    r"(the|my) (?!refund|return|exchange|repair|money|voucher|parcel|order)\w+))\b"
)
_BOUGHT_ALONE = r"买的|下的?单|付(的|了)?款|付的钱|乱买|偷偷|[拿用]我的?手机"
_MINOR = re.compile(
    rf"未成年|(孩子|小孩|儿子|女儿).{{0,8}}({_BOUGHT_ALONE})|我(才|今年)?1[0-7]岁|"
    r"\b(my|our) (kid|child|son|daughter|boy|girl)( \w+){0,3} (bought|ordered|purchased|paid)\b(?! for\b)|"
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
_COMPENSATION = re.compile(
    r"补偿|赔偿|赔(我|点|些|一点|多少|钱)|\b(compensat\w+|make it up to me|goodwill (voucher|gesture))\b"
)
_HOW_TO = re.compile(r"(怎么|如何|咋)(用|装|洗|选|弄|修|清)|\bhow (do|to|can|should)\b")
_TO_CHECK = re.compile(
    r"(怎么|如何|咋|在?哪里?)(才能|去|可以|能)?(查|验|辨|激活|注册)|"
    r"\bhow (do|can|to|should)( i| we)? (check|verify|activate|register|find)\b"
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
_OWN_USE = re.compile(
    r"(只是|只|就是|就)(拆|打)开(来)?看|我(就|只|才|几乎|都|也|还|其实|根本|基本上?){0,3}(没(怎么|有)?)?(用|穿|戴|试|拆|开|洗)(过|了)|"
    r"^[,，。\s]*(可是?|但是?|不过|几乎|都|还|其实|根本|基本上?){0,3}没(怎么|有)?(用|穿|戴|试|拆|开|洗)|吊牌[^，,。不没]{0,3}在|"
    r"\bi(('ve)? (only|just|barely|hardly|never|scarcely|have (only|just|barely|hardly|never))|"
    r" haven't)( even| really)? (used|wore|worn|opened|tried|touched)\b|\btags? (are |is )?(still )?on\b"
)
_OF_FAKES = re.compile(
    r"假|仿|冒|真|正[品版]|山寨|二手|翻新|旧|用过|拆过|开过|痕迹|别人|使用|退货|水货|防伪|验|授权|专柜|扫码|盗版|a货|新的|全新|"
    r"原[装厂]|组装|官[方网]|序列号|(?<![a-z])sn(?![a-z])|激活|注册|莆田|贴牌|杂牌|封[条口]|样机|"
    r"\b(fak\w+|fake|counterfeit\w*|replica|imitat\w+|knock.?off|genuine|authentic\w*|real|original|used|second|refurb\w*|"
    r"opened|worn|else\w*|old|new|legit|bootleg|dupe|"
    r"clone|serial|pirated|activated|display model|pre.?owned|returned|sham|forge\w*)\b"
)
# Whoever's use it was, these say that it came so.
_OF_OTHERS = re.compile(
    r"二手|别人|翻新|假|仿|旧|发来|寄来|收到|痕迹|被用|像用过|封[条口](?![^，,。]{0,3}(在|完好|没))|"
    r"\bseal (is|was) (broken|open\w*|torn|gone)\b|"
    r"\b(genuine|authentic|fake|counterfeit|second.?hand|refurbished|someone else\w*|"
    r"(is|was|were|are|been|looks?|clearly|obviously|already|a|sent me) (\w+ )?(used|worn|opened))\b"
)
_SINCE_WORDS = re.compile(
    r"(几|两|三|好几|半|上)个?(天|周|星期|月)(前|以?来|多)?(就|开始)|最近(才|就)?|这几天|好几天|上(周|个?星期|个?月)(就|开始)?|"
    r"\b(for (a while|ages|some time|(a few |two |three |several )?(days|weeks|months))|last (week|month)|"
    r"(a few|two|three|some|several) (days|weeks|months) ago|recently)\b"
)
_PARTS = {"compressor": re.compile(r"压缩机|\bcompressor\b"), "motor": re.compile(r"电机|马达|\bmotor\b")}

REMEDIES: dict[str, re.Pattern[str]] = {
    "exchange": re.compile(
        r"换(?!季|气|洗|上|下|个?角度)|\b(exchang\w+|replace(ment|d?)|swap\w*|(a |the )?(new|another) one)\b"
    ),
    "repair": re.compile(r"(?<!装)修(?!改)|\b(repair\w*|fix(ed)?|mend(ed)?)\b"),
    "resend": re.compile(
        r"补发|补寄|补一|重发|重新[发寄]|再发|再寄|重寄|"
        r"\b(re-?sen[dt]\w*|re-?ship\w*|sen[dt] (it |one |them |another |to me |out )*again|"
        r"(send|sent) (me )?(another|a new parcel))\b"
    ),
    "return": re.compile(r"退(?!休|烧)|\b(return\w*|refund\w*|money back|send (it|them) back|take (it|them) back)\b"),
}  # fmt: skip
# Of a wish to have it sent again no more than this is left.
_BESIDE_RESEND = re.compile(
    r"[那就我还是请麻烦帮给想要不如干脆算了直接改成能可以希望你们您再吧好谢货新的过来一个份件盒次吗]+|"
    r"\b(well|ok|okay|no|actually|then|please|so|i'd|i|would|could|can|you|rather|prefer|like|want|have|get|to|it|them|one|"
    r"the|my|parcel|order|be|me|out|just|instead|after|all|now)\b"
)
_LONGEST_WISH = 60
# What was done already, or is not wanted, is no wish.
_NO_WISH = re.compile(
    r"(不能|不可以|不让|不给|没法|无法|不想|不要|不用|别|不是|不|没)(要)?(再)?(给我)?(退|换|修|补发)[货款理]?|(修|换|退)(了|过)(?!吧|算)|(修|换|退)[一二两三四五六七八九十0-9几]次|"
    r"换货期|退货期|退换货?(政策|规则)|保修期|"
    r"\b(don'?t|do not|not|no|without|instead of|rather than) (want |need )?(a |an |the |to |it )?"
    r"(return\w*|refund\w*|exchang\w+|replace\w*|repair\w*|fix(ed)?)( it)?|"
    r"(repaired|fixed|replaced|exchanged) (it )?(once|twice|already|before|\w+ times)|"
    r"(after|had|been|was|were) (\w+ )?(repair\w*|fixed|replaced|exchanged)|(one|two|three|several|many) repairs"
)
_INSTEAD = re.compile(r"算了|还是|改(成|为)|不如|干脆|\b(instead|after all|rather|actually|on second thoughts?)\b")
_EITHER = re.compile(r"[退换修][货款理]?还是[退换修]|或者?|\b(or|either)\b")


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


def _is_unsafe(text: str, found: frozenset[str], _intent: str) -> bool:
    return bool(found & _SMOKES) or names(_UNSAFE, text)


def _is_accident(text: str, _found: frozenset[str], _intent: str) -> bool:
    return is_accident(text)


def _is_fake(text: str, found: frozenset[str], intent: str) -> bool:
    if tells_own_use(text):
        return False
    return intent == FAKE or (bool(found & _FAKE) and not names(QUESTION, text) and "真的假的" not in text)


def _is_missing(text: str, found: frozenset[str], _intent: str) -> bool:
    return "missing_part" in found or names(_MISSING, text)


def _is_wrong(text: str, found: frozenset[str], _intent: str) -> bool:
    return ("wrong_item" in found or names(_WRONG, text)) and not names(_OWN_MISTAKE, text)


def _is_damaged(text: str, found: frozenset[str], intent: str) -> bool:
    broken = names(_BROKEN, text) or "box_damaged" in found
    if names(_CAME_BROKEN, text) or names(_CARRIER_BROKE, text):
        return True
    fresh = intent != "quality.damaged" and names(_SPOILED, text)
    return broken and not fresh and (names(_CARRIER, text) or _came_so(text))


def _came_so(text: str) -> bool:
    return names(_ARRIVAL, text) and not names(_LATER, text)


def _is_faulty(text: str, found: frozenset[str], _intent: str) -> bool:
    told = bool(found & _FAULTY) or names(_FAULT, text) or names(LETS_WATER_IN, text)
    return told and not is_damage_unexplained(text)


def _is_by_minor(text: str) -> bool:
    """Tell whether a child, and not somebody for a child, bought something."""
    return (names(_MINOR, text) or names(_CHILDS_AGE, text)) and not names(_FOR_A_CHILD, text)


def is_damage_unexplained(text: str) -> bool:
    """Tell whether something is broken without a word on how: on the way, by accident, or of itself."""
    return names(_BROKEN, text) and not names(_SPOILED, text) and not names(_FAULT, text)


# In this order: what is graver, or said more plainly, first.
_REASONS = (
    ("unsafe", _is_unsafe),
    ("fake", _is_fake),
    ("accidental_damage", _is_accident),
    ("missing_item", _is_missing),
    ("wrong_item", _is_wrong),
    ("damaged_in_transit", _is_damaged),
    ("poor_quality", lambda text, found, _: bool(found & _POOR) or names(_SPOILED, text) or names(_SHODDY, text)),
    ("functional_defect", _is_faulty),
    ("no_reason", lambda text, _found, _: names(_OWN_MISTAKE, text) or names(_CHANGED_MIND, text)),
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


def names_carrier_fault(text: str) -> bool:
    """Tell whether a sentence says that the carrier broke the goods: that is about the goods."""
    return names(_CARRIER_BROKE, text)


def is_accident(text: str) -> bool:
    """Tell whether goods were broken by somebody's hand after they came, and not by the carrier."""
    return tells_accident(text) and not names(_CARRIER, text) and not _came_so(text)


def tells_own_use(text: str) -> bool:
    """Tell whether a sentence says what the customer did with the goods, which makes no fake of them."""
    return names(_OWN_USE, text) and not names(_OF_OTHERS, text)


def names_fake(text: str) -> bool:
    """Tell whether a sentence has any word for what is not genuine, or not new."""
    return names(_OF_FAKES, text)


def asks_to_check(text: str) -> bool:
    """Tell whether a sentence asks how one finds out whether something is genuine, or puts it to use."""
    return names(_TO_CHECK, text)


def wants_compensation(text: str) -> bool:
    """Tell whether a sentence asks to be made good for trouble, whatever else it tells of the goods."""
    return names(_COMPENSATION, text)


def intent_of(text: str, defects: Collection[str]) -> str | None:
    """Return the intent of a sentence that plainly tells what is wrong with goods; None for others and questions."""
    if names(QUESTION, text) or names(_HOW_TO, text):
        return None
    if names(_CARRIER_BROKE, text):
        return "quality.damaged"
    reason = reason_in(text, defects=defects)
    if (names(_UNWANTED, text) and reason == "no_reason") or (reason is None and _is_by_minor(text)):
        return "after_sales.return"
    return _INTENT_OF.get(reason or "") or ("quality.damaged" if is_damage_unexplained(text) else None)


def remedy_in(text: str) -> str | None:
    """Return the remedy that a sentence asks for: the first named; None where none is, or one of several is asked."""
    wished = _NO_WISH.sub(" ", plain(text))
    found = {remedy: match.start() for remedy, pattern in REMEDIES.items() if (match := pattern.search(wished))}
    if len(found) > 1 and _EITHER.search(wished):
        return None
    return min(found, key=lambda remedy: found[remedy], default=None)


def wanted_instead(text: str) -> str | None:
    """Return the remedy that a sentence names in place of another ("no, send it again after all"), or None."""
    return remedy_in(text) if names(_INSTEAD, text) and not names(QUESTION, text) else None


def wants_only_resend(text: str) -> bool:
    """Tell whether a text is nothing but a wish to have it sent again, which no intent stands for."""
    said = plain(text)
    if len(said) > _LONGEST_WISH or remedy_in(text) != "resend":
        return False
    return re.search(r"\w", _BESIDE_RESEND.sub(" ", REMEDIES["resend"].sub(" ", said))) is None


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
        "under_18": _is_by_minor(text),
        "freight_disputed": names(_FREIGHT, text),
        "unexplained": is_damage_unexplained(text),
        "from_start": names(_FROM_THE_START, text),
    }
    return {name: True for name, holds in told.items() if holds}
