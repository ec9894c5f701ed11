"""The list of erasures that outlives the database: one line each, in DATA_DIR, and in every backup.

A backup that is older than an erasure holds what was erased. Whoever restores it has this list, of the place itself,
of the database that is replaced, or of a newer backup, and it is applied before the restored shop is used. Ids alone
are in it: of somebody who is in no database any more they tell nothing.
"""

import fcntl
import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Self
from uuid import UUID

from sqlalchemy import select, text
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncSession

from bot.operation.archive import write_private
from bot.privacy.models import ErasureRow

NAME = "erasures.jsonl"
_LOCK = "erasures.lock"


class LedgerError(ValueError):
    """A line of a list is none of ours; the message names file and line."""


@dataclass(frozen=True)
class Erased:
    """One erasure that was begun: whose ids it was about, and what the log keeps of it."""

    id: UUID
    customer_id: UUID
    customers: tuple[UUID, ...]
    conversations: tuple[UUID, ...]
    why: str
    asked_by: str
    confirmed_by: str
    begun_at: datetime

    def to_json(self) -> dict[str, Any]:
        """Return it as a line keeps it."""
        plain = {name: str(value) for name, value in vars(self).items() if not isinstance(value, tuple | datetime)}
        lists = {name: [str(one) for one in getattr(self, name)] for name in ("customers", "conversations")}
        return {**plain, **lists, "begun_at": self.begun_at.isoformat()}

    @classmethod
    def from_json(cls, told: dict[str, Any]) -> Self:
        """Read a line. Raises ValueError, KeyError, TypeError for what is none."""
        return cls(
            id=UUID(told["id"]),
            customer_id=UUID(told["customer_id"]),
            customers=tuple(map(UUID, told["customers"])),
            conversations=tuple(map(UUID, told["conversations"])),
            why=str(told["why"]),
            asked_by=str(told["asked_by"]),
            confirmed_by=str(told["confirmed_by"]),
            begun_at=datetime.fromisoformat(told["begun_at"]),
        )


def read_ledger(text: str, *, name: str = NAME) -> list[Erased]:
    """Return what a list says, each erasure once. Raises LedgerError."""
    found: dict[UUID, Erased] = {}
    for number, line in enumerate(text.splitlines(), start=1):
        if not line.strip():
            continue
        try:
            one = Erased.from_json(json.loads(line))
        except (ValueError, KeyError, TypeError):
            raise LedgerError(f"{name}: line {number} is no erasure") from None
        found[one.id] = one
    return list(found.values())


def write_ledger(erased: Iterable[Erased]) -> str:
    """Return a list's text."""
    return "".join(f"{json.dumps(one.to_json())}\n" for one in erased)


def load_ledger(data_dir: Path) -> list[Erased]:
    """Return the list of a place; none there is an empty one. Raises LedgerError."""
    path = data_dir / NAME
    return read_ledger(path.read_text(encoding="utf-8"), name=str(path)) if path.exists() else []


def note_erased(data_dir: Path, erased: Iterable[Erased]) -> None:
    """Add erasures to the list of a place, those that it has not; they are on the disk when this returns.

    Whatever dies, there is the old list or the new one, whole.
    """
    data_dir.mkdir(parents=True, exist_ok=True)
    with (data_dir / _LOCK).open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        known = load_ledger(data_dir)
        ids = {one.id for one in known}
        more = [one for one in erased if one.id not in ids]
        if more:
            write_private(data_dir / NAME, write_ledger([*known, *more]))


def join(*lists: Iterable[Erased]) -> list[Erased]:
    """Return lists as one, each erasure once, in the order of their beginning."""
    found = {one.id: one for erased in lists for one in erased}
    return sorted(found.values(), key=lambda one: (one.begun_at, one.id))


async def find_in_database(connection: AsyncConnection) -> list[Erased]:
    """Return the erasures that a database of whatever release knows: of one before there were any, none."""
    if await connection.scalar(text("SELECT to_regclass('erasures')")) is None:
        return []
    session = AsyncSession(connection)
    try:
        return await find_begun(session)
    finally:
        session.expunge_all()


async def find_begun(session: AsyncSession) -> list[Erased]:
    """Return the erasures that a database knows and that were begun, in the order of their beginning."""
    query = select(ErasureRow).where(ErasureRow.begun_at.is_not(None)).order_by(ErasureRow.begun_at, ErasureRow.id)
    return [as_erased(row) for row in await session.scalars(query)]


def as_erased(row: ErasureRow) -> Erased:
    """Return the line of an erasure that was begun."""
    if row.begun_at is None:
        raise ValueError(f"erasure {row.id} was not begun")
    return Erased(
        id=row.id,
        customer_id=row.customer_id,
        customers=tuple(map(UUID, row.scope["customers"])),
        conversations=tuple(map(UUID, row.scope["conversations"])),
        why=row.why,
        asked_by=row.asked_by,
        confirmed_by=row.confirmed_by or "",
        begun_at=row.begun_at,
    )
