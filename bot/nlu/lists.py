"""A message that is a list: numbered ("1. ... 2. ...", "一、", "①", "first, ...") or with a bullet on each line. Pure.

Where each point begins and ends stands here; what it asks for is the model's to say. Runs in both environments.
"""

import re
from collections.abc import Iterator
from itertools import pairwise

_CIRCLED = "①②③④⑤⑥⑦⑧⑨"
_CHINESE = "一二三四五六七八九"
_ORDINALS = {"first": 1, "firstly": 1, "second": 2, "secondly": 2, "third": 3, "thirdly": 3, "fourth": 4}
# Marks without a width come with what is pasted, and one with what is sent to Rasa.
_UNSEEN = r"\u200b-\u200f\u2060-\u2064\ufeff"
# Behind a digit alone: then it counts, or names a house.
_COUNTED = (
    "个個件只隻台臺双雙条條套张張份支瓶盒箱包袋块塊元角分天日月年周週号號点點时時小秒米寸厘公斤克升度层層楼樓栋棟"
    "单單室期次位人级級代折成倍比"
)
_BEHIND = rf"(?:^|(?<=[\s,，。.;；:：!！?？、{_UNSEEN}]))"
# A digit may stand right behind Chinese: "退耳机2、开发票". What has a digit behind it is a number with a point in it.
_NUMBERED = re.compile(
    rf"(?<![0-9A-Za-z])[(（](?:(?P<bracketed>[1-9])|(?P<in_brackets>[{_CHINESE}]))[)）]|(?P<circled>[{_CIRCLED}])"
    rf"|(?:{_BEHIND}|(?<=[\u4e00-\u9fff]))(?P<digit>[1-9])[)）、．.:：，,](?![0-9])"
    rf"|{_BEHIND}(?P<bare>[1-9])[ \t]{{0,2}}(?=[\u4e00-\u9fff])(?![{_COUNTED}])"
    rf"|{_BEHIND}第?(?P<chinese>[{_CHINESE}])(?:[、，,：:.．]|[是係系](?=\S))"
    rf"|{_BEHIND}(?P<ordinal>firstly|first|secondly|second|thirdly|third|fourth)[,:]",
    re.IGNORECASE,
)
_BULLETS = re.compile(rf"^[{_UNSEEN}]?[ \t]{{0,4}}[-–—*•·●▪◦・][ \t]{{0,4}}(?=[^\s\-–—*•·●▪◦・])", re.MULTILINE)
_AROUND = " \t\r\n,，、;；。."
_LOOK_AT = 1000
_MOST = 9


def split_list(text: str) -> tuple[tuple[int, int], ...]:
    """Return where the points of a list begin and end in a text, without their marks; nothing for any other text.

    A list has two points or more, counted from one where it is numbered. Where each has a line of its own, what
    stands on the lines below the last one is no part of that, but comes as one more. No more than nine marks count.
    """
    head = text[:_LOOK_AT]
    marks = _find_numbered(head) or [(one.start(), one.end()) for one in _BULLETS.finditer(head)]
    if len(marks) <= 1:
        return ()
    ends = [start for start, _ in marks[1:_MOST]] + [len(head)]
    points = [_strip(head, start, end) for (_, start), end in zip(marks[:_MOST], ends, strict=False)]
    return tuple(_cut_below(head, points)) if all(start < end for start, end in points) else ()


def _cut_below(text: str, points: list[tuple[int, int]]) -> list[tuple[int, int]]:
    *before, (start, end) = points
    line = text.find("\n", start, end)
    in_lines = all("\n" in text[one:other] for (_, one), (other, _) in pairwise(points))
    if line < 0 or not in_lines or any("\n" in text[one:other] for one, other in before):
        return points
    return [*before, _strip(text, start, line), _strip(text, line, end)]


def _find_numbered(text: str) -> list[tuple[int, int]]:
    """Return the marks that count from one on, all of one kind: "2." within the first point is none of them."""
    marks, kind = list[tuple[int, int]](), None
    for name, number, start, end in _list_numbers(text):
        if number == len(marks) + 1 and kind in {None, name}:
            marks.append((start, end))
            kind = name
    return marks


def _list_numbers(text: str) -> Iterator[tuple[str, int, int, int]]:
    for found in _NUMBERED.finditer(text):
        name = found.lastgroup or ""
        yield name, _value(found[name]), found.start(), found.end()


def _value(mark: str) -> int:
    for digits in (_CIRCLED, _CHINESE):
        if mark in digits:
            return digits.index(mark) + 1
    return int(mark) if mark.isdigit() else _ORDINALS[mark.lower()]


def _strip(text: str, start: int, end: int) -> tuple[int, int]:
    part = text[start:end]
    first = start + len(part) - len(part.lstrip(_AROUND))
    return first, max(first, start + len(part.rstrip(_AROUND)))
