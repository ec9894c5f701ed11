"""Numbers and names a customer writes, found by patterns: order, phone digits, tracking number, amount, duration.

Spans count characters of the raw text; values are normalised (digits only, `199.00`, ISO 8601 `P7D`). A pattern that
stands earlier in the table takes its characters first. Runs in both environments.
"""

import re
import unicodedata
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from decimal import Decimal

from bot.nlu.reading import Entity

LOOK_AT = 4000
"""How far into a text entities are looked for."""

_CHINESE_DIGITS = {char: str(value) for value, char in enumerate("零一二三四五六七八九")} | {
    "两": "2",
    "兩": "2",
    "半": "0.5",
}
_UNITS = {
    "天": "D", "日": "D", "day": "D", "周": "W", "週": "W", "星期": "W", "礼拜": "W", "禮拜": "W", "week": "W",
    "月": "M", "month": "M", "小时": "H", "小時": "H", "钟头": "H", "鐘頭": "H", "hour": "H", "hr": "H",
}  # fmt: skip


@dataclass(frozen=True)
class _Pattern:
    """`value` makes the normalised value of a match, or None to refuse it. The group `v` is the span."""

    name: str
    regex: re.Pattern[str]
    value: Callable[[re.Match[str]], str | None]


def find_entities(text: str) -> tuple[Entity, ...]:
    """Return the entities of a text in the order they stand. Accepts any string."""
    folded, origin = _fold(text[:LOOK_AT])
    taken: list[Entity] = []
    for entity in _find_all(folded):
        if not any(entity.start < other.end and other.start < entity.end for other in taken):
            taken.append(entity)
    taken += _find_lone_digits(folded, taken)
    return tuple(
        Entity(entity.name, entity.value, origin[entity.start], origin[entity.end - 1] + 1)
        for entity in sorted(taken, key=lambda found: found.start)
    )


def _fold(text: str) -> tuple[str, list[int]]:
    """Fold each character by itself (NFKC), and remember which raw character each folded one comes from."""
    folded: list[str] = []
    origin: list[int] = []
    for index, char in enumerate(text):
        plain = unicodedata.normalize("NFKC", char).lower()
        folded.append(plain)
        origin.extend([index] * len(plain))
    return "".join(folded), origin


def _find_all(folded: str) -> Iterator[Entity]:
    for pattern in _PATTERNS:
        for match in pattern.regex.finditer(folded):
            value = pattern.value(match)
            if value is not None:
                yield Entity(pattern.name, value, match.start("v"), match.end("v"))


def _find_lone_digits(folded: str, taken: list[Entity]) -> list[Entity]:
    """Four digits beside an order number, or alone in the message, are the phone's last four."""
    names = {entity.name for entity in taken}
    rest = folded
    for entity in taken:
        rest = rest[: entity.start] + " " * (entity.end - entity.start) + rest[entity.end :]
    found = list(_FOUR_DIGITS.finditer(rest))
    alone = not _WORDS.search(_FOUR_DIGITS.sub("", rest))
    if len(found) != 1 or "phone_digits" in names or not (alone or "order_number" in names):
        return []
    return [Entity("phone_digits", found[0].group(), found[0].start(), found[0].end())]


def _digits(match: re.Match[str]) -> str:
    return re.sub(r"[^0-9]", "", match["v"])


def _last_four(match: re.Match[str]) -> str:
    return _digits(match)[-4:]


def _code(match: re.Match[str]) -> str | None:
    """A number with its letters; a word without digits is none."""
    code = re.sub(r"[^0-9a-z]", "", match["v"]).upper()
    return code if sum(char.isdigit() for char in code) >= 5 else None


def _order(match: re.Match[str]) -> str | None:
    digits = _digits(match)
    return digits if 1 <= int(digits[4:6]) <= 12 and 1 <= int(digits[6:8]) <= 31 else None


def _amount(match: re.Match[str]) -> str:
    return str(Decimal(match["n"].replace(",", "")).quantize(Decimal("0.01")))


