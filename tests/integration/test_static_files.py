"""Scripts and styles of the pages, as a browser gets them."""

from typing import Any

import pytest
from aiohttp.test_utils import TestClient

pytestmark = pytest.mark.postgres


@pytest.mark.parametrize("path", ["console.js", "console/page.js", "tokens.css"])
async def test_a_browser_asks_again_and_gets_nothing_twice(client: TestClient[Any, Any], path: str) -> None:
    """After an upgrade no page works with one script of before; what has not changed is not sent again."""
    first = await client.get(f"/static/{path}")
    assert (200, "no-cache") == (first.status, first.headers["Cache-Control"])
    second = await client.get(f"/static/{path}", headers={"If-None-Match": first.headers["ETag"]})
    assert (304, "no-cache") == (second.status, second.headers["Cache-Control"])
