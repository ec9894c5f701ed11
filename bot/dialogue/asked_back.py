"""Questions about what the bot asks for: why it is needed, where to find it, how to send it, and what follows. Pure.

Each gets a sentence, and then the open question again; none is taken for the answer. What is not named ("why do you
need that?") is what was asked for. Of photos customers ask long after; everything else counts while it is asked for.
"""

import re

from bot.dialogue.answers import fill_asked
from bot.dialogue.flows.table import flow_named
from bot.dialogue.hearing import photo_words, words
from bot.dialogue.hearing.few_words import LONGEST, says_only
from bot.dialogue.hearing.plain_words import plain
from bot.dialogue.hearing.slots import read_slot
from bot.dialogue.outcome import PERSON, say
from bot.dialogue.records import Facts, Heard, Say
from bot.dialogue.state import Frame, State

_THINGS = {
    "tax_number": re.compile(r"税号|统编|统一编号|信用代码|\b(tax|vat) (number|no|id|code)\b"),
    "order": re.compile(
        # A telephone by itself is goods.
        r"(订?单|订单)(号|编号|编码)|(手机|电话)(的?尾|号|后|末)|尾号|[后末]四[位码]|"
        r"(要|给|问|留|填|提供)(我的?|您的?|你们?)?(手机|电话)([吗呢啊呀?？干做。]|$)|"
        r"\b(order (number|no|id)|phone (number|no|digits)|digits|(need|want|ask for|give( you)?) (my|the|a) phone)\b"
    ),
}
_ORDER_NUMBER = re.compile(r"(订?单|订单)(号|编号|编码)|\border (number|no\.|id)\b")
_PARCEL = re.compile(
    r"包裹|快递|(?<![退换])货|发了|到了|到哪[里儿]?了|\b(parcel|package|delivery|delivered|shipped|arrive\w*)\b"
)
_WHY = re.compile(
    r"为什么|为啥|为何|干嘛|干吗|干什么|做什么|有什么用|凭什么|有必要|必须|一定要|非要|非得|"
    r"(没有?|不|没法|拍不了)[^，,。]{0,6}(怎么办|可以[吗么]|行[吗么]|行不行)|"
    r"\b(why|what for|what do you need|do i (have|need) to|must i|what if|is (it|that|this|a \w+) (really )?"
    r"(needed|necessary|required))\b"
)
_WHERE = re.compile(
    r"哪[里儿]|在哪|去哪|到哪|怎么(查|找|看|知道|才能看)|如何(查|找)|是什么|是啥|什么是|"
    r"\b(where|how (do|can|would|should) i (find|know|get|see|look)|what is (my|the|an?)|which number)\b"
)
_BARE_WHY_CHINESE = re.compile(
    r"(那|请问|但是|可是|不是|你们?|您|啊|诶){0,3}"
    r"(为什么|为啥|为何|(为什么|为啥|为何|干嘛|干吗|凭什么)(还|就|都)?(要|需要|得|一定要|非要|必须|非得)(问|知道|提供|填|给|发|写|说)?"
    r"(你们?|您)?(这个|这些|那个|这|它)?|"
    r"(为什么|为啥|为何|干嘛|干吗)(还|就|都)?(问|填|给|发)(你们?|我)?(这个|这些|那个|这)?|"
    r"(为什么|为啥|干嘛|干吗)(还|就|都)?(要|需要|一定要|非要|必须|得|问)(问|知道|提供|填|给|发|写|说)?"
    r"(完整|详细|新|收件|收货|我|你们|的){0,3}"
    r"(地址|门牌号?|名字|姓名|抬头|邮箱|邮件|原因|理由|日期|税号|信息|资料|这么详细|这么多)|"
    r"(要|问|需要|用)(这个|这些|那个)(来)?(干嘛|干吗|干什么|做什么|有什么用|有用)|"
    r"(一定要|必须要?|有必要|非得?要?)(提供|给|说|填|发|写)?(这个|吗|么)?)(呢|啊|呀|吗|么|的){0,2}"
)
_BARE_WHY_ENGLISH = re.compile(
    r"(but |and |so |ok |sorry |well |hm+ ){0,3}"
    r"(why( do| would| should| are| must)?( you| i| we)?( have to| need to| need| want to| want| asking| ask)?"
    r"( know| give| tell| send| say| answer)?( me| you)?( for)?( (that|this|it|these|those|all that|all this))|why|"
    r"why (do|are|would) you (ask|asking)( me)?( (that|this|it|for it|about it))?|"
    r"why do you (need|want|ask for) ((my|the|a|an|full|new|complete|whole) ){0,3}"
    r"(address|name|title|e-?mail|mail|reason|details|information|date)|"
    r"(why )?what( do| would| are| will)? you( going to)?( need| want| do| use)( with)?"
    r" (that|this|it|these)( for| with)?|"
    r"(what is|what's) (that|this|it) for|what for|why is (that|this|it) (needed|necessary|required|important)|"
    r"do i (really )?(have|need) to( (tell|give|send|answer|say)( you)?( (that|this|it))?)?|"
    r"is (that|this|it) (really )?(needed|necessary|required))"
)
_BARE_WHERE_CHINESE = re.compile(
    r"(那|这个|那个|请问|我|要|去|从|在){0,4}(哪里?|哪儿|怎么|如何)(能|才能|可以)?"
    r"(看|找|查|有|看到|找到|查到|知道|看得到|找得到)?(的|呢|啊|呀){0,2}"
)
_BARE_WHERE_ENGLISH = re.compile(
    r"(and |so |ok |but |sorry ){0,2}"
    r"(where( (do|can|would|will) (i|we)( find| see| get| look( for)?)?)?( is)?( (that|this|it))?|"
    r"how (do|can|would) i (find|know|get|see) (that|this|it))"
)
_BARE_HOW_CHINESE = re.compile(
    r"(那|这个|请问|我|要|该|应该){0,3}((怎么|怎样|如何|咋)(发|传|上传|给你们?|弄)|"
    r"(发|传|上传)(到|给|在)?(哪里?|哪儿|谁))(呢|啊|呀|的){0,2}"
)
_BARE_HOW_ENGLISH = re.compile(
    r"(and |so |ok |but ){0,2}(how|where) (do|can|should|to) ?(i|we)? ?(send|upload|attach|add|share)"
    r"( (that|this|it|them|one))?( to you| here)?"
)
_REMEDY_CHINESE = r"(换货?|退货?|退款|维修|修理?|补发|寄回去?)?"
_REMEDY_ENGLISH = r"((an? |the )?(exchange|return|refund|repair|replacement) )?"
_LASTS_CHINESE = re.compile(
    rf"(谢谢你?|不过|但是?|我|想|先|问一?下?|一下|那|请问|一般|大概|大约|总共|这个?|到底){{0,5}}{_REMEDY_CHINESE}(要|"
    rf"得|需要)?(等)?(多久|多长时间|几天|什么时候)"
    r"(能|才|才能|可以)?(好|办好|处理好|弄好|解决|完成|有结果)?(呢|啊|呀){0,2}"
)
_LASTS_ENGLISH = re.compile(
    r"(and |so |ok |but |roughly |about ){0,2}"
    rf"(how (long|soon|quickly|fast)( (does|will|would|is|can) ((it|that|this|you)|{_REMEDY_ENGLISH})( all)?( take|"
    rf" be| last)?)?|"
    r"when (will|would) (it|that|this) be (done|ready|sorted|settled))"
)
_COSTS = re.compile(
    r"运费|邮费|快递费|手续费|(谁|我|你们)(来)?(出|付|掏|承担)(运费|邮费|钱)?[吗么?？]|谁(来)?(出|付|掏|承担)|"
    r"(要|会|收|扣)(收|扣)?(我)?(钱|费|费用)[吗么?？]|收费[吗么?？]|免费[吗么?？]|"
    r"\b(who('s| is| will be)? (pay\w*|cover\w*)|postage|(shipping|delivery|return) (cost|fee|charge)s?|"
    r"(is|are) (it|there) (free|any (fee|charge|cost)|a (fee|charge|cost))|do (you|i) (charge|have to pay|pay)|"
    r"(does|will|would) (it|that|this) cost)\b"
)
_COUNTS = re.compile(
    r"(什么|怎么|怎样|如何)(样)?(才)?(叫|算|是)|算[吗么?？]|算不算|才算|有影响[吗么?？]|影响[^，,。]{0,4}[吗么?？]|"
    r"有没有影响|影不影响|会影响|"
    r"\b(what (does|do|is|counts|do you mean)|does .{1,30}\b(count|matter)|mean by|"
    r"counts? as|is it (ok|okay|fine) if)\b"
)
# Whoever would rather not say is told what follows, and not that it was not understood.
_REFUSES = re.compile(
    r"(不想|不愿意?|不会|不能|不方便|不肯|才不|不)(给|提供|说|告诉|透露|发|填)|不给|隐私|泄露|凭什么|"
    r"\b((not|won'?t|don'?t want to|rather not|refuse to|why should i)( be)? (giv\w*|shar\w*|tell\w*|provid\w*|"
    r"send\w*)|"
    r"(that'?s|it'?s) (private|personal)|none of your business)\b"
)
_BARE_NO = re.compile(r"(不行?|不给|不要|no( way)?|nope)[啊呀!.。！ ]*")
# Many digits, and not enough of them.
_PART_OF_NUMBER = re.compile(
    r"[^0-9]{0,12}[0-9]{5,10}[^0-9]{0,8}|"
    r".{0,12}((只|就)(记得|知道|有)|前面|后面|开头|结尾|前几位|后几位)[^0-9]{0,8}[0-9]{2,10}[^0-9]{0,8}|"
    r".{0,20}\b(only|begins|starts|ends)\b[^0-9]{0,25}[0-9]{2,10}[^0-9]{0,12}"
)
_OF_REMEDY = frozenset({"remedy", "variant", "variant_detail"})


