"""The patterns of `bot.nlu.entities`, and what their matches are worth.

They look at folded text (`bot.nlu.folding`: small letters, Simplified). Runs of spaces and digits are bounded and no
pattern begins within a number, so that the cost stays linear whatever is written. Runs in both environments.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal

from bot.nlu.numerals import CHINESE, ENGLISH, read_number

Match = re.Match[str]


@dataclass(frozen=True)
class Pattern:
    """`value` makes the normalised value of a match, or None to refuse it. The group `v`, if any, is the span."""

    name: str
    regex: re.Pattern[str]
    value: Callable[[Match], str | None]


_UNITS = {
    "天": "D", "工作日": "D", "day": "D", "周": "W", "星期": "W", "礼拜": "W", "week": "W", "月": "M", "month": "M",
    "年": "Y", "year": "Y", "小时": "TH", "钟头": "TH", "hour": "TH", "hr": "TH",
    "分钟": "TM", "minute": "TM", "min": "TM",
}  # fmt: skip
_HALF = {"D": "PT12H", "M": "P15D", "Y": "P6M", "TH": "PT30M"}
_HALF_DAYS = {"M": ("P", 30, "D"), "Y": ("P", 12, "M"), "TH": ("PT", 60, "M"), "D": ("PT", 24, "H")}
# Only what names its country: a bare dollar sign stands for several.
_CURRENCIES = {
    "us$": "USD", "usd": "USD", "us dollar": "USD", "美元": "USD", "美金": "USD", "美刀": "USD",
    "hk$": "HKD", "hkd": "HKD", "港币": "HKD", "港元": "HKD", "港纸": "HKD",
    "nt$": "TWD", "ntd": "TWD", "twd": "TWD", "台币": "TWD", "新台币": "TWD",
    "€": "EUR", "eur": "EUR", "euro": "EUR", "欧元": "EUR", "£": "GBP", "gbp": "GBP", "英镑": "GBP",
    "日元": "JPY", "jpy": "JPY",
}  # fmt: skip
_SIZE_WORDS = {
    "特大": "XL", "加大": "XL", "大": "L", "中": "M", "小": "S", "均": "ONE", "small": "S", "medium": "M", "large": "L",
    "extra large": "XL", "extra small": "XS",
}  # fmt: skip
_MEASURES = {
    "英寸": "in", "寸": "in", "吋": "in", "inch": "in", "inches": "in", '"': "in", "厘米": "cm", "公分": "cm",
    "毫米": "mm", "毫升": "ml", "米": "m",
}  # fmt: skip
_STORAGES = frozenset(("16", "32", "64", "128", "256", "512"))
_END = re.compile(r"[\W_]|$")
# "一个" is mostly "a": it counts where something is bought, missing or left.
_COUNTED = re.compile(r"(?:少|缺|漏|差|买|收到|发|坏|退|换|只有|只|剩|其中|订)(?:了|到|过|来)?$")


def _digits(match: Match) -> str:
    return re.sub(r"[^0-9]", "", match["v"])


def _last_four(match: Match) -> str:
    return _digits(match)[-4:]


def _code(match: Match) -> str | None:
    """A number with its letters; a word without digits is none."""
    code = re.sub(r"[^0-9a-z]", "", match["v"]).upper()
    return code if sum(char.isdigit() for char in code) >= 5 else None


def _order(match: Match) -> str | None:
    digits = _digits(match)
    return digits if 1 <= int(digits[4:6]) <= 12 and 1 <= int(digits[6:8]) <= 31 else None


def _amount(match: Match) -> str | None:
    """Return the sum with two places; 三块五 and 12块5 give tenths."""
    number = read_number(match["n"].replace(",", ""))
    if number is None:
        return None
    groups = match.groupdict()
    if match["n"] == "一" and match["c"] == "块" and not (groups["t"] or _END.match(match.string, match.end())):
        # "一块油渍" is a stain.
        return None
    if groups.get("w"):
        number *= 10000
    if groups.get("t"):
        number += (read_number(groups["t"]) or Decimal(0)) / 10
    told = match["c"].strip()
    currency = _CURRENCIES.get(told) or _CURRENCIES.get(told.removesuffix("s"))
    value = str(number.quantize(Decimal("0.01")))
    return f"{value} {currency}" if currency else value


def _duration(match: Match) -> str | None:
    unit, number, groups = _UNITS[match["u"]], match["n"], match.groupdict()
    if match["u"] == "月" and not groups.get("each"):
        return None
    if number.startswith(("半", "half")):
        return _HALF.get(unit)
    count = {"a": Decimal(1), "an": Decimal(1), "a couple of": Decimal(2)}.get(number) or read_number(number)
    if count is None or count != int(count) or (unit == "Y" and count > 99):
        return None
    if groups.get("half") or groups.get("more"):
        return _lengthen_by_half(int(count), unit)
    if unit == "W":
        return f"P{count * 7}D"
    return f"PT{count}{unit[1]}" if unit.startswith("T") else f"P{count}{unit}"


def _lengthen_by_half(count: int, unit: str) -> str | None:
    """Return 一个半月, 两年半 in the next smaller unit."""
    if unit not in _HALF_DAYS:
        return None
    prefix, parts, smaller = _HALF_DAYS[unit]
    return f"{prefix}{count * parts + parts // 2}{smaller}"


def read_count(match: Match) -> str | None:
    """Return the number of a count, None where it is no whole one."""
    number = read_number(match["n"])
    return str(int(number)) if number is not None and 0 < number == int(number) else None


def _count_chinese(match: Match) -> str | None:
    before = match.string[max(0, match.start() - 4) : match.start()]
    if match["n"] == "一" and match["u"] == "个" and not _COUNTED.search(before):
        return None
    return None if match["v"] == "三包" else read_count(match)


def _count_article(match: Match) -> str | None:
    return {"both": "2", "a": "1"}.get(match["n"]) or read_count(match)


def _size_letters(match: Match) -> str:
    return match["n"].upper()


def _size_word(match: Match) -> str:
    return _SIZE_WORDS[match["n"]]


def _size_number(match: Match) -> str:
    return _SIZE_WORDS.get(match["n"]) or match["n"].upper()


def _storage(match: Match) -> str | None:
    """256G and 1T; 5G is a network and 500g a weight."""
    if match["u"] == "g" and match["n"] not in _STORAGES:
        return None
    return f"{match['n']}{match['u'][0].upper()}B"


def _measure(match: Match) -> str:
    return match["n"] + _MEASURES.get(match["u"], match["u"])


_S = r"\s{0,2}"
_IS = rf"{_S}(?:是|为|is|are)?{_S}[:#]?{_S}"
_MONEY = r"[0-9]{1,3}(?:,[0-9]{3}){1,3}(?:\.[0-9]{1,2})?|[0-9]{1,9}(?:\.[0-9]{1,2})?"
_HAN_NUMBER = "零〇一二两三四五六七八九十百千万"
_FOREIGN = "美元|美金|美刀|港币|港元|港纸|新?台币|欧元|英镑|日元"
# What a classifier is not, by the character behind it: 支付, 套路, 台灯.
_CLASSIFIERS = (
    "个(?!半?月|小时|钟头|星期|礼拜|工作日|人)|件(?!套)|双(?!十|1|肩|人|倍)|只(?!能|是|有|要|剩|收|给)|台(?!币|灯|湾|北)"
    "|条(?!消息|短信|信息|评论)|支(?!付|持|援)|套(?!路)|部(?!分|门)|张|本(?!来|人|店|身|次|月|周)|份|对(?!一|于|方|不|应|我|你)"
    "|把(?!我|你|它|东)|根(?!据)|包(?!裹|装|括|邮|赔|退|换|修)|管(?!理|家)|盒|瓶|箱|袋|罐|桶|枚|片|颗|粒|顶|辆|束|串|床|副|卷"
)
_LETTERS = "[2-6]?x{1,4}[sl]"

NUMBERS = (
    Pattern(
        "order_number",
        # The phone's digits may be glued to it: "order20260901007phone8899".
        re.compile(
            r"(?<![0-9a-z])(?:order)?(?P<v>20[0-9]{2}[- ]?[0-9]{4}[- ]?[0-9]{3})"
            r"(?![0-9]|(?!phone|mobile|tel|end)[a-z])"
        ),
        _order,
    ),
    Pattern(
        "tracking_number",
        re.compile(
            rf"(?:运单号?码?|快递单?号码?|物流单?号码?|tracking{_S}(?:number|no\.?|code|id|#)?){_IS}"
            r"(?P<v>[a-z]{0,4}[0-9]{8,20}[a-z]{0,2})"
        ),
        _code,
    ),
    # Letters that are no carrier's, glued to one: "SW20260901007", "no20260901007".
    Pattern(
        "order_number",
        re.compile(
            r"(?<![0-9a-z])(?!sf|jd|jt|yt|yd|ems|zto|sto|db|dp|ky|ups|dhl)[a-z]{1,4}-?(?P<v>20[0-9]{9})"
            r"(?![0-9]|(?!phone|mobile|tel|end)[a-z])"
        ),
        _order,
    ),
    Pattern("tracking_number", re.compile(r"(?<![0-9a-z])(?P<v>[a-z]{2,4}[0-9]{10,16}(?:cn)?)(?![0-9a-z])"), _code),
    Pattern(
        "order_number",
        re.compile(
            rf"(?:订单(?:编?号码?)?|单号|order{_S}(?:number|no\.?|id|#)?){_IS}"
            r"(?P<v>[a-z]{0,4}-?[0-9]{5,24}(?:-[0-9]{1,8}){0,3})(?![0-9a-z])"
        ),
        _code,
    ),
    # The four digits right behind it; the pattern of `MEASURES` takes them.
    Pattern(
        "order_number",
        re.compile(r"(?<![0-9a-z])(?P<v>20[0-9]{9})(?=[0-9]{4}(?![0-9a-z]))"),
        _order,
    ),
)
MEASURES = (
    Pattern(
        "phone_digits",
        re.compile(
            rf"(?:尾[号数]|[后末尾][四4][位码]数?|(?:手机|电话)尾|(?<![a-z])(?:phone|mobile)(?:{_S}(?:number|no\.?))?(?={_IS}[0-9]{{4}}(?![0-9a-z/.-]))|last{_S}(?:four|4)(?:{_S}digits?)?(?:{_S}of{_S}(?:my{_S})?(?:phone|number))?"
            rf"|ending{_S}(?:in|with)?|ends{_S}(?:in|with)){_IS}(?P<v>[0-9]{{4}})(?![0-9])"
        ),
        _digits,
    ),
    Pattern("phone_digits", re.compile(r"(?<=(?<![0-9a-z])20[0-9]{9})(?P<v>[0-9]{4})(?![0-9a-z])"), _digits),
    Pattern(
        "phone_digits",
        re.compile(r"(?<![0-9a-z])(?:\+?86[- ]?)?(?P<v>1[3-9][0-9][- ]?[0-9]{4}[- ]?[0-9]{4})(?![0-9a-z])"),
        _last_four,
    ),
    Pattern(
        "amount",
        re.compile(
            rf"(?<![0-9a-z.第])(?P<n>{_MONEY})(?P<w>万)?{_S}(?P<c>{_FOREIGN}"
            r"|(?:us dollars?|dollars?|bucks|euros?|usd|hkd|ntd|twd|eur|gbp|jpy|yuan|rmb|cny)(?![a-z])"
            r"|€|元|块钱|块(?!手|布|肉|表|屏|地|板|砖|香|蛋)|圆|蚊)"
            r"(?P<t>(?<=块)[1-9](?![0-9]))?"
        ),
        _amount,
    ),
    Pattern(
        "amount",
        re.compile(
            rf"(?P<c>us\$|hk\$|nt\$|\$|€|£|¥|(?<![a-z])(?:rmb|cny|usd|hkd|ntd|eur|gbp)){_S}(?P<n>{_MONEY})(?![0-9])"
        ),
        _amount,
    ),
    Pattern(
        "amount",
        re.compile(
            rf"(?<![{_HAN_NUMBER}第半几])(?P<n>{CHINESE})(?P<c>{_FOREIGN}|元(?!旦|宵|素|件)"
            rf"|块钱|块(?!手|布|肉|表|屏|地|板|砖|香|蛋)|圆|蚊)(?P<t>(?<=块)[一二三四五六七八九](?![{_HAN_NUMBER}天个]))?"
        ),
        _amount,
    ),
    Pattern(
        "amount",
        re.compile(rf"(?<![a-z0-9-])(?P<n>{ENGLISH})\s(?P<c>us dollars?|dollars?|bucks|euros?|yuan|rmb)(?![a-z])"),
        _amount,
    ),
    Pattern(
        "duration",
        re.compile(
            rf"(?<![0-9a-z.第每那某{_HAN_NUMBER}])(?P<n>[0-9]{{1,4}}|半|{CHINESE})\s?(?P<each>个)?(?P<half>半)?"
            r"(?P<u>天|工作日|小时|钟头|分钟|周(?![年一二三四五六日末])|星期(?![一二三四五六日天末])|礼拜(?![一二三四五六日天])"
            r"|月|年(?![0-9级代货份度底初前买产款购]))(?P<more>(?<=年)半)?"
        ),
        _duration,
    ),
    Pattern(
        "duration",
        re.compile(
            rf"(?<![0-9a-z.])(?P<n>[0-9]{{1,4}}|half an?|half|a couple of|an?|{ENGLISH})[\s-]{{0,2}}"
            r"(?:(?:business|working|full|whole)\s)?(?P<u>day|week|month|year|hour|hr|minute|min)s?(?![a-z])"
        ),
        _duration,
    ),
    Pattern(
        "size",
        re.compile(
            rf"(?<![0-9a-z.-])(?:(?:尺码|鞋码|码数)(?:是|为|:)?\s?|sizes?(?:\s|\sis\s|:\s?))(?:(?:eu|us|uk)\s?)?(?P<n>{_LETTERS}|[sml]"
            r"|[0-9]{1,3}(?:\.5)?|extra large|extra small|small|medium|large)(?![0-9a-z.])码?"
        ),
        _size_number,
    ),
    Pattern("size", re.compile(r"(?<![0-9a-z.-])(?P<n>[0-9]{2,3}(?:\.5)?)码(?![数本])"), _size_number),
    Pattern("size", re.compile(rf"(?<![0-9a-z.-])(?P<n>{_LETTERS})(?![0-9a-z])[码号]?"), _size_letters),
    Pattern("size", re.compile(r"(?<![0-9a-z.-])(?P<n>[sml])[码号](?![码数])"), _size_letters),
    Pattern("size", re.compile(r"(?P<n>特大|加大|大|中|小|均)[码号](?![码数])"), _size_word),
    Pattern("size", re.compile(r"(?<![0-9a-z.-])(?P<n>[0-9]{1,4})\s?(?P<u>gb?|tb?)(?![0-9a-z])"), _storage),
    Pattern(
        "size",
        re.compile(
            r"(?<![0-9a-z.-])(?P<n>[0-9]{1,4}(?:\.[0-9]{1,2})?)\s?"
            r"(?P<u>英寸|寸|吋|厘米|公分|毫米|毫升|米|\"|inch(?:es)?(?![a-z])|(?:cm|mm|ml)(?![a-z]))"
        ),
        _measure,
    ),
    Pattern(
        "quantity",
        re.compile(
            rf"(?<![0-9a-z.第每那这几{_HAN_NUMBER}])(?P<v>(?P<n>[0-9]{{1,4}}|{CHINESE})\s?(?P<u>{_CLASSIFIERS}))"
        ),
        _count_chinese,
    ),
    Pattern(
        "quantity",
        re.compile(
            rf"(?<![0-9a-z.-])(?P<n>[0-9]{{1,4}}|{ENGLISH})\s?(?:pairs?|pieces?|pcs|units?|items?|sets?|boxes|box|bottles?"
            r"|packs?|bags?|copies|copy)(?![a-z])|(?<![a-z])(?P<a>a)\s(?:pair|set|pack|box|bottle|bag)\sof(?![a-z])"
        ),
        lambda match: "1" if match["a"] else read_count(match),
    ),
    Pattern(
        "quantity",
        re.compile(
            rf"(?<![0-9a-z.-])(?P<v>(?P<n>both|[0-9]{{1,3}}|{ENGLISH})(?=\sof\s(?:the|them|my|those|these)(?![a-z]))"
            r"(?:\sof\s(?:the|those|these)\s(?:[0-9]{1,2}|two|three|four|five|six|ten)(?![a-z0-9]))?)"
        ),
        _count_article,
    ),
    Pattern("quantity", re.compile(r"(?<![0-9a-z型号 ])\s?(?P<v>[x×*](?P<n>[0-9]{1,2}))(?![0-9a-z.])"), read_count),
)
