"""What a sentence tells of goods, and what it denies, only supposes, or says of other things in the same words."""

import pytest

from bot.dialogue.hearing.damage_words import is_damage_unexplained
from bot.dialogue.hearing.reason_words import reason_in
from bot.dialogue.hearing.told_words import told_defects
from bot.nlu.entities import find_entities


def hear(text: str) -> str | None:
    """Return the reason a text gives; "?" where something is broken and nothing said of how."""
    reason = reason_in(text, defects=told_defects(text, find_entities(text)))
    return reason or ("?" if is_damage_unexplained(text) else None)


@pytest.mark.parametrize(
    "text",
    [
        "没坏", "还没坏", "没有坏，只是想退", "包装没破", "杯子没碎", "没有碎", "没有划痕", "没破损",
        "一点都没坏", "没发现哪里坏", "也没少什么", "没有少东西", "没少", "东西没少", "不缺配件",
        "没有缺件", "没发错", "没有发错货", "质量没问题", "没有质量问题", "没有问题", "没有毛病",
        "not broken", "it isn't broken", "it is not damaged", "nothing is missing", "nothing's broken",
        "nothing is wrong with it", "no damage", "no scratches", "there are no scratches on it",
        "not faulty", "it wasn't damaged", "the box was not crushed", "no parts are missing",
        "it hasn't stopped working", "it never broke", "如果坏了怎么办", "万一碎了怎么办",
        "要是坏了能修吗", "会不会坏", "会不会褪色", "容易坏吗", "会不会掉色", "起球吗", "会缩水吗",
        "what if it breaks", "if it breaks can I return it", "does it shrink", "will it fade",
        "is it easily scratched", "在破解密码", "破解版", "破费了", "破例帮我退一下", "打破记录", "烂人",
        "你们是烂人吧", "破平台", "什么破服务", "烂服务", "服务太烂了", "态度太烂", "你们客服烂透了",
        "断货了", "断码了", "断更", "果断下单", "判断一下", "一刀两断", "诊断", "声音大了", "声音太大了",
        "力气大了", "孩子大了", "雨太大了", "雨大了", "动静太大", "压力太大", "风太大", "价格太大",
        "时间太长", "等太长了", "时间太短了", "等的时间有点长", "手续太长", "隔太长时间", "名字太长写不下",
        "电池用得太短", "耳机声音有点小", "声音太小", "我年纪大了", "钱包紧了", "手头太紧", "时间紧",
        "你们变形金刚有货吗", "变形计", "凹造型", "碎花裙好看", "零碎的东西", "碎碎念", "心都碎了",
        "破壁机", "断桥铝", "裂帛的衣服", "分裂", "臭豆腐", "臭脸", "臭不要脸", "臭美", "客服态度臭",
        "商品名字写错", "别做错", "我做错了什么", "做错事", "心情坏了", "坏心情", "坏人", "坏蛋", "坏消息",
        "你们真坏", "使坏", "坏评", "气坏了", "气坏我了", "急坏了", "累坏了", "吓坏我了", "忙坏了",
        "乐坏了", "系统坏了吗", "网页有问题", "订单有问题", "物流有问题", "我有问题想问", "有问题请教",
        "有问题吗", "快递有问题", "地址有问题", "不用了", "用不了那么多", "用不了多久", "客服没反应",
        "你们怎么没反应", "付款页面没反应", "少了50块", "退款少了20", "少退了", "至少一个", "多少一个",
        "多少件起批", "少一点套路", "少来这套", "少说话", "不少于两件", "减少一件", "少送一点",
        "没给我发票", "没给我回复", "没给我打电话", "没给我退款", "没放在心上", "没放门口", "快递没放驿站",
        "没装好", "没有装上", "资料不全", "信息不齐", "尺码不全", "缺货", "缺德", "只有一个客服",
        "只有3天", "只有一天了", "我只有一个问题", "漏了回复我", "in two short weeks",
        "one short question", "I have a short question", "wearing one short dress", "only one question",
        "I only got one reply", "only got an email", "I only ordered one", "only two days left",
        "I am missing something here", "what am I missing", "missing you", "my parcel is missing",
        "incomplete address", "my address was incomplete", "I left out my phone number", "我地址发错了",
        "我发错消息了", "发错人了", "不好意思发错了", "我写错地址了", "照片发错了", "我送错礼物了",
        "是我送错人", "给错信息", "我要的是退款，你们给的是代金券", "我要的是答复", "要的是态度",
        "金额不对", "wrong number, sorry", "wrong person", "I gave the wrong address",
        "I sent the wrong photo", "I got the wrong answer from support", "I got different answers",
        "I sent you the wrong order number", "wrong order number, sorry",
        "I ordered it for my son and got a refund", "dead end", "I'm dead tired", "dead wrong",
        "my dad died", "my grandmother died last week, please cancel", "silent treatment from support",
        "I'm broke, can I pay later", "I am broke", "broken promises", "broken english",
        "you broke your promise", "your link is broken", "the website is broken", "link broken",
        "my heart is broken", "snapped at me", "the courier snapped at me", "I'm torn between two colours",
        "torn between refund and exchange", "scratch that, I want a refund", "from scratch",
        "crushed it, thanks", "stale offer", "rotten service", "broke my heart", "不想要发票",
        "不要发票了", "不想要短信通知", "发票不要了", "我不想要短信", "不想要代金券", "不喜欢你们的态度",
        "不喜欢等", "不需要发票", "I don't want the invoice", "I don't want a voucher",
        "I don't want to wait", "I don't want to talk to a bot", "I don't like your attitude",
        "I don't like waiting", "I don't need an invoice", "I don't need your help",
        "don't want text messages", "我后悔没早点买", "七天能到吗", "七天了还没到", "已经七天没收到",
        "等了七天", "尺码怎么选", "有大一点的尺码吗", "too long to wait", "taking too long",
        "it takes too long", "too short notice", "waited too long", "time is too short", "for no reason",
        "cancelled for no reason", "no reason given", "做工真好", "做工不错", "做工怎么样", "质量怎么样",
        "服务质量差", "服务质量太差", "通话质量差", "态度粗糙", "印刷错误", "我做反了吗", "我要吐了",
        "气炸了", "爆炸好吃", "炸开了锅", "炸裂好评", "炸鸡", "双十一价格炸了", "气得冒烟", "嗓子冒烟",
        "等得冒烟", "有毒吧你们", "这客服有毒", "smoking hot deal", "non-smoking room",
        "does it spark joy", "sick of waiting", "makes me sick how you treat me", "是原装的吗",
        "is it original", "你们卖的是正品吗", "这是正品吗", "没有原装盒", "not in original packaging",
        "original box is gone", "I don't have the original box", "not the original price", "是不是原装的",
    ],
)  # fmt: skip
def test_nothing_is_wrong_with_goods(text: str) -> None:
    """A denial, a supposition, a figure of speech, or somebody's manners, papers, money and time."""
    assert hear(text) is None


