"""What customers wish for: a remedy by its name, one in place of another, or to be made good. In three languages; pure.

Patterns look at normalised text (Simplified, lower case).
"""

import re

from bot.dialogue.hearing.plain_words import plain
from bot.dialogue.hearing.words import QUESTION, names

REMEDIES: dict[str, re.Pattern[str]] = {
    "exchange": re.compile(
        r"换(?!季|气|洗|上|下|个?角度|(一?个|一下|成|别的|其他|新的?){0,2}"
        r"(人|客服|地址|电话|手机号|号码|快递|方式|时间|支付|微信|说法|话题|名字|抬头|邮箱|收货|收件|密码|语言))|"
        r"\b(exchang\w+(?! rate)|replace(ment|d?)|swap\w*|(a |the )?(new|another) one(?! (is|was|are|came|arrived|"
        r"broke|has)))\b"
    ),
    "repair": re.compile(r"(?<!装)修(?!改)|\b(repair\w*|fix(ed)?|mend(ed)?)\b"),
    "resend": re.compile(
        r"补发|补寄|补一|重发|重新[发寄]|再发|再寄|重寄|"
        r"\b(re-?sen[dt]\w*|re-?ship\w*|sen[dt] (it |one |them |another |to me |out )*again|"
        r"(send|sent) (me )?(another|a new parcel))\b"
    ),
    "return": re.compile(
        r"退(?!休|烧|订|会|出|群|步|税)|"
        r"\b((?<!in )return\w*(?! (address|policy|window|period|customer|my call))|refund\w*|money back|"
        r"send (it|them) back|take (it|them) back)\b"
    ),
}  # fmt: skip
# Of a wish to have it sent again no more than this is left.
_BESIDE_RESEND = re.compile(
    r"[那就我还是请麻烦帮给想要不如干脆算了直接改成能可以希望你们您再吧好谢货新的过来一个份件盒次吗]+|"
    r"\b(well|ok|okay|no|actually|then|please|so|i'd|i|would|could|can|you|rather|prefer|like|want|have|get|to|it|"
    r"them|one|the|my|parcel|order|be|me|out|just|instead|after|all|now)\b"
)
_LONGEST_WISH = 60
# What was done already, or is not wanted, is no wish.
_NO_WISH = re.compile(
    r"(不能|不可以|不让|不给|没法|无法|不想|不要|不用|懒得|不必|没必要|犯不着|别|不是|不|没)(要)?(再)?(给我)?(退|换|修|补发)[货款理]?|"
    r"(?<![想要])(修|换|退)(了|过)(?!吧|算)|(修|换|退)[一二两三四五六七八九十0-9几]次|"
    # It is too much trouble: something else is wanted.
    r"[退换修]([货款回去理]|一下|来退去|来换去)?(实在|真的|也|又|都|要)?(太|好|很|挺)?(麻烦|费劲|折腾|费事|太慢|不划算)(?!你|您|了?你们)(了|啊|呀)?|"
    r"第?[一二两三四五六七八九十0-9]{1,3}次(返?维?修|换货?)|"
    r"换货期|退货期|退换货?(政策|规则)|保修期|"
    r"\b(don'?t|do not|not|no(?! (return|refund|exchange|replace|repair|fix) (it|them|this))|without|instead of|"
    r"rather than) (want |need )?(a |an |the |to |it )?"
    r"(return\w*|refund\w*|exchang\w+|replace\w*|repair\w*|fix(ed)?)( it)?|"
    r"(repaired|fixed|replaced|exchanged) (it )?(once|twice|already|before|\w+ times)|"
    r"(return\w*|refund\w*|exchang\w+|replac\w+|repair\w*)( it| them)? (is |are |would be |sounds |takes? )"
    r"(\w+ )?(too |so )?(much |many )?(\w+ )?(hassle|trouble|long|slow|complicated|work|bother|pointless)|"
    r"(after|had|been|was|were) (\w+ )?(repair\w*|fixed|replaced|exchanged)|(one|two|three|several|many) repairs|"
    r"(first|second|third|fourth|fifth|\d+(st|nd|rd|th)|last|previous|latest|failed) (repair|replacement|exchange)"
)
# Who sends is what tells a wish from a report: "I sent it again" asks for nothing, nor does another photo.
_SENDS_ONESELF = re.compile(
    r"(?<![给帮为替让请把])我们?(已经?|刚刚?|就|又|会|再|先|马上|现在|都|也|还|自己|这边|昨天|前天|早上|来|重新|"
    r"把[^，,。]{1,6}){0,4}"
    r"(补|重)?[发寄传退](了|过|给(你们?|您|客服)|一?[张段条份遍次个]|照片|图片?|视频|回去?){1,4}|"
    r"(补|重新?|再|又)(给(你们?|您|我)|新的?)?[发寄传补](了|一?[张段条份遍次下个句]|给(你们?|您|我)|新的?){0,3}"
    r"(照片|图片?|视频|截图|消息|单号|地址|邮件|短信|验证码|信息|链接|凭证|发票|备注|模板|说明|到?(网|短视频|朋友圈))|"
    r"(照片|图片?|视频|截图|发票|验证码|短信|链接|邮件)[^，,。]{0,4}(补|重新?|再|又)[发寄传](给?我)?|备注补|"
    r"\b(i|we)('ve|'ll|'m| have| will| can| could| should| just| already| did| am| must| to| need| going| also| then|"
    r" now| do)* (sent( (it|them|this|that))? back|"
    r"(re-?)?sen[dt](ing)?(?!( (it|them|this|that))? back)( (you|it|them|another|"
    r"one|again|an?|the|new|more|some|my)){0,4})|"
    r"\b(i|we)('ve| have)?( just| already)* (returned|exchanged|fixed|repaired|replaced)\b|"
    r"\blet me (re-?)?send\b( \w+){0,3}|"
    r"\b(re-?sen[dt]|sen[dt])( me)?( the| an?| another| my| that)*"
    r" (photo|picture|pic|image|video|screenshot|message|e-?mail|invoice|receipt|code|link|sms|text|address|"
    r"number)s?\b( again)?|"
    r"\b(photo|picture|video|message|e-?mail|invoice|receipt|code|link)s?\b[^,.;!?]{0,25}\bsent again\b"
)
_NO_COMPENSATION = re.compile(
    r"(不用|不要|不需要|不想要|不是要?|不图)(你们?|什么|任何){0,2}(补偿|赔偿|赔)|\b(don'?t|do not|not|no) "
    r"(\w+ ){0,2}compensat\w+"
)
_INSTEAD = re.compile(r"算了|还是|改(成|为)|不如|干脆|\b(instead|after all|rather|actually|on second thoughts?)\b")
_EITHER = re.compile(r"[退换修][货款理]?还是[退换修]|或者?|\b(or|either)\b")
_COMPENSATION = re.compile(
    r"补(给)?我?\d{1,5}(块|元)|补(给)?我?点钱|补偿|赔偿|赔(我|点|些|一点|多少|钱)|\b(compensat\w+|make it up to me|"
    r"goodwill (voucher|gesture))\b"
)


