"""Signing in: passwords, and the browsers that people are signed in with (product §6).

A password is kept as an argon2 hash, a session as a digest of its token. The CSRF token is derived from the session's
token, so there is nothing to keep and nothing to steal from the database. Callers limit how often somebody may try.
"""

import asyncio
import hashlib
import hmac
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from uuid import UUID

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from sqlalchemy import delete, select
from sqlalchemy.ext.asyncio import AsyncSession

from escalation import audit
from escalation.errors import PasswordError, PersonError, SignInError
from escalation.models import PersonRow, SignInRow
from escalation.people import digest_token

SIGNED_IN_WITHIN = timedelta(hours=12)
_SHORTEST, _LONGEST = 10, 200


@dataclass(frozen=True)
class SignedIn:
    """A browser just signed in: the cookie's token and the CSRF token that go with it."""

    person: PersonRow
    token: str
    csrf: str
    expires_at: datetime


async def sign_in(session: AsyncSession, login: str, password: str, *, now: datetime) -> SignedIn:
    """Check a password and open a session. Raises SignInError, which never says which of the two was wrong.

    A one-time password opens a session too: until it is changed (`person.must_change_password`), callers allow nothing
    but that.
    """
    person = await session.scalar(select(PersonRow).where(PersonRow.login == login, PersonRow.active))
    # The same time is spent on a login that does not exist.
    kept = person.password_hash if person else _nobodys_hash()
    matches = await asyncio.to_thread(_is_password, kept, password)
    if person is None or not matches:
        raise SignInError("login or password is wrong")
    # Another day has begun: nobody is away because they forgot that they were.
    person.on_break, person.signed_in_at = False, now
    token = secrets.token_urlsafe(32)
    expires_at = now + SIGNED_IN_WITHIN
    await session.execute(delete(SignInRow).where(SignInRow.person_id == person.id, SignInRow.expires_at <= now))
    row = SignInRow(token_digest=digest_token(token), person_id=person.id, created_at=now, expires_at=expires_at)
    session.add(row)
    await _audit(session, person, person.login, "signed_in", now)
    return SignedIn(person, token, compute_csrf(token), expires_at)


async def find_signed_in(session: AsyncSession, token: str, *, now: datetime) -> PersonRow | None:
    """Return the active person a session token belongs to, or None; what has expired is no session."""
    query = select(PersonRow).join(SignInRow, SignInRow.person_id == PersonRow.id)
    valid = query.where(SignInRow.token_digest == digest_token(token), SignInRow.expires_at > now, PersonRow.active)
    return await session.scalar(valid)


async def sign_out(session: AsyncSession, token: str) -> None:
    """End a session; one that is not there is ended already."""
    await session.execute(delete(SignInRow).where(SignInRow.token_digest == digest_token(token)))


async def sign_out_everywhere(session: AsyncSession, person_id: UUID, *, but: str | None = None) -> None:
    """End all sessions of a person, except the one of a token."""
    ending = delete(SignInRow).where(SignInRow.person_id == person_id)
    await session.execute(ending if but is None else ending.where(SignInRow.token_digest != digest_token(but)))


async def change_password(
    session: AsyncSession, person: PersonRow, *, old: str, new: str, token: str | None, now: datetime
) -> None:
    """Set a new password; other browsers than the one of `token` are signed out. Raises SignInError, PasswordError."""
    if not await asyncio.to_thread(_is_password, person.password_hash, old):
        raise SignInError("the present password is wrong")
    if not _SHORTEST <= len(new) <= _LONGEST:
        raise PasswordError(f"a password has {_SHORTEST} to {_LONGEST} characters")
    if new == old or new.casefold() == person.login.casefold():
        raise PasswordError("choose a password that is neither the old one nor your login")
    person.password_hash = await asyncio.to_thread(PasswordHasher().hash, new)
    person.must_change_password = False
    await sign_out_everywhere(session, person.id, but=token)
    await _audit(session, person, person.login, "password_changed", now)


async def reset_password(session: AsyncSession, login: str, *, actor: str, now: datetime) -> str:
    """Return a new one-time password, which must be changed at the first sign-in. Raises PersonError.

    Sessions and the API token end: whoever had the old password may have them too.
    """
    person = await session.scalar(select(PersonRow).where(PersonRow.login == login).with_for_update(key_share=True))
    if person is None:
        raise PersonError(f"nobody who works here has the login {login!r}")
    if not person.active:
        raise PersonError(f"the account of {login!r} is closed")
    password = await make_one_time_password(session, person)
    await _audit(session, person, actor, "password_reset", now)
    return password


async def make_one_time_password(session: AsyncSession, person: PersonRow) -> str:
    """Return a password that must be changed at the first sign-in; sessions and the API token end.

    It is the caller's to write into the log, once all rows are changed.
    """
    password = secrets.token_urlsafe(12)
    person.password_hash = await asyncio.to_thread(PasswordHasher().hash, password)
    person.must_change_password = True
    person.token_digest = None
    await sign_out_everywhere(session, person.id)
    return password


def compute_csrf(token: str) -> str:
    """Return the CSRF token of a session's token."""
    return hmac.new(token.encode(), b"csrf", hashlib.sha256).hexdigest()


def is_csrf(token: str, csrf: str) -> bool:
    """Tell whether a CSRF token belongs to a session's token, in constant time."""
    return hmac.compare_digest(compute_csrf(token).encode(), csrf.encode(errors="replace"))


@cache
def _nobodys_hash() -> str:
    return PasswordHasher().hash(secrets.token_urlsafe(12))


def _is_password(kept: str, password: str) -> bool:
    if len(password) > _LONGEST:
        return False
    try:
        return PasswordHasher().verify(kept, password)
    except (VerificationError, InvalidHashError):
        return False


async def _audit(session: AsyncSession, person: PersonRow, actor: str, action: str, now: datetime) -> None:
    await audit.append(session, subject=f"person/{person.id}", actor=actor, action=action, details={}, at=now)
