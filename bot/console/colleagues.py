"""Who has the console open, and which ticket each of them looks at or answers: here, and in the other processes.

What happens here is told to this process's consoles at once and, by `relay`, to the other processes, which tell theirs.
Nothing of it is written down. A process says again from time to time who looks at what; what it has not said again for
three such times is over, so nobody stays in a ticket because their process was killed.
"""

import asyncio
import json
import logging
import math
import secrets
import time
from collections.abc import Callable, Collection, Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker

from bot.console import signals
from bot.console.signals import AccountChanged, Answering, Begin, Duty, RosterChanged, Signal, Viewers
from bot.console.viewing import Viewing
from escalation.access import may_see
from escalation.models import PersonRow

log = logging.getLogger(__name__)

SAY_AGAIN_SECONDS = 15.0
VALID_FOR_SECONDS = 3 * SAY_AGAIN_SECONDS
# Who looks at a ticket is asked for their right to it again before they are told of it, no more often than this.
_CHECK_AGAIN_SECONDS = 5.0
# A name that was learnt longer ago is asked for again before it is told: people are renamed.
NAMED_FOR_SECONDS = 60.0
# What a later frame says anew, of the same person or ticket.
_CHANGING = frozenset({"people", "available"})
# The frame of who has to begin anew.
ACCOUNT = "account"
Frame = dict[str, Any]


@dataclass(eq=False)
class Console:
    """One open console: whose it is, the ticket that it shows, and what it has yet to be told."""

    person_id: UUID
    number: str | None = None
    checked_at: float = 0.0
    _waiting: dict[object, Frame] = field(default_factory=dict)
    _told: asyncio.Event = field(default_factory=asyncio.Event)

    def tell(self, frame: Frame) -> None:
        """Have a frame sent; of what is said again before that, the newest, in its place."""
        about = tuple((name, value) for name, value in frame.items() if name not in _CHANGING)
        self._waiting.pop(about, None)
        self._waiting[about] = frame
        self._told.set()

    def begins_anew(self) -> bool:
        """Tell whether its person's account was changed since it was last told something."""
        return any(frame["type"] == ACCOUNT for frame in self._waiting.values())

    async def wait(self) -> None:
        """Wait until there is something to tell."""
        await self._told.wait()

    def take(self) -> list[str]:
        """Return what there is to tell, in the order in which it was said last; it counts as told."""
        self._told.clear()
        waiting, self._waiting = self._waiting, {}
        return [json.dumps(frame, ensure_ascii=False) for frame in waiting.values()]


