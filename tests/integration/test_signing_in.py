"""Signing in, on a real database: passwords, sessions, one-time passwords."""

from datetime import timedelta

import pytest
from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker

from escalation import audit
from escalation.errors import PasswordError, PersonError, SignInError
from escalation.models import AuditRow, PersonRow, SignInRow
from escalation.people import add_person, find_person_by_token
from escalation.signing_in import (
    SIGNED_IN_WITHIN,
    change_password,
    find_signed_in,
    is_csrf,
    reset_password,
    sign_in,
    sign_out,
)
from escalation.testing import NOON

pytestmark = pytest.mark.postgres

Sessions = async_sessionmaker[AsyncSession]
NEW = "correct horse battery"


async def add_ann(sessions: Sessions) -> str:
    """Add an agent; returns her one-time password."""
    async with sessions.begin() as session:
        made = await add_person(session, login="ann", name="Ann", role="agent", desk="quality", now=NOON)
    return made.password


async def test_the_one_time_password_opens_a_session(sessions: Sessions) -> None:
    """It finds the person again, and says that the password must be changed first."""
    password = await add_ann(sessions)
    async with sessions.begin() as session:
        signed = await sign_in(session, "ann", password, now=NOON)
    async with sessions() as session:
        found = await find_signed_in(session, signed.token, now=NOON)
    assert found is not None
    assert ("ann", True) == (found.login, found.must_change_password)


async def test_neither_token_is_kept(sessions: Sessions) -> None:
    """The database holds a digest: who reads it cannot sign in with it."""
    password = await add_ann(sessions)
    async with sessions.begin() as session:
        signed = await sign_in(session, "ann", password, now=NOON)
        row = (await session.scalars(select(SignInRow))).one()
    assert signed.token.encode() not in row.token_digest
    assert is_csrf(signed.token, signed.csrf)
    assert not is_csrf(signed.token, signed.csrf[:-1] + ("0" if signed.csrf[-1] != "0" else "1"))
    assert not is_csrf(signed.token, "é")


@pytest.mark.parametrize(("login", "password"), [("ann", "wrong"), ("bo", "wrong"), ("ann", ""), ("ann", "x" * 10_000)])
async def test_a_wrong_pair_is_refused_alike(sessions: Sessions, login: str, password: str) -> None:
    """Nobody learns which of the two was wrong."""
    await add_ann(sessions)
    async with sessions.begin() as session:
        with pytest.raises(SignInError, match="login or password is wrong"):
            await sign_in(session, login, password, now=NOON)


async def test_a_session_ends(sessions: Sessions) -> None:
    """At its time, or when the person signs out or leaves."""
    password = await add_ann(sessions)
    async with sessions.begin() as session:
        first, second = [await sign_in(session, "ann", password, now=NOON) for _ in range(2)]
        assert await find_signed_in(session, first.token, now=NOON + SIGNED_IN_WITHIN) is None
        await sign_out(session, first.token)
        assert await find_signed_in(session, first.token, now=NOON) is None
        assert await find_signed_in(session, second.token, now=NOON)
        await session.execute(update(PersonRow).values(active=False))
        assert await find_signed_in(session, second.token, now=NOON) is None
        with pytest.raises(SignInError):
            await sign_in(session, "ann", password, now=NOON)


async def test_a_changed_password_signs_out_the_other_browsers(sessions: Sessions) -> None:
    """The one that changed it stays; the old password opens nothing any more."""
    password = await add_ann(sessions)
    async with sessions.begin() as session:
        here, there = [await sign_in(session, "ann", password, now=NOON) for _ in range(2)]
        await change_password(session, here.person, old=password, new=NEW, token=here.token, now=NOON)
    async with sessions.begin() as session:
        found = await find_signed_in(session, here.token, now=NOON)
        assert found is not None
        assert not found.must_change_password
        assert await find_signed_in(session, there.token, now=NOON) is None
        with pytest.raises(SignInError):
            await sign_in(session, "ann", password, now=NOON)
        assert await sign_in(session, "ann", NEW, now=NOON)


@pytest.mark.parametrize("new", ["short", "x" * 201, "the old one"])
async def test_a_bad_new_password_is_refused(sessions: Sessions, new: str) -> None:
    """Too short, too long, or the old one again."""
    password = await add_ann(sessions)
    async with sessions.begin() as session:
        person = (await session.scalars(select(PersonRow))).one()
        with pytest.raises(PasswordError):
            await change_password(
                session, person, old=password, new=password if new == "the old one" else new, token=None, now=NOON
            )
        with pytest.raises(SignInError):
            await change_password(session, person, old="wrong", new=NEW, token=None, now=NOON)
        assert person.must_change_password


async def test_a_reset_gives_a_one_time_password(sessions: Sessions) -> None:
    """Sessions end, the new one must be changed, and the log knows who did it but not the password."""
    password = await add_ann(sessions)
    async with sessions.begin() as session:
        signed = await sign_in(session, "ann", password, now=NOON)
        await change_password(session, signed.person, old=password, new=NEW, token=signed.token, now=NOON)
        again = await reset_password(session, "ann", actor="admin", now=NOON + timedelta(hours=1))
    async with sessions.begin() as session:
        assert await find_signed_in(session, signed.token, now=NOON) is None
        assert (await sign_in(session, "ann", again, now=NOON)).person.must_change_password
        entries = (await session.scalars(select(AuditRow).order_by(AuditRow.seq))).all()
        assert ("admin", "password_reset") in [(entry.actor, entry.action) for entry in entries]
        assert all(again not in str(entry.details) for entry in entries)
        assert await audit.verify(session) is None
        with pytest.raises(PersonError):
            await reset_password(session, "nobody", actor="admin", now=NOON)


async def test_a_reset_ends_the_api_token(sessions: Sessions) -> None:
    """Whoever knew the old password may have it. A closed account is not opened again that way."""
    async with sessions.begin() as session:
        made = await add_person(session, login="bo", name="Bo", role="agent", desk="quality", now=NOON, token=True)
    async with sessions.begin() as session:
        assert await find_person_by_token(session, made.token or "")
        await reset_password(session, "bo", actor="operator", now=NOON)
    async with sessions.begin() as session:
        assert await find_person_by_token(session, made.token or "") is None
        await session.execute(update(PersonRow).values(active=False))
        with pytest.raises(PersonError, match="closed"):
            await reset_password(session, "bo", actor="operator", now=NOON)
