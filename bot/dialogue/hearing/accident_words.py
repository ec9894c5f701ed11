"""What customers did to goods themselves, in three languages: dropped, spilled on, chewed by the dog. Pure.

Only what plainly broke something by somebody's hand counts: it costs the customer a right where it is read into a
sentence by mistake. All look at normalised text (Simplified, lower case), one clause at a time: what is asked or denied
in one takes nothing from what is told in the next.
"""

import re
from functools import lru_cache

from bot.dialogue.hearing.words import is_question, names

_CLAUSES = re.compile(r"(?<=[，,。！!；;？?\n])|(?<=\. )|\b(?=but\b)")
_PERSONS = r"孩子|小孩|宝宝|娃|儿子|女儿|孙子|老公|老婆|爸|妈|朋友|同事"
_PETS = r"[猫狗](?!抓板|咬胶|爬架|窝|粮|砂|玩具|绳)|宠物"
# Whose hand it was; between it and what was done stands no other party, and no end of a clause.
_BETWEEN = r"[^，,。！!；;？?你快商店]{0,10}"
# What is only the customer's ("my box was crushed") was broken by anybody.
_WHO = rf"(我(?!的|家|买的|订的|收到的)|自己|不小心|不慎|没拿稳|手滑|手抖|{_PERSONS}|{_PETS}){_BETWEEN}"
_DID = (
    r"(摔(?!倒)|[弄搞碰坐压踩砸磕撞打撕剪咬抓掰拉扯][坏坯碎裂断扁破烂脏花翻]|碰倒|扔(到|在|下|地)|丢(到|在|下)(地|楼|水|马桶)|踩[到了]|坐[到了上在]|砸到|磕到|啃|"
    r"咬了(?!一口)|[洒泼](了|到|在|上)|掉(到|在|进)?(地|水|楼|马桶))"
)
_CHINESE = (
    rf"{_WHO}{_DID}|我{_BETWEEN}摔(?!倒)|(不小心|不慎|没拿稳|手滑|失手)[^，,。！!；;？?]{{0,6}}掉(?![色漆毛线])|"
    rf"({_PETS})[^，,。]{{0,4}}(啃|咬|抓)[了坏烂破断花碎到成]|掉(到|在|进)?了?(地|水里|水中|楼下|马桶)|摔(了(?!解)|地上|到地|过)"
)
_SOMEBODY = (
    r"(i|we|(my|our|the) (\w+ )?(\w*son|\w*daughter|kids?|child(ren)?|baby|toddler|wife|husband|"
    r"partner|m[uo]m|dad|friend|cats?|dogs?|puppy|kitten|pets?|brother|sister|roommate|flatmate))"
)
_ENGLISH = (
    rf"(\b{_SOMEBODY}|^(dogs?|cats?|puppy|kitten|kids?|toddler|baby|son|daughter|wife|husband)) (have |has |had |just |"
    rf"accidentally |also |then |may have |must have )*"
    r"(broke(?! (up|even|down))|"
    r"smashed|cracked|spilled|spilt|sat on|stepped on|ran over|tore(?! open)|ripped(?! open)|snapped|bent|ruined|"
    r"crushed|damaged|shattered|dented|chewed|(threw|knocked|pulled) (it|them|this|(the|my|our) (\w+ )?\w+) "
    r"(down|off|on|onto|out|across|against|in|into|at|over)\b|bit (?!into)|scratched|knocked (it|them|the \w+|"
    r"my \w+) (over|off|down)|"
    r"drop(ped)? (?!off|by|in\b|out\b|(it|them) off|an order|a (line|message|note|mail)))|"
    r"\b(dropped|spilled|spilt|sat on|stepped on) (it|them|mine|water|coffee|tea|juice)\b(?! off)|"
    r"\bfell (over|down|out of|off|from|onto|on|into|in)( (the|a|my|our|his|her))? "
    r"(table|desk|shelf|counter|bed|sofa|couch|chair|stairs|floor|ground|balcony|window|toilet|sink|bath\w*|pool|water|"
    r"hands?|bag|pocket|bike|car)\b|"
    r"\b(it|they|phone|cup|laptop) fell( down| over)?(?! off|\w| apart| out| in love| short)|"
    r"\b(slipped|fell) (out of|from|through) (my|his|her|our) (hands?|fingers)\b"
)
_BY_HAND = re.compile(f"{_CHINESE}|{_ENGLISH}")
# Whose doing that was is not said.
_WET = re.compile(
    r"(?<![不能法没会再])进了?水(?![管口阀位量箱])|(?<!能)泡(了|在|过)?水|泡在水|[被让]水[^，,。]{0,3}(泡|淹|浸)|"
    r"\b(water|liquid) (damage\b|got (in|on|over)(to|side)?\b|(got|went|seeped) in(side|to)?\b)|"
    r"\b(?<!parcel )(?<!package )(?<!box )got wet\b"
)
_WET_BY_HAND = re.compile(
    rf"{_WHO}(进了?水|泡(了|在|过)?水)|(洗澡|淋浴|游泳|洗衣服|洗头|洗手|洗碗|洗脸|泡澡)[^，,。！!；;？?]{{0,10}}(进了?水|泡(了|在|过)?水)|"
    r"(咖啡|茶|奶茶|果汁|饮料|汤|可乐)[^，,。！!；;？?]{0,3}(洒|泼|打翻|倒)|"
    r"\b(coffee|tea|juice|wine|milk|soup|beer) (damage\b|got (in|on|over)(to|side)?\b|(got|went|seeped) in(side|"
    r"to)?\b)|"
    r"\bgot (it|them) wet\b|\b(i|we|my \w+) got (some )?(water|liquid) (in|on|over)\b|"
    r"\bin (the|a|my|our) (pool|bath(tub)?|shower|washing machine|washer|sea)\b"
)
# What should keep water out and lets it in is faulty; of a parcel it is the weather's or the carrier's doing.
LETS_WATER_IN = re.compile(
    r"(鞋|靴|防水|冲锋衣|雨衣|帐篷|一穿就)[^。！!；;？?]{0,12}[进漏渗]了?水|[进漏渗]了?水[^。！!；;？?]{0,8}(防水|鞋|靴)|"
    r"\b(waterproof|water.?resistant|(rain ?)?(boots?|shoes?)|raincoat|tent)\b[^.!?]{0,25}(\bwater\b|\bwet\b|\bleak)|"
    r"\b(water|wet|leak\w*)\b[^.!?]{0,25}\b(waterproof|water.?resistant)\b"
)
_PARCEL_WET = re.compile(r"(包裹|纸箱|箱子|盒子)[^，,。]{0,4}[进泡]了?水|\b(parcel|package|box) (\w+ )?(got )?wet\b")
# Says whose doing it was, but not that anything broke.
_BY_ACCIDENT = re.compile(r"不小心|不慎|\bby accident\b|\baccidentally\b")
_GUILTY = re.compile(r"自己弄|我弄|怪我|我的错|\b(my|our) (own )?(fault|mistake)\b")
_BROKE = re.compile(
    r"坏|碎|裂|破(?!解|费)|断(了|成|掉)|(?<!改)变形|"
    r"\b(broken?|broke|cracked|smashed|damaged|shattered|ripped|torn|dead|wet)\b"
)
# "Ordered by accident" broke nothing.
_ORDERED = re.compile(
    r"拍|买|下错?了?单|点|签收|确认|收货|发|\b(order\w*|bought|buy|click\w*|press\w*|confirm\w*|sent)\b"
)

