"""A shop's own orders, from its files: all or nothing, and what is wrong named by row and column."""

import asyncio
import json
from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select, text
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, async_sessionmaker

from actions.embedded_commands import carry_out
from actions.embedded_shop import EmbeddedShop
from actions.models import ShopOrder, ShopScan
from actions.order_files import OrderFileError
from actions.order_import import MOST_FAULTS, Report, import_orders
from actions.shop import Order, OrderStatus, PaymentPart, ShopCommand
from escalation.ports import SystemClock
from tests.integration.machine import eventually

Sessions = async_sessionmaker[AsyncSession]
ORDER: dict[str, Any] = {
    "number": "A-1001",
    "customer_sub": "u-77",
    "phone_last4": "0421",
    "status": "signed",
    "placed_at": "2026-11-01T09:30:00+08:00",
    "amount": "299.50",
    "items": [{"sku": "KETTLE-1", "name": "Kettle", "kind": "electronics", "price": "299.50"}],
    "payment": {"amount": "299.50", "paid_at": "2026-11-01T09:31:00+08:00", "method": "wechat"},
    "shipment": {
        "carrier": "SF",
        "tracking_number": "SF123456",
        "dispatched_at": "2026-11-02T18:00:00+08:00",
        "signed_at": "2026-11-04T11:00:00+08:00",
        "scans": [
            {
                "at": "2026-11-03T20:00:00+08:00",
                "place": {"zh-Hans": "杭州", "zh-Hant": "杭州", "en": "Hangzhou"},
                "note": "Arrived",
            }
        ],
    },
}
CSV = """\
number,phone_last4,status,placed_at,amount,sku,name,name.zh-Hant,name.zh-Hans,name.en,price,paid_at,payment_amount,payment_method
B-1,0007,paid,2026-11-20T10:00:00+08:00,80,CUP,,馬克杯,马克杯,Mug,30,2026-11-20T10:01:00+08:00,80,alipay
B-1,0007,paid,2026-11-20T10:00:00+08:00,80,TEE,T恤,,,,50,2026-11-20T10:01:00+08:00,80,alipay
B-2,0008,awaiting_payment,2026-11-21T10:00:00Z,15.5,PEN,Pen,,,,15.5,,,
"""

PART = {**ORDER["items"][0], "bundle": "tea", "bundle_paid": "299.50", "list_price": "350.00"}
SET = """\
number,phone_last4,status,placed_at,amount,suspected_abuse,sku,name,price,bundle,bundle_paid,list_price,payment_amount,payment_method,payment_parts
S-1,0007,paid,2026-11-20T10:00:00+08:00,299,true,BAG,Bag,219,school,299,219,299,card,card=199.00; balance=100
S-1,0007,paid,2026-11-20T10:00:00+08:00,299,true,LAMP,Lamp,149,school,299,149,299,card,card=199.00; balance=100
"""


def write(path: Path, *orders: dict[str, Any]) -> Path:
    """Write orders, one a line."""
    path.write_text("".join(json.dumps(order, ensure_ascii=False) + "\n" for order in orders), encoding="utf-8")
    return path


async def run(engine: AsyncEngine, path: Path) -> Report:
    """Import without being told how far it is."""
    return await import_orders(engine, path, lambda _line: None)


async def count(sessions: Sessions) -> int:
    """How many orders there are."""
    async with sessions() as session:
        return await session.scalar(select(func.count()).select_from(ShopOrder)) or 0


async def test_an_order_arrives_whole(engine: AsyncEngine, sessions: Sessions, tmp_path: Path) -> None:
    """With its item, payment, parcel and scan; a text given once is the same in every language."""
    report = await run(engine, write(tmp_path / "orders.jsonl", ORDER))
    order = await EmbeddedShop(sessions).find_order("A-1001")
    assert (report.orders, report.replaced) == (1, 0)
    assert order is not None
    assert order.items[0].name == {"zh-Hans": "Kettle", "zh-Hant": "Kettle", "en": "Kettle"}
    assert order.payment is not None
    assert (order.amount, order.payment.amount, order.phone_last4) == (Decimal("299.50"), Decimal("299.50"), "0421")
    assert order.shipment is not None
    assert order.shipment.scans[0].place["en"] == "Hangzhou"
    assert order.placed_at == datetime(2026, 11, 1, 1, 30, tzinfo=UTC)


