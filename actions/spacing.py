"""How a sentence and what is filled into it stand beside each other, as Chinese is set: "由 Lin 负责", "由林小雨负责".

Latin letters, figures and amounts have a space between them and Chinese; Chinese has none before Chinese, and a date
("11月30日") counts as Chinese whatever it begins with. So a text need not know what will be filled in: at these places
its own spaces are put right. English keeps the text's.
"""

import re
from collections.abc import Iterable, Iterator
from functools import reduce
from string import Formatter

_IDEOGRAPH = re.compile(r"[\u3400-\u9fff]")
# Ideographs, and the punctuation that brings its own space.
_CHINESE = re.compile(r"[\u3000-\u303f\u3400-\u9fff\uff00-\uff65]")
_LATIN_BEGINS, _LATIN_ENDS = re.compile(r"[A-Za-z0-9¥]"), re.compile(r"[A-Za-z0-9%]")
_DATE = re.compile(r"(\d{4}年)?\d{1,2}月")


def split_fields(text: str) -> Iterator[tuple[str, str | None, str]]:
    """Yield a text's parts: its words, and the name and format of the field after them (None: there is none)."""
    return ((words, name, spec or "") for words, name, spec, _ in Formatter().parse(text))


def set_together(parts: Iterable[str], language: str) -> str:
    """Return words, and what is filled in between them, as one text."""
    return "".join(parts) if language == "en" else reduce(_set_beside, filter(None, parts), "")


def _set_beside(before: str, after: str) -> str:
    left, right = before.rstrip(" "), after.lstrip(" ")
    if not (left and right):
        return before + after
    is_chinese = bool(_DATE.match(right) or _CHINESE.match(right[0]))
    if is_chinese and _CHINESE.match(left[-1]):
        return left + right
    becomes_latin = _IDEOGRAPH.match(left[-1]) and not is_chinese and _LATIN_BEGINS.match(right[0])
    if becomes_latin or (_LATIN_ENDS.match(left[-1]) and _IDEOGRAPH.match(right[0])):
        return f"{left} {right}"
    return before + after
