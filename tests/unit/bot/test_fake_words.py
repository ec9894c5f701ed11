"""What is not genuine, or not new, told from what the customer did with it."""

from collections.abc import Callable

import pytest

from bot.dialogue.hearing.fake_words import names_fake, tells_own_use
from tests.unit.bot.talk import Talk


@pytest.mark.parametrize(
    "text",
    [
        "不是原装的", "不是原厂出来的", "像组装机", "官网查不到", "序列号对不上", "SN查不到", "已经被激活了",
        "显示早就注册过", "莆田货吧",
        "贴牌的", "杂牌货", "封条被撕了", "发的是样机", "is it a clone", "the serial number is not known",
        "pirated disc",
        "it was activated last year", "you sent a display model",
    ],
)  # fmt: skip
def test_words_for_what_is_not_genuine(text: str) -> None:
    """Or was somebody's before."""
    assert names_fake(text)


@pytest.mark.parametrize(
    ("text", "own"),
    [
        ("吊牌不在", False), ("吊牌都不在", False), ("吊牌没在上面", False),
        ("我还没用过就发现上面有痕迹，像用过的", False),
        ("我没拆过，封口却是开的", False), ("里面明显被用过", False),
        ("I only used it once, and it's not genuine", False),
        ("I never opened it but the seal was broken", False), ("I haven't used it, it isn't authentic", False),
        ("吊牌还在", True), ("吊牌都在呢", True), ("我没拆过", True),
        ("我只是打开看看", True), ("I only used it once", True),
        ("the tags are still on", True), ("几乎没用过", True), ("我没拆过，封条还在", True),
    ],
)  # fmt: skip
def test_ones_own_use(text: str, own: bool) -> None:
    """What is said of a tag that is gone, a seal, or traces is no use of one's own."""
    assert own == tells_own_use(text)


@pytest.mark.parametrize(
    "said",
    ["官网查不到序列号", "the serial number does not exist on the brand's website", "it is a clone", "序列号对不上"],
)
def test_a_fake_needs_no_such_word(begin: Callable[..., Talk], said: str) -> None:
    """It is critical, whatever it is called."""
    talk = begin()
    talk.say(said)
    talk.say("{029} {029.digits}")
    assert [case.policy_tier for case in talk.opened] == ["critical"], talk


@pytest.mark.parametrize("said", ["官网上怎么查序列号", "耳机怎么激活", "how do I check the serial number"])
def test_how_to_check_is_only_asked(begin: Callable[..., Talk], said: str) -> None:
    """Nobody says that it is a fake."""
    talk = begin()
    talk.say(said)
    talk.say("{029} {029.digits}")
    assert "critical" not in [case.policy_tier for case in talk.opened], talk
