"""Who may see which figures, of which tickets, grouped how: shared by the reports on satisfaction and on service."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, Date, cast, false, func, literal, null, true
from sqlalchemy.orm import InstrumentedAttribute

from escalation.models import PersonRow, TicketRow
from escalation.rights import RIGHTS, Reports, Role


class Group(StrEnum):
    """What figures can be grouped by. A week is named by its Monday, in the shop's zone."""

    CATEGORY = "category"
    DESK = "desk"
    TIER = "tier"
    CHANNEL = "channel"
    PERSON = "person"
    WEEK = "week"


@dataclass(frozen=True)
class ReportFilters:
    """What a report is narrowed to; None means any. From `since` on, before `until`; `person` is a login."""

    since: datetime | None = None
    until: datetime | None = None
    desk: str | None = None
    category: str | None = None
    tier: str | None = None
    channel: str | None = None
    person: str | None = None


def find_reported(reader: PersonRow, whose: ColumnElement[UUID] | InstrumentedAttribute[UUID]) -> ColumnElement[bool]:
    """Return the condition for what a reader may see figures of (product §6): their own, their desk's, or all."""
    match RIGHTS[Role(reader.role)].reports:
        case Reports.ALL:
            return true()
        case Reports.DESK:
            return TicketRow.desk == reader.desk
        case Reports.OWN:
            return whose == reader.id
        case _:
            return false()


def find_conditions(filters: ReportFilters, at: InstrumentedAttribute[datetime]) -> list[ColumnElement[bool]]:
    """Return the filters' conditions on a query of tickets joined with people; `at` is what the period is about."""
    columns: dict[str, InstrumentedAttribute[str]] = {
        "desk": TicketRow.desk,
        "category": TicketRow.category,
        "tier": TicketRow.tier,
        "channel": TicketRow.channel,
        "person": PersonRow.login,
    }
    asked = {name: getattr(filters, name) for name in columns}
    period = ([at >= filters.since] if filters.since else []) + ([at < filters.until] if filters.until else [])
    return [*period, *(columns[name] == value for name, value in asked.items() if value is not None)]


def find_group(group_by: Group | None, at: InstrumentedAttribute[datetime], zone: ZoneInfo) -> ColumnElement[Any]:
    """Return what a report's lines are grouped by: text, a date for weeks, nothing for one line in all."""
    columns: dict[Group, ColumnElement[Any] | InstrumentedAttribute[str]] = {
        Group.CATEGORY: TicketRow.category,
        Group.DESK: TicketRow.desk,
        Group.TIER: TicketRow.tier,
        Group.CHANNEL: TicketRow.channel,
        Group.PERSON: PersonRow.login,
        Group.WEEK: cast(func.date_trunc("week", func.timezone(literal(zone.key), at)), Date),
    }
    return null().label("line") if group_by is None else columns[group_by].label("line")
