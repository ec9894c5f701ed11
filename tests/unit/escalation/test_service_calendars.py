"""The calendars of the service file: what they mean, and what is refused."""

from datetime import UTC, date, datetime, time
from importlib.resources import files
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from ruamel.yaml import YAML

from escalation.calendar import Period
from escalation.clocks import ClockKind
from escalation.service_levels import ServiceLevels, ServiceLevelsError, load_service_levels
from escalation.severity import Tier
from escalation.sla import compute_due_line
from escalation.terms import find_unknown_years

DEFAULT = files("escalation").joinpath("service_levels.yml").read_text(encoding="utf-8")
SHOP = """
calendars:
  shop:
    zone: Asia/Shanghai
    week:
      mon-fri: ["09:00-12:00", "13:00-18:00"]
      sat: ["10:00-14:00"]
      sun: closed
    holidays: CN
    exceptions:
      2026-12-31: closed
      2026-12-24..2026-12-25: ["09:00-12:00"]
  night:
    zone: Asia/Shanghai
    week: {mon-sun: ["22:00-06:00"]}
  always:
    zone: Asia/Shanghai
    week: {mon-sun: ["00:00-24:00"]}
"""
FIRST_LINE = DEFAULT.count("\n") + 1
DAY_SHIFT = (Period(time(9), time(12)), Period(time(13), time(18)))


def load(tmp_path: Path, *changes: tuple[str, str], text: str = DEFAULT + SHOP) -> ServiceLevels:
    """Load the default file with calendars, with things changed."""
    for old, new in changes:
        assert old in text
        text = text.replace(old, new, 1)
    path = tmp_path / "levels.yml"
    path.write_text(text, encoding="utf-8")
    return load_service_levels(path)


def refuse(tmp_path: Path, *changes: tuple[str, str], text: str = DEFAULT + SHOP) -> list[str]:
    """Return what is wrong with a file."""
    with pytest.raises(ServiceLevelsError) as refused:
        load(tmp_path, *changes, text=text)
    return refused.value.faults


@pytest.mark.parametrize(
    ("day", "periods"),
    [
        (date(2026, 11, 23), DAY_SHIFT),
        (date(2026, 11, 28), (Period(time(10), time(14)),)),  # a Saturday
        (date(2026, 11, 29), ()),
        (date(2026, 10, 1), ()),  # National Day
        (date(2026, 10, 10), DAY_SHIFT),  # a Saturday worked for it: like a Monday
        (date(2026, 12, 31), ()),
        (date(2026, 12, 24), (Period(time(9), time(12)),)),
        (date(2026, 12, 25), (Period(time(9), time(12)),)),
    ],
)
def test_a_day_has_its_periods(tmp_path: Path, day: date, periods: tuple[Period, ...]) -> None:
    """The week, public holidays with their make-up days, and the shop's own exceptional days."""
    assert periods == load(tmp_path).calendars["shop"].calendar.periods_of(day)


def test_overnight_and_whole_days(tmp_path: Path) -> None:
    """22:00-06:00 ends on the next day; 00:00-24:00 is a day."""
    calendars, monday = load(tmp_path).calendars, date(2026, 11, 23)
    assert (Period(time(22), time(6)),) == calendars["night"].calendar.periods_of(monday)
    assert (Period(time(0), time(0)),) == calendars["always"].calendar.periods_of(monday)


def test_make_up_days_can_be_worked_like_another_day(tmp_path: Path) -> None:
    """As the shop says."""
    levels = load(tmp_path, ("    holidays: CN", "    holidays: CN\n    make_up: sat"))
    assert (Period(time(10), time(14)),) == levels.calendars["shop"].calendar.periods_of(date(2026, 10, 10))


GENERAL = ("  general:\n", "  general:\n    calendar: shop\n")
QUALITY = ("{categories: [quality]}", "{categories: [quality], calendar: night}")
CRITICAL = ("  critical:\n", "  critical:\n    calendar: round_the_clock\n")


@pytest.mark.parametrize(
    ("tier", "kind", "desk", "calendar"),
    [
        ("general", "response", "order", "shop"),  # of its tier
        ("general", "response", "quality", "shop"),  # the tier's before the desk's
        ("general", "claim", "quality", "night"),  # the desk's duty hours first
        ("general", "claim", "order", "shop"),
        ("major", "resolution", "quality", "night"),  # of its desk
        ("major", "resolution", "order", None),
        ("critical", "resolution", "quality", None),  # round the clock, whatever the desk has
        ("critical", "claim", "quality", "night"),  # nobody is there to accept it
        ("critical", "claim", None, None),
    ],
)
def test_a_clock_runs_by_its_tier_or_desk(
    tmp_path: Path, tier: str, kind: str, desk: str | None, calendar: str | None
) -> None:
    """General by the shop's calendar, the quality desk at night, critical round the clock."""
    named = load(tmp_path, GENERAL, QUALITY, CRITICAL).calendar_for(Tier(tier), ClockKind(kind), desk)
    assert calendar == (named.name if named else None)


