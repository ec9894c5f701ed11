"""The service file: tiers, clocks, ladder, desks. Checked at load; every fault names file, line, value and clause."""

import math
import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError

from escalation.clocks import CEILINGS, ClockKind, LadderStep
from escalation.severity import Tier

_DEFAULT = Path(__file__).with_name("service_levels.yml")
_CATEGORIES = ("order", "logistics", "quality", "after_sales", "complaint", "handoff")
_DURATION = re.compile(r"P(?:(?P<days>\d+)D)?(?:T(?:(?P<hours>\d+)H)?(?:(?P<minutes>\d+)M)?(?:(?P<seconds>\d+)S)?)?")


class ServiceLevelsError(ValueError):
    """A service file that cannot be used; `faults` has one line for each."""

    def __init__(self, faults: list[str]) -> None:
        super().__init__("\n".join(faults))
        self.faults = faults


@dataclass(frozen=True)
class WorkingHours:
    """When notices about general matters may go out, every day, in the shop's zone."""

    zone: ZoneInfo
    opens: time
    closes: time

    def next_open(self, at: datetime) -> datetime:
        """Return `at` itself within working hours, else the next opening."""
        local = at.astimezone(self.zone)
        if self.opens <= local.time() < self.closes:
            return at
        day = local.date() if local.time() < self.opens else local.date() + timedelta(days=1)
        return datetime.combine(day, self.opens, self.zone).astimezone(at.tzinfo)


@dataclass(frozen=True)
class ServiceLevels:
    """What a service file says."""

    within: Mapping[tuple[Tier, ClockKind], timedelta]
    ladder: tuple[LadderStep, ...]
    desks: Mapping[str, str]  # category -> desk
    working_hours: WorkingHours

    def desk_for(self, category: str) -> str:
        """Return the desk that works on a category."""
        return self.desks[category]


def load_default_service_levels() -> ServiceLevels:
    """Load the file that comes with the product."""
    return load_service_levels(_DEFAULT)


def load_service_levels(path: Path) -> ServiceLevels:
    """Load a service file. Raises ServiceLevelsError with every fault; OSError when it cannot be read."""
    try:
        data = YAML().load(path.read_text(encoding="utf-8"))
    except YAMLError as error:
        raise ServiceLevelsError([f"{path}: not YAML: {error}"]) from None
    faults: list[str] = []
    levels = ServiceLevels(
        within=dict(_read_tiers(path, data, faults)),
        ladder=tuple(_read_ladder(path, data, faults)),
        desks=dict(_read_desks(path, data, faults)),
        working_hours=_read_working_hours(path, data, faults),
    )
    if faults:
        raise ServiceLevelsError(faults)
    return levels


def _section(path: Path, data: Any, name: str, kind: type, faults: list[str]) -> Any:
    section = data.get(name) if isinstance(data, dict) else None
    if not isinstance(section, kind):
        faults.append(f"{path}: {name} is missing or of the wrong form")
        return kind()
    return section


def _read_tiers(path: Path, data: Any, faults: list[str]) -> Iterator[tuple[tuple[Tier, ClockKind], timedelta]]:
    tiers = _section(path, data, "tiers", dict, faults)
    for tier in Tier:
        clocks = tiers.get(tier.value)
        if not isinstance(clocks, dict):
            faults.append(f"{path}: tiers.{tier} is missing")
            continue
        for kind in ClockKind:
            within = _read_within(path, tier, kind, clocks, faults)
            if within is not None:
                yield (tier, kind), within


def _read_within(path: Path, tier: Tier, kind: ClockKind, clocks: Any, faults: list[str]) -> timedelta | None:
    field = f"tiers.{tier}.{kind}"
    value = clocks.get(kind.value)
    where = f"{path}:{_line(clocks, kind.value)}: {field}: {value!r}"
    within = parse_duration(value) if isinstance(value, str) else None
    if within is None or within <= timedelta(0):
        faults.append(f"{where} is no ISO 8601 duration such as PT30M")
        return None
    if within > CEILINGS[kind]:
        faults.append(f"{where} exceeds the {CEILINGS[kind] // timedelta(hours=1)} h of the standard (§1.4)")
        return None
    return within


def _read_ladder(path: Path, data: Any, faults: list[str]) -> Iterator[LadderStep]:
    seen: set[str] = set()
    for number, entry in enumerate(_section(path, data, "ladder", list, faults), start=1):
        try:
            step = _read_step(entry, seen)
        except (KeyError, TypeError, ValueError) as error:
            faults.append(f"{path}: ladder step {number}: {error}")
        else:
            seen.add(step.name)
            yield step
    if "breach" not in seen:
        faults.append(f"{path}: ladder: there is no step breach, so nobody would hear of a missed deadline (§1.4)")


def _read_step(entry: Any, seen: Collection[str]) -> LadderStep:
    """Raise ValueError for a step that cannot be: twice, at no time, or a breach elsewhere than at the deadline."""
    step = LadderStep(str(entry["name"]), float(entry["at"]), frozenset(Tier(tier) for tier in entry["tiers"]))
    if step.name in seen:
        raise ValueError(f"{step.name} is there twice")
    if not 0 < step.at < math.inf:
        raise ValueError(f"at: {entry['at']!r} is no share of a clock's duration")
    if step.name == "breach" and (step.at != 1 or step.tiers != frozenset(Tier)):
        raise ValueError("breach is the deadline of every tier: at 1.0, for all of them")
    return step


def _read_desks(path: Path, data: Any, faults: list[str]) -> Iterator[tuple[str, str]]:
    seen: set[str] = set()
    for desk, entry in _section(path, data, "desks", dict, faults).items():
        for category in entry.get("categories", ()) if isinstance(entry, dict) else ():
            seen.add(category)
            yield category, desk
    missing = [category for category in _CATEGORIES if category not in seen]
    faults.extend(f"{path}: desks: no desk works on {category} (§4.3)" for category in missing)


def _read_working_hours(path: Path, data: Any, faults: list[str]) -> WorkingHours:
    section = _section(path, data, "working_hours", dict, faults)
    try:
        return WorkingHours(
            ZoneInfo(section["zone"]), time.fromisoformat(section["opens"]), time.fromisoformat(section["closes"])
        )
    except (KeyError, TypeError, ValueError, ZoneInfoNotFoundError) as error:
        faults.append(f'{path}: working_hours needs zone, opens and closes (such as "09:00"): {error}')
        return WorkingHours(ZoneInfo("UTC"), time(0), time(0))


def parse_duration(text: str) -> timedelta | None:
    """Return an ISO 8601 duration of days, hours, minutes and seconds, or None if it is none."""
    match = _DURATION.fullmatch(text)
    if match is None or not any(match.groups()):
        return None
    return timedelta(**{unit: int(value) for unit, value in match.groupdict().items() if value})


def _line(mapping: Any, key: str) -> int:
    try:
        return int(mapping.lc.key(key)[0]) + 1
    except (AttributeError, KeyError):
        return 0
