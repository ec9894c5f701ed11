"""The API's description fits the API."""

from pathlib import Path
from typing import Any

import pytest

from bot.app import build_app
from bot.console.api import ACTS
from bot.console.openapi import describe_api
from bot.settings import Settings


@pytest.fixture
def described(tmp_path: Path) -> dict[str, Any]:
    """The document of the whole application."""
    return describe_api(build_app(Settings(data_dir=tmp_path), database_url="postgresql+asyncpg://nobody@/nothing"))


def test_every_act_on_a_ticket_is_described(described: dict[str, Any]) -> None:
    """With the body it wants."""
    for name in ACTS:
        assert "requestBody" in described["paths"][f"/api/v1/tickets/{{number}}/{name}"]["post"]


def test_every_reference_leads_somewhere(described: dict[str, Any]) -> None:
    """No schema is missing, no path parameter unnamed."""
    for path, methods in described["paths"].items():
        for method in methods.values():
            named = {one["name"] for one in method["parameters"] if one["in"] == "path"}
            assert {part[1:-1] for part in path.split("/") if part.startswith("{")} == named
            if "requestBody" in method:
                wanted = method["requestBody"]["content"]["application/json"]["schema"]["$ref"].rpartition("/")[2]
                assert wanted in described["components"]["schemas"]
