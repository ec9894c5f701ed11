"""A message that is a list: where its points begin and end."""

import pytest

from bot.nlu.lists import split_list


@pytest.mark.parametrize(
    ("text", "points"),
    [
        ("1. 取消订单 2. 开发票 3. 快递什么时候到", ["取消订单", "开发票", "快递什么时候到"]),
        ("1、退掉耳机2、开发票", ["退掉耳机", "开发票"]),
        ("有几件事：①退掉耳機②開發票③快遞", ["退掉耳機", "開發票", "快遞"]),
        ("1) cancel it 2) an invoice", ["cancel it", "an invoice"]),
        ("（一）退货（二）发票", ["退货", "发票"]),
        ("一是退货，二是发票", ["退货", "发票"]),
        ("一係退貨，二係發票", ["退貨", "發票"]),
        ("First, where is it? Second, an invoice.", ["where is it?", "an invoice"]),
        ("- return it\n- an invoice", ["return it", "an invoice"]),
        ("• 退貨\n• 發票", ["退貨", "發票"]),
        ("\u2063- return it\n- an invoice", ["return it", "an invoice"]),
        ("1. return it\n   it does not fit\n2. an invoice", ["return it\n   it does not fit", "an invoice"]),
        ("1. 退货\n2. 发票\n谢谢\n尾号1234", ["退货", "发票", "谢谢\n尾号1234"]),
        ("1. 退货 2. 发票\n谢谢", ["退货", "发票\n谢谢"]),
        ("1，退货 2，发票", ["退货", "发票"]),
        ("1 退貨\n2 發票", ["退貨", "發票"]),
        ("1退货 2发票", ["退货", "发票"]),
        ("1.a 2.b 3.c 4.d 5.e 6.f 7.g 8.h", list("abcdefgh")),
    ],
)
def test_a_list_is_cut_at_its_marks(text: str, points: list[str]) -> None:
    """Whatever the marks are, and whether each has a line of its own."""
    assert points == [text[start:end] for start, end in split_list(text)]


@pytest.mark.parametrize(
    "text",
    [
        "买了1.5米的2.5寸",
        "2. then 3. else",
        "1. only this",
        "3点到1：00 2：30",
        "地址是1号楼2单元",
        "寄到 1 号楼 2 单元",
        "1个耳机，2个台灯",
        "1個月前買的，2個月沒到",
        "1.\n2.\n",
        "- one line",
    ],
)
def test_other_numbers_are_no_list(text: str) -> None:
    """A list counts from one, and every point says something."""
    assert () == split_list(text)
