"""The language of a message, and messages that show none."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.nlu.language import detect_language, find_language
from bot.nlu.reading import LANGUAGES


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("zh-Hans", "我的订单还没发货"),
        ("zh-Hant", "我的訂單還沒發貨"),
        ("zh-Hant", "我仲未收到件貨，幾時先到呀"),
        ("en", "where is my parcel?"),
        ("en", "refund"),
        ("zh-Hans", "我的 iPhone 15 Pro 坏了"),
        ("en", "Hello, can you help me with 退款 for my last order please"),
    ],
)
def test_tells_the_language_the_text_shows(language: str, text: str):
    """Script and words decide; a product name in Latin letters or one borrowed word does not."""
    assert language == find_language(text)


@pytest.mark.parametrize(
    "text", ["ok", "OK!", "20260101001 8888", "", "😀", "???", "Huawei P50", "yes", "thanks", "a@b.tw"]
)
@pytest.mark.parametrize("default", LANGUAGES)
def test_a_neutral_text_leaves_the_language_of_the_conversation(text: str, default):
    """What anybody types in any language is no evidence."""
    assert find_language(text) is None
    assert default == detect_language(text, default=default)


@pytest.mark.parametrize(("expected", "default"), [("zh-Hans", "zh-Hans"), ("zh-Hant", "zh-Hant"), ("zh-Hans", "en")])
def test_chinese_of_no_script_stays_in_the_conversations_script(expected: str, default):
    """你好 is written alike in both scripts: an English conversation turns Chinese, a Traditional one stays."""
    assert expected == detect_language("你好", default=default)


@given(st.text(alphabet=st.characters(exclude_categories=()), max_size=80))
def test_any_text_has_one_of_the_three_languages(text: str):
    """Nothing that can be typed raises or yields another language."""
    assert detect_language(text, default="en") in LANGUAGES
