"""Digits of an order's telephone: how many wrong ones a day, tries side by side in transactions of their own."""

import asyncio
from datetime import date

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker

from bot.dialogue.records import OrderProof
from bot.turn.proof import WRONG_TRIES_A_DAY, Try, judge_tries
from tests.patience import PATIENCE_SECONDS

Sessions = async_sessionmaker[AsyncSession]
TODAY, TOMORROW = date(2026, 9, 1), date(2026, 9, 2)
RIGHT, WRONG = Try(("address:home", "order:a"), right=True), Try(("address:home", "order:a"), right=False)


async def judge(session: AsyncSession, *tries: Try, day: date = TODAY) -> list[OrderProof]:
    proofs = await judge_tries(session, [(str(number), one) for number, one in enumerate(tries)], day)
    return list(proofs.values())


async def be_wrong(sessions: Sessions, times: int) -> None:
    for _ in range(times):
        async with sessions.begin() as session:
            assert await judge(session, WRONG) == [OrderProof.NO_MATCH]


async def test_those_who_are_right_do_not_wait_for_one_another(sessions: Sessions) -> None:
    """Customers of one office, one of whom mistyped before: two turns at once, neither committed."""
    await be_wrong(sessions, 1)
    other = Try(("address:home", "order:b"), right=True)
    async with sessions.begin() as one, sessions.begin() as two:
        assert await judge(one, RIGHT) == [OrderProof.PROVEN]
        assert await asyncio.wait_for(judge(two, other), PATIENCE_SECONDS) == [OrderProof.PROVEN]


async def test_who_is_right_waits_for_a_wrong_try_that_is_being_counted(sessions: Sessions) -> None:
    """The fifth wrong try is not committed yet: the sixth, a right one, must not slip through beside it."""
    await be_wrong(sessions, WRONG_TRIES_A_DAY - 1)
    async with sessions.begin() as right:
        async with sessions.begin() as fifth:
            assert await judge(fifth, WRONG) == [OrderProof.NO_MATCH]
            sixth = asyncio.create_task(judge(right, RIGHT))
            await wait_until_somebody_waits(sessions)
        assert await sixth == [OrderProof.LOCKED]


async def test_who_is_right_waits_for_the_first_wrong_try_of_the_day(sessions: Sessions) -> None:
    """Before it there is nothing to be read of the way in, and yet five guesses may be on their way."""
    async with sessions.begin() as right:
        async with sessions.begin() as first:
            assert await judge(first, *[WRONG] * WRONG_TRIES_A_DAY) == [OrderProof.NO_MATCH] * WRONG_TRIES_A_DAY
            behind = asyncio.create_task(judge(right, RIGHT))
            await wait_until_somebody_waits(sessions)
        assert await behind == [OrderProof.LOCKED]


async def test_wrong_tries_at_once_are_counted_one_by_one(sessions: Sessions) -> None:
    """Twelve guesses side by side are five that count, and seven that find it locked."""

    async def guess() -> OrderProof:
        async with sessions.begin() as session:
            [proof] = await judge(session, WRONG)
        return proof

    found = await asyncio.gather(*(guess() for _ in range(12)))
    assert (found.count(OrderProof.NO_MATCH), found.count(OrderProof.LOCKED)) == (WRONG_TRIES_A_DAY, 7)


async def test_the_tries_of_one_message_count_one_after_another(sessions: Sessions) -> None:
    """Six orders with wrong digits in one message: the sixth finds it locked, and so does a right one behind it."""
    tries = [Try(("address:home", f"order:{number}"), right=False) for number in range(6)]
    async with sessions.begin() as session:
        proofs = await judge(session, *tries, Try(("address:home", "order:own"), right=True))
    assert proofs == [OrderProof.NO_MATCH] * 5 + [OrderProof.LOCKED] * 2


async def test_a_wrong_try_of_the_same_message_does_not_close_the_door_on_a_right_one(sessions: Sessions) -> None:
    """One of two orders was mistyped; the mistake stays counted."""
    async with sessions.begin() as session:
        assert await judge(session, WRONG, RIGHT) == [OrderProof.NO_MATCH, OrderProof.PROVEN]
    await be_wrong(sessions, WRONG_TRIES_A_DAY - 1)
    async with sessions.begin() as session:
        assert await judge(session, RIGHT) == [OrderProof.LOCKED]


async def test_a_day_later_the_way_is_open_again(sessions: Sessions) -> None:
    """Tries are counted by the day."""
    await be_wrong(sessions, WRONG_TRIES_A_DAY)
    async with sessions.begin() as session:
        assert await judge(session, RIGHT) == [OrderProof.LOCKED]
        assert await judge(session, RIGHT, day=TOMORROW) == [OrderProof.PROVEN]


async def wait_until_somebody_waits(sessions: Sessions) -> None:
    """Return once a statement waits for a lock that another transaction holds."""
    waiting = text(
        "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()"
    )
    async with sessions() as session:
        while not await session.scalar(waiting):
            await session.rollback()
