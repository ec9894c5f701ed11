"""Erasing one person: nothing of theirs is found any more, in any table, and nothing of others has changed."""

from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID

import pytest
from sqlalchemy import func, select, text
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker

from actions.models import ShopOrder
from bot.models import Conversation, Customer, Message, ShopCommandRow
from bot.privacy.erasing import Eraser, Reason, ask_erasure, withdraw_erasure
from bot.privacy.ledger import load_ledger
from bot.privacy.models import ErasureRow
from bot.privacy.preparing import prepare_erasure
from bot.privacy.subjects import By, find_matches, gather_subject
from bot.security.personal import take_along
from bot.security.sealing import Seal
from escalation import audit
from escalation.anchors import Anchoring, verify_anchors
from escalation.errors import RefusedError
from escalation.models import AuditRow, ClockRow, SurveyRow, TicketRow
from escalation.ports import SystemClock
from escalation.testing import FakeClock, make_person
from tests.integration.persons import Person, list_all, plant, search

pytestmark = pytest.mark.postgres

Sessions = async_sessionmaker[AsyncSession]
AT = datetime(2026, 3, 10, 4, tzinfo=UTC)
ASKED = Reason("customer_asked")


class Died(BaseException):
    """Nobody catches it: the process is gone."""


@pytest.fixture
def seal() -> Seal:
    """A shop's key."""
    return Seal("a key of the tests")


@pytest.fixture
async def people(sessions: Sessions, seal: Seal) -> tuple[Person, Person]:
    """Two people of whom something lies in every table."""
    async with sessions.begin() as session:
        for login, role in (("ann", "agent"), ("max", "operations_manager"), ("ada", "admin")):
            session.add(make_person(login, role, "quality" if role == "agent" else None, now=AT))
    return await plant(sessions, seal, "wangxiaoming", at=AT), await plant(sessions, seal, "chenmeili", at=AT)


async def erase(
    sessions: Sessions, folder: Path, customer_id: UUID, reason: Reason = ASKED, **watched: Callable[[str], Awaitable]
) -> ErasureRow:
    """Erase somebody as two people do it."""
    eraser = Eraser(sessions, folder, SystemClock(), **watched)
    async with sessions.begin() as session:
        row = await ask_erasure(session, customer_id, reason, asked_by="ada", now=SystemClock().now())
    return await eraser.confirm(row.id, by="max")


async def test_nothing_of_an_erased_person_is_found_and_nothing_of_others_is_changed(
    sessions: Sessions, seal: Seal, people: tuple[Person, Person], tmp_path: Path
) -> None:
    """Every column of every table of the catalogue is looked into, what is sealed opened."""
    wang, chen = people
    planted = await search(sessions, seal, wang.words)
    assert len(planted) >= 25, planted
    of_chen = await search(sessions, seal, chen.words)
    async with sessions() as session:
        theirs = await gather_subject(session, [chen.customer_id])
    before = _rows_of(await list_all(sessions), chen, theirs.tickets)
    done = await erase(sessions, tmp_path, wang.customer_id)
    assert done.done_at is not None
    assert [] == await search(sessions, seal, wang.words)
    assert of_chen == await search(sessions, seal, chen.words)
    assert before == _rows_of(await list_all(sessions), chen, theirs.tickets)


def _rows_of(rows: dict[str, list[str]], person: Person, tickets: frozenset[UUID]) -> dict[str, list[str]]:
    """Return the rows that have an id of a person in them."""
    ids = [str(one) for one in (person.customer_id, person.conversation_id, *tickets)]
    ids += [repr(one) for one in (person.customer_id, person.conversation_id, *tickets)]
    ids += [person.order, person.ticket, person.name]
    return {table: [row for row in found if any(one in row for one in ids)] for table, found in rows.items()}


