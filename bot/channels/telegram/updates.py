"""What comes in from Telegram: each update is taken once, stored before it is acknowledged, whatever it holds.

Updates come twice, late, or out of order of chats. A message and a press are unique in the inbox; an edit, a rating and
a change of membership change nothing the second time.
"""

import asyncio
import logging
from datetime import timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import select
from telegram import Bot, ChatMemberUpdated, Message, Update
from telegram.constants import ChatMemberStatus, ChatType

from bot.background.outbox import DeliveryError, HoldError, lose_customer, regain_customer
from bot.channels.frames import clean_text
from bot.channels.photos import PhotoError, clean_photo, keep_photo
from bot.channels.telegram.chats import find_conversations, find_or_begin
from bot.channels.telegram.colleagues import take_link
from bot.channels.telegram.courier import CHANNEL, ask_telegram
from bot.channels.telegram.presses import Presses
from bot.channels.telegram.reading import Content, language_of, read_content
from bot.conversation import Turns, TurnServices
from bot.models import Conversation
from bot.models import Message as Bubble
from bot.turn.inbox import Received, find_accepted, store_edit

log = logging.getLogger(__name__)

KINDS = ("message", "edited_message", "callback_query", "my_chat_member")
_FETCHES = 3
_LONGEST_WAIT = timedelta(seconds=10)
_GONE = frozenset({ChatMemberStatus.BANNED, ChatMemberStatus.LEFT})


class TelegramUpdates:
    """Takes updates of the shop's bot, in private chats: a group would show one customer's order to others."""

    def __init__(self, bot: Bot, services: TurnServices, turns: Turns) -> None:
        """`turns` handle what customers say; everything else is done here."""
        self._bot, self._services, self._turns = bot, services, turns
        self._whose = bot.token.split(":", 1)[0]
        self._presses = Presses(services, turns, self._whose)

    async def take(self, update: Update) -> None:
        """Take one update; when this returns, it cannot be lost."""
        if update.effective_chat is None or update.effective_chat.type != ChatType.PRIVATE:
            return
        if update.callback_query:
            await self._presses.take(update.callback_query, update.effective_chat.id)
        elif update.edited_message:
            await self._take_edit(update, update.edited_message)
        elif update.message:
            await self._take_message(update, update.message)
        elif update.my_chat_member:
            await self._take_membership(update.my_chat_member)

    async def _take_message(self, update: Update, message: Message) -> None:
        external_id = f"{self._whose}/{update.update_id}"
        if message.from_user is None or message.from_user.is_bot or await self._is_known(external_id):
            return
        if await take_link(self._bot, self._services, message) or await self._presses.take_comment(
            message, external_id
        ):
            return
        content = read_content(message)
        services, now = self._services, self._services.clock.now()
        async with services.sessions.begin() as session:
            conversation = await find_or_begin(
                session,
                services.seal,
                chat=message.chat_id,
                language=language_of(message.from_user),
                anew=content.begins_anew,
                now=now,
            )
        await self._regain(message.chat_id)
        received = await self._describe(content, conversation)
        await self._turns.receive(
            Received(
                channel=CHANNEL,
                external_id=external_id,
                conversation_id=conversation.id,
                at=now,
                client_id=str(message.message_id),
                **received,
            )
        )
        services.bus.hint(conversation.id)

    async def _describe(self, content: Content, conversation: Conversation) -> dict[str, Any]:
        """What the inbox keeps of a message: text, choice, photo, or that it cannot be read."""
        if content.choice is not None:
            return {"choice": content.choice, "label": content.text}
        unreadable = content.unreadable
        if content.photo is not None:
            photo = await self._fetch_photo(content.photo, conversation.id)
            if photo is not None:
                return {"text": content.text, "attachments": (photo,)}
            unreadable = "telegram.media.photo"
        if unreadable is None:
            return {"text": content.text}
        label = self._services.catalogue.say(unreadable, conversation.language, emoji=content.emoji)
        return {"text": content.text, "label": f"{label} {content.text}".strip(), "unreadable": True}

    async def _fetch_photo(self, file_id: str, conversation_id: UUID) -> UUID | None:
        """Fetch and clean a photo; None for one that is not to be had, or is none."""
        content = await self._download(file_id)
        if content is None:
            return None
        try:
            photo = await asyncio.to_thread(clean_photo, content)
        except PhotoError as error:
            log.info("a photo from Telegram was not taken: %s", error.code)
            return None
        async with self._services.sessions.begin() as session:
            return keep_photo(session, conversation_id, photo, now=self._services.clock.now()).id

    async def _download(self, file_id: str) -> bytes | None:
        for _try in range(_FETCHES):
            try:
                file = await ask_telegram(self._bot.get_file(file_id))
                return bytes(await ask_telegram(file.download_as_bytearray()))
            except HoldError as hold:
                await asyncio.sleep(min(hold.wait, _LONGEST_WAIT).total_seconds())
            except DeliveryError as error:
                log.warning("a photo could not be fetched from Telegram: %s", error)
        return None

    async def _is_known(self, external_id: str) -> bool:
        """Whether an update was taken before: as a message, or as a comment (thanked for with a bubble)."""
        async with self._services.sessions() as session:
            if await find_accepted(session, CHANNEL, external_id):
                return True
            thanked = select(Bubble.id).where(Bubble.cause == f"{CHANNEL}/{external_id}")
            return await session.scalar(thanked) is not None

    async def _take_edit(self, update: Update, message: Message) -> None:
        services = self._services
        own = select(Bubble.conversation_id).where(
            Bubble.client_id == str(message.message_id),
            Bubble.conversation_id.in_(select(Conversation.id).where(Conversation.address == str(message.chat_id))),
        )
        async with services.sessions() as session:
            conversation_id = await session.scalar(own.order_by(Bubble.at.desc()).limit(1))
        if conversation_id is None:
            await self._take_message(update, message)
            return
        received = Received(
            channel=CHANNEL,
            external_id=f"{self._whose}/{update.update_id}",
            conversation_id=conversation_id,
            at=services.clock.now(),
            text=clean_text(message.text or message.caption or ""),
            client_id=str(message.message_id),
        )
        async with services.sessions.begin() as session:
            await store_edit(session, received, services.seal)
        self._turns.wake(conversation_id)
        services.bus.hint(conversation_id)

    async def _take_membership(self, change: ChatMemberUpdated) -> None:
        """The customer has blocked the bot, or let it speak again."""
        if change.new_chat_member.status not in _GONE:
            await self._regain(change.chat.id)
            return
        services, now = self._services, self._services.clock.now()
        async with services.sessions() as session:
            conversations = await find_conversations(session, change.chat.id)
        for conversation_id in conversations:
            async with services.sessions.begin() as session:
                await lose_customer(session, conversation_id, services, now=now)
            services.bus.hint(conversation_id)

    async def _regain(self, chat: int) -> None:
        services, now = self._services, self._services.clock.now()
        lost = select(Conversation.id).where(
            Conversation.address == str(chat), Conversation.unreachable_at.is_not(None)
        )
        async with services.sessions() as session:
            conversations = list(await session.scalars(lost))
        for conversation_id in conversations:
            async with services.sessions.begin() as session:
                await regain_customer(session, conversation_id, services, now=now)
            services.bus.hint(conversation_id)
