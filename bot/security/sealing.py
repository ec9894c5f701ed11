"""Encryption at rest and keyed digests, all derived from the one SECRET_KEY (HKDF, RFC 5869)."""

import base64
import hashlib
import hmac

from cryptography.fernet import Fernet
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF


class Seal:
    """Seals texts for the database and makes digests that nobody without the key can recompute."""

    def __init__(self, secret_key: str) -> None:
        """Derive the keys; the same secret opens what it sealed."""
        self._fernet = Fernet(base64.urlsafe_b64encode(_derive(secret_key, b"texts")))
        self._digest_key = _derive(secret_key, b"digests")

    def close(self, text: str) -> bytes:
        """Encrypt a text."""
        return self._fernet.encrypt(text.encode())

    def open(self, sealed: bytes) -> str:
        """Decrypt what `close` made; raises cryptography.fernet.InvalidToken for anything else."""
        return self._fernet.decrypt(sealed).decode()

    def digest(self, value: str) -> bytes:
        """Return a keyed digest of a value (32 bytes): equal for equal values, meaningless without the key."""
        return hmac.digest(self._digest_key, value.encode(), hashlib.sha256)


def _derive(secret_key: str, purpose: bytes) -> bytes:
    return HKDF(algorithm=SHA256(), length=32, salt=None, info=b"shouwen " + purpose).derive(secret_key.encode())
