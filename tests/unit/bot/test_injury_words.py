"""Who is hurt, told from goods that are named after what they heal or guard against."""

import pytest

from bot.dialogue.hearing.harm_words import is_hurt, tells_danger


@pytest.mark.parametrize(
    "text",
    [
        "用完起了一片红疹", "孩子用了起疹子", "脖子一圈红疹", "身上全是疹子", "脸上长满了红疹", "臉上起紅疹",
        "我用了一次就烂脸了",
        "皮肤都烂脸", "用完过敏了", "被烫伤了", "用了这个药膏反而起红疹",
        "買嘅曲奇食到肚痛入咗醫院", "畀電親隻手", "燙親個仔", "手被割傷了", "椅子散架，摔断了腿", "孩子误吞了零件",
        "小朋友吞咗粒電池", "張椅突然散架跌親條腰", "划到手，手划伤了",
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
        "屏幕划伤了", "防割伤手套小了", "好烫亲", "我在医院上班，寄到医院", "系统吞了我的钱", "送院子里就行",
    ],
)  # fmt: skip
def test_goods_are_named_after_what_they_heal(text: str) -> None:
    """Nobody says that they were hurt."""
    assert not is_hurt(text)


@pytest.mark.parametrize(
    "text",
    [
        "用了面霜脸上起疹子了怎么办？", "脸上起红疹，是面霜的问题吗？", "过敏了可以退吗？", "皮肤红肿了谁负责？",
        "脸又红又肿 怎么办啊", "擦了之後皮膚刺痛，可以退嗎？", "插上就触电了，这能用吗？",
        "My hand got burnt, what do I do?", "I got a rash after using the cream, can I get a refund?",
        "my face is swollen after the mask what now?", "my face looks like this after your cream",
        "I had an allergic reaction. Is that normal?",
    ],
)  # fmt: skip
def test_who_was_hurt_may_ask_in_the_same_breath(text: str) -> None:
    """What has happened is told, whatever is asked beside it."""
    assert is_hurt(text)


@pytest.mark.parametrize(
    "text",
    [
        "这个会过敏吗？", "用了会不会起疹子？", "如果过敏了可以退吗？", "担心过敏", "过敏可以退吗？",
        "有没有烫伤膏？", "我怕触电",
        "can it cause a rash?", "Could it explode?", "is it safe, it won't catch fire?", "does it burn my skin?",
        "if I get a rash can I return it?",
    ],
)  # fmt: skip
def test_what_is_only_asked_or_supposed_hurt_nobody(text: str) -> None:
    """It is a question before buying, or out of care."""
    assert not is_hurt(text)


@pytest.mark.parametrize(
    "text",
    [
        "充电宝鼓包了，还能用吗", "充電寶鼓包了 還能用嗎", "电池鼓起来了怎么办？", "电池膨胀了能退吗",
        "插上就冒烟，可以换吗？",
        "漏电！！你们管不管？", "吃了你们的饼干拉肚子，谁负责？", "吃了幾顆肚子有點痛",
        "The battery is swollen, is it safe to use?", "it started smoking, can I return it?",
        "sparks came out when I plugged it in. can you replace it?",
    ],
)  # fmt: skip
def test_goods_are_a_danger(text: str) -> None:
    """For a person, at once."""
    assert tells_danger(text)


@pytest.mark.parametrize(
    "text",
    [
        "这个会漏电吗？", "充电宝会鼓包吗", "如果电池鼓包可以换吗", "气得我冒烟", "有毒吗？", "怕漏电", "油炸了一下",
        "鼓包子",
        "will the battery swell?", "can it give sparks?", "is it a non-smoking room?",
    ],
)  # fmt: skip
def test_a_danger_is_only_asked_after(text: str) -> None:
    """Or the words mean something else."""
    assert not tells_danger(text)
