"""The shop's mail server, as one address names it: `smtp://user:password@host:587?starttls=yes`."""

from dataclasses import dataclass, field
from urllib.parse import SplitResult, parse_qsl, unquote, urlsplit

_PORTS = {"smtp": 25, "smtps": 465}
_CHOICES = {"yes": True, "no": False}


@dataclass(frozen=True)
class MailServer:
    """Where mail is handed in. `starttls`: True insists on it, False does without, None takes it where offered."""

    host: str
    port: int
    tls: bool
    starttls: bool | None
    user: str | None = None
    password: str | None = field(default=None, repr=False)


def parse_mail_server(url: str) -> MailServer:
    """Read an address; raises ValueError with a reason that never shows the password.

    `smtps` speaks TLS from the start. A password goes out over plain `smtp` only if the address says `?starttls=no`.
    """
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        raise ValueError("is no address of a mail server: smtp://user:password@host:port") from None
    if parts.scheme not in _PORTS:
        raise ValueError("must begin with smtp:// or smtps://")
    if not parts.hostname or parts.path not in {"", "/"} or parts.fragment:
        raise ValueError("needs a host and nothing behind it but ?starttls= (write @, / and # in a password as %40...)")
    if (parts.username is None) != (parts.password is None):
        raise ValueError("needs a user with a password, or neither")
    return MailServer(
        host=parts.hostname,
        port=port or _PORTS[parts.scheme],
        tls=parts.scheme == "smtps",
        starttls=_read_starttls(parts),
        user=unquote(parts.username) if parts.username else None,
        password=unquote(parts.password) if parts.password else None,
    )


def _read_starttls(parts: SplitResult) -> bool | None:
    given = dict(parse_qsl(parts.query, keep_blank_values=True))
    choice = given.pop("starttls", None)
    if given:
        raise ValueError(f"knows no {next(iter(given))}=; only starttls=yes or starttls=no")
    if parts.scheme == "smtps":
        if choice is not None:
            raise ValueError("speaks TLS from the start with smtps://: leave starttls= out")
        return False
    if choice is None:
        return True if parts.password else None
    if choice not in _CHOICES:
        raise ValueError("needs starttls=yes or starttls=no")
    return _CHOICES[choice]
