"""Whose word is wanted: the rule for people at hand and the condition for lists name the same, whoever is here."""

from collections.abc import Sequence
from decimal import Decimal
from itertools import product
from random import Random
from typing import Any

import pytest
from sqlalchemy import Numeric, String, column, false, select, true, update, values
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker
from sqlalchemy.orm import aliased

from escalation.deciders import choose_approvers, choose_consenters, is_approval_wanted, is_consent_wanted, load_people
from escalation.models import PersonRow
from escalation.rights import Role
from escalation.testing import NOON, make_person

pytestmark = pytest.mark.postgres

Sessions = async_sessionmaker[AsyncSession]
DESKS = ("quality", "order")
# Who is at a desk has one, whoever is above has none.
ROLES: Sequence[tuple[Role, str | None]] = (
    *((role, desk) for role in (Role.AGENT, Role.QUALITY_CONTROLLER, Role.TEAM_LEAD) for desk in DESKS),
    (Role.SUPERVISOR, None), (Role.OPERATIONS_MANAGER, None), (Role.AUDITOR, None), (Role.ADMIN, None),
)  # fmt: skip
AMOUNTS = tuple(map(Decimal, ("0.01", "50.01", "200", "200.01", "1000", "1000.01", "99999")))
SEEDS = range(12)


@pytest.fixture(params=SEEDS)
async def people(request: pytest.FixtureRequest, sessions: Sessions) -> Sequence[PersonRow]:
    """Some of each role, of some none; one of them has left."""
    chance = Random(request.param)
    async with sessions.begin() as session:
        await session.execute(update(PersonRow).values(active=False))
        for at, (role, desk) in enumerate(ROLES):
            for one in range(chance.randint(0, 2)):
                session.add(make_person(f"p{at}-{one}", role, desk, now=NOON))
        session.add(make_person("owner", *chance.choice(ROLES), now=NOON))
        gone = make_person("gone", Role.TEAM_LEAD, DESKS[0], now=NOON)
        gone.active = False
        session.add(gone)
    async with sessions() as session:
        return await load_people(session)


async def test_who_approves(people: Sequence[PersonRow], sessions: Sessions) -> None:
    """By each amount, at each desk, whoever asks: never who asks."""
    asker = aliased(PersonRow)
    cases = values(column("amount", Numeric), column("desk", String), name="cases").data(list(product(AMOUNTS, DESKS)))
    given: dict[str, Any] = {"amount": cases.c.amount, "desk": cases.c.desk, "asked_by": asker.login}
    wanted = [is_approval_wanted(one, **given) for one in people]
    async with sessions() as session:
        query = select(asker.login, cases.c.amount, cases.c.desk, *wanted).join(cases, true()).where(asker.active)
        rows = (await session.execute(query)).all()
    for login, amount, desk, *found in rows:
        chosen = choose_approvers(people, amount, desk=desk, asked_by=login)
        assert (login, amount, desk, [one in chosen for one in people]) == (login, amount, desk, found)
        assert login not in {one.login for one in chosen}
    assert len(people) * len(AMOUNTS) * len(DESKS) == len(rows)


async def test_who_consents(people: Sequence[PersonRow], sessions: Sessions) -> None:
    """To a handover of each one's ticket, whoever asks for it; nobody to their own where somebody else may."""
    owner, asker = aliased(PersonRow), aliased(PersonRow)
    wanted = [is_consent_wanted(one, owner=owner, asked_by=asker.id) for one in people]
    async with sessions() as session:
        query = select(owner.login, asker.id, *wanted).select_from(owner)
        asked = query.join(asker, true()).where(owner.active, asker.active)
        # A former release did not write down who asks.
        unknown = query.outerjoin(asker, false()).where(owner.active)
        rows = [*await session.execute(asked), *await session.execute(unknown)]
    by_login = {one.login: one for one in people}
    for login, asked_by, *found in rows:
        chosen = choose_consenters(people, by_login[login], asked_by=asked_by)
        assert (login, asked_by, [one in chosen for one in people]) == (login, asked_by, found)
        assert chosen == [by_login[login]] or asked_by not in {one.id for one in chosen}
    assert len(people) * (len(people) + 1) == len(rows)