@pytest.mark.parametrize(
    ("old", "new", "field", "value"),
    [
        ("zone: Asia/Shanghai\n    week:\n", "zone: Asia/Peking\n    week:\n", "calendars.shop.zone", "'Asia/Peking'"),
        ("holidays: CN", "holidays: China", "calendars.shop.holidays", "'China'"),
        ("holidays: CN", "hollidays: CN", "calendars.shop.hollidays", "'CN'"),
        ("holidays: CN", "make_up: sun", "calendars.shop.make_up", "'sun'"),
        ('sat: ["10:00-14:00"]', 'sat: ["10:00-25:00"]', "calendars.shop.week.sat[0]", "'10:00-25:00'"),
        ('sat: ["10:00-14:00"]', 'sat: ["10:00-10:00"]', "calendars.shop.week.sat[0]", "'10:00-10:00'"),
        ('sat: ["10:00-14:00"]', 'sat: ["10:00-14:00", "13:00-15:00"]', "calendars.shop.week.sat", "overlap"),
        ('sat: ["10:00-14:00"]', "sat: 10:00-14:00", "calendars.shop.week.sat", "'10:00-14:00'"),
        ('sat: ["10:00-14:00"]', "caturday: closed", "calendars.shop.week.caturday", "'closed'"),
        ('sat: ["10:00-14:00"]', "fri-sat: closed", "calendars.shop.week.fri-sat", "second time"),
        ("2026-12-31: closed", "2026-13-31: closed", "calendars.shop.exceptions.2026-13-31", "'closed'"),
        ("2026-12-31: closed", "2026-12-24: closed", "calendars.shop.exceptions.2026-12-24..2026-12-25", "already"),
        ("2026-12-31: closed", "2026-12-31..2026-12-01: closed", "exceptions.2026-12-31..2026-12-01", "no day"),
        ("2026-12-31: closed", "2026-12-31: shut", "calendars.shop.exceptions.2026-12-31", "'shut'"),
        ("2026-12-31: closed", "2026-12-31..2028-03-01: closed", "calendars.shop", "in a row"),
        ('week: {mon-sun: ["22:00-06:00"]}', "week: {mon-sun: closed}", "calendars.night", "in a row"),
        ('week: {mon-sun: ["22:00-06:00"]}', "hours: {}", "calendars.night.week", "needed"),
        ("  night:\n", "  round_the_clock:\n", "calendars.round_the_clock", "name"),
    ],
)
def test_a_wrong_calendar_is_refused(tmp_path: Path, old: str, new: str, field: str, value: str) -> None:
    """With file, line, field and value."""
    text = DEFAULT + SHOP
    lines = [text[: text.index(old)].count("\n") + ahead for ahead in range(-12, 6)]
    fault = next(fault for fault in refuse(tmp_path, (old, new)) if f"{field}:" in fault)
    assert value in fault
    assert any(f"levels.yml:{line}:" in fault for line in lines)


@pytest.mark.parametrize(
    ("old", "new", "fault"),
    [
        ("  general:\n", "  general:\n    calendar: shpo\n", "tiers.general.calendar: 'shpo'"),
        ("{categories: [quality]}", "{categories: [quality], calendar: moon}", "desks.quality.calendar: 'moon'"),
        ("{categories: [quality]}", "{categories: [quality, returns]}", "desks.quality.categories[1]: 'returns'"),
        ("{categories: [quality]}", "{categories: [quality], lead: mei}", "desks.quality.lead: 'mei'"),
        ("{categories: [quality]}", "{categories: [quality, order]}", "takes order from another desk (§4.3)"),
        ("{categories: [quality]}", "{categories: []}", "works on quality (§4.3)"),
        ("tiers:\n", "tears: 1\ntiers:\n", "tears: 1 is not known here"),
        ("    response: PT4H\n", "    response: PT4H\n    respond: PT4H\n", "tiers.major.respond: 'PT4H'"),
        ("    response: PT4H\n", "    response: 4\n", "tiers.major.response: 4 is no ISO 8601 duration"),
        ("    response: PT4H\n", "", "tiers.major.response: nothing is there"),
        ("at: 1.25, tiers: [general, major", "at: 1.25, tiers: [general, mayor", "ladder[3].tiers"),
        ("{name: supervisor, at: 1.25", "{name: supervisor, share: 1.25", "ladder[3].share: 1.25"),
        ('closes: "21:00"', 'closes: "08:00"', "working_hours.closes: '08:00' is not after opens"),
        ('closes: "21:00"', "closes: 9pm", "working_hours.closes: '9pm'"),
    ],
)
def test_what_is_unknown_or_missing_is_named(tmp_path: Path, old: str, new: str, fault: str) -> None:
    """Keys, names, values: nothing is passed over in silence."""
    assert any(fault in told for told in refuse(tmp_path, (old, new)))


