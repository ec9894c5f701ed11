"""What customers did to goods, told from what only sounds like it: an accident costs a right that a fault has."""

import pytest

from bot.dialogue.hearing.goods_words import is_accident, reason_in


@pytest.mark.parametrize(
    "text",
    [
        "我把它摔了", "不小心坐断了", "掉地上了", "耳机掉水里了", "进水了", "被猫抓坏了", "狗啃了", "被孩子弄坏了",
        "我的訂單被我不小心砸壞了", "我洒了水在上面", "杯子被我打碎了", "女儿把书包扯坏了", "我拉链拉坏了",
        "手滑掉了",
        "I dropped my order and it broke", "my dog chewed it up", "the cat scratched it", "I spilled coffee on it",
        "I sat on the earphones", "it slipped out of my hands", "it fell off the table", "I accidentally broke it",
        "my order fell out of my hands and now it's in pieces", "I ran over it", "my kid broke it",
    ],
)  # fmt: skip
def test_somebodys_hand_broke_it(text: str) -> None:
    """By the customer, a child, an animal: in any script."""
    assert is_accident(text)
    assert "accidental_damage" == reason_in(text)


@pytest.mark.parametrize(
    "text",
    [
        "我压根没收到货", "我一直催你们压着不发货", "我剪了吊牌想退货", "我想把外套退掉", "我买来才两天就掉色",
        "自己掉漆了",
        "我打电话被挂掉了", "我撞上了双十一没抢到", "我儿子说颜色掉了", "孩子咬了一口就不吃了，发霉的",
        "洗衣机不进水",
        "洗衣机进水口漏水", "冰箱漏水，地上都是水", "快递员把我的包裹摔了", "我打开就是坏的", "我不小心点错了",
        "同事说太贵了",
        "I dropped an order yesterday", "I dropped it off at the locker", "the handle fell off",
        "by accident I ordered two",
        "ordered the wrong size by accident", "I bit into it and it was mouldy", "I fell in love with it",
        "there is water on the floor, the fridge is leaking", "it fell apart", "I broke my leg",
        "the courier dropped it",
    ],
)  # fmt: skip
def test_nobodys_hand_did(text: str) -> None:
    """A fault, the carrier, a wrong order, a figure of speech."""
    assert not is_accident(text)
    assert "accidental_damage" != reason_in(text)
