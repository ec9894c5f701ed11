"""Values found in a message, with their places in the raw text."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.nlu.entities import find_entities


@pytest.mark.parametrize(
    ("name", "value", "raw", "text"),
    [
        ("order_number", "20260101001", "20260101001", "订单20260101001还没发货"),
        ("order_number", "20260101001", "２０２６０１０１００１", "单号２０２６０１０１００１"),
        ("order_number", "20260101001", "20260101-001", "order 20260101-001 please"),
        ("order_number", "4471902", "4471902", "cancel order #4471902"),
        ("phone_digits", "8888", "8888", "手机尾号8888"),
        ("phone_digits", "8888", "8888", "手機後四位是：8888"),
        ("phone_digits", "1234", "1234", "last four digits 1234"),
        ("phone_digits", "0042", "0042", "0042"),
        ("phone_digits", "5678", "138 1234 5678", "打我电话138 1234 5678"),
        ("tracking_number", "SF1234567890123", "SF1234567890123", "快递SF1234567890123到哪了"),
        ("tracking_number", "773012345678901", "773012345678901", "运单号：773012345678901"),
        ("amount", "199.00", "199元", "花了199元"),
        ("amount", "1299.50", "¥1,299.50", "paid ¥1,299.50 for it"),
        ("duration", "P3D", "三天", "等了三天了"),
        ("duration", "PT48H", "48小时", "48小时没更新"),
        ("duration", "P14D", "两个星期", "都两个星期了"),
        ("duration", "P2D", "2 days", "it has been 2 days"),
    ],
)
def test_finds_the_value_and_its_place(name: str, value: str, raw: str, text: str):
    """Exactly one value is found, normalised, and its span cuts the customer's own writing."""
    (entity,) = find_entities(text)
    assert (name, value, raw) == (entity.name, entity.value, text[entity.start : entity.end])


@pytest.mark.parametrize(
    "text",
    ["2024年买的", "我买了3个", "20261301001", "138123456789012", "第三天", "型号X2026", "房间1204室的灯坏了", "12.5"],
)
def test_other_numbers_are_left_alone(text: str):
    """A year, a count, an impossible date or a model number is no order, phone or sum."""
    assert find_entities(text) == ()


def test_four_digits_beside_an_order_number_are_the_phones():
    """The two things the proof asks for may come in one breath."""
    found = {entity.name: entity.value for entity in find_entities("20260101001 8888")}
    assert found == {"order_number": "20260101001", "phone_digits": "8888"}


_PIECES = st.sampled_from(
    ["订单", "20260101001", "尾号", "8888", "¥", "1,299.00", "元", "三", "个月", "SF", "½", "㎏", "ﬁ", " "]
)


@given(
    st.one_of(
        st.text(alphabet=st.characters(exclude_categories=()), max_size=60), st.lists(_PIECES, max_size=12).map("".join)
    )
)
def test_spans_lie_in_the_text_in_order_and_apart(text: str):
    """For any text at all: no error, every span inside it, none on top of another."""
    found = find_entities(text)
    edges = [edge for entity in found for edge in (entity.start, entity.end)]
    assert edges == sorted(edges)
    assert all(0 <= entity.start < entity.end <= len(text) for entity in found)
    assert all(left.end <= right.start for left, right in pairwise(found))
