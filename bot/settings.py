"""Settings from the environment (prefix SHOUWEN_) and `.env`. A wrong or unknown one stops the start by name.

Time is never a setting, and nothing here may be read at import.
"""

import os
import re
import secrets
from email.utils import parseaddr
from ipaddress import ip_address, ip_network
from pathlib import Path
from typing import Literal
from urllib.parse import urlsplit

from dotenv import dotenv_values
from pydantic import Field, SecretStr, ValidationError, ValidationInfo, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from bot.channels.mail_server import parse_mail_server
from escalation.addresses import check_address

PREFIX = "SHOUWEN_"
PROJECT = Path(__file__).parent.parent


class SettingsError(ValueError):
    """One or more settings cannot be used; the message names each with its reason."""


class Settings(BaseSettings):
    """What an operator may set."""

    model_config = SettingsConfigDict(env_prefix=PREFIX, env_file=".env", extra="ignore", frozen=True)

    database_url: SecretStr | None = None
    rasa_url: str | None = None
    nlu_engine: Literal["rasa", "embedded"] = "rasa"
    port: int = Field(default=8080, ge=0, le=65535)
    host: str = "127.0.0.1"
    public_url: str | None = None
    data_dir: Path = PROJECT / ".data"
    telegram_token: SecretStr | None = None
    telegram_api_url: str | None = None
    policy_file: Path | None = None
    service_file: Path | None = None
    faq_file: Path | None = None
    retention_file: Path | None = None
    shop_url: str | None = None
    shop_token: SecretStr | None = Field(default=None, validate_default=True)
    secret_key: SecretStr | None = None
    identity_key: SecretStr | None = None
    allowed_origins: str = ""
    trusted_proxies: str = "127.0.0.1,::1"
    smtp_url: SecretStr | None = None
    mail_from: str | None = Field(default=None, validate_default=True)

    @field_validator("secret_key", "identity_key")
    @classmethod
    def _long_enough(cls, value: SecretStr | None) -> SecretStr | None:
        if value is not None and len(value.get_secret_value()) < 32:
            raise ValueError("must have at least 32 characters")
        return value

    @field_validator("database_url")
    @classmethod
    def _is_database(cls, value: SecretStr | None) -> SecretStr | None:
        if value is not None and not value.get_secret_value().startswith("postgresql+asyncpg://"):
            raise ValueError("must be an address like postgresql+asyncpg://user:password@host/name")
        return value

    @field_validator("rasa_url", "telegram_api_url")
    @classmethod
    def _is_server(cls, value: str | None) -> str | None:
        if value is not None and not _has_host(value):
            raise ValueError("must be an address like http://host:5005")
        return value

    @field_validator("public_url")
    @classmethod
    def _is_public(cls, value: str | None) -> str | None:
        return value if value is None else _check_origin(value)

    @field_validator("allowed_origins")
    @classmethod
    def _are_origins(cls, value: str) -> str:
        return ",".join(_check_origin(origin.strip()) for origin in value.split(",") if origin.strip())

    @field_validator("trusted_proxies")
    @classmethod
    def _are_networks(cls, value: str) -> str:
        return ",".join(str(ip_network(one.strip())) for one in value.split(",") if one.strip())

    @field_validator("telegram_token")
    @classmethod
    def _is_bot(cls, value: SecretStr | None) -> SecretStr | None:
        if value is not None and not re.fullmatch(r"[0-9]+:[\w-]+", value.get_secret_value(), re.ASCII):
            raise ValueError("must be a bot's token as @BotFather tells it, like 123456:ABC")
        return value

    @field_validator("shop_url")
    @classmethod
    def _is_shop(cls, value: str | None) -> str | None:
        return value if value is None else check_shop_url(value)

    @field_validator("shop_token")
    @classmethod
    def _is_token(cls, value: SecretStr | None, info: ValidationInfo) -> SecretStr | None:
        if value is None and info.data.get("shop_url") is not None:
            raise ValueError("the shop's system at SHOP_URL needs a token")
        if value is not None and not re.fullmatch(r"[!-~]{16,}", value.get_secret_value()):
            raise ValueError("must have at least 16 characters, of ASCII and without spaces")
        return value

    @field_validator("policy_file", "service_file", "faq_file", "retention_file")
    @classmethod
    def _is_file(cls, value: Path | None) -> Path | None:
        if value is not None and not value.is_file():
            raise ValueError(f"there is no file {value}")
        return value

    @field_validator("smtp_url")
    @classmethod
    def _is_mail_server(cls, value: SecretStr | None) -> SecretStr | None:
        if value is not None:
            parse_mail_server(value.get_secret_value())
        return value

    @field_validator("mail_from")
    @classmethod
    def _is_sender(cls, value: str | None, info: ValidationInfo) -> str | None:
        if value is not None:
            check_address(parseaddr(value)[1])
        elif info.data.get("smtp_url") is not None:
            raise ValueError("mail sent by SMTP_URL needs a sender")
        return value

    @property
    def nlu_data(self) -> Path:
        """The folder of training data."""
        return PROJECT / "nlu_data"

    def origins(self) -> set[str]:
        """Origins of other pages that may open a chat: ALLOWED_ORIGINS (separated by commas) and PUBLIC_URL."""
        listed = {origin for origin in self.allowed_origins.split(",") if origin}
        return listed | ({self.public_url} if self.public_url else set())