async def test_a_csv_has_a_row_for_each_item(engine: AsyncEngine, sessions: Sessions, tmp_path: Path) -> None:
    """With a byte order mark, as spreadsheets write it; a cell left empty was not given."""
    path = tmp_path / "orders.csv"
    path.write_text(CSV, encoding="utf-8-sig")
    assert (await run(engine, path)).orders == 2
    shop = EmbeddedShop(sessions)
    both, unpaid = await shop.find_order("B-1"), await shop.find_order("B-2")
    assert both is not None
    assert [item.name["en"] for item in both.items] == ["Mug", "T恤"]
    assert unpaid is not None
    assert unpaid.payment is None
    assert unpaid.shipment is None


async def test_bundle_parts_of_a_payment_and_flags_arrive(
    engine: AsyncEngine, sessions: Sessions, tmp_path: Path
) -> None:
    """The same from a CSV as from JSON."""
    path = tmp_path / "orders.csv"
    path.write_text(SET, encoding="utf-8")
    parts = [{"method": "card", "amount": "199.00"}, {"method": "balance", "amount": "100.00"}]
    payment = {"amount": "299", "method": "card", "parts": parts}
    items = [
        {"sku": sku, "name": name, "price": price, "bundle": "school", "bundle_paid": "299", "list_price": price}
        for sku, name, price in (("BAG", "Bag", "219"), ("LAMP", "Lamp", "149"))
    ]
    plain = {"phone_last4": "0007", "status": "paid", "placed_at": "2026-11-20T10:00:00+08:00", "amount": "299"}
    order = {**plain, "number": "S-2", "suspected_abuse": True, "items": items, "payment": payment}
    await run(engine, path)
    await run(engine, write(tmp_path / "orders.jsonl", order))
    shop = EmbeddedShop(sessions)
    from_csv, from_json = await shop.find_order("S-1"), await shop.find_order("S-2")
    assert from_csv is not None
    assert from_csv.payment is not None
    assert from_csv == replace(from_json or from_csv, number="S-1")
    assert (True, False) == (from_csv.suspected_abuse, from_csv.buyer_under_18)
    assert [("school", Decimal("299.00"), Decimal("219.00")), ("school", Decimal("299.00"), Decimal("149.00"))] == [
        (item.bundle, item.bundle_paid, item.list_price) for item in from_csv.items
    ]
    assert (PaymentPart("card", Decimal("199.00")), PaymentPart("balance", Decimal("100.00"))) == from_csv.payment.parts


@pytest.mark.parametrize(
    ("written", "told"),
    [
        ("card", "row 2, payment.parts.1.amount: Field required"),
        ("=199", "row 2, payment.parts.1.method: Field required"),
        ("card=199;", "row 2, payment.parts.2.method: Field required"),
        ("card=much", "row 2, payment.parts.1.amount: Input should be a valid decimal (it is 'much')"),
        ("card=1.005", "row 2, payment.parts.1.amount: Decimal input should have no more than 2 decimal places"),
    ],
)
async def test_a_fault_in_the_parts_of_a_payment_is_named(
    engine: AsyncEngine, tmp_path: Path, written: str, told: str
) -> None:
    """Which part, and what is wrong with it."""
    path = tmp_path / "orders.csv"
    path.write_text(SET.replace("card=199.00; balance=100", written), encoding="utf-8")
    report = await run(engine, path)
    assert any(str(fault).startswith(told) for fault in report.faults), report.faults


async def test_the_same_file_again_changes_nothing(engine: AsyncEngine, sessions: Sessions, tmp_path: Path) -> None:
    """And an edited one replaces what it names."""
    path = write(tmp_path / "orders.jsonl", ORDER, {**ORDER, "number": "A-1002"})
    await run(engine, path)
    assert (await run(engine, path)).replaced == 2
    await run(engine, write(path, {**ORDER, "status": "refunded"}))
    order = await EmbeddedShop(sessions).find_order("A-1001")
    assert order is not None
    assert order.status == OrderStatus.REFUNDED
    assert await count(sessions) == 2


async def test_what_a_customer_cancelled_here_stays_cancelled(
    engine: AsyncEngine, sessions: Sessions, tmp_path: Path
) -> None:
    """The shop's list is older than the customer's word."""
    paid = {**ORDER, "status": "paid", "shipment": None}
    path = write(tmp_path / "orders.jsonl", paid)
    await run(engine, path)
    shop = EmbeddedShop(sessions)
    assert (await shop.execute(ShopCommand("k1", "cancel_order", "A-1001", {}))).done
    report = await run(engine, path)
    order = await shop.find_order("A-1001")
    assert report.kept == ["A-1001"]
    assert order is not None
    assert order.status == OrderStatus.REFUNDED