async def test_figures_times_accounts_and_the_log_stay_true(
    sessions: Sessions, people: tuple[Person, Person], tmp_path: Path
) -> None:
    """Ticket, clocks, ratings, orders and their money are as before; chains and anchors fit."""
    wang, _ = people
    anchoring = Anchoring(sessions, SystemClock())
    assert await anchoring.set_anchor()
    kept = select(
        TicketRow.tier, TicketRow.opened_at, TicketRow.resolved_at, TicketRow.owner_id, TicketRow.outcome,
        SurveyRow.outcome, SurveyRow.service, SurveyRow.process, SurveyRow.answered_at, TicketRow.order_amount,
    ).join(SurveyRow, SurveyRow.ticket_id == TicketRow.id)  # fmt: skip
    clocks = select(ClockRow.kind, ClockRow.started_at, ClockRow.due_at, ClockRow.met_at).order_by(ClockRow.id)
    queries = (
        kept.order_by(TicketRow.number), clocks, select(ShopCommandRow.amount).order_by(ShopCommandRow.key),
        text("SELECT number, status, amount FROM shop_orders ORDER BY 1"),
        text("SELECT * FROM shop_payments ORDER BY 1"),
    )  # fmt: skip
    before = [[tuple(row) for row in await _read(sessions, query)] for query in queries]
    await erase(sessions, tmp_path, wang.customer_id)
    assert before == [[tuple(row) for row in await _read(sessions, query)] for query in queries]
    async with sessions() as session:
        assert await audit.verify(session) is None
        assert await verify_anchors(session) is None
        chain = select(AuditRow.action, AuditRow.actor).where(AuditRow.subject == f"customer/{wang.customer_id}")
        written = [tuple(row) for row in await session.execute(chain.order_by(AuditRow.seq))]
    assert [("erasure_asked", "ada"), ("erasure_begun", "max"), ("erased", "max")] == written


async def _read(sessions: Sessions, query):  # type: ignore[no-untyped-def]
    async with sessions() as session:
        return (await session.execute(query)).all()


async def _list_steps(sessions: Sessions, folder: Path, customer_id: UUID) -> list[str]:
    steps: list[str] = []

    async def note(step: str) -> None:
        steps.append(step)

    await erase(sessions, folder, customer_id, reached=note)
    return steps


async def test_killed_at_any_step_it_goes_on(
    sessions: Sessions, seal: Seal, people: tuple[Person, Person], tmp_path: Path
) -> None:
    """Whatever step it died after, going on ends it, and it is on the list that outlives the database."""
    steps = await _list_steps(sessions, tmp_path, people[1].customer_id)
    assert {"begun", "listed", "messages", "attachments", "tickets", "surveys"} <= set(steps)
    clock = FakeClock(AT)
    for number, fatal in enumerate(steps):
        person = await plant(sessions, seal, f"mortal{number:03d}x", at=AT)

        async def die(step: str, fatal: str = fatal) -> None:
            if step == fatal:
                raise Died

        with pytest.raises(Died):
            await erase(sessions, tmp_path, person.customer_id, reached=die)
        # From the first step on, nobody comes in as them any more.
        async with sessions() as session:
            assert [] == await find_matches(session, seal, By.TELEGRAM, f"chat{person.chat}")
            assert (await session.get_one(Customer, person.customer_id)).sealed_key is None
        assert 1 == await Eraser(sessions, tmp_path, clock).resume()
        assert [] == await search(sessions, seal, person.words), fatal
        assert person.customer_id in {one.customer_id for one in load_ledger(tmp_path)}
    assert 0 == await Eraser(sessions, tmp_path, clock).resume()
    async with sessions() as session:
        assert await audit.verify(session) is None


