"""What operators do from the command line, each in one transaction."""

import os
from collections.abc import AsyncIterator, Callable
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import async_sessionmaker

from actions.asking import TrialOrders
from actions.conformance import Verdict, check_shop
from actions.days import SHOP_ZONE, start_of_day
from actions.embedded_shop import EmbeddedShop
from actions.faq import load_default_faq, load_faq, write_faq
from actions.order_files import OrderFileError
from actions.order_import import MOST_FAULTS, import_orders
from bot.app import make_engine
from bot.background.outbox import replay_dead
from bot.channels.telegram.colleagues import make_link_code
from bot.faq.edits import lay_over, load_edits
from bot.models import Outbound
from bot.operation.serving import open_database
from bot.security.sealing import Seal
from bot.settings import Settings, check_shop_url, read_secret_key
from escalation import audit, people, presence, service, signing_in
from escalation.anchors import verify_anchors
from escalation.models import PersonRow
from escalation.service import NewPerson
from escalation.service_levels import load_default_service_levels, load_service_levels
from escalation.terms import ServiceLevels


async def add_person(
    settings: Settings, *, login: str, name: str, role: str, desk: str | None, token: bool, email: str | None = None
) -> NewPerson:
    """Add a person. Raises ValueError for a login that is taken, a role or desk that does not exist, a bad address."""
    desks = _load_levels(settings).desks.values()
    if desk and desk not in desks:
        raise ValueError(f"desk {desk!r} is none of: {', '.join(dict.fromkeys(desks))}")
    async with open_database(settings, _quiet) as url:
        engine = make_engine(url)
        async with async_sessionmaker(engine).begin() as session:
            now = datetime.now(UTC)
            made = await service.add_person(
                session, login=login, name=name, role=role, desk=desk, now=now, token=token, email=email
            )
        await engine.dispose()
    return made


async def set_contact(settings: Settings, *, login: str, email: str | None, language: str | None) -> None:
    """Change where notices reach a person. Raises ValueError for an unknown login or a bad address."""
    async with open_database(settings, _quiet) as url:
        engine = make_engine(url)
        async with async_sessionmaker(engine).begin() as session:
            await people.set_contact(session, login, email=email, language=language, now=datetime.now(UTC))
        await engine.dispose()


async def reset_person(settings: Settings, *, login: str) -> str:
    """Return a person's new one-time password. Raises ValueError for an unknown login or a closed account."""
    async with open_database(settings, _quiet) as url:
        engine = make_engine(url)
        async with async_sessionmaker(engine).begin() as session:
            password = await signing_in.reset_password(session, login, actor="operator", now=datetime.now(UTC))
        await engine.dispose()
    return password


async def deactivate_person(settings: Settings, *, login: str) -> None:
    """Close an account; its tickets pass on. Raises ValueError for who does not work here, and for the last one."""
    levels = _load_levels(settings)
    async with open_database(settings, _quiet) as url:
        engine = make_engine(url)
        async with async_sessionmaker(engine).begin() as session:
            await presence.deactivate_person(session, login, actor="operator", levels=levels, now=datetime.now(UTC))
        await engine.dispose()


async def make_telegram_code(settings: Settings, *, login: str) -> str:
    """Return the code with which a person links their own Telegram chat. Raises ValueError for an unknown login."""
    async with open_database(settings, _quiet) as url:
        engine = make_engine(url)
        async with async_sessionmaker(engine)() as session:
            person = await session.scalar(select(PersonRow).where(PersonRow.login == login, PersonRow.active))
        await engine.dispose()
    if person is None:
        raise ValueError(f"nobody who works here has the login {login!r}")
    return make_link_code(Seal(read_secret_key(settings)), person.id, now=datetime.now(UTC))


async def list_dead(settings: Settings) -> list[str]:
    """Return a line for each message that was given up: id, channel, since when, why."""
    dead = select(Outbound).where(Outbound.dead_at.is_not(None)).order_by(Outbound.dead_at)
    async with open_database(settings, _quiet) as url:
        engine = make_engine(url)
        async with async_sessionmaker(engine)() as session:
            rows = (await session.scalars(dead)).all()
        await engine.dispose()
    return [f"{row.message_id}  {row.channel}  {row.dead_at:%Y-%m-%d %H:%M} UTC  {row.fault}" for row in rows]