async def test_what_went_back_here_is_not_forgotten(engine: AsyncEngine, sessions: Sessions, tmp_path: Path) -> None:
    """The shop's list may not know of a part that was paid back; one that knows of more has its way."""
    two = {**ORDER, "amount": "599.00", "payment": {**ORDER["payment"], "amount": "599.00"}}
    two["items"] = [{**ORDER["items"][0], "quantity": 2}]
    path = write(tmp_path / "orders.jsonl", two)
    await run(engine, path)
    shop, sku = EmbeddedShop(sessions), ORDER["items"][0]["sku"]
    part = ShopCommand("k1", "refund", "A-1001", {"sku": sku, "quantity": "1", "amount": "299.50"})
    assert (await shop.execute(part)).done
    for told, kept in ((None, "299.50"), ("100.00", "299.50"), ("300.00", "300.00")):
        payment = {**two["payment"], **({"refunded": told} if told else {})}
        await run(engine, write(path, {**two, "payment": payment}))
        order = await shop.find_order("A-1001")
        assert order is not None
        assert order.payment is not None
        assert (Decimal(kept), 1) == (order.payment.refunded, order.items[0].refunded_quantity)


TWO: dict[str, Any] = {
    **ORDER,
    "amount": "100.00",
    "items": [{"sku": "A", "name": "A", "price": "50.00"}, {"sku": "B", "name": "B", "price": "50.00"}],
    "payment": {**ORDER["payment"], "amount": "100.00"},
}


def give_back(payment: str | None, a: str | None) -> dict[str, Any]:
    """Return the order of two, of which a file tells what went back: of the payment, and for its first item."""
    first = {**TWO["items"][0], **({"refunded": a} if a else {})}
    paid = {**TWO["payment"], **({"refunded": payment} if payment else {})}
    return {**TWO, "items": [first, TWO["items"][1]], "payment": paid}


async def find(sessions: Sessions) -> Order:
    """Return the order that is there."""
    order = await EmbeddedShop(sessions).find_order("A-1001")
    assert order is not None
    return order


@pytest.mark.parametrize(("payment", "left"), [("30.00", "50.00"), (None, "50.00"), ("60.00", "40.00")])
async def test_what_went_back_there_and_here_is_of_one_payment(
    engine: AsyncEngine, sessions: Sessions, tmp_path: Path, payment: str | None, left: str
) -> None:
    """The file knows of the 30.00 for one item, the shop of the 20.00 for the other: 50.00 of 100.00 are left."""
    path = write(tmp_path / "orders.jsonl", TWO)
    await run(engine, path)
    shop = EmbeddedShop(sessions)
    assert (await shop.execute(ShopCommand("k1", "refund", "A-1001", {"sku": "B", "amount": "20.00"}))).done
    await run(engine, write(path, give_back(payment, "30.00")))
    order = await find(sessions)
    assert order.payment is not None
    assert Decimal(left) == order.payment.left
    assert left == (await shop.execute(ShopCommand("k2", "refund", "A-1001", {"amount": left}))).details["amount"]


async def test_more_for_the_items_than_was_paid_leaves_nothing(
    engine: AsyncEngine, sessions: Sessions, tmp_path: Path
) -> None:
    """A file may be wrong about an item: nothing more goes back, and nothing below zero is told."""
    await run(
        engine, write(tmp_path / "orders.jsonl", {**give_back(None, "105.00"), "status": "paid", "shipment": None})
    )
    cancelled = await EmbeddedShop(sessions).execute(ShopCommand("k", "cancel_order", "A-1001", {}))
    assert (True, "0.00") == (cancelled.done, cancelled.details["amount"])


async def test_an_end_that_a_file_told_is_a_files_to_take_back(
    engine: AsyncEngine, sessions: Sessions, tmp_path: Path
) -> None:
    """A part went back here, the file told of the whole: later files still have their way."""
    path = write(tmp_path / "orders.jsonl", TWO)
    await run(engine, path)
    part = ShopCommand("k1", "refund", "A-1001", {"sku": "B", "amount": "20.00"})
    assert (await EmbeddedShop(sessions).execute(part)).done
    ended = {**TWO["payment"], "refunded_at": "2026-11-20T10:00:00+08:00"}
    assert [] == (await run(engine, write(path, {**TWO, "status": "refunded", "payment": ended}))).kept
    assert [] == (await run(engine, write(path, TWO))).kept
    assert OrderStatus.SIGNED is (await find(sessions)).status


