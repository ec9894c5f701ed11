"""What an operator should know: is everything in order, and if not, what to do (`shouwen doctor`)."""

from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from sqlalchemy import func, select, text
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker

from actions.faq import FaqError, load_default_faq, load_faq
from actions.policy import PolicyError, load_default_policy, load_policy
from actions.shop import ShopError
from bot.app import make_engine, open_http_shop
from bot.models import Inbound, Outbound, ShopCommandRow
from bot.operation.serving import open_database
from bot.settings import Settings
from escalation.loops import find_loops
from escalation.models import NoticeDeliveryRow, PersonRow
from escalation.renewal import count_stale
from escalation.rights import Role
from escalation.service_levels import ServiceLevelsError, load_default_service_levels, load_service_levels
from escalation.terms import ServiceLevels, find_unknown_years
from escalation.ticker import find_overdue

_OLDEST_POSTGRES = 15
_SKEW = timedelta(seconds=1)
_LAG = timedelta(seconds=30)
_WAITING = timedelta(minutes=5)
_SAFE = {"fsync": "on", "synchronous_commit": "on", "full_page_writes": "on"}
_IN_CHARGE = (Role.ADMIN, Role.OPERATIONS_MANAGER, Role.SUPERVISOR, Role.TEAM_LEAD)


@dataclass(frozen=True)
class Finding:
    """One thing looked at. `advice` is empty where it is in order."""

    what: str
    advice: str = ""

    @property
    def is_fine(self) -> bool:
        """Whether there is nothing to do."""
        return not self.advice


async def examine(settings: Settings, progress: Callable[[str], None]) -> AsyncIterator[Finding]:
    """Look at everything, cheapest first; yields each finding as it is made."""
    yield _look_at_policy(settings)
    yield _look_at_faq(settings)
    levels = None
    try:
        levels = load_service_levels(settings.service_file) if settings.service_file else load_default_service_levels()
        yield Finding("service file: can be used")
    except (ServiceLevelsError, OSError) as error:
        yield Finding("service file: cannot be used", str(error))
    if levels is not None:
        yield _look_at_holidays(levels)
    if settings.shop_url is not None:
        yield await _look_at_shop(settings)
    async with open_database(settings, progress) as url:
        engine = make_engine(url)
        async with async_sessionmaker(engine)() as session:
            if levels is not None:
                yield await _look_at_renewal(session, levels)
            for look in (_look_at_server, _look_at_skew, _look_at_clocks, _look_at_inbox, _look_at_outbox):
                yield await look(session)
            for look in (_look_at_commands, _look_at_notices, _look_at_people):
                yield await look(session)
        await engine.dispose()


def _look_at_policy(settings: Settings) -> Finding:
    try:
        _ = load_policy(settings.policy_file) if settings.policy_file else load_default_policy()
    except (PolicyError, OSError) as error:
        return Finding("policy: cannot be used", str(error))
    return Finding("policy: can be used")


def _look_at_faq(settings: Settings) -> Finding:
    try:
        _ = load_faq(settings.faq_file) if settings.faq_file else load_default_faq()
    except FaqError as error:
        return Finding("FAQ: cannot be used", str(error))
    return Finding("FAQ: can be used")


def _look_at_holidays(levels: ServiceLevels) -> Finding:
    unknown = find_unknown_years(levels, datetime.now(UTC))
    if not unknown:
        return Finding("holidays: known for as far as clocks run")
    return Finding("holidays: some are not known yet", "; ".join(unknown))


async def _look_at_shop(settings: Settings) -> Finding:
    """Ask the shop's own system for an order that nobody has."""
    shop = open_http_shop(settings)
    try:
        _ = await shop.find_order("0")
    except ShopError as error:
        advice = "customers are told and looked after once it answers; shouwen shop check tells more"
        return Finding(f"shop: its system at {settings.shop_url} cannot be used: {error}", advice)
    finally:
        await shop.close()
    return Finding(f"shop: its system at {settings.shop_url} answers")


async def _look_at_server(session: AsyncSession) -> Finding:
    version = int(await session.scalar(text("SHOW server_version_num")) or 0) // 10_000
    if version < _OLDEST_POSTGRES:
        return Finding(f"database: PostgreSQL {version}", f"PostgreSQL {_OLDEST_POSTGRES} or newer is needed")
    for name, wanted in _SAFE.items():
        found = await session.scalar(text("SELECT current_setting(:name)"), {"name": name})
        if found != wanted:
            return Finding(
                f"database: {name} is {found}", f"a crash may lose what was acknowledged; set it to {wanted}"
            )
    return Finding(f"database: PostgreSQL {version}, up to date, durable")


