"""Fewer came than were bought: "ordered three boxes, got two", "買三盒只來兩盒". In three languages; pure."""

import re

from bot.dialogue.hearing.plain_words import plain
from bot.nlu.numerals import CHINESE, ENGLISH, read_number

_MEASURE = "[个件盒瓶只条包袋本套台双支块杯罐箱片张枚颗份]"
_HAN = rf"(\d{{1,3}}|{CHINESE})"
_NUMBER = rf"(\d{{1,3}}|{ENGLISH})"
# A span of time, money or an answer is no goods.
_NO_GOODS = (
    r"(?! ?(?:days?|weeks?|hours?|minutes?|months?|years?|times?|e-?mails?|messages?|answers?|calls?|yuan|rmb|"
    r"dollars?|percent|%|back\b))"
)
# "One came broken" says nothing of the others.
_WHOLE = r"(?!(?:是|都|里)?(?:坏|碎|破|烂|空|裂|过期|错|有问题))"
_WHOLE_ENGLISH = (
    r"(?! (?:\w+ )?(?:broken|damaged|cracked|smashed|late|empty|wrong|faulty|defective|expired|is|are|was|were))"
)
_BOUGHT_THEN_CAME = re.compile(
    rf"(?:买|订|拍|下单|付|要)了?(?:的是)?(?P<bought>{_HAN}){_MEASURE}[^。！!；;？?少漏缺没未坏碎破]{{0,10}}?(?:来|收到?|到|发|寄|给|拿到|有|得)了?(?:我)?"
    rf"(?P<came>{_HAN}){_MEASURE}{_WHOLE}|"
    rf"\b(?:ordered|bought|paid for) (?P<bought2>{_NUMBER})\b{_NO_GOODS}[^.!?]{{0,40}}?\b(?:got|received|came|arrived|"
    rf"were in|delivered|sent)"
    rf"(?: me| us)?(?: with| only| just)? (?P<came2>{_NUMBER})\b{_NO_GOODS}{_WHOLE_ENGLISH}|"
    rf"\b(?P<bought3>{_NUMBER}) (?:\w+ )?(?:ordered|bought)\b[^.!?]{{0,20}}?\b(?P<came3>{_NUMBER}) (?:\w+ )?(?:arrived|"
    rf"came|received|delivered){_WHOLE_ENGLISH}"
)
_CAME_OF_BOUGHT = re.compile(
    rf"(?:只|就|才|得)(?:有|来|收到|到|发|寄|给)?了?(?P<came>{_HAN}){_MEASURE}[^。！!；;？?]{{0,10}}?(?:买|订|拍|付|要)了?(?:的是)?"
    rf"(?P<bought>{_HAN}){_MEASURE}"
)


def shortfall_in(text: str) -> int | None:
    """Return how many fewer came than were bought, where a sentence says both; None where it does not, or none did."""
    said = plain(text)
    found = _BOUGHT_THEN_CAME.search(said) or _CAME_OF_BOUGHT.search(said)
    if found is None:
        return None
    told = {name.rstrip("23"): value for name, value in found.groupdict().items() if value}
    bought, came = read_number(told["bought"]), read_number(told["came"])
    return int(bought - came) if bought is not None and came is not None and bought > came else None
