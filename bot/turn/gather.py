"""Step 2 of a turn: fetch from the shop what `plan` named. Read-only, timed out one by one, no transaction open."""

import asyncio
from collections.abc import Awaitable
from dataclasses import dataclass, field
from typing import TypeVar

from actions.shop import Order, Shop, ShopError
from bot.dialogue.records import FaqFacts, Needs, OrderClaim

SHOP_TIMEOUT_SECONDS = 5.0
Answer = TypeVar("Answer")


@dataclass(frozen=True)
class Gathered:
    """What the shop said: an Order, None (no such order) or a ShopError per number; and of the customer's own orders.

    `claims`: the orders that were asked for; `faq`: what the shop's FAQ says.
    """

    orders: dict[str, Order | ShopError | None] = field(default_factory=dict)
    own_orders: tuple[Order, ...] | ShopError = ()
    faq: FaqFacts | None = None
    claims: tuple[OrderClaim, ...] = ()


async def gather_facts(shop: Shop, needs: Needs, customer_sub: str | None) -> Gathered:
    """Fetch everything at once; a shop that fails or is slow is a fact too."""
    numbers = list(dict.fromkeys(claim.number for claim in needs.claims))
    found = await asyncio.gather(*(_within_time(shop.find_order(number)) for number in numbers))
    own: list[Order] | ShopError = []
    if needs.own_orders and customer_sub:
        own = await _within_time(shop.find_orders(customer_sub))
    orders = dict(zip(numbers, found, strict=True))
    return Gathered(orders, own if isinstance(own, ShopError) else tuple(own), claims=needs.claims)


async def _within_time(answer: Awaitable[Answer]) -> Answer | ShopError:
    try:
        async with asyncio.timeout(SHOP_TIMEOUT_SECONDS):
            return await answer
    except ShopError as error:
        return error
    except TimeoutError:
        return ShopError(f"no answer within {SHOP_TIMEOUT_SECONDS} s")
