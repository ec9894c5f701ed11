"""Small words that answer a question already asked, in three languages.

Understanding proper is the classifier's; these only decide what a short answer to the bot's own question means.
Chinese is compared in Simplified, English in lower case (see `bot.nlu.normalise`).
"""

import re
from collections.abc import Sequence

from bot.dialogue.hearing.plain_words import plain

YES = (
    "是",
    "是的",
    "对",
    "好",
    "好的",
    "可以",
    "嗯",
    "行",
    "没错",
    "确认",
    "要",
    "同意",
    "完好",
    "没拆",
    "没有拆",
    "系",
    "系呀",
    "没问题",
    "对的",
    "是的谢谢",
    "👍",
    "👌",
    "🆗",
    "✅",
)
YES_EN = (
    "yes",
    "yes please",
    "yes please do",
    "yes thanks",
    "yes thank you",
    "yup",
    "that's right",
    "yep",
    "yeah",
    "sure",
    "ok",
    "okay",
    "please do",
    "go ahead",
    "confirm",
    "correct",
    "y",
)
NO = ("不", "不是", "不要", "不用", "没有", "算了", "那算了", "先不", "取消操作", "不对", "不好")
NO_EN = ("no", "nope", "not now", "don't", "dont", "never mind", "n")
START_OVER = re.compile(r"重新开始|从头(再)?来|重来一遍|\bstart (over|again)\b|\brestart\b")
# Nothing but this, with "ok" before it: the classifier hears the "ok".
PERSON_PLEASE = re.compile(
    r"^((ok(ay)?|fine|well|then|no|just|please|hi|hello|thanks)[,.! ]+)*((can|could) i (have|get|(talk|speak) (to|with)) )?"
    r"((a|an|the|some) )?((real|live|human) )?(person|human|human being|agent|representative)( (please|pls|now|then))*[.!? ]*$|"
    r"^(那|好|好吧|行|算了|嗯|[,。! ])*(我要|我想|帮我|给我|请|麻烦|直接|还是)*(转|找|叫|换|接)?(一?个|一?位)?"
    r"(人工|真人)(客服)?(吧|来|谢谢|了|啊|[!。 ])*$"
)
# What is wanted, and who shall see to it: "I want a refund, let a person decide".
PERSON_DECIDES = re.compile(
    r"(让|请|叫|找|换|由|交给|转给|转|要|麻烦)(一?[个位名])?(人工|真人|活人|专人|真的人|(真人|人工)客服|客服人员)(客服|同事)?(来|去|帮我|给我|直接)?"
    r"(定|决定|判|判断|处理|看|看看|看一下|弄|办|审|审核|解决|负责|跟进|接手)|"
    r"(人工|真人)(客服)?(来)?(决定|判断|处理|审核|跟进|解决)(?![吗么费时要]|多久|时间)|"
    r"\b(let|have|get|want|need|ask|like) (a|an|some|the) (real |live |actual )?(person|human( being)?|agent|somebody|someone|manager|"
    r"supervisor|representative)( there)? (to )?(decide|handle|look|review|judge|deal|sort|take|check|see)|"
    r"\b(person|human|manager|supervisor) (should|must|can|has to|needs to) (decide|handle|review|judge|look)"
)
# Whoever stands above who answers here is a person too, asked for however shyly.
SPEAK_TO = re.compile(
    r"(找|叫|让|要|请|换|喊)(你们?|您|贵司)?(的)?(经理|主管|领导|店长|老板|负责人|上级)(来|出来|跟我|和我|同我|听|接|给我|联系|处理|说|谈|讲)|"
    r"(我要|我想|我得)(找|见|跟|和|同)(你们?|您)(的)?(经理|主管|领导|店长|老板|负责人)|"
    r"\b(speak|talk) (to|with) (a|an|your|the|some|my) (\w+ )?(manager|supervisor|boss|person|human|agent|representative|team leader)\b"
)
# An answer to "shall I cancel it?" that says what is to be done instead of yes or no.
CANCEL_AFTER_ALL = re.compile(
    r"^(那|那就|嗯|好|好的|ok|okay|yes|[,。 ])*(还是|就)?取消(掉)?(它|刚才(的|那)?一?个?|那个|这个)?(吧|了吧)?[。!]*$|"
    r"^((ok(ay)?|well|then|yes|so|please)[,. ]+)*cancel (it|the order|that)( (then|please|anyway|after all))*[.! ]*$"
)
# Yes with the reason behind it: "yes, cancel it, I ordered it by mistake".
YES_CANCEL = re.compile(
    r"^(是的?|嗯+|对|好的?|行|可以|确认)[^不别]*取消(?![^,，。]*(恢复|错))|"
    r"^(yes|yeah|yep|ok(ay)?|sure|please)\b(?!.*\b(not|don'?t|do not)\b).*\bcancel\b"
)
NOT_CANCEL = re.compile(
    r"^(等等|等一下|等下|稍等|慢着|算了|啊|[,。! ])*(先|还是|暂时|我)*((不要|不用|别|不|不想)取消|留着|保留)(了|它|吧)?[。!]*$|"
    r"^((wait|no|ok|okay|hm+|actually|hold on|stop|please|oh|well)[,.! ]+)*(i'?ll |i will |let'?s )?keep (it|the order|my order|that)( (then|please|after all))*[.! ]*$|"
    r"^((wait|no|hold on|stop|please)[,.! ]+)*(don'?t|do not) (cancel|do)( (it|that|the order))?( (yet|please|now))*[.! ]*$"
)
# Asked for and taken back in one breath: "cancel it, just kidding", "取消，算了别取消了".
CANCEL_TAKEN_BACK = re.compile(
    r"取消[^。]*?([,，。!！\s]|还是|算了)(开玩笑|逗你|(算了[,，\s]*)?(还是|先|就)?(别|不要?|不用|不想)取消|还是别了?)[^，,。]*$|"
    r"\bcancel\b.*\b(just kidding|only joking|jk|never ?mind( that)?|scratch that|(don'?t|do not) (cancel|do)( it| that| the order)?)\W*$"
)
# A cancelling that was not meant, or shall be undone.
RESTORE = re.compile(
    # What was not meant is the cancelling: "ordered by mistake, cancel it" means it.
    r"((?<![延耽错失])误|不小心|手滑|手快|手误|点错|按错|一不留神)(了|就|给|又)*(把[^,，。]{0,8}|点|按|触|碰|操作)*(到|了|成|的)*"
    r"取消(掉|错|单|订单|了)*(了|的|$)|"
    r"(后悔|反悔)[^。]{0,10}取消|(可以|能不能|能|可不可以)(不要|不|别)(再)?取消|"
    r"取消[错了]{1,2}.{0,12}(恢复|撤回|撤销|还原|反悔|后悔|找回)|取消错|"
    r"(恢复|还原)[^。]{0,8}(订单|取消)|(撤销|撤回)[^。]{0,6}取消|取消的?订单.{0,6}(恢复|还原|撤回)|别取消了|"
    r"\bun-?cancel\w*|\b(restore|reinstate|reactivate)\b[^.?!]{0,25}\b(order|cancel\w*)\b|\bundo\b[^.?!]{0,12}\bcancel\w*|"
    r"\bcancel(l?ed|l?ation)\b((?!\bordered|\bi order|\bbought|\bbuy|[,.;!?]).){0,25}\b((by|in) (mistake|accident|error)|accidental\w*)\b|"
    r"\bcancel\w*\b.{0,25}\b(restore\w*|undo\w*|reinstate\w*)\b|"
    r"\b(accidentally|mistakenly|by (mistake|accident)) cancell?ed\b|"
    r"\b(regret|changed my mind about) cancel\w+|\bdon'?t (want to )?cancel (it )?(any ?more|after all)\b|"
    r"\b(accidentally|mistakenly) (pressed|clicked|hit|tapped) (on )?(the )?cancel\b|\bdidn'?t mean to cancel\b|"
    r"\b(pressed|clicked|hit|tapped) (on )?(the )?cancel\b.{0,12}\b(by (mistake|accident)|accidentally)\b"
)
OTHER_ORDER = re.compile(
    r"(另|别的|其他|其它)(外)?(一)?(个|张|笔)?(订)?单|不是这(个|一单|张|笔)|\b(the )?other (one|order)\b|\bnot (this|that) (one|order)\b"
)
CASE_STATUS = re.compile(
    r"工单|案件|我的(case|投诉|单子).{0,6}(怎么样|进展|进度|如何|处理)|处理(到哪|得怎么样|进度|进展)|有进展|有结果|"
    r"\b(my case|(my|the) (ticket|complaint))\b|"
    r"\bany (update|progress|news)\b(?!.{0,25}\b(order|parcel|package|delivery|refund|pre-?order|item)s?\b)"
)
FITTER_MISSED = re.compile(
    r"(安装|装机|师傅)[^。]{0,12}(没来|没到|没装|放[^，,。]{0,3}鸽子|爽约|没出现|联系不上)|"
    r"\b(fitter|installer|technician|engineer)\b[^.]{0,20}\b(no show|never|didn'?t (come|show|turn))"
)
WARRANTY = re.compile(
    r"保修|保固|质保|三包|包换期|保(多久|几年|多长)|\b(warranty|(is|are|was|still|how long is|how long are)[\w ]{0,25} covered|guarantee(?!d? (price|delivery)))\b"
)
ASKS_TERM = re.compile(
    r"[?？]|吗|多久|多长|几年|几个?月|什么时候|到期|过期|还在|还有没有|有没有|期内|查|"
    r"\b(still|how long|until|when|expire\w*|is (it|my|the|there)|does|what|check)\b"
)
UNKNOWN = re.compile(
    r"不太?(知道|清楚|确定|好说|懂)|说不(好|准)|\b(not sure|don'?t know|unsure|no idea|maybe|hard to say)\b"
)
NOT_SOLVED = re.compile(
    r"(还是|还|仍然?|依然|根本)?(没有?|未)(解决|修好|弄好|处理好)|"
    r"\b(not|isn'?t|wasn'?t|never) (been )?(solved|resolved|fixed)\b|\bstill (broken|not working|doesn'?t work)\b"
)
SOLVED = re.compile(r"(已经)?(解决|修好|弄好|处理好)了|\b(it'?s|is|been|all) (solved|resolved|fixed|sorted)\b")
THREAT = re.compile(
    r"12315|消委会|消保(官|会)|消基会|公平会|(发|传|放|贴)(到|上)(网上?|小红书|微博|抖音|朋友圈|脸书|ptt|dcard)(?!的)|上(新闻|电视|热搜)|爆料|"
    r"工商|消协|消费者协会|市监|市场监管|媒体|曝光|起诉|法院|律师|黑猫|"
    r"\b(consumer (forum|court|council)|lawyer|sue|court|press|reporters?|social media|trading standards|consumer council|ombudsman|small claims|going public|go public|go viral|"
    r"(post|share|tell) (this|it|about (this|it)|everyone|everybody)[\w ]{0,15} (online|on (twitter|x|facebook|reddit|tiktok|instagram|youtube)))\b"
)
ASKS = re.compile(
    r"[?？]|吗|嘛|呢|怎么|怎样|什么|啥|哪|几|多少|多久|多长|谁|是否|能不能|会不会|可不可以|有没有|是不是|"
    r"\b(how|what|when|where|which|who|why|can|could|do|does|is|are|will|would|may) \w+"
)
# "That would do 呢" asks nothing.
_ENDS_ASKING = re.compile(r"([?？]|[吗么]|(?<!好了)(?<!行了)(?<!可以了)(?<!就好)(?<!就行)(?<!就可以)呢)[\s。.!！~]*$")
_WHOM = r"(i|you|we|it|he|she|they|this|that|these|those|there|the|my|your|our|an?|some\w*|any\w*)\b"
_BEGINS_ASKING = re.compile(
    r"^((and|but|so|ok|okay|well|sorry|hi|hello|then)\b[, ]*)*"
    # "would prefer a refund" leaves out who would.
    rf"((how|what|when|where|which(?! means)|who|why|do|does|is|are) \w+|(can|could|will|would|may|should|must) {_WHOM})|"
    r"^[^，,。]{0,8}(为什么|为啥|怎么(?!说[呢吧,，])|多久|哪[里儿]|什么时候|几天(?![前了来])|多少|谁|要不要|需不需要|用不用|是不是|有没有|"
    r"会不会|能不能|可不可以)"
)
# What is a question even where a name is asked for, which may begin like one: "Will Smith", "May Flower Ltd".
_PLAINLY_ASKS = re.compile(
    r"^((and|but|so|ok|okay|well|sorry|hi|hello|then)\b[, ]*)*"
    r"(how (long|much|many|soon|do|does|can|should|will|is|to)|(what|why) (do|does|will|would|is|are|must|should)|"
    r"(when|where|which|who) (do|does|will|would|is|are|can)|"
    r"(can|could|do|does|is|are|will|would|may|should|must) (i|you|we|it|this|that|there|the|my)) ?\w*|"
    r"^(那|请问|我想问|大概|大约|一般|总共|还|要|得|需要){0,3}"
    r"(为(什么|啥)(还|就|都)?(要|需要|得|问)|干[嘛吗]|多久|多长时间|多少钱|几天(?![前了来])|什么时候(能|可以|会|才|要|好)|怎么(填|写|弄|办|处理|开|改))"
)
# When or how people are to be reached, rather than a person, please.
REACHING = re.compile(
    r"几点|时间|上班|下班|营业|电话|热线|邮箱|周末|节假日|\b(hours|times?|when|open|number|contact|e-?mail|weekends?|holidays?)\b"
)
# One's own matter rather than what holds for everybody: an order, a parcel, something that has happened; or a person, please.
OWN_MATTER = re.compile(
    r"我(的|们的)?(订单|包裹|快递|货|东西|退款|钱|发票)|我(们|又|想|要|有|已|刚|今|昨|前|买|下|拍|订|收|申请|付)|"
    r"[这那此](个|单|件|款|张|笔|次|台|双|样|两|几)|另外?一?(个|单|件|款|张|笔|台|双|样)|还没|没(有)?(收|到|发|给)|怎么[没还]|刚|之前|昨天|上次|已经|帮我|麻烦|"
    r"了(吗|么|没|啊|啦|呢)|人工|真人|投诉|"
    r"\b(my|mine|this|that|these|those|i'?ve|i'?m|i'd|i (have|had|got|was|bought|ordered|paid|returned|need|want|would|"
    r"submitted|expect)|haven'?t|hasn'?t|didn'?t|not|still|already|yet|yesterday|ago|last|was|were|been|has|status|"
    r"updates?|other one|human|person|agent|claim|complain\w*|problem|the (order|refund|parcel|package|item))\b"
)
# Asked, not told: "could somebody be allergic to it?"
QUESTION = re.compile(
    r"[?？]|吗|会不会|能不能|可不可以|\b(can|could|would|will|does|is) (i|it|this|somebody|someone|they)\b"
)
# The money itself, and not a way to send something back.
MONEY_BACK = re.compile(
    r"退款|退钱|把?钱退|退(我|回|还|给).{0,8}[钱款]|退.{0,6}的[钱款]|"
    r"\b(refund\w*|money back|money for|pay (me )?back)\b"
)
SKIP = re.compile(
    # There is no number; "has it come 没" asks something.
    r"跳过|(?<!有)没有?(我的?|这个)?(订?单号|订?单编号|订单)(?!的)|"
    r"^[我这那里边手头上现在都也还可但是真的]{0,6}没有?(编号|号|了)?[,，\s]*(怎么办|可以吗|行吗|呢|啊)?[。.!！?？~\s]*$|"
    r"^[我也真都是]{0,4}(不知道|找不到|忘了|忘记了|不记得)(了|啊|呀|呢|在哪|怎么办)?[。.!！?？~\s]*$|"
    r"(不知道|找不到|忘了|忘记了?|不记得)[^，,。]{0,5}(订单|单号|编号|号码)|(订单|单号|编号|号码)[^，,。]{0,5}(不知道|找不到|忘了|忘记|不记得)|"
    r"\b(skip|no idea|forgot)\b|\bno (order (number|no)|number)\b|"
    r"\bdon'?t (know|have|remember)\b(?!.*\b(parcel|package|refund|money|delivery|why|when)\b)"
)
# Said of the number beside what is wanted.
NO_NUMBER = re.compile(
    r"(订?单编?号码?|编号)(都|也|已经|早就)?(找不到|没了|忘了|忘记|不记得|不知道|弄丢|丢了|删了|查不到|没有?(留|存|记))|"
    r"(找不到|忘了|忘记了?|不记得|没有|没留|不知道|弄丢了?|没)(我的)?(订?单编?号码?(?!的)|订单编号)|"
    r"\b(don'?t have|can'?t find|cannot find|lost|no|forgot|forgotten|without|deleted|don'?t (know|remember)) (the |my |an |any )?order (number|no\b|id|confirmation)"
)
HOLD_ON = re.compile(
    r"等(等|一下|会儿?|下)|稍等|稍后|马上(拍|发|找|来)|等我(先|去)?[找拍看]|"
    # What the customer does, not what is wanted of us.
    r"(^|[,，。;；!！\s])[^,，。;；!！\s你您帮麻请能可]{0,8}(找|拍|看)(一?下|找|看)|"
    r"\b(one|a|just a|give me a) (sec|second|min|minute|moment)\b|\bhold on\b|\bin a (bit|moment|minute)\b|\bwait\b|\blet me (look|check|find)\b"
)
DECLINED = re.compile(
    r"((那|还是)?(就)?(先)?(算[了啦喇]?|不用了?|不要了?|不办了?|不(退|换|修)了?|(我)?(自己)?(留[着著]|将就|凑合)(用|穿)?|再说|以后再说)(吧|谢谢)*[,。\s]*)+|"
    r"((no|ok|okay|then|well|just)?,? ?(never ?mind|forget (about )?it|no thanks?( you)?|not now|leave it|maybe later|"
    r"(wait|no|ok|actually|on second thoughts|[,. ])*(i'?ll |i will |i'?d |let me )?(just |rather )?keep (it|them)( (then|after all|instead))*)[,.!\s]*)+"
)
ASKS_AFTER_GIFTS = re.compile(
    r"(赠品|礼品|优惠券|券|积分|运费险)(呢|怎么(办|算)|(要|用)(不用|不要)?(退|还)|(退|还)(不退|不还|吗|给))|"
    r"\bwhat about (the|my) (free )?(gift|coupon|voucher|points|insurance)\b"
)
# Asked after what is offered, not chosen of it: "how long does an exchange take?", "why only so little?".
ASKS_AFTER_OFFER = re.compile(
    r"为什么|为啥|为何|凭什么|怎么(只|才|要|又|还|这么|那么)|多久|多长时间|(要|需要)几天|几天(能|才|内|到|寄|修|换|可以)|多少钱|要钱|收费|免费吗|运费|邮费|"
    r"谁(来)?(出|付|承担|负责|掏)|什么时候|流程|区别|哪(个|种)(更|比较)?(好|划算|快)|"
    r"\b(why|how (long|much|many|soon|does|would|is)|who (pays?|covers?)|when (will|do|does|would|is)|"
    r"what (happens|does|would|if)|what('s| is) the difference|which (one )?is (better|faster|quicker))\b"
)
# Whoever asks so nicely for a remedy chooses it.
_WISHES = re.compile(
    r"能不能|可不可以|可以|(?<!不)[能行好][吗么]|(?<!不)能.{0,6}[吗么]|吧|请|帮我|我(想|要)|"
    r"\b(can|could|may|would|will) (i|you|we)\b|\bplease\b|\bi('d| would) (like|rather)\b|\bi want\b"
)
# A remedy's name and nothing else is a choice, however shyly it is said.
_BARE_REMEDY = re.compile(
    r"(an? |the |just )?(full )?(refund|return|exchange|repair|replacement|voucher|re-?send|new one)|"
    r"(退货|退款|退货退款|换货|换新|维修|修理|补发|代金券|优惠券)"
)
_JUST_THAT = 4
_ONLY = re.compile(r"^(就|只|才|这么)|\b(just|only)\b")
# More of what was being told: what "he" did, "and" what else.
GOES_ON = re.compile(
    r"^[,，。\s]*(而且|并且|还(?!是|没)|他们?|她|它|又|再说|也|就是|同时|关键是|主要是|最(过分|气人)|然后|结果)|"
    r"^(and|also|plus|he|she|they|it was|then|on top of (that|it)|besides|even)\b"
)
WHAT_NOW = re.compile(
    r"怎么(处理|办|弄)|如何处理|有(什么|哪些)(办法|选择|方案)|能怎么|"
    r"\b(what (can|should|do) i do|what now|what are my options|what can you (do|offer)|how does (it|this) work)\b"
)
# "not the left, the right one": what stands behind it is meant.
CORRECTIONS = (
    re.compile(r"不是[^，,。；;]{1,20}[，,。；;\s]+(而?是|应该是|我?(要|想|说)的?是?)(?P<meant>.+)"),
    re.compile(r"我(说|指|讲|要|想要|问)的是(?P<meant>.+)|(?:说|打|写|选|点|搞|弄)错了?[，,。！!\s]+(?P<meant2>.+)"),
    re.compile(r"^(不对|不是)[，,。！!\s]+(我?(是|要|想|说|应该)?)(?P<meant>.{2,})"),
    re.compile(r"(改成|改为)(?P<meant>.+)"),
    re.compile(r"\bi (meant?|was talking about|said|intended)( to say)?:?(?P<meant>.+)"),
    re.compile(
        r"\bnot (the|an?|my) [\w\s]{2,25}[,;.]+ (but |it'?s |i want |i need |rather )?(?P<meant>(the|an?|my|on|in) .+)"
    ),
    re.compile(r"^(no|nope|sorry|wait|oops|actually)\b[,.!\s]+(sorry |i want |i need |it'?s |actually )+(?P<meant>.+)"),
)
WRONG_NUMBER = re.compile(
    r"(打|写|输|发|说|给|报|看|贴)错(了|单|号|编号)?|不对[,，。\s]|\b(wrong (one|order|number)|typo|mistyped)\b"
)
_CLAUSE_END = re.compile(r"[,，。.!！;；\n]")
# A longer text that begins like a question tells something too.
_SHORT_QUESTION = 60
PLACE = re.compile(
    r"(我?(要|选)?)(第?(?P<place>[一二三四五两123456])(个|项|种|条|款|件|单|张)?|(?P<last>最后一?(个|项|种|条|件|单)))|"
    r"(?:the |option |number |no\.? ?|#)*(?:(?P<place2>first|second|third|fourth|fifth|[1-6])|(?P<last2>last))(?: (?:one|option|order|item))?(?: please)?"
)
_PLACES = {
    "一": 1, "1": 1, "first": 1, "二": 2, "两": 2, "2": 2, "second": 2, "三": 3, "3": 3, "third": 3,
    "四": 4, "4": 4, "fourth": 4, "五": 5, "5": 5, "fifth": 5, "6": 6,
}  # fmt: skip
THANKS = re.compile(r"谢|多谢|感恩|辛苦|\b(thanks?|thank you|thx|ty|cheers)\b")
UNDERSTOOD = re.compile(
    r"^(知道了?|明白了?|了解了?|收到了?|好嘞|好滴|好哒|嗯+|哦+|okk?|行吧?)[啦啊哦呢,，。!\s]*$|"
    r"^(i see|got it|understood|fine|ok(ay)? then|fine then|alright|all right|noted|cool|great|perfect|fair enough)[.!\s]*$"
)
BYE = re.compile(r"再见|拜拜|回头见|\b(bye|goodbye|see you)\b")
GREETING = re.compile(r"你好|您好|在吗|哈喽|嗨|早上好|晚上好|早安|\b(hi|hello|hey|good (morning|afternoon|evening))\b")
_FEELING = re.compile(
    r"([\U0001F300-\U0001F44B\U0001F44E-\U0001F5FF\U0001F600-\U0001F64F\U0001F900-\U0001FAFF\u2600-\u26FF\u2764\uFE0F\u200D\s])+"
)
_UNHAPPY = re.compile(r"[😠😡🤬😤😭😢😞😔😩😫😒🙄😾💔👎🖕💢😣😖😰😨]")
_SKIN = re.compile(r"[\U0001F3FB-\U0001F3FF\uFE0F]")
ROBOT = re.compile(r"机器人|真人|人工智能|\b(robot|bot|human|real person|ai)\b")


