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
            for media in method.get("requestBody", {"content": {}})["content"].values():
                wanted = media["schema"].get("$ref", "").rpartition("/")[2]
                assert not wanted or wanted in described["components"]["schemas"]


def test_what_is_sent_and_answered_is_told(described: dict[str, Any]) -> None:
    """Every request that needs a body says so, and with which status it is answered."""
    upload, parse = (described["paths"][f"/api/v1/{name}"]["post"] for name in ("attachments", "nlu/parse"))
    assert ["multipart/form-data"] == list(upload["requestBody"]["content"])
    assert ["201", "default"] == list(upload["responses"])
    assert ["text"] == parse["requestBody"]["content"]["application/json"]["schema"]["required"]
    assert described["paths"]["/api/v1/tickets/{number}/messages"]["post"]["requestBody"]["required"]
    assert not described["paths"]["/api/v1/tickets/{number}/accept"]["post"]["requestBody"]["required"]


def test_no_two_things_are_called_the_same(described: dict[str, Any]) -> None:
    """A summary says what this one does, in words."""
    told = [method["summary"] for methods in described["paths"].values() for method in methods.values()]
    assert [] == [summary for summary in told if "/" in summary]
    tickets = [
        one["post"]["summary"] for path, one in described["paths"].items() if "/tickets/" in path and "post" in one
    ]
    assert len(set(tickets)) == len(tickets)
