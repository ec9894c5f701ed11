"""A ticket as others see it: the conversation, the dialogue, the survey."""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any, Literal, Protocol, get_args
from uuid import UUID

from sqlalchemy import Row, Select, bindparam, func, literal_column, select

from escalation.clocks import ClockKind
from escalation.looking import Asking
from escalation.models import ClockRow, PersonRow, TicketRow
from escalation.staffing import ENDED, spell

# The clocks that customers are told of.
_TOLD = (ClockKind.RESOLUTION, ClockKind.RESPONSE, ClockKind.FEEDBACK)
Key = Literal["conversation_id", "cause", "id"]


@dataclass(frozen=True)
class TicketView:
    """A ticket as others see it. `due_at`: when it is to be solved; `response_due_at`: when a person answers.

    `feedback_due_at`: when the customer has been told the outcome.
    """

    number: str
    category: str
    intent: str
    state: str
    stage: str | None
    tier: str
    reasons: tuple[str, ...]
    desk: str
    owner_name: str
    owner_login: str
    answered: bool
    method: dict[str, Any]
    due_at: datetime
    response_due_at: datetime
    feedback_due_at: datetime
    opened_at: datetime
    order_number: str | None
    product_key: str | None = None

    @property
    def is_open(self) -> bool:
        """Whether somebody still has to solve it."""
        return self.state not in ENDED


@dataclass(frozen=True)
class Case:
    """An open ticket, and how many unanswered ones of its desk were opened before it."""

    ticket: TicketView
    ahead: int


_ENDED = spell(ENDED)


def _make_query() -> Select[Any]:
    """Return what finds tickets, each with its owner and the deadlines of its newest clocks of the kinds told."""
    # Plain columns: what the session's loading of objects would add is as long as the answer takes.
    tickets, people, clocks = TicketRow.__table__, PersonRow.__table__.c, ClockRow.__table__.c
    names = (field.name for field in fields(TicketView) if field.name in tickets.c)
    columns = [*(tickets.c[name] for name in names), tickets.c.tier_reasons, tickets.c.first_responder_id]
    newest = select(clocks.due_at).where(clocks.ticket_id == tickets.c.id).order_by(clocks.cycle.desc()).limit(1)
    due = [
        newest.where(clocks.kind == literal_column(f"'{kind}'")).scalar_subquery().label(f"{kind}_due")
        for kind in _TOLD
    ]
    owner = (people.name.label("owner_name"), people.login.label("owner_login"))
    found = select(*columns, *owner, *due).join(PersonRow.__table__, people.id == tickets.c.owner_id)
    return found.order_by(tickets.c.opened_at.desc(), tickets.c.number.desc())


def _make_case_query() -> Select[Any]:
    """Return what finds the newest open ticket of a conversation, with its place in the queue of its desk."""
    tickets = TicketRow.__table__.c
    other = TicketRow.__table__.alias("other").c
    waits = (other.desk == tickets.desk, other.first_responder_id.is_(None), other.opened_at < tickets.opened_at)
    ahead = select(func.count()).where(*waits, other.state.not_in(_ENDED)).scalar_subquery().label("ahead")
    of_conversation = (tickets.conversation_id == bindparam("value"), tickets.state.not_in(_ENDED))
    return _make_query().add_columns(ahead).where(*of_conversation).limit(1)


# Built once: putting them together takes longer than the database needs to answer.
_VIEWS = {name: _make_query().where(TicketRow.__table__.c[name] == bindparam("value")) for name in get_args(Key)}
_CASE = _make_case_query()


async def view_tickets(session: Asking, by: Key, value: UUID | str) -> list[TicketView]:
    """Return the tickets of a conversation, a cause or an id as views, newest first, as changed in the session."""
    return [_read_view(row) for row in await session.execute(_VIEWS[by], {"value": value})]


async def find_case(session: Asking, conversation_id: UUID) -> Case | None:
    """Return a conversation's newest open ticket, or None."""
    row = (await session.execute(_CASE, {"value": conversation_id})).one_or_none()
    return None if row is None else Case(_read_view(row), row.ahead)


def _read_view(row: Row[Any]) -> TicketView:
    due: dict[str, datetime] = {kind: getattr(row, f"{kind}_due") for kind in _TOLD}
    return make_view(row, owner_name=row.owner_name, owner_login=row.owner_login, due=due)


class TicketFields(Protocol):
    """What a view takes over from a ticket's row, whole or in part."""

    number: Any
    category: Any
    intent: Any
    state: Any
    stage: Any
    tier: Any
    tier_reasons: Any
    desk: Any
    first_responder_id: Any
    method: Any
    opened_at: Any
    order_number: Any
    product_key: Any


def make_view(
    row: TicketFields | Row[Any], *, owner_name: str, owner_login: str, due: Mapping[str, datetime]
) -> TicketView:
    """Return one row as a view; `due` has the deadlines of its newest clocks of the kinds told."""
    return TicketView(
        number=row.number,
        category=row.category,
        intent=row.intent,
        state=row.state,
        stage=row.stage,
        tier=row.tier,
        reasons=tuple(row.tier_reasons),
        desk=row.desk,
        owner_name=owner_name,
        owner_login=owner_login,
        answered=row.first_responder_id is not None,
        method=row.method,
        due_at=due[ClockKind.RESOLUTION],
        response_due_at=due[ClockKind.RESPONSE],
        feedback_due_at=due[ClockKind.FEEDBACK],
        opened_at=row.opened_at,
        order_number=row.order_number,
        product_key=row.product_key,
    )