# The carrier, the packer, the fitter, the shop.
_ANOTHERS_HAND = re.compile(
    r"师傅|送货|派件|(?<![从去到在])驿站|站点|外卖|骑手|邮递|邮差|仓库|打包|"
    r"(你们|商家|卖家|店家|厂家|客服)[^，,。]{0,10}[弄搞摔碰压砸磕撞打撕踩剪发寄]|"
    r"\b(driver|postman|mailman|packer|fitter|warehouse|before (sending|shipping|you sent)|"
    r"(you|they|he|she|who) dropped)\b"
)
_OWN_HAND = re.compile(r"被我|我(自己|不小心|没拿稳|手滑)|自己(不小心|摔|弄)")
_DENIED = re.compile(
    r"(没有?|不是|未|从没)(我|过|被|自己|人为|怎么|曾经?)?[摔磕泡碰弄砸撞压洒掉]|"
    r"\b(never|not|\w+n't|(is|was|has|have|had|did|does|do|are|wo|ca)nt)( ever| even| been)? "
    r"(drop\w*|spil\w*|break\w*|scratch\w*|damage|bend|sat on|g[eo]t (it|them) wet|(my|our) (own )?(fault|doing))\b"
)
_SUPPOSED = re.compile(
    r"(如果|万一|要是|假如)[^，,。]{0,10}[摔弄碰掉进泡洒碎坏]|会不会|"
    r"\bif (i|we|it|they|my \w+)( \w+)? (drop\w*|spil\w*|br[eo]\w+|f[ae]ll\w*|gets?|got|damage\w*|scratch\w*)\b"
)
_TOLD = re.compile(r"了|\b(i|we|it|they) (just |accidentally |have )?(\w+ed|broke|spilt|sat|tore|ran|bent|fell|got)\b")
_OTHER_GOODS = re.compile(r"旧的|上一个|之前那个|以前那个|\b(the|my|our) (old|last|previous) (?!dog|cat)\w+")
_BODY = re.compile(
    r"\b(broke|cracked|hurt|bent|snapped|scratched|smashed|crushed|tore|bit) (my|his|her|our|their) (\w+ )?"
    r"(leg|arm|ankle|wrist|foot|toe|hand|finger|nail|hip|back|heart|tooth|teeth|nose|neck|knee|rib|skin|head)s?\b"
)
_MADE_TO_OPEN = re.compile(
    r"\b(snapped|ripped|tore|broke|cracked|dropped)( off| up| through)? ((the|a|an|this|my|its|some|outer) ){0,2}"
    r"(packaging|tape|seal|wrapping|wrapper|photo|picture|you)\b|"
    r"\b(ripped|tore|broke|cracked) (\w+ ){1,3}open\b|\b(cracked|broke)( open)? (\w+ ){0,2}eggs?\b"
)
_HANDED_IN = re.compile(
    r"\bdrop(ped)? (\w+ ){1,3}(at|to|with) (the|a|an|your|ups|fedex|dhl|usps)\b|"
    r"\bdrop(ped)? (\w+ ){1,3}in (the|a|your) (locker|mail ?box|post ?box|drop ?box|shop|store)\b"
)
# Sitting is what it is for.
_SAT_ON_SEAT = re.compile(
    r"坐[^，,。]{0,6}(椅|沙发|凳|床|座)|(椅|沙发|凳|床|座)[^，,。]{0,6}坐|"
    r"\bsat on (\w+ ){0,2}(chair|sofa|couch|stool|bench|bed)\b"
)
_BARS = (_DENIED, _SUPPOSED, _OTHER_GOODS, _BODY, _MADE_TO_OPEN, _HANDED_IN, _SAT_ON_SEAT, _PARCEL_WET)
LIQUID_OR_DELIBERATE = re.compile(
    r"进了?水|泡了?水|泡在水|水里|马桶|洒|泼|淋|浸|咖啡|故意|气得|一怒|"
    r"\b(water|liquid|coffee|tea|juice|spill\w*|spilt|soak\w*|toilet|wet|on purpose|deliberately|(i|we) threw it)\b"
)