async def _look_at_skew(session: AsyncSession) -> Finding:
    before = datetime.now(UTC)
    there = await session.scalar(select(func.clock_timestamp()))
    skew = there - before - (datetime.now(UTC) - before) / 2 if there else timedelta()
    if abs(skew) > _SKEW:
        advice = "clocks are judged by the app's time; let both machines follow the same time server"
        return Finding(f"time: the database's clock differs by {skew.total_seconds():.1f} s", advice)
    return Finding("time: this machine's and the database's agree within a second")


async def _look_at_clocks(session: AsyncSession) -> Finding:
    now = datetime.now(UTC)
    count, since = await find_overdue(session, now)
    loops = await find_loops(session)
    for loop in loops:
        if abs(loop.skew) > _SKEW:
            what = f"clocks: the clock of {loop.host} (process {loop.pid}) differs by {loop.skew.total_seconds():.1f} s"
            return Finding(what, "steps are taken by it; let it follow the same time server as the database's machine")
    if since is not None and now - since > _LAG:
        what = f"clocks: {count} steps are due and not taken, the first since {since:%Y-%m-%d %H:%M:%S} UTC"
        return Finding(what, "start the app: its loop catches up; if it runs, look at its log")
    if not loops:
        return Finding("clocks: no step is overdue; no loop runs just now")
    lag = max(loop.lag for loop in loops).total_seconds()
    return Finding(f"clocks: no step is overdue; {len(loops)} loops run, {lag:.1f} s behind at most")


async def _look_at_renewal(session: AsyncSession, levels: ServiceLevels) -> Finding:
    left = await count_stale(session, levels)
    if not left:
        return Finding("service file: every running clock has its terms")
    # No fault: it is seen to, as long as the app runs.
    return Finding(f"service file: {left} running clocks are still to be set to it; the app does, batch by batch")


async def _look_at_inbox(session: AsyncSession) -> Finding:
    late = datetime.now(UTC) - _WAITING
    waiting = select(func.count()).where(Inbound.handled_at.is_(None), Inbound.received_at < late)
    count = await session.scalar(waiting)
    if count:
        return Finding(f"inbox: {count} messages wait for an answer for minutes", "start the app, or look at its log")
    return Finding("inbox: nobody waits")


async def _look_at_outbox(session: AsyncSession) -> Finding:
    dead = await session.scalar(select(func.count()).where(Outbound.dead_at.is_not(None)))
    late = datetime.now(UTC) - _WAITING
    unsent = (Outbound.sent_at.is_(None), Outbound.dead_at.is_(None), Outbound.created_at < late)
    waiting = await session.scalar(select(func.count()).where(*unsent))
    if dead or waiting:
        advice = "shouwen outbox show tells why; shouwen outbox replay tries them again"
        return Finding(f"outbox: {waiting} messages wait for minutes, {dead} were given up", advice)
    return Finding("outbox: all is delivered")


async def _look_at_commands(session: AsyncSession) -> Finding:
    late = datetime.now(UTC) - _WAITING
    waiting = select(func.count()).where(
        ShopCommandRow.done_at.is_(None),
        # One that a person has to confirm does not wait for the shop.
        ShopCommandRow.next_attempt_at.is_not(None),
        ShopCommandRow.created_at < late,
    )
    count = await session.scalar(waiting)
    if count:
        return Finding(f"shop: {count} commands wait for the shop's system", "is it reachable? they are tried again")
    return Finding("shop: no command waits")


async def _look_at_notices(session: AsyncSession) -> Finding:
    since = datetime.now(UTC) - timedelta(days=1)
    lost = select(func.count()).where(NoticeDeliveryRow.outcome == "given_up", NoticeDeliveryRow.done_at > since)
    count = await session.scalar(lost)
    if count:
        return Finding(
            f"notices: {count} could not be sent in the last day", "look at the log for the mail server's word"
        )
    return Finding("notices: all that could be sent was")


async def _look_at_people(session: AsyncSession) -> Finding:
    query = select(func.count()).where(PersonRow.active, PersonRow.role.in_(_IN_CHARGE))
    if not await session.scalar(query):
        return Finding("people: nobody is in charge", "shouwen people add --role team_lead (or supervisor)")
    return Finding("people: somebody is in charge")
