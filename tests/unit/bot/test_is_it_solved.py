"""What customers say to "is it solved?": no, yes, or something else; a case is not opened again by good news."""

from collections.abc import Callable

import pytest

from tests.unit.bot.talk import Talk

Begin = Callable[..., Talk]


def _resolved(begin: Begin) -> Talk:
    """A customer whose case about an order was just resolved, and who was asked whether it is."""
    talk = begin("en")
    talk.say("The earphones won't charge, please repair them. Order {004}, phone ending {004.digits}")
    if not talk.tickets:
        talk.say("A person, please")
    talk.change_ticket(state="resolved")
    talk.state = type(talk.state)(proven=talk.state.proven)
    return talk


@pytest.mark.parametrize(
    ("text", "solved"),
    [
        ("No", False), ("no, not yet", False), ("没有", False), ("還沒", False), ("No, it still doesn't charge", False),
        ("no it is broken again", False), ("没有，还是充不进电", False),
        ("没有，不能用", False), ("No, it works but not on the left", False), ("no, it isn't fixed", False),
        ("Yes", True), ("是的", True), ("嗯嗯", True), ("yes, it's fixed", True), ("解决了，谢谢", True),
        ("No problem", None), ("no problems any more", None), ("No worries", None), ("no complaints", None),
        ("no issues now", None), ("No, thanks", None), ("no need", None), ("不，谢谢", None),
        ("No, it works now", None), ("no it's all good now", None), ("没有，都好了", None), ("不，已经好了", None),
        ("没有问题了", None), ("没问题", None), ("沒事了", None),
    ],
)  # fmt: skip
def test_a_word_on_a_resolved_case(text: str, solved: bool | None, begin: Begin) -> None:
    """None: neither; it stays as it is, and the buttons stay."""
    talk = _resolved(begin)
    talk.say(text)
    assert [solved] * (solved is not None) == [one.solved for one in talk.settled]


@pytest.mark.parametrize("text", ["解决了吗？", "问题解决了吗", "解決了嗎", "is it fixed?", "Has it been resolved?"])
def test_whoever_asks_says_neither(text: str, begin: Begin) -> None:
    """It is their question now."""
    talk = _resolved(begin)
    talk.say(text)
    assert [] == talk.settled
