"""A shop's answers: what is understood, and what is refused by name without saying what was in it."""

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from types import UnionType
from typing import Annotated, Any, Union, get_args, get_origin

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel

from actions import shop_wire
from actions.shop import Order, ShopError
from tests.unit.actions.order_samples import BUNDLE, PAID, sent
from tests.unit.actions.shop_samples import to_wire

FLAGGED = replace(PAID, suspected_abuse=True, buyer_under_18=True)
CUP = {"sku": "cup", "name": "Cup", "price": "10.00"}
PART = {**CUP, "bundle": "tea", "list_price": "12.00"}
PAYMENT = {"amount": "10.00", "method": "card"}
ANSWER: dict[str, Any] = {
    "number": "A1",
    "phone_last4": "1234",
    "status": "paid",
    "placed_at": "2026-11-23T12:00:00+08:00",
    "amount": "10.00",
    "items": [CUP],
    "something_new": {"that": "is passed over"},
}


def read(**changes: Any) -> Order:
    """Read the answer with changes."""
    return shop_wire.read_order(json.dumps(ANSWER | changes).encode())


def test_what_is_left_out_has_its_default() -> None:
    """And a text that is given once is the same in every language."""
    order = read()
    assert (datetime(2026, 11, 23, 4, tzinfo=UTC), Decimal("10.00")) == (order.placed_at, order.amount)
    assert {"zh-Hans": "Cup", "zh-Hant": "Cup", "en": "Cup"} == order.items[0].name
    assert (None, None, 1, "general") == (order.payment, order.shipment, order.items[0].quantity, order.items[0].kind)


@pytest.mark.parametrize("order", [PAID, sent(), BUNDLE, replace(sent(lost=True), customer_sub="anna"), FLAGGED])
def test_every_field_comes_through(order: Order) -> None:
    """As it was sent."""
    assert order == shop_wire.read_order(json.dumps(to_wire(order)).encode())


@pytest.mark.parametrize(
    ("changes", "fault"),
    [
        ({"amount": 10.0}, "amount: must be a text"),
        ({"amount": "10.005"}, "amount: must be a text"),
        ({"amount": "1e3"}, "amount: must be a text"),
        ({"amount": "-1.00"}, "amount: must be a text"),
        ({"amount": "NaN"}, "amount: must be a text"),
        ({"amount": None}, "amount: must be a text"),
        ({"placed_at": "2026-11-23T12:00:00"}, "placed_at: Input should have timezone info"),
        ({"placed_at": "1763870400"}, "placed_at: must be a text"),
        ({"placed_at": 1763870400}, "placed_at: must be a text"),
        ({"placed_at": "2026-02-30T12:00:00Z"}, "placed_at: day is out of range"),
        ({"placed_at": "9999-12-31T23:59:59Z"}, "placed_at: must lie between 2000 and 2100"),
        ({"phone_last4": "12345"}, "phone_last4: "),
        ({"phone_last4": 1234}, "phone_last4: "),
        ({"status": "lost"}, "status: "),
        ({"items": []}, "items: "),
        ({"items": None}, "items: "),
        ({"items": [{"sku": "cup", "name": {"en": "Cup"}, "price": "1.00"}]}, "items.0.name: "),
        ({"items": [{"sku": "cup", "name": "Cup", "price": "1.00", "quantity": "2"}]}, "items.0.quantity: "),
        ({"items": [{"sku": "cup", "name": "Cup", "price": "1.00", "unsealed": "no"}]}, "items.0.unsealed: "),
        ({"items": [{"sku": "cup", "name": "C\0p", "price": "1.00"}]}, "items.0.name."),
        ({"payment": {"amount": "10.00"}}, "payment.method: "),
        ({"payment": {**PAYMENT, "parts": [{"method": "card", "amount": 9}]}}, "payment.parts.0.amount: must be a te"),
        ({"payment": {**PAYMENT, "parts": [{"amount": "10.00"}]}}, "payment.parts.0.method: "),
        ({"payment": {**PAYMENT, "parts": {"card": "10.00"}}}, "payment.parts: "),
        ({"items": [{**CUP, "bundle": "tea"}]}, "items.0.bundle: a part of a bundle needs bundle_paid and"),
        (
            {"items": [{**CUP, "bundle": "tea", "bundle_paid": "9.00"}]},
            "items.0.bundle: a part of a bundle needs list_p",
        ),
        ({"items": [{**CUP, "bundle": "tea", "bundle_paid": 9, "list_price": "9.00"}]}, "bundle_paid: must be a text"),
        (
            {"items": [{**PART, "bundle_paid": "9.00"}, {**PART, "sku": "pot", "bundle_paid": "8.00"}]},
            "items: the parts of a bundle",
        ),
        ({"items": [CUP, CUP]}, "items: line 2 has the sku of line 1"),
        ({"payment": {**PAYMENT, "refunded": "10.01"}}, "payment.refunded: must not be more"),
        ({"suspected_abuse": "no"}, "suspected_abuse: "),
        ({"buyer_under_18": 17}, "buyer_under_18: "),
        ({"shipment": {"carrier": "C", "tracking_number": "T"}}, "shipment.dispatched_at: "),
    ],
)
def test_what_breaks_the_contract_is_named(changes: dict[str, Any], fault: str) -> None:
    """By its field, with the reason."""
    with pytest.raises(ShopError, match="breaks the contract") as raised:
        read(**changes)
    assert fault in str(raised.value)


