"""One person's data as a file for them: readable JSON, their photos, and an overview in their language (PIPL 45)."""

import asyncio
import html
import io
import json
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any
from uuid import UUID
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo
from zoneinfo import ZoneInfo

from sqlalchemy.ext.asyncio import AsyncSession

from actions.shop import PERSONAL_DETAILS
from bot.privacy.erasing import Reason
from bot.privacy.gathering import Gathered, gather
from bot.privacy.subjects import gather_subject
from bot.security.sealing import Seal
from bot.texts import Catalogue
from escalation.leaving import record_privacy

DATA, OVERVIEW = "data.json", "overview.html"
_OWNER_ONLY = 0o600
_STYLE = (
    "body{font:16px/1.6 system-ui,sans-serif;max-width:46rem;margin:2rem auto;padding:0 1rem;color:#1d2530}"
    "h1{font-size:1.5rem}h2{font-size:1.15rem;margin-top:2rem;border-bottom:1px solid #cdd5df}"
    "dl{display:grid;grid-template-columns:max-content 1fr;gap:.2rem 1rem}dt{color:#56616f}dd{margin:0}"
    "ol{list-style:none;padding:0}li{margin:.4rem 0}time,.who{color:#56616f;font-size:.85rem}"
    "img{max-width:12rem;display:block;border-radius:.4rem}p{white-space:pre-wrap;margin:.1rem 0}"
)


async def export_person(
    session: AsyncSession, seal: Seal, customer_id: UUID, *, by: str, reason: Reason, zone: ZoneInfo, now: datetime
) -> bytes:
    """Return the file of a person's data; that it was made, by whom and why is in the log. The caller commits."""
    subject = await gather_subject(session, [customer_id])
    gathered = await gather(session, seal, subject)
    counts = {name: len(table) for name, table in gathered.tables.items() if isinstance(table, list)}
    await record_privacy(
        session, customer_id, "exported", actor=by, now=now, photos=len(gathered.photos), **counts, **reason.logged()
    )
    # Packing photos takes a while, and customers are not to wait for it.
    return await asyncio.to_thread(write_export, gathered, zone=zone, now=now)