async def replay_outbox(settings: Settings, *, message_id: UUID | None) -> int:
    """Let what was given up be tried again; returns how many."""
    async with open_database(settings, _quiet) as url:
        engine = make_engine(url)
        async with async_sessionmaker(engine).begin() as session:
            count = await replay_dead(session, now=datetime.now(UTC), message_id=message_id)
        await engine.dispose()
    return count


async def import_order_file(settings: Settings, path: Path, progress: Callable[[str], None]) -> list[str]:
    """Import a file of orders; returns what was done, in lines. Raises OrderFileError with the faults, OSError."""
    async with open_database(settings, _quiet) as url:
        engine = make_engine(url)
        report = await import_orders(engine, path, progress)
        await engine.dispose()
    if report.faults:
        more = " or more" if len(report.faults) == MOST_FAULTS else ""
        told = "\n".join(f"  {fault}" for fault in report.faults)
        raise OrderFileError(f"{path}: {len(report.faults)} faults{more}, nothing was imported\n{told}")
    lines = [f"{report.orders} orders imported, {report.replaced} of them replaced earlier ones"]
    return [*lines, *(f"{number} was cancelled or paid back here and stays so" for number in report.kept)]


async def list_shop_commands(settings: Settings, *, since: date | None) -> list[dict[str, Any]]:
    """Return what the embedded shop carried out since a day in its zone (None: today), with all that was asked."""
    async with open_database(settings, _quiet) as url:
        engine = make_engine(url)
        shop = EmbeddedShop(async_sessionmaker(engine), seal=Seal(read_secret_key(settings)))
        taken = await shop.list_taken(start_of_day(since or datetime.now(SHOP_ZONE).date()))
        await engine.dispose()
    return [
        {
            "at": one.at.astimezone(SHOP_ZONE).isoformat(timespec="seconds"),
            "order": one.order_number,
            "kind": one.kind,
            "details": one.details,
        }
        for one in taken
    ]


async def check_shop_system(
    url: str, token_env: str, *, sent: str | None, unsent: str | None, customer: str | None
) -> AsyncIterator[Verdict]:
    """Try a shop's system against the contract. Raises ValueError for a wrong address, token or set of options."""
    token = os.environ.get(token_env, "")
    if not token:
        raise ValueError(f"there is no token in the environment variable {token_env}")
    named = (sent, unsent, customer)
    if any(named) and not all(named):
        raise ValueError("--sent, --unsent and --customer belong together: give all of them, or none")
    orders = TrialOrders(sent, unsent, customer) if sent and unsent and customer else None
    async for verdict in check_shop(check_shop_url(url), token, orders):
        yield verdict


async def export_faq(settings: Settings) -> str:
    """Return the FAQ in force as a file's text: the shop's file with the edits over it. Raises FaqError."""
    base = load_faq(settings.faq_file) if settings.faq_file else load_default_faq()
    async with open_database(settings, _quiet) as url:
        engine = make_engine(url)
        async with async_sessionmaker(engine)() as session:
            standing = lay_over(base, await load_edits(session))
        await engine.dispose()
    return write_faq(one.entry for one in standing.values() if one.entry is not None)


async def verify_audit(settings: Settings) -> str | None:
    """Return the first broken entry of the audit log, or None."""
    async with open_database(settings, _quiet) as url:
        engine = make_engine(url)
        async with async_sessionmaker(engine)() as session:
            broken = await audit.verify(session) or await verify_anchors(session)
        await engine.dispose()
    return None if broken is None else str(broken)


def _load_levels(settings: Settings) -> ServiceLevels:
    return load_service_levels(settings.service_file) if settings.service_file else load_default_service_levels()


def _quiet(_line: str) -> None:
    """Say nothing: the answer is what counts."""