@pytest.mark.parametrize("body", [b"", b"{", b"null", b"[]", b"\xff\xfe", b"<html>", b"[" * 100_000, b'{"number"'])
def test_what_is_no_answer_is_an_error_of_the_shop(body: bytes) -> None:
    """And nothing else."""
    with pytest.raises(ShopError, match="breaks the contract"):
        shop_wire.read_order(body)


@given(st.recursive(st.none() | st.booleans() | st.text() | st.floats(), lambda one: st.dictionaries(st.text(), one)))
def test_nothing_of_what_was_given_is_repeated(value: Any) -> None:
    """A fault names fields and reasons: an answer is about a person."""
    secret = "13800138000 Zhang San"
    body = json.dumps({**ANSWER, "status": secret, "amount": secret, secret: value, "items": {secret: value}}).encode()
    with pytest.raises(ShopError) as raised:
        shop_wire.read_order(body)
    assert secret not in str(raised.value)


@pytest.mark.parametrize("record", [shop_wire.WireOrder, shop_wire.WireItem, shop_wire.WirePayment,
                                    shop_wire.WirePaymentPart, shop_wire.WireShipment, shop_wire.WireScan])  # fmt: skip
def test_no_amount_and_no_instant_is_read_leniently(record: type[BaseModel]) -> None:
    """Whatever fields a file of orders gets, an answer has them strict."""
    for name, info in record.model_fields.items():
        if {Decimal, datetime} & set(_kinds(info.annotation)):
            faults = shop_wire.find_faults(json.dumps(_with(record, name, 1)).encode())
            assert any(name in fault and "must be a text like" in fault for fault in faults), name


def _kinds(annotation: Any) -> Iterator[Any]:
    """The kinds that a field may have, however they are wrapped; of lists not what is in them."""
    yield annotation
    if get_origin(annotation) in {Annotated, Union, UnionType}:
        for inner in get_args(annotation):
            yield from _kinds(inner)


def _with(record: type[BaseModel], name: str, value: object) -> dict[str, Any]:
    if record is shop_wire.WireScan:
        return {**ANSWER, "shipment": {"scans": [{name: value}]}}
    if record is shop_wire.WirePaymentPart:
        return {**ANSWER, "payment": {"parts": [{name: value}]}}
    place = {shop_wire.WirePayment: "payment", shop_wire.WireShipment: "shipment"}.get(record)
    if record is shop_wire.WireItem:
        return {**ANSWER, "items": [{name: value}]}
    return {**ANSWER, place: {name: value}} if place else {**ANSWER, name: value}


def test_a_command_must_tell_what_the_customer_is_told() -> None:
    """A voucher without its code is no voucher."""
    assert {"code": "X", "amount": "5.00"} == shop_wire.read_done(
        "issue_voucher", b'{"details": {"code": "X", "amount": "5.00"}}'
    ).details
    with pytest.raises(ShopError, match="details of issue_voucher lack code"):
        shop_wire.read_done("issue_voucher", b'{"details": {"amount": "5.00"}}')


@pytest.mark.parametrize("body", [b"{}", b'{"reason": "Sold out!"}', b'{"reason": 1}', b'{"reason": null}'])
def test_a_refusal_has_a_code(body: bytes) -> None:
    """Of small letters."""
    with pytest.raises(ShopError, match="reason"):
        shop_wire.read_refusal(body)
