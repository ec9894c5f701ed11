"""Who is at which desk: on duty or away, with room for more or none, within the desk's hours or not (product §4, §6).

A lead sees their desk and sets its workers' presence, limit and desk; supervisors and operations managers do so at all
desks, each for those below them. Admins see it. Nobody changes their own place here, and nobody's role is changed here:
that takes a second person's approval.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from escalation import audit
from escalation.clocks import ClockKind
from escalation.errors import ForbiddenError, PersonError
from escalation.models import PersonRow, TicketRow
from escalation.people import find_person, lock_rights
from escalation.presence import go_off_duty, move_to_desk
from escalation.rights import Role
from escalation.routing import DESK_WORKERS
from escalation.service_levels import ServiceLevels
from escalation.severity import Tier
from escalation.staffing import ENDED, PRESENT_WITHIN

MOST_OPEN = 200
_BELOW: Mapping[Role, frozenset[str]] = {
    Role.TEAM_LEAD: DESK_WORKERS,
    Role.SUPERVISOR: DESK_WORKERS | {Role.TEAM_LEAD},
    Role.OPERATIONS_MANAGER: DESK_WORKERS | {Role.TEAM_LEAD, Role.SUPERVISOR},
}
_READERS = frozenset({*_BELOW, Role.ADMIN})
_RANKS = (Role.OPERATIONS_MANAGER, Role.SUPERVISOR, Role.TEAM_LEAD)
# So far ahead the next opening is looked for.
_LOOK_AHEAD = timedelta(days=30)


@dataclass(frozen=True)
class Post:
    """Somebody's place. `unanswered`: open cases of theirs that nobody has answered; `may_change`: by who asks."""

    person: PersonRow
    by_console: bool
    open_cases: int
    unanswered: int
    may_change: bool

    @property
    def on_duty(self) -> bool:
        """Whether they get new cases: their console is open, or they are marked as here."""
        return self.by_console or self.person.available

    @property
    def room(self) -> int:
        """How many more cases they can take."""
        return max(0, self.person.max_open - self.open_cases)


@dataclass(frozen=True)
class Hours:
    """When a desk works. Round the clock: open, without an end. `until`: the next change, None if none is near."""

    is_open: bool
    until: datetime | None = None


@dataclass(frozen=True)
class DeskRoster:
    """A desk with its people; `name` None: those who stand above the desks."""

    name: str | None
    hours: Hours
    posts: Sequence[Post]

    @property
    def workers(self) -> Sequence[Post]:
        """Those who get cases in turn."""
        return [post for post in self.posts if post.person.role in DESK_WORKERS]

    @property
    def on_duty(self) -> int:
        """How many of them are on duty."""
        return sum(post.on_duty for post in self.workers)

    @property
    def room(self) -> int:
        """How many more cases those on duty can take."""
        return sum(post.room for post in self.workers if post.on_duty)


@dataclass(frozen=True)
class PostChange:
    """What somebody sets about a colleague's place; None leaves it."""

    available: bool | None = None
    max_open: int | None = None
    desk: str | None = None


async def list_roster(
    session: AsyncSession, reader: PersonRow, levels: ServiceLevels, *, now: datetime
) -> Sequence[DeskRoster]:
    """Return the desks that somebody may see, in the service file's order. Raises ForbiddenError."""
    if reader.role not in _READERS:
        raise ForbiddenError("the roster is for leads, supervisors and those above them")
    people = (await session.scalars(select(PersonRow).where(PersonRow.active).order_by(PersonRow.login))).all()
    open_cases, unanswered = await _count(session, answered=None), await _count(session, answered=False)
    posts = [
        Post(person, _has_console(person, now), open_cases.get(person.id, 0), unanswered.get(person.id, 0),
             may_change(reader, person))
        for person in people
    ]  # fmt: skip
    desks = dict.fromkeys((*levels.desks.values(), *(person.desk for person in people if person.desk)))
    seen = [reader.desk] if reader.role == Role.TEAM_LEAD else [*desks, None]
    return [_make_desk(desk, posts, levels, now) for desk in seen]


