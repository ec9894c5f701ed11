"""Looking: statements that stand alone, asked of the driver, answered as a session would answer."""

import asyncio
from uuid import UUID, uuid4

import pytest
from sqlalchemy import Text, bindparam, func, literal_column, select, text
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.exc import DataError, DBAPIError, IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker, create_async_engine

from bot.app import make_engine
from bot.models import ProofTally
from escalation.looking import look
from escalation.models import TicketRow
from escalation.service import open_ticket
from escalation.service_levels import load_default_service_levels
from escalation.testing import NOON, make_opening, make_person

pytestmark = pytest.mark.postgres
Sessions = async_sessionmaker[AsyncSession]
TICKETS = TicketRow.__table__.c
BY_OWNER = select(TICKETS.number, TICKETS.method, TICKETS.order_amount, TICKETS.opened_at, TICKETS.owner_id).where(
    TICKETS.owner_id == bindparam("owner")
)
TALLIES = ProofTally.__table__
COUNT = select(func.count()).select_from(
    insert(TALLIES)
    .from_select(["way", "day", "wrong"], select(bindparam("way", type_=Text), *map(text, ("current_date", "1"))))
    .returning(TALLIES.c.way)
    .cte()
)
SAID = select(bindparam("said", type_=Text))


async def add_owner(sessions: Sessions) -> UUID:
    """Somebody with a ticket."""
    async with sessions.begin() as session:
        session.add(person := make_person("ann", "team_lead", "quality", now=NOON))
        await session.flush()
        await open_ticket(session, make_opening(), levels=load_default_service_levels(), now=NOON)
        return person.id


async def test_a_row_is_what_a_session_would_return(sessions: Sessions) -> None:
    """Names and values: documents, amounts, instants and ids are what they are in Python."""
    owner = {"owner": await add_owner(sessions)}
    async with sessions() as session:
        expected = (await session.execute(BY_OWNER, owner)).one()
    async with look(sessions) as looking:
        found = (await looking.execute(BY_OWNER, owner)).one()
        assert (await looking.execute(BY_OWNER, {"owner": uuid4()})).one_or_none() is None
    assert expected._asdict() == found._asdict()
    assert dict is type(found.method)


async def test_what_is_written_stands_at_once(sessions: Sessions) -> None:
    """There is no transaction: others see it before the look is over, and a second one fails by itself."""
    async with look(sessions) as looking:
        assert await looking.scalar(COUNT, {"way": "secret"}) == 1
        async with sessions() as session:
            assert await session.scalar(select(func.count()).select_from(TALLIES)) == 1
        with pytest.raises(IntegrityError) as refused:
            await looking.scalar(COUNT, {"way": "secret"})
        assert "secret" not in str(refused.value)
        assert await looking.scalar(SAID, {"said": "still here"}) == "still here"


async def test_errors_are_those_of_a_session_without_the_words(sessions: Sessions) -> None:
    """What a customer wrote is in no message of an error, be it the server's or the driver's own."""
    async with look(sessions) as looking:
        for said, kind in (("secret\x00words", DataError), ("secret\ud800words", DBAPIError)):
            with pytest.raises(kind) as refused:
                await looking.scalar(SAID, {"said": said})
            assert "secret" not in str(refused.value)


async def test_a_database_that_is_not_there_is_an_error_of_sqlalchemy(database_url: str) -> None:
    """Whoever looks handles what a session would raise."""
    engine = create_async_engine(f"{database_url}".replace("/test_", "/no_such_"))
    with pytest.raises(DBAPIError):
        async with look(async_sessionmaker(engine)) as looking:
            await looking.scalar(SAID, {"said": "anybody?"})
    await engine.dispose()


async def test_a_connection_that_was_cut_is_replaced(database_url: str) -> None:
    """Whoever looks next is answered."""
    engine = make_engine(database_url)
    sessions = async_sessionmaker(engine)
    me = select(func.pg_backend_pid())
    async with look(sessions) as looking:
        first = await looking.scalar(me)
        with pytest.raises(DBAPIError):
            await looking.scalar(select(func.pg_terminate_backend(literal_column(str(first)))))
    async with look(sessions) as looking:
        assert first != await looking.scalar(me)
    await engine.dispose()


async def test_nobody_gets_the_connection_of_a_look_that_was_given_up(database_url: str) -> None:
    """A socket closes while it reads: the driver may wait for the server long after that, the next one does not."""
    engine = make_engine(database_url)
    sessions = async_sessionmaker(engine)
    async with look(sessions) as looking:
        first = await looking.scalar(select(func.pg_backend_pid()))
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.05):
                await looking.scalar(select(func.pg_sleep(10)))
    async with look(sessions) as looking:
        assert first != await looking.scalar(select(func.pg_backend_pid()))
    await engine.dispose()
