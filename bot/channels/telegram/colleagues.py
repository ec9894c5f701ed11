"""Telegram for the people who work here: notices in a chat of their own, once they have linked it.

A link code names its person, holds for a quarter of an hour and is signed; the shop's bot takes it as `/link CODE`.
"""

import base64
import hmac
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncSession
from telegram import Bot, Message

from bot.background.notifying import Note, NotTakenError, RefusedError
from bot.background.outbox import DeliveryError, RejectedError, UnreachableError
from bot.channels.telegram.courier import ask_telegram
from bot.channels.telegram.rendering import split_text
from bot.conversation import TurnServices
from bot.security.sealing import Seal
from escalation import audit
from escalation.addresses import TELEGRAM
from escalation.models import PersonRow

CODE_VALID_FOR = timedelta(minutes=15)
_LINK = "/link"
_MAC_BYTES = 12


class TelegramWay:
    """Reaches people in the chats that they have linked."""

    name = TELEGRAM

    def __init__(self, bot: Bot) -> None:
        """`bot` is the shop's own."""
        self._bot = bot

    def can_reach(self, person: PersonRow) -> bool:
        """Tell whether the person has linked a chat."""
        return person.telegram_chat_id is not None

    async def send(self, note: Note) -> None:
        """Send one notice. Raises RefusedError where the chat is closed to us, else NotTakenError."""
        text = "\n\n".join(filter(None, (note.subject, note.text, note.link)))
        try:
            await ask_telegram(self._bot.send_message(note.person.telegram_chat_id or 0, split_text(text)[0]))
        except (UnreachableError, RejectedError) as error:
            raise RefusedError(str(error)) from None
        except DeliveryError as error:
            raise NotTakenError(str(error)) from None


def make_link_code(seal: Seal, person_id: UUID, *, now: datetime) -> str:
    """Return the code that links a person's chat."""
    until = int((now + CODE_VALID_FOR).timestamp())
    about = person_id.bytes + until.to_bytes(8)
    return base64.urlsafe_b64encode(about + _sign(seal, about)).decode()


def read_link_code(seal: Seal, code: str, *, now: datetime) -> UUID | None:
    """Return whose code it is, or None for one that is not ours or is over."""
    try:
        raw = base64.urlsafe_b64decode(code.encode("ascii"))
    except ValueError:
        return None
    about, mac = raw[:-_MAC_BYTES], raw[-_MAC_BYTES:]
    if len(about) != 24 or not hmac.compare_digest(mac, _sign(seal, about)):
        return None
    return UUID(bytes=about[:16]) if now.timestamp() < int.from_bytes(about[16:]) else None


async def take_link(bot: Bot, services: TurnServices, message: Message) -> bool:
    """Link a chat to who sent their code; tells whether the message was such a one."""
    word, _, code = (message.text or "").strip().partition(" ")
    if word != _LINK:
        return False
    now = services.clock.now()
    person_id = read_link_code(services.seal, code.strip(), now=now)
    async with services.sessions.begin() as session:
        person = await _link(session, person_id, message.chat_id, now=now) if person_id else None
    language = (person.language if person else None) or "zh-Hans"
    key = "telegram.link_over" if person is None else "telegram.linked"
    text = services.catalogue.say(key, language, name=person.name if person else "")
    try:
        await ask_telegram(bot.send_message(message.chat_id, text))
    except DeliveryError:
        # The notices will show whether it is linked; the code can be sent again.
        return True
    return True


async def _link(session: AsyncSession, person_id: UUID, chat: int, *, now: datetime) -> PersonRow | None:
    """One chat has one person: whoever had it before has it no more."""
    before = update(PersonRow).where(PersonRow.telegram_chat_id == chat, PersonRow.id != person_id)
    await session.execute(before.values(telegram_chat_id=None))
    person = await session.scalar(select(PersonRow).where(PersonRow.id == person_id, PersonRow.active))
    if person is not None and person.telegram_chat_id != chat:
        person.telegram_chat_id = chat
        subject = f"person/{person.id}"
        await audit.append(session, subject=subject, actor=person.login, action="telegram_linked", details={}, at=now)
    return person


def _sign(seal: Seal, about: bytes) -> bytes:
    return seal.digest(f"telegram link {about.hex()}")[:_MAC_BYTES]
