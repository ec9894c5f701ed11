"""Encryption at rest and digests: open with the right key only."""

import pytest
from cryptography.fernet import InvalidToken
from hypothesis import given
from hypothesis import strategies as st

from bot.security.sealing import Seal

SEAL = Seal("a secret of at least thirty-two letters")
OTHER = Seal("another secret of thirty-two letters or more")


@given(st.text())
def test_what_is_sealed_opens_again(text: str) -> None:
    """With the same secret, also in another process."""
    sealed = SEAL.close(text)
    assert text == Seal("a secret of at least thirty-two letters").open(sealed)


def test_sealing_shows_neither_text_nor_sameness() -> None:
    """Twice the same text is two different seals, neither of which holds it."""
    first, second = SEAL.close("13912345678"), SEAL.close("13912345678")
    assert first != second
    assert b"13912345678" not in first


def test_another_secret_opens_nothing() -> None:
    """Nor does a seal that was changed, or no seal at all."""
    sealed = SEAL.close("text")
    changed = sealed[:-5] + bytes([sealed[-5] ^ 1]) + sealed[-4:]
    for seal, given_bytes in ((OTHER, sealed), (SEAL, changed), (SEAL, b""), (SEAL, b"text")):
        with pytest.raises(InvalidToken):
            seal.open(given_bytes)


def test_digests_are_equal_for_equal_values_and_one_key() -> None:
    """So that a token can be looked up, and not be guessed from the database."""
    assert 32 == len(SEAL.digest("token"))
    assert SEAL.digest("token") == SEAL.digest("token")
    assert SEAL.digest("token") != SEAL.digest("tokem")
    assert SEAL.digest("token") != OTHER.digest("token")
