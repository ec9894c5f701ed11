"""What the bot settled alone: requests that ended without a ticket, by category (product §7). Read only.

A request is what one conversation asked about one category on one day of the shop's: a conversation with a customer
may go on for years, so its days are counted apart.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, Date, Select, String, Subquery, and_, cast, func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.models import Conversation, Inbound
from escalation.models import PersonRow, TicketRow
from escalation.reports import ReportFilters
from escalation.rights import RIGHTS, Reports, Role
from escalation.service_levels import ServiceLevels

# How far the clocks of two processes may lie apart.
_SKEW = timedelta(hours=1)


@dataclass(frozen=True)
class AloneFigures:
    """Requests of one category (None: of all). `waiting`: neither settled nor a person's; a question was not answered.

    What waits counts against the share, so that customers who gave up do not flatter it.
    """

    category: str | None
    requests: int
    with_person: int
    waiting: int

    @property
    def alone(self) -> int:
        """Requests that the bot settled."""
        return self.requests - self.with_person - self.waiting

    @property
    def share(self) -> float | None:
        """Settled of all, or None."""
        return self.alone / self.requests if self.requests else None


async def compute_alone(
    session: AsyncSession, reader: PersonRow, filters: ReportFilters, *, levels: ServiceLevels, zone: ZoneInfo
) -> list[AloneFigures]:
    """Return a line for each category, the most asked first. No person and no tier has a part in these figures."""
    categories = _find_categories(reader, filters, levels)
    rows = await session.execute(_count(_find_requests(filters, categories, zone), filters))
    lines = [AloneFigures(*row) for row in rows]
    return sorted(lines, key=lambda line: (-line.requests, line.category or ""))


def add_up(lines: Collection[AloneFigures]) -> AloneFigures:
    """Return all categories as one line."""
    return AloneFigures(
        None,
        sum(line.requests for line in lines),
        sum(line.with_person for line in lines),
        sum(line.waiting for line in lines),
    )


def _find_categories(reader: PersonRow, filters: ReportFilters, levels: ServiceLevels) -> set[str] | None:
    """Which categories are counted: what was asked for of what the reader may see (product §6); None is all."""
    rights = RIGHTS[Role(reader.role)].reports
    if rights not in {Reports.ALL, Reports.DESK}:
        return set()
    asked = [{filters.category}] if filters.category else []
    desks = [filters.desk, reader.desk if rights is Reports.DESK else None]
    of_desks = [{category for category, desk in levels.desks.items() if desk == one} for one in desks if one]
    return set.intersection(*asked, *of_desks) if asked or of_desks else None


def _find_requests(filters: ReportFilters, categories: set[str] | None, zone: ZoneInfo) -> Subquery:
    """The requests of a period, and whether a message of theirs opened a ticket (its cause names the message)."""
    topic = Inbound.payload["topic"].astext
    day = cast(func.timezone(zone.key, Inbound.received_at), Date)
    query = (
        select(
            Inbound.conversation_id,
            topic.label("category"),
            day.label("day"),
            func.min(Inbound.received_at).label("began_at"),
            func.count(TicketRow.id).label("tickets"),
        )
        .outerjoin(TicketRow, and_(*_is_cause(filters)))
        .where(topic.is_not(None), Inbound.kind.in_(("text", "choice")))
        .group_by(Inbound.conversation_id, topic, day)
    )
    if filters.since:
        query = query.where(Inbound.received_at >= filters.since)
    if filters.until:
        query = query.where(Inbound.received_at < filters.until)
    if categories is not None:
        query = query.where(topic.in_(categories))
    return query.subquery()


def _is_cause(filters: ReportFilters) -> list[ColumnElement[bool]]:
    """A ticket is opened after the message that caused it, so older ones need not be looked through."""
    is_cause = func.split_part(TicketRow.cause, "/", 1) == cast(Inbound.id, String)
    return [is_cause, *([TicketRow.opened_at >= filters.since - _SKEW] if filters.since else [])]


def _count(asked: Subquery, filters: ReportFilters) -> Select[str, int, int, int]:
    """Count requests by category: those of people (a ticket came of it, or one was open already), those that wait."""
    open_already = select(TicketRow.id).where(
        TicketRow.conversation_id == asked.c.conversation_id,
        TicketRow.category == asked.c.category,
        TicketRow.opened_at <= asked.c.began_at,
        or_(TicketRow.resolved_at.is_(None), TicketRow.resolved_at > asked.c.began_at),
    )
    with_person = or_(asked.c.tickets > 0, open_already.exists())
    is_last = and_(
        Conversation.state["topic"].astext == asked.c.category,
        Conversation.updated_at >= asked.c.began_at,
        Conversation.updated_at < asked.c.began_at + func.make_interval(0, 0, 0, 1),
    )
    waiting = and_(~with_person, is_last, func.jsonb_array_length(Conversation.state["frames"]) > 0)
    query = (
        select(asked.c.category, func.count(), func.count().filter(with_person), func.count().filter(waiting))
        .join(Conversation, Conversation.id == asked.c.conversation_id)
        .group_by(asked.c.category)
    )
    return query.where(Conversation.channel == filters.channel) if filters.channel else query
