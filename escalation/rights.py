"""Who may do what (product §6, §1.1, §7.3), as one table. Pure; access is role *and* circumstance."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from enum import IntEnum, StrEnum


class Role(StrEnum):
    """What somebody is here."""

    AGENT = "agent"
    QUALITY_CONTROLLER = "quality_controller"
    LOGISTICS_COORDINATOR = "logistics_coordinator"
    TEAM_LEAD = "team_lead"
    SUPERVISOR = "supervisor"
    OPERATIONS_MANAGER = "operations_manager"
    AUDITOR = "auditor"
    ADMIN = "admin"


class Relation(StrEnum):
    """Whose ticket it is, seen from the person who asks."""

    OWN = "own"
    DESK = "desk"
    OTHER = "other"


class Access(IntEnum):
    """What may be done with a ticket; each level includes those below it."""

    NONE = 0
    READ_MASKED = 1
    READ = 2
    WORK = 3


class Reports(IntEnum):
    """Whose surveys and figures may be seen."""

    NONE = 0
    OWN = 1
    DESK = 2
    ALL = 3


class FaqRight(IntEnum):
    """What may be done with the shop's FAQ, and with the questions it did not answer."""

    NONE = 0
    READ = 1
    EDIT = 2


class PeopleRight(IntEnum):
    """What may be done about who works here as what. Nobody does both: it takes two people."""

    NONE = 0
    PROPOSE = 1
    APPROVE = 2


@dataclass(frozen=True)
class Rights:
    """One role's rights. `grants_up_to` in yuan: None is any amount. `consents_for`: whose handovers it consents to."""

    own: Access = Access.NONE
    desk: Access = Access.NONE
    other: Access = Access.NONE
    grants_up_to: Decimal | None = Decimal(0)
    consents_for: frozenset[Role] = frozenset()
    reports: Reports = Reports.NONE
    people: PeopleRight = PeopleRight.NONE
    reads_audit: bool = False
    faq: FaqRight = FaqRight.NONE


_WORKERS = frozenset({Role.AGENT, Role.QUALITY_CONTROLLER, Role.LOGISTICS_COORDINATOR})
_WORKER = Rights(own=Access.WORK, desk=Access.READ, grants_up_to=Decimal(50), reports=Reports.OWN, faq=FaqRight.READ)
_EVERYWHERE = (Access.WORK, Access.WORK, Access.WORK)
RIGHTS: Mapping[Role, Rights] = {
    **dict.fromkeys(_WORKERS, _WORKER),
    Role.TEAM_LEAD: Rights(
        Access.WORK, Access.WORK, grants_up_to=Decimal(200), consents_for=_WORKERS, reports=Reports.DESK,
        faq=FaqRight.EDIT,
    ),
    Role.SUPERVISOR: Rights(
        *_EVERYWHERE, grants_up_to=Decimal(1000), consents_for=frozenset({Role.TEAM_LEAD}), reports=Reports.ALL,
        people=PeopleRight.PROPOSE, faq=FaqRight.EDIT,
    ),
    Role.OPERATIONS_MANAGER: Rights(
        *_EVERYWHERE, grants_up_to=None, consents_for=frozenset({Role.SUPERVISOR}), reports=Reports.ALL,
        people=PeopleRight.APPROVE, reads_audit=True, faq=FaqRight.EDIT,
    ),
    Role.AUDITOR: Rights(
        Access.READ_MASKED, Access.READ_MASKED, Access.READ_MASKED, reports=Reports.ALL, reads_audit=True,
        faq=FaqRight.READ,
    ),
    Role.ADMIN: Rights(people=PeopleRight.PROPOSE, reads_audit=True),
}  # fmt: skip


def find_access(role: Role, relation: Relation) -> Access:
    """Return what a role may do with a ticket of that relation."""
    rights = RIGHTS[role]
    return {Relation.OWN: rights.own, Relation.DESK: rights.desk, Relation.OTHER: rights.other}[relation]


def may_grant(role: Role, amount: Decimal) -> bool:
    """Tell whether a role may grant an amount in yuan by itself; else it is an approval request."""
    limit = RIGHTS[role].grants_up_to
    return amount > 0 and (limit is None or amount <= limit)


def may_approve(role: Role, amount: Decimal, *, is_own_request: bool) -> bool:
    """Tell whether a role may approve a request. Nobody approves their own."""
    return not is_own_request and may_grant(role, amount)


def may_decide_on_data(role: Role) -> bool:
    """Tell whether a role may have a person's data handed out or erased: it decides on what the shop keeps (§1.3)."""
    return role in {Role.OPERATIONS_MANAGER, Role.ADMIN}


def may_consent(role: Role, owner_role: Role) -> bool:
    """Tell whether a role may consent to a handover by an owner of another role: the next rank up."""
    return owner_role in RIGHTS[role].consents_for