def tell_about_asked(state: State, heard: Heard, facts: Facts) -> tuple[Say, ...]:
    """Answer a question about what is asked for; nothing where the text is none, or has the answer in it."""
    text = heard.text.strip()
    if heard.choice is not None or heard.photos or not text or len(text) > LONGEST or read_slot("order", heard):
        return ()
    frame = state.active if state.active and state.active.asking else None
    if frame and _answers_first(state, frame, heard):
        return ()
    key = (
        _key_of_photo(text, frame, facts)
        or _key_of_named(text, frame)
        or (_key_of_asked(text, frame, facts) if frame else None)
    )
    if key is None and frame and frame.asking == "order":
        key = _key_of_no_order(text, frame)
    if key is None or (frame and frame.asking == "photo" and read_slot("photo", heard)):
        return ()
    return (say(key, *((PERSON,) if key in _WITH_PERSON else ())),)


def _answers_first(state: State, frame: Frame, heard: Heard) -> bool:
    """Tell whether a text has the answer in it: there is no number; yes, and a question behind it."""
    if frame.asking == "order":
        return flow_named(frame.flow).order_optional and words.names(words.SKIP, heard.text)
    return frame.asking == "confirm" and bool(fill_asked(state, frame, heard))


def _key_of_photo(text: str, frame: Frame | None, facts: Facts) -> str | None:
    """What is asked of photos, where goods are talked about or have a case."""
    about_goods = frame is not None and (_asked_thing(frame) == "photo" or flow_named(frame.flow).about_goods)
    if not about_goods and not any(one.is_open and one.category in _WITH_PHOTOS for one in facts.tickets):
        return None
    if any(one.is_open for one in facts.tickets) and photo_words.asks_whether_here(text):
        return "asked.here.photo"
    if photo_words.asks_how_to_send(text):
        return "asked.how.photo"
    return "asked.why.photo" if photo_words.asks_why_needed(text) else None