@pytest.mark.parametrize(
    ("reason", "text"),
    [
        (reason, text)
        for reason, texts in (
            ("no_reason", (
                "东西没坏，就是不喜欢", "不是坏了，是尺码不合适", "不是发错了，是我买错了",
                "没什么问题，就是不想要了", "it's not broken, I just don't like it",
                "not defective, just don't want it", "not the wrong size, I just don't like it", "衣服太大了",
                "有点大", "鞋子太小了", "大了一码", "买大了", "裤子太长", "腰太紧", "袖子太长了", "太大了穿不了",
                "太大", "碎花裙不想要了", "不要了", "不想要了", "不喜欢这个颜色", "I don't want it",
                "I don't want the shoes", "I don't like the colour", "don't need it anymore", "后悔买了",
                "七天无理由", "尺码不合适", "the sleeves are too long", "too big", "说好七天鉴赏期，想退", "换码",
                "我拿错了尺寸",
            )),
            ("functional_defect", (
                "噪音太大", "破壁机坏了", "坏了", "耳机有问题", "有问题", "东西有问题", "用不了", "没反应",
                "broke", "it's broken", "不是坏了就是装错了", "没用几天就坏了", "不知道是不是坏了",
                "it doesn't work and is broken", "no, it is broken", "no it is broken", "气死我了，耳机坏了",
                "你们发的耳机坏了",
            )),
            ("?", (
                "刮花了", "有划痕，不少地方都破了", "客服态度差，杯子也碎了",
            )),
            ("poor_quality", (
                "螺蛳粉臭", "散架了", "做工太差", "做工不好", "质量差", "包装粗糙", "毛边粗糙", "绣错了名字",
                "名字刻错了", "没拆开就闻到很臭",
            )),
            ("missing_item", (
                "少了一个灯罩", "少给了一个", "少一个", "少发了一件", "没给我灯罩", "里面没放说明书", "没放",
                "没装说明书", "配件不全", "缺一个盖子", "只来了一个", "只收到一个", "只有两个", "漏了一个", "漏发",
                "漏装", "short by one", "only one arrived", "I only received two", "the lid is missing",
                "a screw is missing", "left out a screw", "part of my order is missing",
                "two sachets short in my pack", "isn't one missing?", "the parcel came but a cup is missing",
            )),
            ("wrong_item", (
                "发错了", "你拿错了", "要的是黑色，来的是蓝色", "尺寸不对", "型号不对", "颜色不对",
                "sent wrong size", "got a different colour", "给我发错了",
            )),
            ("damaged_in_transit", (
                "I opened it and the box is torn", "从来没用过，打开就是碎的", "商家发来的杯子是碎的",
            )),
            ("unsafe", (
                "吃完了不舒服", "吃了就吐", "炸了", "冒烟了", "有毒", "it sparks", "it started smoking",
            )),
            ("accidental_damage", (
                "手机掉水里了", "coffee got in", "我不小心弄进水了",
            )),
            ("?", (
                "it got wet", "进水了", "泡水了", "被水泡了", "water got in",
            )),
            ("fake", (
                "这不是原装的", "this isn't original", "不是原装", "not original", "it's not the original one",
                "不是正品", "it is not an original", "这不像是原装的", "配的充电器不是原装的",
            )),
        )
        for text in texts
    ],
)  # fmt: skip
def test_something_is(reason: str, text: str) -> None:
    """Beside a denial of something else too."""
    assert reason == hear(text)
