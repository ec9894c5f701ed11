"""How long a test waits for what must come: longer than a busy machine needs, so that only a fault ends it."""

PATIENCE_SECONDS = 60
