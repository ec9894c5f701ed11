"""Questions that mean nearly the same, counted together by their vectors. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import numpy as np

from actions.faq.matching import Vectors

SAME_FROM = 0.72
"""Two questions this like each other are one question asked twice (of such pairs among the product's own ways to ask,
six in seven belong to one entry). Across languages few are."""


@dataclass(frozen=True)
class Asked:
    """A question as it was asked, masked. `wrong`: it was answered, but beside the point."""

    id: str
    text: str
    language: str
    at: datetime
    ignored: bool = False
    picked: str | None = None
    wrong: bool = False


@dataclass(frozen=True)
class Group:
    """Questions that count as one. `leader` stands for it; `texts` are its different wordings, newest first."""

    leader: Asked
    members: tuple[Asked, ...]
    vector: Vectors

    @property
    def count(self) -> int:
        """How often it was asked."""
        return len(self.members)

    @property
    def last_at(self) -> datetime:
        """When it was asked last."""
        return max(member.at for member in self.members)

    @property
    def languages(self) -> tuple[str, ...]:
        """The languages it was asked in, the most frequent first."""
        asked = [member.language for member in self.members]
        return tuple(sorted(set(asked), key=lambda language: (-asked.count(language), language)))

    @property
    def ignored(self) -> bool:
        """Whether the shop has set it aside."""
        return any(member.ignored for member in self.members)

    @property
    def was_wrong(self) -> bool:
        """Whether somebody said that the answer was beside the point."""
        return any(member.wrong for member in self.members)

    @property
    def picked(self) -> str | None:
        """The entry that customers chose most often where some were suggested."""
        chosen = [member.picked for member in self.members if member.picked]
        return max(chosen, key=chosen.count) if chosen else None

    def texts(self, language: str | None = None) -> tuple[str, ...]:
        """Return its different wordings, newest first; of one language, if that is given."""
        newest = sorted(self.members, key=lambda member: member.at, reverse=True)
        return tuple(dict.fromkeys(one.text for one in newest if language in {None, one.language}))


def group_questions(asked: Sequence[Asked], vectors: Vectors) -> list[Group]:
    """Return the groups, the most frequent first, then the newest.

    What the shop has set aside leads: the like of it is set aside too. Else the wording asked most often leads.
    """
    if not asked:
        return []
    often: dict[str, int] = {}
    for one in asked:
        often[one.text] = often.get(one.text, 0) + 1
    order = sorted(range(len(asked)), key=lambda i: (not asked[i].ignored, -often[asked[i].text], asked[i].at))
    leaders: list[int] = []
    leading = np.empty_like(vectors)
    members: dict[int, list[int]] = {}
    for index in order:
        leader = _find_leader(leading[: len(leaders)], leaders, vectors[index])
        if leader is None:
            leading[len(leaders)] = vectors[index]
            leaders.append(index)
            leader = index
        members.setdefault(leader, []).append(index)
    groups = [
        Group(asked[leader], tuple(asked[index] for index in indexes), vectors[leader])
        for leader, indexes in members.items()
    ]
    return sorted(groups, key=lambda group: (group.count, group.last_at), reverse=True)


def _find_leader(leading: Vectors, leaders: Sequence[int], vector: Vectors) -> int | None:
    if not leaders:
        return None
    likeness = leading @ vector
    best = int(np.argmax(likeness))
    return leaders[best] if likeness[best] >= SAME_FROM else None
