"""What a service file promises: how long a clock has, by which calendar, who works on what. Pure.

A clock runs by its tier's calendar if the tier names one, else by that of its desk, else round the clock. The claim
clock asks the desk first: it stands still while the desk is off duty (product §5).
"""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, time, timedelta
from functools import cached_property
from zoneinfo import ZoneInfo

from escalation.calendar import Calendar, dump_calendar
from escalation.clocks import ClockKind, LadderStep
from escalation.severity import Tier

# The name that says so: a tier or desk that has no calendar, whatever the other has.
ROUND_THE_CLOCK = "round_the_clock"
# So far ahead a table of holidays must reach: pauses make a clock that starts today end weeks later.
_LOOK_AHEAD = timedelta(days=60)


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
class NamedCalendar:
    """A calendar of the service file, with the country whose holidays it keeps and the years that are known of them."""

    name: str
    calendar: Calendar
    country: str | None = None
    known_years: frozenset[int] = frozenset()

    @cached_property
    def digest(self) -> str:
        """What changes when the calendar does, its holidays too."""
        dumped = json.dumps(dump_calendar(self.calendar), sort_keys=True)
        return hashlib.sha256(dumped.encode()).hexdigest()[:16]


@dataclass(frozen=True)
class Terms:
    """What one clock is promised. `digest` changes when they do."""

    within: timedelta
    calendar: Calendar | None
    digest: str


@dataclass(frozen=True)
class ServiceLevels:
    """What a service file says."""

    within: Mapping[tuple[Tier, ClockKind], timedelta]
    ladder: tuple[LadderStep, ...]
    desks: Mapping[str, str]  # category -> desk
    working_hours: WorkingHours
    calendars: Mapping[str, NamedCalendar] = field(default_factory=dict)
    tier_calendars: Mapping[Tier, str] = field(default_factory=dict)
    desk_calendars: Mapping[str, str] = field(default_factory=dict)

    def desk_for(self, category: str) -> str:
        """Return the desk that works on a category."""
        return self.desks[category]

    def calendar_for(self, tier: Tier, kind: ClockKind, desk: str | None = None) -> NamedCalendar | None:
        """Return the calendar a clock runs by, or None: round the clock."""
        of_tier, of_desk = self.tier_calendars.get(tier), self.desk_calendars.get(desk or "")
        name = (of_desk or of_tier) if kind is ClockKind.CLAIM else (of_tier or of_desk)
        return self.calendars.get(name or ROUND_THE_CLOCK)

    def terms_for(self, tier: Tier, kind: ClockKind, desk: str | None = None) -> Terms:
        """Return what a clock is promised."""
        within, named = self.within[tier, kind], self.calendar_for(tier, kind, desk)
        digest = f"{within.total_seconds():.0f}/{named.digest if named else ROUND_THE_CLOCK}"
        return Terms(within, named.calendar if named else None, digest)


def find_unknown_years(levels: ServiceLevels, now: datetime) -> list[str]:
    """Return a sentence for each calendar and near year whose public holidays are not known (yet)."""
    return [
        f"calendar {named.name}: the public holidays of {named.country} in {year} are not known in full, so only those "
        "count that the law itself names; update the package `holidays`, or give the days under the calendar's "
        "exceptions"
        for named in levels.calendars.values()
        if named.country is not None
        for year in sorted({at.astimezone(named.calendar.zone).year for at in (now, now + _LOOK_AHEAD)})
        if year not in named.known_years
    ]
