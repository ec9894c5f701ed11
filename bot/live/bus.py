"""Hints inside one process: "something changed in this conversation, look again". Losing one loses no message.

What changed is always read from the database, so a hint carries nothing but the conversation's id (and, for typing
dots, who types: those are worth nothing once missed). `relay` carries them to the other processes.
"""

import asyncio
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from enum import StrEnum
from uuid import UUID


class Change(StrEnum):
    """How much there is to look at anew."""

    TYPING = "typing"  # somebody types, nothing else
    SAID = "said"  # something was said; the conversation stands as it stood
    ANYTHING = "anything"


Relaying = Callable[[UUID, Change, str | None], None]


class Subscription:
    """One listener's wake-up call: what changed, and who has been typing, since it last looked."""

    def __init__(self) -> None:
        self._woken = asyncio.Event()
        self._changes: set[Change] = set()
        self._typing: set[str] = set()

    async def wait(self) -> tuple[set[Change], set[str]]:
        """Sleep until something changed; return what, and who typed meanwhile."""
        await self._woken.wait()
        self._woken.clear()
        heard = self._changes, self._typing
        self._changes, self._typing = set(), set()
        return heard

    def wake(self, change: Change, typing: str | None = None) -> None:
        """Wake the listener."""
        self._changes.add(change)
        if typing:
            self._typing.add(typing)
        self._woken.set()


class InMemoryBus:
    """Hints by conversation."""

    def __init__(self) -> None:
        self._listeners: dict[UUID, set[Subscription]] = defaultdict(set)
        self._watchers: set[Callable[[UUID, str | None], None]] = set()
        self._relays: set[Relaying] = set()

    @contextmanager
    def listen(self, conversation_id: UUID) -> Iterator[Subscription]:
        """Hear of changes in a conversation until the block ends."""
        subscription = Subscription()
        self._listeners[conversation_id].add(subscription)
        try:
            yield subscription
        finally:
            self._listeners[conversation_id].discard(subscription)
            if not self._listeners[conversation_id]:
                del self._listeners[conversation_id]

    @contextmanager
    def watch(self, watcher: Callable[[UUID, str | None], None]) -> Iterator[None]:
        """Call `watcher` with every hint (conversation, who types) until the block ends."""
        self._watchers.add(watcher)
        try:
            yield
        finally:
            self._watchers.discard(watcher)

    def hint(
        self,
        conversation_id: UUID,
        change: Change = Change.ANYTHING,
        *,
        typing: str | None = None,
        but: Subscription | None = None,
    ) -> None:
        """Tell a conversation's listeners, here and elsewhere, to look again (all but one, for their own typing)."""
        change = Change.TYPING if typing else change
        self.deliver(conversation_id, change, typing, but=but)
        for relaying in tuple(self._relays):
            relaying(conversation_id, change, typing)

    def deliver(
        self, conversation_id: UUID, change: Change, typing: str | None = None, *, but: Subscription | None = None
    ) -> None:
        """Tell the listeners in this process alone: of what was hinted at in another one."""
        for listener in tuple(self._listeners.get(conversation_id, ())):
            if listener is not but:
                listener.wake(change, typing)
        for watcher in tuple(self._watchers):
            watcher(conversation_id, typing)

    def wake_all(self) -> None:
        """Tell all listeners in this process to look again: hints from elsewhere may have been missed."""
        for conversation_id in tuple(self._listeners):
            self.deliver(conversation_id, Change.ANYTHING)

    @contextmanager
    def relay(self, relaying: Relaying) -> Iterator[None]:
        """Call `relaying` with every hint given in this process (what, how, who types) until the block ends."""
        self._relays.add(relaying)
        try:
            yield
        finally:
            self._relays.discard(relaying)
