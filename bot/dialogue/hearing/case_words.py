"""Few words that ask after something begun ("好了没", "any news?"): of whose case, only the conversation can tell.

Nothing but such words counts: beside an order, a parcel or another matter it is a question about that. Chinese is
compared in Simplified, English in lower case (see `bot.nlu.normalise`).
"""

import re

from bot.dialogue.hearing.few_words import LONGEST, says_only
from bot.dialogue.hearing.plain_words import plain

# Of two that begin alike the longer stands first: what is taken is not given back.
_OPENING = (
    r"(请问|麻烦问下|问一?下|那(件|个)?事情?|那个|那|喂|哈喽|你好|您好|在吗|在不在|客服|亲|请|我的?(这个|那个)?(事情|事|问题)|"
    r"这(件|个)?事情?|之前的?(事情|事|问题)|上次的?(事情|事|问题)|事情|问题|现在|目前|到底|究竟|都|还|怎么(?!样)|你们|您们|你|您)"
)
_DONE = r"(弄|办|处理|解决|搞|查|核实|安排|修)?(好|完|妥|定|成|清楚|出来)"
_NEWS = r"(消息|进展|结果|回复|回音|动静|下文|眉目|答复)"
_CHINESE = re.compile(
    rf"{_OPENING}*+("
    rf"({_DONE}|处理|解决)了?(没有?|吗|么|嘛|不)|"
    r"(处理|解决|弄|办|搞|进行|查|进展)(得|的)?(怎么样|咋样|如何|到哪(一?步|里|儿)?)了?|(怎么样|咋样|如何)了|"
    rf"(有|有没有|没有?)(什么|啥|新的?)?{_NEWS}(了|吗|么|没有?)*|"
    rf"(没|没有)(人)?({_DONE}|处理|解决|{_NEWS}|回复?|理)(我)?(吗|么)?|"
    rf"要?(等)?多久|(多久|什么时候|几时|何时)(才|会|能|可以|给|有人|要|得){{0,3}}(我)?"
    rf"({_DONE}|处理|解决|有{_NEWS}|回复?|答复|联[系络]|打给)(我)?|"
    r"(是)?(谁|哪位|哪个人|什么人)(现在|正)?(在|来|会|帮我|给我)*(处理|负责|跟进|办理?)(这件事|这个|我的事)?|"
    r"人呢)(了|啊|呀|呢|吧)*"
)
_ENGLISH = re.compile(
    r"((hi|hello|hey|so|ok|okay|well|and|sorry|please|any(one|body) there|just (checking|wondering|asking)( in)?)"
    r"\b ?)*"
    r"((is|has) (it|this|that|everything|my (case|issue|problem|request)) (been )?"
    r"(done|fixed|ready|sorted|solved|resolved|handled|finished|settled|taken care of)( (out|yet|now|already))*|"
    r"(done|ready|fixed|sorted|finished) yet|"
    r"any (news|updates?|progress|word|luck)|still nothing|nothing yet|"
    r"(still )?no (news|updates?|answer|reply|word|progress)|"
    r"(i'?m )?still waiting|"
    r"what'?s (happening|going on|the status|the latest|up)|what is (happening|going on|the status|the latest)|"
    r"how('s| is) (it|that|this|my (case|issue)) (going|coming( along)?|looking|getting on)|"
    r"how much longer( (will (it|this) take|do i (have|need) to wait))?|"
    r"how long (will (it|this) take|do i (have|need) to wait)|"
    r"when (will|can|do) (i|you|they|he|she|someone|somebody|anyone) "
    r"(hear|call|contact|answer|reply|get back|write|respond)"
    r"( from (you|him|her|them|someone|anyone))?( to)?( me)?( back)?|"
    r"when will (it|this|that) be (done|fixed|ready|sorted|solved|resolved|settled)|"
    r"(by )?when( exactly)?|"
    r"who('s| is|se) (handling|dealing with|looking after|in charge of|responsible for) (it|this|that|my (case|issue))|"
    r"(is )?any(one|body) (there|working on (it|this)|looking (at|into) (it|this)))"
    r"( (yet|now|so far|please|on (it|that|this|my (case|issue))|with (it|that|this|my (case|issue))))*"
)
# "Well?", "what is going on?": to who has a case, a question after it; to who has none, nothing yet.
_NUDGE = re.compile(
    r"[?\s]+|"
    r"(这|那|到底|究竟|是)*(怎么会(这样)?|怎么(这样|回事)|什么情况|搞什么(鬼|飞机)?|几个意思|什么意思)(啊|呀|呢|嘛)*[?!。\s]*|"
    r"(那|那么)?((接下来|然后|下一步)(怎么办|咋办|会怎样|怎么样)?(呢|啊|呀)?|(怎么办|咋办)(呢|啊|呀)?)[?!。\s]*|"
    r"(怎么|为什么|为啥)(要|会|还)?(等)?(这么|那么)(久|慢)(啊|呀|呢)?[?!。\s]*|(真的(吗|假的)|不会吧|是真的吗)[?!。\s]*|"
    r"(so |and |ok |then )*(what (now|next|happens (now|next|then))|really|why (so long|is it taking so long))[?!.\s]*|"
    rf"{_OPENING}*+(打算|准备|要|会)*(怎么|如何)(处理|解决)(的|呢|啊|呀)*[?!。\s]*|"
    r"(how|what) (will|are|do) you( going to)? (handle|deal with|do about|solve) (it|this|that)[?!.\s]*|"
    r"(seriously|what (the )?(hell|heck)|how (come|can (this|that) be)|what('?s| is) (this|wrong with you( guys)?)|"
    r"unbelievable)[?!.\s]*"
)


_ONLY_WHEN_CHINESE = re.compile(
    r"(那|请问|大概|具体|到底|所以|还要){0,3}(什么时候|几时|多久|哪天|何时|几天)(才|会|能|可以){0,2}"
    r"(退|到账|到|好|退款|给我|退给我|收到钱?)?(呢|啊|呀|嘛|啦|了)*"
)
_ONLY_WHEN_ENGLISH = re.compile(
    r"((ok|okay|and|so|well|but) )*(by )?when( (exactly|then|please|will (that|it|i get it|it come) ?(be)?))*|"
    r"((ok|okay|and|so|well|but) )*how (long|soon)( (will (it|that) (take|be)|does (it|that) take))?"
)


def asks_only_when(text: str) -> bool:
    """Tell whether a text asks when, and not what."""
    return says_only(text, _ONLY_WHEN_CHINESE, _ONLY_WHEN_ENGLISH)


def asks_news(text: str) -> bool:
    """Tell whether a text only asks how far something has come, and not what."""
    return says_only(text, _CHINESE, _ENGLISH)


def nudges(text: str) -> bool:
    """Tell whether a text is a question mark or a cry: to who has a case, "well?"."""
    return len(text) <= LONGEST and _NUDGE.fullmatch(plain(text).strip()) is not None
