"""Long lists, a page at a time: a cursor says after which line the next one begins.

A line that moved meanwhile may come twice or not at all; whatever stands still comes once, however many came before it.
"""

import base64
import binascii
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Generic, TypeVar

from sqlalchemy import ColumnElement, SQLColumnExpression, and_, literal, or_, tuple_

from escalation.errors import CursorError
from escalation.models import Instant

Line = TypeVar("Line")


@dataclass(frozen=True)
class Cursor:
    """Where a page ended: its last line's deadline (None: it has none), since when it is there, what it is called."""

    due_at: datetime | None
    since: datetime
    name: str

    def write(self) -> str:
        """Return it as callers hand it back; they need not understand it."""
        parts = [self.due_at.isoformat() if self.due_at else None, self.since.isoformat(), self.name]
        return base64.urlsafe_b64encode(json.dumps(parts, ensure_ascii=False).encode()).decode().rstrip("=")

    def comes_before(
        self, due_at: ColumnElement[Any], since: SQLColumnExpression[Any], name: SQLColumnExpression[Any]
    ) -> ColumnElement[bool]:
        """Return the condition for lines that come after it, where those without a deadline are last."""
        rest = tuple_(since, name) > tuple_(literal(self.since, Instant), literal(self.name))
        if self.due_at is None:
            return and_(due_at.is_(None), rest)
        return or_(due_at > self.due_at, due_at.is_(None), and_(due_at == self.due_at, rest))


@dataclass(frozen=True)
class Page(Generic[Line]):
    """Some lines of a list; `following`: where the next page begins, None on the last one."""

    lines: Sequence[Line]
    following: Cursor | None


def make_page(lines: Sequence[Line], limit: int, locate: Callable[[Line], Cursor]) -> Page[Line]:
    """Return a page of at most so many lines; one more than that says that there is another."""
    shown = lines[:limit]
    return Page(shown, locate(shown[-1]) if shown and len(lines) > limit else None)


def read_cursor(text: str) -> Cursor:
    """Return what `Cursor.write` wrote. Raises CursorError for anything else."""
    try:
        due, since, name = json.loads(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)))
        cursor = Cursor(datetime.fromisoformat(due) if due else None, datetime.fromisoformat(since), str(name))
    except (binascii.Error, ValueError, TypeError, RecursionError):
        raise CursorError("the cursor is none of ours: give the `next` of the page before, as it is") from None
    if any(at is not None and at.tzinfo is None for at in (cursor.due_at, cursor.since)) or "\x00" in cursor.name:
        raise CursorError("the cursor is none of ours: give the `next` of the page before, as it is")
    return cursor
