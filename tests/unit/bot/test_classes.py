"""Every field is classed, and what is personal has something done about it."""

import pytest
from sqlalchemy import LargeBinary, String
from sqlalchemy.dialects.postgresql import JSONB

import actions.models
import bot.faq.models
import bot.models
import bot.privacy.models
from bot.privacy.classes import TABLES, DataClass
from escalation.models import Base

_ALL = (actions.models, bot.models, bot.faq.models, bot.privacy.models)  # importing them registers their tables
_CAREFUL = {DataClass.PERSONAL, DataClass.SENSITIVE}


@pytest.mark.parametrize("name", sorted(Base.metadata.tables))
def test_every_field_that_can_hold_words_is_classed(name: str) -> None:
    """A new column says here which class it is of, and what erasure leaves of it (product §8)."""
    columns = Base.metadata.tables[name].columns
    can_tell = {column.name for column in columns if isinstance(column.type, String | LargeBinary | JSONB)}
    assert name in TABLES, f"bot/privacy/classes.py has no table {name}"
    assert can_tell == set(TABLES[name].fields)


@pytest.mark.parametrize("name", sorted(TABLES))
def test_what_is_personal_goes_with_its_person(name: str) -> None:
    """Its row is deleted, or something is left in its place; and whose it is can be told."""
    table = TABLES[name]
    careful = {field for field, one in table.fields.items() if one.kind in _CAREFUL}
    left = {field for field in careful if not table.fields[field].blank}
    assert table.deletes or not left
    assert table.whose is not None or not careful
