"""Who owns a new ticket."""

from uuid import UUID, uuid4

import pytest

from escalation.errors import NoOwnerError
from escalation.routing import Candidate, choose_owner, choose_watch


def person(
    login: str,
    role: str = "agent",
    desk: str | None = "quality",
    *,
    on_duty: bool = True,
    open_cases: int = 0,
    has_way: bool = False,
) -> Candidate:
    """Somebody with room for ten."""
    return Candidate(uuid4(), login, login.title(), role, desk, on_duty, open_cases, 10, ("email",) if has_way else ())


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


AWAY = person("ann", on_duty=False)
BOSS, HEAD = person("max", "operations_manager", None, on_duty=False), person("sue", "supervisor", None, on_duty=False)


@pytest.mark.parametrize(
    ("people", "expected"),
    [
        ([person("bo"), LEAD], []),  # a colleague takes it up
        ([person("bo", desk="order"), LEAD], ["lead"]),  # another desk's does not
        ([LEAD, person("lena", "team_lead"), HEAD], ["lead", "lena"]),  # all of a rank
        ([person("lee", "team_lead", "order"), HEAD, BOSS], ["max"]),  # another desk's lead is none
        ([HEAD, BOSS], ["max"]),
        ([person("sam", "supervisor", None, on_duty=False, has_way=True), BOSS], ["sam"]),  # reached somewhere
        ([HEAD], ["sue"]),
        ([ADMIN], ["admin"]),
        ([], []),
    ],
)
def test_of_a_critical_ticket_the_lowest_rank_here_is_told_else_the_highest(
    people: list[Candidate], expected: list[str]
) -> None:
    """While its owner is away and nobody of the desk is here."""
    told, _ = choose_watch([AWAY, *people], desk="quality", owner_id=AWAY.id, desk_open=True)
    assert expected == [one.login for one in told]


def test_an_owner_who_is_here_needs_nobody_unless_the_hours_are_over() -> None:
    """Nor is the owner told twice."""
    assert () == choose_watch([LEAD], desk="quality", owner_id=LEAD.id, desk_open=True)[0]
    assert [] == choose_watch([LEAD], desk="quality", owner_id=LEAD.id, desk_open=False)[0]
    owner = person("ann")
    told, why = choose_watch([owner, LEAD], desk="quality", owner_id=owner.id, desk_open=False)
    assert (["lead"], "here") == ([one.login for one in told], why)


def test_after_the_first_answer_colleagues_cannot_take_it_up() -> None:
    """The owner is fixed: those above must hear of it."""
    told, _ = choose_watch([AWAY, person("bo"), LEAD], desk="quality", owner_id=AWAY.id, desk_open=True, answered=True)
    assert ["lead"] == [one.login for one in told]
