"""What is not genuine, or not new, told from what customers did with goods themselves. In three languages; pure.

So grave a reason makes a critical case (Consumer Law 55): it counts where it is named, and not where it is only asked
about. Patterns look at normalised text (Simplified, lower case).
"""

import re

from bot.dialogue.hearing.words import QUESTION, names

FAKE = "quality.fake_or_used"
_NOT_GENUINE = re.compile(
    r"((?<!是)不是|不像(是)?|并非|非)(原装|原厂|正品|正版|真货|真品|官方)(?!的?(盒|包装|价|袋))|"
    r"\b(not|isn'?t|wasn'?t|aren'?t|doesn'?t look|don'?t look)( an?| the| really| even)* (original|"
    r"genuine|authentic|legit)\b"
    r"(?! (price|box|packag\w+|owner|order|colou?r|size|plan|quality|receipt|problem|issue))"
)
_DEFECTS = frozenset({"fake", "used"})
_TO_CHECK = re.compile(
    r"(怎么|如何|咋|在?哪里?)(才能|去|可以|能)?(查|验|辨|激活|注册)|"
    r"\bhow (do|can|to|should)( i| we)? (check|verify|activate|register|find)\b"
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


def is_fake(text: str, defects: frozenset[str], intent: str) -> bool:
    """Tell whether goods are said to be fake or used: by the intent, or by a fault that was found in the words."""
    if tells_own_use(text):
        return False
    named = bool(defects & _DEFECTS) or names(_NOT_GENUINE, text)
    return intent == FAKE or (named and not names(QUESTION, text) and "真的假的" not in text)


def tells_own_use(text: str) -> bool:
    """Tell whether a sentence says what the customer did with the goods, which makes no fake of them."""
    return names(_OWN_USE, text) and not names(_OF_OTHERS, text)


def names_fake(text: str) -> bool:
    """Tell whether a sentence has any word for what is not genuine, or not new."""
    return names(_OF_FAKES, text)


def asks_to_check(text: str) -> bool:
    """Tell whether a sentence asks how one finds out whether something is genuine, or puts it to use."""
    return names(_TO_CHECK, text)
