"""Who is hurt, told from goods that are named after what they heal or guard against."""

import pytest

from bot.dialogue.hearing.words import is_hurt


@pytest.mark.parametrize(
    "text",
    [
        "用完起了一片红疹", "孩子用了起疹子", "脖子一圈红疹", "身上全是疹子", "脸上长满了红疹", "臉上起紅疹",
        "我用了一次就烂脸了",
        "皮肤都烂脸", "用完过敏了", "被烫伤了", "用了这个药膏反而起红疹",
        "The cream gave me a rash", "I have a red rash on my arm", "rashes all over my neck", "I got burnt",
    ],
)  # fmt: skip
def test_somebody_is_hurt(text: str) -> None:
    """For a person, at once."""
    assert is_hurt(text)


@pytest.mark.parametrize(
    "text",
    [
        "治红疹的药膏什么时候发货", "祛红疹面膜少了一瓶", "烂脸修复霜我要退货", "手上抹的治湿疹的药膏没到",
        "烫伤膏漏发了",
        "抗过敏面霜买多了",
        "the red rash guard is too small", "a rash cream was missing",
    ],
)  # fmt: skip
def test_goods_are_named_after_what_they_heal(text: str) -> None:
    """Nobody says that they were hurt."""
    assert not is_hurt(text)
