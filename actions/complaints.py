"""A complaint's four stages (§4.1) and when each is promised. Pure."""

from datetime import datetime

from actions.lines import Line
from escalation.tickets import STAGES_WITHIN


def describe_stages(opened_at: datetime) -> tuple[Line, ...]:
    """Return each stage with the instant it is promised by."""
    return tuple(Line(f"complaint.stage.{name}", {"at": opened_at + within}) for name, within in STAGES_WITHIN.items())
