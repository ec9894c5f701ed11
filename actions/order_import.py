"""Imports a file of orders into the embedded shop: all of it or nothing, with a report of every fault."""

import json
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from itertools import islice
from pathlib import Path
from typing import Any

from sqlalchemy import ARRAY, Text, any_, delete, func, literal, select, text
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from actions.models import ShopCommandResult, ShopOrder, ShopOrderItem, ShopPayment, ShopScan, ShopShipment
from actions.order_files import (
    Fault,
    ItemRecord,
    OrderRecord,
    PaymentRecord,
    Row,
    ScanRecord,
    ShipmentRecord,
    read_orders,
)
from actions.shop import CommandKind

_CHUNK, _NOTHING = 1000, Decimal(0)
# Made once: `json.dumps` with an argument makes one a call.
_ENCODER = json.JSONEncoder(ensure_ascii=False)
# So many faults tell enough about a file.
MOST_FAULTS = 100
# Those that refer come before those that are referred to.
_TABLES = (ShopScan, ShopShipment, ShopPayment, ShopOrderItem)


@dataclass
class Report:
    """What an import did. With a `faults` entry nothing was written.

    `kept` are orders that were cancelled or paid back here: what the file says of them is older, and was left out.
    """

    orders: int = 0
    replaced: int = 0
    kept: list[str] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)


@dataclass(frozen=True)
class _GivenBack:
    """What went back already, by order, and by order and item (with its number): no file makes it less."""

    payments: Mapping[str, Decimal]
    items: Mapping[tuple[str, str], tuple[Decimal, int]]


class _FaultsError(Exception):
    """Ends the transaction, so that nothing of it stays."""


async def import_orders(engine: AsyncEngine, path: Path, progress: Callable[[str], None]) -> Report:
    """Import a file; an order that is there already is replaced. Raises OrderFileError, OSError.

    After the first fault the rest of the file is only checked, so that one run tells them all (a hundred at the most).
    """
    report, seen = Report(), dict[str, int]()
    entries = read_orders(path)
    try:
        async with engine.begin() as connection:
            await _await_turn(connection, progress)
            # A table that fills while nobody has counted it looks empty to the planner: it would read all of it, again
            # and again.
            await connection.execute(text("SET LOCAL enable_seqscan = off"))
            while chunk := list(islice(entries, _CHUNK)):
                rows = list(_take(chunk, seen, report))
                if len(report.faults) >= MOST_FAULTS:
                    break
                if not report.faults:
                    await _write(connection, [row.order for row in rows], report)
                    progress(f"{path.name}: {report.orders} orders")
            if report.faults:
                raise _FaultsError
    except _FaultsError:
        return Report(faults=report.faults[:MOST_FAULTS])
    return report


async def _await_turn(connection: AsyncConnection, progress: Callable[[str], None]) -> None:
    """Two files at once would wait for one another's orders: the second is taken once the first is in, or is not."""
    name = func.hashtextextended("shop import", 0)
    if not await connection.scalar(select(func.pg_try_advisory_xact_lock(name))):
        progress("another import is under way; waiting for its end")
        await connection.execute(select(func.pg_advisory_xact_lock(name)))


def _take(chunk: Sequence[Row | list[Fault]], seen: dict[str, int], report: Report) -> Iterator[Row]:
    for entry in chunk:
        if not isinstance(entry, Row):
            report.faults.extend(entry)
        elif (before := seen.setdefault(entry.order.number, entry.number)) != entry.number:
            report.faults.append(Fault(entry.number, "number", f"{entry.order.number} stands in row {before} already"))
        else:
            yield entry


async def _write(connection: AsyncConnection, orders: Sequence[OrderRecord], report: Report) -> None:
    await _lock(connection, [order.number for order in orders])
    kept = await _find_ended(connection, [order.number for order in orders])
    written = [order for order in orders if order.number not in kept]
    given_back = await _find_given_back(connection, [order.number for order in written])
    report.kept += sorted(kept)
    report.replaced += await _remove(connection, [order.number for order in written])
    report.orders += len(written)
    for table, records in (
        (ShopOrder, [_order(order) for order in written]),
        (
            ShopOrderItem,
            [_item(order, at, item, given_back) for order in written for at, item in enumerate(order.items)],
        ),
        (ShopPayment, [_payment(order, order.payment, given_back) for order in written if order.payment]),
        (ShopShipment, [_shipment(order, order.shipment) for order in written if order.shipment]),
        (ShopScan, [_scan(order, at, scan) for order in written for at, scan in enumerate(_scans(order))]),
    ):
        await _copy(connection, table.__tablename__, records)


async def _lock(connection: AsyncConnection, numbers: Sequence[str]) -> None:
    """Wait for commands about these orders, and let later ones wait: what goes back meanwhile would be forgotten."""
    rows = select(ShopOrder.number).where(_is_one_of(ShopOrder.number, numbers))
    await connection.execute(rows.order_by(ShopOrder.number).with_for_update())


