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
        ("下次用顺丰", True),
        ("下次別用黑貓了", True),
        ("以后都发京东吧", True),
        ("don't use this courier in future", True),
        ("下次发快递之前先打电话给我", False),
        ("以后不用送到家门口，放驿站", False),
        ("下次用快递柜就行", False),
        ("下次发快递到公司", False),
        ("以後送貨唔使送到屋企，用快遞櫃", False),
        ("这次用顺丰，下次用中通", False),
        ("next time the courier comes please leave it at the door", False),
        ("In future please have the delivery company call first", False),
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


@pytest.mark.parametrize(
    "said",
    [
        "修要几天？我的耳机左边没声音了 {004} {004.digits}",
        "我想多买一个，但是耳机左边没声音了 {004} {004.digits}",
        "How long does a repair take? My earphones have no sound on the left. {004} {004.digits}",
    ],
)
def test_a_fault_is_heard_beside_a_remark(begin: Callable[..., Talk], said: str) -> None:
    """What is wrong with the goods is what it is about."""
    talk = begin()
    talk.say(said)
    assert talk.tickets or "remedy=repair" in talk.offered, talk


@pytest.mark.parametrize("said", ["屏幕裂了，修要多久？", "How long does it take to repair a cracked screen?"])
def test_what_is_to_be_repaired_may_be_named_in_the_question(begin: Callable[..., Talk], said: str) -> None:
    """It is answered all the same."""
    talk = begin()
    assert "30" in talk.say(said), talk


def test_where_it_is_goes_before_what_is_said_of_the_next_time(begin: Callable[..., Talk]) -> None:
    """A question is answered."""
    talk = begin()
    assert "SD" in talk.say("{016} {016.digits} 到哪了？下次换个快递吧"), talk
