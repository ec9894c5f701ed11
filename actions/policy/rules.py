"""The policy as records: what `load_policy` makes of the shop's file, and what `decide` reads. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

from actions.days import day_of, end_of_day, next_working_day
from actions.policy.limits import Limit

LANGUAGES = ("zh-Hans", "zh-Hant", "en")
Text = Mapping[str, str]


@dataclass(frozen=True)
class Combinations:
    """Requests, reasons and kinds of goods that no rule settles on purpose: every one of these with every other."""

    requests: frozenset[str]
    reasons: frozenset[str]
    kinds: frozenset[str]


@dataclass(frozen=True)
class Rule:
    """One rule. Each uses the fields it needs (see `schema.FIELDS`); `texts` by name, each in three languages.

    `steps`: amounts by days late, as (up to this many days or None for any more, amount), ascending.
    """

    id: str
    clauses: tuple[str, ...]
    texts: Mapping[str, Text]
    days: int = 0
    hours: int = 0
    payer: str = "none"
    evidence: tuple[str, ...] = ()
    kinds: frozenset[str] = frozenset()
    sealed_kinds: frozenset[str] = frozenset()
    unrepairable: frozenset[str] = frozenset()
    days_by_kind: Mapping[str, int] = field(default_factory=dict)
    days_by_part: Mapping[str, int] = field(default_factory=dict)
    steps: tuple[tuple[int | None, Decimal], ...] = ()
    rates: Mapping[str, Decimal] = field(default_factory=dict)
    least: Decimal = Decimal(0)
    most: Decimal = Decimal(0)
    times: int = 0
    repairs: int = 0
    leaves: tuple[Combinations, ...] = ()

    @property
    def within(self) -> timedelta:
        """An hour period; its last instant belongs to it."""
        return timedelta(hours=self.hours)


@dataclass(frozen=True)
class PolicyVersion:
    """The rules in force from an instant on; None is the beginning."""

    name: str
    effective_at: datetime | None
    rules: Mapping[str, Rule]


@dataclass(frozen=True)
class Policy:
    """The shop's policy: versions oldest first, its zone, its calendar, and what it calls things.

    `limits`: what the bot settles by itself for one customer on one day, by kind of shop command.
    `freight_names`: who pays for sending back, by payer ("none" is the insurance). `method_names`: ways to pay.
    """

    zone: ZoneInfo
    holiday_extension: bool
    days_off: frozenset[date]
    working_days: frozenset[date]
    remedy_names: Mapping[str, Text]
    freight_names: Mapping[str, Text]
    method_names: Mapping[str, Text]
    versions: tuple[PolicyVersion, ...]
    limits: Mapping[str, Limit] = field(default_factory=dict)

    def version_at(self, at: datetime) -> PolicyVersion:
        """Return the version in force at an instant: what was promised at the purchase is what holds."""
        begun = (one for one in self.versions if one.effective_at is None or one.effective_at <= at)
        return list(begun)[-1]

    def end_of_promise(self, event_at: datetime, days: int) -> datetime:
        """Return 24:00 of the last day of a period the shop itself gives; exclusive."""
        return end_of_day(day_of(event_at, self.zone) + timedelta(days=days), self.zone)

    def end_of_right(self, event_at: datetime, days: int) -> datetime:
        """Return 24:00 of the last day of a period the law gives: never on a day off (Civil Code 203); exclusive."""
        last = day_of(event_at, self.zone) + timedelta(days=days)
        if self.holiday_extension:
            last = next_working_day(last, days_off=self.days_off, working_days=self.working_days)
        return end_of_day(last, self.zone)
