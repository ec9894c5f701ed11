"""What a Telegram message holds, as the turn takes it. Pure, but for photos, which are fetched by their id later."""

from dataclasses import dataclass

from telegram import Message, User

from bot.channels.frames import clean_text
from bot.channels.photos import MAX_BYTES
from bot.dialogue.flows.questions import HANDOFF
from bot.dialogue.routing import GREET
from bot.nlu.reading import Language
from bot.texts import as_language

_CHOICES = {"/start": GREET, "/new": GREET, "/help": GREET, "/person": f"start:{HANDOFF}"}
_ANEW = frozenset({"/start", "/new"})


@dataclass(frozen=True)
class Content:
    """A message's text, the file id of its photo, and the catalogue key of what is in it that nobody can read."""

    text: str = ""
    choice: str | None = None
    begins_anew: bool = False
    photo: str | None = None
    unreadable: str | None = None
    emoji: str = ""


def read_content(message: Message) -> Content:
    """Return what a message holds; something unknown is a file."""
    text = clean_text(message.text or message.caption or "")
    command = text.split("@", 1)[0].split(maxsplit=1)[0].lower() if text.startswith("/") else ""
    if command in _CHOICES:
        return Content(command, choice=_CHOICES[command], begins_anew=command in _ANEW)
    if message.photo:
        fitting = [size for size in message.photo if (size.file_size or 0) <= MAX_BYTES]
        return Content(text, photo=max(fitting or message.photo, key=lambda size: size.width * size.height).file_id)
    if message.document and (message.document.mime_type or "").startswith("image/"):
        return Content(text, photo=message.document.file_id)
    if text:
        return Content(text)
    emoji = message.sticker.emoji or "" if message.sticker else ""
    return Content(unreadable=_describe(message), emoji=emoji)


def _describe(message: Message) -> str:
    kinds = {
        "voice": message.voice or message.audio,
        "video": message.video or message.video_note or message.animation,
        "sticker": message.sticker,
        "location": message.location or message.venue,
        "contact": message.contact,
    }
    return next((f"telegram.media.{kind}" for kind, found in kinds.items() if found), "telegram.media.file")


def language_of(user: User) -> Language:
    """Return the language to begin in: that of the customer's Telegram, English for one that we do not have."""
    return as_language(user.language_code) or ("en" if user.language_code else "zh-Hans")
