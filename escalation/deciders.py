"""Whose word is wanted: who approves a grant, who consents to a handover (product §4, §6).

It is asked for by the lowest rank that may give it and has people besides whoever asks. Each rule stands here twice,
side by side: chosen among people who are at hand, and as a condition for lists, where the database looks.
"""

from collections.abc import Iterable, Iterator, Sequence
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, SQLColumnExpression, and_, exists, false, literal, not_, or_, select, true
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from escalation.models import PersonRow
from escalation.rights import RIGHTS, Role, may_consent, may_grant

Column = SQLColumnExpression[Any]
_RANKS = (Role.TEAM_LEAD, Role.SUPERVISOR, Role.OPERATIONS_MANAGER)
_OF_NO_RANK = frozenset({Role.ADMIN, Role.AUDITOR})


async def load_people(session: AsyncSession) -> Sequence[PersonRow]:
    """Return everybody who works here, in a steady order."""
    return (await session.scalars(select(PersonRow).where(PersonRow.active).order_by(PersonRow.login))).all()


def choose_approvers(
    people: Iterable[PersonRow], amount: Decimal, *, desk: str, asked_by: str | None
) -> list[PersonRow]:
    """Return who is to approve a grant: the desk's leads if their limit allows it, else the next rank with people.

    Nobody approves their own (`asked_by`: a login).
    """
    ranks = (role for role in _RANKS if may_grant(role, amount))
    return _find_first(people, ranks, desk=desk, besides=lambda one: one.login == asked_by)


def choose_consenters(people: Iterable[PersonRow], owner: PersonRow, *, asked_by: UUID | None) -> list[PersonRow]:
    """Return who consents to a handover of somebody's ticket: everybody of the next rank up that has people.

    For people at a desk that is the desk's own lead. Above the operations managers there is nobody but themselves. A
    ticket that came to somebody of no rank (an admin, for want of anybody else) passes as a lead's does. Nobody
    consents to their own request, if there is anybody else.
    """
    found = _find_first(people, _find_above(Role(owner.role)), desk=owner.desk, besides=lambda one: one.id == asked_by)
    return found or [owner]


def _find_first(
    people: Iterable[PersonRow], ranks: Iterable[Role], *, desk: str | None, besides: Any
) -> list[PersonRow]:
    others = [one for one in people if not besides(one)]
    for role in ranks:
        found = [one for one in others if one.role == role and (role is not Role.TEAM_LEAD or one.desk == desk)]
        if found:
            return found
    return []


def _find_above(role: Role) -> Iterator[Role]:
    """Yield the ranks that consent for a role, the next one first."""
    rank = Role.TEAM_LEAD if role in _OF_NO_RANK else role
    while above := next((one for one in Role if may_consent(one, rank)), None):
        yield above
        rank = above


def is_approval_wanted(
    person: PersonRow, *, amount: ColumnElement[Any], desk: Column, asked_by: Column
) -> ColumnElement[bool]:
    """Return the condition that somebody is one of those whom `choose_approvers` would choose."""
    role = Role(person.role)
    if role not in _RANKS:
        return false()
    below = _RANKS[: _RANKS.index(role)]
    others = [
        not_(and_(_is_within(rank, amount), _has_people(rank, desk, PersonRow.login, besides=asked_by)))
        for rank in below
    ]
    return and_(_is_within(role, amount), _is_at(person, desk), asked_by != person.login, *others)


def is_consent_wanted(person: PersonRow, *, owner: type[PersonRow], asked_by: Column) -> ColumnElement[bool]:
    """Return the condition that somebody is one of those whom `choose_consenters` would choose; `owner`: an alias."""
    role, cases = Role(person.role), []
    for rank in Role:
        above = tuple(_find_above(rank))
        empty = [not_(_has_people(one, owner.desk, PersonRow.id, besides=asked_by)) for one in above]
        if role in above:
            mine = (_is_at(person, owner.desk), asked_by.is_distinct_from(person.id), *empty[: above.index(role)])
            cases.append(and_(owner.role == rank, *mine))
        cases.append(and_(owner.role == rank, owner.id == person.id, *empty))
    return or_(*cases)


def _is_within(role: Role, amount: ColumnElement[Any]) -> ColumnElement[bool]:
    limit = RIGHTS[role].grants_up_to
    return amount > 0 if limit is None else and_(amount > 0, amount <= limit)


def _is_at(person: PersonRow, desk: Any) -> ColumnElement[bool]:
    return literal(person.desk) == desk if person.role == Role.TEAM_LEAD else true()


def _has_people(role: Role, desk: Any, key: Any, *, besides: Column) -> ColumnElement[bool]:
    one = aliased(PersonRow)
    where = [one.active, one.role == role, getattr(one, key.key).is_distinct_from(besides)]
    return exists().where(*where, *([one.desk == desk] if role is Role.TEAM_LEAD else []))
