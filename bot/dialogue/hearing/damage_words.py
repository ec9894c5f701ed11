"""Whether goods are broken, and whose doing it was: the carrier's, the customer's, or not said. Three languages; pure.

Patterns look at normalised text (Simplified, lower case).
"""

import re

from bot.dialogue.hearing.accident_words import is_wet_unexplained, tells_accident
from bot.dialogue.hearing.plain_words import plain
from bot.dialogue.hearing.told_words import told_of_goods
from bot.dialogue.hearing.words import QUESTION, names

_CARRIER = re.compile(
    r"快递|物流|运输|运送|路上|途中|配送|包装|压坏|挤|"
    r"\b(courier|carrier|transit|transport\w*|shipping|shipment|on the way|packag\w+|delivery)\b"
)
_ARRIVAL = re.compile(
    r"收到|到手|到货|拆开|拆箱|开箱|打开(就|时|后|来|发现|箱|盒|包|一看)|签收|刚到|送来|寄来|发(过)?来|送到|"
    r"\b(arriv\w+|unbox\w*|unpack\w*|came|received|delivered|out of the box|"
    r"(i|we) got(?! (it|them|water|coffee|tea|juice)\b.{0,12}\b(wet|on|in|over)\b)|"
    r"got(?! (some )?(water|liquid|coffee|tea|juice)\b)(?! (it |them )?(wet|in\b|inside|soaked|damaged|broken|"
    r"scratched|crushed|stained|dirty|cracked|bent|torn))|"
    r"opened)\b"
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
    r"碎|裂|破(?!解|费)|断(了|裂|成|掉)|凹|变形|压扁|瘪|摔坏|磕|刮花|划痕|崩(口|瓷|边)|豁口|掉瓷|烂(?!人)|"
    r"\b(cracked|smashed|shattered|crushed|dented|damaged|torn|ripped|snapped|chipped|in pieces|scratch\w*|bent)\b"
)
_SOAKED = re.compile(
    r"湿(?!巾|度|敷|粮|纸|疹|气)|受潮|[泡进浸]了?水|淋(了|到|湿|雨)|\b(wet(?! (wipes?|suit|food))|soak(ed|ing)|damp|"
    r"waterlogged|drenched)\b"
)
_PARCEL = re.compile(r"包裹|纸箱|箱子|盒子|快递盒|外箱|\b(parcel|package|box|carton)\b")
# Then nobody has unpacked anything yet.
_NOT_HERE_YET = re.compile(
    r"[没未](有)?(收|到|送|见)|还没|找不到|\b((not|never|\w+n't|"
    r"(is|was|has|have|had|did|does|do)nt)( \w+)? (arriv\w+|receiv\w+|got|get|come|delivered)|"
    r"lost)\b"
)
# Nobody's doing; "it broke by itself in the box" is still damage.
_BY_ITSELF = re.compile(
    r"(自己|自动|自行|无缘无故|莫名其妙|好端端|突然)(的|地)?(就|会)?(裂|坏|断|碎|掉|爆|破|散)|正常(使)?用(着|的)?(就|却|也)?[^，,。]{0,4}(裂|坏|断|碎|破)|"
    r"\b(cracked|broke|snapped|split|shattered|tore|ripped) (all )?(by itself|on its own|during normal use|"
    r"in normal use|for no reason)\b"
)
# It asks nothing about whether it is so.
_WHAT_TO_DO = re.compile(
    r"(怎么|咋|如何)(办|处理|弄)[呀啊呢]?[?？]*|\bwhat (can|should|do) (i|you|we) do( now)?\?*|\bwhat now\?*"
)
_SPOILED = re.compile(
    r"烂(?!人)|(果|桃|莓|菜|梨)[^，,。]{0,4}(软烂|化水|馊|坏掉)|发霉|变质|臭|\b(rotten|mou?ldy|spoiled|spoilt|gone bad|"
    r"stale|(is|are|was|were|all|to|into|turned|a) mush(y)?|mushy|squishy|slimy)\b"
)
_FAULT = re.compile(
    r"坏|故障|没声|没有声音|无声|不响|不亮|开不了机|不能用|没法用|用不了|失灵|死机|黑屏|漏水|不制冷|不工作|没反应|充不进|质量问题|有问题|有毛病|"
    r"\b(broken?|broke|dead|died|faulty|defect\w*|not working|(doesn'?t|don'?t) (even )?(work|start|turn on|charge|"
    r"boot|power (on|up)|connect|pair|cool|heat|"
    r"spin|light up|switch on)|won'?t (even )?(work|start|turn on|charge|boot|power (on|up)|connect|pair|cool|heat|"
    r"spin|light up|switch on)|"
    r"stopped (working|cooling|charging|heating|spinning)|(can'?t|cannot|不能|不会) (charge|boot|connect|pair)|"
    r"no sound|silent|malfunction\w*)\b"
)

_ONLY_BROKEN = re.compile(r"\b(broken?|broke)\b")


def is_damaged(text: str, defects: frozenset[str], intent: str) -> bool:
    """Tell whether goods came damaged; what is rotten did not become so on the way, unless that is what was heard."""
    broken = _tells(_BROKEN, text) or "box_damaged" in defects
    if _tells(_CAME_BROKEN, text) or names(_CARRIER_BROKE, text):
        return True
    if _tells(_SOAKED, text) and (names(_PARCEL, text) or names(_CARRIER, text) or _came_so(text)):
        return True
    fresh = intent != "quality.damaged" and _tells(_SPOILED, text)
    return broken and not fresh and (names(_CARRIER, text) or _came_so(text))


def _tells(pattern: re.Pattern[str], text: str) -> bool:
    return pattern.search(told_of_goods(text)) is not None


def _came_so(text: str) -> bool:
    return names(_ARRIVAL, text) and not names(_LATER, text)


def tells_arrival(text: str) -> bool:
    """Tell whether a sentence says that goods have come."""
    return names(_ARRIVAL, text) and not names(_NOT_HERE_YET, text)


def came_damaged(text: str) -> bool:
    """Tell whether a sentence says that goods came broken or soaked, and that they are here."""
    asks = QUESTION.search(_WHAT_TO_DO.sub(" ", plain(text))) is not None
    return tells_arrival(text) and is_damaged(text, frozenset(), "") and not asks


def is_spoiled(text: str) -> bool:
    """Tell whether food is said to be rotten, or goods to stink."""
    return _tells(_SPOILED, text)


def is_out_of_order(text: str) -> bool:
    """Tell whether goods are said not to work, or to have broken of themselves."""
    return _tells(_FAULT, text) or names(_BY_ITSELF, text)


def is_damage_unexplained(text: str) -> bool:
    """Tell whether something is broken, or wet, without a word on how: on the way, by accident, or of itself."""
    if is_wet_unexplained(text):
        return True
    if names(_BY_ITSELF, text):
        return False
    return _tells(_BROKEN, text) and not _tells(_SPOILED, text) and not _tells(_FAULT, text)


def says_only_broken(text: str) -> bool:
    """Tell whether goods are "broken", and nothing says whether they are in pieces or out of order."""
    rest, found = _ONLY_BROKEN.subn(" ", told_of_goods(text))
    return found > 0 and _FAULT.search(rest) is None and not names(_BY_ITSELF, text)


def names_carrier_fault(text: str) -> bool:
    """Tell whether a sentence says that the carrier broke the goods: that is about the goods."""
    return names(_CARRIER_BROKE, text)


def is_accident(text: str) -> bool:
    """Tell whether goods were broken by somebody's hand after they came, and not by the carrier."""
    return tells_accident(text) and not names(_CARRIER, text) and not _came_so(text)
