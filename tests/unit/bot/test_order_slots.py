"""What sentences about an order's data, invoice and delivery say by themselves."""

from datetime import UTC, datetime
from typing import Any

import pytest

from bot.dialogue.flows.billing import read_invoice
from bot.dialogue.flows.changing import read_change
from bot.dialogue.flows.delivery import read_instruction
from bot.dialogue.hearing.order_slots import ORDER_SLOTS, read_order_slot
from bot.dialogue.records import Heard

NOW = datetime(2026, 11, 23, 4, 0, tzinfo=UTC)


def said(values: Any) -> dict[str, Any]:
    """Leave out what a sentence does not say."""
    return {name: value for name, value in values.items() if value is not None}


@pytest.mark.parametrize(
    ("text", "read"),
    [
        ("我想改订单", {}),
        ("我想修改订单，订单号20261123005，手机尾号2305", {}),  # the proof is no new number
        ("change my order 20261123005, phone ending 2305", {}),
        ("订单20261123005的手机号改成13900004567", {"what": "phone", "phone": "13900004567"}),
        ("please change my phone number to +852 6123 4567", {"what": "phone", "phone": "+852 6123 4567"}),
        ("我的手机是13900004567，想改订单", {}),  # said to prove that it is theirs
        ("手机号写错了", {"what": "phone"}),
        ("地址填错了", {"what": "address"}),
        ("地址改成杭州市西湖区文三路90号，王小丫收",
         {"what": "address", "address": "杭州市西湖区文三路90号", "recipient": "王小丫"}),
        ("寄到杭州市西湖区文三路90号", {"what": "address", "address": "杭州市西湖区文三路90号"}),
        ("收件人換成王小明", {"what": "recipient", "recipient": "王小明"}),
        ("change the recipient to Anna Smith please", {"what": "recipient", "recipient": "Anna Smith"}),
        ("想换个尺码", {"what": "items"}),
        ("I ordered the wrong colour", {"what": "items"}),
    ],
)  # fmt: skip
def test_a_change_is_read_from_its_sentence(text: str, read: dict[str, str]) -> None:
    """What changes, and to what, if it is there."""
    assert read == said(read_change(text, None))


@pytest.mark.parametrize(
    ("text", "read"),
    [
        ("我要发票", {}),
        ("发票抬头错了，请重开", {}),
        ("發票抬頭寫錯了", {}),
        ("抬头是错的", {}),
        ("抬头 不对", {}),
        ("开公司发票，抬头青禾有限公司，税号91330106MA2700001L",
         {"invoice_kind": "company", "title": "青禾有限公司", "tax_number": "91330106MA2700001L"}),
        ("個人發票，抬頭：李小明，寄到li@example.com",
         {"invoice_kind": "personal", "title": "李小明", "email": "li@example.com"}),
        ("發票要打統編12345678，公司是晨光設計有限公司",
         {"invoice_kind": "company", "title": "晨光設計有限公司", "tax_number": "12345678"}),
        ("公司是做什么的", {"invoice_kind": "company"}),
        ("a business invoice made out to Acme Ltd, tax number 91330106MA2700001L",
         {"invoice_kind": "company", "title": "Acme Ltd", "tax_number": "91330106MA2700001L"}),
    ],
)  # fmt: skip
def test_an_invoice_is_read_from_its_sentence(text: str, read: dict[str, str]) -> None:
    """For whom, with which number, sent where."""
    assert read == said(read_invoice(text, None))


@pytest.mark.parametrize(
    ("text", "read"),
    [
        ("放丰巢", {"place": "locker"}),
        ("請放管理室", {"place": "front_desk"}),
        ("leave it with my neighbour in the evening", {"place": "neighbour", "hours": "18:00-21:00"}),
        ("送之前先打个电话", {"place": "call_first"}),
        ("送到上海市浦东新区张江路100号", {"address": "上海市浦东新区张江路100号"}),
        ("please be careful", {}),
    ],
)
def test_an_instruction_is_read_from_its_sentence(text: str, read: dict[str, str]) -> None:
    """Where, when, or another address."""
    assert read == said(read_instruction(text, None))


@pytest.mark.parametrize(
    ("slot", "text", "read"),
    [
        ("phone", "12345", {}),
        ("phone", "20261123005", {}),  # an order's number
        ("phone", "0912-345-678", {"phone": "0912-345-678"}),
        ("address", "不知道", {}),
        ("address", "中关村大街27号院3号楼，王小丫收，13911112222",
         {"address": "中关村大街27号院3号楼", "recipient": "王小丫", "phone": "13911112222"}),
        ("address", "天府小区3栋", {"address": "天府小区3栋"}),
        # A number left over may be the room.
        ("address", "杭州市西湖区文三路18号东门右手第3家", {"address": "杭州市西湖区文三路18号东门右手第3家"}),
        ("title", "寄到 me@example.com", {}),
        ("title", "邮箱me@example.com，抬头青禾有限公司", {"title": "青禾有限公司"}),
        ("title", "李小明 发到li@example.com", {"title": "李小明"}),
        ("title", "浙江省宁波市海曙区中山西路88号5幢302室", {}),
        ("title", "Blue Heron Ltd", {"title": "Blue Heron Ltd"}),
        ("recipient", "李四", {"recipient": "李四"}),
        ("recipient", "13900004567", {}),
        ("email", "a@b.com 谢谢", {"email": "a@b.com"}),
        ("email", "没有邮箱", {}),
        ("tax_number", "是91330106MA2700001L", {"tax_number": "91330106MA2700001L"}),
        ("place", "放在楼下花坛后面", {"instruction": "放在楼下花坛后面"}),
        ("place", "放门口", {"place": "door"}),
        ("deliver_on", "随便", {}),
    ],
)  # fmt: skip
def test_an_answer_fills_what_was_asked(slot: str, text: str, read: dict[str, str]) -> None:
    """Or nothing, and it is asked again."""
    assert slot in ORDER_SLOTS
    assert read == read_order_slot(slot, Heard("text", text, NOW))
