"""What is said beside an order and changes nothing of it."""

from collections.abc import Callable

import pytest

from bot.dialogue.hearing.remark_words import asks_how_long_repair, wants_one_more, wants_other_carrier_next_time
from tests.unit.bot.talk import Talk


@pytest.mark.parametrize(
    "text",
    ["修要多久", "维修一般几天", "返修周期要多长时间", "多久能修好", "維修需要多久？", "how long does a repair take?",
     "How many days to fix it?"],
)  # fmt: skip
def test_how_long_a_repair_takes_is_asked(text: str) -> None:
    """Of none that is under way."""
    assert asks_how_long_repair(text)


@pytest.mark.parametrize(
    "text",
    ["我要维修", "修了多久了还没好", "耳机坏了要修", "寄过去修了，多久能修好", "how long is my repair going to be"],
)
def test_a_repair_that_is_wanted_or_under_way_is_no_such_question(text: str) -> None:
    """One is begun, the other is a case."""
    assert not asks_how_long_repair(text)


@pytest.mark.parametrize(
    ("text", "is_said"),
    [
        ("下次换个快递", True),
        ("以后别发这家快递了", True),
        ("下次請換一家物流", True),
        ("please use another courier next time", True),
        ("换个快递", False),
        ("帮我换个快递发", False),
        ("下次再来", False),
        ("use another courier please", False),
    ],
)
def test_the_next_time_is_told_from_this_one(text: str, is_said: bool) -> None:
    """Another courier for this order is a change of it."""
    assert is_said == wants_other_carrier_next_time(text)


@pytest.mark.parametrize(
    ("text", "is_said"),
    [
        ("我想加买一个", True),
        ("能不能再加两件", True),
        ("我想再加購一個", True),
        ("I'd like to add one more", True),
        ("add another item to my order", True),
        ("我多买了一个想退", False),
        ("想再加一个电话", False),
        ("少发了一个", False),
        ("I got one more than I ordered", False),
    ],
)
def test_one_more_is_wanted(text: str, is_said: bool) -> None:
    """What came, or was bought, too much is something else."""
    assert is_said == wants_one_more(text)


def test_where_it_is_goes_before_what_is_said_of_the_next_time(begin: Callable[..., Talk]) -> None:
    """A question is answered."""
    talk = begin()
    assert "SD" in talk.say("{016} {016.digits} 到哪了？下次换个快递吧"), talk
