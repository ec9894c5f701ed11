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
        ("en", "I want to change the address to 杭州市西湖区文三路 18 号 3 单元 502, please"),
        ("en", "my 晨音蓝牙耳机 stopped working"),
        ("en", "my 台灯 doesn't turn on, I want 换货"),
        ("en", "the 輕步慢跑鞋 I ordered are too small"),
        ("zh-Hans", "我的 Apple Watch Series 9 GPS Midnight Aluminum Case Sport Band 坏了"),
        ("zh-Hant", "請問 Morningtone wireless earphones 的 charging case 可以單買嗎"),
        ("zh-Hant", "寄到 12 King Street, London SW1A 1AA 要多久？麻煩了"),
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


@pytest.mark.parametrize("default", LANGUAGES)
@pytest.mark.parametrize(
    "text", ["杭州市西湖区文三路18号3单元502", "台北市信義區松高路12號5樓", "12 King Street, London SW1A 1AA"]
)
def test_an_address_alone_is_nobodys_language(text: str, default):
    """Whoever speaks English may live in Hangzhou."""
    assert default == detect_language(text, default=default)


@pytest.mark.parametrize(("text", "default"), [("王小明", "en"), ("Anna Smith", "zh-Hant"), ("青禾有限公司", "en")])
def test_a_name_that_was_asked_for_is_nobodys_language(text: str, default):
    """It is written as it is."""
    assert default == detect_language(text, default=default, may_be_name=True)


@pytest.mark.parametrize(
    ("expected", "text"),
    [("zh-Hant", "yes refund"), ("zh-Hant", "refund please"), ("en", "I want a refund"), ("en", "where is it now?")],
)
def test_a_word_or_two_of_english_in_the_midst_of_a_chinese_talk_change_nothing(expected: str, text: str):
    """Hong Kong mixes; a sentence shows what is spoken."""
    assert expected == detect_language(text, default="zh-Hant", in_midst=True)
