"""Rows of several tables, written with one statement: each one more would be a trip to the database within the turn."""

import json
import typing
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from decimal import Decimal
from functools import cache
from itertools import groupby
from typing import Any
from uuid import UUID

from sqlalchemy import CTE, Select, Table, Text, bindparam, cast, column, exists, func, select
from sqlalchemy.dialects.postgresql import JSONB, insert
from sqlalchemy.ext.asyncio import AsyncSession

from escalation.models import Base

_Shape = tuple[tuple[Table, tuple[str, ...]], ...]


async def insert_together(session: AsyncSession, first: Base, *others: Base, unless: str) -> bool:
    """Insert a new row and those that go with it, or nothing if its column `unless` has the value already.

    Others of one table stand side by side. What is not set takes the model's default; what the database makes up (a
    number, an identity) is not read back. Returns whether they were inserted; of two at once, one waits and is told no.
    """
    groups = [(_table_of(first), [_values_of(first)])]
    for table, rows in groupby(others, key=_table_of):
        groups.append((table, [_values_of(row) for row in rows]))
    shape = tuple((table, tuple(rows[0])) for table, rows in groups)
    values = {_parameter(table): json.dumps(rows, default=_to_text) for table, rows in groups}
    return bool(await session.scalar(_build(shape, unless), values))


@cache
def _build(shape: _Shape, unless: str) -> Select[Any]:
    """Return the statement for these tables and columns: `SELECT count(*)` over the first INSERT, the others beside."""
    (table, names), *others = shape
    inserting = insert(table).from_select(list(names), _select_rows(table, names))
    first = inserting.on_conflict_do_nothing(index_elements=[unless]).returning(table.c.id).cte("first_of_them")
    statement = select(func.count()).select_from(first)
    for other, columns in others:
        rows = _select_rows(other, columns).where(exists().select_from(first))
        statement = statement.add_cte(_as_cte(other, columns, rows))
    return statement


def _as_cte(table: Table, names: Iterable[str], rows: Select[Any]) -> CTE:
    returned = next(iter(table.primary_key.columns))
    return insert(table).from_select(list(names), rows).returning(returned).cte(f"into_{table.name}")


def _select_rows(table: Table, names: Iterable[str]) -> Select[Any]:
    columns = [column(name, table.c[name].type) for name in names]
    given = cast(bindparam(_parameter(table), type_=Text), JSONB)
    rows = func.jsonb_to_recordset(given).table_valued(*columns, name=f"{table.name}_rows")
    return select(rows.render_derived(with_types=True))


def _table_of(row: Base) -> Table:
    return typing.cast("Table", row.__table__)


def _parameter(table: Table) -> str:
    return f"{table.name}_given"


def _values_of(row: Base) -> Mapping[str, Any]:
    """Return what a new row will hold, without what the database makes up."""
    # As it was made: asking a new row for its attributes one by one takes longer, and what was not set is not there.
    values, given = {}, vars(row)
    for one in row.__table__.columns:
        value = given.get(one.key)
        if value is None and one.default is not None:
            value = one.default.arg(None) if one.default.is_callable else one.default.arg
        if value is not None or not (one.identity or one.primary_key):
            values[one.key] = value
    return values


def _to_text(value: object) -> str:
    match value:
        case datetime():
            return value.isoformat()
        case timedelta():
            return f"{value.total_seconds():.6f} seconds"
        case UUID() | Decimal():
            return str(value)
        case bytes():
            return f"\\x{value.hex()}"
    raise TypeError(f"{value!r} cannot be written")
