"""The same figures side by side: of each person, category, desk, tier, channel or week (product §7)."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time

from aiohttp import web
from sqlalchemy.ext.asyncio import AsyncSession

from bot.supervisor.filters import find_week, read_group
from bot.supervisor.sheets import ZONE, find_names, make_say, name_desk
from escalation.models import PersonRow
from escalation.reports import Group, ReportFilters
from escalation.satisfaction import SatisfactionFigures, compute_satisfaction
from escalation.service_figures import ServiceFigures, compute_service


@dataclass(frozen=True)
class ComparedLine:
    """One line: its name, a login beside a person's, the filters that lead to what it counts, and the figures.

    Figures are None where nothing was opened, or nobody was asked, of this line.
    """

    name: str
    login: str | None
    narrow: Mapping[str, str]
    service: ServiceFigures | None
    satisfaction: SatisfactionFigures | None


def read_comparison(query: Mapping[str, str]) -> Group:
    """Return what is compared; without a word, people. Raises ProblemError."""
    return read_group(query) or Group.PERSON


async def compare(
    session: AsyncSession,
    request: web.Request,
    reader: PersonRow,
    filters: ReportFilters,
    group: Group,
    *,
    now: datetime,
) -> list[ComparedLine]:
    """Return a line for each of a group."""
    service = await compute_service(session, reader, filters, group_by=group, zone=ZONE, now=now)
    satisfaction = await compute_satisfaction(session, reader, filters, group_by=group, zone=ZONE)
    served = {line.line: line for line in service}
    rated = {line.line: line for line in satisfaction}
    names = await find_names(session) if group is Group.PERSON else {}
    return [
        ComparedLine(
            _name(request, group, line, names),
            str(line) if group is Group.PERSON else None,
            find_week(line, filters, ZONE) if isinstance(line, date) else {group.value: str(line)},
            served.get(line),
            rated.get(line),
        )
        for line in sorted({*served, *rated}, key=lambda line: _rank(group, line, served))
    ]


_TIERS = ("critical", "major", "general")


def _rank(
    group: Group, line: str | date | None, served: Mapping[str | date | None, ServiceFigures]
) -> tuple[float, str]:
    """Weeks come in order, tiers the highest first, all others the most tickets first."""
    match group:
        case Group.WEEK:
            return 0, str(line)
        case Group.TIER:
            return _TIERS.index(str(line)), ""
        case _:
            return -(served[line].opened if line in served else 0), str(line)


def _name(request: web.Request, group: Group, line: str | date | None, names: Mapping[str, str]) -> str:
    say = make_say(request)
    match group:
        case Group.PERSON:
            return names[str(line)]
        case Group.DESK:
            return name_desk(request, str(line))
        case Group.WEEK if isinstance(line, date):
            return say("figures.week_of", day=datetime.combine(line, time(), ZONE))
        case _:
            return say(f"{group}.{line}")