def remedy_in(text: str) -> str | None:
    """Return the remedy that a sentence asks for: the first named; None where none is, or one of several is asked."""
    wished = _NO_WISH.sub(" ", _SENDS_ONESELF.sub(" ", plain(text)))
    found = {remedy: match.start() for remedy, pattern in REMEDIES.items() if (match := pattern.search(wished))}
    if len(found) > 1 and _EITHER.search(wished):
        return None
    return min(found, key=lambda remedy: found[remedy], default=None)


def wanted_instead(text: str) -> str | None:
    """Return the remedy that a sentence names in place of another ("no, send it again after all"), or None."""
    return remedy_in(text) if names(_INSTEAD, text) and not names(QUESTION, text) else None


def wants_only_resend(text: str) -> bool:
    """Tell whether a text is nothing but a wish to have it sent again, which no intent stands for."""
    said = plain(text)
    if len(said) > _LONGEST_WISH or remedy_in(text) != "resend":
        return False
    return re.search(r"\w", _BESIDE_RESEND.sub(" ", REMEDIES["resend"].sub(" ", said))) is None


def wants_compensation(text: str) -> bool:
    """Tell whether a sentence asks to be made good for trouble, whatever else it tells of the goods."""
    return _COMPENSATION.search(_NO_COMPENSATION.sub(" ", plain(text))) is not None
