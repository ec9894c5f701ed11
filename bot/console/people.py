"""The page of people and their rights."""

from aiohttp import web


def set_up(app: web.Application) -> None:
    """Add the routes."""
