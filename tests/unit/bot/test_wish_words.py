"""What customers wish for, told from what they did, sent or wrote themselves, and from what else is changed or sent."""

import pytest

from bot.dialogue.hearing.wish_words import remedy_in, wants_compensation, wants_only_resend


@pytest.mark.parametrize(
    "text",
    [
        "I sent it again", "I sent another photo", "I've sent it again", "I already resent it", "i'll send it again",
        "should I send it again?", "let me send another photo", "can you resend the invoice", "send me another link",
        "I returned it last week", "another one is broken", "what's the return address", "return policy?",
        "我又发了一张照片", "我已经寄回去了", "我已经退回去了", "我再发一次照片", "我再发一次", "我重新发一下图",
        "我剛又發了", "照片我又發了一遍", "我把照片再發一遍", "要不要再发一张照片", "給你們再傳一次照片",
        "把发票重新发我", "发票再发一次", "验证码再发一次", "换个客服", "換個地址", "我换手机号了", "退订短信",
        "退出登录", "我昨天退了货", "别再发模板了",
    ],
)  # fmt: skip
def test_no_remedy_is_wished_for(text: str) -> None:
    """Who does the sending decides, and what is sent or changed."""
    assert remedy_in(text) is None
    assert not wants_only_resend(text)


@pytest.mark.parametrize(
    "text",
    [
        "please send it again", "send it again", "can you send me another", "could you send it again please",
        "I'd like it resent", "I want it sent again", "can I have it sent again", "重新发货", "我要重新发货",
        "给我重新发一个", "给我再发一个吧", "帮我补发", "麻煩再寄一個給我", "我要补发", "補發吧", "再寄一次",
        "那就重新寄一份给我", "你们再发一个过来",
    ],
)  # fmt: skip
def test_the_shop_shall_send_again(text: str) -> None:
    """Nothing but that is wanted."""
    assert "resend" == remedy_in(text)
    assert wants_only_resend(text)


@pytest.mark.parametrize(
    ("text", "wish"),
    [
        ("换一个", "exchange"), ("換成大一碼", "exchange"), ("give me another one", "exchange"),
        ("can I send it back", "return"), ("I sent it back last week, where's my refund", "return"),
        ("我想退了", "return"), ("我们退货吧", "return"), ("我寄回去能退吗", "return"),
    ],
)  # fmt: skip
def test_other_wishes(text: str, wish: str) -> None:
    """As before."""
    assert wish == remedy_in(text)


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("给点补偿", True), ("how about some compensation", True), ("不用赔偿", False), ("我不要补偿，要道歉", False),
        ("I don't want compensation", False),
    ],
)  # fmt: skip
def test_compensation(text: str, wanted: bool) -> None:
    """What is turned down is not asked for."""
    assert wanted == wants_compensation(text)


@pytest.mark.parametrize(
    ("text", "wish"),
    [
        ("还是换吧，退款太麻烦", "exchange"),
        ("退货太麻烦了，修吧", "repair"),
        ("換貨好麻煩，退款", "return"),
        ("修太慢了，换新的吧", "exchange"),
        ("退款麻烦你们快点", "return"),
        ("退货麻烦您处理一下", "return"),
        ("懒得换", None),
        ("refund takes too long, exchange it", "exchange"),
        ("returning is too much hassle, just repair it", "repair"),
        ("Third repair and it still won't boot. I want my money back", "return"),
        ("第三次维修了，我要换", "exchange"),
    ],
)
def test_what_is_too_much_trouble_or_was_done_is_not_wanted(text: str, wish: str | None) -> None:
    """The other one is."""
    assert wish == remedy_in(text)
