"""What a period's figures are about is found by its time, and how much personal data somebody was shown today."""

import sqlalchemy as sa
from alembic import op

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index("ix_tickets_opened", "tickets", ["opened_at"])
    op.create_index("ix_surveys_asked", "surveys", ["asked_at"])
    # Rows come in the order of their time: a block's first and last instant are all that is kept.
    op.create_index(
        "ix_inbox_received",
        "inbox",
        ["received_at"],
        postgresql_using="brin",
        postgresql_with={"pages_per_range": 32, "autosummarize": True},
    )
    op.create_index(
        "ix_ticket_events_revealed", "ticket_events", ["actor", "at"], postgresql_where=sa.text("kind = 'revealed'")
    )


def downgrade() -> None:
    op.drop_index("ix_ticket_events_revealed", "ticket_events")
    op.drop_index("ix_inbox_received", "inbox")
    op.drop_index("ix_surveys_asked", "surveys")
    op.drop_index("ix_tickets_opened", "tickets")
