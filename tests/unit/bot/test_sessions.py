"""The shop's word for who is signed in: believed only when signed with its key, named, and not past its time."""

import base64
import json
from datetime import UTC, datetime, timedelta
from typing import Any

import jwt
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.security.sessions import IdentityError, read_identity

KEY = "the key that the shop and its counter share"
IN_AN_HOUR = datetime.now(UTC) + timedelta(hours=1)


def _token(key: str = KEY, algorithm: str = "HS256", **claims: Any) -> str:
    return jwt.encode({"sub": "c-7", "exp": IN_AN_HOUR} | claims, key, algorithm=algorithm)


def _part(value: dict[str, Any]) -> str:
    return base64.urlsafe_b64encode(json.dumps(value).encode()).rstrip(b"=").decode()


@pytest.mark.parametrize("sub", ["c-7", "顧客 7", "x" * 200, "a@b.example"])
def test_a_signed_identity_names_the_customer(sub: str) -> None:
    """With any name the shop uses."""
    assert sub == read_identity(_token(sub=sub), KEY)


@pytest.mark.parametrize(
    ("reason", "token"),
    [
        ("Signature", _token("some other key of more than 32 letters")),
        ("expired", _token(exp=datetime.now(UTC) - timedelta(seconds=1))),
        ("exp", jwt.encode({"sub": "c-7"}, KEY, algorithm="HS256")),
        ("sub", jwt.encode({"exp": IN_AN_HOUR}, KEY, algorithm="HS256")),
        ("sub", _token(sub="")),
        ("sub", _token(sub="x" * 201)),
        ("sub", _token(sub="a\x00b")),
        ("sub", _token(sub="two\nlines")),
        (
            "Signature",
            f"{_token().split('.')[0]}.{_part({'sub': 'c-8', 'exp': 9_999_999_999})}.{_token().split('.')[2]}",
        ),
        ("alg", _token(KEY * 2, "HS512")),
        ("alg", f"{_part({'alg': 'none'})}.{_part({'sub': 'c-7', 'exp': 9_999_999_999})}."),
        ("not yet", _token(nbf=IN_AN_HOUR)),
        ("no JWT", "\ud800"),
        ("no JWT", "顧客"),
        ("segments", "c-7"),
        ("segments", ""),
    ],
)
def test_anything_else_names_nobody(reason: str, token: str) -> None:
    """The error says what is wrong with it."""
    with pytest.raises(IdentityError, match=reason):
        read_identity(token, KEY)


def test_without_a_key_nobody_is_signed_in() -> None:
    """Not even with a token signed with an empty one."""
    with pytest.raises(IdentityError, match="no identity key"):
        read_identity(_token(), None)


@given(st.text(alphabet=st.characters(exclude_categories=()), max_size=80))
def test_no_text_raises_anything_else(text: str) -> None:
    """Whatever a page sends as an identity."""
    with pytest.raises(IdentityError):
        read_identity(text, KEY)
