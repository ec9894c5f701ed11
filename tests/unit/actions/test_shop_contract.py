"""The contract for a shop's own system: a document that can be trusted, and says what the code does."""

import json
from typing import Any

import pytest
from jsonschema import Draft202012Validator, FormatChecker
from openapi_spec_validator import OpenAPIV31SpecValidator
from referencing import Registry, Resource
from referencing.jsonschema import DRAFT202012
from ruamel.yaml import YAML

from actions import shop_wire
from actions.policy.case import KINDS
from actions.shop import CommandKind, OrderStatus
from bot.settings import PROJECT

FILE = PROJECT / "docs" / "reference" / "shop-api.yaml"
RECORDS = {
    "Order": shop_wire.WireOrder,
    "Item": shop_wire.WireItem,
    "Payment": shop_wire.WirePayment,
    "PaymentPart": shop_wire.WirePaymentPart,
    "Shipment": shop_wire.WireShipment,
    "Scan": shop_wire.WireScan,
}


@pytest.fixture(scope="module")
def contract() -> dict[str, Any]:
    """The document."""
    read: dict[str, Any] = YAML(typ="safe").load(FILE.read_text(encoding="utf-8"))
    return read


def test_it_is_openapi(contract: dict[str, Any]) -> None:
    """Of version 3.1, without a fault."""
    assert [] == list(OpenAPIV31SpecValidator(contract).iter_errors())


@pytest.mark.parametrize("name", RECORDS)
def test_its_fields_are_those_that_are_read(name: str, contract: dict[str, Any]) -> None:
    """None more, none fewer, and the same ones must be there."""
    described = contract["components"]["schemas"][name]
    fields = RECORDS[name].model_fields
    assert set(fields) == set(described["properties"])
    assert {field for field, info in fields.items() if info.is_required()} == set(described["required"])


def test_its_words_are_those_that_are_known(contract: dict[str, Any]) -> None:
    """States of an order and kinds of goods."""
    schemas = contract["components"]["schemas"]
    assert list(OrderStatus) == schemas["Order"]["properties"]["status"]["enum"]
    assert set(KINDS) == set(schemas["Item"]["properties"]["kind"]["enum"])


def test_each_command_is_described(contract: dict[str, Any]) -> None:
    """By its name, with what it must tell."""
    said = contract["components"]["schemas"]["Command"]["properties"]["kind"]["description"]
    lines = {line.partition("`")[0]: line for line in said.split("- `")[1:]}
    assert set(CommandKind) == set(shop_wire.TOLD) == set(lines)
    for kind, told in shop_wire.TOLD.items():
        assert all(f"`{name}`" in lines[kind].partition("Tells")[2] for name in told)


@pytest.mark.parametrize("name", ["Sent", "Unsent", "Bundle"])
def test_its_examples_can_be_read(name: str, contract: dict[str, Any]) -> None:
    """By the schema, and by the code."""
    example = contract["components"]["examples"][name]["value"]
    registry: Registry[Any] = Registry().with_resource(
        "urn:contract", Resource.from_contents(contract, default_specification=DRAFT202012)
    )
    schema = {"$ref": "urn:contract#/components/schemas/Order"}
    Draft202012Validator(schema, registry=registry, format_checker=FormatChecker()).validate(example)
    assert example["number"] == shop_wire.read_order(json.dumps(example).encode()).number
