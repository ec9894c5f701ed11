"""What is said beside an order and changes nothing of it: another courier next time, how long a repair takes; one more.

In three languages; patterns look at normalised text (Simplified, lower case).
"""

import re

from bot.dialogue.hearing.words import names

_SOON = r"(下次|下回|以后|今后|下一次|往后)"
_BRAND = r"(顺丰|京东|中通|圆通|韵达|申通|极兔|邮政|ems|德邦|黑猫|宅急便|新竹物流)"
_HOUSE = rf"({_BRAND}|[这那别]家|(另|其他|另外)一?家|(别|其他|另|好|快|靠谱)[^。，,]{{0,4}}(快递|物流)(?!柜|站))"
# "发快递之前", "快递柜" and "送到家" name no carrier.
_CARRIER = rf"({_HOUSE}|(快递|物流)(?!柜|站|点|单|盒|袋|费|信息|之?前|的?时候)|承运商|一家)"
_CHANGES = r"(换|改用|改发|别用|别发|别再用|不要用|不要发|不用|不发)"
_SENDER = r"(courier|carrier|delivery (company|service|firm)|shipping company|fedex|ups|dhl|sf express)"
_OTHER_SENDER = (
    rf"\b(use|using|via|with|by|change|switch|another|different|other|better)( to)?( an?| the| this| that| your| any)?"
    rf"( other| different| better)? {_SENDER}s?\b"
)
_FROM_THEN = r"(next time|in (the )?future|from now on)"
_NEXT_TIME = re.compile(
    rf"{_SOON}[^。！!？?]{{0,8}}({_CHANGES}[^。，,]{{0,8}}{_CARRIER}|(用|发|走|选)[^。，,]{{0,8}}{_HOUSE})|"
    rf"\b{_FROM_THEN}\b[^.!?]{{0,30}}{_OTHER_SENDER}|{_OTHER_SENDER}[^.!?]{{0,25}}\b{_FROM_THEN}\b"
)
_THIS_TIME = re.compile(r"这次|这回|这一?单|\bthis (time|order|one)\b")
_UNITS = r"[个件份双条套盒箱台瓶只支把张本包袋副对款]"
# What else is added to an order: a note, a number, a name.
_NO_GOODS = r"(?!地址|电话|手机|号码|发票|备注|微信|好友|群|人|收件|收货|名字|联系)"
_WANTS = r"(想|要|能不能|能|可以|可不可以|帮我|帮忙|麻烦|请|给我|需要)"
_ADDS = r"(加买|加购|加订|追加|加单|加拍|再加|多加|再买|再订|再拍|多买|多拍|多订)(?!了)"
_ONE_MORE = re.compile(
    rf"{_WANTS}[^，,。！!？?]{{0,6}}{_ADDS}[^，,。！!？?]{{0,2}}?(一|两|二|三|几|[0-9])?{_UNITS}{_NO_GOODS}|"
    r"\b(add|order|buy|get)( on)? (one|two|three|another|[1-9]|an? extra|some)( \w+)? ?"
    r"(more|extra|one|item|piece|of (them|these|those))\b|"
    r"\badd (an? |one |some |more |another |an? (extra|additional) )?(other )?(item|product|thing|piece)s? "
    r"to (my|the|this) order\b"
)
_REPAIR = r"(维修|返修|保修|修理|送修|修)"
_HOW_LONG_REPAIR = re.compile(
    rf"{_REPAIR}(好|完|一下|一次|时间|周期)?[^，,。！!？?了]{{0,6}}"
    r"(多久|多长时间|多少天|几天|几个?工作日|什么时候能?(修)?好)|"
    rf"(多久|多长时间|几天|多少天)[^，,。！!？?]{{0,4}}(能|才|可以)?[^，,。！!？?]{{0,3}}(修好|修完|维修好)|"
    r"\bhow (long|many days)\b[^.!?]{0,25}\brepair\w*|\brepair\w*\b[^.!?]{0,20}\bhow (long|many days)\b|"
    r"\bhow (long|many days)\b[^.!?]{0,15}\bto (fix|mend)\b"
)
# Of a repair that is under way somebody asks about their case.
_UNDER_WAY = re.compile(
    r"修了|还没修|在修|已经.{0,4}修|送修了|寄(回|去|过去|出)|\b(been|still|already|sent|my repair|the repair is)\b"
)
_LONGEST = 40


def wants_other_carrier_next_time(text: str) -> bool:
    """Tell whether a text asks for another carrier from the next order on: nothing of this one shall change."""
    return len(text) <= 2 * _LONGEST and names(_NEXT_TIME, text) and not names(_THIS_TIME, text)


def wants_one_more(text: str) -> bool:
    """Tell whether somebody would buy more of it, or something else with it."""
    return names(_ONE_MORE, text)


def asks_how_long_repair(text: str) -> bool:
    """Tell whether a text only asks how long a repair takes; it asks for none, and tells of none under way."""
    return len(text) <= 2 * _LONGEST and names(_HOW_LONG_REPAIR, text) and not names(_UNDER_WAY, text)