def test_all_faults_are_told_in_the_order_of_their_lines(tmp_path: Path) -> None:
    """A wrong duration, an unknown desk's calendar and a wrong period, in one go."""
    faults = refuse(
        tmp_path,
        ("response: PT24H", "response: PT25H"),
        ("{categories: [quality]}", "{categories: [quality], calendar: moon}"),
        ('sat: ["10:00-14:00"]', 'sat: ["10-14"]'),
    )
    assert ["tiers.general.response", "desks.quality.calendar", "calendars.shop.week.sat[0]"] == [
        fault.split(": ")[1] for fault in faults
    ]


def test_a_refused_calendar_is_told_once(tmp_path: Path) -> None:
    """Not again for each desk that names it."""
    faults = refuse(tmp_path, ('["22:00-06:00"]', '["22-06"]'), QUALITY)
    assert all("calendars.night" in fault for fault in faults)


@pytest.mark.parametrize("text", ["", "[]", "tiers: [", "tiers: 3", "a: 1\na: 2", "\x00", "- tiers"])
def test_what_is_no_table_is_refused(tmp_path: Path, text: str) -> None:
    """By the name of the file."""
    assert all("levels.yml" in fault for fault in refuse(tmp_path, text=text))


_VALUES: st.SearchStrategy[Any] = st.sampled_from([None, 0, -1, 1.5, True, "", "closed", [], {}, [[]], [{}], ["x"]])


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data(), value=_VALUES)
def test_no_value_makes_the_check_itself_fail(tmp_path: Path, data: st.DataObject, value: Any) -> None:
    """Wherever it stands, it is taken or refused by name."""
    tree = YAML(typ="safe").load(DEFAULT + SHOP.replace("holidays: CN", "holidays: DE"))
    parent: Any = tree
    while True:
        key = data.draw(st.sampled_from(list(parent) if isinstance(parent, dict) else range(len(parent))))
        if not parent[key] or not isinstance(parent[key], dict | list) or data.draw(st.booleans()):
            break
        parent = parent[key]
    parent[key] = value
    text = StringIO()
    YAML().dump(tree, text)
    try:
        load(tmp_path, text=text.getvalue())
    except ServiceLevelsError as error:
        assert error.faults  # noqa: PT017 (both ends are fine)


@pytest.mark.parametrize(("day", "years"), [("2026-10-01", []), ("2026-11-24", ["2027"]), ("2031-06-01", ["2031"])])
def test_a_year_whose_holidays_are_not_known_is_named(tmp_path: Path, day: str, years: list[str]) -> None:
    """Two months ahead; nothing is said of calendars without holidays."""
    told = find_unknown_years(load(tmp_path), datetime.fromisoformat(day).replace(tzinfo=UTC))
    assert years == [word for sentence in told for word in sentence.split() if word.isdigit()]
    assert all("shop" in sentence for sentence in told)


def test_a_year_that_is_not_known_keeps_the_days_that_the_law_names(tmp_path: Path) -> None:
    """1 to 3 October 2031 are a Wednesday to a Friday; the week after has no more days off."""
    calendar = load(tmp_path).calendars["shop"].calendar
    assert [()] * 3 == [calendar.periods_of(date(2031, 10, day)) for day in (1, 2, 3)]
    assert DAY_SHIFT == calendar.periods_of(date(2031, 10, 8))


REFERENCE = Path(__file__).parents[3] / "docs" / "reference" / "service-file.md"


def test_the_example_of_the_reference_is_taken(tmp_path: Path) -> None:
    """As it stands there, its answer too."""
    text = REFERENCE.read_text(encoding="utf-8")
    levels = load(tmp_path, text=text.split("```yaml\n")[1].split("```")[0])
    asked, answered = text.split("```json\n")[1].split("```")[0].splitlines()
    told = compute_due_line(levels, asked)
    assert f'"due_at": "{told["due_at"]}"' in answered
    assert f'"at": "{told["steps"][0]["at"]}"' in answered