@pytest.mark.parametrize("is_written", [False, True])
async def test_what_goes_back_during_an_import_is_counted(
    engine: AsyncEngine, sessions: Sessions, tmp_path: Path, is_written: bool
) -> None:
    """The import waits for the command, whether that has written yet; neither is broken off."""
    path = write(tmp_path / "orders.jsonl", TWO)
    await run(engine, path)
    part = ShopCommand("k1", "refund", "A-1001", {"sku": "B", "amount": "20.00"})
    async with sessions.begin() as session:
        assert (await carry_out(session, part, SystemClock().now())).done
        if is_written:
            await session.flush()
        importing = asyncio.create_task(run(engine, path))
        await eventually(lambda: is_waiting(engine))
    assert 1 == (await importing).replaced
    order = await find(sessions)
    assert order.payment is not None
    assert (Decimal(20), Decimal(20)) == (order.payment.refunded, order.items[1].refunded)


async def test_a_command_during_an_import_finds_its_order(
    engine: AsyncEngine, sessions: Sessions, tmp_path: Path
) -> None:
    """The order is removed and written again meanwhile: it is not unknown for that."""
    path = write(tmp_path / "orders.jsonl", ORDER)
    await run(engine, path)
    async with sessions.begin() as session:
        await session.scalars(select(ShopScan).with_for_update())
        importing = asyncio.create_task(run(engine, path))
        await eventually(lambda: is_waiting(engine))
        refund = ShopCommand("k1", "refund", "A-1001", {"amount": ORDER["amount"]})
        asking = asyncio.create_task(EmbeddedShop(sessions).execute(refund))
        await eventually(lambda: is_waiting(engine, 2))
    await importing
    assert (True, None) == ((result := await asking).done, result.reason)


async def is_waiting(engine: AsyncEngine, count: int = 1) -> bool:
    """Tell whether so many transactions wait for another's lock."""
    waiting = "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()"
    async with engine.connect() as connection:
        return await connection.scalar(text(waiting)) == count


async def test_two_files_at_once_come_one_after_the_other(
    engine: AsyncEngine, sessions: Sessions, tmp_path: Path
) -> None:
    """Their orders stand in another order, and neither is broken off by that; the second says that it waits."""
    orders = [{**ORDER, "number": f"A-{number}"} for number in range(2_100)]
    forth, back = write(tmp_path / "forth.jsonl", *orders), write(tmp_path / "back.jsonl", *reversed(orders))
    told: list[str] = []
    both = await asyncio.gather(*(import_orders(engine, path, told.append) for path in (forth, back)))
    assert [0, len(orders)] == sorted(report.replaced for report in both)
    assert ["another import is under way; waiting for its end"] == [line for line in told if "another" in line]
    assert len(orders) == await count(sessions)


