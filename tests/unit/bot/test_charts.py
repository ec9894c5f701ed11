"""Charts are SVG that says what it shows."""

from xml.etree import ElementTree

import pytest

from bot.supervisor.charts import Bar, Line, Point, draw_bars, draw_lines


def parse(chart: str) -> ElementTree.Element:
    """The chart as XML; what is no XML fails."""
    return ElementTree.fromstring(chart)


def points(*names: str) -> list[Point]:
    """Points in time that lead somewhere."""
    return [Point(name, link=f"/week?of={name}&x=1", told=f"{name}: 4.2") for name in names]


def test_names_are_text_and_never_markup() -> None:
    """Whatever a category is called."""
    chart = parse(draw_bars('"><script>', [Bar("<b>&", 3, before=3, link="/a?b=1&c=2")]))
    assert '"><script>' == chart.get("aria-label")
    assert ["<b>&", "3 (=)"] == [text.text for text in chart.iter("text")]
    assert ["/a?b=1&c=2"] == [link.get("href") for link in chart.iter("a")]
    assert ["<b>& 3 (=)"] == [link.get("aria-label") for link in chart.iter("a")]


def test_every_point_in_time_leads_to_what_it_counts() -> None:
    """A column of the chart each, without a gap between them, that says what it shows."""
    lines = [Line("a", [4.0, None, 2.0])]
    links = list(parse(draw_lines("t", points("1", "2", "3"), lines, low=1, high=5)).iter("a"))
    assert [(f"/week?of={day}&x=1", f"{day}: 4.2") for day in "123"] == [
        (link.get("href"), link.get("aria-label")) for link in links
    ]
    spots = [rect for link in links for rect in link.iter("rect")]
    ends = [float(rect.get("x", "0")) + float(rect.get("width", "0")) for rect in spots]
    assert ends[:-1] == pytest.approx([float(rect.get("x", "0")) for rect in spots[1:]], abs=0.2)


def test_labels_of_lines_that_meet_are_apart() -> None:
    """Three names at one value stand under one another."""
    lines = [Line(name, [4.0, 5.0]) for name in ("a", "b", "c")]
    chart = parse(draw_lines("t", points("w1", "w2"), lines, low=1, high=5))
    heights = [float(text.get("y", "0")) for text in chart.iter("text") if text.text in {"a", "b", "c"}]
    assert sorted(set(heights)) == heights


def test_a_gap_is_a_gap() -> None:
    """A week without ratings has no point."""
    chart = parse(draw_lines("t", points("1", "2", "3"), [Line("a", [4.0, None, 2.0])], low=1, high=5, mark=4.2))
    assert 2 == len(list(chart.iter("circle")))


def test_nothing_is_drawn_of_nothing() -> None:
    """No data, no line, no error."""
    assert [] == list(parse(draw_lines("t", [], [Line("a", [])], low=1, high=5)).iter("polyline"))
    assert [] == list(parse(draw_bars("t", [])).iter("rect"))


@pytest.mark.parametrize(
    ("count", "before", "label"), [(8, 5, "8 (+3)"), (2, 5, "2 (-3)"), (4, 4, "4 (=)"), (0, 0, "0 (=)")]
)
def test_a_bar_tells_the_change(count: int, before: int, label: str) -> None:
    """Its number stands with what it was before."""
    assert label == Bar("order", count, before, link="/").label
