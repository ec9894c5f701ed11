"""A script as it is written: what may stand in it, its texts in a language, and its orders' numbers."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML

from actions.demo_shop import DemoOrder
from tests.integration.conftest import order_saying

FILES = sorted(Path(__file__).parent.glob("*.yml"))
_SHAPE = {"name", "order", "other", "signed_in", "known", "turns", "tickets", "shop", "prepared", "mail"}
_TURN = {"say", "press", "photo", "wait", "solve", "hear", "buttons", "never"}
_TICKET = {"category", "tier", "order", "rules", "clocks", "facts", "state"}


def read_script(path: Path) -> dict[str, Any]:
    """Read a script; one with a word that nobody knows is no script."""
    script: dict[str, Any] = YAML(typ="safe").load(path.read_text(encoding="utf-8"))
    unknown = {key for turn in script["turns"] for key in set(turn) - _TURN} | (set(script) - _SHAPE)
    unknown |= {key for ticket in script.get("tickets", ()) for key in set(ticket) - _TICKET}
    assert not unknown, f"{path.name}: {unknown}"
    return script


@dataclass(frozen=True)
class Wording:
    """A script's texts in one language. A text is one for all languages, or a mapping of them."""

    language: str
    names: dict[str, str]

    def text(self, given: Any) -> str:
        """Return one text, with the orders' numbers in it."""
        text = str(given[self.language] if isinstance(given, dict) else given)
        for name, value in self.names.items():
            text = text.replace(f"{{{name}}}", value)
        return text

    def texts(self, given: Any) -> list[str]:
        """Return a list of texts, or one as a list."""
        one = given[self.language] if isinstance(given, dict) else given
        return [self.text(part) for part in (one if isinstance(one, list) else [one])]


def find_names(script: dict[str, Any], orders: list[DemoOrder]) -> dict[str, str]:
    """Return the script's orders with their proofs, by the names they have in it."""
    names = {}
    for key, digits in (("order", "digits"), ("other", "other_digits")):
        if key in script:
            order = order_saying(orders, script[key])
            names |= {key: order.number, digits: order.phone_last4}
    return names
