"""The migrations make exactly the tables that the code knows."""

from datetime import timedelta
from typing import Any

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Connection
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, async_sessionmaker

import actions.models
import bot.models
import bot.privacy.models
from bot.migrate import make_config
from bot.models import ShopCommandRow
from escalation.models import Base, HandoverRow, PersonRow, TicketEventRow
from tests.integration.office import Office
from tests.integration.prepared import prepare_on

pytestmark = pytest.mark.postgres

_ALL = (actions.models, bot.models, bot.privacy.models)  # importing them registers their tables


async def test_a_migrated_database_has_the_tables_of_the_code(engine: AsyncEngine) -> None:
    """Nothing is missing, and nothing is left over."""
    async with engine.connect() as connection:
        assert [] == await connection.run_sync(find_differences)


@pytest.fixture
async def office(sessions: async_sessionmaker[AsyncSession]) -> Office:
    """Three people; nobody asks the API for them."""
    office = Office(None, sessions)  # type: ignore[arg-type]
    for login in ("agent", "mate", "team_lead"):
        await office.add(login, "team_lead" if login == "team_lead" else "agent", "quality")
    return office


def find_differences(connection: Connection) -> list[Any]:
    """What a new migration would have to do."""
    context = MigrationContext.configure(connection, opts={"compare_type": True})
    return list(compare_metadata(context, Base.metadata))


async def test_whose_requests_wait_is_read_from_their_history(engine: AsyncEngine, office: Office) -> None:
    """What a former release wrote down only in words of what happened: who asked for a handover, and since when."""
    number, passing = await office.open("agent"), await office.open("agent")
    ticket, passed = await office.ticket(number), await office.ticket(passing)
    key = await prepare_on(office, number, "resend", "60", asked_by="agent")
    handover = await office.ask_handover(passing, "mate")
    async with office.sessions.begin() as session:
        asked = {"command": key, "what": "resend"}
        at = ticket.opened_at + timedelta(minutes=5)
        session.add(TicketEventRow(ticket_id=ticket.id, kind="approval_asked", actor="agent", details=asked, at=at))
        asked = {"to": "mate"}
        session.add(
            TicketEventRow(
                ticket_id=passed.id, kind="handover_asked", actor="team_lead", details=asked, at=passed.opened_at
            )
        )
    async with engine.begin() as connection:
        await connection.run_sync(lambda plain: command.downgrade(make_config(plain), "0018"))
        await connection.run_sync(lambda plain: command.upgrade(make_config(plain), "head"))
    async with office.sessions() as session:
        assert at == (await session.get_one(ShopCommandRow, key)).asked_at
        asker = await session.get_one(PersonRow, (await session.get_one(HandoverRow, handover)).asked_by)
    assert "team_lead" == asker.login
