"""What is known of a customer, in words that colleagues read: hidden as it is said, and nothing else is touched."""

from typing import Any

import pytest

from bot.console.known import Known

KNOWN = Known(
    frozenset({
        ("recipient", "李明"),
        ("title", "Qinghe Trading Ltd"),
        ("tax_number", "91330106MA2700001L"),
        ("phone", "0912 345 678"),
        ("address", "浙江省杭州市西湖区文三路90号"),
    })
)  # fmt: skip


@pytest.mark.parametrize(
    ("said", "shown"),
    [
        ("给李明的", "给李*的"),
        ("for QINGHE  trading ltd, please", "for Q***, please"),
        ("税号9133 0106 MA27 0000 1L", "税号**** 001L"),
        ("91330106-ma2700001l", "**** 001L"),
        ("打0912345678", "打091****678"),
        ("寄到浙江省杭州市西湖区文三路*号", "寄到浙江省杭州市…"),  # as a chat keeps it
        ("Qinghe Trading Ltds", "Qinghe Trading Ltds"),
        ("谢谢", "谢谢"),
    ],
)
def test_a_value_is_hidden_as_it_is_said(said: str, shown: str) -> None:
    """In any case, with other gaps, or with its numbers masked already."""
    assert shown == KNOWN.hide(said)


MORE = Known(
    frozenset({
        ("recipient", "鍾曉麗"),
        ("recipient", "Anna Smith"),
        ("address", "杭州市西湖区文三路18号3单元502"),
        ("address", "12 Renmin Road, Building 3, Apt 802, Hangzhou"),
    })
)  # fmt: skip


@pytest.mark.parametrize(
    ("said", "shown"),
    [
        ("我是钟晓丽", "我是鍾**"),
        ("我是鍾曉麗本人", "我是鍾**本人"),
        ("ANNA SMITH here", "A*** here"),
        ("我就住文三路18号", "我就住…"),
        ("住文三路 18 號啦", "住…啦"),
        ("放到3单元502门口", "放到…门口"),
        ("I live at 12 renmin road", "I live at …"),
        ("改到杭州市西湖區文三路18號3單元502", "改到杭州市…"),
    ],
)
def test_a_name_in_the_other_script_and_a_house_are_hidden(said: str, shown: str) -> None:
    """Whichever characters it is written in; a house whatever else of the address is said."""
    assert shown == MORE.hide(said)


@pytest.mark.parametrize(
    "said",
    [
        "文三路堵车吗", "杭州市能送吗", "我在西湖区", "3单元的门禁坏了", "502 元", "订单18号到", "Building 3 is closed",
        "Renmin Road is closed", "小丽你好", "12 boxes", "apt install", "晓丽的",
    ],
)  # fmt: skip
def test_a_street_a_town_or_a_number_alone_is_nobodys(said: str) -> None:
    """So is a given name: others have it too."""
    assert said == MORE.hide(said)


@pytest.mark.parametrize("title", ["公司", "小米", "A"])
def test_what_is_short_is_an_ordinary_word(title: str) -> None:
    """It would hide others' words and tell nothing of anybody."""
    said = "小米公司的 A 款"
    assert said == Known(frozenset({("title", title)})).hide(said)


def test_nothing_but_words_is_touched() -> None:
    """Whatever a customer calls their company: who spoke, when, what happened, who works here, codes."""
    case: dict[str, Any] = {
        "number": "SW-2026",
        "summary": "for 2026 and customer",
        "packet": {
            "summary": "customer, 2026",
            "wants": {"intent": "customer", "words": ["customer here"]},
            "known": [
                {"source": "customer", "name": "said", "text": "customer", "at": "2026-11-28"},
                {"source": "customer", "name": "since", "text": "2026-11-28", "at": None},
                {"source": "shop", "name": "paid", "text": "2026-11-28", "at": None},
            ],
            "facts": {"said": "the customer", "since": "2026-11-28", "invoice_kind": "customer"},
        },
        "handover": {"from": "customer", "reason": "ask customer", "at": "2026-11-28"},
        "messages": [{"from": "customer", "name": "Customer", "text": "2026!", "at": "2026-11-28"}],
        "events": [{"kind": "note", "actor": "customer", "at": "2026-11-28",
                    "details": {"text": "by customer", "reason": "call_customer", "cause": "customer"}}],
        "surveys": [{"outcome": 5, "comment": "customer", "answered_at": "2026-11-28"}],
    }  # fmt: skip
    shown = Known(frozenset({("title", "2026"), ("title", "customer")})).hide_in_case(case)
    hidden = "c***"
    packet = case["packet"]
    assert shown == {
        **case,
        "summary": f"for 2*** and {hidden}",
        "packet": {
            **packet,
            "wants": {"intent": "customer", "words": [f"{hidden} here"]},
            "known": [{**packet["known"][0], "text": hidden}, *packet["known"][1:]],
            "facts": {**packet["facts"], "said": f"the {hidden}"},
        },
        "handover": {**case["handover"], "reason": f"ask {hidden}"},
        "messages": [{**case["messages"][0], "text": "2***!"}],
        "events": [{**case["events"][0], "details": {**case["events"][0]["details"], "text": f"by {hidden}"}}],
        "surveys": [{**case["surveys"][0], "comment": hidden}],
    }
