"""A bare word on the goods' state ("no, it has been opened", "用过了"): an answer, whatever it sounds like alone. Pure.

Nothing but such words counts. That goods were opened or used before they came is told in more words, and is a report.
"""

import re

from bot.dialogue.hearing.plain_words import plain

_CHINESE = re.compile(
    r"(?P<tags>(吊牌|标签|包装|配件)(都|还|也)*(在|没(剪|拆|丢))(的|了|呢|啊)*)|"
    r"(不是?|是的?|对|嗯|但是?|可是?|不过|其实|我|它|这个|东西|已经|都|就|才|只|也|还|几乎)*+"
    r"(?P<never>从?(没|未)有?(怎么)?)?(被我|给我)?((?P<opened>打开|拆开|拆封|开封|拆|开)|(?P<used>使?用|穿|洗|戴|擦|涂))"
    r"(过|了|开)+(一?[次点下]|[两几]次)?(的|了|呢|啊|哦)*"
)
_ENGLISH = re.compile(
    r"((no|yes|well|sorry|but|actually|ok|okay|hm+|i'm afraid|unfortunately|so)\b ?)*"
    r"(it|they|this|that|the (seal|box|package|packaging|goods|item)|i|we)('s|'ve)?"
    r"( (is|are|was|were|has|have|had|been|already|only|just|even|once|barely|hardly|"
    r"(?P<never>never|not|hasn't|haven't|isn't|wasn't)))*"
    r" ((?P<opened>open|opened|unsealed|unpacked|unwrapped)|(?P<used>used|worn|wore|washed))"
    r"( (it|them|the box|already|once|twice|though|now|yet|a few times|a bit|a little|for a (day|while)))*"
)
# More words are a sentence; and nobody's text may keep the patterns busy.
_LONGEST = 60
# "No, ..." answers the question; what was done to the goods comes behind it.
_NO = re.compile(r"^(没有?|不是?|no)[\s,，。.!]+")
_PUNCTUATION = re.compile(r"[\s,，、。.!！~…;；]+")


def told_state(text: str) -> str | None:
    """Return what bare words say of the goods' state, as `intact` has it; None for all others.

    Used: "no". Only opened: "unsure", for necessary opening never counts against the customer. Neither: "yes".
    """
    said = plain(text)
    if len(said) > _LONGEST:
        return None
    bare = _PUNCTUATION.sub(" ", _NO.sub("", said)).strip()
    found = _CHINESE.fullmatch(bare.replace(" ", "")) or _ENGLISH.fullmatch(bare)
    if found is None:
        return None
    if found["never"] or found.groupdict().get("tags"):
        return "yes"
    return "no" if found["used"] else "unsure"