async def test_an_open_ticket_or_a_debt_is_named_and_stands_in_the_way_unless_there_is_a_reason(
    sessions: Sessions, seal: Seal, people: tuple[Person, Person], tmp_path: Path
) -> None:
    """Refused with what it is; with a reason the ticket is withdrawn, its clocks neither kept nor broken."""
    liu = await plant(sessions, seal, "liuyifei", at=SystemClock().now() - timedelta(minutes=1), ends=False)
    async with sessions.begin() as session:
        talk = (await session.scalars(select(ShopCommandRow).where(ShopCommandRow.ticket_number == liu.ticket))).first()
        assert talk is not None
        talk.done_at, talk.next_attempt_at, talk.confirmed_at, talk.kind = None, AT, AT, "refund"
    with pytest.raises(RefusedError, match=rf"ticket {liu.ticket} is open.*owes refund for order {liu.order}, worth 5"):
        await erase(sessions, tmp_path, liu.customer_id)
    done = await erase(sessions, tmp_path, liu.customer_id, Reason("unlawful", despite="a court says so"))
    assert ([liu.ticket], [f"refund {liu.order}"]) == (done.kept["ended"], done.kept["broken_off"])
    async with sessions() as session:
        ticket = (await session.scalars(select(TicketRow).where(TicketRow.number == liu.ticket))).one()
        clocks = (await session.scalars(select(ClockRow).where(ClockRow.ticket_id == ticket.id))).all()
        assert await audit.verify(session) is None
    assert ("closed", "withdrawn") == (ticket.state, ticket.outcome)
    assert clocks
    assert all(clock.dropped_at and clock.met_at is None and clock.breached_at is None for clock in clocks)
    assert [] == await search(sessions, seal, liu.words)


async def test_two_people_are_needed(sessions: Sessions, people: tuple[Person, Person], tmp_path: Path) -> None:
    """Nobody confirms what they asked for, and nobody is asked for twice."""
    wang, _ = people
    async with sessions.begin() as session:
        row = await ask_erasure(session, wang.customer_id, ASKED, asked_by="ada", now=AT)
    eraser = Eraser(sessions, tmp_path, SystemClock())
    with pytest.raises(RefusedError, match="two people"):
        await eraser.confirm(row.id, by="ada")
    async with sessions.begin() as session:
        with pytest.raises(RefusedError, match="asked for by ada already"):
            await ask_erasure(session, wang.customer_id, ASKED, asked_by="max", now=AT)
    async with sessions() as session:
        assert await session.scalar(select(func.count()).where(Message.text.contains(wang.name))) == 2
    assert (await eraser.confirm(row.id, by="max")).done_at is not None


async def test_nobody_is_two_people_by_their_login(
    sessions: Sessions, people: tuple[Person, Person], tmp_path: Path
) -> None:
    """Whoever is called as the command line is calls for a second person as everybody does."""
    async with sessions.begin() as session:
        row = await ask_erasure(session, people[0].customer_id, ASKED, asked_by="operator", now=AT)
    eraser = Eraser(sessions, tmp_path, SystemClock())
    with pytest.raises(RefusedError, match="two people"):
        await eraser.confirm(row.id, by="operator")
    assert (await eraser.confirm(row.id, by="operator", alone=True)).done_at is not None


async def test_who_brought_a_conversation_along_when_signing_in_is_erased_with_it(
    sessions: Sessions, seal: Seal, people: tuple[Person, Person], tmp_path: Path
) -> None:
    """The visitor's ticket was opened for who they were before; that customer is the same person."""
    wang, _ = people
    account = Customer(created_at=AT)
    async with sessions.begin() as session:
        session.add(account)
        await session.flush()
        talk = await session.get_one(Conversation, wang.conversation_id)
        talk.customer_id = account.id
    await erase(sessions, tmp_path, account.id)
    assert [] == await search(sessions, seal, wang.words)


