"""Hints inside one process: "something changed in this conversation, look again". Losing one loses no message.

What changed is always read from the database, so a hint carries nothing but the conversation's id (and, for typing
dots, who types: those are worth nothing once missed).
"""

import asyncio
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from uuid import UUID


class Subscription:
    """One listener's wake-up call, and who has been typing since it last looked."""

    def __init__(self) -> None:
        self._changed = asyncio.Event()
        self._typing: set[str] = set()

    async def wait(self) -> set[str]:
        """Sleep until something changed; return who typed meanwhile."""
        await self._changed.wait()
        self._changed.clear()
        typing, self._typing = self._typing, set()
        return typing

    def wake(self, typing: str | None = None) -> None:
        """Wake the listener."""
        if typing:
            self._typing.add(typing)
        self._changed.set()


class InMemoryBus:
    """Hints by conversation."""

    def __init__(self) -> None:
        self._listeners: dict[UUID, set[Subscription]] = defaultdict(set)
        self._watchers: set[Callable[[UUID, str | None], None]] = set()

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

    def hint(self, conversation_id: UUID, *, typing: str | None = None, but: Subscription | None = None) -> None:
        """Tell the listeners of a conversation to look again (all but one, for their own typing)."""
        for listener in self._listeners.get(conversation_id, ()):
            if listener is not but:
                listener.wake(typing)
        for watcher in tuple(self._watchers):
            watcher(conversation_id, typing)
