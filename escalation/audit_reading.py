"""Reading the audit log, newest first, with the names that its ids stand for (product §6). It changes nothing."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, and_, select, tuple_
from sqlalchemy.ext.asyncio import AsyncSession

from escalation.errors import ForbiddenError
from escalation.models import AnchorRow, AuditRow, PersonRow, ProposalRow, TicketRow
from escalation.rights import RIGHTS, Role

PAGE = 50
# The chain of the log itself: that it was checked, and what came of it.
LOG = "audit/log"
_PERSON, _TICKET = "person/", "ticket/"


@dataclass(frozen=True)
class AuditFilters:
    """Which entries: by or about a person (a login), about a ticket (a number), of a kind; `until` is exclusive."""

    person: str | None = None
    ticket: str | None = None
    kind: str | None = None
    since: datetime | None = None
    until: datetime | None = None


@dataclass(frozen=True)
class AuditCursor:
    """Where a list goes on: behind the entry of this instant and number."""

    at: datetime
    number: int


@dataclass(frozen=True)
class AuditPage:
    """Some entries, and where the next ones begin.

    `names`: of people, by login; `labels`: what subjects are called (a login, a ticket's number), where they are known.
    """

    entries: Sequence[AuditRow]
    further: AuditCursor | None
    names: Mapping[str, str]
    labels: Mapping[str, str]


def check_may_read(reader: PersonRow) -> None:
    """Raises ForbiddenError for who may not read the log."""
    if not RIGHTS[Role(reader.role)].reads_audit:
        raise ForbiddenError("the audit log is for operations managers, auditors and admins")


async def list_entries(
    session: AsyncSession,
    reader: PersonRow,
    filters: AuditFilters,
    *,
    after: AuditCursor | None = None,
    limit: int = PAGE,
) -> AuditPage:
    """Return a page of the log. Somebody, or a ticket, that there is not has no entries. Raises ForbiddenError."""
    check_may_read(reader)
    conditions = await _find_conditions(session, filters, after)
    if conditions is None:
        return AuditPage([], None, {}, {})
    found: list[AuditRow] = []
    for condition in conditions:
        found += (await session.scalars(_newest(condition, limit + 1))).all()
    found = sorted(found, key=lambda row: (row.at, row.number), reverse=True)[: limit + 1]
    entries = found[:limit]
    further = AuditCursor(entries[-1].at, entries[-1].number) if len(found) > limit else None
    return AuditPage(entries, further, await _find_names(session, entries), await _find_labels(session, entries))


def _newest(condition: ColumnElement[bool], limit: int) -> Select[AuditRow]:
    return select(AuditRow).where(condition).order_by(AuditRow.at.desc(), AuditRow.number.desc()).limit(limit)


async def _find_conditions(
    session: AsyncSession, filters: AuditFilters, after: AuditCursor | None
) -> Sequence[ColumnElement[bool]] | None:
    """Return what is asked for, as conditions that exclude one another, each with an index of its own; None: nothing.

    By somebody and about somebody are two of them: one condition with "or" would be looked up in no index.
    """
    common: list[ColumnElement[bool]] = []
    if filters.kind:
        common.append(AuditRow.action == filters.kind)
    if filters.since:
        common.append(AuditRow.at >= filters.since)
    if filters.until:
        common.append(AuditRow.at < filters.until)
    if after:
        common.append(tuple_(AuditRow.at, AuditRow.number) < (after.at, after.number))
    if filters.ticket:
        ticket = await session.scalar(select(TicketRow.id).where(TicketRow.number == filters.ticket))
        if ticket is None:
            return None
        common.append(AuditRow.subject == f"{_TICKET}{ticket}")
    if not filters.person:
        return [and_(True, *common)]
    about = await _find_person(session, filters.person)
    if about is None:
        return [and_(AuditRow.actor == filters.person, *common)]
    subject = f"{_PERSON}{about}"
    by_them = and_(AuditRow.actor == filters.person, AuditRow.subject != subject, *common)
    return [by_them, and_(AuditRow.subject == subject, *common)]


async def _find_person(session: AsyncSession, login: str) -> UUID | None:
    """Return who is called so: somebody who works here or did, or was only proposed."""
    person = await session.scalar(select(PersonRow.id).where(PersonRow.login == login))
    if person is not None:
        return person
    proposed = select(ProposalRow.person_id).where(ProposalRow.login == login)
    return await session.scalar(proposed.order_by(ProposalRow.proposed_at.desc()).limit(1))


async def _find_names(session: AsyncSession, entries: Sequence[AuditRow]) -> Mapping[str, str]:
    logins = {entry.actor for entry in entries} | {
        word for entry in entries for value in entry.details.values() for word in _words(value)
    }
    rows = await session.execute(select(PersonRow.login, PersonRow.name).where(PersonRow.login.in_(logins)))
    return {row.login: row.name for row in rows}


def _words(value: Any) -> Sequence[str]:
    if isinstance(value, list):
        return [word for word in value if isinstance(word, str)]
    return [value] if isinstance(value, str) and len(value) <= 60 else []


async def _find_labels(session: AsyncSession, entries: Sequence[AuditRow]) -> Mapping[str, str]:
    people, tickets = _ids(entries, _PERSON), _ids(entries, _TICKET)
    labels: dict[str, str] = {}
    proposed = select(ProposalRow.person_id, ProposalRow.login).where(ProposalRow.person_id.in_(people))
    known = select(PersonRow.id, PersonRow.login).where(PersonRow.id.in_(people))
    for query in (proposed, known) if people else ():
        labels |= {f"{_PERSON}{row[0]}": row[1] for row in await session.execute(query)}
    if tickets:
        numbers = select(TicketRow.id, TicketRow.number).where(TicketRow.id.in_(tickets))
        labels |= {f"{_TICKET}{row[0]}": row[1] for row in await session.execute(numbers)}
    return labels


def _ids(entries: Sequence[AuditRow], prefix: str) -> Sequence[UUID]:
    found = {entry.subject.removeprefix(prefix) for entry in entries if entry.subject.startswith(prefix)}
    return [made for text in sorted(found) if (made := _as_id(text))]


def _as_id(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None


async def find_subject_label(session: AsyncSession, subject: str) -> str | None:
    """Return what a subject is called: a login, a ticket's number; None for any other."""
    probe = AuditRow(subject=subject)
    return (await _find_labels(session, [probe])).get(subject)


async def find_last_check(session: AsyncSession) -> AuditRow | None:
    """Return the entry of the last time the log was checked."""
    checked = select(AuditRow).where(AuditRow.subject == LOG, AuditRow.action == CHECKED)
    return await session.scalar(checked.order_by(AuditRow.seq.desc()).limit(1))


CHECKED = "log_checked"


async def find_last_anchor(session: AsyncSession) -> AnchorRow | None:
    """Return the newest anchor, whose hash the server's own log has told."""
    return await session.scalar(select(AnchorRow).order_by(AnchorRow.number.desc()).limit(1))
