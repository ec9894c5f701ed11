"""People come, go off duty and leave: no ticket stays with somebody who is not there."""

from datetime import timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from escalation import casework
from escalation.errors import PersonError
from escalation.models import AuditRow, PersonRow, SignInRow, TicketEventRow
from escalation.people import add_person, find_person_by_token
from escalation.presence import Attendance, deactivate_person, go_off_duty, mark_seen
from escalation.signing_in import find_signed_in, sign_in
from tests.integration.desk import Desk

pytestmark = pytest.mark.postgres


async def find(session: AsyncSession, login: str) -> PersonRow:
    """Somebody of the team."""
    return (await session.scalars(select(PersonRow).where(PersonRow.login == login))).one()


async def leave(desk: Desk, login: str) -> None:
    """Close somebody's account."""
    async with desk.sessions.begin() as session:
        await deactivate_person(session, login, actor="max", levels=desk.levels, now=desk.clock.now())


async def end_shift(desk: Desk, login: str) -> int:
    """End somebody's shift."""
    async with desk.sessions.begin() as session:
        person = await find(session, login)
        return await go_off_duty(session, person.id, levels=desk.levels, now=desk.clock.now())


@pytest.mark.parametrize(("seconds", "owner"), [(0, "bo"), (120, "bo"), (121, "lea")])
async def test_an_open_console_is_presence_for_two_minutes(desk: Desk, seconds: int, owner: str) -> None:
    """Two minutes exactly still count."""
    for login in ("ann", "bo", "cy", "dee"):
        await desk.set_person(login, available=False)
    async with desk.sessions.begin() as session:
        await mark_seen(session, (await find(session, "bo")).id, now=desk.clock.now())
    desk.clock.advance(timedelta(seconds=seconds))
    assert owner == await desk.owner(await desk.open())


async def test_who_goes_off_duty_loses_what_is_not_answered(desk: Desk) -> None:
    """Accepted or not, to somebody who has not had it (bo was first); what they have answered stays theirs."""
    answered, accepted = await desk.open(), await desk.open()
    await desk.answer(answered, by="ann")
    await desk.act(casework.accept, accepted, by="ann", now=desk.clock.now())
    assert 1 == await end_shift(desk, "ann")
    assert ("ann", "cy") == (await desk.owner(answered), await desk.owner(accepted))
    assert desk.clock.now() == (await desk.clocks(accepted))["claim"].started_at
    assert "bo" == await desk.owner(await desk.open())


async def test_who_goes_without_a_word_loses_what_they_accepted_and_did_not_answer(desk: Desk) -> None:
    """Two minutes after their console was closed, once; what they answered, or did not accept either, stays."""
    answered, accepted, unclaimed = [await desk.open() for _ in range(3)]
    attendance = Attendance(desk.sessions, desk.clock, desk)
    for number in (answered, accepted):
        await desk.act(casework.accept, number, by="ann", now=desk.clock.now())
    await desk.answer(answered, by="ann")
    before = await desk.owner(unclaimed)
    await desk.set_person("ann", available=False)
    async with desk.sessions.begin() as session:
        await mark_seen(session, (await find(session, "ann")).id, now=desk.clock.now())
    desk.clock.advance(timedelta(seconds=120))
    assert 0 == await attendance.look()
    desk.clock.advance(timedelta(seconds=1))
    assert 1 == await attendance.look()
    assert ("ann", before) == (await desk.owner(answered), await desk.owner(unclaimed))
    assert "ann" != await desk.owner(accepted)
    assert desk.clock.now() == (await desk.clocks(accepted))["claim"].started_at
    assert 0 == await attendance.look()


async def test_who_works_by_the_api_alone_has_not_gone(desk: Desk) -> None:
    """Their console was never open, so it was not closed either."""
    number = await desk.open()
    await desk.act(casework.accept, number, by="ann", now=desk.clock.now())
    await desk.set_person("ann", available=False)
    desk.clock.advance(timedelta(hours=1))
    assert 0 == await Attendance(desk.sessions, desk.clock, desk).look()
    assert "ann" == await desk.owner(number)


