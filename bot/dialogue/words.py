"""Small words that answer a question already asked, in three languages.

Understanding proper is the classifier's; these only decide what a short answer to the bot's own question means.
Chinese is compared in Simplified, English in lower case (see `bot.nlu.normalise`).
"""

import re

from bot.nlu.normalise import normalise

YES = ("是", "是的", "对", "好", "好的", "可以", "嗯", "行", "没错", "确认", "要", "同意", "完好", "没拆", "没有拆")
YES_EN = ("yes", "yep", "yeah", "sure", "ok", "okay", "please do", "go ahead", "confirm", "correct", "y")
NO = ("不", "不是", "不要", "不用", "没有", "算了", "先不", "取消操作", "不对", "不好")
NO_EN = ("no", "nope", "not now", "don't", "dont", "never mind", "n")
START_OVER = re.compile(r"重新开始|从头(再)?来|重来一遍|\bstart (over|again)\b|\brestart\b")
OTHER_ORDER = re.compile(
    r"(另|别的|其他|其它)(外)?(一)?(个|张|笔)?(订)?单|不是这(个|一单|张|笔)|\b(the )?other (one|order)\b|\bnot (this|that) (one|order)\b"
)
CASE_STATUS = re.compile(
    r"工单|我的(case|投诉|单子).{0,6}(怎么样|进展|进度|如何|处理)|处理(到哪|得怎么样|进度|进展)|有进展|有结果|"
    r"\b(my|the) (case|ticket|complaint)\b|\bany (update|progress|news)\b"
)
NOT_SOLVED = re.compile(
    r"(还是|还|仍然?|依然|根本)?(没有?|未)(解决|修好|弄好|处理好)|"
    r"\b(not|isn'?t|wasn'?t|never) (been )?(solved|resolved|fixed)\b|\bstill (broken|not working|doesn'?t work)\b"
)
SOLVED = re.compile(r"(已经)?(解决|修好|弄好|处理好)了|\b(it'?s|is|been|all) (solved|resolved|fixed|sorted)\b")
THREAT = re.compile(
    r"12315|工商|消协|消费者协会|市监|市场监管|媒体|曝光|起诉|法院|律师|黑猫|"
    r"\b(consumer (forum|court|council)|lawyer|sue|court|press|reporters?|social media|trading standards)\b"
)
INJURY = re.compile(
    r"受伤|烫伤|烧伤|触电|电到|过敏|中毒|流血|住院|着火|起火|爆炸|"
    r"\b(injur(y|ed|ies)|burn(t|ed) (my|me|his|her|our)|"
    r"(i|we|he|she|they|(my|our) (\w+ )?(\w*sons?|\w*daughters?|kids?|child(ren)?|baby|wife|husband|partner|mo(ther|m)|mum|father|dad|"
    r"hands?|fingers?|arms?|legs?|face|skin)) (have |has |had )?(got|gets?|was|were|been) (\w+ )?burn(t|ed)|"
    r"in hospital|caught fire|on fire|explod\w+|allergic reaction|electric shock|electrocuted|poison\w+|bleeding|bled)\b"
)
# Asked, not told: "could somebody be allergic to it?"
QUESTION = re.compile(
    r"[?？]|吗|会不会|能不能|可不可以|\b(can|could|would|will|does|is) (i|it|this|somebody|someone|they)\b"
)
DEFECT = re.compile(
    r"坏|故障|没声|没有声|无声|不响|不亮|开不了机|不能用|没法用|用不了|失灵|死机|黑屏|漏水|不制冷|不工作|没反应|充不进|质量问题|有问题|"
    r"\b(broken?|broke|dead|faulty|defect\w*|not working|doesn'?t work|stopped working|no sound|silent|malfunction\w*)\b"
)
DAMAGED = re.compile(r"碎|破|压坏|摔坏|运输|变形|裂|\b(cracked|smashed|shattered|crushed|dented|damaged|torn)\b")
MISSING = re.compile(r"少(了|发|一|件|个)|漏发|缺|没有(放|装)|\b(missing|short|left out)\b")
WRONG = re.compile(r"发错|错(货|了|款|色|码)|不是我(买|订|要)|\bwrong\b")
CHANGED_MIND = re.compile(
    r"不想要|不喜欢|买错|用不(上|着)|不合适|七天|7天无理由|无理由|\b(changed my mind|no reason|don'?t (want|like|need)|doesn'?t (fit|suit))\b"
)
ACCIDENT = re.compile(r"摔|掉地|进水|泡水|我(自己)?弄坏|\b(dropped|fell|spilled|my fault|by accident)\b")
SKIP = re.compile(
    r"跳过|没有(订单号|单号)?$|忘了|不记得|不知道|找不到|\b(skip|don'?t (know|have|remember)|no idea|forgot)\b"
)
THANKS = re.compile(r"谢|多谢|感恩|辛苦|\b(thanks?|thank you|thx|ty|cheers)\b")
BYE = re.compile(r"再见|拜拜|回头见|\b(bye|goodbye|see you)\b")
GREETING = re.compile(r"你好|您好|在吗|哈喽|嗨|早上好|晚上好|早安|\b(hi|hello|hey|good (morning|afternoon|evening))\b")
ROBOT = re.compile(r"机器人|真人|人工智能|\b(robot|bot|human|real person|ai)\b")

REMEDIES: dict[str, re.Pattern[str]] = {
    "exchange": re.compile(r"换|\b(exchange|replace(ment)?|swap|new one)\b"),
    "repair": re.compile(r"修|\b(repair|fix)\b"),
    "resend": re.compile(r"补发|重发|再发|\b(resend|send (it )?again)\b"),
    "return": re.compile(r"退|\b(return|refund|money back)\b"),
}


def is_yes(text: str) -> bool:
    """Tell whether a short answer means yes."""
    return _bare(text) in {_bare(word) for word in (*YES, *YES_EN)}


def is_no(text: str) -> bool:
    """Tell whether a short answer means no."""
    return _bare(text) in {_bare(word) for word in (*NO, *NO_EN)}


def names(pattern: re.Pattern[str], text: str) -> bool:
    """Tell whether the text names what the pattern looks for, whatever its script or case."""
    return pattern.search(normalise(text).lower()) is not None


def is_hurt(text: str) -> bool:
    """Tell whether a text says that somebody was hurt, or something burned: for a person, at once (§1.4)."""
    return names(INJURY, text) and not names(QUESTION, text)


def is_small_talk(text: str) -> bool:
    """Tell whether a text greets, thanks, says good-bye or asks who is there: no answer, and no failed one either."""
    return any(names(pattern, text) for pattern in (GREETING, THANKS, BYE, ROBOT))


def reason_in(text: str) -> str | None:
    """Return the policy reason that a sentence gives for sending goods back, or None if it gives none."""
    for reason, pattern in (
        ("missing_item", MISSING),
        ("wrong_item", WRONG),
        ("accidental_damage", ACCIDENT),
        ("damaged_in_transit", DAMAGED),
        ("functional_defect", DEFECT),
        ("no_reason", CHANGED_MIND),
    ):
        if names(pattern, text):
            return reason
    return None


def remedy_in(text: str) -> str | None:
    """Return the remedy that a sentence asks for, or None."""
    return next((remedy for remedy, pattern in REMEDIES.items() if names(pattern, text)), None)


def _bare(text: str) -> str:
    return normalise(text).lower().strip(" .!?。！？~,，、呀啊哦吧的了")
