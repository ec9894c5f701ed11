"""A shop's own system on loopback: keeps the contract in front of any `Shop`, until it is told to misbehave.

`faults` are taken one a request; `always` is the fault of every request until it is set to None, `always_command` that
of every command. Each has the name of
what goes wrong; those of commands happen after the command's effect where they say so.
"""

import asyncio
import gzip
import hmac
from collections import deque
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager

from aiohttp import web

from actions.shop import Shop, ShopCommand
from tests.unit.actions.shop_samples import to_wire

TOKEN = "a-token-of-the-shop"

Honest = Callable[[], Awaitable[web.Response]]
Fault = Callable[["ShopServer", web.Request, Honest], Awaitable[web.StreamResponse]]


class ShopServer:
    """The server. `asked` are the requests it got, in order: "GET /orders/1"."""

    def __init__(self, shop: Shop) -> None:
        self._shop = shop
        self._runner: web.AppRunner | None = None
        self._port = 0
        self.closing = asyncio.Event()
        self.asked: list[str] = []
        self.keys: list[str] = []
        self.faults: deque[str] = deque()
        self.always: str | None = None
        self.always_command: str | None = None

    @property
    def url(self) -> str:
        """Where it is."""
        return f"http://127.0.0.1:{self._port}/support"

    async def start(self) -> None:
        """Listen, on the same port as before."""
        app = web.Application()
        app.router.add_get("/support/orders/{number}", self._take)
        app.router.add_get("/support/orders", self._take)
        app.router.add_post("/support/commands", self._take)
        self._runner = web.AppRunner(app, shutdown_timeout=0.2)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", self._port, reuse_address=True).start()
        self._port = self._runner.addresses[0][1]

    async def stop(self) -> None:
        """Refuse connections from now on."""
        if self._runner is not None:
            self.closing.set()
            await self._runner.cleanup()
            self._runner = None
            self.closing = asyncio.Event()

    async def _take(self, request: web.Request) -> web.StreamResponse:
        self.asked.append(f"{request.method} {request.rel_url.path.removeprefix('/support')}")
        if not hmac.compare_digest(request.headers.get("Authorization", ""), f"Bearer {TOKEN}"):
            raise web.HTTPUnauthorized
        lasting = self.always or (self.always_command if request.method == "POST" else None)
        fault = self.faults.popleft() if self.faults else lasting
        if fault is None:
            return await self._answer(request)
        return await FAULTS[fault](self, request, lambda: self._answer(request))

    async def _answer(self, request: web.Request) -> web.Response:
        if request.method == "POST":
            return await self._execute(request)
        number = request.match_info.get("number")
        if number is None:
            query = request.query
            orders = await self._shop.find_orders(query["customer_sub"], limit=int(query["limit"]))
            return web.json_response({"orders": [to_wire(order) for order in orders]})
        order = await self._shop.find_order(number)
        return web.json_response({}, status=404) if order is None else web.json_response(to_wire(order))

    async def _execute(self, request: web.Request) -> web.Response:
        body, key = await request.json(), request.headers["Idempotency-Key"]
        self.keys.append(key)
        result = await self._shop.execute(ShopCommand(key, body["kind"], body["order_number"], body["details"]))
        if result.done:
            return web.json_response({"details": result.details})
        return web.json_response({"reason": result.reason}, status=409)


@asynccontextmanager
async def serving(shop: Shop) -> AsyncIterator[ShopServer]:
    """Serve a shop while the block lasts."""
    server = ShopServer(shop)
    await server.start()
    try:
        yield server
    finally:
        await server.stop()


def _status(status: int) -> Fault:
    async def answer(_server: ShopServer, _request: web.Request, _honest: Honest) -> web.Response:
        return web.json_response({}, status=status)

    return answer


def _text(body: str, content_type: str = "application/json", **headers: str) -> Fault:
    async def answer(_server: ShopServer, _request: web.Request, _honest: Honest) -> web.Response:
        return web.Response(text=body, content_type=content_type, headers=headers)

    return answer


async def _hang_up(_server: ShopServer, request: web.Request, _honest: Honest) -> web.Response:
    assert request.transport is not None
    request.transport.close()
    return web.Response()


async def _say_nothing(server: ShopServer, _request: web.Request, _honest: Honest) -> web.Response:
    await server.closing.wait()
    return web.Response(status=503)


async def _cut_off(_server: ShopServer, request: web.Request, honest: Honest) -> web.StreamResponse:
    body = (await honest()).body
    assert isinstance(body, bytes)
    assert request.transport is not None
    cut = web.StreamResponse(headers={"Content-Type": "application/json", "Content-Length": str(len(body))})
    await cut.prepare(request)
    await cut.write(body[: len(body) // 2])
    request.transport.close()
    return cut


async def _redirect(_server: ShopServer, request: web.Request, _honest: Honest) -> web.Response:
    return web.Response(status=302, headers={"Location": f"{request.rel_url}?again=1"})


async def _pack(_server: ShopServer, _request: web.Request, honest: Honest) -> web.Response:
    body = (await honest()).body
    assert isinstance(body, bytes)
    headers = {"Content-Type": "application/json", "Content-Encoding": "gzip"}
    return web.Response(body=gzip.compress(body), headers=headers)


async def _lose_answer(server: ShopServer, request: web.Request, honest: Honest) -> web.Response:
    await honest()
    return await _hang_up(server, request, honest)


async def _never_answer(server: ShopServer, request: web.Request, honest: Honest) -> web.Response:
    await honest()
    return await _say_nothing(server, request, honest)


async def _fail_after_effect(_server: ShopServer, _request: web.Request, honest: Honest) -> web.Response:
    await honest()
    return web.json_response({}, status=500)


async def _do_twice(_server: ShopServer, _request: web.Request, honest: Honest) -> web.Response:
    await honest()
    return await honest()


FAULTS: Mapping[str, Fault] = {
    "hangs_up": _hang_up,
    "says_nothing": _say_nothing,
    "error_500": _status(500),
    "error_501": _status(501),
    "unavailable_503": _status(503),
    "busy_429": _status(429),
    "denied_401": _status(401),
    "forbidden_403": _status(403),
    "gone_410": _status(410),
    "wrong_json": _text('{"number": 1, "reason": 1, "orders": 1, "details": 1}'),
    "no_json": _text("{"),
    "html": _text("<html>maintenance</html>", "text/html"),
    "empty": _text(""),
    "endless": _text(" " * (3 * 1024 * 1024)),
    "cut_off": _cut_off,
    "redirects": _redirect,
    "packed": _pack,
    "loses_answer_after_effect": _lose_answer,
    "never_answers_after_effect": _never_answer,
    "error_after_effect": _fail_after_effect,
    "does_twice": _do_twice,
}
