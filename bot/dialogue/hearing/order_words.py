"""Words about an order's data, its money and its delivery, in three languages; compared as `words` does."""

import re

from bot.dialogue.hearing import words
from bot.nlu.normalise import normalise

ADDRESS = re.compile(r"地址|(收货|送货)地|(送|寄|发)(到|去|往)|\b(address|(deliver|send|ship)(ed)? (it )?to)\b")
PHONE = re.compile(r"手机|电话|联系方式|号码|\b(phone|mobile|contact) ?(number)?\b")
# The four digits that prove an order, and the words around them: they speak of no change.
PROOF = re.compile(
    r"(手机|电话)?号?码?(尾号|[后末]四[位码]数?|[后末]4[位码])\S{0,3}?[0-9]{4}"
    r"|(my )?(phone|mobile)( number)?,? (ending|ends)( in| with)? [0-9]{4}|last (four|4)( digits)?\D{0,20}[0-9]{4}"
)
NEW_PHONE = re.compile(
    r"(改|换|更|新|错)[^,，。;；]{0,8}(手机|电话|联系方式|号码)|(手机|电话|联系方式|号码)[^,，。;；]{0,8}(改|换|更|新|错)|"
    r"\b(change|update|new|wrong)\b[^,.;]{0,25}\b(phone|mobile|number)\b|"
    r"\b(phone|mobile|number)\b[^,.;]{0,25}\b(change|to|wrong)\b"
)
RECIPIENT = re.compile(r"(收件|收货|收)人|姓名|名字|\b(recipient|addressee|name on)\b|\bthe name\b")
ITEMS = re.compile(
    r"尺码|尺寸|颜色|款|数量|型号|[a-z0-9]码|(大|小)(一)?(码|号)|\b(size|colou?r|quantity|model|variant|item)\b"
)
NEW_RECIPIENT = re.compile(
    r"(?:(?:收件|收货|收貨|收)人|姓名|名字)[^,，。]{0,4}?(?:改成|[换換]成|改[为為]|[换換][为為]|[变變]成|是|:|：)\s*"
    r"(?P<name>[\u4e00-\u9fff·]{2,8}|[A-Za-z][A-Za-z .'-]{1,40})"
    r"|\b(?:recipient|addressee|name)[^,.]{0,12}? (?:to|as|should be|is) "
    r"(?P<english>[A-Z][A-Za-z'-]{1,20}(?: [A-Z][A-Za-z'-]{1,20}){0,3})"
)
# "王小丫收" behind an address.
NAME_BEHIND = re.compile(r"[,，、;；\s](?P<name>[\u4e00-\u9fff]{2,4})收(?=$|[,，。;；\s])")
A_PHONE = re.compile(r"(?<![0-9a-zA-Z])\+?[0-9](?:[ -]?[0-9]){7,13}(?![0-9a-zA-Z])")
AN_EMAIL = re.compile(r"[A-Za-z0-9._%+-]{1,64}@[A-Za-z0-9-]{1,63}(?:\.[A-Za-z0-9-]{1,63}){1,4}")
A_TAX_NUMBER = re.compile(
    r"(?<![0-9A-Za-z@.])(?=[0-9A-Za-z-]{0,10}[0-9])[0-9A-Za-z][0-9A-Za-z -]{6,26}[0-9A-Za-z](?![0-9A-Za-z@.])"
)
TAX_NUMBER_SAID = re.compile(
    r"(?:[税稅][号號]|[识識][别別][号號]|[统統]一?[编編][号號]?|信用代[码碼]|tax (?:number|id|no\.?)|vat(?: number)?)"
    r"\D{0,6}?(?P<number>[0-9A-Za-z]{8,20})",
    re.I,
)
# "抬头开错了" names none.
TITLE_SAID = re.compile(
    r"抬[头頭](?:写|寫|是|为|為|:|：)?\s*(?![^,，。;；\s]{0,3}(?:[错錯]|不[对對]|有[误誤]|[写寫]反))(?P<title>[^,，。;；\s]{2,60})"
    r"|公司(?:名[称稱字]?|全[名称稱])?\s*(?:是|叫|为|為|:|：)\s*"
    r"(?P<company>[^,，。;；\s]{2,50}(?:公司|企[业業]|集[团團]|工作室|[事务務]{2}所|中心|[学學]校|[医醫]院|[厂廠行社店]))(?=$|[,，。;；\s])"
    r"|\b(?:(?:made out|issued?) to|(?:title|name|company)(?: is|:)) (?P<english>[A-Z][^,.;]{2,60})"
)
# A mail address, and the words that say no more than where to write to.
MAIL_SAID = re.compile(
    r"(?:(?:发|發|寄|送|传|傳)(?:到|去|往|至|给|給)?|(?:电子)?(?:邮|郵|信)箱|邮件|[电電]?邮|email|e-mail|mail|send|it|to|my|is|at|地址|我的|请|請|[是为為:：,，\s])*"
    rf"{AN_EMAIL.pattern}(?:\s*(?:谢谢|謝謝|please|thanks?|就行|就好|即可|吧))*",
    re.IGNORECASE,
)
COMPANY = re.compile(r"公司|企业|单位|专票|增值税|统编|统一编号|税号|三联|\b(company|business|vat|corporate)\b")
PERSONAL = re.compile(r"个人|二联|\b(personal|individual|private)\b")
INVOICE_WRONG = re.compile(
    r"(发票|抬头|税号).{0,8}(错|不对|有误|写反)|(开|写)错|重开|\b(wrong|incorrect|mistake|reissue)\b"
)
PAID_ALREADY = re.compile(
    r"(已经?|都|明明|刚)(付|扣|支付|转)(了|款|过|钱)|扣(了|款|过)(我)?(的)?(钱|款)?|付过|付了款|被扣|"
    r"(钱|款)(都|已经|已)?(被)?(扣|划)(了|走|掉)|扣款成功|"
    r"\b(already paid|i('ve| have)? paid|(bank|card) (has |have )?(taken|took|deducted)|took (the|my) money|charged|"
    r"was debited|money (was|has been) taken)\b"
)
TWICE = re.compile(
    r"(两|二|2|多)(次|遍|回|笔)|(付|扣|刷|收)了?我?(两|二|2)(次|遍|回|笔|份)|重复(付|扣|支付)|双重|付重|\b(twice|"
    r"two times|double|duplicate)\b"
)
# Whether an order is paid, rather than where it is.
IS_PAID = re.compile(
    r"(付款|支付|扣款|付钱|款项)(到底|究竟|是不是|有没有|是否)?(已经?)?(成功|到账|完成)了?(没有?(?![发送收到寄货])|吗|么|嘛|不|[?？])|"
    r"(有没有|是否|是不是)(已经?)?(付款|支付|扣款)|(付款|支付|扣款)(状态|结果)|"
    r"\b(is|was|has|did) (my|the|this) (order|purchase)( [0-9]+)? (been |get )?(\w+ly )?(paid|pay)\b(?! back)|"
    r"\b(is|was|did|has) (my|the) payment (\w+ly )?(go(ne)? through|success\w*|received|arriv\w+|accepted)|"
    r"\bpayment status\b"
)
ASKS_WHERE = re.compile(r"到哪|在哪|哪里了|到了[吗没]|几时到|什么时候到|\bwhere('s| is| are)\b|\b(track|arrive[ds]?)\b")
WAYS_TO_PAY = re.compile(
    r"(怎么|如何|可以|能|支持|接受|有)(什么|哪些|哪几种|用)?.{0,6}(支付方式|付款方式|付款|支付|付)|(支付|付款)方式|花呗|分期|货到付款|信用卡|"
    r"\b(ways? to pay|how (can|do) i pay|payment methods?|pay (by|with)|do you (take|accept))\b"
)
LOOKED = re.compile(
    r"(家人|家里|邻居|门卫|物业|前台|室友|同事|保安|柜|管理员)[^,，。]{0,6}(没|不知|无)|"
    r"\b(neighbou?rs?|reception|front desk|family|wife|husband|roommates?|guard)\b[^,.]{0,25}(\bno|\bnot\b|n't)|"
    r"(问|找|看|查)(过|遍)|(都|也)(没|沒)(有)?(收|拿|看到|代收)|"
    r"\b(asked|checked|looked)\b|\bno(body| one) (has|took|signed)\b"
)
_RECEIVED = re.compile(
    r"(收|拿|找|送|寄)到(货|东西|包裹|快递)?了(?!吗|没|么)|(已经?|终于|刚刚?)(收|拿|找|送)到|到货了(?!吗|没|么)|"
    r"\b(i|we)('ve| have)? (\w+ )?(got|received|found) (it|them|(the|my) (parcel|package|goods|order))\b|"
    r"\b(has|have|it|they|finally|parcel|package) (\w+ )?(arrived|come|came|turned up|shown up|showed up)\b"
)
_NOT_RECEIVED = re.compile(
    r"(没有?|未|不)(人|曾)?(收|拿|见|找|送)到|没(有)?到|"
    r"\b(not|never|no(body| one)|\w+n't|(is|was|has|have|had|did|does|do|are|wo|ca)nt)\b[^.;]{0,25}"
    r"\b(got|get|gotten|receiv\w+|arriv\w+|c[ao]me|seen|found|turned up)\b"
)
_NOT_HERE = re.compile(
    rf"{_NOT_RECEIVED.pattern}|(还|一直|都|到现在|至今)(还|都)?没(有)?(到|来|送|收|影|动静)|不见(了|踪影)|"
    r"\b(never|not|\w+n't) (come|came|show(ed)? up|turn(ed)? up|arriv\w+|deliver\w+)\b|\b(is|are) missing\b"
)
_NO_PARCEL = re.compile(r"退款|钱|发票|券|回复|答复|短信|邮件|\b(refund|money|invoice|voucher|answer|reply|e-?mail)\b")
# Of a day on which a parcel shall not come: "away until Friday", "不要周五".
ABSENT_BEFORE = re.compile(
    r"(不要|别|不是|不在|除了|直到|到)(在)?\s*$|\b(until|till|til|before|away|not|except|after|instead of|not on|"
    r"away on|out on) ?$",
    re.IGNORECASE,
)
ABSENT_BEHIND = re.compile(
    r"\s*(我|家里|家裡)?(都|也)?(不在|没人|沒人|才在|才回|才有人|以?[前后後]|之[前后後]|不行|不方便|没空|沒空|出差|要上班)|"
    r"\s+(doesn'?t work|is no good|i'?m (away|out|not)|i am (away|out|not)|nobody|no one)\b",
    re.IGNORECASE,
)
HOURS: dict[str, re.Pattern[str]] = {
    "09:00-12:00": re.compile(r"上午|早上|早晨|\b(morning|before noon)\b"),
    "12:00-18:00": re.compile(r"下午|中午|午后|\b(afternoon|noon)\b"),
    "18:00-21:00": re.compile(r"晚上|傍晚|下班后|夜里|今晚|\b(evening|after work|tonight|after (6|six)( ?pm)?)\b"),
}
INSTRUCTIONS: dict[str, re.Pattern[str]] = {
    "locker": re.compile(r"快递柜|丰巢|柜子|智取柜|\blocker\b"),
    "pickup_point": re.compile(
        r"驿站|自提|代收点|菜鸟|超商|便利店|(?<!安)全家(?![人都福])|7-?11|\b(pick-?up (point|station|store)|"
        r"convenience store)\b"
    ),
    "front_desk": re.compile(
        r"前台|门卫|保安|物业|管理(室|处|员)|传达室|\b(front desk|reception|concierge|guard|doorman|lobby)\b"
    ),
    "neighbour": re.compile(r"邻居|隔壁|对门|\b(neighbou?rs?|next door)\b"),
    "door": re.compile(
        r"(放|搁|搁在|留在).{0,4}(门口|家门)|门口|\b(at|by|outside) (the|my) (front )?door\b|\bdoorstep\b|\bporch\b"
    ),
    "call_first": re.compile(
        r"(先|提前)(给我)?(打|来)?(个)?(电话|联系)|\bcall (me )?(first|before|ahead)\b|\bring (me )?first\b"
    ),
}


def tells_receipt(text: str) -> bool:
    """Tell whether a sentence says that the goods have come."""
    return words.names(_RECEIVED, text) and not words.names(_NOT_RECEIVED, text)


def tells_no_arrival(text: str) -> bool:
    """Tell whether a sentence says that a parcel has not come, and not money, an invoice or an answer."""
    return words.names(_NOT_HERE, text) and not words.names(_NO_PARCEL, text)


def without_proof(text: str) -> str:
    """Return a text, as patterns see it, without the digits that prove an order."""
    return PROOF.sub(" ", normalise(text).lower())


def named_in(table: dict[str, re.Pattern[str]], text: str) -> str | None:
    """Return the first entry of a table that a text names, or None."""
    return next((name for name, pattern in table.items() if words.names(pattern, text)), None)
