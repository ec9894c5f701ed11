"""What every table holds, in four classes (product §8, §1.3), whose a row is, and what is left of it after erasure.

One table: erasure, retention and their tests read it, so that a column nobody has classed does not pass. A `blank` is
the SQL that is left in a field's place; a table with `deletes` loses its rows instead. A ticket's rows stay, with its
states, times and figures: what people wrote in them goes.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum


class DataClass(StrEnum):
    """How careful one must be with a field."""

    PUBLIC = "public"
    INTERNAL = "internal"
    PERSONAL = "personal"
    SENSITIVE = "sensitive"


class Whose(StrEnum):
    """By which id a row is a customer's."""

    CUSTOMER = "customers"
    CONVERSATION = "conversations"
    TICKET = "tickets"
    ORDER = "orders"


@dataclass(frozen=True)
class Field:
    """A field's class, and the SQL left in its place after erasure (None: it stays, or goes with its row)."""

    kind: DataClass
    blank: str | None = None


@dataclass(frozen=True)
class Table:
    """Whose rows are by which `column` (None: nobody's who buys here), and the fields that hold words, codes, bytes."""

    fields: Mapping[str, Field]
    whose: Whose | None = None
    column: str = ""
    deletes: bool = False

    @property
    def is_erased(self) -> bool:
        """Whether erasure changes it."""
        return self.deletes or any(field.blank for field in self.fields.values())


def _fields(kind: DataClass, names: str) -> dict[str, Field]:
    return dict.fromkeys(names.split(), Field(kind))


def public(names: str) -> dict[str, Field]:
    """Fields that anybody may read."""
    return _fields(DataClass.PUBLIC, names)


def internal(names: str) -> dict[str, Field]:
    """Codes, digests and ids that tell nothing of a person, and what is about those who work here."""
    return _fields(DataClass.INTERNAL, names)


def personal(names: str = "", **blanks: str) -> dict[str, Field]:
    """Fields that tell something of a customer, with what is left of each."""
    return _fields(DataClass.PERSONAL, names) | {
        name: Field(DataClass.PERSONAL, blank) for name, blank in blanks.items()
    }


def sensitive(names: str = "", **blanks: str) -> dict[str, Field]:
    """Fields with numbers, addresses and keys, which lie sealed."""
    return _fields(DataClass.SENSITIVE, names) | {
        name: Field(DataClass.SENSITIVE, blank) for name, blank in blanks.items()
    }


def keep_only(column: str, names: str, more: str = "") -> str:
    """Return the SQL of a JSON object with these members left; `more` lets others pass by a condition of its own."""
    passes = f"k = ANY('{{{','.join(names.split())}}}'::text[]){more}"
    members = f"jsonb_each({column}) AS e(k, v) WHERE {passes}"
    kept = f"SELECT coalesce(jsonb_object_agg(k, v), '{{}}') FROM {members}"  # noqa: S608 - names of ours
    return f"CASE jsonb_typeof({column}) WHEN 'object' THEN ({kept}) ELSE {column} END"


# Of a decision, what figures and a later look at the policy need; not the sentences that were written of it.
_DECIDED = "outcome remedies shipping amount tier rules clauses evidence_required until request reason"
# What the log keeps of an event too, and what else is a code. A reason may be words, but the shop's is a code.
_HAPPENED = (
    "to helper before after outcome times stage hops cycle ratings command what amount fields why_digest "
    "clock step due_at tier owner key"
)
_CODES_OF_EVENTS = """
    OR (k = 'reason' AND kind IN ('command_done', 'command_refused')) OR (k = 'why' AND kind IN ('opened', 'off_duty'))
"""
# What the figures of what the bot settled alone are counted by.
REMEMBERED = (
    "CASE WHEN state ? 'topic' THEN jsonb_build_object('topic', state->'topic', 'frames', "
    "(SELECT coalesce(jsonb_agg(jsonb_build_object('flow', f->'flow')), '[]') FROM jsonb_array_elements("
    "CASE jsonb_typeof(state->'frames') WHEN 'array' THEN state->'frames' ELSE '[]' END) AS t(f))) ELSE '{}' END"
)
_ANY_DIGEST = "sha256(convert_to(gen_random_uuid()::text, 'UTF8'))"
_METHOD_ERASED = """'{"key": "method.erased", "params": {}}'"""