async def test_without_anybody_else_it_stays_and_nothing_happens_over_and_over(desk: Desk) -> None:
    """It is told once that it waits."""
    number = await desk.open()
    await desk.act(casework.accept, number, by="ann", now=desk.clock.now())
    for login in ("bo", "cy", "dee", "lea"):
        await desk.set_person(login, active=False)
    await desk.set_person("ann", available=False, last_seen_at=desk.clock.now())
    desk.clock.advance(timedelta(minutes=3))
    attendance = Attendance(desk.sessions, desk.clock, desk)
    assert [0, 0] == [await attendance.look(), await attendance.look()]
    async with desk.sessions() as session:
        told = select(TicketEventRow.kind).where(TicketEventRow.kind == "unclaimed")
        assert 1 == len((await session.scalars(told)).all())
    assert "ann" == await desk.owner(number)


async def test_tickets_of_somebody_who_leaves_are_the_leads(desk: Desk) -> None:
    """Open ones at once, resolved ones in case they come back; a closed one stays in the books as it was."""
    numbers = [await desk.open() for _ in range(3)]
    for number in numbers:
        await desk.answer(number, by="ann")
    for number in numbers[1:]:
        await desk.resolve(number, by="ann")
    async with desk.sessions.begin() as session:
        await casework.confirm(session, numbers[2], now=desk.clock.now())
    await leave(desk, "ann")
    assert ["lea", "lea", "ann"] == [await desk.owner(number) for number in numbers]
    async with desk.sessions() as session:
        person = await find(session, "ann")
        query = select(AuditRow.actor).where(
            AuditRow.subject == f"person/{person.id}", AuditRow.action == "deactivated"
        )
        assert ["max"] == list(await session.scalars(query))


async def test_an_unanswered_ticket_of_somebody_who_leaves_must_be_claimed_anew(desk: Desk) -> None:
    """The lead has a claim clock of their own, and was told."""
    number = await desk.open()
    desk.clock.advance(timedelta(hours=1))
    await leave(desk, "ann")
    claim = (await desk.clocks(number))["claim"]
    assert (2, desk.clock.now()) == (claim.cycle, claim.started_at)
    assert {"ann", "lea"} == {login for login, _ in await desk.told("owner_left")}


async def test_a_lead_who_leaves_passes_to_somebody_above(desk: Desk) -> None:
    """Without another lead or an admin, the supervisor."""
    number = await desk.open()
    await desk.answer(number, by="lea")
    await leave(desk, "lea")
    assert "sue" == await desk.owner(number)


async def test_an_account_that_is_closed_opens_nothing(desk: Desk) -> None:
    """Its sessions and its token are gone, and stay so should the account ever be opened again."""
    async with desk.sessions.begin() as session:
        made = await add_person(
            session, login="zoe", name="Zoe", role="agent", desk="order", now=desk.clock.now(), token=True
        )
        signed = await sign_in(session, "zoe", made.password, now=desk.clock.now())
    await leave(desk, "zoe")
    with pytest.raises(PersonError):
        await leave(desk, "zoe")
    await desk.set_person("zoe", active=True)
    async with desk.sessions() as session:
        assert await find_person_by_token(session, made.token or "") is None
        assert await find_signed_in(session, signed.token, now=desk.clock.now()) is None
        assert [] == list(await session.scalars(select(SignInRow)))


async def test_the_last_one_cannot_leave(desk: Desk) -> None:
    """Somebody must own what comes in."""
    async with desk.sessions.begin() as session:
        for person in await session.scalars(select(PersonRow).where(PersonRow.login != "max")):
            person.active = False
    with pytest.raises(PersonError, match="last"):
        await leave(desk, "max")