def _has_host(url: str) -> bool:
    """Tell whether a text is the address of a web server."""
    try:
        parts = urlsplit(url)
        return parts.scheme in {"http", "https"} and bool(parts.hostname) and (parts.port is None or parts.port > 0)
    except ValueError:
        return False


def _check_origin(url: str) -> str:
    """Return an origin as browsers send it. Raises ValueError for anything more, or less: it would never be met."""
    parts = urlsplit(url) if _has_host(url) else None
    if parts is None or parts.username is not None or parts.path not in {"", "/"} or parts.query or parts.fragment:
        raise ValueError(f"{url!r} is no origin like https://shop.example.com (scheme, host, perhaps a port)")
    default = {"http": 80, "https": 443}[parts.scheme]
    port = f":{parts.port}" if parts.port not in {None, default} else ""
    host = f"[{parts.hostname}]" if ":" in (parts.hostname or "") else parts.hostname
    return f"{parts.scheme}://{host}{port}"


def check_shop_url(url: str) -> str:
    """Return the address of a shop's system. Raises ValueError unless it is https, or http on this machine."""
    try:
        parts = urlsplit(url)
        host, _port = parts.hostname, parts.port
    except ValueError:
        host = None
    if not host or parts.scheme not in {"http", "https"}:
        raise ValueError("must be an address like https://shop.example.com/support")
    if parts.username or parts.password or parts.query or parts.fragment:
        raise ValueError("must have no user, query or fragment; the token belongs in SHOP_TOKEN")
    if parts.scheme == "http" and not _is_this_machine(host):
        raise ValueError("must be https: orders and the token would be read on the way")
    return url


def _is_this_machine(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def load_settings() -> Settings:
    """Read the settings; raises SettingsError naming every one that is wrong or unknown."""
    unknown = _find_unknown()
    if unknown:
        known = ", ".join(f"{PREFIX}{name.upper()}" for name in Settings.model_fields)
        raise SettingsError(f"unknown setting {', '.join(unknown)}; known are {known}")
    try:
        return Settings()
    except ValidationError as error:
        faults = (f"{PREFIX}{str(fault['loc'][0]).upper()}: {fault['msg']}" for fault in error.errors())
        raise SettingsError("; ".join(faults)) from None


def _find_unknown() -> list[str]:
    given = {*os.environ, *dotenv_values(".env")}
    return sorted(
        name
        for name in given
        if name.upper().startswith(PREFIX) and name.upper().removeprefix(PREFIX).lower() not in Settings.model_fields
    )


def read_secret_key(settings: Settings) -> str:
    """Return SECRET_KEY, made at the first start and kept in DATA_DIR, readable by its owner only."""
    if settings.secret_key:
        return settings.secret_key.get_secret_value()
    return keep_secret(settings.data_dir / "secret_key")


def keep_secret(path: Path) -> str:
    """Return the secret in a file; makes it (once, even with two starts at a time) if there is none."""
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return path.read_text(encoding="utf-8").strip()
    secret = secrets.token_urlsafe(48)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write(secret)
    return secret
