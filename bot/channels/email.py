"""Notices by mail: one plain message each, handed to the shop's own mail server.

The Message-ID is made of the notice's id. A notice that is mailed again (the process died between the server's answer
and its record, or the answer never came) has the same one, and mail programs show it once.
"""

import ssl
from datetime import datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime, parseaddr

import aiosmtplib
from aiosmtplib import SMTPDataError, SMTPException, SMTPRecipientRefused, SMTPRecipientsRefused

from bot.background.notifying import Note, NotTakenError, RefusedError
from bot.channels.mail_server import MailServer
from escalation.addresses import EMAIL
from escalation.models import PersonRow
from escalation.ports import Clock

_ANSWER_WITHIN_SECONDS = 20.0


class EmailWay:
    """Reaches people by mail."""

    name = EMAIL

    def __init__(
        self, server: MailServer, sender: str, clock: Clock, *, tls_context: ssl.SSLContext | None = None
    ) -> None:
        """`sender` is what mails are from: an address, or `Name <address>`. `tls_context`: None trusts the system's."""
        self._server, self._sender, self._clock, self._tls = server, read_sender(sender), clock, tls_context

    def can_reach(self, person: PersonRow) -> bool:
        """Tell whether the person has an address."""
        return person.email is not None

    async def send(self, note: Note) -> None:
        """Hand one mail in. Raises RefusedError if it is refused for good (5xx), else NotTakenError."""
        mail = write_mail(note, self._sender, at=self._clock.now())
        recipient = note.person.email or ""
        await hand_in(mail, self._server, sender=self._sender, recipient=recipient, tls_context=self._tls)


async def hand_in(
    mail: EmailMessage, server: MailServer, *, sender: Address, recipient: str, tls_context: ssl.SSLContext | None
) -> None:
    """Hand one mail to a server. Raises RefusedError if it is refused for good (5xx), else NotTakenError."""
    try:
        await aiosmtplib.send(
            mail,
            sender=sender.addr_spec,
            recipients=[recipient],
            hostname=server.host,
            port=server.port,
            username=server.user,
            password=server.password,
            use_tls=server.tls,
            start_tls=server.starttls,
            tls_context=tls_context,
            timeout=_ANSWER_WITHIN_SECONDS,
        )
    except (SMTPException, OSError) as error:
        raise _explain(error) from None


def write_mail(note: Note, sender: Address, *, at: datetime) -> EmailMessage:
    """Return a note as a mail (RFC 5322), marked as nobody's own words (RFC 3834); a ticket's mails are one thread."""
    mail = EmailMessage(policy=SMTP)
    mail["From"] = sender
    mail["To"] = Address(display_name=note.person.name, addr_spec=note.person.email or "")
    mail["Subject"] = note.subject
    mail["Date"] = format_datetime(at)
    mail["Message-ID"] = f"<notice-{note.notice_id}@{sender.domain}>"
    mail["References"] = f"<ticket-{note.number}@{sender.domain}>"
    mail["Auto-Submitted"] = "auto-generated"
    mail.set_content(f"{note.text}\n{note.link}\n" if note.link else f"{note.text}\n", cte="base64")
    return mail


def read_sender(sender: str) -> Address:
    """Read what mails are from: an address, or `Name <address>`."""
    name, address = parseaddr(sender)
    return Address(display_name=name, addr_spec=address)


def _explain(error: Exception) -> NotTakenError:
    """Tell what is this mail's own fault (its recipient, its text) from what the server has against all of them."""
    if isinstance(error, SMTPRecipientsRefused) and error.recipients:
        error = error.recipients[0]
    code = getattr(error, "code", None)
    reason = type(error).__name__ if code is None else f"{code} {type(error).__name__}"
    if isinstance(error, SMTPRecipientRefused | SMTPDataError) and error.code >= 500:
        return RefusedError(reason)
    return NotTakenError(reason)
