"""Buttons pressed on Telegram: choices of the bot's, marks of a survey, and the words that may follow them."""

import asyncio
from collections.abc import Awaitable
from functools import partial
from uuid import UUID

from sqlalchemy import or_, select
from sqlalchemy.ext.asyncio import AsyncSession
from telegram import CallbackQuery, InlineKeyboardMarkup, Message

from bot.channels.frames import clean_text
from bot.channels.telegram.chats import find_conversations
from bot.channels.telegram.courier import CHANNEL, make_keyboard, say_in, try_telegram
from bot.channels.telegram.reading import language_of
from bot.channels.telegram.rendering import RATED, Press, Rating, read_button, render_rating
from bot.conversation import Turns, TurnServices
from bot.models import Conversation, Outbound
from bot.models import Message as Bubble
from bot.security.masking import mask_sensitive
from bot.surveys import take_survey
from bot.turn.bubbles import write_bubble
from bot.turn.inbox import Received
from escalation.errors import SurveyError
from escalation.models import SurveyRow
from escalation.survey import Ratings, add_comment, find_survey_of_conversation


class Presses:
    """Takes presses. What changes is stored first; then Telegram shows it."""

    def __init__(self, services: TurnServices, turns: Turns, whose: str) -> None:
        """`whose` is the shop's bot: presses are numbered by it."""
        self._services, self._turns, self._whose = services, turns, whose
        self._adorning: set[asyncio.Task[None]] = set()

    async def take(self, query: CallbackQuery, chat: int) -> None:
        """Take a press in a chat, and tell the customer that it was heard."""
        match read_button(query.data or ""):
            case Press() as press:
                told = await self._press_choice(query, press, chat)
            case Rating() as rating:
                told = await self._press_rating(query, rating, chat)
            case _:
                told = "telegram.press.over"
        text = self._services.catalogue.say(told, language_of(query.from_user))
        self._adorn(query.answer(text))

    async def _press_choice(self, query: CallbackQuery, press: Press, chat: int) -> str:
        """A button of a bubble: an answer like any other. Pressed twice, it is one."""
        offered = (
            select(Bubble)
            .join(Conversation, Conversation.id == Bubble.conversation_id)
            .where(Conversation.id == press.conversation_id, Conversation.address == str(chat), Bubble.seq == press.seq)
        )
        async with self._services.sessions() as session:
            bubble = await session.scalar(offered)
        if bubble is None or press.index >= len(bubble.choices):
            return "telegram.press.over"
        choice = bubble.choices[press.index]
        accepted = await self._turns.receive(
            Received(
                channel=CHANNEL,
                external_id=f"{self._whose}/press/{press.conversation_id}/{press.seq}/{press.index}",
                conversation_id=press.conversation_id,
                at=self._services.clock.now(),
                choice=choice["value"],
                label=choice["label"],
            )
        )
        if not accepted.repeated:
            self._services.bus.hint(press.conversation_id)
            self._show(query, f"{bubble.text}\n\n☑ {choice['label']}")
        return "telegram.press.taken"

    async def _press_rating(self, query: CallbackQuery, rating: Rating, chat: int) -> str:
        """A mark: the next one is asked for; the last one sends them all, once."""
        services = self._services
        async with services.sessions.begin() as session:
            owner = await self._find_survey(session, rating.survey_id, chat)
            if owner is None or owner[1].answered_at is not None:
                return "telegram.rate.over"
            conversation_id, survey = owner
            conversation = await session.get_one(Conversation, conversation_id)
            say = partial(say_in, services.catalogue, conversation.language)
            if len(rating.marks) == len(RATED):
                try:
                    await self._submit(session, conversation, survey, rating.marks)
                except SurveyError:
                    return "telegram.rate.over"
        services.on_due.set()
        services.bus.hint(conversation_id)
        part = render_rating(rating.survey_id, rating.marks, say)
        self._show(query, part.text, make_keyboard(part))
        return "telegram.press.taken"

    async def _find_survey(self, session: AsyncSession, survey_id: UUID, chat: int) -> tuple[UUID, SurveyRow] | None:
        for conversation_id in await find_conversations(session, chat):
            survey = await find_survey_of_conversation(session, conversation_id, survey_id)
            if survey is not None and survey.id == survey_id:
                return conversation_id, survey
        return None

    async def _submit(
        self, session: AsyncSession, conversation: Conversation, survey: SurveyRow, marks: tuple[int, ...]
    ) -> None:
        services, now = self._services, self._services.clock.now()
        outcome, service, process = marks
        ratings = Ratings(None, outcome, service, process)
        await take_survey(
            session,
            conversation.id,
            survey,
            ratings,
            catalogue=services.catalogue,
            levels=services.levels,
            now=now,
        )
        invite = services.catalogue.say("telegram.rate.comment", conversation.language)
        about = {"id": str(survey.id), "comment": True}
        write_bubble(session, conversation, "bot", invite, survey=about, key=f"survey/{survey.id}/comment", now=now)

    async def take_comment(self, message: Message, external_id: str) -> bool:
        """A reply to the question for a comment is one; any other reply is a message like all."""
        text = clean_text(message.text or "").strip()
        if message.reply_to_message is None or not text:
            return False
        services, now = self._services, self._services.clock.now()
        replied = message.reply_to_message
        asked = (
            select(Bubble)
            .join(Outbound, Outbound.message_id == Bubble.id)
            .join(Conversation, Conversation.id == Bubble.conversation_id)
            .where(
                Conversation.address == str(message.chat_id),
                Bubble.survey["comment"].as_boolean(),
                # By its words too: the reply may be here before the number that Telegram gave the question.
                or_(Outbound.external_ids.contains([str(replied.message_id)]), Bubble.text == (replied.text or "")),
            )
            .order_by(Bubble.at.desc())
            .limit(1)
        )
        async with services.sessions.begin() as session:
            bubble = await session.scalar(asked)
            if bubble is None:
                return False
            conversation = await session.get_one(Conversation, bubble.conversation_id, with_for_update=True)
            try:
                await add_comment(session, UUID((bubble.survey or {})["id"]), mask_sensitive(text), now=now)
            except SurveyError:
                return False
            thanks = services.catalogue.say("telegram.rate.comment_kept", conversation.language)
            write_bubble(session, conversation, "bot", thanks, key=f"{CHANNEL}/{external_id}", now=now)
        services.bus.hint(bubble.conversation_id)
        return True

    def _show(self, query: CallbackQuery, text: str, markup: InlineKeyboardMarkup | None = None) -> None:
        if isinstance(query.message, Message):
            self._adorn(query.edit_message_text(text, reply_markup=markup))

    def _adorn(self, answer: Awaitable[object]) -> None:
        """Show on Telegram that something was taken; the taking itself does not wait for it."""
        task = asyncio.create_task(try_telegram(answer))
        self._adorning.add(task)
        task.add_done_callback(self._adorning.discard)
