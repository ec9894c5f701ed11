"""Dates in a message, seen from the time it was written: found in the application, after any engine's reading.

    reading = add_dates(reading, find_dates(text, at=received_at, zone=shop_zone))     # blocks: in a thread

A date is an Entity named "date" whose value is ISO 8601: a day (`2026-11-18`), or an instant in the shop's zone where a
time of day is told (`2026-11-18T20:00+08:00`). Customers tell what has happened: a day without a year, or "周五", is
the last one, unless the words say that it is to come. A week or a month as a whole ("上周") is no date.
"""

import re
from dataclasses import replace
from datetime import date, datetime, tzinfo

from bot.nlu.dates_chinese import find_chinese_dates
from bot.nlu.dates_english import find_english_dates
from bot.nlu.folding import fold
from bot.nlu.reading import Entity, Reading

MOST_DATES = 12
"""More dates than these nobody means; each costs time."""

_GATE = re.compile(
    r"前|[昨今明][天日儿晚早夜晨]|后[天日]|[寻琴听]日|[0-9一二三四五六七八九十][号日]|月[0-9一二三四五六七八九十]|[周期拜][一二三四五六日天末]"
    r"|双[十1]|618|六一|国庆|五一|节|元[旦宵]|三八|平安夜|圣诞|万圣|黑五|黑色星期|春节|除夕|初一|清明|端午|中秋"
    r"|[0-9]/[0-9]|20[0-9]{2}[-/.年]"
    r"|day|ago|tomorrow|tonight|last night|this (?:morning|afternoon|evening)|christmas|xmas|halloween"
    r"|new year|mid-autumn|festival|double (?:1|el)|(?<![a-z])(?:mon|tues?|wed|thu|thurs?|fri|sat|sun)(?![a-z])"
    r"|(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)|[0-9](?:st|nd|rd|th)"
)
# What a date's characters may have been taken for without knowing it.
_WEAKER = frozenset(("duration", "quantity", "size", "colour", "amount", "defect"))


def may_name_date(text: str) -> bool:
    """Whether a text may name a date: cheap, and right when it says no."""
    return _GATE.search(fold(text).text) is not None


def find_dates(text: str, *, at: datetime, zone: tzinfo) -> tuple[Entity, ...]:
    """Return the dates in a text in the order they stand, seen from the instant `at`. Accepts any string.

    In English it may take milliseconds a date: not for the event loop.
    """
    folded, local = fold(text), at.astimezone(zone)
    if _GATE.search(folded.text) is None:
        return ()
    taken = bytearray(len(folded.raw))
    found: list[Entity] = []
    for finder in (find_chinese_dates, find_english_dates):
        for moment, *place in finder(folded.text, local):
            start, end = folded.find_span(*place)
            if len(found) >= MOST_DATES:
                break
            if 1 not in taken[start:end]:
                taken[start:end] = b"\1" * (end - start)
                found.append(Entity("date", _write(moment), start, end))
    return tuple(sorted(found, key=lambda entity: entity.start))


def _write(moment: date | datetime) -> str:
    return moment.isoformat(timespec="minutes") if isinstance(moment, datetime) else moment.isoformat()


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