def is_yes(text: str) -> bool:
    """Tell whether a short answer means yes."""
    return _bare(text) in {_bare(word) for word in (*YES, *YES_EN)}


def is_no(text: str) -> bool:
    """Tell whether a short answer means no."""
    return _bare(text) in {_bare(word) for word in (*NO, *NO_EN)}


def names(pattern: re.Pattern[str], text: str) -> bool:
    """Tell whether the text names what the pattern looks for, whatever its script or case."""
    return pattern.search(plain(text)) is not None


def shows_only_feeling(text: str) -> bool:
    """Tell whether a text is nothing but faces and signs of feeling: no yes, no no, and no matter by itself."""
    return _FEELING.fullmatch(_bare(text)) is not None


def shows_displeasure(text: str) -> bool:
    """Tell whether a face or sign in a text is an unhappy one."""
    return _UNHAPPY.search(text) is not None


def is_question(text: str) -> bool:
    """Tell whether a text as a whole asks something, rather than telling it."""
    return names(_ENDS_ASKING, text.strip()) or (len(text) <= _SHORT_QUESTION and names(_BEGINS_ASKING, text.strip()))


def asks_plainly(text: str) -> bool:
    """Tell whether a text asks something even where a name, an address or a tale is waited for."""
    return names(_ENDS_ASKING, text.strip()) or (len(text) <= _SHORT_QUESTION and names(_PLAINLY_ASKS, text.strip()))