def tells_accident(text: str) -> bool:
    """Tell whether a sentence says that the customer, or somebody or something of theirs, broke the goods."""
    return tells_doing(text) or _tells_guilt(text)


def tells_doing(text: str) -> bool:
    """Tell whether a sentence says what was done to the goods, rather than only that it was by accident."""
    keeps_dry = not names(LETS_WATER_IN, text)
    clauses = _told_clauses(text)
    return any(names(_BY_HAND, clause) or (keeps_dry and names(_WET_BY_HAND, clause)) for clause in clauses)


def is_wet_unexplained(text: str) -> bool:
    """Tell whether water got into goods without a word on whose doing that was."""
    if names(LETS_WATER_IN, text) or tells_accident(text):
        return False
    return any(names(_WET, clause) for clause in _told_clauses(text))


def _tells_guilt(text: str) -> bool:
    clauses = _told_clauses(text)
    by_accident = any(
        names(_BY_ACCIDENT, clause) and names(_BROKE, clause) and not names(_ORDERED, clause) for clause in clauses
    )
    guilty = any(names(_GUILTY, clause) for clause in clauses)
    return by_accident or (guilty and names(_BROKE, text) and not names(_ORDERED, text))


# Whatever is asked of a sentence looks at the same clauses.
@lru_cache(maxsize=32)
def _told_clauses(text: str) -> tuple[str, ...]:
    """Return the clauses that tell something, of the customer's own doing and of these goods."""
    return tuple(clause for clause in _CLAUSES.split(text) if clause.strip() and not _is_barred(clause))


def _is_barred(clause: str) -> bool:
    asked = is_question(clause) and not names(_TOLD, clause)
    by_another = names(_ANOTHERS_HAND, clause) and not names(_OWN_HAND, clause)
    return asked or by_another or any(names(bar, clause) for bar in _BARS)
