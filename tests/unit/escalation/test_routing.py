"""Who owns a new ticket."""

from uuid import UUID, uuid4

import pytest

from escalation.errors import NoOwnerError
from escalation.routing import Candidate, choose_owner


def person(
    login: str, role: str = "agent", desk: str | None = "quality", *, on_duty: bool = True, open_cases: int = 0
) -> Candidate:
    """Somebody with room for ten."""
    return Candidate(uuid4(), login, role, desk, on_duty, open_cases, 10)


LEAD = person("lead", "team_lead")
ADMIN = person("admin", "admin", None)


@pytest.mark.parametrize(
    ("people", "expected"),
    [
        ([person("ann", open_cases=3), person("bo", open_cases=2), LEAD, ADMIN], "bo"),  # the fewest open
        ([person("ann", open_cases=10), person("bo", open_cases=9), LEAD], "bo"),  # room for one
        ([person("ann", open_cases=10), LEAD, ADMIN], "lead"),  # nobody has room
        ([person("ann", on_duty=False), LEAD, ADMIN], "lead"),  # nobody is on duty
        ([person("ann", desk="order"), LEAD, ADMIN], "lead"),  # another desk's agent is none
        ([person("ann", on_duty=False), ADMIN], "admin"),  # no lead
        ([person("ann", on_duty=False), person("lee", "team_lead", "order"), ADMIN], "admin"),  # another desk's lead
        ([person("bo"), person("ann")], "ann"),  # a tie is settled the same way always
    ],
)
def test_the_first_that_fits_owns_it(people: list[Candidate], expected: str) -> None:
    """An agent with room, else the lead, else the admin."""
    assert expected == choose_owner(people, desk="quality", serving=None)[0].login


def test_whoever_serves_the_customer_keeps_serving() -> None:
    """Continuity goes before load."""
    busy, idle = person("ann", open_cases=9), person("bo")
    assert (busy, "continuity") == choose_owner([busy, idle], desk="quality", serving=busy.id)


def test_somebody_who_left_serves_nobody() -> None:
    """Who is no candidate any more is not chosen for having served."""
    gone: UUID = uuid4()
    assert "bo" == choose_owner([person("bo")], desk="quality", serving=gone)[0].login


def test_without_people_it_is_refused_by_name() -> None:
    """A ticket without an owner must not be."""
    with pytest.raises(NoOwnerError):
        choose_owner([], desk="quality", serving=None)
