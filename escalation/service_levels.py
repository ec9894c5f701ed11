"""Reads and checks the service file: tiers, clocks, ladder, desks, calendars (docs/reference/service-file.md).

Checked at load; every fault is told at once, each with file, line, field, value and clause.
"""

import math
import re
from collections.abc import Collection, Iterator, Mapping
from datetime import time, timedelta
from functools import cache
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.constructor import RoundTripConstructor
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.nodes import ScalarNode

from escalation.clocks import CEILINGS, ClockKind, LadderStep
from escalation.faults import Faults
from escalation.service_calendars import CLAUSE, read_calendars, read_zone
from escalation.severity import Tier
from escalation.terms import ROUND_THE_CLOCK, ServiceLevels, WorkingHours

__all__ = [
    "ServiceLevels",
    "ServiceLevelsError",
    "WorkingHours",
    "load_default_service_levels",
    "load_service_levels",
    "parse_duration",
]

_DEFAULT = Path(__file__).with_name("service_levels.yml")
_CATEGORIES = ("order", "logistics", "quality", "after_sales", "complaint", "handoff")
_TIERS = tuple(tier.value for tier in Tier)
_CLOCKS = tuple(kind.value for kind in ClockKind)
_TOP = ("tiers", "ladder", "desks", "working_hours")
_DURATION = re.compile(r"P(?:(?P<days>\d+)D)?(?:T(?:(?P<hours>\d+)H)?(?:(?P<minutes>\d+)M)?(?:(?P<seconds>\d+)S)?)?")
_LOCAL_TIME = re.compile(r"([01]\d|2[0-3]):[0-5]\d")
_BREACH = "breach"


class ServiceLevelsError(ValueError):
    """A service file that cannot be used; `faults` has one line for each."""

    def __init__(self, faults: list[str]) -> None:
        super().__init__("\n".join(faults))
        self.faults = faults


@cache
def load_default_service_levels() -> ServiceLevels:
    """Load the file that comes with the product."""
    return load_service_levels(_DEFAULT)


def load_service_levels(path: Path) -> ServiceLevels:
    """Load a service file. Raises ServiceLevelsError with every fault; OSError when it cannot be read."""
    try:
        data = _make_yaml().load(path.read_text(encoding="utf-8"))
    except (YAMLError, UnicodeDecodeError, ValueError, RecursionError) as error:
        mark = error.problem_mark if isinstance(error, MarkedYAMLError) else None
        problem = getattr(error, "problem", None) or error
        raise ServiceLevelsError([f"{path}:{mark.line + 1 if mark else 1}: not YAML: {problem}"]) from None
    if not isinstance(data, Mapping):
        raise ServiceLevelsError([f"{path}:1: the file is no table; it needs {', '.join(_TOP)} (§1.4)"])
    faults = Faults(path, CLAUSE)
    levels = _read(data, faults)
    if told := faults.tell():
        raise ServiceLevelsError(told)
    return levels


class _Constructor(RoundTripConstructor):
    """Leaves a day as it is written, so that one there is not (2026-02-30) is a fault with its line, not a crash."""

    def construct_day(self, node: ScalarNode) -> str:
        return str(node.value)


_Constructor.add_constructor("tag:yaml.org,2002:timestamp", _Constructor.construct_day)


def _make_yaml() -> YAML:
    yaml = YAML()
    yaml.Constructor = _Constructor
    return yaml


def _read(data: Mapping[str, Any], faults: Faults) -> ServiceLevels:
    faults.check_names(data, "", required=_TOP, optional=("calendars",))
    section = _section(data, "calendars", faults)
    calendars = read_calendars(section, faults)
    tiers, desks = _section(data, "tiers", faults), _section(data, "desks", faults)
    # What was refused as a calendar is told once, not again by everybody who names it.
    names = {ROUND_THE_CLOCK, *section}
    return ServiceLevels(
        within=dict(_read_tiers(tiers, faults)),
        ladder=tuple(_read_ladder(data, faults)),
        desks=dict(_read_desks(desks, faults)),
        working_hours=_read_working_hours(_section(data, "working_hours", faults), faults),
        calendars=calendars,
        tier_calendars={Tier(tier): name for tier, name in _read_names(tiers, "tiers", _TIERS, names, faults)},
        desk_calendars=dict(_read_names(desks, "desks", tuple(desks), names, faults)),
    )


