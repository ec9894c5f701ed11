"""Where a parcel shall go: Chinese addresses from the largest part to the room, English ones from the house number on.

A Chinese address is a chain of parts (省, 市, 区, 路, 号, 室): a first pattern finds the parts one by one, in linear
time, and a chain counts as an address where a street has a number or two places stand in each other. Works on folded
text (`bot.nlu.folding`). Runs in both environments.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise, takewhile

_PROVINCES = (
    "北京|天津|上海|重庆|河北|山西|辽宁|吉林|黑龙江|江苏|浙江|安徽|福建|江西|山东|河南|湖北|湖南|广东|海南|四川|贵州|云南"
    "|陕西|甘肃|青海|台湾|内蒙古|广西|西藏|宁夏|新疆|香港|澳门|台北|新北|桃园|台中|台南|高雄|九龙|新界"
)
_PART = re.compile(
    r"(?<![0-9])(?P<number>(?:[0-9]{1,5}[a-z]?(?:[-之][0-9]{1,4})?|[一二三四五六七八九十百]{1,4}|[a-z])\s?"
    r"(?P<unit>号楼|号院|号|弄|巷|段|栋|幢|座|楼(?:之[0-9]{1,3})?|层|室|单元|房|户))"
    rf"|(?P<top>(?:{_PROVINCES})(?:省|市|特别行政区|壮族自治区|回族自治区|维吾尔自治区|自治区)?)"
    r"|[\u4e00-\u9fff]{1,9}?(?P<kind>省|自治州|自治县|市|小区|新区|开发区|区|县|旗|镇|乡|街道|村"
    r"|大道|路|街|道|胡同|巷|里(?=[0-9])|苑|花园|公寓|大厦|广场|中心|科技园|工业园|大学|学校|宿舍)"
    r"|(?P<room>(?:(?<=[栋幢座楼层元室苑区号])|(?<=[栋幢座楼层元室苑区号][\s,、/-])|(?<=[栋幢座楼层元室苑区号][,、]\s))"
    # Four digits before an order's number prove that it is theirs.
    r"[0-9]{2,4}[a-z]?(?![0-9a-z年月日号天元块个]|[\s,、]{1,2}[0-9]{11}))"
)
# Without one of these no part need be looked for.
_HINT = re.compile(r"[省市区县州镇]|[0-9一二三四五六七八九十][号弄巷段栋幢座楼层室单房户]")
_GAP = re.compile(r"[\s,、/-]{0,2}")
_STREETS = frozenset(("大道", "路", "街", "道", "胡同", "巷", "里"))
_PLACES = frozenset(("省", "自治州", "自治县", "市", "新区", "区", "县", "镇", "旗"))
_NESTED = frozenset((("市", "区"), ("市", "新区"), ("市", "县"), ("县", "镇"), ("市", "镇")))
_ESTATES = frozenset(("小区", "花园", "公寓", "大厦", "广场", "苑", "村", "宿舍", "科技园", "工业园"))
_NUMBERED = frozenset(("number", "room"))
# The house, then stairs and room.
_WITH_ROOM = 2
# Words that end like a part and are none.
_NO_PART = re.compile(
    r"(?:知道|味道|渠道|难道|报道|通道|管道|频道|街道办|超市|城市|上市|门市|夜市|(?<!成)都市|地区|社区|专区|售后区|评论区|市区"
    r"|购物中心|客服中心|服务中心|一路|路上|半路|网路|马路|走路|在路|思路|线路|那里|这里|哪里|家里)$"
)
# What stands before an address: "寄到", "地址是". The last one in a part is where the address begins.
_LEAD = re.compile(
    r".*(?:地址|寄到|送到|发到|寄去|送去|寄往|发往|改成|改为|改到|改寄|换成|换到|住在|住|在|位于|是|到|寄|送|给|把|为|请|我|的|从)"
)
_PROVINCE = re.compile(_PROVINCES)

_ENGLISH = re.compile(
    r"(?<![0-9a-z.])(?:(?:flat|unit|room|apt|apartment|suite|shop)\.?\s?#?[0-9]{1,5}[a-z]?,\s?)?"
    r"(?P<house>[0-9]{1,5}[a-z]?(?:-[0-9]{1,5})?,?\s"
    r"(?:(?!(?:the|of|on|in|for|to|from|my|and|is|days?|weeks?|hours?|times?|at|it|this|that|a|an)\b)[a-z][a-z.'-]{0,20}\s){1,4}"
    r"(?:street|st|road|rd|avenue|ave|lane|ln|drive|dr|boulevard|blvd|court|square|terrace|crescent|highway|way|place)(?![a-z]))\.?"
    r"(?:\s(?:central|north|south|east|west)(?![a-z]))?"
    r"(?:,?\s(?:apt|apartment|unit|suite|ste|flat|room|rm|floor|building|bldg|block|tower|house|door|#)\.?\s?#?"
    r"(?:[0-9]{1,5}[a-z]?|[a-z])(?:-[0-9]{1,5})?(?![0-9a-z'-])|,?\s[0-9]{1,2}(?:st|nd|rd|th)\sfloor(?![a-z])){0,5}"
)
_NAME = r"[A-Z][A-Za-z'-]{1,20}(?![A-Za-z0-9])"
_TOWN = re.compile(
    rf"(?:,\s?{_NAME}(?: {_NAME}){{0,2}}){{0,3}}"
    r"(?:,?\s(?:[A-Z]{2}\s)?[0-9]{5,6}(?![0-9])|,?\s[A-Z]{1,2}[0-9][A-Z0-9]?\s[0-9][A-Z]{2}(?![0-9A-Za-z]))?"
)


@dataclass(frozen=True)
class _Part:
    kind: str
    start: int
    end: int


def find_addresses(folded: str, cased: str) -> Iterator[tuple[int, int]]:
    """Yield start and end of each address. `cased` is the same text with its capitals, or as long as it at least."""
    for chain in _chain(folded) if _HINT.search(folded) else ():
        if _is_address(folded, chain):
            yield _find_beginning(folded, chain), chain[-1].end
    for match in _ENGLISH.finditer(folded):
        town = _TOWN.match(cased, match.end())
        yield match.start(), town.end() if town else match.end()


def find_houses(folded: str) -> Iterator[tuple[int, int]]:
    """Yield what tells whose house an address is: a street or estate with its number, and numbers behind it together.

    Who says only that ("文三路18号", "3单元502") says where somebody lives; a street or a town by itself does not.
    """
    for chain in _chain(folded) if _HINT.search(folded) else ():
        for index, part in enumerate(chain):
            numbers = list(takewhile(lambda one: one.kind in _NUMBERED, chain[index + 1 :]))
            if numbers and part.kind in _STREETS | _ESTATES:
                yield _find_beginning(folded, chain[index:]), numbers[0].end
                if len(numbers) > _WITH_ROOM:
                    yield numbers[1].start, numbers[-1].end
    for match in _ENGLISH.finditer(folded):
        yield match.span("house")


def _chain(folded: str) -> Iterator[list[_Part]]:
    """Yield runs of parts that stand next to each other."""
    chain: list[_Part] = []
    for match in _PART.finditer(folded):
        part = _Part(_name_kind(match), match.start(), match.end())
        if _NO_PART.search(folded, part.start, part.end):
            continue
        apart = chain and not _GAP.fullmatch(folded, chain[-1].end, part.start)
        if apart or (chain and _LEAD.match(folded[part.start : part.end - 2])):
            yield chain
            chain = []
        chain.append(part)
    if chain:
        yield chain


def _name_kind(match: re.Match[str]) -> str:
    if match["number"]:
        return "number"
    if match["room"]:
        return "room"
    return "top" if match["top"] else str(match["kind"])


def _is_address(folded: str, chain: list[_Part]) -> bool:
    """Whether a street or an estate has a number, or places stand in each other."""
    kinds = [part.kind for part in chain]
    numbered = any(
        (kind in _STREETS or kind in _ESTATES) and {"number", "room"} & set(kinds[index + 1 :])
        for index, kind in enumerate(kinds)
    )
    first = chain[0]
    province = bool(_PROVINCE.search(folded, first.start, first.end))
    places = sum(kind in _PLACES for kind in kinds) + (province and first.kind not in _PLACES)
    nested = any(pair in _NESTED for pair in pairwise(kinds))
    return numbered or nested or places >= 3 or (places == 2 and (province or len(kinds) > 2))


def _find_beginning(folded: str, chain: list[_Part]) -> int:
    """Return where the first part's own name begins: behind "请寄到" and the like, at a province at the latest."""
    first = chain[0]
    body = folded[first.start : first.end]
    province = _PROVINCE.search(body)
    if province:
        return first.start + province.start()
    lead = _LEAD.match(body[:-2])
    return first.start + (lead.end() if lead else 0)