def _key_of_named(text: str, frame: Frame | None) -> str | None:
    """What is asked of a thing by its name: "why do you need a photo?"."""
    thing = next((thing for thing, pattern in _THINGS.items() if words.names(pattern, text)), None)
    asked = _asked_thing(frame)
    if _seeks_number(text):
        return "asked.where.order"
    if thing == "order" == asked and words.names(_WHY, text):
        return "asked.why.order"
    if thing == "tax_number" and frame is not None and frame.flow == "invoice" and words.names(_WHERE, text):
        return "asked.where.tax_number"
    return None


def _seeks_number(text: str) -> bool:
    """Tell whether the number is looked for, rather than what it stands for."""
    seeks = words.names(_WHERE, text) and words.names(_ORDER_NUMBER, text)
    return seeks and not words.names(_PARCEL, text)


def _key_of_asked(text: str, frame: Frame, facts: Facts) -> str | None:
    """What is asked of what was asked for, without its name."""
    thing = _asked_thing(frame)
    if says_only(text, _BARE_WHY_CHINESE, _BARE_WHY_ENGLISH):
        return f"asked.why.{thing}" if thing in _REASONS else "asked.why"
    if thing in {"order", "tax_number"} and says_only(text, _BARE_WHERE_CHINESE, _BARE_WHERE_ENGLISH):
        return f"asked.where.{thing}"
    if thing == "photo" and says_only(text, _BARE_HOW_CHINESE, _BARE_HOW_ENGLISH):
        return "asked.how.photo"
    if frame.asking == "intact" and words.names(_COUNTS, text):
        return "asked.what.intact"
    return _key_of_what_follows(text, frame, facts)


