"""Which item of an order is meant: by its number, its name, what such goods are called, or words of the name. Pure."""

import re
from collections.abc import Iterable, Sequence
from functools import lru_cache

from actions.shop import Order, OrderItem
from bot.nlu.entities import find_entities
from bot.nlu.normalise import normalise

_WORD = re.compile(r"[a-z]{3,}|[\u4e00-\u9fff]+")
# Who means all of an order's goods, or all parts of a bundle.
_ALL = re.compile(
    r"整[套组](都|一起|全|退|换|不|坏|吧|\W|$)|(两|三|四|几|全)(件|个|样|双|盒)(东西|商品)?(都|全|一起|$)|"
    r"都(想|要|得)?退|(全部|全都|全部都)(不(想)?要|退货)|一起退|^全部都?\W*$|"
    r"^\W*(both|all|everything|the (whole|entire) (bundle|set|order|lot))( of (it|them|these))?( please)?\W*$|"
    r"\b(return\w*|send\w*|take|exchang\w*|don'?t (want|need|like)) (\w+ )?"
    r"(both|everything|all (of (it|them|these)|two|three)|the (whole|entire|full|complete) (bundle|set|order|lot))\b|"
    r"\b(return|send back) the (bundle|set)\b|"
    r"\b(both|all) (of (them|these) |items )?(are|go|came|arrived) (\w+ )?(back|broken|faulty|dead|damaged)\b"
)
# Words of a name that say nothing of which goods they are.
_COMMON = frozenset(("the", "and", "with", "for", "set", "of", "pack", "pcs", "new", "your", "four", "name"))


def choose_item(items: Sequence[OrderItem], *, products: Iterable[str] = (), said: str = "") -> OrderItem | None:
    """Return the one item that words name, or None where none or several fit; `products` are lexicon names."""
    if len(items) == 1:
        return items[0]
    scores = [(_score(item, frozenset(products), said), item) for item in items]
    best = max(score for score, _ in scores)
    fitting = [item for score, item in scores if score == best]
    return fitting[0] if best and len(fitting) == 1 else None


def find_item(
    items: Sequence[OrderItem], *, picked: str | None = None, products: Iterable[str] = (), said: str = ""
) -> OrderItem | None:
    """Return the item that was picked, by its number or in words, else the one that words name, or None.

    Goods that are said to stay are among the words, and not among `products`.
    """
    by_number = next((item for item in items if item.sku == picked), None)
    by_kind = choose_item(items, products=products) if picked is None else None
    return by_number or by_kind or choose_item(items, products=products, said="\n".join(filter(None, (picked, said))))


def order_with(orders: Iterable[Order], *, products: Iterable[str] = (), said: str = "") -> Order | None:
    """Return the one order that has goods that words name, or None where none or several have."""
    wanted = frozenset(products)
    scores = [(max(_score(item, wanted, said) for item in order.items), order) for order in orders]
    best = max((score for score, _ in scores), default=0)
    fitting = [order for score, order in scores if score == best]
    return fitting[0] if best and len(fitting) == 1 else None


def names_all(said: str) -> bool:
    """Tell whether words mean all goods of an order, and not one of them."""
    return _ALL.search(normalise(said).lower()) is not None


def is_elsewhere(order: Order, products: Iterable[str], said: str) -> bool:
    """Tell whether what is spoken of seems to be in no item of an order: goods are named, and none of its own."""
    wanted = frozenset(products)
    known = all(_called(tuple(sorted(item.name.values()))) for item in order.items)
    return bool(wanted) and known and not any(_score(item, wanted, said) for item in order.items)


def _score(item: OrderItem, products: frozenset[str], said: str) -> int:
    """How well words fit an item: its number or whole name, then what it is called, then words of the name."""
    heard = normalise(said).lower()
    if heard and (
        item.sku.lower() in heard.split() or any(normalise(name).lower() in heard for name in item.name.values())
    ):
        return 100
    called = 10 * bool(products & _called(tuple(sorted(item.name.values()))))
    return called + len(_shared_words(item, heard))


def _shared_words(item: OrderItem, heard: str) -> set[str]:
    return {word for name in item.name.values() for word in _words_of(name) if word in heard}


@lru_cache(maxsize=4096)
def _words_of(name: str) -> frozenset[str]:
    """The words of a name; of Chinese every two characters that stand together."""
    words = _WORD.findall(normalise(name).lower())
    pairs = (word[at : at + 2] for word in words if not word.isascii() for at in range(len(word) - 1))
    return frozenset(word for word in (*words, *pairs) if word not in _COMMON)


@lru_cache(maxsize=4096)
def _called(names: tuple[str, ...]) -> frozenset[str]:
    return frozenset(entity.value for name in names for entity in find_entities(name) if entity.name == "product")
