"""What the commands share: progress, settings, and the shop's files, each fault told in a sentence."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import typer

if TYPE_CHECKING:
    from actions.policy import Policy
    from bot.nlu.rasa_server import RasaAddress
    from bot.settings import Settings
    from escalation.service_levels import ServiceLevels


def say(line: str) -> None:
    """Show progress; standard output belongs to the answers."""
    print(line, file=sys.stderr, flush=True)


def read_settings() -> "Settings":
    """Return the settings; a wrong one ends the command."""
    from bot.settings import SettingsError, load_settings  # noqa: PLC0415

    try:
        return load_settings()
    except SettingsError as error:
        say(f"shouwen: {error}")
        raise typer.Exit(2) from None


def read_policy(path: Path | None) -> "Policy":
    """Return what the policy file says, or the default; a faulty one ends the command."""
    from actions.policy import PolicyError, load_default_policy, load_policy  # noqa: PLC0415

    try:
        return load_policy(path) if path else load_default_policy()
    except (PolicyError, OSError) as error:
        say(f"shouwen: {error}")
        raise typer.Exit(1) from None


def read_levels(path: Path | None) -> "ServiceLevels":
    """Return what the service file says, or the default; a faulty one ends the command."""
    from escalation.service_levels import (  # noqa: PLC0415
        ServiceLevelsError,
        load_default_service_levels,
        load_service_levels,
    )

    try:
        return load_service_levels(path) if path else load_default_service_levels()
    except (ServiceLevelsError, OSError) as error:
        say(f"shouwen: {error}")
        raise typer.Exit(1) from None


def find_rasa(settings: "Settings") -> "RasaAddress | None":
    """Return the operator's own Rasa server; None means the one that was started for this data directory."""
    from bot.nlu.understanding import parse_address  # noqa: PLC0415

    return parse_address(settings.rasa_url) if settings.rasa_url else None
