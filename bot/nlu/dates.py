"""Dates in a message, seen from the time it was written: found in the application, after any engine's reading.

    reading = add_dates(reading, find_dates(text, at=received_at, zone=shop_zone))     # blocks: in a thread

A date is an Entity named "date" whose value is ISO 8601: a day (`2026-11-18`), or an instant in the shop's zone where a
time of day is told (`2026-11-18T20:00+08:00`). Customers tell what has happened: a day without a year, or "周五", is
the last one, unless the words say that it is to come. A week or a month as a whole ("上周") is no date.
"""

import re
from dataclasses import replace
from datetime import datetime, tzinfo

from bot.nlu.dates_chinese import find_chinese_dates
from bot.nlu.dates_english import find_english_dates
from bot.nlu.folding import LOOK_AT, fold
from bot.nlu.reading import Entity, Reading

MOST_DATES = 12
"""More dates than these nobody means; each costs time."""

_GATE = re.compile(
    r"[前昨今明][天日年儿兒晚早夜晨]|[后後][天日]|[尋寻琴聽听]日|[0-9一二三四五六七八九十][号號日]|[月][0-9一二三四五六七八九十]|[週周期拜][一二三四五六日天末]"
    r"|前|[双雙]十|[双雙]1|618|六一|[国國][庆慶]|五一|[节節]|元[旦宵]|三八|平安夜|[圣聖][诞誕]|[万萬][圣聖]|黑五|黑色星期|除夕|初一|清明|端午|中秋"
    r"|[0-9]/[0-9]|20[0-9]{2}[-/.年]"
    r"|day|\bago\b|tomorrow|tonight|last night|this (?:morning|afternoon|evening)|christmas|xmas|halloween|new year"
    r"|mid-autumn|festival|double (?:1|el)|\b(?:mon|tues?|wed|thu|thurs?|fri|sat|sun)\b"
    r"|\b(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]{0,6}\b|[0-9](?:st|nd|rd|th)\b",
    re.IGNORECASE,
)
# What a date's characters may have been taken for without knowing it.
_WEAKER = frozenset(("duration", "quantity", "size", "colour", "amount", "defect"))


def may_name_date(text: str) -> bool:
    """Whether a text may name a date: cheap, and right when it says no."""
    return _GATE.search(fold_widths(text[:LOOK_AT])) is not None


def fold_widths(text: str) -> str:
    """Return the text with full-width digits and letters narrow."""
    return text if text.isascii() else text.translate(_NARROW)


def find_dates(text: str, *, at: datetime, zone: tzinfo) -> tuple[Entity, ...]:
    """Return the dates in a text in the order they stand, seen from the instant `at`. Accepts any string.

    In English it may take milliseconds a date: not for the event loop.
    """
    if not may_name_date(text):
        return ()
    folded, local = fold(text), at.astimezone(zone)
    taken = bytearray(len(folded.text))
    found: list[Entity] = []
    for finder in (find_chinese_dates, find_english_dates):
        for moment, start, end in finder(folded.text, local):
            if len(found) >= MOST_DATES:
                break
            if 1 in taken[start:end]:
                continue
            taken[start:end] = b"\1" * (end - start)
            value = moment.isoformat(timespec="minutes") if isinstance(moment, datetime) else moment.isoformat()
            found.append(Entity("date", value, *folded.find_span(start, end)))
    return tuple(sorted(found, key=lambda entity: entity.start))


def add_dates(reading: Reading, dates: tuple[Entity, ...]) -> Reading:
    """Return the reading with the dates among its entities: 三天前 is no duration; a number keeps its digits."""
    if not dates:
        return reading
    strong = [entity for entity in reading.entities if entity.name not in _WEAKER]
    free = [one for one in dates if not any(_overlap(one, other) for other in strong)]
    kept = [entity for entity in reading.entities if not any(_overlap(entity, one) for one in free)]
    return replace(reading, entities=tuple(sorted([*kept, *free], key=lambda entity: entity.start)))


def _overlap(one: Entity, other: Entity) -> bool:
    return one.start < other.end and other.start < one.end


_NARROW = {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)}
