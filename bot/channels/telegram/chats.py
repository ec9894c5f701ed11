"""Which conversation a Telegram chat is in: customers there have several in a row, and the newest that lives goes on.

A chat is a customer (the chat's id is the identity); nothing is known of who they are at the shop until they prove it.
"""

from datetime import datetime, timedelta
from uuid import UUID, uuid4

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from bot.channels.telegram.courier import CHANNEL
from bot.models import Conversation, Customer, CustomerIdentity
from bot.security.sealing import Seal
from bot.security.sessions import begin_conversation
from escalation import service

# A conversation that has been silent for so long, and has nothing open, is over.
_OVER_AFTER = timedelta(hours=24)


async def find_or_begin(
    session: AsyncSession, seal: Seal, *, chat: int, language: str, anew: bool, now: datetime
) -> Conversation:
    """Return the conversation that a chat is in, or begin one (`anew`: the customer wants to, if nothing is open)."""
    customer_id = await _lock_customer(session, str(chat), now)
    current = await _find_newest(session, customer_id)
    if current and not await _is_over(session, current, anew=anew, now=now):
        return current
    begun = begin_conversation(CHANNEL, customer_id, language=current.language if current else language, now=now)
    begun.address, begun.address_digest = str(chat), seal.digest(f"{CHANNEL}:{chat}")
    session.add(begun)
    await session.flush()
    return begun


async def find_conversations(session: AsyncSession, chat: int) -> list[UUID]:
    """Return all conversations of a chat."""
    return list(await session.scalars(select(Conversation.id).where(_is_of(chat)).order_by(Conversation.created_at)))


def _is_of(chat: int):  # type: ignore[no-untyped-def]
    known = select(CustomerIdentity.customer_id).where(
        CustomerIdentity.channel == CHANNEL, CustomerIdentity.external_id == str(chat)
    )
    return Conversation.customer_id.in_(known)


async def _lock_customer(session: AsyncSession, chat: str, now: datetime) -> UUID:
    """Return the customer of a chat, made if new; two first messages at once make one."""
    query = select(CustomerIdentity.customer_id).where(
        CustomerIdentity.channel == CHANNEL, CustomerIdentity.external_id == chat
    )
    known = await session.scalar(query.with_for_update())
    if known is not None:
        return known
    customer = Customer(id=uuid4(), created_at=now)
    session.add(customer)
    await session.flush()
    mine = insert(CustomerIdentity).values(channel=CHANNEL, external_id=chat, customer_id=customer.id)
    await session.execute(mine.on_conflict_do_nothing())
    return (await session.execute(query.with_for_update())).scalar_one()


async def _find_newest(session: AsyncSession, customer_id: UUID) -> Conversation | None:
    """The one in which something was said last: an old one whose case was opened again goes on too."""
    query = select(Conversation).where(
        Conversation.customer_id == customer_id, Conversation.channel == CHANNEL, Conversation.erased_at.is_(None)
    )
    return await session.scalar(query.order_by(Conversation.updated_at.desc()).limit(1))


async def _is_over(session: AsyncSession, conversation: Conversation, *, anew: bool, now: datetime) -> bool:
    silent = now - conversation.updated_at > _OVER_AFTER
    if conversation.speaker != "bot" or not (anew or silent):
        return False
    return not await service.is_unsettled(session, conversation.id, now=now)
