"""The migrations make exactly the tables that the code knows."""

from typing import Any

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Connection
from sqlalchemy.ext.asyncio import AsyncEngine

import actions.models
import bot.models
from escalation.models import Base

pytestmark = pytest.mark.postgres

_ALL = (actions.models, bot.models)  # importing them registers their tables


async def test_a_migrated_database_has_the_tables_of_the_code(engine: AsyncEngine) -> None:
    """Nothing is missing, and nothing is left over."""
    async with engine.connect() as connection:
        assert [] == await connection.run_sync(find_differences)


def find_differences(connection: Connection) -> list[Any]:
    """What a new migration would have to do."""
    context = MigrationContext.configure(connection, opts={"compare_type": True})
    return list(compare_metadata(context, Base.metadata))