def _duration(match: re.Match[str]) -> str | None:
    number = "".join(_CHINESE_DIGITS.get(char, char) for char in match["n"])
    if match["n"] in {"十", "a", "an", "one"}:
        number = "10" if match["n"] == "十" else "1"
    unit = _UNITS[match["u"]]
    if unit == "W" and number.isdigit():
        return f"P{int(number) * 7}D"
    return f"PT{number}H" if unit == "H" else f"P{number}{unit}"


_WORDS = re.compile(r"\w")
_FOUR_DIGITS = re.compile(r"(?<![0-9a-z.])[0-9]{4}(?![0-9a-z]|\.[0-9])")
_PATTERNS = (
    _Pattern(
        "order_number",
        re.compile(r"(?<![0-9a-z])(?P<v>20[0-9]{2}[- ]?[0-9]{4}[- ]?[0-9]{3})(?![0-9a-z])"),
        _order,
    ),
    _Pattern(
        "tracking_number",
        re.compile(
            r"(?:运单号?码?|運單號?碼?|快递单?号码?|快遞單?號碼?|物流单?号码?|物流單?號碼?"
            r"|tracking\s*(?:number|no\.?|code|id|#)?)\s*(?:是|为|為|is)?\s*[:#]?\s*(?P<v>[a-z]{0,4}[0-9]{8,20}[a-z]{0,2})"
        ),
        _code,
    ),
    _Pattern("tracking_number", re.compile(r"(?<![0-9a-z])(?P<v>[a-z]{2,4}[0-9]{10,16}(?:cn)?)(?![0-9a-z])"), _code),
    _Pattern(
        "order_number",
        re.compile(
            r"(?:订单(?:编?号码?)?|訂單(?:編?號碼?)?|单号|單號|order\s*(?:number|no\.?|id|#)?)\s*(?:是|为|為|is)?\s*[:#]?\s*"
            r"(?P<v>[a-z]{0,4}-?[0-9]{5,24}(?:-[0-9]{1,8}){0,3})(?![0-9a-z])"
        ),
        _code,
    ),
    _Pattern(
        "phone_digits",
        re.compile(
            r"(?:尾号|尾號|[后後]四位(?:数|數)?|末四位|last\s*(?:four|4)(?:\s*digits?)?(?:\s*of\s*(?:my\s*)?(?:phone|number))?"
            r"|ending\s*(?:in|with)?|ends\s*(?:in|with))\s*(?:是|为|為|is|are)?\s*[::]?\s*(?P<v>[0-9]{4})(?![0-9])"
        ),
        _digits,
    ),
    _Pattern(
        "phone_digits",
        re.compile(r"(?<![0-9a-z])(?:\+?86[- ]?)?(?P<v>1[3-9][0-9][- ]?[0-9]{4}[- ]?[0-9]{4})(?![0-9a-z])"),
        _last_four,
    ),
    _Pattern(
        "amount",
        re.compile(
            r"(?<![0-9a-z.])(?P<v>(?P<n>[0-9]{1,3}(?:,[0-9]{3})+(?:\.[0-9]{1,2})?|[0-9]{1,9}(?:\.[0-9]{1,2})?)"
            r"\s*(?:元|块钱?|塊錢?|圆|圓|yuan|rmb|cny))"
        ),
        _amount,
    ),
    _Pattern(
        "amount",
        re.compile(
            r"(?P<v>(?:¥|¥|rmb|cny)\s*"
            r"(?P<n>[0-9]{1,3}(?:,[0-9]{3})+(?:\.[0-9]{1,2})?|[0-9]{1,9}(?:\.[0-9]{1,2})?))(?![0-9])"
        ),
        _amount,
    ),
    _Pattern(
        "duration",
        re.compile(
            r"(?<![0-9a-z.第])(?P<v>(?P<n>[0-9]{1,4}|[一二两兩三四五六七八九十半])\s*个?個?"
            r"(?P<u>天|小时|小時|钟头|鐘頭|周|週|星期|礼拜|禮拜|(?<=[个個])月))"
        ),
        _duration,
    ),
    _Pattern(
        "duration",
        re.compile(r"(?<![0-9a-z.])(?P<v>(?P<n>[0-9]{1,4}|an?|one)[\s-]*(?P<u>day|week|month|hour|hr)s?)(?![a-z])"),
        _duration,
    ),
)
