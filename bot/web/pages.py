"""Pages and files for customers and operators: demo shop, widget script and texts, health, metrics."""

import json
from functools import partial
from pathlib import Path
from zoneinfo import ZoneInfo

import aiohttp_jinja2
import jinja2
from aiohttp import web
from prometheus_client import generate_latest
from sqlalchemy import text

from actions.demo_shop import list_demo_orders
from bot.keys import PAGES, REGISTRY, SERVICES
from bot.nlu.reading import LANGUAGES
from bot.texts import Catalogue, as_language

_HERE = Path(__file__).parents[1]
STATIC = _HERE / "static"
_SHOP_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' blob: data:; "
    "connect-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
)


def set_up(app: web.Application) -> None:
    """Add the routes, the templates and the pages' texts."""
    zone = ZoneInfo("Asia/Shanghai")
    app[PAGES] = {name: Catalogue(name, zone=zone) for name in ("widget", "shop", "console", "survey")}
    app[PAGES]["staff"] = Catalogue("console", "staff", zone=zone)
    aiohttp_jinja2.setup(
        app, loader=jinja2.FileSystemLoader(_HERE / "templates"), autoescape=True, undefined=jinja2.StrictUndefined
    )
    app.router.add_get("/", show_shop)
    app.router.add_get("/chat", show_chat)
    app.router.add_get("/widget.js", show_widget)
    app.router.add_get("/widget/texts/{language}.json", show_widget_texts)
    app.router.add_static("/static/", STATIC)
    app.on_response_prepare.append(_keep_together)
    app.router.add_get("/healthz", tell_health)
    app.router.add_get("/readyz", tell_readiness)
    app.router.add_get("/metrics", show_metrics)


async def _keep_together(request: web.Request, response: web.StreamResponse) -> None:
    """Have a page's scripts asked for each time (an unchanged one costs no bytes): new ones never meet old ones."""
    if request.path.startswith("/static/"):
        response.headers.setdefault("Cache-Control", "no-cache")


async def show_shop(request: web.Request) -> web.Response:
    """The demo shop, in the language asked for."""
    language = _language_of(request)
    async with request.app[SERVICES].sessions() as session:
        orders = await list_demo_orders(session)
    context = {
        "language": language,
        "languages": LANGUAGES,
        "t": partial(_say, request.app[PAGES]["shop"], language),
        "orders": orders,
    }
    response = aiohttp_jinja2.render_template("demo_shop.html", request, context)
    response.headers["Content-Security-Policy"] = _SHOP_POLICY
    response.headers["X-Content-Type-Options"] = "nosniff"
    return response


async def show_chat(request: web.Request) -> web.Response:
    """The page that a mail's link opens: the chat alone. The link's token stays in the browser."""
    language = _language_of(request)
    context = {"language": language, "t": partial(_say, request.app[PAGES]["shop"], language)}
    response = aiohttp_jinja2.render_template("chat.html", request, context)
    response.headers["Content-Security-Policy"] = _SHOP_POLICY
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Referrer-Policy"] = "no-referrer"
    return response


def _say(catalogue: Catalogue, language: str, key: str, **params: object) -> str:
    return catalogue.say(key, language, **params)


def _language_of(request: web.Request) -> str:
    """`?lang=`, else the browser's first language that we have, else Simplified Chinese."""
    asked = as_language(request.query.get("lang"))
    accepted = (part.split(";")[0].strip() for part in request.headers.get("Accept-Language", "").split(","))
    return asked or next((language for tag in accepted if (language := as_language(tag))), "zh-Hans")


async def show_widget(_request: web.Request) -> web.FileResponse:
    """The widget's one script; other pages may load it."""
    headers = {"Content-Type": "text/javascript; charset=utf-8", "Cache-Control": "no-cache",
               "Access-Control-Allow-Origin": "*"}  # fmt: skip
    return web.FileResponse(STATIC / "widget.js", headers=headers)


async def show_widget_texts(request: web.Request) -> web.Response:
    """The widget's sentences in a language."""
    language = as_language(request.match_info["language"])
    if language is None:
        raise web.HTTPNotFound(text="There are texts for zh-Hans, zh-Hant and en.")
    texts = json.dumps(dict(request.app[PAGES]["widget"].texts(language)), ensure_ascii=False)
    headers = {"Access-Control-Allow-Origin": "*", "Cache-Control": "no-cache"}
    return web.Response(text=texts, content_type="application/json", headers=headers)


async def tell_health(_request: web.Request) -> web.Response:
    """200 while the process answers at all."""
    return web.json_response({"status": "ok"})


async def tell_readiness(request: web.Request) -> web.Response:
    """200 once customers are answered: the database takes a statement (understanding is loaded before we listen)."""
    try:
        async with request.app[SERVICES].sessions() as session:
            await session.execute(text("SELECT 1"))
    except Exception:
        return web.json_response({"status": "the database does not answer"}, status=503)
    return web.json_response({"status": "ready"})


async def show_metrics(request: web.Request) -> web.Response:
    """Figures for Prometheus."""
    body = generate_latest(request.app[REGISTRY])
    return web.Response(body=body, headers={"Content-Type": "text/plain; version=0.0.4; charset=utf-8"})
