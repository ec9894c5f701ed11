"""What waits on a ticket for a person's word: a command above the bot's limits, prepared to the last detail.

Confirming lets the same command run, with the same key, once; declined, it never runs. What it grants is measured by
the role (product §6): money for several parts of an order, on one ticket, by all of them together.
"""

from collections.abc import Iterable, Sequence
from decimal import Decimal
from typing import Any

from sqlalchemy import Select, select
from sqlalchemy.ext.asyncio import AsyncSession

from actions.shop import CommandKind, Order
from bot.console import casebook
from bot.console.handoff import HIDDEN
from bot.console.known import find_known
from bot.console.masked import open_masked, read_command
from bot.conversation import TurnServices
from bot.dialogue.records import Standing
from bot.models import ShopCommandRow
from bot.security.sealing import Seal
from bot.turn.prepared import find_standing
from bot.web.errors import ProblemError
from escalation import approvals
from escalation.access import access_ticket
from escalation.errors import DecidedError, ForbiddenError, RefusedError
from escalation.models import PersonRow
from escalation.rights import Role, may_grant

# What gives something away. A cancelling returns money for goods the shop keeps, a change or a label gives none.
GRANTS = frozenset({
    CommandKind.ISSUE_VOUCHER, CommandKind.REFUND, CommandKind.REFUND_DIFFERENCE, CommandKind.RESEND,
})  # fmt: skip
# What is granted for several parts together.
PARTS = CommandKind.REFUND
_CAME_TO_NOTHING = frozenset({Standing.REFUSED, Standing.DECLINED})
_PAYS_THE_REST = frozenset({CommandKind.REFUND, CommandKind.CANCEL_ORDER})


async def confirm(services: TurnServices, number: str, person: PersonRow, key: str | None) -> None:
    """Confirm a command of a ticket; above what the person may grant, ask somebody who may. Raises ForbiddenError.

    `key` may be left out where only one command waits. Confirmed before, nothing happens again.
    """
    now = services.clock.now()
    async with casebook.open_case(services, number) as case:
        ticket = await access_ticket(case.session, number, person)
        row, others = await _find(case.session, number, key)
        _refuse_declined(row)
        if row.confirmed_at is not None:
            return
        amount = find_grant(row, others)
        said: dict[str, Any] = {"by": person, "levels": services.levels, "now": now}
        if approvals.may_confirm(person, amount, asked_by=row.asked_by):
            await approvals.confirm(case.session, ticket, _read(row, find_grant(row)), **said)
            row.confirmed_by, row.confirmed_at, row.next_attempt_at = person.login, now, now
        elif row.asked_by is None:
            await approvals.ask_approval(case.session, ticket, _read(row, amount), **said)
            row.asked_by, row.asked_at = person.login, now
        else:
            raise _explain(person, row, amount)


async def decline(services: TurnServices, number: str, person: PersonRow, key: str | None, reason: str) -> None:
    """Decline a command of a ticket: it never runs. Raises ForbiddenError; DecidedError, if it is confirmed already.

    `key` may be left out where only one command waits. Declined before, nothing happens again.
    """
    now = services.clock.now()
    async with casebook.open_case(services, number) as case:
        ticket = await access_ticket(case.session, number, person)
        row, others = await _find(case.session, number, key)
        if row.declined_by is not None:
            return
        if row.confirmed_at is not None:
            raise DecidedError(f"{row.confirmed_by} has confirmed this already")
        amount = find_grant(row, others)
        if not approvals.may_decline(person, amount, asked_by=row.asked_by):
            raise _explain(person, row, amount)
        known = (await find_known(case.session, services.seal, [ticket.conversation_id]))[ticket.conversation_id]
        said: dict[str, Any] = {"by": person, "reason": known.hide(reason), "levels": services.levels, "now": now}
        await approvals.decline(case.session, ticket, _read(row, find_grant(row)), **said)
        row.declined_by, row.declined_because, row.done_at = person.login, said["reason"], now
        row.result = {"done": False, "reason": "declined", "details": {}}


def _read(row: ShopCommandRow, amount: Decimal) -> approvals.Command:
    return approvals.Command(row.key, row.kind, amount, row.asked_by)


def _refuse_declined(row: ShopCommandRow) -> None:
    if row.declined_by is not None:
        raise DecidedError(f"{row.declined_by} has refused this already")


def _explain(person: PersonRow, row: ShopCommandRow, amount: Decimal) -> Exception:
    """Return why a request is not theirs to decide."""
    if row.asked_by == person.login:
        return RefusedError("your request waits for approval: nobody approves their own")
    return ForbiddenError(f"a {person.role} may not grant {amount} yuan")


def find_grant(row: ShopCommandRow, others: Iterable[ShopCommandRow] = ()) -> Decimal:
    """Return what a command gives away, in yuan; with it, what the other refunds of its order on the ticket do."""
    if row.kind not in GRANTS:
        return Decimal(0)
    parts = (one for one in others if one is not row and _is_part_with(one, row)) if row.kind == PARTS else ()
    return sum((one.amount or Decimal(0) for one in (row, *parts)), Decimal(0))


def _is_part_with(other: ShopCommandRow, row: ShopCommandRow) -> bool:
    same = (other.kind, other.order_number) == (row.kind, row.order_number)
    return same and find_standing(other) not in _CAME_TO_NOTHING


async def _find(session: AsyncSession, number: str, key: str | None) -> tuple[ShopCommandRow, Sequence[ShopCommandRow]]:
    rows = (await session.scalars(_of_ticket(number).with_for_update())).all()
    wanted = [row for row in rows if (row.key == key if key else _waits(row))]
    if key is None and len(wanted) > 1:
        raise ProblemError(422, "which_command", f"{number} has several prepared commands: name one as command.")
    if not wanted and key is None and rows:
        return rows[-1], rows
    if not wanted:
        raise ProblemError(404, "no_such_command", f"{number} has no such prepared command.")
    return wanted[0], rows


def _waits(row: ShopCommandRow) -> bool:
    return row.confirmed_at is None and row.done_at is None


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
    `masked`: of what is sealed nothing is shown at all, and no word of why it was declined.
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
        "declined_by": row.declined_by,
        "declined_because": HIDDEN if masked and row.declined_because else row.declined_because,
        "may": find_act(row, others, person),
        "may_decline": may_decline(row, others, person),
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


def find_act(row: ShopCommandRow, others: Iterable[ShopCommandRow], person: PersonRow) -> str | None:
    """Return what somebody who works on its ticket can do with a command: confirm it, ask for approval, or nothing."""
    if not _waits(row):
        return None
    amount = find_grant(row, others)
    if approvals.may_confirm(person, amount, asked_by=row.asked_by):
        return "confirm"
    return "ask" if row.asked_by is None and not may_grant(Role(person.role), amount) else None


def may_decline(row: ShopCommandRow, others: Iterable[ShopCommandRow], person: PersonRow) -> bool:
    """Tell whether somebody who works on its ticket may decline a command."""
    return _waits(row) and approvals.may_decline(person, find_grant(row, others), asked_by=row.asked_by)
