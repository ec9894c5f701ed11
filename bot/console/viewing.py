"""Who looks at which ticket in other processes, as long as those go on saying so. Pure: instants are passed in."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from uuid import UUID


@dataclass
class Viewing:
    """What other processes said last. What one has not said again for `valid_for` seconds is over: it may be dead."""

    valid_for: float
    _said: dict[tuple[str, str], tuple[frozenset[UUID], float]] = field(default_factory=dict)

    def hear(self, process: str, number: str, people: Iterable[UUID], *, at: float) -> bool:
        """Take what a process says of a ticket (nobody: all have gone); return whether that is news."""
        before = self._said.pop((process, number), (frozenset(), 0.0))[0]
        now = frozenset(people)
        if now:
            self._said[process, number] = now, at + self.valid_for
        return now != before

    def expire(self, *, at: float) -> set[str]:
        """Forget what was not said again in time; return the tickets that lost somebody by it."""
        return self._drop([key for key, (_, until) in self._said.items() if until <= at])

    def forget(self, process: str) -> set[str]:
        """Forget all that a process said; return the tickets that lost somebody by it."""
        return self._drop([key for key in self._said if key[0] == process])

    def forget_all(self) -> set[str]:
        """Forget all that was said; return the tickets that lost somebody by it."""
        return self._drop(list(self._said))

    def _drop(self, over: list[tuple[str, str]]) -> set[str]:
        for key in over:
            del self._said[key]
        return {number for _, number in over}

    def people(self, number: str) -> set[UUID]:
        """Return who looks at a ticket elsewhere."""
        return {person for (_, of), (people, _) in self._said.items() if of == number for person in people}
