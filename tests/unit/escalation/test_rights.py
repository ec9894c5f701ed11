"""The table of rights (product §6)."""

from decimal import Decimal

import pytest

from escalation.people import ROLES
from escalation.rights import RIGHTS, Access, Relation, Reports, Role, find_access, may_approve, may_consent, may_grant


@pytest.mark.parametrize(
    ("role", "own", "desk", "other"),
    [
        ("agent", Access.WORK, Access.READ, Access.NONE),
        ("quality_controller", Access.WORK, Access.READ, Access.NONE),
        ("logistics_coordinator", Access.WORK, Access.READ, Access.NONE),
        ("team_lead", Access.WORK, Access.WORK, Access.NONE),
        ("supervisor", Access.WORK, Access.WORK, Access.WORK),
        ("operations_manager", Access.WORK, Access.WORK, Access.WORK),
        ("auditor", Access.READ_MASKED, Access.READ_MASKED, Access.READ_MASKED),
        ("admin", Access.NONE, Access.NONE, Access.NONE),
    ],
)
def test_access_follows_role_and_circumstance(role: str, own: Access, desk: Access, other: Access) -> None:
    """Own, the desk's and other tickets, by role."""
    assert [own, desk, other] == [find_access(Role(role), relation) for relation in Relation]


@pytest.mark.parametrize(
    ("role", "amount", "expected"),
    [
        ("agent", "50", True),
        ("agent", "50.01", False),
        ("team_lead", "200", True),
        ("team_lead", "200.01", False),
        ("supervisor", "1000", True),
        ("supervisor", "1000.01", False),
        ("operations_manager", "1000000", True),
        ("auditor", "0.01", False),
        ("admin", "0.01", False),
        ("operations_manager", "-1", False),
    ],
)
def test_grants_end_at_the_limit(role: str, amount: str, expected: bool) -> None:
    """The limit itself may be granted, a fen more may not."""
    assert expected is may_grant(Role(role), Decimal(amount))


def test_nobody_approves_their_own_request() -> None:
    """Not even the operations manager."""
    assert may_approve(Role.SUPERVISOR, Decimal(500), is_own_request=False)
    assert not may_approve(Role.OPERATIONS_MANAGER, Decimal(500), is_own_request=True)


@pytest.mark.parametrize(
    ("owner", "consenting"),
    [
        ("agent", {"team_lead"}),
        ("quality_controller", {"team_lead"}),
        ("team_lead", {"supervisor"}),
        ("supervisor", {"operations_manager"}),
        ("operations_manager", set()),
    ],
)
def test_a_handover_needs_the_next_rank(owner: str, consenting: set[str]) -> None:
    """Exactly the next rank up consents."""
    assert consenting == {role.value for role in Role if may_consent(role, Role(owner))}


@pytest.mark.parametrize(
    ("role", "reports"),
    [
        ("agent", Reports.OWN),
        ("quality_controller", Reports.OWN),
        ("logistics_coordinator", Reports.OWN),
        ("team_lead", Reports.DESK),
        ("supervisor", Reports.ALL),
        ("operations_manager", Reports.ALL),
        ("auditor", Reports.ALL),
        ("admin", Reports.NONE),
    ],
)
def test_figures_are_shown_by_role(role: str, reports: Reports) -> None:
    """Surveys and reports: one's own, the desk's, all."""
    assert reports is RIGHTS[Role(role)].reports


def test_every_role_that_people_can_have_has_rights() -> None:
    """No role is without a row, and no row without a role."""
    assert set(ROLES) == {role.value for role in RIGHTS} == {role.value for role in Role}
