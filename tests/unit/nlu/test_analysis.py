"""Readings: category, sureness, second requests."""

import pytest

from bot.nlu.analysis import TextReader, is_unsure


@pytest.mark.parametrize(
    ("category", "text"),
    [("order", "帮我取消订单"), ("logistics", "我的包裹到哪里了"), ("after_sales", "我要退貨"), ("handoff", "转人工")],
)
def test_category_is_the_intent_before_the_dot(category: str, text: str, reader: TextReader):
    """A plain request is read, in either script, and its ranking leads with an intent of the category."""
    (reading,) = reader.read([text], engine="embedded")
    assert category == reading.category == reading.intent.split(".")[0]
    assert reading.ranking[0][1] >= reading.ranking[1][1]


@pytest.mark.parametrize(
    ("unsure", "best", "second"),
    [(False, 0.9, 0.05), (False, 0.5, 0.2), (True, 0.49, 0.1), (True, 0.53, 0.45), (False, 0.56, 0.43)],
)
def test_unsure_below_a_half_or_with_a_close_second(unsure: bool, best: float, second: float):
    """The customer is asked when the best is weak or not alone."""
    assert unsure is is_unsure(best, second)


@pytest.mark.parametrize("text", ["", "???", "8888", "20260101001 8888", "。。。"])
def test_a_text_without_words_is_never_sure(text: str, reader: TextReader):
    """What a number or a row of marks means, only the conversation knows."""
    (reading,) = reader.read([text], engine="embedded")
    assert reading.unsure


def test_a_second_request_is_kept(reader: TextReader):
    """Two requests in one message are both heard: the one that is not answered now is in `also`."""
    (reading,) = reader.read(["我的快递到哪里了？另外帮我取消订单"], engine="embedded")
    heard = {reading.category, *(intent.split(".")[0] for intent in reading.also)}
    assert heard == {"logistics", "order"}


def test_one_request_in_several_sentences_stays_one(reader: TextReader):
    """A greeting or the same thing said twice is no second request."""
    (reading,) = reader.read(["你好。快递到哪里了？包裹在哪？"], engine="embedded")
    assert (reading.category, reading.also) == ("logistics", ())


def test_readings_come_in_the_order_of_the_texts(reader: TextReader):
    """Clauses of one text never shift the answers of the next."""
    texts = ["快递到哪里了？另外取消订单。谢谢", "转人工", "我要退货！屏幕碎了！", "你好"]
    assert texts == [reading.text for reading in reader.read(texts, engine="embedded")]
    alone = [reader.read([text], engine="embedded")[0].intent for text in texts]
    assert alone == [reading.intent for reading in reader.read(texts, engine="embedded")]


@pytest.mark.parametrize(
    "text",
    [
        "左边耳机没声音了，是坏的，想换货。订单号B000001459，手机尾号9344",
        "左邊耳機沒聲音了，是壞的，想換貨。訂單編號A-10017，手機末四碼9344",
        "The left earphone is dead, I want a new one. Order A-10017, phone ending 9344",
    ],
)
def test_a_shops_own_number_is_no_second_request(reader: TextReader, text: str) -> None:
    """Numbers with letters before them prove an order as well as the demo shop's."""
    assert () == reader.read([text], engine="embedded")[0].also