@pytest.mark.parametrize("asker", ["customer", "ada"])
async def test_who_has_signed_in_since_it_was_asked_for_is_not_said_to_be_erased(
    sessions: Sessions, seal: Seal, people: tuple[Person, Person], tmp_path: Path, asker: str
) -> None:
    """Who they were has nothing any more: a request they made themselves is taken up for their account, ours is not."""
    wang, _ = people
    async with sessions.begin() as session:
        if asker == "customer":
            await prepare_erasure(session, wang.customer_id, ticket_number=wang.ticket, now=AT)
        else:
            await ask_erasure(session, wang.customer_id, ASKED, asked_by=asker, ticket_number=wang.ticket, now=AT)
        asked = (await session.scalars(select(ErasureRow))).one()
        account = Customer(created_at=AT)
        session.add(account)
        await session.flush()
        talk = await session.get_one(Conversation, wang.conversation_id)
        talk.customer_id = account.id
        await take_along(session, seal, talk.id, before=wang.customer_id, after=account.id)
    eraser = Eraser(sessions, tmp_path, SystemClock())
    if asker != "customer":
        with pytest.raises(RefusedError, match=f"customer of {wang.ticket} has signed in since"):
            await eraser.confirm(asked.id, by="max")
        async with sessions.begin() as session:
            await withdraw_erasure(session, asked.id, by="max", now=AT)
    async with sessions.begin() as session:
        anew = await ask_erasure(session, account.id, ASKED, asked_by="ada", ticket_number=wang.ticket, now=AT)
    assert (asker == "customer") is (anew.id == asked.id)
    await eraser.confirm(anew.id, by="max")
    async with sessions() as session:
        assert 1 == await session.scalar(select(func.count()).select_from(ErasureRow))
    assert [] == await search(sessions, seal, [f"my name is {wang.name}", wang.phone, wang.email])


async def test_an_order_that_is_somebody_elses_too_stays_theirs(
    sessions: Sessions, seal: Seal, people: tuple[Person, Person], tmp_path: Path
) -> None:
    """Who got a present can still show that it is theirs, until they are erased as well."""
    wang, chen = people
    async with sessions.begin() as session:
        order = await session.get_one(ShopOrder, wang.order)
        order.customer_sub = None
        talk = await session.get_one(Conversation, chen.conversation_id)
        talk.state = {**talk.state, "proven": [chen.order, wang.order]}
    await erase(sessions, tmp_path, wang.customer_id)
    async with sessions() as session:
        assert wang.phone[-4:] == (await session.get_one(ShopOrder, wang.order)).phone_last4
    await erase(sessions, tmp_path, chen.customer_id)
    async with sessions() as session:
        assert "" == (await session.get_one(ShopOrder, wang.order)).phone_last4
    assert [] == await search(sessions, seal, [*wang.words, *chen.words])


async def test_what_others_ask_for_outside_of_a_ticket_is_theirs(
    sessions: Sessions, people: tuple[Person, Person]
) -> None:
    """Requests without a ticket are told apart by whom they are about."""
    wang, chen = people
    async with sessions.begin() as session:
        await prepare_erasure(session, wang.customer_id, ticket_number=None, now=AT)
        row = await ask_erasure(session, chen.customer_id, ASKED, asked_by="ada", now=AT)
        asked = select(ErasureRow.customer_id).order_by(ErasureRow.asked_by)
        assert [chen.customer_id, wang.customer_id] == list(await session.scalars(asked))
        assert chen.customer_id == row.customer_id


async def test_a_person_is_found_by_whatever_is_known_of_them(
    sessions: Sessions, seal: Seal, people: tuple[Person, Person]
) -> None:
    """By ids, numbers and sealed values; and what is told of them has none of it."""
    wang, chen = people
    known = {
        By.CUSTOMER: (str(wang.customer_id), f"sub-{wang.name}"),
        By.TICKET: (wang.ticket,),
        By.ORDER: (wang.order,),
        By.EMAIL: (wang.email, wang.email.upper()),
        By.PHONE: (wang.phone, f"+86 {wang.phone[:3]}-{wang.phone[3:7]}-{wang.phone[7:]}"),
        By.TELEGRAM: (f"chat{wang.chat}",),
    }
    for by, values in known.items():
        for value in values:
            async with sessions() as session:
                matches = await find_matches(session, seal, by, value)
            assert [wang.customer_id] == [one.customer_id for one in matches], (by, value)
            assert not any(word in matches[0].describe() for word in (*wang.words, wang.email, wang.phone[-4:]))
    async with sessions.begin() as session:
        ticket = (await session.scalars(select(TicketRow).where(TicketRow.number == chen.ticket))).one()
        ticket.order_number = wang.order
    async with sessions() as session:
        assert 2 == len(await find_matches(session, seal, By.ORDER, wang.order))
        assert [] == await find_matches(session, seal, By.PHONE, "13900000000")
        assert [] == await find_matches(session, seal, By.PHONE, "")
