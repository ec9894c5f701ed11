"""Typed keys of what the application carries (set in `app.py`, read by handlers)."""

import asyncio
from typing import TYPE_CHECKING

from aiohttp import web
from prometheus_client import CollectorRegistry

from bot.conversation import Turns, TurnServices
from bot.operation.log_check import LogCheck
from bot.security.limits import Limits
from bot.security.recent_tokens import RecentTokens
from bot.settings import Settings
from bot.texts import Catalogue

if TYPE_CHECKING:
    from bot.channels.telegram.intake import Webhook
    from bot.console.colleagues import Colleagues

SETTINGS = web.AppKey("settings", Settings)
SERVICES = web.AppKey("services", TurnServices)
TURNS = web.AppKey("turns", Turns)
LIMITS = web.AppKey("limits", Limits)
SIGNING_IN = web.AppKey("signing_in", asyncio.Semaphore)
RECENT_TOKENS = web.AppKey("recent_tokens", RecentTokens)
PAGES = web.AppKey("pages", dict[str, Catalogue])
REGISTRY = web.AppKey("registry", CollectorRegistry)
LOG_CHECK = web.AppKey("log_check", LogCheck)
COLLEAGUES: web.AppKey["Colleagues"] = web.AppKey("colleagues")
SOCKETS: web.AppKey[set[web.WebSocketResponse]] = web.AppKey("sockets", set)
TELEGRAM: web.AppKey["Webhook"] = web.AppKey("telegram")