class Colleagues:
    """The open consoles of this process, and what is known of those in others."""

    def __init__(self, monotonic: Callable[[], float] = time.monotonic) -> None:
        """`monotonic`: seconds that never go back."""
        self._process = secrets.token_hex(4)
        self._monotonic = monotonic
        self._consoles: set[Console] = set()
        self._elsewhere = Viewing(valid_for=VALID_FOR_SECONDS)
        self._people: dict[UUID, tuple[str, str]] = {}
        self._named_at: dict[UUID, float] = {}
        self._changed: set[str] = set()
        self._heard: list[Answering | Duty] = []
        self._waiting: dict[object, Signal] = {}
        self._woken = asyncio.Event()
        self._relays: set[Callable[[], None]] = set()

    # --- what happens here -------------------------------------------------------------------------------------------

    @contextmanager
    def join(self, person: PersonRow) -> Iterator[Console]:
        """Have a console open until the block ends."""
        console = Console(person.id)
        self._name([(person.id, person.login, person.name)])
        self._consoles.add(console)
        try:
            yield console
        finally:
            self.view(console, None)
            self._consoles.discard(console)

    def view(self, console: Console, number: str | None) -> None:
        """Somebody looks at another ticket, or at none."""
        before, console.number = console.number, number
        console.checked_at = self._monotonic()
        for changed in {before, number} - {None}:
            self._note(Viewers(str(changed), self._people_here(str(changed))))
            self._look_at(str(changed))

    def answer(self, console: Console, number: str) -> None:
        """Somebody writes an answer."""
        signal = Answering(number, console.person_id)
        self._note(signal)
        self._take(signal)

    def set_duty(self, person: PersonRow, *, available: bool) -> None:
        """Somebody was set on duty or away by somebody else."""
        self._name([(person.id, person.login, person.name)])
        signal = Duty(person.id, available)
        self._note(signal)
        self._take(signal)

    def change_roster(self) -> None:
        """Somebody's post was changed: whoever shows the roster looks again."""
        self._note(RosterChanged())
        self._tell_all({"type": "changed"})

    def change_account(self, person: UUID) -> None:
        """Somebody got another role, or their account was closed: their consoles begin anew, or end."""
        self._note(AccountChanged(person))
        self._tell_person(person)

    # --- what is heard of other processes, and told to them ----------------------------------------------------------

    @contextmanager
    def relay(self, waiting: Callable[[], None]) -> Iterator[None]:
        """Call `waiting` when there is something to `send`, until the block ends."""
        self._relays.add(waiting)
        try:
            yield
        finally:
            self._relays.discard(waiting)

    def send(self) -> list[str]:
        """Return the notifications that wait to be sent; they count as sent.

        One that is lost costs nothing but a few seconds: what is still so is said again.
        """
        waiting, self._waiting = self._waiting, {}
        return list(signals.write(self._process, waiting.values()))

    def begin(self) -> None:
        """The line to the other processes is open, or open again: say who is here, and ask who is there."""
        # Who was answering while it was closed has long stopped.
        waiting = self._waiting.items()
        self._waiting = {about: signal for about, signal in waiting if not isinstance(signal, Answering)}
        # Who left while it was closed is not named by anybody's answer: what others said before counts no more.
        self._look_at(*self._elsewhere.forget_all())
        self._note(Begin())
        self._say_all()

    def hear(self, payload: str) -> None:
        """Take another process's notification."""
        try:
            process, heard = signals.read(payload)
        except ValueError as error:
            log.warning("a notification is none of ours: %s", error)
            return
        for signal in heard:
            match signal:
                case Viewers(number, people):
                    if self._elsewhere.hear(process, number, people, at=self._monotonic()):
                        self._look_at(number)
                case Answering() | Duty():
                    self._take(signal)
                case RosterChanged():
                    self._tell_all({"type": "changed"})
                case AccountChanged(person):
                    self._tell_person(person)
                case Begin():
                    self._look_at(*self._elsewhere.forget(process))
                    self._say_all()

    async def run(self, sessions: async_sessionmaker[AsyncSession]) -> None:
        """Tell the consoles what changed, and the other processes again what is so, until cancelled."""
        say_at = self._monotonic() + SAY_AGAIN_SECONDS
        while True:
            with suppress(TimeoutError):
                async with asyncio.timeout(max(0.0, say_at - self._monotonic())):
                    await self._woken.wait()
            self._woken.clear()
            if self._monotonic() >= say_at:
                say_at = self._monotonic() + SAY_AGAIN_SECONDS
                self._changed |= self._elsewhere.expire(at=self._monotonic())
                with suppress(SQLAlchemyError, OSError):
                    await self._check(sessions, {console.number for console in self._consoles})
                self._say_all()
            with suppress(SQLAlchemyError, OSError):  # asked again with whatever comes next
                answered = {signal.number for signal in self._heard if isinstance(signal, Answering)}
                await self._check(sessions, self._changed | answered)
                await self._learn_names(sessions)
                self._tell_heard()

    # --- in between --------------------------------------------------------------------------------------------------

    def _note(self, signal: Signal) -> None:
        # What was said of a ticket's viewers, or of somebody's duty, before is not so any more.
        about = signals.find_subject(signal)
        self._waiting.pop(about, None)
        if self._relays:
            self._waiting[about] = signal
        for waiting in tuple(self._relays):
            waiting()

    def _say_all(self) -> None:
        for number in {console.number for console in self._consoles} - {None}:
            self._note(Viewers(str(number), self._people_here(str(number))))

    def _people_here(self, number: str) -> tuple[UUID, ...]:
        return tuple(sorted({console.person_id for console in self._consoles if console.number == number}))

    def _look_at(self, *numbers: str) -> None:
        self._changed.update(numbers)
        self._woken.set()

    def _take(self, signal: Answering | Duty) -> None:
        self._heard.append(signal)
        self._woken.set()

    async def _check(self, sessions: async_sessionmaker[AsyncSession], numbers: Collection[str | None]) -> None:
        """Who may not see their ticket any more looks at none."""
        now = self._monotonic()
        due = [one for one in self._consoles if one.number in numbers and now - one.checked_at >= _CHECK_AGAIN_SECONDS]
        if not any(console.number for console in due):
            return
        async with sessions() as session:
            for console in due:
                number = console.number
                may = number is not None and await may_see(session, number, console.person_id)
                if console.number != number:
                    continue
                console.checked_at = now
                if not may:
                    self.view(console, None)

    async def _learn_names(self, sessions: async_sessionmaker[AsyncSession]) -> None:
        named = {signal.person for signal in self._heard}
        for number in self._changed:
            named |= {*self._elsewhere.people(number), *self._people_here(number)}
        since = self._monotonic() - NAMED_FOR_SECONDS
        unknown = {person for person in named if self._named_at.get(person, -math.inf) <= since}
        if not unknown:
            return
        query = select(PersonRow.id, PersonRow.login, PersonRow.name).where(PersonRow.id.in_(unknown))
        async with sessions() as session:
            self._name(await session.execute(query))

    def _name(self, people: Iterable[tuple[UUID, str, str]]) -> None:
        for person, login, name in people:
            self._people[person] = login, name
            self._named_at[person] = self._monotonic()

    def _tell_heard(self) -> None:
        changed, self._changed = self._changed, set()
        heard, self._heard = self._heard, []
        for number in changed:
            self._tell_viewers(number)
        for signal in heard:
            if signal.person in self._people:
                self._tell_signal(signal, *self._people[signal.person])

    def _tell_viewers(self, number: str) -> None:
        everybody = {*self._people_here(number), *self._elsewhere.people(number)} & self._people.keys()
        for console in self._consoles:
            if console.number == number:
                names = sorted(self._people[person][1] for person in everybody - {console.person_id})
                console.tell({"type": "viewing", "number": number, "people": names})

    def _tell_signal(self, signal: Answering | Duty, login: str, name: str) -> None:
        if isinstance(signal, Duty):
            self._tell_all({"type": "presence", "login": login, "available": signal.available})
            return
        for console in self._consoles:
            if console.number == signal.number and console.person_id != signal.person:
                console.tell({"type": "answering", "number": signal.number, "name": name})

    def _tell_person(self, person: UUID) -> None:
        for console in self._consoles:
            if console.person_id == person:
                console.tell({"type": ACCOUNT})

    def _tell_all(self, frame: Frame) -> None:
        for console in self._consoles:
            console.tell(frame)
