"""What an entry of the audit log says, in the reader's language."""

from collections.abc import Mapping, Sequence
from decimal import Decimal, InvalidOperation
from typing import Any

from bot.texts import Catalogue, MissingTextError
from escalation.audit_reading import LOG
from escalation.models import AuditRow

# How details are told that are codes: the texts of which prefixes have them, the first that knows the code.
_CODES: Mapping[str, Sequence[str]] = {
    "role": ("role",),
    "before": ("role", "tier"),
    "after": ("tier",),
    "tier": ("tier",),
    "desk": ("desk",),
    "desk_before": ("desk",),
    "stage": ("stage",),
    "outcome": ("outcome",),
    "clock": ("clock",),
    "step": ("step",),
    "what": ("packet.command",),
    "why": ("reveal.for",),
}
# Those that name people, by login.
_PEOPLE = frozenset({"to", "helper", "handler", "owner"})
_KINDS = "audit.kind."
_EVENTS = "event."


class AuditWords:
    """Says entries in one language; `names`: of people, by login."""

    def __init__(self, texts: Catalogue, language: str) -> None:
        self._texts, self._language = texts, language
        self._known = texts.texts(language)

    def list_kinds(self) -> Sequence[tuple[str, str]]:
        """Return every kind of entry that has a name, with it, in the order of names."""
        events = {key.removeprefix(_EVENTS) for key in self._known if key.startswith(_EVENTS)}
        others = {key.removeprefix(_KINDS) for key in self._known if key.startswith(_KINDS)}
        return sorted(((kind, self.name(kind)) for kind in events | others), key=lambda pair: pair[1].casefold())

    def name(self, kind: str) -> str:
        """Return what a kind of entry is called; one of another release stays a code."""
        return self._known.get(f"audit.kind.{kind}") or self._known.get(f"event.{kind}", kind)

    def who(self, login: str, names: Mapping[str, str]) -> str:
        """Return who did it: a person by name, the bot or a clock in words."""
        return names.get(login) or self._known.get(f"who.{login}", login)

    def say(self, entry: AuditRow, names: Mapping[str, str]) -> str:
        """Return what was done, with what is known of it; an entry that lacks something, by its kind's name alone."""
        params = {name: self._write(name, value, names) for name, value in entry.details.items() if value is not None}
        if "fields" in params:
            params["count"] = len(params["fields"])
        for key in self._keys(entry):
            try:
                return self._texts.say(key, self._language, **params)
            except (MissingTextError, KeyError):
                continue
        return self.name(entry.action)

    def _keys(self, entry: AuditRow) -> Sequence[str]:
        more = "audit.did.log_broken" if entry.subject == LOG and entry.details.get("broken") else None
        with_desk = f"audit.did.{entry.action}.desk" if entry.details.get("desk") else None
        return [key for key in (more, with_desk, f"audit.did.{entry.action}") if key]

    def _write(self, name: str, value: Any, names: Mapping[str, str]) -> Any:
        if isinstance(value, list):
            return [self._write(name, one, names) for one in value]
        if name in _PEOPLE and isinstance(value, str):
            return names.get(value, value)
        if name == "amount":
            return _as_money(value)
        if isinstance(value, str):
            found = (self._known.get(key) for key in _list_keys(name, value))
            return next((text for text in found if text), value)
        return value


def _list_keys(name: str, code: str) -> Sequence[str]:
    """Return the texts that a code of a detail may have."""
    if name == "kind":
        return (f"audit.proposed.{code}",)
    if name == "act":
        return (f"audit.act.{code}",)
    return [f"{prefix}.{code}" for prefix in _CODES.get(name, ())]


def _as_money(value: Any) -> Any:
    try:
        return Decimal(str(value))
    except InvalidOperation:
        return value