def split_question(text: str) -> tuple[str, str]:
    """Return the first clause of a text, and the question that follows on it; two empty texts where none does."""
    first, _, rest = _CLAUSE_END.sub("\n", text.strip(), count=1).partition("\n")
    return (first, rest) if is_question(rest) or names(ASKS, rest) else ("", "")


def is_small_talk(text: str) -> bool:
    """Tell whether a text greets, thanks, says good-bye or asks who is there: no answer, and no failed one either."""
    return any(names(pattern, text) for pattern in (GREETING, THANKS, BYE, ROBOT))


def corrected(text: str) -> str | None:
    """Return what is meant instead, where a sentence corrects what was understood ("no, I meant ..."), else None."""
    said = plain(text).strip()
    found = next((match for pattern in CORRECTIONS if (match := pattern.search(said))), None)
    return _first_group(found, "meant", "meant2").strip() if found else None


def asks_after_offer(text: str) -> bool:
    """Tell whether a text asks after what is offered, and chooses nothing of it: "only one box?"."""
    if names(ASKS_AFTER_OFFER, text) or names(ASKS_AFTER_GIFTS, text):
        return True
    if _BARE_REMEDY.fullmatch(_bare(text)):
        return False
    long_enough = len(_bare(text)) > _JUST_THAT or names(_ONLY, text)
    return is_question(text) and long_enough and not names(_WISHES, text)


def declines(text: str) -> bool:
    """Tell whether a short answer lets the matter rest ("never mind")."""
    return DECLINED.fullmatch(_bare(text)) is not None


def offered_by(text: str, offered: Sequence[str]) -> str | None:
    """Return the offered value that a place in the list names ("the second one", "2"), or None."""
    found = PLACE.fullmatch(_bare(text))
    if found is None or not offered:
        return None
    if _first_group(found, "last", "last2"):
        answers = [value for value in offered if not value.startswith("start:")]
        return (answers or list(offered))[-1]
    place = _PLACES.get(_first_group(found, "place", "place2"), 0)
    return offered[place - 1] if 0 < place <= len(offered) else None


def _first_group(match: re.Match[str], *names_: str) -> str:
    groups = match.groupdict()
    return next((groups[name] for name in names_ if groups.get(name)), "")


def _bare(text: str) -> str:
    return _SKIN.sub("", plain(text)).strip(" .!?。！？~,，、呀啊哦吧的了")
