"""Numbers in words, Chinese and English: 两百五十, twenty-five. Patterns to put into others, and what they say."""

import re
from decimal import Decimal

CHINESE = "[零〇一二两三四五六七八九十百千万]{1,9}"
"""A Chinese number (Simplified, folded)."""

_ONES = (
    "zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve",
    "thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen",
)  # fmt: skip
_TENS = ("twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety")
_WORDS = {word: value for value, word in enumerate(_ONES)} | {
    word: 10 * value for value, word in enumerate(_TENS, start=2)
}
_SCALES = {"hundred": 100, "thousand": 1000}
_WORD = "|".join(sorted([*_WORDS, *_SCALES], key=len, reverse=True))

ENGLISH = rf"(?:an?\s(?=hundred|thousand))?(?:{_WORD})(?:(?:-|\s(?:and\s)?)(?:{_WORD})){{0,7}}"
"""An English number (small letters)."""

_DIGITS = {char: value for value, char in enumerate("零一二三四五六七八九")} | {"〇": 0, "两": 2}
_PLACES = {"十": 10, "百": 100, "千": 1000}


def read_number(text: str) -> Decimal | None:
    """Return what a number in digits or words is worth; None where it is none ("百三十百", "two two")."""
    if re.fullmatch(r"[0-9]{1,9}(?:\.[0-9]{1,2})?", text):
        return Decimal(text)
    value = read_english(text) if text.isascii() else read_chinese(text)
    return None if value is None else Decimal(value)


def read_chinese(text: str) -> int | None:
    """Return the worth of a Chinese number below a hundred million: 十五, 两百零三, 三千五, 一万二."""
    head, ten_thousand, tail = text.partition("万")
    if not ten_thousand:
        return _read_below_10000(text)
    high = _read_below_10000(head)
    if len(tail) == 1 and tail in _DIGITS:
        tail += "千"
    low = _read_below_10000(tail) if tail else 0
    return None if high is None or low is None else high * 10000 + low


def _read_below_10000(text: str) -> int | None:
    """Places must fall; 三千五 and 两百五 leave out the last one, 二〇二六 has none."""
    if re.fullmatch("[零〇一二三四五六七八九]{2,4}", text):
        return int("".join(str(_DIGITS[char]) for char in text))
    total, last_place, rest = 0, 10000, text.lstrip("零〇") or text
    for digit, place in re.findall("零?([一二两三四五六七八九]?)([十百千]?)", rest):
        if not digit and not place:
            continue
        worth = _PLACES[place] if place else 1
        if worth >= last_place or (not digit and place != "十"):
            return None
        if not place and last_place in {100, 1000} and "零" not in rest:
            worth = last_place // 10
        total, last_place = total + _DIGITS.get(digit, 1) * worth, worth
    if re.sub("零?[一二两三四五六七八九]?[十百千]?", "", rest) not in {"", "零"}:
        return None
    return total if total or rest in {"零", "〇"} else None


def read_english(text: str) -> int | None:
    """Return the worth of an English number: twenty-five, a hundred and ten, two thousand."""
    words = [word for word in re.split(r"[\s-]+", text) if word not in {"and", "a", "an"}]
    if not words:
        return None
    total = current = 0
    room = 1000
    for word in words:
        if word in _SCALES:
            scale = _SCALES[word]
            current, room = max(current, 1) * scale, scale
            if scale == 1000:
                total, current = total + current, 0
        else:
            value = _WORDS[word]
            if value >= room or (value == 0 and len(words) > 1):
                return None
            current, room = current + value, 10 if value >= 20 else 1
    return total + current
