"""A complaint's four stages (§4.1) and when each is promised. Pure."""

from datetime import datetime, timedelta

from actions.lines import Line

# Accepted at once; the others are promised from the first word on (product §4).
STAGES: tuple[tuple[str, timedelta], ...] = (
    ("accepted", timedelta(0)),
    ("investigating", timedelta(hours=24)),
    ("handling", timedelta(hours=48)),
    ("fed_back", timedelta(hours=72)),
)


def describe_stages(opened_at: datetime) -> tuple[Line, ...]:
    """Return each stage with the instant it is promised by."""
    return tuple(Line(f"complaint.stage.{name}", {"at": opened_at + within}) for name, within in STAGES)
