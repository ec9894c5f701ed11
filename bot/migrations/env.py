"""Alembic's entry: migrates on the connection that `bot.migrate` hands over; knows all tables."""

from alembic import context

import actions.models  # noqa: F401
from escalation.models import Base

context.configure(connection=context.config.attributes["connection"], target_metadata=Base.metadata)
with context.begin_transaction():
    context.run_migrations()