def _section(data: Mapping[str, Any], name: str, faults: Faults) -> Mapping[Any, Any]:
    section = data.get(name)
    if isinstance(section, Mapping):
        return section
    if section is not None or name in data:
        faults.note(data, name, name, "is no table")
    return {}


def _read_tiers(tiers: Mapping[Any, Any], faults: Faults) -> Iterator[tuple[tuple[Tier, ClockKind], timedelta]]:
    if tiers:
        faults.check_names(tiers, "tiers.", required=_TIERS)
    for tier in Tier:
        clocks = tiers.get(tier.value)
        if isinstance(clocks, Mapping):
            faults.check_names(clocks, f"tiers.{tier}.", required=_CLOCKS, optional=("calendar",))
            for kind in ClockKind:
                within = _read_within(clocks, tier, kind, faults)
                if within is not None:
                    yield (tier, kind), within
        elif tier.value in tiers:
            faults.note(tiers, tier.value, f"tiers.{tier}", "is no table of clocks", "§1.4")


def _read_within(clocks: Mapping[Any, Any], tier: Tier, kind: ClockKind, faults: Faults) -> timedelta | None:
    if kind.value not in clocks:
        return None
    field, value = f"tiers.{tier}.{kind}", clocks[kind.value]
    within = parse_duration(value) if isinstance(value, str) else None
    if within is None or within <= timedelta(0):
        faults.note(clocks, kind.value, field, "is no ISO 8601 duration such as PT30M", "§1.4")
        return None
    if within > CEILINGS[kind]:
        hours = CEILINGS[kind] // timedelta(hours=1)
        faults.note(clocks, kind.value, field, f"exceeds the {hours} h of the standard", "§1.4")
        return None
    return within


def _read_names(
    section: Mapping[Any, Any], name: str, keys: tuple[str, ...], known: Collection[str], faults: Faults
) -> Iterator[tuple[str, str]]:
    """Yield the calendar that each tier or desk names."""
    for key in keys:
        entry = section.get(key)
        calendar = entry.get("calendar") if isinstance(entry, Mapping) else None
        if calendar is None:
            continue
        if not isinstance(calendar, str) or calendar not in known:
            reason = f"is no calendar of this file; they are: {', '.join(sorted(map(str, known)))}"
            faults.note(entry, "calendar", f"{name}.{key}.calendar", reason, "§1.4")
        else:
            yield key, calendar


def _read_ladder(data: Mapping[str, Any], faults: Faults) -> Iterator[LadderStep]:
    rows = data.get("ladder")
    if not isinstance(rows, list):
        if "ladder" in data:
            faults.note(data, "ladder", "ladder", "is no list of steps", "§1.4")
        return
    seen: set[str] = set()
    for at, entry in enumerate(rows):
        field = f"ladder[{at}]"
        if not isinstance(entry, Mapping):
            faults.note(rows, at, field, "is no step: it needs name, at and tiers")
            continue
        faults.check_names(entry, f"{field}.", required=("name", "at", "tiers"))
        step = _read_step(entry, field, seen, faults)
        seen.add(str(entry.get("name")))
        if step is not None:
            yield step
    if _BREACH not in seen:
        faults.note(data, "ladder", "ladder", "has no step breach, so nobody would hear of a missed deadline", "§1.4")


