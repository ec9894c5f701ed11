"""What waits on a ticket for a person's word: a command above the bot's limits, prepared to the last detail.

Confirming lets the same command run, with the same key, once. What it grants is measured by the role (product §6):
money for several parts of an order, on one ticket, by all of them together.
"""

from collections.abc import Iterable, Sequence
from decimal import Decimal
from typing import Any

from sqlalchemy import Select, select
from sqlalchemy.ext.asyncio import AsyncSession

from actions.shop import CommandKind, Order
from bot.console import casebook
from bot.console.masked import open_masked, read_command
from bot.conversation import TurnServices
from bot.dialogue.records import Standing
from bot.models import ShopCommandRow
from bot.security.sealing import Seal
from bot.turn.prepared import find_standing
from bot.web.errors import ProblemError
from escalation import approvals
from escalation.access import access_ticket
from escalation.errors import ForbiddenError, RefusedError
from escalation.models import PersonRow
from escalation.rights import Role, may_grant

# What gives something away. A cancelling returns money for goods the shop keeps, a change or a label gives none.
_GRANTS = frozenset({
    CommandKind.ISSUE_VOUCHER, CommandKind.REFUND, CommandKind.REFUND_DIFFERENCE, CommandKind.RESEND,
})  # fmt: skip
_REFUND = CommandKind.REFUND
_PAYS_THE_REST = frozenset({CommandKind.REFUND, CommandKind.CANCEL_ORDER})


async def confirm(services: TurnServices, number: str, person: PersonRow, key: str | None) -> None:
    """Confirm a command of a ticket; above what the person may grant, ask somebody who may. Raises ForbiddenError.

    `key` may be left out where only one command waits. Confirmed before, nothing happens again.
    """
    now = services.clock.now()
    async with casebook.open_case(services, number) as case:
        ticket = await access_ticket(case.session, number, person)
        row, others = await _find(case.session, number, key)
        if row.confirmed_at is not None:
            return
        amount = find_grant(row, others)
        asking: dict[str, Any] = {"by": person, "command": row.key, "what": row.kind, "amount": amount, "now": now}
        if approvals.may_confirm(person, amount, asked_by=row.asked_by):
            await approvals.confirm(case.session, ticket, **asking | {"amount": find_grant(row)})
            row.confirmed_by, row.confirmed_at, row.next_attempt_at = person.login, now, now
        elif row.asked_by is None:
            await approvals.ask_approval(case.session, ticket, levels=services.levels, **asking)
            row.asked_by = person.login
        elif row.asked_by == person.login:
            raise RefusedError("your request waits for approval: nobody approves their own")
        else:
            raise ForbiddenError(f"a {person.role} may not grant {amount} yuan")


def find_grant(row: ShopCommandRow, others: Iterable[ShopCommandRow] = ()) -> Decimal:
    """Return what a command gives away, in yuan; with it, what the other refunds of its order on the ticket do."""
    if row.kind not in _GRANTS:
        return Decimal(0)
    parts = (one for one in others if one is not row and _is_part_with(one, row)) if row.kind == _REFUND else ()
    return sum((one.amount or Decimal(0) for one in (row, *parts)), Decimal(0))


def _is_part_with(other: ShopCommandRow, row: ShopCommandRow) -> bool:
    same = (other.kind, other.order_number) == (row.kind, row.order_number)
    return same and find_standing(other) is not Standing.REFUSED


async def _find(session: AsyncSession, number: str, key: str | None) -> tuple[ShopCommandRow, Sequence[ShopCommandRow]]:
    rows = (await session.scalars(_of_ticket(number).with_for_update())).all()
    wanted = [row for row in rows if row.key == key] if key else [row for row in rows if row.confirmed_at is None]
    if key is None and len(wanted) > 1:
        raise ProblemError(422, "which_command", f"{number} has several prepared commands: name one as command.")
    if not wanted and key is None and rows:
        return rows[-1], rows
    if not wanted:
        raise ProblemError(404, "no_such_command", f"{number} has no such prepared command.")
    return wanted[0], rows


async def find_prepared(session: AsyncSession, number: str) -> Sequence[ShopCommandRow]:
    """Return the commands of a ticket, oldest first."""
    return (await session.scalars(_of_ticket(number))).all()


def _of_ticket(number: str) -> Select[ShopCommandRow]:
    ordered = (ShopCommandRow.created_at, ShopCommandRow.key)
    return select(ShopCommandRow).where(ShopCommandRow.ticket_number == number).order_by(*ordered)


def describe_prepared(
    row: ShopCommandRow,
    others: Iterable[ShopCommandRow],
    seal: Seal,
    *,
    order: Order | None,
    person: PersonRow,
    masked: bool,
) -> dict[str, Any]:
    """One prepared command as the API shows it, beside the others of its ticket.

    `order` is the ticket's, None where it is not known. `may` is what this person can do, None for nothing. `amount` is
    what will be paid, or was; `gone_back` what went back of it by other ways since it was prepared, None for nothing.
    `masked`: of what is sealed nothing is shown at all.
    """
    amount = _find_amount(row, order)
    gone = (row.amount or Decimal(0)) - amount
    return {
        "command": row.key,
        "kind": row.kind,
        "order_number": row.order_number,
        "amount": str(amount) if row.amount else None,
        "gone_back": str(gone) if gone > 0 and row.result is None else None,
        "details": open_masked(row.details if masked else read_command(row), seal),
        "state": find_standing(row),
        "reason": (row.result or {}).get("reason"),
        "asked_by": row.asked_by,
        "confirmed_by": row.confirmed_by,
        "may": _find_act(row, others, person),
    }


def _find_amount(row: ShopCommandRow, order: Order | None) -> Decimal:
    """What a command pays: of a whole order the shop pays back what is left of it when it runs, not more."""
    amount = row.amount or Decimal(0)
    if row.kind not in _PAYS_THE_REST or "sku" in row.details:
        return amount
    if row.result is not None:
        return Decimal(row.result["details"].get("amount", amount)) if row.result["done"] else amount
    paid = order.payment if order and order.number == row.order_number else None
    return min(amount, paid.left) if paid else amount


def _find_act(row: ShopCommandRow, others: Iterable[ShopCommandRow], person: PersonRow) -> str | None:
    if row.confirmed_at is not None:
        return None
    amount = find_grant(row, others)
    if approvals.may_confirm(person, amount, asked_by=row.asked_by):
        return "confirm"
    return "ask" if row.asked_by is None and not may_grant(Role(person.role), amount) else None
