"""Words and what is filled in between them, as Chinese and English are set."""

import pytest

from actions.spacing import set_together, split_fields


@pytest.mark.parametrize(
    ("parts", "written"),
    [
        (("由", "Lin", "负责"), "由 Lin 负责"),
        (("由", "林小雨 Lin Xiaoyu", "负责"), "由林小雨 Lin Xiaoyu 负责"),
        (("由 ", "林小雨", " 負責"), "由林小雨負責"),
        (("工单", "SW-1001", "，由"), "工单 SW-1001，由"),
        (("晚了", "2", "天"), "晚了 2 天"),
        (("退您", "¥80", "。"), "退您 ¥80。"),
        (("實付的", "2%", "計算"), "實付的 2% 計算"),
        (("最晚 ", "11月30日", " 前送達"), "最晚11月30日前送達"),
        (("最晚 ", "11月30日 16:37", " 回覆您"), "最晚11月30日 16:37 回覆您"),
        (("保固從", "2026年11月25日", "到"), "保固從2026年11月25日到"),
        (("到", "11月30日", " 24:00 為止"), "到11月30日 24:00 為止"),
        (("", "……10 条）", " 您想怎么处理？"), "……10 条）您想怎么处理？"),
        (("（", "2", "张）"), "（2 张）"),
        (("", "微信支付", "", "¥85", ""), "微信支付 ¥85"),
        (("改到", "11月30日", "", "上午", "送"), "改到11月30日上午送"),
        (("", "SW-1", " · ", "处理中", ""), "SW-1 · 处理中"),
        (("您好！\n\n", "您", ""), "您好！\n\n您"),
        ((), ""),
    ],
)
def test_chinese_stands_apart_from_latin_and_close_to_chinese(parts: tuple[str, ...], written: str) -> None:
    """One space or none, whatever the words had there."""
    assert written == set_together(parts, "zh-Hans")


def test_english_is_as_its_words_are() -> None:
    """Their spaces are right already, beside a Chinese name too."""
    assert "owned by 林小雨, due 2" == set_together(("owned by ", "林小雨", ", due ", "2"), "en")


def test_a_text_is_read_in_parts() -> None:
    """Words, then the field after them with its format; braces that are doubled are words."""
    assert [("最晚", "until", "day"), ("前", None, "")] == list(split_fields("最晚{until:day}前"))
    assert [("a{", None, ""), ("b", "x", "")] == list(split_fields("a{{b{x}"))
