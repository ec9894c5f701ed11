"""The service file and what it refuses."""

import re
from datetime import timedelta
from importlib.resources import files
from pathlib import Path

import pytest

from escalation.service_levels import ServiceLevels, ServiceLevelsError, load_service_levels, parse_duration

DEFAULT = files("escalation").joinpath("service_levels.yml").read_text(encoding="utf-8")


def load(tmp_path: Path, old: str, new: str) -> ServiceLevels:
    """Load the default file with one thing changed."""
    assert old in DEFAULT
    path = tmp_path / "levels.yml"
    path.write_text(DEFAULT.replace(old, new, 1), encoding="utf-8")
    return load_service_levels(path)


def test_the_default_file_knows_a_desk_for_every_category(levels: ServiceLevels) -> None:
    """Including those who only ask for a person."""
    categories = ["order", "logistics", "quality", "after_sales", "complaint", "handoff"]
    assert ["order", "logistics", "quality", "after_sales", "complaint", "after_sales"] == [
        levels.desk_for(category) for category in categories
    ]


@pytest.mark.parametrize(
    ("old", "new", "clause"),
    [
        ("response: PT24H", "response: PT24H1S", "24 h"),
        ("resolution: PT48H", "resolution: PT49H", "48 h"),
        ("feedback: PT72H", "feedback: P4D", "72 h"),
    ],
)
def test_more_than_the_standard_allows_is_refused(tmp_path: Path, old: str, new: str, clause: str) -> None:
    """With file, line, field, value and clause (§1.4)."""
    line = DEFAULT[: DEFAULT.index(old)].count("\n") + 1
    with pytest.raises(ServiceLevelsError) as refused:
        load(tmp_path, old, new)
    (fault,) = refused.value.faults
    for part in (f"levels.yml:{line}:", old.split(":", maxsplit=1)[0], new.rsplit(maxsplit=1)[-1], clause, "§1.4"):
        assert part in fault


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("zone: Asia/Shanghai", "zone: Asia/Shanghia"),
        ('opens: "09:00"', "opens: 9"),
        ("{name: warn, at: 0.8", "{name: warn, at: 0"),
        ("claim: PT2H", "claims: PT2H"),
        ("{categories: [order]}", "{categories: [ordr]}"),
        ("working_hours: {", "working_hours: soon #"),
        ("desks:\n", "desk:\n"),
    ],
)
def test_every_fault_has_file_line_value_and_clause(tmp_path: Path, old: str, new: str) -> None:
    """Whatever it is about: the file is the shop's word on §1.4."""
    with pytest.raises(ServiceLevelsError) as refused:
        load(tmp_path, old, new)
    for fault in refused.value.faults:
        assert re.fullmatch(r".*levels\.yml:\d+: [\w.\[\]]+: .+ \(§[\d.]+\)", fault), fault


def test_a_day_can_be_tried_in_a_minute(tmp_path: Path) -> None:
    """Seconds are allowed."""
    levels = load(tmp_path, "response: PT24H", "response: PT60S")
    assert timedelta(minutes=1) in levels.within.values()


def test_every_fault_is_told_at_once(tmp_path: Path) -> None:
    """Two wrong values, two faults."""
    with pytest.raises(ServiceLevelsError) as refused:
        load(tmp_path, "claim: PT2H\n    response: PT24H", "claim: soon\n    response: PT0S")
    assert 2 == len(refused.value.faults)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("PT30M", timedelta(minutes=30)),
        ("P1DT2H3M4S", timedelta(days=1, hours=2, minutes=3, seconds=4)),
        ("P3D", timedelta(days=3)),
        ("P", None), ("", None), ("30M", None), ("PT-5M", None), ("P1M", None), ("PT1.5H", None), ("pt30m", None),
    ],
)  # fmt: skip
def test_durations_are_read_exactly(text: str, expected: timedelta | None) -> None:
    """ISO 8601 with days, hours, minutes, seconds; a month is no duration."""
    assert expected == parse_duration(text)


@pytest.mark.parametrize(
    ("old", "new", "named"),
    [
        ("{name: breach, at: 1.0", "{name: breach, at: 1.1", "breach"),
        ("breach, at: 1.0, tiers: [general, major, critical]", "breach, at: 1.0, tiers: [major]", "breach"),
        ("{name: breach, at: 1.0", "{name: late, at: 1.0", "no step breach"),
        ("{name: supervisor, at: 1.25", "{name: warn, at: 1.25", "twice"),
        ("{name: warn, at: 0.8", "{name: warn, at: 0", "at"),
        ("{name: warn, at: 0.8", "{name: warn, at: .inf", "at"),
        ("{name: warn, at: 0.8", "{name: warn, at: -.8", "at"),
    ],
)  # fmt: skip
def test_a_ladder_that_would_miss_a_breach_is_refused(tmp_path: Path, old: str, new: str, named: str) -> None:
    """The deadline is a step of every tier, and no step is there twice or at no time."""
    with pytest.raises(ServiceLevelsError, match=named):
        load(tmp_path, old, new)
