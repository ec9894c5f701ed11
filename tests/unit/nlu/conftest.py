"""A small trained model, shared by the tests of understanding."""

from pathlib import Path

import pytest

from bot.nlu.analysis import TextReader
from bot.nlu.data import Example, load_examples
from bot.nlu.features import SentenceEncoder
from bot.nlu.text_model import TextModel
from bot.nlu.training import train_text_model

_SENTENCES = {
    "order.cancel": [
        "我要取消订单",
        "不想要了，帮我取消",
        "cancel my order",
        "please cancel it",
        "订单取消一下",
        "取消吧",
    ],
    "order.dispatch_delay": [
        "怎么还没发货",
        "三天了还不发货",
        "when will it ship",
        "not dispatched yet",
        "催一下发货",
        "什么时候发",
    ],
    "logistics.tracking": [
        "快递到哪里了",
        "物流信息查一下",
        "where is my parcel",
        "track my package",
        "包裹在哪",
        "查快递",
    ],
    "after_sales.return": [
        "我要退货",
        "七天无理由退货",
        "I want to return it",
        "return this item",
        "怎么退货",
        "退掉可以吗",
    ],
    "quality.damaged": ["收到就是坏的", "屏幕碎了", "it arrived broken", "the box was crushed", "杯子裂了", "破损了"],
    "chitchat.greeting_thanks": ["你好", "谢谢", "hello", "thanks a lot", "在吗", "哈哈"],
    "handoff.ask_human": ["转人工", "找真人客服", "talk to a person", "human please", "人工客服", "我要找人"],
}


@pytest.fixture(scope="session")
def encoder() -> SentenceEncoder:
    """One encoder: its weights take a second to load."""
    return SentenceEncoder()


@pytest.fixture(scope="session")
def examples() -> list[Example]:
    """Sentences of a few intents."""
    here = Path("own.yml")
    return [Example(intent, text, here, 1) for intent, texts in _SENTENCES.items() for text in texts]


@pytest.fixture(scope="session")
def model(examples: list[Example], encoder: SentenceEncoder) -> TextModel:
    """A model trained on them."""
    return train_text_model(examples, encoder, lambda _: None)


@pytest.fixture(scope="session")
def reader(model: TextModel, encoder: SentenceEncoder) -> TextReader:
    """A reader with that model."""
    return TextReader(model, encoder)


@pytest.fixture
def nlu_data(tmp_path: Path) -> Path:
    """A project folder with the same sentences in Rasa's format."""
    folder = tmp_path / "nlu_data" / "nlu"
    folder.mkdir(parents=True)
    items = "".join(
        f"- intent: {intent}\n  examples: |\n" + "".join(f"    - {text}\n" for text in texts)
        for intent, texts in _SENTENCES.items()
    )
    (folder / "all.yml").write_text(f'version: "3.1"\nnlu:\n{items}', encoding="utf-8")
    assert load_examples(folder)
    return folder.parent