def _key_of_no_order(text: str, frame: Frame) -> str | None:
    """What is said instead of the order: there is no number at hand, only a part of it, or none shall be given."""
    if _cannot_find(text, frame):
        return "asked.where.order"
    said = plain(text)
    if words.names(_REFUSES, text) or _BARE_NO.fullmatch(said):
        return "asked.refused.order"
    return "asked.part.order" if _PART_OF_NUMBER.fullmatch(said) else None


def _cannot_find(text: str, frame: Frame) -> bool:
    """Tell whether somebody has no number at hand where the flow cannot do without."""
    return not flow_named(frame.flow).order_optional and words.names(words.SKIP, text)


def _key_of_what_follows(text: str, frame: Frame, facts: Facts) -> str | None:
    """How long it takes, and what it costs; of remedies offered the offer tells."""
    lasts = says_only(text, _LASTS_CHINESE, _LASTS_ENGLISH)
    if frame.asking in _OF_REMEDY:
        return "asked.how_long" if lasts else None
    if not (flow_named(frame.flow).about_goods or frame.flow == "cancel"):
        return None
    costs = words.names(_COSTS, text)
    if frame.flow == "cancel":
        when = lasts or words.names(_MONEY_BACK, text)
        return "asked.as_follows" if frame.asking == "confirm" and (costs or when) else None
    if costs and words.names(words.ASKS, text) and frame.flow in _WITH_SHIPPING:
        return "asked.cost"
    has_case = any(ticket.is_open for ticket in facts.tickets)
    return "asked.how_long" if lasts and not has_case else None


# To who is asked whether to cancel: when the money comes, which the question says.
_MONEY_BACK = re.compile(
    r"(多久|几天|什么时候)[^，,。]{0,6}(退|到账)|(退|到账)[^，,。]{0,6}(多久|几天|什么时候)|"
    r"\b(how (long|soon)|when)\b.{0,30}\b(money|refund\w*)\b"
)
_WITH_PERSON = frozenset({"asked.where.order", "asked.refused.order"})
_WITH_PHOTOS = frozenset({"quality", "after_sales"})
_WITH_SHIPPING = frozenset({"goods", "refund"})
_REASONS = frozenset({"order", "photo", "reason", "intact"})


def _asked_thing(frame: Frame | None) -> str | None:
    if frame is None:
        return None
    return "photo" if frame.flow == "addition" else frame.asking
