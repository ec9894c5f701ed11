"""A complaint's four stages (§4.1) and when each is promised. Pure."""

from datetime import datetime

from actions.lines import Line
from escalation.tickets import STAGES_WITHIN


def describe_stages(opened_at: datetime, *, due_at: datetime, feedback_at: datetime) -> tuple[Line, ...]:
    """Return each stage with the instant it is promised by: the standard's, or the ticket's clocks where they are less.

    A complaint is handled by when its ticket is due, and reported back by when its outcome is; the standard's times are
    the most that may be.
    """
    ceilings = {name: opened_at + within for name, within in STAGES_WITHIN.items()}
    clocks = {"investigating": due_at, "handling": due_at, "fed_back": feedback_at}
    return tuple(
        Line(f"complaint.stage.{name}", {"at": min(at, clocks.get(name, at))}) for name, at in ceilings.items()
    )
