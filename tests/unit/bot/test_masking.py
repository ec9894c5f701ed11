"""Sensitive numbers in what customers type: hidden; everything else stays as it was."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.security.masking import mask_papers, mask_sensitive


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("13912345678", "139****5678"),
        ("我的手机是13912345678，谢谢", "我的手机是139****5678，谢谢"),
        ("+86 139 1234 5678", "139****5678"),
        ("139-1234-5678 or 18800001111", "139****5678 or 188****1111"),
        ("身份证11010519491231002X", "身份证******************"),
        ("id 110105194912310021.", "id ******************."),
        ("card 4111 1111 1111 1111", "card **** 1111"),
        ("卡号6222021234567890128", "卡号**** 0128"),
        ("寄到浙江省杭州市西湖区文三路90号5栋301室，谢谢", "寄到浙江省杭州市西湖区文三路*号*栋*室，谢谢"),
        ("改成北京市朝阳区建国路八十八号三单元", "改成北京市朝阳区建国路*号*单元"),
        ("新地址：台北市信義區松仁路100號5樓", "新地址：台北市信義區松仁路*號*樓"),
        ("send it to 12 Maple Street, Apt 4", "send it to * Maple Street, Apt *"),
    ],
)
def test_a_sensitive_number_is_hidden(typed: str, kept: str) -> None:
    """Mobile phones keep their ends, cards their last four digits, resident IDs nothing."""
    assert kept == mask_sensitive(typed)


@pytest.mark.parametrize(
    "typed",
    [
        "订单号20261123004，手机尾号2304",
        "order 20261123004",
        "tracking SD20261123004",
        "SF1234567890128 is a parcel's, whatever its checksum",
        "12912345678 is no mobile number",
        "4111 1111 1111 1112 fails the checksum",
        "110105199913310021 has month 13",
        "a¥1,299.00 thing on 2026-11-23",
        "",
    ],
)
def test_other_numbers_stay(typed: str) -> None:
    """Orders, trackings, amounts, dates and numbers of no known kind are needed in the transcript."""
    assert typed == mask_sensitive(typed)


@given(st.text())
def test_masking_again_changes_nothing(typed: str) -> None:
    """What is masked once has nothing left to mask."""
    once = mask_sensitive(typed)
    assert once == mask_sensitive(once)


@given(
    st.from_regex(r"1[3-9][0-9]{9}", fullmatch=True), st.text(alphabet="手机 a,。:\n"), st.text(alphabet=" 吗?。b\n")
)
def test_no_mobile_number_survives(number: str, before: str, after: str) -> None:
    """Wherever it stands in a sentence."""
    assert number not in mask_sensitive(before + number + after)


def test_an_answer_may_tell_an_address_and_a_telephone_number() -> None:
    """Where a return goes and whom to call; what nobody need be told is hidden there as well."""
    told = "寄回浙江省杭州市西湖区文三路 12 号 3 楼，电话 13812345678，returns@shop.example"
    assert told == mask_papers(told)
    assert "**** 1111" == mask_papers("4111 1111 1111 1111")
