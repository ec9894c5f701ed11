"""What escalation refuses, by name."""


class EscalationError(Exception):
    """The base of everything escalation refuses."""


class NoOwnerError(EscalationError):
    """There is nobody who could own a ticket: add a person (`shouwen people add`)."""


class UnknownTicketError(EscalationError):
    """There is no ticket of this number."""


class UnknownHandoverError(EscalationError):
    """There is no such handover."""


class ProposalError(EscalationError, ValueError):
    """What was asked about people and their rights is not done; `code` names why."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


class ForbiddenTransitionError(EscalationError):
    """The table of states has no such step."""


class PersonError(EscalationError, ValueError):
    """A person cannot be added as asked; the message says why."""


class ForbiddenError(EscalationError):
    """This person may not do this to this ticket; the message says why."""


class RefusedError(EscalationError):
    """What was asked cannot be done as things stand; the message says why."""


class CursorError(EscalationError, ValueError):
    """What should say where a page begins says nothing of the kind."""


class DecidedError(RefusedError):
    """Somebody has decided it already; the message says who."""


class TooManyRevealsError(EscalationError):
    """Somebody has had more personal data shown than a day's work needs."""


class ConflictError(EscalationError):
    """Somebody else changed it after one had looked; the message says who and when."""


class ClosedTooLongError(RefusedError):
    """A ticket was closed too long ago to be reopened: open a new one that goes on from it."""


class SurveyError(EscalationError):
    """A survey cannot be taken; `code` names why: unknown, expired, answered, bad_rating."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


class SignInError(EscalationError):
    """Login or password is wrong; never says which."""


class PasswordError(EscalationError, ValueError):
    """A new password cannot be taken; the message says why."""
