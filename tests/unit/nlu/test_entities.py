"""Values found in a message, with their places in the raw text."""

import re
import time
from itertools import pairwise

import pytest
from hypothesis import example, given
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
        ("amount", "200.00", "两百块", "花了两百块"),
        ("amount", "520.00", "五百二十元", "一共五百二十元"),
        ("amount", "3.50", "三块五", "退我三块五"),
        ("amount", "12000.00", "1.2万元", "一共1.2万元"),
        ("amount", "50.00", "fifty dollars", "I paid fifty dollars"),
        ("amount", "125.00 USD", "one hundred and twenty-five US dollars", "one hundred and twenty-five US dollars"),
        ("amount", "49.90", "$49.90", "it cost $49.90"),
        ("amount", "120.50 HKD", "HK$120.5", "俾咗HK$120.5"),
        ("amount", "20.00 USD", "20usd", "收了20usd的运费"),
        ("amount", "890.00 TWD", "890台幣", "付了890台幣"),
        ("amount", "1299.50", "¥1,299.50", "paid ¥1,299.50 for it"),
        ("duration", "P3D", "三天", "等了三天了"),
        ("duration", "PT48H", "48小时", "48小时没更新"),
        ("duration", "P14D", "两个星期", "都两个星期了"),
        ("duration", "P2D", "2 days", "it has been 2 days"),
        ("duration", "P15D", "十五天", "等了十五天"),
        ("duration", "P15D", "半个月", "等了半个月"),
        ("duration", "PT90M", "一個半小時", "等了一個半小時"),
        ("duration", "P30M", "两年半", "用了两年半"),
        ("duration", "PT30M", "half an hour", "I waited half an hour"),
        ("duration", "P21D", "three weeks", "three weeks and nothing"),
        ("duration", "P3D", "3 business days", "within 3 business days"),
        ("quantity", "3", "三个", "我要三个"),
        ("quantity", "1", "一個", "少一個"),
        ("quantity", "2", "两双", "订了两双"),
        ("quantity", "2", "2 pairs", "I got 2 pairs"),
        ("quantity", "1", "one of the two", "one of the two works"),
        ("quantity", "2", "two", "two of them work"),
        ("quantity", "3", "x3", "要x3"),
        ("size", "42", "42码", "要42码"),
        ("size", "XL", "xl", "要xl"),
        ("size", "L", "大號", "換成大號"),
        ("size", "M", "size medium", "I need size medium"),
        ("size", "9.5", "size US 9.5", "I need size US 9.5"),
        ("size", "256GB", "256G", "要256G"),
        ("size", "55in", "55吋", "買的是55吋"),
        ("colour", "red", "红色", "我要红色"),
        ("colour", "black", "黑色", "換黑色"),
        ("colour", "blue", "navy blue", "I want navy blue"),
    ],
)
def test_finds_the_value_and_its_place(name: str, value: str, raw: str, text: str):
    """Exactly one value is found, normalised, and its span cuts the customer's own writing."""
    (entity,) = find_entities(text)
    assert (name, value, raw) == (entity.name, entity.value, text[entity.start : entity.end])


@pytest.mark.parametrize(
    "text",
    [
        "2024年买的",
        "20261301001",
        "138123456789012",
        "第三天",
        "型号X2026",
        "房间1204室",
        "12.5",
        "我有一个问题",
        "三包政策",
        "元旦快乐",
        "账号",
        "5G信号",
        "bigger sizes",
        "一块油",
        "14年买的",
        "支付一下",
        "3 times",
        "two two",
        "5月的",
        "每天都催",
    ],
)
def test_other_numbers_are_left_alone(text: str):
    """A year, an impossible date or a model number is no order, phone or sum; "a problem" is no count."""
    assert find_entities(text) == ()


@pytest.mark.parametrize(
    "text",
    [
        "SW20260101001尾号8888", "订单20260101001手机8888", "２０２６０１０１００１　８８８８", "202601010018888",
        "order20260101001phone8888", "SO20260101001 8888", "手机8888订单20260101001",
        "SW20260101001phone8888",
    ],
)  # fmt: skip
def test_a_number_with_its_proof_glued_to_it_is_found(text: str):
    """Letters before it, words and digits behind it, wide digits."""
    found = {entity.name: entity.value for entity in find_entities(text)}
    assert {"order_number": "20260101001", "phone_digits": "8888"} == {
        name: found.get(name) for name in ("order_number", "phone_digits")
    }


@pytest.mark.parametrize("text", ["20260101001 2026年买的", "2026年下的单20260101001"])
def test_a_year_proves_nothing(text: str):
    """It stands beside an order's number all the same."""
    assert "phone_digits" not in {entity.name for entity in find_entities(text)}


@pytest.mark.parametrize("text", ["SF20260101001", "快递单号SW20260101001", "DB20260101001", "KYE20260101001"])
def test_a_carriers_number_is_no_orders(text: str):
    """However much it looks like one."""
    assert ["tracking_number"] == [entity.name for entity in find_entities(text)]


def test_four_digits_beside_an_order_number_are_the_phones():
    """The two things the proof asks for may come in one breath."""
    found = {entity.name: entity.value for entity in find_entities("20260101001 8888")}
    assert found == {"order_number": "20260101001", "phone_digits": "8888"}


