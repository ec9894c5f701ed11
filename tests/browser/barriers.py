"""What keeps people out of a page: what axe finds, and what stands out of the window."""

from axe_playwright_python.async_playwright import Axe
from playwright.async_api import Page


async def find_barriers(page: Page) -> list[str]:
    """Return what axe finds: the rule, and the element."""
    # A page's own policy lets no script in; the checker comes with the browser, past it.
    found = await Axe().run(page)
    return [f"{fault['id']}: {node['html']}" for fault in found.response["violations"] for node in fault["nodes"]]


async def is_too_wide(page: Page) -> bool:
    """Tell whether the page must be scrolled sideways."""
    return bool(await page.evaluate("document.documentElement.scrollWidth > innerWidth"))
