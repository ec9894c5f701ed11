"""The people who work here: adding them, the first admin, and a demo team."""

import asyncio
import hashlib
import re
import secrets
from dataclasses import dataclass
from datetime import datetime
from uuid import uuid4

from argon2 import PasswordHasher
from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from escalation import audit
from escalation.addresses import check_address
from escalation.errors import PersonError, ProposalError
from escalation.models import PersonRow
from escalation.proposals import NEVER_WITHOUT
from escalation.service_levels import ServiceLevels

ROLES = (
    "agent",
    "quality_controller",
    "logistics_coordinator",
    "team_lead",
    "supervisor",
    "operations_manager",
    "auditor",
    "admin",
)
_LOGIN = re.compile(r"[\w.@+-]{1,40}")
# What histories and the log call who is nobody here: an entry must not be taken for a person's, nor the reverse.
_NOBODYS = frozenset({"bot", "clock", "customer", "operator", "shop", "system"})
_AT_A_DESK = frozenset({"agent", "quality_controller", "logistics_coordinator", "team_lead"})
_DEMO = (
    ("lin", "林小雨 Lin Xiaoyu", "agent", "after_sales"),
    ("wang", "王思远 Wang Siyuan", "agent", "after_sales"),
    ("chen", "陈静 Chen Jing", "agent", "order"),
    ("zhao", "赵磊 Zhao Lei", "logistics_coordinator", "logistics"),
    ("sun", "孙悦 Sun Yue", "quality_controller", "quality"),
    ("he", "何琳 He Lin", "team_lead", "after_sales"),
    ("xu", "徐峰 Xu Feng", "team_lead", "order"),
    ("gao", "高洁 Gao Jie", "team_lead", "logistics"),
    ("tang", "唐薇 Tang Wei", "team_lead", "quality"),
    ("luo", "罗平 Luo Ping", "team_lead", "complaint"),
    ("zhou", "周敏 Zhou Min", "supervisor", None),
    ("wu", "吴刚 Wu Gang", "operations_manager", None),
    ("audit", "郑清 Zheng Qing", "auditor", None),
    ("admin", "管理员 Admin", "admin", None),
)


@dataclass(frozen=True)
class NewPerson:
    """Somebody just added, with the one-time password and the API token that nobody can read again."""

    login: str
    name: str
    role: str
    password: str
    token: str | None = None


async def add_person(
    session: AsyncSession,
    *,
    login: str,
    name: str,
    role: str,
    desk: str | None,
    now: datetime,
    token: bool = False,
    available: bool = False,
    email: str | None = None,
) -> NewPerson:
    """Add a person. Raises PersonError for an unknown role, a missing desk, a login taken or bad, a bad address."""
    await lock_rights(session)
    if not is_login(login):
        raise PersonError(f"login {login!r} is none: 1 to 40 letters, digits, dots, hyphens and underscores")
    if login in _NOBODYS:
        raise PersonError(f"login {login!r} is none: histories and the log mean somebody else by it")
    if role not in ROLES:
        raise PersonError(f"role {role!r} is none of: {', '.join(ROLES)}")
    if role in _AT_A_DESK and not desk:
        raise PersonError(f"a {role} needs a desk")
    if await session.scalar(select(PersonRow.id).where(PersonRow.login == login)):
        raise PersonError(f"login {login!r} is taken")
    made = NewPerson(login, name, role, secrets.token_urlsafe(12), secrets.token_urlsafe(32) if token else None)
    row = PersonRow(
        id=uuid4(),
        login=login,
        name=name,
        role=role,
        desk=desk,
        password_hash=await asyncio.to_thread(PasswordHasher().hash, made.password),
        token_digest=digest_token(made.token) if made.token else None,
        available=available,
        email=check_email(email) if email else None,
        created_at=now,
    )
    session.add(row)
    await session.flush()
    await audit.append(
        session, subject=f"person/{row.id}", actor="operator", action="added", details={"role": role}, at=now
    )
    return made


async def lock_rights(session: AsyncSession) -> None:
    """Let nobody else change who works here as what until the transaction ends. Taken before anything else is locked.

    What is looked at to decide (who may, who is left) is then so when it is done.
    """
    await session.execute(select(func.pg_advisory_xact_lock(func.hashtextextended("people and rights", 0))))


def is_login(login: str) -> bool:
    """Tell whether somebody can be called so here."""
    return _LOGIN.fullmatch(login) is not None


async def find_person(session: AsyncSession, login: str) -> PersonRow | None:
    """Return somebody as they are now, whether they still work here or not."""
    found = select(PersonRow).where(PersonRow.login == login)
    return await session.scalar(found.execution_options(populate_existing=True))


async def check_somebody_is_left(session: AsyncSession, person: PersonRow, now_as: str | None) -> None:
    """Refuse to lose the last one of a role that the shop is never without. Raises ProposalError.

    `now_as`: the role that they get instead; None: they leave.
    """
    if person.role not in NEVER_WITHOUT or now_as == person.role:
        return
    others = select(PersonRow.id).where(PersonRow.role == person.role, PersonRow.active, PersonRow.id != person.id)
    if await session.scalar(others.limit(1)) is None:
        told = f"{person.login} is the last {person.role} here: there must be another one first"
        raise ProposalError("last_of_role", told)


async def set_contact(
    session: AsyncSession, login: str, *, email: str | None = None, language: str | None = None, now: datetime
) -> None:
    """Change where and in which language notices reach a person; None leaves it, "" takes it away.

    Raises PersonError. That it changed is kept in the audit log, not the address.
    """
    person = await session.scalar(select(PersonRow).where(PersonRow.login == login).with_for_update())
    if person is None:
        raise PersonError(f"nobody who works here has the login {login!r}")
    changed = []
    if email is not None:
        person.email = check_email(email) if email else None
        changed.append("email")
    if language is not None:
        person.language = language or None
        changed.append("language")
    details = {"changed": changed}
    await audit.append(
        session, subject=f"person/{person.id}", actor="operator", action="contact_changed", details=details, at=now
    )


def check_email(address: str) -> str:
    """Return an address that mail can go to. Raises PersonError."""
    try:
        return check_address(address)
    except ValueError as error:
        raise PersonError(str(error)) from None


async def ensure_admin(session: AsyncSession, *, now: datetime) -> NewPerson | None:
    """Without people, make one admin, who owns what nobody else can; None if somebody is there."""
    if await session.scalar(select(func.count()).select_from(PersonRow)):
        return None
    return await add_person(session, login="admin", name="Admin", role="admin", desk=None, now=now, available=True)


async def seed_demo_people(session: AsyncSession, levels: ServiceLevels, *, now: datetime) -> list[NewPerson]:
    """Make a team for the demo, unless somebody is there already."""
    if await session.scalar(select(func.count()).select_from(PersonRow)):
        return []
    desks = set(levels.desks.values())
    return [
        await add_person(session, login=login, name=name, role=role, desk=desk, now=now, available=True)
        for login, name, role, desk in _DEMO
        if desk is None or desk in desks
    ]


async def find_person_by_token(session: AsyncSession, token: str) -> PersonRow | None:
    """Return the active person an API token belongs to, or None."""
    if not token:
        return None
    query = select(PersonRow).where(PersonRow.token_digest == digest_token(token), PersonRow.active)
    return (await session.execute(query)).scalar_one_or_none()


def digest_token(token: str) -> bytes:
    """What is stored of a token: it is random and long, so a plain digest is enough."""
    return hashlib.sha256(token.encode()).digest()
