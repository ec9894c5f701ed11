"""What waits for a person's word is found at once, with whose request it is and since when; it can be declined."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import TIMESTAMP

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None

# Who asked, and when, stands in the history of what waits by now.
_COMMANDS = """
    UPDATE shop_commands command SET asked_at = event.at
    FROM tickets ticket JOIN ticket_events event ON event.ticket_id = ticket.id AND event.kind = 'approval_asked'
    WHERE ticket.number = command.ticket_number AND event.details->>'command' = command.key
        AND command.asked_by IS NOT NULL AND command.confirmed_at IS NULL
"""
_HANDOVERS = """
    UPDATE handovers handover SET asked_by = person.id
    FROM ticket_events event JOIN people person ON person.login = event.actor
    WHERE event.ticket_id = handover.ticket_id AND event.kind = 'handover_asked' AND event.at = handover.asked_at
        AND handover.decided_at IS NULL
"""


def upgrade() -> None:
    for name, kind in (
        ("asked_at", TIMESTAMP(timezone=True)),
        ("declined_by", sa.String(60)),
        ("declined_because", sa.Text()),
    ):
        op.add_column("shop_commands", sa.Column(name, kind))
    op.add_column("handovers", sa.Column("asked_by", sa.Uuid(), sa.ForeignKey("people.id")))
    op.execute(_COMMANDS)
    op.execute(_HANDOVERS)
    waiting = "ticket_number IS NOT NULL AND confirmed_at IS NULL AND done_at IS NULL"
    op.create_index("ix_shop_commands_waiting", "shop_commands", ["ticket_number"], postgresql_where=sa.text(waiting))
    undecided = sa.text("decided_at IS NULL")
    op.create_index("ix_handovers_waiting", "handovers", ["ticket_id"], postgresql_where=undecided)


def downgrade() -> None:
    op.drop_index("ix_handovers_waiting", "handovers")
    op.drop_index("ix_shop_commands_waiting", "shop_commands")
    op.drop_column("handovers", "asked_by")
    for name in ("declined_because", "declined_by", "asked_at"):
        op.drop_column("shop_commands", name)
