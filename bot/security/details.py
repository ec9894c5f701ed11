"""What of a personal detail people see before it is revealed (product §6): enough to recognise it, never to use it.

Every kind of detail has its manner: 138****5678, 杭州市…, a***@example.com, 李**, 青禾***公司. What is no personal
detail is masked as words in a chat are.
"""

import re
from collections.abc import Callable, Mapping
from typing import Any

from bot.nlu.folding import fold
from bot.security.masking import mask_mobile, mask_name, mask_sensitive

# Where a Chinese address begins, in folded text: a city of its own, a province with its city, or a city alone.
# A supermarket or a night market ends as a city does.
_CITY_END = r"(?:(?<![超夜菜集])市(?!场)|自治州|盟)"
_TOWN = re.compile(
    r"(?:北京|上海|天津|重庆|香港|澳门|台北|新北|桃园|台中|台南|高雄|九龙|新界)(?:市(?!场)|特别行政区)?"
    r"|(?:河北|山西|辽宁|吉林|黑龙江|江苏|浙江|安徽|福建|江西|山东|河南|湖北|湖南|广东|海南|四川|贵州"
    r"|云南|陕西|甘肃|青海|台湾|内蒙古|广西|西藏|宁夏|新疆)(?:省|(?:壮族|回族|维吾尔)?自治区)?"
    rf"(?:(?:(?![区县街路道巷弄村])[\u4e00-\u9fff]){{1,7}}?{_CITY_END})?"
    rf"|(?<![\u4e00-\u9fff])[\u4e00-\u9fff]{{2,3}}{_CITY_END}"
)
# Where an English one ends: ", Hangzhou". Behind another comma there may be a house's name.
_ENGLISH_TOWN = re.compile(
    r",\s*(beijing|shanghai|tianjin|chongqing|hangzhou|ningbo|wenzhou|jiaxing|huzhou|shaoxing|jinhua|yiwu|"
    r"taizhou|nanjing|suzhou|wuxi|changzhou|nantong|xuzhou|yangzhou|hefei|wuhu|fuzhou|xiamen|quanzhou|zhangzhou|"
    r"nanchang|jinan|qingdao|yantai|weifang|zhengzhou|luoyang|wuhan|yichang|changsha|zhuzhou|guangzhou|shenzhen|"
    r"dongguan|foshan|zhuhai|zhongshan|huizhou|shantou|nanning|guilin|haikou|sanya|chengdu|mianyang|guiyang|"
    r"kunming|dali|lhasa|xi'an|xian|lanzhou|xining|yinchuan|urumqi|hohhot|baotou|shijiazhuang|tangshan|baoding|"
    r"taiyuan|shenyang|dalian|changchun|harbin|hong kong|kowloon|new territories|macau|macao|taipei|new taipei|"
    r"taoyuan|hsinchu|taichung|tainan|kaohsiung|keelung|zhejiang|jiangsu|guangdong|fujian|anhui|shandong|hebei|"
    r"henan|hubei|hunan|jiangxi|sichuan|yunnan|guizhou|shaanxi|shanxi|liaoning|jilin|heilongjiang|gansu|qinghai|"
    r"hainan|guangxi|tibet|ningxia|xinjiang|inner mongolia|taiwan|china)$",
    re.IGNORECASE,
)
_CHINESE = re.compile(r"[\u4e00-\u9fff]")
_LONG_RUN = re.compile(r"\d(?:[ -]?\d){4,}")
# In digits, in Chinese ones, or spelt out.
_NUMBER = re.compile(
    r"\d(?:[ -]?\d){2,}|[零〇○一二三四五六七八九十幺两兩]{3,}"
    r"|\b(?:zero|oh|one|two|three|four|five|six|seven|eight|nine)"
    r"(?:[ ,-]+(?:zero|oh|one|two|three|four|five|six|seven|eight|nine)){2,}\b",
    re.IGNORECASE,
)
_LONG_TITLE = 6
# Of an invoice that names nobody.
_NOBODYS_TITLES = frozenset({"个人", "個人", "personal"})
# What is the shop's own, where it has the form of a code: a number of it merely looks like somebody's.
_SHOPS = frozenset({"sku", "item", "order", "order_number", "tracking_number", "command", "key"})
_SHOPS_CODE = re.compile(r"[A-Za-z0-9._/-]{1,100}")


def mask_details(values: Mapping[str, Any]) -> dict[str, Any]:
    """Return a table of values as it may be shown, tables and lists in it too."""
    return {name: _mask(name, value) for name, value in values.items()}


def _mask(name: str, value: Any) -> Any:
    match value:
        case str():
            is_shops = name in _SHOPS and _SHOPS_CODE.fullmatch(value) and mask_mobile(value) == value
            return value if is_shops else mask_detail(name, value)
        case Mapping():
            return mask_details(value)
        case list() | tuple():
            return [_mask(name, one) for one in value]
    return value


def mask_detail(name: str, value: str) -> str:
    """Return one value as it may be shown; `name` says what it is, as in `actions.shop.PERSONAL_DETAILS`."""
    return _MASKS.get(name, mask_sensitive)(value)


def _mask_address(address: str) -> str:
    folded = fold(address)
    chinese = _TOWN.search(folded.text)
    if chinese:
        start, end = folded.find_span(*chinese.span())
        return f"{address[start:end]}…"
    english = _ENGLISH_TOWN.search(address.strip())
    return f"…, {english[1]}" if english else "…"


def _mask_phone(phone: str) -> str:
    """A mobile number as in a chat, nothing of others beside it; of any other its ends, a third each at the most."""
    masked = mask_mobile(phone)
    if masked != phone:
        return mask_sensitive(_LONG_RUN.sub("****", masked))
    digits = re.sub(r"\D", "", phone)
    kept = min(len(digits) // 3, 3)
    return f"{digits[:kept]}****{digits[len(digits) - kept :]}"


def _mask_email(email: str) -> str:
    masked = mask_sensitive(email)
    return masked if masked != email else mask_name(email)


def _mask_title(title: str) -> str:
    """An invoice's: a person's name, or a company, of which the ends can be read where it is a long Chinese name."""
    if title.strip().lower() in _NOBODYS_TITLES:
        return title
    if len(title) > _LONG_TITLE and _CHINESE.match(title):
        return f"{title[:2]}***{title[-2:]}"
    return mask_name(title)


def _mask_tax_number(number: str) -> str:
    return f"**** {number[-4:]}" if len(number) > _LONG_TITLE else "****"


def _mask_instruction(words: str) -> str:
    """For the carrier: a door's code is in it as well as a telephone number."""
    return mask_sensitive(_NUMBER.sub("***", words))


_MASKS: Mapping[str, Callable[[str], str]] = {
    "address": _mask_address,
    "phone": _mask_phone,
    "recipient": mask_name,
    "email": _mask_email,
    "title": _mask_title,
    "tax_number": _mask_tax_number,
    "instruction": _mask_instruction,
}
