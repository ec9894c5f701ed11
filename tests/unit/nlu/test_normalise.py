"""Normalising: one spelling for one meaning."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.nlu.normalise import FEATURE_CHARACTERS, mask_digits, normalise, normalise_for_features


@pytest.mark.parametrize(
    ("plain", "raw"),
    [
        ("订单还没发货", "訂單還沒發貨"),
        ("ABC 123", "ＡＢＣ　１２３"),
        ("我要 退货", "我要\u200b\n退货"),
        ("你好", "\u2063你好"),
        ("", ""),
        ("a\ufffdb", "a\ud800b"),
    ],
)
def test_folds_width_script_and_invisible_characters(plain: str, raw: str):
    """Traditional and full-width writing become the plain form; what cannot be seen goes."""
    assert plain == normalise(raw)


@pytest.mark.parametrize(("masked", "text"), [("订单0000", "订单20260101001"), ("0元", "199.50元"), ("第0天", "第7天")])
def test_masks_numbers_by_their_length(masked: str, text: str):
    """Which order number it is must not matter, whether it is one may."""
    assert masked == mask_digits(text)


def test_two_orders_look_the_same_to_the_features():
    """Two customers who differ in number, case and script only get the same features."""
    assert normalise_for_features("Order 20260101001 還沒發貨") == normalise_for_features("order 20250930777 还没发货")


@given(st.text(alphabet=st.characters(exclude_categories=()), max_size=50))
def test_any_text_is_accepted_and_folding_twice_changes_nothing(text: str):
    """Normalising never raises and settles at once."""
    once = normalise(text)
    assert once == normalise(once)


def test_features_of_a_very_long_text_have_a_ceiling():
    """A pasted book costs no more than a long message."""
    assert len(normalise_for_features("很长" * 100_000)) <= FEATURE_CHARACTERS