@pytest.mark.parametrize(
    ("address", "text"),
    [
        ("广东省深圳市南山区科技园路12号3栋502室", "请寄到广东省深圳市南山区科技园路12号3栋502室，谢谢"),
        ("北京市朝阳区建国路88号院2号楼1203", "地址改成北京市朝阳区建国路88号院2号楼1203"),
        ("台北市信義區松高路12號5樓", "我想改地址：台北市信義區松高路12號5樓"),
        ("香港九龍旺角彌敦道688號12樓A室", "送去香港九龍旺角彌敦道688號12樓A室得唔得"),
        ("上海市 浦东新区 世纪大道 100号", "麻烦送到上海市 浦东新区 世纪大道 100号"),
        ("12 King Street, London SW1A 1AA", "ship it to 12 King Street, London SW1A 1AA please"),
        ("Flat 5B, 221B Baker Street, London", "I live at Flat 5B, 221B Baker Street, London. Thanks"),
        ("88 Queen's Road Central, Flat 12A, Hong Kong", "use 88 Queen's Road Central, Flat 12A, Hong Kong"),
        ("杭州市西湖区文三路 18 号 3 单元 502", "改到杭州市西湖区文三路 18 号 3 单元 502，谢谢"),
        ("浙江省宁波市海曙区中山西路88号5幢, 302", "寄到浙江省宁波市海曙区中山西路88号5幢, 302"),
        ("成都市锦江区春熙路1号，2栋1单元", "地址：成都市锦江区春熙路1号，2栋1单元"),
        ("台中市西屯區台灣大道三段99號 7樓之2", "改寄台中市西屯區台灣大道三段99號 7樓之2"),
        ("12 Renmin Road, Building 3, Apt 802, Hangzhou", "send it to 12 Renmin Road, Building 3, Apt 802, Hangzhou."),
        (
            "7 Park Lane, Block B, 3rd Floor, Flat 3-12, Kowloon",
            "now 7 Park Lane, Block B, 3rd Floor, Flat 3-12, Kowloon",
        ),
    ],
)
def test_an_address_is_found_whole_and_in_the_customers_own_writing(address: str, text: str):
    """From the largest part to the room, or from the flat to the town; the words around it stay outside."""
    (entity,) = find_entities(text)
    assert ("address", address, address) == (entity.name, entity.value, text[entity.start : entity.end])


def test_the_proof_of_an_order_behind_an_address_is_no_room():
    """Four digits right before an order's number prove that it is the customer's."""
    found = {entity.name: entity.value for entity in find_entities("改到杭州市西湖区文三路18号3单元 2305 20261128005")}
    assert {"address": "杭州市西湖区文三路18号3单元", "phone_digits": "2305", "order_number": "20261128005"} == found


@pytest.mark.parametrize(
    "text",
    [
        "北京上海都能送吗",
        "从广东省寄到深圳市",
        "我知道12号楼怎么走",
        "在路上3天",
        "it was on the road for 2 days",
        "超市区别",
    ],
)
def test_a_place_or_a_street_by_itself_is_no_address(text: str):
    """What no parcel could be sent to is left alone."""
    assert "address" not in {entity.name for entity in find_entities(text)}


_VALUES = {
    "order_number": r"[A-Z0-9]{5,}", "tracking_number": r"[A-Z0-9]{8,}", "phone_digits": r"[0-9]{4}",
    "amount": r"[0-9]+\.[0-9]{2}( [A-Z]{3})?", "duration": r"P([0-9]+[DMY]|T[0-9]+[HM])", "quantity": r"[1-9][0-9]*",
    "size": r"[A-Z0-9.a-z]+", "address": r"\S(.*\S)?", "product": r"[a-z_]+", "defect": r"[a-z_]+", "colour": r"[a-z]+",
}  # fmt: skip
_PIECES = st.sampled_from(
    [
        "订单",
        "20260101001",
        "尾号",
        "8888",
        "¥",
        "1,299.00",
        "元",
        "三",
        "个月",
        "SF",
        "½",
        "㎏",
        "ﬁ",
        " ",
        "鞋",
        "紅色",
        "two",
        "pairs",
        "广东省",
        "深圳市",
        "路",
        "12号",
        "12 King Street",
        ", London",
        "坏了",
        "not broken",
        "XL",
        "码",
        "’t",
        "x2",
        "天",
    ]
)


@example("£¼元")
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
    assert all(re.fullmatch(_VALUES[entity.name], entity.value) for entity in found)


@pytest.mark.parametrize(
    "unit", ["1", "1,111", "one ", "两", "市", "12号", "鞋", "not broken ", "12 king ", "8888手机", "½ "]
)
@pytest.mark.parametrize("head", ["", "tracking", "order number is"])
def test_the_cost_grows_with_the_text_and_not_faster(head: str, unit: str):
    """Four times the text costs about four times as much, even one made to be hard; sixteen would be a trap."""
    short, long = ((head + unit * length)[:length] for length in (1000, 4000))
    assert _measure(long) < 10 * _measure(short) + 0.004


@pytest.mark.parametrize("head", ["tracking", "order", "last 4 digits of my", "1"])
def test_a_run_of_spaces_is_no_trap(head: str):
    """Nobody's spaces are counted more than once."""
    assert _measure(head + " " * 3900 + "x") < 10 * _measure("x" + " " * 900) + 0.004


def _measure(text: str) -> float:
    """Return the processor's seconds, at best."""
    costs = []
    for _ in range(3):
        since = time.process_time()
        find_entities(text)
        costs.append(time.process_time() - since)
    return min(costs)
