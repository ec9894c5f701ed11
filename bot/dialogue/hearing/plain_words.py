"""One spelling of what a customer writes, for the dialogue's word lists: `bot.nlu.normalise`, and Cantonese made plain.

Hong Kong writes as it speaks: "點解要影相" asks what "为什么要拍照" asks. The lists need not know both. Pure.
"""

import re
from functools import lru_cache

from bot.nlu.normalise import normalise

_CANTONESE = re.compile(
    r"[㗎喎㖞咋啫噃咩嘞噉嗰]|未[着著]过|补返|收工|得[一两二三四五六七八九十0-9][^，,。]{0,3}咋|^系[呀啊]?$|仲(未|有|系|没|喺|唔|冇|要|可以)|换过[一两几]?[个件只条套部双对盒]|[咗唔嘅喺冇佢嘢咁畀俾揾搵啲睇攞嚟啱]|点解|点算|点([样影寄退换整搞交传找揾搵]|send|upload)|"
    r"边[个度]|几[时耐]|影相|而家|系咪"
)
# Simplified, as `normalise` has it; what is longer stands first.
_PLAIN = tuple(
    (re.compile(said), meant)
    for said, meant in (
        ("得(?=[一两二三四五六七八九十0-9][^，,。]{0,3}咋)", "只有"),
        ("未[着著]过", "没穿过"),
        ("补返", "补发"),
        ("收工", "下班"),
        ("仲(?=未|有|系|没|喺|唔|冇|要|可以)", "还"),
        ("嗰", "那"),
        ("噉", "这样"),
        ("咩", "什么"),
        ("[㗎喎㖞咋啫噃嘞]", ""),
        ("点算", "怎么办"),
        ("点解", "为什么"),
        ("点样", "怎么"),
        ("点(?=[影寄退换整搞交传找揾搵]|send|upload)", "怎么"),
        ("边个", "谁"),
        ("边度", "哪里"),
        ("几时", "什么时候"),
        ("几耐", "多久"),
        ("而家", "现在"),
        ("系咪", "是不是"),
        ("唔该[晒哂]?(?=[\\s,，。!！]*$)", "谢谢"),
        ("唔该", "麻烦"),
        ("影[咗左](张|几张)?相", "拍了照片"),
        ("换过(?=[一两几]?[个件只条套部双对盒])", "换"),
        ("影张?相|(?<=怎么)影", "拍照"),
        ("有冇", "有没有"),
        ("冇", "没有"),
        ("唔使", "不用"),
        ("唔好", "不要"),
        ("唔系", "不是"),
        ("唔([退换修办])住", r"不\1了"),
        ("唔啱[着著身]?", "不合身"),
        ("唔", "不"),
        ("就系咁样?", "就是这样"),
        ("咁样?", "这样"),
        ("烂咗", "破了"),
        ("咗", "了"),
        ("嘅", "的"),
        ("喺", "在"),
        ("[畀俾]", "给"),
        ("[揾搵]", "找"),
        ("啲", "些"),
        ("睇", "看"),
        ("攞", "拿"),
        ("嚟", "来"),
        ("佢", "他"),
        ("嘢", "东西"),
    )
)
_TRIED_ON = re.compile(r"^[着著]过")


@lru_cache(maxsize=256)
def plain(text: str) -> str:
    """Return a text as the word lists have it: Simplified, in lower case, without Cantonese."""
    said = normalise(text).lower()
    if _CANTONESE.search(said):
        for pattern, meant in _PLAIN:
            said = pattern.sub(meant, said)
    return _TRIED_ON.sub("穿过", said)