TABLES: Mapping[str, Table] = {
    # Customers and what they say.
    "customers": Table(sensitive(sealed_key="NULL"), Whose.CUSTOMER, "id"),
    "customer_contacts": Table(sensitive("sealed_email"), Whose.CUSTOMER, "customer_id", deletes=True),
    "customer_identities": Table(
        internal("channel") | personal("external_id"), Whose.CUSTOMER, "customer_id", deletes=True
    ),
    "conversations": Table(
        internal("channel language speaker")
        | personal(
            session_digest="NULL",
            address_digest="NULL",
            address="NULL",
            time_zone="NULL",
            speaker_name="NULL",
            state=REMEMBERED,
        ),
        Whose.CONVERSATION,
        "id",
    ),
    "messages": Table(
        internal("sender")
        | personal(
            sender_name="NULL",
            text="''",
            choices="'[]'",
            attachments="'[]'",
            client_id="NULL",
            survey="NULL",
            cause="NULL",
            earlier="'[]'",
        ),
        Whose.CONVERSATION,
        "conversation_id",
    ),
    "inbox": Table(
        internal("channel kind covered_by")
        | personal(external_id="'erased/' || id", payload=keep_only("payload", "topic"))
        | sensitive(sealed_text="NULL"),
        Whose.CONVERSATION,
        "conversation_id",
    ),
    "outbox": Table(
        internal("channel") | personal("external_ids fault"), Whose.CONVERSATION, "conversation_id", deletes=True
    ),
    "attachments": Table(
        internal("media_type") | personal("content"), Whose.CONVERSATION, "conversation_id", deletes=True
    ),
    "faq_questions": Table(
        internal("cause language reason nearest picked ignored_by") | personal("text vector"),
        Whose.CONVERSATION,
        "conversation_id",
        deletes=True,
    ),
    "shop_lookups": Table(
        internal("key ticket_number flow") | personal("order_number slots") | sensitive("sealed_digits"),
        Whose.CONVERSATION,
        "conversation_id",
        deletes=True,
    ),
    "proof_tallies": Table(internal("way")),
    # What was done with their orders and money: accounts, which stay, without what tells something of a person.
    "shop_commands": Table(
        internal("key kind order_number details ticket_number asked_by confirmed_by declined_by result")
        | personal(declined_because="NULL")
        | sensitive(sealed_details="NULL"),
        Whose.CONVERSATION,
        "conversation_id",
    ),
    "shop_command_results": Table(
        internal("key kind order_number details result") | sensitive(sealed_details="NULL"),
        Whose.ORDER,
        "order_number",
    ),
    "shop_orders": Table(
        internal("number status") | personal(customer_sub="NULL", phone_last4="''") | public("demo"),
        Whose.ORDER,
        "number",
    ),
    "shop_order_items": Table(internal("order_number sku kind bundle") | public("name")),
    "shop_payments": Table(internal("order_number method parts")),
    "shop_shipments": Table(
        internal("order_number carrier carrier_phone tracking_number") | personal(signed_by="NULL"),
        Whose.ORDER,
        "order_number",
    ),
    "shop_scans": Table(internal("order_number note") | personal(place="'{}'"), Whose.ORDER, "order_number"),
    # Their tickets: what happened and when stays, what anybody wrote goes.
    "tickets": Table(
        internal(
            "number cause category intent desk state stage tier tier_reasons seriousness reach product_key language "
            "channel outcome next_action told"
        )
        | personal(
            order_number="NULL",
            summary="''",
            method=_METHOD_ERASED,
            decision=keep_only("decision", _DECIDED),
            packet="'{}'",
        ),
        Whose.TICKET,
        "id",
    ),
    "ticket_events": Table(
        internal("kind actor") | personal(details=keep_only("details", _HAPPENED, _CODES_OF_EVENTS)),
        Whose.TICKET,
        "ticket_id",
    ),
    "surveys": Table(
        internal("cause") | personal(comment="NULL", follow_up_note="NULL", token_digest=_ANY_DIGEST),
        Whose.TICKET,
        "ticket_id",
    ),
    "handovers": Table(personal(reason="''"), Whose.TICKET, "ticket_id"),
    "assignments": Table(internal("reason")),
    "clocks": Table(internal("kind tier pauses calendar terms next_step")),
    "clock_steps": Table(internal("name")),
    "participants": Table(internal("kind")),
    "notices": Table(internal("cause kind details")),
    "notice_deliveries": Table(internal("way outcome")),
    "audit_entries": Table(internal("subject actor action details previous_hash hash")),
    "audit_anchors": Table(internal("digest previous_hash hash")),
    "erasures": Table(internal("ticket_number why reason despite asked_by confirmed_by scope kept")),
    # Those who work here, and how the shop works.
    "people": Table(internal("login name role desk password_hash token_digest email language")),
    "proposals": Table(internal("kind login name email role desk seen_role seen_desk why outcome answer")),
    "sign_ins": Table(internal("token_digest")),
    "clock_loops": Table(internal("host")),
    "faq_edits": Table(public("entry_id content") | internal("act edited_by")),
}


def list_erased(whose: Whose) -> list[tuple[str, Table]]:
    """Return the tables of which something goes with an erasure, by the id that it goes by, in their order."""
    return [(name, table) for name, table in TABLES.items() if table.whose is whose and table.is_erased]
