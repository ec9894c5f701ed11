"""Who works here as what takes one who proposes and one who decides; the log can be read by time, actor and act."""

import sqlalchemy as sa
from alembic import op

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None

# Sign-ins are in the log already: nobody who has been here looks as if they had never come.
_LAST_SIGN_INS = """
    UPDATE people SET signed_in_at = last.at
    FROM (SELECT subject, max(at) AS at FROM audit_entries WHERE action = 'signed_in' GROUP BY subject) AS last
    WHERE last.subject = 'person/' || people.id
"""


def upgrade() -> None:
    op.add_column("people", sa.Column("signed_in_at", sa.TIMESTAMP(timezone=True)))
    op.execute(_LAST_SIGN_INS)
    op.create_table(
        "proposals",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(20), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("login", sa.String(60), nullable=False),
        sa.Column("name", sa.String(200), nullable=False),
        sa.Column("email", sa.String(254)),
        sa.Column("role", sa.String(40), nullable=False),
        sa.Column("desk", sa.String(40)),
        sa.Column("seen_role", sa.String(40)),
        sa.Column("seen_desk", sa.String(40)),
        sa.Column("why", sa.Text(), nullable=False),
        sa.Column("proposed_by", sa.Uuid(), nullable=False),
        sa.Column("proposed_at", sa.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("expires_at", sa.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("outcome", sa.String(20)),
        sa.Column("decided_by", sa.Uuid()),
        sa.Column("decided_at", sa.TIMESTAMP(timezone=True)),
        sa.Column("answer", sa.Text()),
        sa.CheckConstraint("outcome IN ('approved', 'refused', 'withdrawn')", name=op.f("ck_proposals_outcome")),
        sa.CheckConstraint("decided_by <> proposed_by OR outcome = 'withdrawn'", name=op.f("ck_proposals_two_people")),
        sa.CheckConstraint(
            "decided_by <> person_id OR outcome = 'withdrawn'", name=op.f("ck_proposals_not_about_oneself")
        ),
        sa.ForeignKeyConstraint(["proposed_by"], ["people.id"], name=op.f("fk_proposals_proposed_by_people")),
        sa.ForeignKeyConstraint(["decided_by"], ["people.id"], name=op.f("fk_proposals_decided_by_people")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_proposals")),
    )
    op.create_index("ix_proposals_waiting", "proposals", ["person_id"], postgresql_where=sa.text("outcome IS NULL"))
    op.create_index(
        "ix_proposals_decided", "proposals", ["decided_at"], postgresql_where=sa.text("outcome IS NOT NULL")
    )
    op.create_index("ix_audit_entries_at", "audit_entries", ["at", "number"])
    op.create_index("ix_audit_entries_actor", "audit_entries", ["actor", "at", "number"])
    op.create_index("ix_audit_entries_action", "audit_entries", ["action", "at", "number"])


def downgrade() -> None:
    for name in ("action", "actor", "at"):
        op.drop_index(f"ix_audit_entries_{name}", "audit_entries")
    op.drop_table("proposals")
    op.drop_column("people", "signed_in_at")
