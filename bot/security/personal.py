"""Personal data at rest: under a key of its person, which is itself sealed. Erasing somebody destroys their key."""

from uuid import UUID

from cryptography.fernet import Fernet
from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncSession

from bot.models import Customer, CustomerContact
from bot.security.sealing import Seal
from escalation.models import TicketRow


async def seal_for(session: AsyncSession, seal: Seal, customer_id: UUID, text: str) -> bytes:
    """Encrypt a text under its customer's key, which is made with the first one."""
    query = select(Customer).where(Customer.id == customer_id).with_for_update()
    customer = (await session.scalars(query)).one()
    if customer.sealed_key is None:
        customer.sealed_key = seal.close(Fernet.generate_key().decode())
    return Fernet(seal.open(customer.sealed_key)).encrypt(text.encode())


async def take_along(session: AsyncSession, seal: Seal, conversation_id: UUID, *, before: UUID, after: UUID) -> None:
    """A visitor has signed in, so that a conversation is an account's: what was theirs goes with it, cases and contact.

    An address that the account has already stays. Whose key it was under is destroyed.
    """
    await session.flush()
    cases = update(TicketRow).where(TicketRow.conversation_id == conversation_id, TicketRow.customer_id == before)
    await session.execute(cases.values(customer_id=after))
    email = await find_email(session, seal, before)
    if email is None:
        return
    given = await session.get_one(CustomerContact, before)
    if await session.get(CustomerContact, after) is None:
        sealed = await seal_for(session, seal, after, email)
        session.add(CustomerContact(customer_id=after, sealed_email=sealed, given_at=given.given_at))
    await session.delete(given)
    (await session.get_one(Customer, before)).sealed_key = None


async def find_email(session: AsyncSession, seal: Seal, customer_id: UUID) -> str | None:
    """Return the mail address that a customer left, or None: none, or its key is destroyed."""
    contact = await session.get(CustomerContact, customer_id)
    customer = await session.get(Customer, customer_id)
    if contact is None or customer is None or customer.sealed_key is None:
        return None
    return Fernet(seal.open(customer.sealed_key)).decrypt(contact.sealed_email).decode()
