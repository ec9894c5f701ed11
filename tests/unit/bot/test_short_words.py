"""Fewer came than were bought, told from other numbers."""

import pytest

from bot.dialogue.hearing.reason_words import reason_in
from bot.dialogue.hearing.short_words import shortfall_in


@pytest.mark.parametrize(
    ("text", "short"),
    [
        ("ordered 3 biscuit boxes got 2", 1),
        ("I ordered three boxes and received two", 1),
        ("3 ordered, 2 arrived", 1),
        ("bought 5, only got two", 3),
        ("买三盒来两盒", 1),
        ("買了3盒只收到1盒", 2),
        ("只有两盒，我买了三盒", 1),
        ("得兩盒咋，我買三盒㗎嘛", 1),
    ],
)
def test_some_are_missing(text: str, short: int) -> None:
    """How many need not be asked."""
    assert (short, "missing_item") == (shortfall_in(text), reason_in(text))


@pytest.mark.parametrize(
    "text",
    [
        "买了三盒，少发了一盒", "买三盒，收到一盒是坏的", "買了三盒，漏寄了一盒", "3 ordered, one arrived broken",
        "I bought 3 and got 1 damaged", "ordered 2 got 2", "ordered 2 got 3", "买两件送一件", "买了3天还没收到2个",
        "I bought 2 and got 10 percent off",
        "ordered 2 days ago, got 1 e-mail", "I paid 20 and got 5 back",
    ],
)  # fmt: skip
def test_none_is_missing(text: str) -> None:
    """Days, money, gifts and answers are no goods."""
    assert shortfall_in(text) is None