def _make_desk(desk: str | None, posts: Sequence[Post], levels: ServiceLevels, now: datetime) -> DeskRoster:
    here = [post for post in posts if post.person.desk == desk]
    hours = find_hours(levels, desk, now) if desk else Hours(is_open=True)
    return DeskRoster(desk, hours, sorted(here, key=lambda post: (_rank(post.person), post.person.login)))


def _rank(person: PersonRow) -> int:
    return _RANKS.index(Role(person.role)) if person.role in _RANKS else len(_RANKS)


def _has_console(person: PersonRow, now: datetime) -> bool:
    return person.last_seen_at is not None and now - person.last_seen_at <= PRESENT_WITHIN


async def _count(session: AsyncSession, *, answered: bool | None) -> Mapping[object, int]:
    counts = select(TicketRow.owner_id, func.count()).where(TicketRow.state.not_in(ENDED)).group_by(TicketRow.owner_id)
    if answered is False:
        counts = counts.where(TicketRow.first_responder_id.is_(None))
    return {row[0]: row[1] for row in await session.execute(counts)}


def find_hours(levels: ServiceLevels, desk: str, now: datetime) -> Hours:
    """Return whether a desk's hours run, and until when."""
    named = levels.calendar_for(Tier.GENERAL, ClockKind.CLAIM, desk)
    if named is None:
        return Hours(is_open=True)
    until = None
    for opens_at, closes_at in named.calendar.open_spans(now, now + _LOOK_AHEAD):
        if until is None and opens_at > now:
            return Hours(is_open=False, until=opens_at)
        if until is not None and opens_at > until:
            break
        until = closes_at
    return Hours(is_open=until is not None, until=until)


def may_change(actor: PersonRow, person: PersonRow) -> bool:
    """Tell whether somebody may set a colleague's presence, limit and desk: those below them, a lead at their desk."""
    below = person.role in _BELOW.get(Role(actor.role), frozenset())
    return below and (actor.role != Role.TEAM_LEAD or person.desk == actor.desk)


async def change_post(
    session: AsyncSession, login: str, change: PostChange, *, by: PersonRow, levels: ServiceLevels, now: datetime
) -> PersonRow:
    """Set what is given; cases that somebody who leaves has not answered yet pass to the next.

    Raises PersonError for somebody or a desk there is not, ForbiddenError.
    """
    await lock_rights(session)
    person = await find_person(session, login)
    if person is None or not person.active:
        raise PersonError(f"nobody who works here has the login {login!r}")
    if not may_change(by, person):
        raise ForbiddenError(f"a {by.role} may not change the place of {login}")
    changes = _find_changes(person, change)
    _check(person, changes, levels)
    if changes.get("available") is False:
        await go_off_duty(session, person.id, levels=levels, now=now)
    if "desk" in changes:
        await move_to_desk(session, person, changes["desk"], levels=levels, now=now)
    for name, value in changes.items():
        setattr(person, name, value)
    if changes.get("available"):
        person.on_break = False
    if changes:
        await audit.append(
            session, subject=f"person/{person.id}", actor=by.login, action="post_changed", details=changes, at=now
        )
    return person


def _find_changes(person: PersonRow, change: PostChange) -> dict[str, Any]:
    """What is given and is not so already; somebody who is sent home may be here by their console only."""
    given = {name: value for name, value in vars(change).items() if value is not None}
    return {name: value for name, value in given.items() if value is False or value != getattr(person, name)}


def _check(person: PersonRow, changes: Mapping[str, Any], levels: ServiceLevels) -> None:
    desks = list(dict.fromkeys(levels.desks.values()))
    if "desk" in changes and (person.desk is None or changes["desk"] not in desks):
        raise PersonError(f"{person.login} can be moved to none but these desks: {', '.join(desks)}")
    if not 0 <= changes.get("max_open", 0) <= MOST_OPEN:
        raise PersonError(f"a limit is from 0 to {MOST_OPEN} open cases")
