"""Words that say little: what only asks how far something has come, and what says nothing at all."""

import pytest

from bot.dialogue.hearing.case_words import asks_news, nudges
from bot.dialogue.hearing.gibberish import says_nothing


@pytest.mark.parametrize(
    "text",
    [
        "好了没", "好了嗎", "弄好了吗？", "怎么样了", "处理得怎么样了？", "你好，有消息了吗", "還要多久啊",
        "怎么还没人回复我", "到底解决了没有", "什么时候能处理好", "你们到底处理了没有啊",
        "any news?", "is it done yet?", "so, what's happening?", "Hello? Anyone there?", "Still nothing?",
        "When will it be fixed?", "Just checking in, any updates on my case?", "how much longer",
    ],
)  # fmt: skip
def test_what_only_asks_how_far_it_has_come(text: str) -> None:
    """In few words, with or without a greeting."""
    assert asks_news(text)


@pytest.mark.parametrize(
    "text",
    [
        "", "？？", "好", "好了", "弄好了", "解决了", "多久发货", "怎么样", "我的包裹好了吗", "保修多久",
        "ok", "nothing", "any news on my parcel?", "when will my order be ready", "what's up with my refund",
    ],
)  # fmt: skip
def test_what_asks_or_says_more(text: str) -> None:
    """Of an order, a parcel, a rule; or it asks nothing."""
    assert not asks_news(text)


@pytest.mark.parametrize(
    ("expected", "text"),
    [
        (True, "？？"), (True, "? "), (False, ""), (False, "what?"), (True, "怎么会这样啊"), (True, "這到底怎麼回事？"),
        (True, "What the hell?!"), (False, "怎么退货"), (False, "what is this charge"), (True, "Seriously?"),
    ],
)  # fmt: skip
def test_question_marks_and_cries_nudge(expected: bool, text: str) -> None:
    """Whom, only the conversation knows."""
    assert expected is nudges(text)


@pytest.mark.parametrize(
    "text",
    [
        "jkjkjkjk",
        "ｊｋｊｋｊｋ",
        "test test test",
        "測試一下",
        "asdf",
        "asdfgh asdf",
        "qwerty",
        "sdfsdf",
        "xcvbnm,",
        "。。。",
        "...",
        "!!!",
    ],
)
def test_fingers_on_the_keys_say_nothing(text: str) -> None:
    """Nor does a test whether anybody is there."""
    assert says_nothing(text)


@pytest.mark.parametrize(
    "text",
    [
        "", "哈哈哈", "666", "2", "嗯", "👍", "hmm", "haha", "lololol", "thx", "pls", "zzz", "hi", "DHL", "HSBC", "SMS",
        "try", "rhythm", "were", "power", "bye bye", "https", "the test strip is broken", "xxl", "111", "???", "？",
    ],
)  # fmt: skip
def test_what_may_mean_something_is_left_to_the_reading(text: str) -> None:
    """A sound, a name, an abbreviation, a number, a picture."""
    assert not says_nothing(text)
