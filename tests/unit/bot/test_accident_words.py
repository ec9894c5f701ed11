"""What customers did to goods, told from what only sounds like it: an accident costs a right that a fault has."""

import pytest

from bot.dialogue.hearing.accident_words import is_wet_unexplained
from bot.dialogue.hearing.damage_words import is_accident
from bot.dialogue.hearing.reason_words import reason_in


@pytest.mark.parametrize(
    "text",
    [
        "我把它摔了", "不小心坐断了", "掉地上了", "耳机掉水里了", "被猫抓坏了", "狗啃了", "被孩子弄坏了",
        "我的訂單被我不小心砸壞了", "我洒了水在上面", "杯子被我打碎了", "女儿把书包扯坏了", "我拉链拉坏了",
        "手滑掉了",
        "耳机掉水里了，还能修吗？", "我不小心摔坏了能修吗", "我没拿稳摔了", "不是质量问题，是我摔了",
        "我家孩子弄坏了", "我把我的杯子打碎了",
        "我的耳机摔坏了", "都怪我，杯子碎了", "我不小心坐到耳机上了", "从驿站拿回来不小心摔了", "我摔坏了你们修吗",
        "狗把它咬坏了",
        "我不小心把防水手表摔坏了", "上周买的，被我摔坏了",
        "I dropped my order and it broke", "my dog chewed it up", "the cat scratched it", "I spilled coffee on it",
        "I sat on the earphones", "it slipped out of my hands", "it fell off the table", "I accidentally broke it",
        "I dropped it in the toilet", "I dropped the earphones in water, can they be repaired?",
        "I dropped the box of cups",
        "my 5 year old dropped it", "it was my own fault, it is broken", "can you repair it? I dropped it",
        "I broke it and wonder if you can fix it", "it fell off the chair",
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
        "送货师傅不小心磕坏了", "someone ripped my parcel open", "I dropped the parcel at the shop as you said",
        "猫抓板坏了",
        "我坐上去椅子腿就断了", "我买的鸡蛋打碎了好几个", "driver dropped it on my porch but it's gone",
        "驿站把我东西摔坏了",
        "外卖员把我的蛋糕掉地上了", "包裹进水了", "商家不小心发了破的", "仓库打包不小心弄破了",
        "你们师傅来安装把我的柜子弄坏了",
        "somebody scratched it before sending", "我的箱子压坏了", "狗咬胶一咬就断",
        "旧的被我摔坏了，新订单什么时候发货", "I dropped you an email", "where do I drop it", "I snapped a photo",
        "we dropped the box at UPS", "i ripped the box open", "I ripped off the tape and it was damaged",
        "I cracked one egg and it was rotten", "my daughter broke her tooth on it", "what if I drop it?",
        "is water damage covered?", "万一我摔坏了能修吗", "I dropped my old phone and want another",
        "我没摔过，屏幕自己黑了", "鞋子一穿就进水", "不是我弄坏的", "我没有摔坏它", "I never dropped it",
        "防水手表进水了",
        "not my fault it is broken", "手机说是防水的，结果进水了", "my waterproof watch got water in it",
        "我不小心点了确认收货，但东西是坏的", "我不小心下错单了，杯子也碎了", "我不小心下单下成白色的了，也坏",
        "不小心拍了两件，一件是坏的",
        "I accidentally ordered two and one is broken",
    ],
)  # fmt: skip
def test_nobodys_hand_did(text: str) -> None:
    """A fault, the carrier, a wrong order, a figure of speech."""
    assert not is_accident(text)
    assert "accidental_damage" != reason_in(text)


@pytest.mark.parametrize("text", ["鞋子一穿就进水", "防水手表进水了", "my waterproof watch got water in it"])
def test_what_should_keep_water_out_is_faulty(text: str) -> None:
    """It is no damage by liquid, which no promise covers."""
    assert "functional_defect" == reason_in(text)


@pytest.mark.parametrize(
    "text",
    [
        "进水了", "耳机进水了", "進水了，不會響", "手机泡水了", "喇叭進水沒聲音", "下雨天进水了",
        "water got in", "Water got in my earphones", "it got wet and stopped working", "there's water damage",
    ],
)  # fmt: skip
def test_water_alone_tells_of_nobodys_doing(text: str) -> None:
    """It is asked, and nobody's right is taken meanwhile."""
    assert (True, None) == (is_wet_unexplained(text), reason_in(text))


@pytest.mark.parametrize(
    "text",
    [
        "耳机掉水里了", "我不小心进水了", "孩子把它弄进水了", "洗澡的时候进水了", "游泳时进水了", "咖啡洒上去了",
        "小孩把耳机扔地上了", "I got water in it", "coffee got in the keyboard", "I got it wet",
        "my son threw the phone in the pool", "my toddler threw the earphones down the stairs",
    ],
)  # fmt: skip
def test_whose_doing_the_water_was_may_be_told(text: str) -> None:
    """Then it is an accident, and nothing need be asked."""
    assert (False, "accidental_damage") == (is_wet_unexplained(text), reason_in(text))


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("檯燈自己裂開的喔我沒摔", "functional_defect"),
        ("杯子好端端的就裂了", "functional_defect"),
        ("it cracked by itself", "functional_defect"),
        ("the strap snapped on its own", "functional_defect"),
        ("收到时已经裂了", "damaged_in_transit"),
        ("包裹进水了", "damaged_in_transit"),
        ("I never got it wet", None),
        ("没进水", None),
        ("裂了", None),
    ],
)
def test_what_broke_of_itself_is_a_fault(text: str, reason: str | None) -> None:
    """Nobody is asked whose doing it was who has said so."""
    assert reason == reason_in(text)
