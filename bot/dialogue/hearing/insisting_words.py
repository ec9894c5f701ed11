"""What is said to a "no", or to too little: please all the same, I would pay for it, is that all? Pure.

In three languages; patterns look at normalised text (Simplified, lower case).
"""

import re

from bot.dialogue.hearing.plain_words import plain
from bot.dialogue.hearing.wish_words import remedy_in
from bot.dialogue.hearing.words import names

_PLEADS = re.compile(
    r"通融|破(个|一?次)?例|行(个|点)?方便|特殊情况|照顾(一下|下)|网开一面|宽限|高抬贵手|体谅|求(求)?(你|您|了)|拜托|就(差|晚|超|过)了?[^，,。]{0,4}天|"
    r"(只|才)(超|过|晚|差)了?[^，,。]{0,5}(天|周|个?月)|[一二两几半]个?(天|周|月)而已|"
    r"(七|7)天(无理由|鉴赏期|犹豫期)|鉴赏期|消保法|消费者(权益)?(保护)?法|法律(规定|上)|国家规定|"
    r"\b(consumer (law|rights)|by law|the law|legal right|make an exception|an exception|bend the rules|pretty please|"
    r"please,? just this once|just this once|goodwill|"
    r"only (a|one|two|\d+) "
    r"(days?|weeks?|months?) (late|over|past|out)|(a|one|two|\d+) (days?|weeks?|months?) (late|over|past|"
    r"out) (of warranty )?only|be reasonable|"
    r"can'?t you (please )?(help|do something)|special case)\b"
)
_DISPUTES = re.compile(
    r"(没|没有|未|从来没|哪有|根本没)(有)?(人)?(提示|提醒|告知|告诉|说明|说过|写|标|注明|确认过|同意过|看到)|不知道(这个)?不能退|"
    r"\b(nobody|no one|you|it|the (page|site|shop)|i) (never|didn'?t|did not|was never|wasn'?t|don'?t) (\w+ )?(told|"
    r"tell|say|said|mention\w*|"
    r"warn\w*|agree\w*|confirm\w*|see|show\w*|inform\w*)|nobody (told|warned|mentioned|said)\b"
)
_WOULD_PAY = re.compile(
    r"(付费|自费|花钱|掏钱|出钱|收费|有偿)(的)?(给我|帮我|来|去)?(维)?(修|弄|换|处理)|修[^，,。]{0,4}(多少钱|收费|费用)|(我|自己)(可以|愿意|来|能)?(出钱|付钱|掏钱|付费|自费)|"
    r"\b((i'?d|i would|i'?ll|i can|i could|happy to|willing to) (gladly |happily |also )?pay(?! (you )?back| (with|"
    r"by)\b)|paid repair|pay for (a|the|it|my) ?(repair)?|at my (own )?(cost|expense)|"
    r"how much (is|would|does|will) (a|the|it|an)? ?(repair|fix|mend|cost to (fix|repair)))\b"
)
_SCORNS = re.compile(
    r"打发(谁|人|叫花子|要饭|乞丐)|塞牙缝|侮辱(人|谁|我)|就这(么)?点(钱|补偿|赔偿)?[啊吧?？!！]|(才|就|只)(给|赔|补|有)?(\d+|[一二两三五十百]{1,3})(块|元)(钱)?(打发|就想|而已|也好意思|够)|"
    r"\b(an? insult|insulting|laughable|peanuts|a slap in the face|a joke(?! of)|not (even )?(good )?enough(?! [a-z])|"
    r"is that (it|all))\b"
)
# More words are a matter of their own.
_LONGEST = 40


def pleads(text: str) -> bool:
    """Tell whether a text asks for what was refused once more, as a favour."""
    return names(_PLEADS, text)


def disputes(text: str) -> bool:
    """Tell whether a text says that what a refusal rests on was never told, or agreed to: that is for a person."""
    return names(_DISPUTES, text)


def would_pay(text: str) -> bool:
    """Tell whether a customer would rather pay than let it be, or asks what that costs."""
    return names(_WOULD_PAY, text)


def scorns(text: str) -> bool:
    """Tell whether a text says of what was given that it is too little, and asks for nothing else."""
    return len(plain(text)) <= _LONGEST and names(_SCORNS, text) and remedy_in(text) is None