def write_export(gathered: Gathered, *, zone: ZoneInfo, now: datetime) -> bytes:
    """Return the archive. Pure."""
    told = {"made_at": now.isoformat(), "not_included": {"notes_of_colleagues": gathered.notes}, **gathered.tables}
    parts = {
        OVERVIEW: write_overview(gathered, zone=zone, now=now).encode(),
        DATA: json.dumps(told, ensure_ascii=False, indent=2).encode(),
        **{photo.name: photo.content for photo in gathered.photos},
    }
    written = io.BytesIO()
    with ZipFile(written, "w", ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            info = ZipInfo(name, now.timetuple()[:6])
            info.compress_type, info.external_attr = ZIP_DEFLATED, _OWNER_ONLY << 16
            archive.writestr(info, content)
    return written.getvalue()


def write_overview(gathered: Gathered, *, zone: ZoneInfo, now: datetime) -> str:
    """Return the page that a person reads first. Pure; everything that anybody wrote is text in it, never markup."""
    return "".join(_Page(gathered, Catalogue("privacy", zone=zone), zone).write(now))


class _Page:
    """Writes the overview's parts."""

    def __init__(self, gathered: Gathered, catalogue: Catalogue, zone: ZoneInfo) -> None:
        self._gathered, self._catalogue, self._zone = gathered, catalogue, zone
        self._language = gathered.language

    def write(self, now: datetime) -> Iterator[str]:
        tables = self._gathered.tables
        title = self._say("privacy.title")
        yield f'<!doctype html><html lang="{html.escape(self._language)}"><meta charset="utf-8"><title>{title}</title>'
        yield f'<meta name="viewport" content="width=device-width"><style>{_STYLE}</style><h1>{title}</h1>'
        yield f"<p>{self._say('privacy.intro', at=now)}</p>"
        yield from self._section("privacy.person", self._person(tables["person"]))
        yield from self._section("privacy.orders", (self._order(one) for one in tables["orders"]))
        yield from self._section("privacy.tickets", (self._ticket(one) for one in tables["tickets"]))
        yield from self._section("privacy.conversations", (self._talk(one) for one in tables["conversations"]))
        yield f"<h2>{self._say('privacy.not_included')}</h2>"
        yield f"<p>{self._say('privacy.notes', count=self._gathered.notes)}</p></html>\n"

    def _section(self, key: str, parts: Iterator[str]) -> Iterator[str]:
        yield f"<h2>{self._say(key)}</h2>"
        found = list(parts)
        yield from found or [f"<p>{self._say('privacy.nothing')}</p>"]

    def _person(self, person: Mapping[str, Any]) -> Iterator[str]:
        rows = [(self._say("privacy.since"), self._at(person["known_since"]))]
        rows += [(self._say("privacy.email"), email) for email in person["emails"]]
        rows += [(self._say(f"privacy.account.{one['where']}"), one["id"]) for one in person["accounts"]]
        yield _list(rows)

    def _order(self, order: Mapping[str, Any]) -> str:
        names = [f"{one['name'].get(self._language, '')} × {one['quantity']}" for one in order["items"]]
        rows = [
            (self._say("privacy.order"), order["number"]),
            (self._say("privacy.placed"), self._at(order["placed_at"])),
        ]
        rows += [(self._say("privacy.goods"), "; ".join(names)), (self._say("privacy.amount"), f"¥{order['amount']}")]
        return _list(rows)

    def _ticket(self, ticket: Mapping[str, Any]) -> str:
        rows = [
            (self._say("privacy.ticket"), ticket["number"]),
            (self._say("privacy.opened"), self._at(ticket["opened_at"])),
        ]
        rows += [(self._say("privacy.said"), ticket["said"])]
        told = {**ticket["facts"], **{name: value for one in ticket["added"] for name, value in one.items()}}
        rows += [(self._name(name), str(value)) for name, value in told.items() if name in PERSONAL_DETAILS]
        rows += [(self._say("privacy.comment"), one["comment"]) for one in ticket["ratings"] if one["comment"]]
        rows += [
            (self._say("privacy.looked"), f"{self._at(one['at'])}: {', '.join(map(self._name, one['fields'] or ()))}")
            for one in ticket["looked_at"]
        ]
        return _list(rows)

    def _name(self, field: str) -> str:
        """What a value is called; where it was looked at, the place stands before it."""
        name = field.rpartition("/")[2]
        return self._say(f"privacy.field.{name}") if name in PERSONAL_DETAILS else html.escape(name)

    def _talk(self, talk: Mapping[str, Any]) -> str:
        return f"<ol>{''.join(self._bubble(one) for one in talk['messages'])}</ol>"

    def _bubble(self, message: Mapping[str, Any]) -> str:
        who = html.escape(message["name"] or self._say(f"privacy.from.{message['from']}"))
        photos = "".join(f'<img src="{html.escape(photo)}" alt="">' for photo in message["photos"])
        when = f'<time datetime="{html.escape(message["at"])}">{html.escape(self._at(message["at"]))}</time>'
        return f'<li><span class="who">{who}</span> {when}<p>{html.escape(message["text"])}</p>{photos}</li>'

    def _at(self, instant: str | None) -> str:
        if instant is None:
            return "–"
        at = datetime.fromisoformat(instant)
        return f"{at.astimezone(self._zone):%Y-%m-%d %H:%M}"

    def _say(self, key: str, **params: Any) -> str:
        return html.escape(self._catalogue.say(key, self._language, **params))


def _list(rows: list[tuple[str, str]]) -> str:
    told = "".join(f"<dt>{name}</dt><dd>{html.escape(value)}</dd>" for name, value in rows if value)
    return f"<dl>{told}</dl>"
