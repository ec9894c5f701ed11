"""A report's filters, as they stand in the address: a view can be shared by its link."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from bot.web.errors import YEARS, ProblemError
from escalation.reports import Group, ReportFilters

NAMES = ("since", "until", "desk", "category", "tier", "channel", "person")
CHANNELS = ("widget", "telegram")
_DAYS = 28


def read_filters(query: Mapping[str, str], *, zone: ZoneInfo, now: datetime) -> ReportFilters:
    """Return the filters of an address; without a period the last four weeks. Raises ProblemError for a bad date."""
    given = {name: query.get(name) or None for name in NAMES}
    since = _read_day("since", given["since"]) or (now.astimezone(zone).date() - timedelta(days=_DAYS - 1))
    until = _read_day("until", given["until"])
    return ReportFilters(
        since=datetime.combine(since, time(), zone),
        until=datetime.combine(until + timedelta(days=1), time(), zone) if until else None,
        desk=given["desk"],
        category=given["category"],
        tier=given["tier"],
        channel=given["channel"],
        person=given["person"],
    )


def find_period_before(filters: ReportFilters, now: datetime) -> ReportFilters:
    """Return the same filters for as long a time just before."""
    if filters.since is None:
        return filters
    length = max((filters.until or now) - filters.since, timedelta())
    room = filters.since - datetime.min.replace(tzinfo=UTC) - timedelta(days=1)
    return replace(filters, since=filters.since - min(length, room), until=filters.since)


def read_group(query: Mapping[str, str]) -> Group | None:
    """Return what figures are grouped by, None for one line in all. Raises ProblemError."""
    wanted = query.get("by")
    try:
        return Group(wanted) if wanted else None
    except ValueError:
        raise ProblemError(422, "bad_group", f'"by" is one of: {", ".join(Group)}.') from None


def make_link(path: str, query: Mapping[str, str], **changes: str) -> str:
    """Return an address with the same filters and these changes; one that is empty is left out."""
    asked = {**{name: query.get(name, "") for name in (*NAMES, "lang")}, **changes}
    wanted = urlencode({name: value for name, value in asked.items() if value})
    return f"{path}?{wanted}" if wanted else path


def find_week(monday: date, filters: ReportFilters, zone: ZoneInfo) -> dict[str, str]:
    """Return the filters of one week of a report: what of it lies in the period that was asked for."""
    since, until = monday, monday + timedelta(days=6)
    if filters.since:
        since = max(since, filters.since.astimezone(zone).date())
    if filters.until:
        until = min(until, filters.until.astimezone(zone).date() - timedelta(days=1))
    return {"since": since.isoformat(), "until": until.isoformat()}


def _read_day(name: str, text: str | None) -> date | None:
    try:
        day = date.fromisoformat(text) if text else None
    except ValueError:
        raise ProblemError(422, f"bad_{name}", f'"{name}" must be a day such as 2026-11-23.') from None
    if day is not None and day.year not in YEARS:
        raise ProblemError(422, f"bad_{name}", f'"{name}" must lie between {YEARS[0]} and {YEARS[-1]}.')
    return day
