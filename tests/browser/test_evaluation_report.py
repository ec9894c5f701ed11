"""The report on understanding in Chromium: all of it in sight, wide and on a phone."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from playwright.async_api import Browser

from bot.nlu.evaluation import Judged, LabelledText
from bot.nlu.evaluation_report import FileReport, Report, write_report
from bot.nlu.reading import CATEGORIES, Reading
from tests.browser.conftest import PHONE, WIDE


def write_example(path: Path) -> Path:
    """Write a report on one file with a long name, in parts, and with everything taken for orders."""
    cases = [
        Judged(
            LabelledText(f"text {number}", category, selection=f"part_{number % 2}"),
            Reading(
                text="", intent="order.cancel", category="order", confidence=0.9, unsure=False, language="en",
                entities=(), also=(), ranking=(), engine="embedded",
            ),
        )
        for number, category in enumerate(CATEGORIES * 12)
    ]  # fmt: skip
    made_at = datetime(2026, 11, 27, tzinfo=UTC)
    file = FileReport("what_customers_of_a_rather_large_shop_wrote_in_march", cases)
    return write_report(Report(Path("march"), "embedded", "0123456789abcdef", made_at, [file], []), path)


@pytest.mark.parametrize("window", [WIDE, PHONE], ids=["wide", "phone"])
@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_no_figure_is_out_of_sight(window: dict[str, Any], scheme: str, browser: Browser, tmp_path: Path):
    """Neither the page nor its table needs to be pushed sideways, and each figure says what it is."""
    page = await browser.new_page(**{**window, "color_scheme": scheme})
    await page.goto(write_example(tmp_path / "report.html").as_uri())
    cells = page.locator("table td")
    edges = await cells.evaluate_all("cells => cells.map(cell => cell.getBoundingClientRect().right)")
    assert edges
    assert max(edges) <= await page.evaluate("innerWidth")
    assert await page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert all(await cells.evaluate_all("cells => cells.map(cell => cell.dataset.name)"))
