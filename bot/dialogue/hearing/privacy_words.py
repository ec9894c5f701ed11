"""Words of who wants their data erased, or a copy of it (product §8). In three languages; pure.

Data are goods too, and are on goods: "delete the data on my phone", "my order's details". Whoever asks how, when or
whether it is done wants to know it first: the FAQ has that.
"""

import re

from bot.dialogue.hearing.words import names

_DATA = r"(资料|数据|信息|个资|隐私|(聊天|对话)(记录|纪录)|记录|纪录)"
_MINE = r"(我(们)?(所有|全部)?(的|些)?|本人(的)?|(我的?)?个人(的)?|(所有|全部)(关于|有关)我(的)?|(关于|有关)我(的)?)"
_ALL = r"(所有|全部|一切|个人|私人|留下|存|保存|登记|这里|的|在你们?|这边){0,4}"
_OWN = rf"{_MINE}{_ALL}{_DATA}"
_DELETE = r"(删除|删掉|删走|删去|删了|清除|清空|清掉|抹掉|抹除|销毁|移除|删|铲走)"
_GIVE = r"(导出|汇出|下载|发送|发给|寄给|传给|给|提供|索取|索要|拿到?|要|取得|查阅|复制|查看)"
_EN_DATA = r"(data|information|info|personal details|chat history|records)"
_EN_KEPT = r"( (that )?(you|you've|u) (have|hold|keep|kept|store[d]?|got|collect(ed)?)( (on|about|of) me)?)?"

_ERASE = re.compile(
    rf"{_DELETE}(掉|了|晒)?(你们?|这里|这边|贵店|系统|存|保存|留|的|里|中|所有|全部|和|跟|关于|有关|一下){{0,6}}{_OWN}|"
    rf"(把|将|请|帮我把){_OWN}(都|全部?|统统|彻底|永久|给我|帮我|从.{{1,6}}){{0,3}}{_DELETE}|"
    rf"{_OWN}[,，]?(都|全部?|请|麻烦|帮我|给我|想|要|彻底){{0,4}}{_DELETE}(掉|了)?(吧|[!。 ]|$)|"
    r"被遗忘权|忘(记|掉)我的一切|"
    rf"\b(delete|erase|remove|wipe|destroy|get rid of) (all |any |everything |of |the |my |our |personal |stored |"
    rf"private ){{1,5}}{_EN_DATA}\b{_EN_KEPT}|"
    r"\b(delete|erase|remove) (everything|all|whatever) (that )?(you|u) (know|have|hold|keep|store|collected)"
    r"( (on|about|of) me)?|\b(delete|erase) me from your (system|records|database)|"
    r"\bright to (be forgotten|erasure)\b|\bforget everything (you know )?about me\b"
)
_EXPORT = re.compile(
    rf"{_GIVE}(我|给|一份|一下|份|下|所有|全部|你们?|存|保存|收集|掌握|的){{0,6}}{_OWN}(?!有没有|改)|"
    rf"(把|将|请把|帮我把){_OWN}(都|全部?|打包|整理){{0,2}}(导出|汇出|发|寄|传|给|提供|下载)|"
    rf"{_OWN}的?(副本|复印件|拷贝|备份|一份)|"
    rf"(你们?|贵店|这里|系统)(都)?(存|保存|收集|掌握|记录|留|有|知道)了?{_MINE}(的)?(哪些|什么|多少){_DATA}|"
    rf"(你们?|贵店|系统)(都)?(存|保存|收集|掌握|记录|留)了?(哪些|什么|多少){_OWN}|"
    rf"\b(send|give|email|mail|export|download|provide|show|get|want|need|have|see|access)( me| us)?( a| the)?"
    rf"( full| complete)?( copy| export| download)?( of)?( all)?( of)? (my|our) (own |personal )?"
    rf"(data|personal (data|information|info|details))\b{_EN_KEPT}|"
    rf"\b(copy|export|download) of (all )?(of )?(the |my )(personal )?{_EN_DATA}\b{_EN_KEPT}|"
    rf"\b(what|which) (personal )?{_EN_DATA} (do|have) (you|u) (have|hold|keep|kept|store|stored|got|collect|collected)"
    r" (on|about|of) me\b|\bwhat do (you|u) (know|have|store|keep) about me\b|"
    r"\b(subject access request|right of access|data portability)\b"
)
_OF_SOMETHING_ELSE = re.compile(
    r"订单|快递|物流|包裹|发票|地址|评价|评论|购物车|浏览|搜索|收藏|商品|产品|手机(?!号)|电脑|硬盘|平板|手表|U盘|u盘|内存|"
    r"相机|设备|机器|恢复|找回|银行|支付|付款|"
    r"\b(order|tracking|invoice|shipping|delivery|payment|card|address|review|cart|browsing|phone|laptop|computer|tablet|"
    r"watch|drive|disk|device|camera|console|back(up)?|recover\w*|lost|migrat\w*|transfer\w*)\b"
)
_DENIED = re.compile(
    r"(不要|别|不想|不许|不准|没有?|勿|千万)[^,，。]{0,3}(删|清|抹|导|汇)|为什么|为啥|谁|被(你们?|人)?(删|清|泄)|怎么|如何|怎样|"
    r"什么时候|多久|会不会|会(删|清|保|把)|是否|别人|他人|第三方|"
    r"\b(do not|don'?t|never|not|why|who|did you|have you|has|was|were|how|when|will you|would you|are you|"
    r"do you (ever )?"
    r"(delete|erase|remove|send|give|export))\b"
)


def wants_erasure(text: str) -> bool:
    """Tell whether somebody wants all that is known of them erased."""
    return names(_ERASE, text) and not _is_about_else(text)


def wants_export(text: str) -> bool:
    """Tell whether somebody wants to have, or to know, what is known of them."""
    return names(_EXPORT, text) and not _is_about_else(text)


def _is_about_else(text: str) -> bool:
    return names(_OF_SOMETHING_ELSE, text) or names(_DENIED, text)