def _read_step(entry: Mapping[str, Any], field: str, seen: Collection[str], faults: Faults) -> LadderStep | None:
    """Return a step, or None for one that cannot be: twice, at no time, or a breach elsewhere than at the deadline."""
    name, share, tiers = entry.get("name"), entry.get("at"), entry.get("tiers")
    if not all(key in entry for key in ("name", "at", "tiers")):
        return None
    if not isinstance(name, str) or not name or len(name) > 40:
        faults.note(entry, "name", f"{field}.name", "is no name of a step (a word of at most 40 letters)")
    elif name in seen:
        faults.note(entry, "name", f"{field}.name", "is there twice")
    elif not isinstance(share, int | float) or isinstance(share, bool) or not 0 < share < math.inf or share > 100:
        faults.note(entry, "at", f"{field}.at", f"is no share of a clock's duration ({name})")
    elif not isinstance(tiers, list) or not tiers or any(tier not in _TIERS for tier in tiers):
        faults.note(entry, "tiers", f"{field}.tiers", f"is no list of tiers; they are: {', '.join(_TIERS)}")
    elif name == _BREACH and (share != 1 or set(tiers) != set(_TIERS)):
        key = "at" if share != 1 else "tiers"
        faults.note(
            entry, key, f"{field}.{key}", "breach is the deadline of every tier: at 1.0, for all of them", "§1.4"
        )
    else:
        return LadderStep(name, float(share), frozenset(map(Tier, tiers)))
    return None


def _read_desks(desks: Mapping[Any, Any], faults: Faults) -> Iterator[tuple[str, str]]:
    seen: set[str] = set()
    for desk, entry in desks.items():
        field = f"desks.{desk}"
        if not isinstance(desk, str) or len(desk) > 40 or not isinstance(entry, Mapping):
            faults.note(desks, desk, field, "is no desk: it needs a name of at most 40 letters, and categories", "§4.3")
            continue
        faults.check_names(entry, f"{field}.", required=("categories",), optional=("calendar",))
        for category in _read_categories(entry, field, faults):
            if category in seen:
                faults.note(entry, "categories", f"{field}.categories", f"takes {category} from another desk", "§4.3")
            seen.add(category)
            yield category, desk
    for category in _CATEGORIES:
        if category not in seen:
            faults.note(desks, None, "desks", f"works on {category}", "§4.3")


def _read_categories(entry: Mapping[str, Any], field: str, faults: Faults) -> list[str]:
    categories = entry.get("categories", [])
    if not isinstance(categories, list):
        faults.note(entry, "categories", f"{field}.categories", "is no list of categories", "§4.3")
        return []
    for at, category in enumerate(categories):
        if category not in _CATEGORIES:
            reason = f"is no category; they are: {', '.join(_CATEGORIES)}"
            faults.note(categories, at, f"{field}.categories[{at}]", reason, "§4.3")
    return [category for category in categories if category in _CATEGORIES]


def _read_working_hours(section: Mapping[Any, Any], faults: Faults) -> WorkingHours:
    if section:
        faults.check_names(section, "working_hours.", required=("zone", "opens", "closes"))
    opens, closes = (_read_time(section, key, faults) for key in ("opens", "closes"))
    if opens is not None and closes is not None and closes <= opens:
        faults.note(section, "closes", "working_hours.closes", "is not after opens")
    zone = read_zone(section, "zone", "working_hours.zone", faults)
    return WorkingHours(zone, opens or time(0), closes or time(0))


def _read_time(section: Mapping[Any, Any], key: str, faults: Faults) -> time | None:
    if key not in section:
        return None
    value = section[key]
    if isinstance(value, str) and _LOCAL_TIME.fullmatch(value):
        return time.fromisoformat(value)
    faults.note(section, key, f"working_hours.{key}", 'is no time of day such as "09:00"')
    return None


def parse_duration(text: str) -> timedelta | None:
    """Return an ISO 8601 duration of days, hours, minutes and seconds, or None if it is none."""
    match = _DURATION.fullmatch(text)
    if match is None or not any(match.groups()):
        return None
    try:
        return timedelta(**{unit: int(value) for unit, value in match.groupdict().items() if value})
    except (OverflowError, ValueError):
        return None
