"""Who is at the other end: session tokens of the widget, and the shop's word for a signed-in customer.

A token is made here, never by the visitor, and only its digest is stored. An identity is a JWT (RFC 7519) signed by the
shop (HS256) with `sub` and `exp`.
"""

import secrets
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID, uuid4

import jwt
from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from bot.models import Conversation, Customer, CustomerIdentity
from bot.security.chat_links import read_chat_link
from bot.security.personal import take_along
from bot.security.sealing import Seal

WIDGET = "widget"
SHOP_IDENTITY = "shop"
_MAX_SUB = 200


class IdentityError(ValueError):
    """The shop's identity token is not valid; the visitor stays anonymous."""


@dataclass(frozen=True)
class Session:
    """A visitor's session: its conversation and the token, which only the visitor's widget keeps."""

    token: str
    conversation_id: UUID
    last_seq: int
    resumed: bool


def read_identity(token: str, key: str | None) -> str:
    """Return the customer's `sub` at the shop; raises IdentityError."""
    if not key:
        raise IdentityError("this shop has no identity key set")
    if not token.isascii():
        raise IdentityError("it is no JWT")
    try:
        claims = jwt.decode(token, key, algorithms=["HS256"], options={"require": ["sub", "exp"]})
    except jwt.InvalidTokenError as error:
        raise IdentityError(str(error)) from None
    sub = str(claims["sub"])
    if not 0 < len(sub) <= _MAX_SUB or not sub.isprintable():
        raise IdentityError("sub must have 1 to 200 printable characters")
    return sub


async def open_session(
    session: AsyncSession, seal: Seal, *, token: str | None, sub: str | None, language: str, address: str, now: datetime
) -> Session:
    """Resume the session of a token, or begin one.

    Somebody else's conversation is never shown: a token whose customer is another than `sub` begins anew.
    """
    conversation = await find_conversation(session, seal, token, now=now)
    if conversation and await _is_for(session, seal, conversation, sub):
        conversation.address_digest = seal.digest(address)
        return Session(token or "", conversation.id, conversation.last_seq, resumed=True)
    fresh = secrets.token_urlsafe(32)
    begun = begin_conversation(WIDGET, await _customer_of(session, sub, now), language=language, now=now)
    begun.session_digest, begun.address_digest = seal.digest(fresh), seal.digest(address)
    session.add(begun)
    await session.flush()
    return Session(fresh, begun.id, 0, resumed=False)


def begin_conversation(channel: str, customer_id: UUID, *, language: str, now: datetime) -> Conversation:
    """Return an empty conversation, the bot to speak; the caller adds it."""
    return Conversation(
        id=uuid4(),
        channel=channel,
        customer_id=customer_id,
        language=language,
        speaker="bot",
        state={},
        version=0,
        last_seq=0,
        created_at=now,
        updated_at=now,
    )


async def find_conversation(
    session: AsyncSession, seal: Seal, token: str | None, *, now: datetime
) -> Conversation | None:
    """Return the conversation of a session token, or of a link from a mail that is still valid; or None."""
    if not token or not token.isascii():
        return None
    linked = read_chat_link(seal, token, now=now)
    if linked is not None:
        found = await session.get(Conversation, linked)
        return found if found and found.erased_at is None else None
    query = select(Conversation).where(Conversation.session_digest == seal.digest(token))
    return (await session.execute(query)).scalar_one_or_none()


async def find_sub(session: AsyncSession, conversation_id: UUID) -> str | None:
    """Return who a conversation's customer is at the shop; None where they have not signed in there."""
    theirs = select(CustomerIdentity.external_id).where(CustomerIdentity.channel == SHOP_IDENTITY)
    of_talk = Conversation.customer_id == CustomerIdentity.customer_id
    return await session.scalar(theirs.join(Conversation, of_talk).where(Conversation.id == conversation_id))


async def _is_for(session: AsyncSession, seal: Seal, conversation: Conversation, sub: str | None) -> bool:
    """Tell whether a conversation may be shown to who is here now; an anonymous one is adopted on signing in."""
    query = select(CustomerIdentity.external_id).where(
        CustomerIdentity.customer_id == conversation.customer_id, CustomerIdentity.channel == SHOP_IDENTITY
    )
    known = (await session.execute(query)).scalar_one_or_none()
    if known is not None or sub is None:
        return known == sub
    before = conversation.customer_id
    conversation.customer_id = await _customer_of(session, sub, conversation.created_at)
    await take_along(session, seal, conversation.id, before=before, after=conversation.customer_id)
    return True


async def _customer_of(session: AsyncSession, sub: str | None, now: datetime) -> UUID:
    """Return the customer the shop knows by `sub` (made if new), or a new anonymous one."""
    if sub is not None:
        query = select(CustomerIdentity.customer_id).where(
            CustomerIdentity.channel == SHOP_IDENTITY, CustomerIdentity.external_id == sub
        )
        known = (await session.execute(query)).scalar_one_or_none()
        if known:
            return known
    customer = Customer(id=uuid4(), created_at=now)
    session.add(customer)
    await session.flush()
    if sub is None:
        return customer.id
    mine = insert(CustomerIdentity).values(channel=SHOP_IDENTITY, external_id=sub, customer_id=customer.id)
    await session.execute(mine.on_conflict_do_nothing())
    return (await session.execute(query)).scalar_one()
