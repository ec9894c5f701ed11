"""Chromium in front of the real application on a port of its own."""

import shutil
from collections.abc import AsyncIterator, Generator
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer
from playwright.async_api import Browser, BrowserContext, Page, async_playwright, expect

from tests.integration.conftest import app, interpreter, seeded, settings
from tests.patience import PATIENCE_SECONDS

__all__ = ["app", "interpreter", "seeded", "settings"]

expect.set_options(timeout=PATIENCE_SECONDS * 1000)

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
SCREENSHOTS = Path(__file__).parent / "screenshots"
WIDE: dict[str, Any] = {"viewport": {"width": 1280, "height": 900}, "locale": "zh-TW"}
PHONE: dict[str, Any] = {
    "viewport": {"width": 390, "height": 844},
    "device_scale_factor": 2,
    "has_touch": True,
    "is_mobile": True,
    "color_scheme": "dark",
    "locale": "en-GB",
}
_FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)


_FAILED = pytest.StashKey[bool]()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Let the fixtures know, as they end, whether the test did not pass."""
    report = yield
    if report.failed:
        item.stash[_FAILED] = True
    return report


async def _tell_what_is_shown(browser: Browser, name: str) -> None:
    """What each window showed in the end, in words and as a picture."""
    SCREENSHOTS.mkdir(exist_ok=True)
    pages = [page for context in browser.contexts for page in context.pages]
    for index, page in enumerate(pages):
        print(f"window {index}, {page.url}:\n{(await page.locator('body').inner_text())[:1500]}")
        await page.screenshot(path=SCREENSHOTS / f"failed-{name}-{index}.png")


@pytest.fixture
async def browser(request: pytest.FixtureRequest) -> AsyncIterator[Browser]:
    """Debian's Chromium. Where a test fails, what its windows showed is told beside the fault."""
    if CHROMIUM is None:
        pytest.skip("Chromium is not installed (Debian: apt-get install chromium fonts-noto-cjk)")
    async with async_playwright() as playwright:
        launched = await playwright.chromium.launch(executable_path=CHROMIUM, args=list(_FLAGS))
        yield launched
        if request.node.stash.get(_FAILED, False):
            await _tell_what_is_shown(launched, request.node.originalname)
        await launched.close()


@pytest.fixture
async def server(app: web.Application) -> AsyncIterator[TestServer]:
    """The application on a loopback port."""
    async with TestServer(app) as started:
        yield started


class Window:
    """A customer's window: the shop's page with the widget in it."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.chat = page.locator("shouwen-chat")
        self.log = self.chat.get_by_role("log")
        self.input = self.chat.locator("textarea")
        self.faults: list[str] = []
        page.on("pageerror", lambda error: self.faults.append(str(error)))

    async def open_chat(self) -> None:
        """Open the panel by its round button."""
        await self.chat.locator("button.launch").click()
        await self.input.wait_for()

    async def write(self, text: str) -> None:
        """Write and send."""
        await self.input.fill(text)
        await self.chat.locator("button.send").click()

    async def see(self, part: str) -> None:
        """Wait until a bubble has this in it."""
        await self.log.locator(".bubble:not(.mine)", has_text=part).last.wait_for()

    async def press(self, label: str) -> None:
        """Press a quick-reply button."""
        await self.chat.locator(".choices").get_by_role("button", name=label).click()

    async def keep(self, name: str) -> None:
        """Keep a picture of the window."""
        SCREENSHOTS.mkdir(exist_ok=True)
        await self.page.screenshot(path=SCREENSHOTS / f"{name}.png", animations="disabled")


async def open_window(browser: Browser, address: str, *, opens: bool = False, **screen: Any) -> Window:
    """Open a page in a context of its own; `opens`: one whose chat opens by itself."""
    context: BrowserContext = await browser.new_context(**screen)
    context.set_default_timeout(PATIENCE_SECONDS * 1000)
    page = await context.new_page()
    window = Window(page)
    await page.goto(address)
    await (window.input if opens else window.chat.locator("button.launch")).wait_for()
    return window
