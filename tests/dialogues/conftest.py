"""Dialogues run on the same application as the integration tests."""

from tests.integration.conftest import app, client, interpreter, seeded, settings

__all__ = ["app", "client", "interpreter", "seeded", "settings"]
