"""Personal details as people see them: to be recognised, not to be used."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from actions.shop import PERSONAL_DETAILS
from bot.security.details import mask_detail, mask_details


@pytest.mark.parametrize(
    ("name", "value", "shown"),
    [
        ("phone", "13812345678", "138****5678"),
        ("phone", "+86 138-1234-5678", "138****5678"),
        ("phone", "0912 345 678", "091****678"),
        ("phone", "9123 4567", "91****67"),
        ("phone", "12", "****"),
        ("phone", "021-62345678 / 13812345678", "**** / 138****5678"),
        ("phone", "13812345678 or 138 1234 5679", "138****5678 or 138****5679"),
        ("address", "杭州市西湖区文三路90号5栋301室", "杭州市…"),
        ("address", "浙江省杭州市西湖区文三路90号", "浙江省杭州市…"),
        ("address", "北京市朝阳区建国路88号", "北京市…"),
        ("address", "臺北市信義區松仁路100號5樓", "臺北市…"),
        ("address", "香港九龍彌敦道100號", "香港…"),
        ("address", "王小明杭州市西湖区文三路90号", "…"),
        ("address", "文三路90号", "…"),
        ("address", "12 Maple Street, Apt 4, Hangzhou", "…, Hangzhou"),
        ("address", "Flat 5, Maple Street", "…"),
        ("address", "12 Elm Close, Rose Cottage", "…"),
        ("address", "Flat 5, 12 Nathan Road, Kowloon", "…, Kowloon"),
        ("address", "上海静安区永嘉超市旁3号", "上海…"),
        ("address", "浙江永嘉超市旁3号", "浙江…"),
        ("address", "浙江杭州西湖区文三夜市3号", "浙江…"),
        ("address", "永嘉超市旁3号", "…"),
        ("address", "江西省景德镇市珠山区3号", "江西省景德镇市…"),
        ("address", "新疆维吾尔自治区伊犁哈萨克自治州3号", "新疆维吾尔自治区伊犁哈萨克自治州…"),
        ("address", "12 Maple Street", "…"),
        ("recipient", "李小明", "李**"),
        ("recipient", "Anna Smith", "A***"),
        ("email", "anna.smith@example.com", "a***@example.com"),
        ("email", "anna at example", "a***"),
        ("title", "青禾示例有限公司", "青禾***公司"),
        ("title", "王小明", "王**"),
        ("title", "个人", "个人"),
        ("title", "Qinghe Example Ltd", "Q***"),
        ("tax_number", "91330106MA2700001L", "**** 001L"),
        ("instruction", "放门口，密码 4821，打 13812345678", "放门口，密码 ***，打 ***"),
        ("instruction", "密码 四八二一", "密码 ***"),
        ("instruction", "door code four eight two one, please", "door code ***, please"),
        ("instruction", "4 8 2 1 开门", "*** 开门"),
        ("instruction", "放一楼前台", "放一楼前台"),
        ("note", "要 42 码，打 13812345678", "要 42 码，打 138****5678"),
        ("detail", "身份证11010519491231002X", "身份证******************"),
        ("size", "42", "42"),
        ("order", "20261123004", "20261123004"),
    ],
)
def test_a_detail_is_shown_in_the_manner_of_its_kind(name: str, value: str, shown: str) -> None:
    """The region, the ends of a number, the first letter; other facts as they are."""
    assert shown == mask_detail(name, value)


def test_what_lies_deeper_is_masked_too() -> None:
    """Tables and lists within a table; numbers and truths stay."""
    told: dict[str, Any] = {"facts": {"phone": "13812345678"}, "words": ["id 110105194912310021"], "photos": 2}
    assert {"facts": {"phone": "138****5678"}, "words": ["id ******************"], "photos": 2} == mask_details(told)


def test_the_shops_own_numbers_stay() -> None:
    """An article's, an order's, a parcel's may have a card's checksum; a telephone number in their place is masked."""
    own = {"sku": "4111111111111111", "tracking_number": "75312345678904", "command": "4111111111111111/2"}
    assert own == mask_details(own)
    assert {"item": "138****5678"} == mask_details({"item": "13812345678"})


@given(st.sampled_from(sorted(PERSONAL_DETAILS)), st.from_regex(r"1[3-9][0-9]{9}", fullmatch=True))
def test_no_mobile_number_is_shown_whatever_it_is_called(name: str, number: str) -> None:
    """A number written where an address or a name was asked for is no less a number."""
    assert number not in mask_detail(name, f"电话 {number}")


@given(st.sampled_from(sorted(PERSONAL_DETAILS - {"note", "instruction"})), st.text(min_size=5))
def test_what_is_whole_is_never_shown(name: str, value: str) -> None:
    """Every kind that is a person's own hides something of whatever it holds."""
    assert value != mask_detail(name, value) or "*" in value or "…" in value
