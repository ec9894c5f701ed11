"""A case waits for its order's number: more of it joins, other goods and a lost parcel do not."""

from collections.abc import Callable

import pytest

from tests.unit.bot.talk import Talk


@pytest.fixture
def waiting(begin: Callable[..., Talk]) -> Talk:
    """Earphones are broken, and no number is at hand."""
    talk = begin("zh-Hans")
    talk.say("耳机坏了")
    talk.say("没有订单号")
    assert 1 == len(talk.opened), talk
    return talk


@pytest.mark.parametrize(
    "said", ["左边没声音", "耳机充电盒也坏了", "真的没有订单号", "没有号", "一闪一闪的", "the earphones have no sound"]
)
def test_more_of_the_same_joins(waiting: Talk, said: str) -> None:
    """Nothing is asked again."""
    waiting.say(said)
    assert (1, 1) == (len(waiting.opened), len(waiting.added)), waiting


@pytest.mark.parametrize("said", ["我买的鞋子开胶了", "我买的外套太小了", "my shoes are falling apart"])
def test_other_goods_are_another_matter(waiting: Talk, said: str) -> None:
    """Their order is asked for."""
    waiting.say(said)
    assert [] == waiting.added, waiting
    assert ["order=none"] == waiting.offered, waiting


@pytest.mark.parametrize("said", ["水壶炸了", "杯子冒烟", "它漏电", "the kettle exploded"])
def test_what_is_unsafe_is_critical_by_itself(waiting: Talk, said: str) -> None:
    """Whatever case is open."""
    waiting.say(said)
    assert "critical" in [case.policy_tier for case in waiting.opened] or (
        "complaint" in [case.category for case in waiting.opened]
    ), waiting


@pytest.mark.parametrize("said", ["那我的包裹找不到了", "我的快递找不到了"])
def test_a_parcel_that_is_not_found_is_no_missing_number(waiting: Talk, said: str) -> None:
    """It is lost."""
    waiting.say(said)
    assert [] == waiting.added, waiting