async def _find_ended(connection: AsyncConnection, numbers: Sequence[str]) -> set[str]:
    """Return which of the orders were cancelled or paid back whole here: the shop's list may not know of it yet."""
    asked = select(ShopCommandResult.order_number).where(
        _is_one_of(ShopCommandResult.order_number, numbers), ShopCommandResult.result["done"].as_boolean()
    )
    cancelled = asked.where(ShopCommandResult.kind == CommandKind.CANCEL_ORDER)
    # The command that ended it has its instant; after a part, the end may be a file's word.
    refunded = asked.where(ShopCommandResult.kind == CommandKind.REFUND).join(
        ShopPayment,
        (ShopPayment.order_number == ShopCommandResult.order_number)
        & (ShopPayment.refunded_at == ShopCommandResult.executed_at),
    )
    return {*await connection.scalars(cancelled), *await connection.scalars(refunded)}


async def _find_given_back(connection: AsyncConnection, numbers: Sequence[str]) -> _GivenBack:
    """Return what went back for orders that are there: a file may be older than that."""
    paid, item = ShopPayment, ShopOrderItem
    payments = select(paid.order_number, paid.refunded).where(_is_one_of(paid.order_number, numbers), paid.refunded > 0)
    items = select(item.order_number, item.sku, item.refunded, item.refunded_quantity).where(
        _is_one_of(item.order_number, numbers), item.refunded > 0
    )
    return _GivenBack(
        {row.order_number: row.refunded for row in await connection.execute(payments)},
        {(row.order_number, row.sku): (row.refunded, row.refunded_quantity) for row in await connection.execute(items)},
    )


async def _remove(connection: AsyncConnection, numbers: Sequence[str]) -> int:
    for table in _TABLES:
        await connection.execute(delete(table).where(_is_one_of(table.order_number, numbers)))
    return (await connection.execute(delete(ShopOrder).where(_is_one_of(ShopOrder.number, numbers)))).rowcount


def _is_one_of(column: Any, values: Collection[str]) -> Any:
    return column == any_(literal(list(values), ARRAY(Text)))


async def _copy(connection: AsyncConnection, table: str, records: Sequence[dict[str, Any]]) -> None:
    """Write rows with COPY, which takes a tenth of the time that INSERT does, within the transaction."""
    if records:
        driver: Any = (await connection.get_raw_connection()).driver_connection
        values = [tuple(record.values()) for record in records]
        await driver.copy_records_to_table(table, records=values, columns=list(records[0]))


# The records' fields as they are: `model_dump` would copy what is only passed on, at three times the cost.
def _order(order: OrderRecord) -> dict[str, Any]:
    apart = {"items", "payment", "shipment"}
    given = {name: value for name, value in vars(order).items() if name not in apart}
    return {**given, "status": order.status.value}


def _item(order: OrderRecord, position: int, item: ItemRecord, given_back: _GivenBack) -> dict[str, Any]:
    written = {"order_number": order.number, "position": position, **vars(item), "name": _json(item.name)}
    _, quantity = given_back.items.get((order.number, item.sku), (_NOTHING, 0))
    written["refunded"] = _refunded(order, item, given_back)
    written["refunded_quantity"] = max(item.refunded_quantity, quantity)
    return written


def _refunded(order: OrderRecord, item: ItemRecord, given_back: _GivenBack) -> Decimal:
    here, _ = given_back.items.get((order.number, item.sku), (_NOTHING, 0))
    return max(item.refunded, here)


def _payment(order: OrderRecord, payment: PaymentRecord, given_back: _GivenBack) -> dict[str, Any]:
    parts = [{"method": part.method, "amount": str(part.amount)} for part in payment.parts]
    # One may know of one item, the other of another: both went out of this payment.
    of_items = sum((_refunded(order, item, given_back) for item in order.items), _NOTHING)
    refunded = max(payment.refunded or _NOTHING, given_back.payments.get(order.number, _NOTHING), of_items)
    return {"order_number": order.number, **vars(payment), "parts": _json(parts), "refunded": refunded}


def _shipment(order: OrderRecord, shipment: ShipmentRecord) -> dict[str, Any]:
    return {"order_number": order.number} | {name: value for name, value in vars(shipment).items() if name != "scans"}


def _scans(order: OrderRecord) -> Sequence[ScanRecord]:
    return order.shipment.scans if order.shipment else ()


def _scan(order: OrderRecord, position: int, scan: ScanRecord) -> dict[str, Any]:
    texts = {"place": _json(scan.place), "note": _json(scan.note)}
    return {"order_number": order.number, "position": position, "at": scan.at, **texts}


def _json(texts: dict[str, str] | list[dict[str, str]]) -> str:
    return _ENCODER.encode(texts)
