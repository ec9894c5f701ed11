"""What waits for nothing: somebody was hurt, or goods are a danger (§1.4). In three languages; pure.

People tell it and ask in one breath ("it is swollen, can I still use it?"): what is told counts, clause by clause, and
what is only asked or supposed does not. Patterns look at normalised text (Simplified, lower case).
"""

import re

from bot.dialogue.hearing.plain_words import plain
from bot.dialogue.hearing.told_words import told_of_goods
from bot.dialogue.hearing.words import QUESTION, names

_ON_SKIN = r"(face|skin|lips?|eyes?|eyelids?|neck|cheeks?|hands?|arms?|legs?|scalp)"
INJURY = re.compile(
    # What it names may be what the goods are for: "治红疹的药膏".
    r"[起长出冒][^，,。]{0,5}疹|(是|有|片|圈|脸|脖|身|手|臂|腿|背|皮肤)[^，,。治祛去防抗除湿]{0,4}疹(?![^，,。]{0,3}[膏霜膜药])|"
    r"(我|脸|皮肤|用|擦|害|都|快)[^，,。]{0,6}烂脸(?!修|霜|膏)|烂脸了|"
    r"(脸|皮肤|嘴|眼|脖子|手)[^，,。治祛去防抗]{0,4}(红肿|肿(了|起|得|成)|又[红肿痒][^，,。]{0,2}又[红肿痒]|刺痛|灼痛|起水?泡)|"
    r"(?<!防)[割扎砸夹跌刺]伤(?!膏|药)|(手|脚|脸|指|腿|我|孩子|宝宝|人)[^，,。]{0,4}[划刮摔]伤(?!膏|药)|骨折|摔断了?(腿|手|胳膊|骨)|"
    # Cantonese; "好烫亲！" only addresses whoever reads it.
    r"(?<![好很太])烫亲|[割辣跌夹撞]亲(?!自|子|友)|[畀俾被给][^，,。]{0,3}电亲|误吞|误食|(孩子?|宝宝|娃|朋友|仔|女儿?|狗|猫)[^，,。]{0,3}吞[了咗下]|"
    r"[进入躺][了咗过在]{0,2}医院|送院(?!子)|送医(?!药)|"
    r"毁容|受伤|[烫烧]伤(?!膏|药)|触电|电到|被电(?!话|脑|视|商|商|子|影|销|器)|(?<![抗防])过敏(?!药|膏|霜)|中毒|流血|住院|着火|起火|爆炸|"
    r"\b(injur(y|ed|ies)|burn(t|ed) (my|me|his|her|our)|"
    r"(i|we|he|she|they|(my|our) (\w+ )?(\w*sons?|\w*daughters?|kids?|child(ren)?|baby|wife|husband|partner|mo(ther|m)|"
    r"mum|father|dad|"
    r"hands?|fingers?|arms?|legs?|face|skin)) (have |has |had )?(got|gets?|was|were|been) (\w+ )?burn(t|ed)|"
    rf"(my|his|her|our) (\w+ )?{_ON_SKIN}('s| is| are| was| were| went| turned| got| looks?| feels?)( (all|so|very|"
    rf"really|now|"
    r"bright|badly))* (swollen|swelling|blistered|blistering|stinging|inflamed|burning|like this (after|since|from))|"
    rf"(my|his|her|our) (\w+ )?{_ON_SKIN} (swelled|puffed|blistered|broke out)|"
    r"in hospital|caught fire|on fire|explod\w+|allergic reaction|(skin|a|bad|red|itchy|nasty) rash(?! (guard|vest|"
    r"shirt|top|suit|cream|ointment|balm))|rashes|(electric|got an?|gave (me|us|him|"
    r"her) an?)( \w+)? shock(?! (absorber|wave|price))|electric shock|electrocuted|poison\w+|bleeding|bled)\b"
)
UNSAFE = re.compile(
    r"(一插|插上|通电|一开|开机)[^，,。]{0,6}(跳闸|短路)|打火花|冒火花|吃坏|拉肚子|上吐下泻|食物中毒|[吃食](完|了|得|到|咗).{0,8}(吐|不舒服|肚子?.{0,3}[痛疼屙])|有毒|漏电|冒烟|冒火|"
    r"鼓(起来?的?)?(大)?包(?!子|装)|电池[^，,。]{0,4}(鼓|膨胀|胀)|(?<![油煎态气毛])炸(了|裂|开)|"
    r"\b(food poisoning|(made|makes) (me|us|him|her|my \w+) (sick|ill)|"
    r"(ate|eaten|eating)\b[^.,!?]{0,30}\b(got|getting|felt|been) (sick|ill)|"
    r"threw up|vomit\w*|smok(e|ing)|sparks?|sparking|"
    r"sparked|(tripped|blew) (the|my|our) (breakers?|fuses?|electrics?)|"
    r"batter(y|ies) (is |are |has |have |was |looks? |seems? )?(\w+ )?(swollen|swelled|swelling|bulg\w+|puffed|puffy)|"
    r"(swollen|bulging|puffy) batter(y|ies)|live wire)\b"
)
_CLAUSES = re.compile(
    r"(?<=[，,。！!；;？?\n])|(?<=\. )|(?<=\s)(?=还能|可以|能不能|怎么)|\b(?=(?:but|so|and) (?:what|can|should|is|"
    r"do)\b)"
)
# Who asks only what is to be done by now tells what has happened, and who asks for a remedy too.
_WHAT_TO_DO = re.compile(
    r"(要|该|我)?(怎么|咋|如何)(办|处理|解决|赔)(呢|啊|呀)?|(医药费|损失)?谁(来)?(负责|赔|出)(啊|呢)?|"
    r"\bwhat (should|do|can|am) i( supposed to)?( do)?( now)?\b|\bwhat now\b|[?？\s]+$"
)
_AT_ONCE = re.compile(
    r"(可以|能不能|可不可以|能)(给我)?(退|换|赔)[^，,。]{0,4}(吗|么|嘛)?|\b(can|could|may|will) (i|you|we) [^,.;!?]*"
)
_SUPPOSED = re.compile(
    r"如果|万一|要是|假如|会不会|容易|担心|怕|会[^，,。]{0,8}[吗么]|的话|"
    r"\b(if|might|may cause|could (it|this|that)|can (it|this|that|they)|would (it|this)|does (it|this)|is it (going|"
    r"likely)|worried|afraid|in case|prevent\w*|safe from)\b"
)
_HAPPENED = re.compile(r"了|过(?!敏)|得|\b(got|gave|had|has|have|was|were|is|are|went|turned|caused|made|started)\b")


def is_hurt(text: str) -> bool:
    """Tell whether a text says that somebody was hurt, or something burned: for a person, at once."""
    return _tells(INJURY, plain(text))


def names_injury(text: str) -> bool:
    """Tell whether a text speaks of somebody who was hurt, or may be."""
    return names(INJURY, text)


def tells_danger(text: str) -> bool:
    """Tell whether a text says that goods are a danger: for a person, whatever is asked beside it."""
    return _tells(UNSAFE, told_of_goods(text))


def _tells(pattern: re.Pattern[str], said: str) -> bool:
    return any(_is_told(pattern, clause) for clause in _CLAUSES.split(said))


def _is_told(pattern: re.Pattern[str], clause: str) -> bool:
    """Tell whether a clause says it; beside a question for a remedy only what has happened is said."""
    if pattern.search(clause) is None or _SUPPOSED.search(clause):
        return False
    told = _WHAT_TO_DO.sub(" ", clause)
    if QUESTION.search(told) is None:
        return True
    rest = _AT_ONCE.sub(" ", told)
    return QUESTION.search(rest) is None and pattern.search(rest) is not None and _HAPPENED.search(rest) is not None
