"""Questions about photos for a case: why they are wanted, and how they are sent. In three languages; pure.

Photos are goods too, and show goods: a printer for them, "why does it look different from the photo". So what is asked
and the photo must stand together.
"""

import re

from bot.dialogue.hearing.few_words import says_only
from bot.dialogue.hearing.words import names

_PHOTO = r"(照片|图片|相片|拍照|拍图)(?!书|打印|冲印|机|框|墙|纸|集|上(?!传)|里|和|跟|与|不一样|很|太|模糊)"
_BETWEEN = r"[要得需让叫我您你们先再重新拍发上传提供给看有一几张些个]"
_PICTURE = r"(photo|picture|pic|image)s?\b(?! (printer|frame|book|album|paper|card))"
_WE = r"(i|we|you|they)"

_WHY = re.compile(
    # "why do you want photos", "must there be photos"
    rf"(为什么|为啥|为何|干嘛|干吗|凭什么|必须|一定|非|有必要){_BETWEEN}{{1,6}}{_PHOTO}|"
    r"(为什么|为啥|为何|干嘛|干吗|凭什么|必须|一定|非|有必要|需要|需不需要|要不要|用)(拍照|拍图)(?!模糊|不|很|太|功能|效果|时|的)|"
    rf"(要|需要|得|用){_BETWEEN}{{0,4}}{_PHOTO}[^，,。]{{0,3}}([吗么?？]|干[嘛吗]|[干做]什么|有什么用)|"
    rf"{_PHOTO}(是|用来|拿来|要来)?(干[嘛吗]|[干做]什么|有什么用)|"
    # what if there is none
    rf"(没有?|不|无法|没法|拍不了|发不了){_BETWEEN}{{0,3}}{_PHOTO}[^，,。]{{0,2}}(怎么办|可以[吗么]|行[吗么]|行不行)|"
    rf"{_PHOTO}(没有|没了|没拍|[拍发传]不了|上传不了|发不出去?|传不上去?)[^，,。]{{0,2}}(怎么办|可以[吗么]|行[吗么])|"
    rf"\bwhy (do|must|should|would|are) {_WE} (\w+ ){{0,3}}{_PICTURE}|\bwhy (a |an |any |the )?{_PICTURE}\W*$|"
    rf"\bwhat (do|would|will) {_WE} (need|want|do with|use) (\w+ ){{0,2}}{_PICTURE}|"
    rf"\b(do {_WE} (really )?(have|need) to|must {_WE}|should {_WE}) (\w+ ){{1,4}}{_PICTURE}|"
    rf"\bdo {_WE} need (\w+ )?{_PICTURE}|"
    rf"\b(is|are) (\w+ )?{_PICTURE} (\w+ )?(needed|necessary|required|mandatory)\b|"
    rf"\bwhat if [\w' ]{{1,20}} {_PICTURE}|{_PICTURE}\W+what for\b"
)
_HOW_TO_SEND = re.compile(
    r"(怎么|怎样|如何|咋)(样)?(才能)?(发|传|send|upload|上传|给|弄|添加|提供|拍)|"
    r"(发|传|上传|放)(到|给|在|去)?(哪|谁)|(哪里|在哪|往哪)(发|传|上传)|"
    r"\b(how (do|can|to|should|would)( i| we)? (send|upload|attach|add|share|submit)|"
    r"where (do|can|should|to)( i| we)? (send|upload|attach|put))\b"
)
_A_PHOTO = re.compile(rf"{_PHOTO}|\b{_PICTURE}")
# Photos that are goods, are printed on goods, or belong to a review.
_OTHER_PHOTOS = re.compile(
    r"买的|下单的|定制|印|刻|评价|评论|晒单|相册|头像|\b(custom\w*|personali[sz]ed|print\w*|mug|engrav\w*|review\w*|profile)\b"
)
_HAS_CHINESE = re.compile(
    r"(哦|对|好|嗯|我|这里|这边|手上|都|也|还|又|再|刚刚?|已经){0,5}(有|拍了|拍好了?|[发传]了|[发传]过去了)(几张|"
    r"一张|张|一些)?"
    r"(照片|图片|图|相片)?(的|了|呢|可以发)?(?<=[片图])(的|了|啦)?"
)
_HAS_ENGLISH = re.compile(
    r"(oh |yes |ok )?i('ve)? (do |already |just )?(have|got|took|have taken|sent|uploaded)( (a|some|the|several|two|"
    r"few|another|you))*( a few)? "
    r"(photo|picture|pic)s?( of (it|them))?"
)
_HERE_CHINESE = re.compile(
    r"(你们?|您|客服|那|现在){0,2}(能|有没有|有)?((看|收)(到|得到|不到|见)?了?(我)?(发|传|拍)?(的|过去的)?(那几张|"
    r"这几张|几张)?"
    r"(照片|图片|图|相片)?(了)?(吗|么|没有?)|看得到(吗|么)?)|"
    r"(我(刚才|刚|又)?(发|传|拍)的?)?(照片|图片|图)(你们?|您)?(收到|看到|看得到|能看到|传上去|发过去)了?(吗|么|没有?)"
)
_HERE_ENGLISH = re.compile(
    r"(did|do|can|have|could) you (see|get|got|receive|received|seen)( (it|them|my|the|those|that))*( (photo|picture|"
    r"pic)s?)?"
    r"( (i sent|yet|now|ok))*|(did|have) (my|the) (photo|picture|pic)s? (arrive|come through|go through|upload)(d|ed)?"
)


def asks_whether_here(text: str) -> bool:
    """Tell whether a text asks whether photos that were sent have come: "你们看到了吗"."""
    return says_only(text, _HERE_CHINESE, _HERE_ENGLISH)


def asks_how_to_send(text: str) -> bool:
    """Tell whether a text asks how photos of the matter are sent, or says that there are some."""
    if says_only(text, _HAS_CHINESE, _HAS_ENGLISH):
        return True
    return names(_A_PHOTO, text) and names(_HOW_TO_SEND, text) and not names(_OTHER_PHOTOS, text)


def asks_why_needed(text: str) -> bool:
    """Tell whether a text asks why photos are wanted, or whether it goes without them."""
    return names(_WHY, text) and not names(_OTHER_PHOTOS, text)
