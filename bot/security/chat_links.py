"""A link that opens a chat again, for who comes from a mail: it stands for the session, and ends after seven days."""

from datetime import datetime, timedelta
from uuid import UUID

from cryptography.fernet import InvalidToken

from bot.security.sealing import Seal

VALID_FOR = timedelta(days=7)
_PREFIX = "link."
_PURPOSE = "chat"


def make_chat_link(seal: Seal, public_url: str, conversation_id: UUID, *, now: datetime) -> str:
    """Return the address of the chat's page; the token is behind the #, which no server and no log sees."""
    told = f"{_PURPOSE}/{conversation_id}/{(now + VALID_FOR).isoformat()}"
    return f"{public_url.rstrip('/')}/chat#{_PREFIX}{seal.close(told).decode()}"


def read_chat_link(seal: Seal, token: str, *, now: datetime) -> UUID | None:
    """Return the conversation that a link's token opens now, or None for anything else."""
    if not token.startswith(_PREFIX):
        return None
    try:
        purpose, conversation, until = seal.open(token.removeprefix(_PREFIX).encode()).split("/")
    except (InvalidToken, ValueError):
        return None
    if purpose != _PURPOSE or now >= datetime.fromisoformat(until):
        return None
    return UUID(conversation)