async def test_what_was_paid_back_whole_here_stays_so(engine: AsyncEngine, sessions: Sessions, tmp_path: Path) -> None:
    """Older than that, the file is left out."""
    path = write(tmp_path / "orders.jsonl", ORDER)
    await run(engine, path)
    shop = EmbeddedShop(sessions)
    assert (await shop.execute(ShopCommand("k1", "refund", "A-1001", {"amount": ORDER["amount"]}))).done
    assert ["A-1001"] == (await run(engine, path)).kept


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"phone_last4": "421"}, "row 2, phone_last4: String should match pattern '^[0-9]{4}$' (it is '421')"),
        ({"amount": "NaN"}, "row 2, amount: Input should be a finite number (it is 'NaN')"),
        ({"amount": "-1"}, "row 2, amount: Input should be greater than or equal to 0 (it is '-1')"),
        ({"placed_at": "2026-11-01T09:30:00"}, "row 2, placed_at: Input should have timezone info"),
        ({"placed_at": "0001-01-01T00:00:00+14:00"}, "row 2, placed_at: Input should be greater than or equal to 2000"),
        ({"placed_at": "9999-12-31T23:59:59-12:00"}, "row 2, placed_at: Input should be less than 2100"),
        ({"status": "gone"}, "row 2, status: Input should be"),
        ({"colour": "red"}, "row 2, colour: Extra inputs are not permitted"),
        ({"items": []}, "row 2, items: List should have at least 1 item"),
        ({"items": [{**PART, "bundle_paid": None}]}, "row 2, items.1.bundle: a part of a bundle needs bundle_paid"),
        ({"items": [{**PART, "list_price": None}]}, "row 2, items.1.bundle: a part of a bundle needs list_price"),
        ({"items": [{**PART, "list_price": "-1"}]}, "row 2, items.1.list_price: Input should be greater than or equal"),
        (
            {"items": [{**PART, "sku": "X"}, {**PART, "bundle_paid": "1"}]},
            "row 2, items: the parts of a bundle name different",
        ),
        ({"payment": {**ORDER["payment"], "parts": [{"method": "card"}]}}, "row 2, payment.parts.1.amount: Field req"),
        ({"payment": {**ORDER["payment"], "parts": [{"amount": "1"}]}}, "row 2, payment.parts.1.method: Field req"),
        ({"suspected_abuse": "perhaps"}, "row 2, suspected_abuse: Input should be a valid boolean"),
        ({"buyer_under_18": 17}, "row 2, buyer_under_18: Input should be a valid boolean"),
        ({"items": [{**ORDER["items"][0], "kind": "toys"}]}, "row 2, items.1.kind: must be one of general,"),
        ({"items": [{**ORDER["items"][0], "name": {"en": "x"}}]}, "row 2, items.1.name: must be a text, or one for"),
        ({"items": [{**ORDER["items"][0], "name": "a\0b"}]}, "row 2, items.1.name.zh-Hans: String should match"),
        ({"items": [PART, PART]}, "row 2, items: line 2 has the sku of line 1: one line"),
        ({"payment": {**ORDER["payment"], "refunded": "299.51"}}, "row 2, payment.refunded: must not be more than"),
        ({"number": "A-1001"}, "row 2, number: A-1001 stands in row 1 already"),
    ],
)
async def test_one_fault_and_nothing_is_imported(
    engine: AsyncEngine, sessions: Sessions, tmp_path: Path, change: dict[str, Any], told: str
) -> None:
    """The row, the column and the reason are named."""
    report = await run(engine, write(tmp_path / "orders.jsonl", ORDER, {**ORDER, "number": "A-1002", **change}))
    assert any(str(fault).startswith(told) for fault in report.faults), report.faults
    assert report.orders == 0
    assert await count(sessions) == 0


async def test_a_fault_in_the_last_chunk_takes_back_the_first(
    engine: AsyncEngine, sessions: Sessions, tmp_path: Path
) -> None:
    """What was written already is undone."""
    orders = [{**ORDER, "number": f"C-{n}"} for n in range(2500)]
    report = await run(engine, write(tmp_path / "orders.jsonl", *orders, {**ORDER, "status": 1}))
    assert [fault.row for fault in report.faults] == [2501]
    assert await count(sessions) == 0


async def test_a_file_full_of_faults_is_not_read_to_the_end(engine: AsyncEngine, tmp_path: Path) -> None:
    """A hundred are told."""
    report = await run(engine, write(tmp_path / "orders.jsonl", *[{}] * 3000))
    assert len(report.faults) == MOST_FAULTS


@pytest.mark.parametrize(
    ("name", "content", "told"),
    [
        ("orders.xlsx", b"", "its name must end with .csv, .json, .jsonl"),
        ("orders.json", b"{}", "must be a list of orders"),
        ("orders.json", b"[", "is not JSON"),
        ("orders.csv", "number\n订单".encode("gb18030"), "is not UTF-8"),
        ("orders.csv", b"number,colour\n1,red\n", "row 1 has no column 'colour'"),
        ("orders.csv", b"phone_last4\n", "row 1 has no column 'number'"),
    ],
)
async def test_a_file_that_is_none(engine: AsyncEngine, tmp_path: Path, name: str, content: bytes, told: str) -> None:
    """Says what to do."""
    path = tmp_path / name
    path.write_bytes(content)
    with pytest.raises(OrderFileError, match=told):
        await run(engine, path)


async def test_rows_of_one_order_that_differ(engine: AsyncEngine, tmp_path: Path) -> None:
    """Which row, and in what."""
    path = tmp_path / "orders.csv"
    path.write_text(
        CSV.replace("B-1,0007,paid,2026-11-20T10:00:00+08:00,80,TEE", "B-1,0009,paid,2026-11-20T10:00:00+08:00,80,TEE")
    )
    report = await run(engine, path)
    assert [str(fault) for fault in report.faults] == [
        "row 3, phone_last4: differs from row 2, which is the same order"
    ]
