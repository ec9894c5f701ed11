"""What operators do from the command line, each in one transaction."""

from datetime import UTC, datetime

from sqlalchemy.ext.asyncio import async_sessionmaker

from bot.app import make_engine
from bot.serving import open_database
from bot.settings import Settings
from escalation import audit, service
from escalation.service import NewPerson


async def add_person(
    settings: Settings, *, login: str, name: str, role: str, desk: str | None, token: bool
) -> NewPerson:
    """Add a person. Raises ValueError for a login that is taken or a role that does not exist."""
    async with open_database(settings, _quiet) as url:
        engine = make_engine(url)
        async with async_sessionmaker(engine).begin() as session:
            now = datetime.now(UTC)
            made = await service.add_person(session, login=login, name=name, role=role, desk=desk, now=now, token=token)
        await engine.dispose()
    return made


async def verify_audit(settings: Settings) -> str | None:
    """Return the first broken entry of the audit log, or None."""
    async with open_database(settings, _quiet) as url:
        engine = make_engine(url)
        async with async_sessionmaker(engine)() as session:
            broken = await audit.verify(session)
        await engine.dispose()
    return None if broken is None else str(broken)


def _quiet(_line: str) -> None:
    """Say nothing: the answer is what counts."""
