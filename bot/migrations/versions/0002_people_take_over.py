"""People take over: steps, participants, notices, handovers, surveys, sign-ins."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "sign_ins",
        sa.Column("token_digest", sa.LargeBinary(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("created_at", postgresql.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("expires_at", postgresql.TIMESTAMP(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name=op.f("fk_sign_ins_person_id_people")),
        sa.PrimaryKeyConstraint("token_digest", name=op.f("pk_sign_ins")),
    )
    op.create_index(op.f("ix_sign_ins_person_id"), "sign_ins", ["person_id"], unique=False)
    op.create_table(
        "handovers",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("ticket_id", sa.Uuid(), nullable=False),
        sa.Column("from_id", sa.Uuid(), nullable=False),
        sa.Column("to_id", sa.Uuid(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("asked_at", postgresql.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("decided_by", sa.Uuid(), nullable=True),
        sa.Column("decided_at", postgresql.TIMESTAMP(timezone=True), nullable=True),
        sa.Column("agreed", sa.Boolean(), nullable=True),
        sa.ForeignKeyConstraint(["decided_by"], ["people.id"], name=op.f("fk_handovers_decided_by_people")),
        sa.ForeignKeyConstraint(["from_id"], ["people.id"], name=op.f("fk_handovers_from_id_people")),
        sa.ForeignKeyConstraint(["ticket_id"], ["tickets.id"], name=op.f("fk_handovers_ticket_id_tickets")),
        sa.ForeignKeyConstraint(["to_id"], ["people.id"], name=op.f("fk_handovers_to_id_people")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_handovers")),
    )
    op.create_index(op.f("ix_handovers_ticket_id"), "handovers", ["ticket_id"], unique=False)
    op.create_table(
        "notices",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("cause", sa.String(length=120), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("ticket_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("details", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("at", postgresql.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("not_before", postgresql.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("emailed_at", postgresql.TIMESTAMP(timezone=True), nullable=True),
        sa.Column("read_at", postgresql.TIMESTAMP(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name=op.f("fk_notices_person_id_people")),
        sa.ForeignKeyConstraint(["ticket_id"], ["tickets.id"], name=op.f("fk_notices_ticket_id_tickets")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_notices")),
        sa.UniqueConstraint("cause", "person_id", name=op.f("uq_notices_cause_person_id")),
    )
    op.create_index(op.f("ix_notices_ticket_id"), "notices", ["ticket_id"], unique=False)
    op.create_index(
        "ix_notices_unread", "notices", ["person_id", "at"], unique=False, postgresql_where=sa.text("read_at IS NULL")
    )
    op.create_index(
        "ix_notices_unsent", "notices", ["not_before"], unique=False, postgresql_where=sa.text("emailed_at IS NULL")
    )
    op.create_table(
        "participants",
        sa.Column("ticket_id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(length=10), nullable=False),
        sa.Column("since", postgresql.TIMESTAMP(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name=op.f("fk_participants_person_id_people")),
        sa.ForeignKeyConstraint(["ticket_id"], ["tickets.id"], name=op.f("fk_participants_ticket_id_tickets")),
        sa.PrimaryKeyConstraint("ticket_id", "person_id", name=op.f("pk_participants")),
    )
    op.create_index(op.f("ix_participants_person_id"), "participants", ["person_id"], unique=False)
    op.create_table(
        "surveys",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("ticket_id", sa.Uuid(), nullable=False),
        sa.Column("cycle", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("token_digest", sa.LargeBinary(), nullable=False),
        sa.Column("asked_at", postgresql.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("valid_until", postgresql.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("answered_at", postgresql.TIMESTAMP(timezone=True), nullable=True),
        sa.Column("solved", sa.Boolean(), nullable=True),
        sa.Column("outcome", sa.Integer(), nullable=True),
        sa.Column("service", sa.Integer(), nullable=True),
        sa.Column("process", sa.Integer(), nullable=True),
        sa.Column("comment", sa.Text(), nullable=True),
        sa.Column("followed_up_by", sa.Uuid(), nullable=True),
        sa.Column("followed_up_at", postgresql.TIMESTAMP(timezone=True), nullable=True),
        sa.Column("follow_up_note", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(["followed_up_by"], ["people.id"], name=op.f("fk_surveys_followed_up_by_people")),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name=op.f("fk_surveys_person_id_people")),
        sa.ForeignKeyConstraint(["ticket_id"], ["tickets.id"], name=op.f("fk_surveys_ticket_id_tickets")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_surveys")),
        sa.UniqueConstraint("ticket_id", "cycle", name=op.f("uq_surveys_ticket_id_cycle")),
        sa.UniqueConstraint("token_digest", name=op.f("uq_surveys_token_digest")),
    )
    op.create_index(op.f("ix_surveys_person_id"), "surveys", ["person_id"], unique=False)
    op.create_table(
        "clock_steps",
        sa.Column("clock_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(length=40), nullable=False),
        sa.Column("due_at", postgresql.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("at", postgresql.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("collapsed", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["clock_id"], ["clocks.id"], name=op.f("fk_clock_steps_clock_id_clocks")),
        sa.PrimaryKeyConstraint("clock_id", "name", name=op.f("pk_clock_steps")),
    )
    op.add_column("clocks", sa.Column("within", postgresql.INTERVAL(), nullable=True))
    op.execute("UPDATE clocks SET within = due_at - started_at")
    op.alter_column("clocks", "within", nullable=False)
    op.add_column(
        "clocks", sa.Column("pauses", postgresql.JSONB(astext_type=sa.Text()), nullable=False, server_default="[]")
    )
    op.add_column("people", sa.Column("must_change_password", sa.Boolean(), nullable=False, server_default="true"))
    op.add_column("tickets", sa.Column("outcome", sa.String(length=20), nullable=True))
    op.add_column("tickets", sa.Column("next_action", sa.String(length=20), nullable=True))
    op.add_column("tickets", sa.Column("next_action_at", postgresql.TIMESTAMP(timezone=True), nullable=True))
    op.create_index(
        "ix_tickets_next_action",
        "tickets",
        ["next_action_at"],
        unique=False,
        postgresql_where=sa.text("next_action_at IS NOT NULL"),
    )
