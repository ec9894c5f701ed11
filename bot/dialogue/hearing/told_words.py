"""What a sentence tells of goods: what it denies, only supposes, or says of other things is left out of it. Pure.

Word lists look for "坏" and "broken"; people also say "没坏", "气坏了", "if it breaks" and "broken promises". What is
left out is only as long as these words, so that the rest of the sentence still tells what it tells.
"""

import re
from collections.abc import Iterable
from functools import lru_cache

from bot.dialogue.hearing.plain_words import plain
from bot.nlu.reading import Entity

_FAULT = (
    r"(坏|碎|裂|破|断|烂|变形|凹|磕|刮|划|摔|压|漏|缺|少|错|故障|毛病|(质量)?问题|瑕疵|"
    r"污渍|异味|掉色|褪色|起球|缩水|发霉|过期|变质)"
)
_FAULT_ENGLISH = (
    r"(broken?|broke|breaks?|damag\w+|crack\w*|scratch\w*|dent\w*|missing|fault(s|y)?|defect\w*|wrong|torn|ripped|"
    r"smashed|shattered|crushed|dead|stain\w*|dirty|bent|chipped|snapped|problems?|issues?|leak\w*|faded|shrunk|"
    r"stopped working)\b"
)
_NOT_WRITTEN_SHORT = r"(is|was|are|were|did|does|do|has|have|had|wo)nt"
# "Is it not broken?" and "either broken or cracked" tell that it is.
_DENIED = re.compile(
    rf"((?<!有)没有?|未|并非|(?<!是)不是(?![^，,。]{{0,12}}就是)(?![^，,。]{{0,4}}吗)|并不|不(?=[缺坏破错]|少什么))"
    r"(什么|任何|发现|看到|看出|觉得|出现|收到|被|弄|搞|发|给|寄|送|拿|哪里|怎么|发生){0,3}"
    rf"{_FAULT}[了过]?|"
    rf"\b(not|never|without|none( of (it|them))?|nothing|nothing'?s|\w+n't|{_NOT_WRITTEN_SHORT}|no(?! (it|they|this|"
    rf"that|one|mine)\b)( \w+(?= (is|are|was|were)\b))?)"
    r"( (been|be|got|really|actually|even|any|an?|all|ever|at|visibly|seems?|looks?|has|have|is|are|was|were|parts?|"
    r"get(?= \w+ed))\b)*+ "
    rf"{_FAULT_ENGLISH}|\bnot the wrong \w+"
)
_SUPPOSED = re.compile(
    r"(如果|万一|(?<!想)要是|假如|假使|倘若|以防)[^，,。！!？?；;\s]*|"
    r"(会不会|容不容易|(?<!可)怕|担心|会(?=[^，,。！!？?；;]{1,8}[吗么])|容易(?=[^，,。！!？?；;]{1,6}[吗么]))"
    r"(?![^，,。！!？?；;]{0,15}[了的])[^，,。！!？?；;\s]*|"
    rf"{_FAULT}[吗么]|"
    r"是不是[^，,。！!？?；;]{0,8}(有)?问题(?![了])|(尺寸表|尺码表?|页面|描述|图片|介绍|标注|说明|客服|网站|系统|链接|支付|账号|地址)(本身|都|也|是不是)?有问题|"
    r"\b(if|in case|suppose) (it|they|this|one|any\w*|something|(the|my) \w+)( \w+){0,2} "
    r"(breaks?|broken?|broke|damaged|missing|faulty|dead|wrong|cracks?|fades?|shrinks?|leaks?|fails?)\b|"
    r"\beasily (scratched|broken|dented|stained|torn|damaged)\b"
)
# Nothing but how much stands between who is meant and what is said of them.
_VERY = r"(的|真|太|很|也|都|是|这么|那么|简直|特别|非常|有点|实在|好|真的|怎么|还|就|又){0,4}"
_OF_PEOPLE = re.compile(
    rf"(服务|态度|客服|平台|公司|商家|店家|卖家|你们|售后|快递员|小哥|司机|师傅|体验|沟通|效率|脾气|人品|素质)(服务|"
    rf"态度|人)?{_VERY}"
    r"(烂|臭|差|坏|有毒|破|粗糙|恶劣|垃圾|没反应)[了透极死]*|"
    r"有毒(吧|啊)?(?=你们|客服)|"
    rf"(服务|通话|沟通|回复|售后)的?质量{_VERY}(差|不好|烂)?|"
    r"坏(人|蛋|心|消息|评|话|习惯|处|脾气|印象)|使坏|烂(人|摊子|尾|服务|店|客服|公司|平台|态度|借口)|"
    r"破(服务|平台|店|公司|网站|客服|规定|系统)|臭(不要脸|脸|美|骂|屁|流氓)|嘴碎|"
    r"(气|急|累|吓|忙|乐|饿|渴|愁|烦|心|心情|心态|肺|价格)(都|要|快|得|气){0,2}(坏|碎|炸|裂)(了|裂|开)?(我)?|"
    r"(气|等|急|忙|渴)得[^，,。]{0,4}(冒烟|冒火|爆炸)|嗓子[^，,。]{0,3}冒烟|"
    r"\b(rotten|shoddy|broken|poor quality|stale) (service|support|attitude|company|people|luck|promises?|english|"
    r"trust|"
    r"records?|heart\w*|answers?|offers?|jokes?)\b|"
    r"\b(service|support|attitude|staff)( you \w+)? (is|was|are)( \w+)? (rotten|broken|shoddy|poor quality)\b|"
    r"\b(broke|breaks?|breaking) (my|your|his|her|their|the|a)( \w+)? ?(heart|promises?|word|law|rules?|record|"
    r"trust)\b|"
    r"\b(heart|promises?) (is|are|was|were) broken\b|"
    r"\b(i'?m|i am|we'?re|we are)( so| totally| a bit)? broke\b|\bsnapped at\b|\bbent over\b|\btorn between\b|"
    r"\bdead (end|tired|wrong|serious|slow|easy)\b|"
    r"\b(dad|father|mom|mum|mother|grand\w+|dog|cat|wife|husband|uncle|aunt|friend|brother|sister|who|he|she)"
    r"( has| have| just)* (died|is dead)\b|\b(silent treatment|(you|support|staff)( are| is|'re)? (all )?silent)\b|"
    r"\bmakes me sick (how|that|to)\b|\b(sick|ill) (of|with worry)\b"
)
_SENT_BY_ONESELF = r"(地址|照片|图片?|消息|信息|号码?|订单号|单号|手机号|链接|字|文件|语音|电话)(都|又|也|给|不小心)?"
_OF_WORDS_AND_MONEY = re.compile(
    # What the customer sent, wrote or said; what is written on paper; the shop's pages; sums.
    rf"((?<![给帮把寄发送])我(自己|不小心|刚才|刚刚|的)*|{_SENT_BY_ONESELF}|(不好意思|抱歉|对不起)[，,]?(我)?)(发|寄|"
    rf"送|给|拿|填|写|打)错|"
    r"(发|给|填|写)错(人|消息|信息|字|图|照片|地址|号|群|地方)|"
    rf"(网页|网站|系统|页面|链接|付款|支付|小程序){_VERY}(没反应|用不了|坏了?|故障)|"
    rf"(网页|网站|系统|页面|链接|账号|密码|订单|物流|快递|地址|发票|付款|支付|运费|价格|金额){_VERY}有(问题|毛病)|"
    r"(我|还|也)有(个|一?些|点)?问题|有问题(?=想|要|请|咨|问)|(资料|信息|地址|材料|尺码|颜色|款式)(都|也|还)?(不齐|"
    r"不全)|"
    r"(退款|退的?钱|钱|返现|余额|积分)(也|都|还|又|怎么|给我){0,2}[少缺](了|退|给)?|少(了|给|退|赔)?[0-9]+(元|块)|"
    r"\b(i|we)( have|'ve| just| accidentally)* (sent|gave|wrote|typed|entered|uploaded|posted|put|used)( you| in)?"
    r"( the| a)? wrong( \w+){1,2}|\bi left out\b|"
    r"\bwrong ((order |phone |account )?number|person|answer|address|photo|picture|info\w*|e-?mail|chat|link|button)\b|"
    r"\bdifferent (answers?|opinions?|agents?|people|stories)\b|\bincomplete (address|information|answer|reply)\b|"
    r"\baddress (is|was) incomplete\b|\b(link|website|site|page|app|chat|bot|checkout|login)( \w+)? "
    r"(is|are|was|isn'?t|doesn'?t|does not|not) (broken|dead|work\w*)\b|\b(link|page) broken\b|"
    r"\b(?<!of my )(?<!of the )(parcels?|packages?|orders?|deliver(y|ies)|shipments?|refund|money|voucher|invoice)"
    r"( (is|are|was|were|has been|went|gone|still|now)){0,3} missing\b(?! (a|an|one|two|the|some|my|\d))|"
    r"\b(i'?m|am i|i am) missing (something|anything|the point)\b|\bwhat am i missing\b|\bmissing (you|out)\b"
)
_PAPERS = (
    r"(发票|短信|通知|推送|广告|邮件|电话|代金券|优惠券|券|补偿|积分|赠品|礼品|包装|袋子|人工|机器人|解释|道歉|借口|"
    r"客服|态度|服务|"
    r"退款|退货|维修|换货|会员|回访|评价|好评|问卷|保险)"
)
_PAPERS_ENGLISH = (
    r"(invoice|receipt|vouchers?|coupons?|e-?mails?|texts?|text messages|messages|sms|notifications?|(phone )?calls?|"
    r"ads?|"
    r"newsletters?|compensation|apolog\w+|excuses?|bot|robot|help|attitude|service|answers?|tone|waiting|"
    r"gift wrap\w*|survey|"
    r"refund|exchange|repair|replacement|insurance|delivery)\b"
)
_NOT_OF_GOODS_WANTED = re.compile(
    rf"(不想要|不要|不喜欢|不需要|不用|不必|用不[上着]|不想收)"
    rf"(你们?|您|再|的|这个|这种|什么|给我|任何|到|发|开|打|寄){{0,4}}{_PAPERS}了?|"
    rf"{_PAPERS}(也|就|都|我|先){{0,3}}不(想)?要了?|不喜欢(等|你|这样|被|跟|和|排队)|后悔没|"
    r"\bdon'?t (want|like|need) (to (?!keep|have it|wear|use)\w+|(your |the |an? |any |more |some )?"
    rf"({_PAPERS_ENGLISH}|waiting|being|talking|how you|it when))|"
    r"\bfor no reason\b|\bno reason (given|why|to|at all|for)\b"
)
_OF_SIZE = re.compile(
    r"(声音|音量|动静|力气?|力度|年纪|压力|雨|风|雪|太阳|价格|价差|差价|差距|区别|脾气|口气|火气|问题|损失|影响|风险|"
    r"时间|等[了得的]?|"
    r"周期|流程|手续|队|路|距离|名字|手头|钱包|预算|期限|续航|电池|信号|优惠|折扣|麻烦)"
    r"(也|都|还|是|用得|实在|真的|时间|声音|的){0,3}(太|偏|有点|有些)?(大|小|长|短|紧|松)了?|"
    r"电池用得太短|(太|这么|那么|好)[长短]的?时间|(孩子|小孩|宝宝|儿子|女儿|我)(都|也|已经|年纪|长){0,2}大了|"
    r"\b(tak(es?|ing|en)|took|wait\w*|last\w*|been)( \w+)? too (long|short)\b|"
    r"\b(wait|delivery|queue|process|time|line|delay)( \w+)? (is|was|are) too (long|short)\b|"
    r"\btoo long to wait\b|\btoo short( a)? notice\b|\btoo (big|large)( of)? a \w+"
)
_FIGURES = re.compile(
    r"破(解|费|例|产|案|财|壁机|晓|译|纪录|记录|冰)|破洞(牛仔|裤|款|风|设计|毛衣)|[打突看说]破|撕破脸|"
    r"碎(花|碎念|纸机|冰机|银|片化)|零碎|[分决]裂|裂帛|[判诊中间果垄推]断|变形(金刚|计)|凹(造型|凸)|"
    r"臭(豆腐|鳜鱼)|灿烂|烂漫|用不了(那么|这么|太|多|几|两)(多|久|天)?|爆炸(好|便宜|优惠|性|头)|炸裂好?|炸开了?锅|"
    r"\bscratch (that|my head)\b|\bfrom scratch\b|\bcrushed it\b|\bsmoking (hot|area|room)\b|\bnon.?smoking\b|"
    r"\bsparks? joy\b"
)
_SIGNS = re.compile(r"[\W_]+")
_LITTLE = 8
_LEFT_OUT = (_DENIED, _SUPPOSED, _OF_PEOPLE, _OF_WORDS_AND_MONEY, _NOT_OF_GOODS_WANTED, _OF_SIZE, _FIGURES)


@lru_cache(maxsize=32)
def told_of_goods(text: str) -> str:
    """Return a text, as the word lists have it, without what it does not tell of goods."""
    said = plain(text)
    for pattern in _LEFT_OUT:
        said = pattern.sub(" ", said)
    return said


def told_defects(text: str, entities: Iterable[Entity]) -> list[str]:
    """Return the faults that were found in a text, without those that it does not tell of goods; each once."""
    left = told_of_goods(text)
    found = (one.value for one in entities if one.name == "defect" and plain(text[one.start : one.end]) in left)
    return list(dict.fromkeys(found))


def turns_down_paper(text: str) -> bool:
    """Tell whether a text says that an invoice, say, is not wanted, and little else."""
    said = plain(text)
    rest, found = _NOT_OF_GOODS_WANTED.subn("", said)
    return found > 0 and len(_SIGNS.sub("", rest)) <= _LITTLE
