"""Answers by mail, to a visitor who left an address and is not there to read them.

Each answer of a person, and each word on what moved, waits in the outbox for a few minutes; what the visitor has read
by then is not mailed, what has gathered goes out in one mail. The Message-ID is that of the first answer in it: a mail
handed in again, because the process died before it was recorded, is shown once.
"""

import ssl
from collections.abc import Sequence
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from uuid import UUID

from sqlalchemy import func, select, update

from bot.background.notifying import NotTakenError, RefusedError
from bot.background.outbox import DeliveryError, Letter, RejectedError
from bot.channels.email import hand_in, read_sender
from bot.channels.mail_server import MailServer
from bot.conversation import TurnServices
from bot.models import Conversation, Message
from bot.security.chat_links import make_chat_link
from bot.security.personal import find_email
from bot.turn.bubbles import MAILED, MAILED_SENDERS
from escalation.models import TicketRow


class MailCourier:
    """Hands answers to the shop's mail server."""

    channel = MAILED

    def __init__(
        self,
        server: MailServer,
        sender: str,
        services: TurnServices,
        *,
        public_url: str | None,
        tls_context: ssl.SSLContext | None = None,
    ) -> None:
        """`sender` is what mails are from; with `public_url` they have a link back into the chat."""
        self._server, self._sender, self._services = server, read_sender(sender), services
        self._public_url, self._tls = public_url, tls_context

    def count_parts(self, _letter: Letter) -> int:
        """Return 1: a mail is as long as it needs to be."""
        return 1

    async def deliver(self, letter: Letter, part: int) -> str:
        """Mail what the visitor has not read; returns the mail's id, or why there was nothing to mail."""
        del part
        conversation_id = letter.message.conversation_id
        async with self._services.sessions() as session:
            conversation = await session.get_one(Conversation, conversation_id)
            seen = max(conversation.read_seq, conversation.mailed_seq)
            if letter.message.seq <= seen:
                return "read" if letter.message.seq <= conversation.read_seq else "mailed before"
            address = await find_email(session, self._services.seal, conversation.customer_id)
            if address is None:
                return "no address"
            query = select(Message).where(
                Message.conversation_id == conversation_id, Message.seq > seen, Message.sender.in_(MAILED_SENDERS)
            )
            messages = (await session.scalars(query.order_by(Message.seq))).all()
            tickets = select(TicketRow.number).where(TicketRow.conversation_id == conversation_id)
            number = await session.scalar(tickets.order_by(TicketRow.opened_at.desc()).limit(1))
        mail = self._write(messages, number or "", address, letter.language)
        await self._hand_in(mail, address)
        await self._record(conversation_id, messages[-1].seq)
        return str(mail["Message-ID"])

    def _write(self, messages: Sequence[Message], number: str, address: str, language: str) -> EmailMessage:
        texts, now = self._services.catalogue, self._services.clock.now()
        lines = [texts.say("answer_mail.hello", language, number=number), *(message.text for message in messages)]
        if self._public_url:
            link = make_chat_link(self._services.seal, self._public_url, messages[0].conversation_id, now=now)
            lines += [texts.say("answer_mail.go_on", language), link]
        lines.append(texts.say("answer_mail.why", language))
        mail = EmailMessage(policy=SMTP)
        mail["From"] = self._sender
        mail["To"] = Address(addr_spec=address)
        mail["Subject"] = texts.say("answer_mail.subject", language, number=number)
        mail["Date"] = format_datetime(now)
        mail["Message-ID"] = f"<answer-{messages[0].id}@{self._sender.domain}>"
        mail["References"] = f"<case-{number}@{self._sender.domain}>"
        mail.set_content("\n\n".join(lines) + "\n", cte="base64")
        return mail

    async def _hand_in(self, mail: EmailMessage, address: str) -> None:
        try:
            await hand_in(mail, self._server, sender=self._sender, recipient=address, tls_context=self._tls)
        except RefusedError as error:
            raise RejectedError(str(error)) from None
        except NotTakenError as error:
            raise DeliveryError(str(error)) from None

    async def _record(self, conversation_id: UUID, seq: int) -> None:
        mailed = update(Conversation).where(Conversation.id == conversation_id)
        async with self._services.sessions.begin() as session:
            await session.execute(mailed.values(mailed_seq=func.greatest(Conversation.mailed_seq, seq)))
