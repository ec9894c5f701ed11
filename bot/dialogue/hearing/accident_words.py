"""What customers did to goods themselves, in three languages: dropped, spilled on, chewed by the dog. Pure.

Only what plainly broke something by somebody's hand counts: it costs the customer a right where it is read into a
sentence by mistake. All look at normalised text (Simplified, lower case).
"""

import re

from bot.dialogue.hearing.words import names

# Whose hand it was; between it and what was done stands no other party, and no end of a clause.
_WHO = (
    r"(我|自己|不小心|不慎|没拿稳|手滑|手抖|孩子|小孩|宝宝|娃|儿子|女儿|孙子|老公|老婆|爸|妈|朋友|同事|猫|狗|宠物)"
    r"[^，,。！!；;？?你快商店]{0,10}"
)
_DID = (
    r"(摔(?!倒)|[弄搞碰坐压踩砸磕撞打撕剪咬抓掰拉扯][坏坯碎裂断扁破烂脏花翻]|碰倒|踩[到了]|坐[到了上在]|砸到|磕到|啃|"
    r"咬了(?!一口)|[洒泼](了|到|在|上)|掉(到|在|进)?(地|水|楼|马桶))"
)
_CHINESE = (
    rf"{_WHO}{_DID}|(不小心|不慎|没拿稳|手滑|失手)[^，,。！!；;？?]{{0,6}}掉(?![色漆毛线])|[猫狗][^，,。]{{0,4}}(啃|咬|抓)|"
    r"掉(到|在|进)?了?(地|水里|水中|楼下|马桶)|摔(了(?!解)|地上|到地|过)|"
    r"(?<![不能法没会再])进了?水(?![管口阀位量箱])|(?<!能)泡(了|在|过)?水|泡在水"
)
_SOMEBODY = (
    r"(i|we|someone|somebody|(my|our|the) (\w+ )?(\w*son|\w*daughter|kids?|child(ren)?|baby|toddler|wife|husband|"
    r"partner|m[uo]m|dad|friend|cats?|dogs?|puppy|kitten|pets?|brother|sister|roommate|flatmate))"
)
_ENGLISH = (
    rf"\b{_SOMEBODY} (have |has |had |just |accidentally |also |then |may have |must have )*"
    r"(broke(?! (up|even|down|my (leg|arm|ankle|wrist|foot|hand|finger|hip|back|heart)))|"
    r"smashed|cracked|spilled|spilt|sat on|stepped on|ran over|tore(?! open)|ripped(?! open)|snapped|bent|ruined|"
    r"crushed|damaged|shattered|dented|chewed|bit (?!into)|scratched|knocked (it|them|the \w+|my \w+) (over|off|down)|"
    r"drop(ped)? (?!off|by|in\b|out\b|(it|them) off|an order|a (line|message|note|mail)))|"
    r"\b(dropped|spilled|spilt|sat on|stepped on) (it|them|mine|water|coffee|tea|juice)\b(?! off)|"
    r"\bfell (over|down|out of|off|from|onto|on|into|in)( (the|a|my|our|his|her))? "
    r"(table|desk|shelf|counter|bed|sofa|couch|chair|stairs|floor|ground|balcony|window|toilet|sink|bath\w*|pool|water|"
    r"hands?|bag|pocket|bike|car)\b|"
    r"\b(it|they|phone|cup|laptop) fell( down| over)?(?! off|\w| apart| out| in love| short)|"
    r"\b(slipped|fell) (out of|from|through) (my|his|her|our) (hands?|fingers)\b|"
    r"\b(water|liquid|coffee|tea|juice) (damage\b|got (in|on|over)(to|side)?\b)|\bgot (it|them) wet\b|"
    r"\b(it|they) got wet\b"
)
_ACCIDENT = re.compile(f"{_CHINESE}|{_ENGLISH}")
# Says whose doing it was, but not that anything broke: "ordered by accident" broke nothing.
_BY_ACCIDENT = re.compile(
    r"不小心|不慎|自己弄|我弄|怪我|我的错|\bby accident\b|\baccidentally\b|\b(my|our) (own )?(fault|mistake)\b"
)
_BROKE = re.compile(
    r"坏|碎|裂|破(?!解|费)|断(了|成|掉)|(?<!改)变形|\b(broken?|broke|cracked|smashed|damaged|shattered|ripped|torn|dead|wet)\b"
)
LIQUID_OR_DELIBERATE = re.compile(
    r"进了?水|泡了?水|泡在水|水里|马桶|洒|泼|淋|浸|咖啡|故意|气得|一怒|"
    r"\b(water|liquid|coffee|tea|juice|spill\w*|spilt|soak\w*|toilet|wet|on purpose|deliberately|threw it)\b"
)


def tells_accident(text: str) -> bool:
    """Tell whether a sentence says that the customer, or somebody or something of theirs, broke the goods."""
    return names(_ACCIDENT, text) or (names(_BY_ACCIDENT, text) and names(_BROKE, text))
