"""A shop's adapter by docs/reference/shop-api.yaml, in front of orders that lie in SQLite as JSON.

`SHOP_TOKEN=a-long-secret python shop_adapter.py orders.db 9000` starts it. Your own system takes the place of `find`,
`save` and `carry_out`. Nothing waits here while a command is carried out: two with one key cannot run at once. Where
yours waits, let it claim the key first.
"""

import hmac
import json
import os
import secrets
import sqlite3
import sys
from datetime import UTC, datetime, timedelta

from aiohttp import web

TABLES = """CREATE TABLE IF NOT EXISTS orders (number TEXT PRIMARY KEY, body TEXT);
            CREATE TABLE IF NOT EXISTS commands (key TEXT PRIMARY KEY, asked TEXT, status INT, answer TEXT)"""


class Adapter:
    def __init__(self, path, token):
        self.store, self.token = sqlite3.connect(path), token
        self.store.executescript(TABLES)
        self.app = web.Application(middlewares=[self.check_token])
        gets = {"orders/{number}": self.find_order, "orders": self.find_orders, "conformance": self.name_orders}
        self.app.add_routes([web.post("/commands", self.execute), *(web.get(f"/{at}", gets[at]) for at in gets)])

    @web.middleware
    async def check_token(self, request, handler):
        given = request.headers.get("Authorization", "")
        if not hmac.compare_digest(given.encode(), f"Bearer {self.token}".encode()):
            raise web.HTTPUnauthorized
        return await handler(request)

    async def find_order(self, request):
        order = self.find(request.match_info["number"])
        return web.json_response(order, status=200 if order else 404)

    async def find_orders(self, request):
        wanted = (request.query["customer_sub"], int(request.query["limit"]))
        query = "SELECT body FROM orders WHERE body->>'customer_sub' = ? ORDER BY body->>'placed_at' DESC LIMIT ?"
        return web.json_response({"orders": [json.loads(row[0]) for row in self.store.execute(query, wanted)]})

    async def execute(self, request):
        key, command = request.headers.get("Idempotency-Key"), await request.json()
        if not key:
            raise web.HTTPBadRequest
        asked = json.dumps(command, sort_keys=True)
        with self.store:  # one transaction: the change, its key and its answer
            known = self.store.execute("SELECT asked, status, answer FROM commands WHERE key = ?", (key,)).fetchone()
            if known is None:
                status, answer = self.carry_out(command["kind"], command["order_number"], command["details"])
                known = (asked, status, json.dumps(answer))
                self.store.execute("INSERT INTO commands VALUES (?, ?, ?, ?)", (key, *known))
        if known[0] != asked:
            return web.json_response({"reason": "key_reused"}, status=409)
        return web.Response(text=known[2], status=known[1], content_type="application/json")

    async def name_orders(self, _request):
        now, tag = datetime.now(UTC), secrets.token_hex(4)
        before, customer = (now - timedelta(days=1)).isoformat(), "test-customer"
        unsent = {"number": f"TEST-{tag}-1", "customer_sub": customer, "phone_last4": "0000", "status": "paid",
                  "placed_at": before, "amount": "9.00", "items": [{"sku": "t", "name": "Test", "price": "9.00"}],
                  "payment": {"amount": "9.00", "paid_at": before, "method": "test"}}  # fmt: skip
        parcel = {"carrier": "Test", "tracking_number": f"T{tag}", "dispatched_at": now.isoformat()}
        sent = unsent | {"number": f"TEST-{tag}-2", "status": "dispatched", "shipment": parcel}
        with self.store:
            self.save(unsent), self.save(sent | {"placed_at": now.isoformat()})
        return web.json_response({"sent": sent["number"], "unsent": unsent["number"], "customer_sub": customer})

    def find(self, number):
        row = self.store.execute("SELECT body FROM orders WHERE number = ?", (number,)).fetchone()
        return json.loads(row[0]) if row else None

    def save(self, order):
        self.store.execute("INSERT OR REPLACE INTO orders VALUES (?, ?)", (order["number"], json.dumps(order)))

    def carry_out(self, kind, number, details):
        order = self.find(number)
        match kind, order and order["status"]:
            case ("cancel_order" | "issue_voucher", None):
                return 422, {"reason": "unknown_order"}
            case "cancel_order", ("paid" | "awaiting_payment"):
                paid = order.get("payment")
                refund = paid and paid | {"refunded_at": datetime.now(UTC).isoformat()}
                self.save(order | {"status": "cancelled", "payment": refund})
                return 200, {"details": {"amount": paid["amount"] if paid else "0.00"}}
            case "cancel_order", status:
                return 409, {"reason": f"already_{'dispatched' if order.get('shipment') else status}"}
            case "issue_voucher", _:
                return 200, {"details": {"code": secrets.token_hex(6).upper(), "amount": details["amount"]}}
        return 422, {"reason": "unknown_command"}


if __name__ == "__main__":
    web.run_app(Adapter(sys.argv[1], os.environ["SHOP_TOKEN"]).app, host="127.0.0.1", port=int(sys.argv[2]))
