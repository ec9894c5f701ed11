"""Clauses: where one request may end and the next begin, and when two are one."""

import pytest

from bot.nlu.clauses import is_one_request, split_clauses


@pytest.mark.parametrize(
    ("expected", "text"),
    [
        ([("我的快递到哪了", False), ("收到的杯子碎了", True)], "我的快递到哪了？另外收到的杯子碎了"),
        ([("帮我取消订单", False), ("我的另一个包裹到哪了", True)], "帮我取消订单，对了我的另一个包裹到哪了"),
        ([("Where is my parcel", False), ("the cups arrived smashed.", True)],
         "Where is my parcel? And also the cups arrived smashed."),
        ([("I want my money back", False), ("the invoice is wrong", False)],
         "I want my money back, and the invoice is wrong"),
        ([("屏幕碎了", False), ("什么时候能退款", False)], "屏幕碎了。什么时候能退款"),
    ],
)  # fmt: skip
def test_a_clause_knows_whether_it_was_joined_on(expected: list[tuple[str, bool]], text: str):
    """Marks end a clause; only words announce something more."""
    assert expected == [(clause.text, clause.is_joined) for clause in split_clauses(text)]


@pytest.mark.parametrize(
    ("expected", "text"),
    [
        ([(False, False), (True, True)], "我的包裹到哪了，而且我想开发票"),
        ([(False, False), (True, True)], "我想改收貨地址，並且要開發票"),
        ([(False, False), (True, False)], "我的包裹到哪了，而且还有，我想开发票"),
        ([(False, False), (True, False)], "我的包裹到哪了，另外我想开发票"),
    ],
)
def test_some_words_join_on_rather_more_of_the_same(expected: list[tuple[bool, bool]], text: str):
    """But where another word says that it is something more, it is."""
    assert expected == [(clause.is_joined, clause.is_added) for clause in split_clauses(text)]


@pytest.mark.parametrize("text", ["", "我的快递到哪了", "还有货吗", "好的，谢谢", "where is my parcel", "另外" * 3000])
def test_a_text_of_one_request_has_no_clauses(text: str):
    """Nothing is cut where there is nothing to tell apart."""
    assert [] == split_clauses(text)


@pytest.mark.parametrize(
    ("expected", "text"),
    [
        (True, "耳机我要退货，另外收到的杯子碎了"),
        (True, "我的快递到哪了？还有一个包裹显示签收了"),
        (True, "Where is my parcel? Also my other order says delivered"),
        (False, "屏幕碎了，另外按键也没反应"),
        (False, "耳机我要退货，另外这个耳机充不进电"),
        (False, "耳机我要退货。收到的杯子碎了"),
        (False, "杯子碎了，还有一个问题，我想退货"),
        (False, "The cup arrived broken. Another thing, I want to return it"),
    ],
)
def test_other_goods_are_told_from_the_same(expected: bool, text: str):
    """Goods not named before, or "the other one", where a word joins them on; marks alone do not."""
    assert expected is split_clauses(text)[-1].is_elsewhere


@pytest.mark.parametrize(
    ("expected", "first", "second"),
    [
        (True, "logistics.tracking", "logistics.urge_delivery"),
        (True, "logistics.not_received", "logistics.lost_or_signed_not_received"),
        (True, "order.cancel", "order.cancel"),
        (True, "quality.damaged", "quality.functional_defect"),
        (False, "logistics.tracking", "logistics.lost_or_signed_not_received"),
        (False, "quality.damaged", "quality.wrong_or_missing_item"),
        (False, "order.invoice", "order.change"),
    ],
)
def test_some_intents_are_one_request_in_other_words(expected: bool, first: str, second: str):
    """In either order."""
    assert expected is is_one_request(first, second) is is_one_request(second, first)
