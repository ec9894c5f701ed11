"""What was kept as long as its class allows goes, in small batches; what is still going on stays."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker

from bot.models import Conversation, Inbound
from bot.privacy.retention import RULES, RetentionError, find_due, let_all_go, let_go, load_terms
from bot.security.sealing import Seal
from escalation import audit
from escalation.models import SurveyRow, TicketRow
from escalation.testing import make_person
from tests.integration.persons import list_all, plant, search

pytestmark = pytest.mark.postgres

Sessions = async_sessionmaker[AsyncSession]
AT = datetime(2026, 3, 10, 4, tzinfo=UTC)


@pytest.fixture
def seal() -> Seal:
    """A shop's key."""
    return Seal("a key of the tests")


@pytest.fixture
async def somebody(sessions: Sessions) -> None:
    """Somebody works here."""
    async with sessions.begin() as session:
        session.add(make_person("ann", "agent", "quality", now=AT))


async def handle_all(sessions: Sessions) -> None:
    """Let there be nothing that waits for a turn."""
    async with sessions.begin() as session:
        await session.execute(update(Inbound).values(handled_at=AT))


@pytest.mark.usefixtures("somebody")
async def test_what_is_sealed_goes_first_and_the_words_later(sessions: Sessions, seal: Seal) -> None:
    """After half a year no number or address is left, after three years no word; ratings stay, and the log is whole."""
    wang = await plant(sessions, seal, "wangxiaoming", at=AT)
    await handle_all(sessions)
    terms = load_terms()
    await let_all_go(sessions, terms, AT + timedelta(days=179))
    assert [] != await search(sessions, seal, [wang.phone, f"street {wang.name}", wang.email])
    half_a_year = AT + timedelta(days=181)
    async with sessions() as session:
        due = {one.rule.table for one in await find_due(session, terms, half_a_year) if one.count}
    assert {"tickets", "ticket_events", "shop_commands", "customer_contacts", "conversations"} <= due
    done = await let_all_go(sessions, terms, half_a_year)
    assert {"tickets", "sealed"}.isdisjoint(done)
    assert [] == await search(sessions, seal, [wang.phone, f"street {wang.name}", f"road {wang.name}", wang.email])
    assert [] != await search(sessions, seal, [f"my name is {wang.name}"])
    await let_all_go(sessions, terms, AT + timedelta(days=1096))
    # The shop's own orders are its accounts; an erasure takes what leads to the person out of them.
    assert {"shop_orders.customer_sub", "shop_scans.place", "shop_shipments.signed_by"} == set(
        await search(sessions, seal, wang.words)
    )
    async with sessions() as session:
        assert await audit.verify(session) is None
        survey = (await session.scalars(select(SurveyRow))).one()
        assert (2, None) == (survey.outcome, survey.comment)
        assert "solved" == (await session.scalars(select(TicketRow.outcome))).one()


@pytest.mark.usefixtures("somebody")
async def test_what_is_still_going_on_stays(sessions: Sessions, seal: Seal) -> None:
    """An open ticket keeps its conversation, however old; so does a word said since."""
    liu = await plant(sessions, seal, "liuyifei", at=AT, ends=False)
    chen = await plant(sessions, seal, "chenmeili", at=AT)
    later = AT + timedelta(days=2000)
    async with sessions.begin() as session:
        talk = await session.get_one(Conversation, chen.conversation_id)
        talk.updated_at = later - timedelta(days=1)
    before = await search(sessions, seal, [*liu.words, *chen.words, liu.email, chen.email])
    await let_all_go(sessions, load_terms(), later)
    left = await search(sessions, seal, [*liu.words, *chen.words, liu.email, chen.email])
    assert set(before) - set(left) <= {
        "outbox.external_ids", "outbox.fault", "shop_lookups.slots", "shop_lookups.sealed_digits",
        "shop_command_results.sealed_details",
    }  # fmt: skip


@pytest.mark.usefixtures("somebody")
async def test_who_comes_back_after_years_is_heard(sessions: Sessions, seal: Seal) -> None:
    """Their message was accepted and waits for its turn: it, and what it goes on from, is not let go of."""
    wang = await plant(sessions, seal, "wangxiaoming", at=AT)
    async with sessions.begin() as session:
        await session.execute(update(Inbound).where(Inbound.external_id.startswith("u-")).values(handled_at=AT))
    await let_all_go(sessions, load_terms(), AT + timedelta(days=1096))
    assert {"inbox.sealed_text", "messages.text"} <= set(
        await search(sessions, seal, [f"sealed {wang.name}", f"my name is {wang.name}"])
    )
    async with sessions() as session:
        assert (await session.get_one(Conversation, wang.conversation_id)).erased_at is None


@pytest.mark.usefixtures("somebody")
async def test_what_is_not_due_any_more_once_it_is_locked_stays(sessions: Sessions, seal: Seal) -> None:
    """Somebody wrote just after it was found."""
    wang = await plant(sessions, seal, "wangxiaoming", at=AT)
    await handle_all(sessions)
    later = AT + timedelta(days=1096)
    [rule] = [one for one in RULES if one.act is None]
    for moved, expected in ((timedelta(0), 0), (timedelta(days=-2), 1)):
        async with sessions.begin() as session:
            (await session.get_one(Conversation, wang.conversation_id)).updated_at = later + moved
        async with sessions.begin() as session:
            assert expected == await let_go(session, rule, [wang.conversation_id], later - timedelta(days=1), later)


@pytest.mark.usefixtures("somebody")
async def test_looking_changes_nothing(sessions: Sessions, seal: Seal) -> None:
    """A dry run counts and leaves all as it is."""
    await plant(sessions, seal, "wangxiaoming", at=AT)
    await handle_all(sessions)
    before = await list_all(sessions)
    async with sessions() as session:
        assert any(one.count for one in await find_due(session, load_terms(), AT + timedelta(days=2000)))
    assert before == await list_all(sessions)


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("sensitive: P0D\npersonal: never\ninternal: never\npublic: never\ntransient: P30D", ":1: sensitive: 'P0D'"),
        (
            "sensitive: P9D\npersonal: never\ninternal: never\npublic: never\ntransient: P30D",
            ":1: sensitive: 'P9D' is less",
        ),
        (
            "sensitive: P10D\npersonal: never\ninternal: P9D\npublic: never\ntransient: P30D",
            ":3: internal: 'P9D' can only",
        ),
        ("sensitive: P1D", "personal: nothing is there, and it is needed"),
        ("[", "is no YAML"),
        ("- a", "is no table"),
    ],
)
def test_a_faulty_file_is_refused_with_its_line(tmp_path: Path, text: str, fault: str) -> None:
    """File, line, field, value."""
    path = tmp_path / "retention.yml"
    path.write_text(text)
    with pytest.raises(RetentionError) as caught:
        load_terms(path)
    assert fault in str(caught.value)


def test_terms_are_the_shops(tmp_path: Path) -> None:
    """Its file counts; never keeps."""
    path = tmp_path / "retention.yml"
    path.write_text("sensitive: P10D\npersonal: never\ninternal: never\npublic: never\ntransient: P1D\n")
    assert (timedelta(days=10), None, timedelta(days=1)) == tuple(vars(load_terms(path)).values())
