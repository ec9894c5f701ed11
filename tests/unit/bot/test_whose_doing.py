"""What a customer did is never made of what somebody else did, or of a word beside what is broken."""

from collections.abc import Callable

import pytest

from tests.unit.bot.talk import Talk

ONLY_REPAIR = ["remedy=repair", "start:handoff.ask_human"]


@pytest.mark.parametrize(
    ("said", "own_doing"),
    [
        ("我不小心摔坏了", True),
        ("my dog chewed my order up", True),
        ("耳机掉水里了，开不了机", False),
        ("送货师傅不小心磕坏了", False),
        ("我没摔过，耳机自己没声音了", False),
        ("I never dropped it, there is no sound", False),
        ("不是我弄坏的，是质量问题", False),
    ],
)
def test_only_what_the_customer_did_is_theirs(begin: Callable[..., Talk], said: str, own_doing: bool) -> None:
    """For it there is a repair, and nothing else."""
    talk = begin()
    talk.say(said)
    talk.say("{024} {024.digits}")
    assert own_doing == (ONLY_REPAIR == talk.offered), talk


@pytest.mark.parametrize(
    "later", ["怪我没早说，它已经坏了", "我不小心点了确认收货，但东西是坏的", "不小心拍了两件，一件是坏的"]
)
def test_a_fault_stays_a_fault(begin: Callable[..., Talk], later: str) -> None:
    """That something was done by accident takes no right away, unless it is what broke the goods."""
    talk = begin()
    talk.say("耳机没声音了。订单号{024}，手机尾号{024.digits}")
    before = talk.offered
    talk.say(later)
    assert "remedy=exchange" in before, talk
    assert set(before) <= set(talk.offered), talk


@pytest.mark.parametrize("said", ["包裹掉到水里了，什么时候能送到", "快递被我家狗咬坏了包装，但一直没送到我手上"])
def test_a_parcel_on_its_way_is_not_in_the_customers_hands(begin: Callable[..., Talk], said: str) -> None:
    """Who asks for a parcel is told of it, whatever happened to it."""
    talk = begin()
    talk.say(f"{said}？订单号{{003}}，手机尾号{{003.digits}}")
    assert "remedy=repair" not in talk.offered, talk
