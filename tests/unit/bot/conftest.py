"""A customer who talks with the dialogue directly."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest

from actions.demo_shop import make_demo_orders
from actions.embedded_shop import to_order
from actions.policy import load_default_policy
from bot.nlu.analysis import TextReader
from tests.unit.bot.talk import Talk

NOW = datetime(2026, 11, 26, 6, 30, tzinfo=UTC)


@pytest.fixture
def begin(reader: TextReader) -> Callable[..., Talk]:
    """Begin a conversation on a Thursday, with the demo shop's orders as of that day."""
    orders = {order.number: order for order in map(to_order, make_demo_orders(NOW))}

    def begin_talk(language: Any = "zh-Hans", **settings: Any) -> Talk:
        return Talk(reader, load_default_policy(), dict(orders), NOW, language, **settings)

    return begin_talk
