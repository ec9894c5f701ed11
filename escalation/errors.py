"""What escalation refuses, by name."""


class EscalationError(Exception):
    """The base of everything escalation refuses."""


class NoOwnerError(EscalationError):
    """There is nobody who could own a ticket: add a person (`shouwen people add`)."""


class UnknownTicketError(EscalationError):
    """There is no ticket of this number."""


class ForbiddenTransitionError(EscalationError):
    """The table of states has no such step."""


class PersonError(EscalationError, ValueError):
    """A person cannot be added as asked; the message says why."""
