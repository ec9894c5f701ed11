"""Goods, faults and colours by the shop's lexicon, in three languages."""

import re

import pytest

from bot.nlu.entities import find_entities
from bot.nlu.lexicon import load_lexicon


def _find(text: str) -> list[tuple[str, str, str]]:
    return [(entity.name, entity.value, text[entity.start : entity.end]) for entity in find_entities(text)]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("耳机一边没声音", [("product", "earphones", "耳机"), ("defect", "one_side_silent", "一边没声音")]),
        ("藍牙耳機沒有聲音", [("product", "earphones", "藍牙耳機"), ("defect", "no_sound", "沒有聲音")]),
        ("the earbuds won’t charge", [("product", "earphones", "earbuds"), ("defect", "wont_charge", "won’t charge")]),
        ("行動電源充不進電", [("product", "power_bank", "行動電源"), ("defect", "wont_charge", "充不進電")]),
        ("滑鼠壞了", [("product", "mouse", "滑鼠"), ("defect", "stopped_working", "壞了")]),
        ("my kettles are leaking", [("product", "kettle", "kettles"), ("defect", "leaking", "leaking")]),
        ("杯子裂了", [("product", "cup", "杯子"), ("defect", "cracked", "裂了")]),
        ("顏色不對，我買的是白色", [("defect", "wrong_colour", "顏色不對"), ("colour", "white", "白色")]),
        ("the shirt is the wrong colour", [("product", "shirt", "shirt"), ("defect", "wrong_colour", "wrong colour")]),
        ("面包发霉了", [("product", "bread", "面包"), ("defect", "mouldy", "发霉")]),
        ("烤面包机不加热", [("product", "toaster", "烤面包机"), ("defect", "not_heating", "不加热")]),
        (
            "桌子少了四颗螺丝",
            [("product", "table", "桌子"), ("defect", "missing_part", "少了"), ("quantity", "4", "四颗")],
        ),
        (
            "two red mugs arrived broken",
            [
                ("quantity", "2", "two"),
                ("colour", "red", "red"),
                ("product", "cup", "mugs"),
                ("defect", "broken", "broken"),
            ],
        ),
        ("The charger was missing", [("product", "charger", "charger"), ("defect", "missing_part", "was missing")]),
    ],
)
def test_goods_and_faults_have_one_name_in_every_language(text: str, found: list[tuple[str, str, str]]):
    """The canonical name, and the customer's own words; the longest word wins."""
    assert found == _find(text)


@pytest.mark.parametrize(
    ("text", "absent"),
    [
        ("杯子没坏", "defect"),
        ("it is not broken", "defect"),
        ("the screen isn't cracked at all", "defect"),
        ("是不是正品", "defect"),
        ("新不新鲜", "defect"),
        ("寄错地址了", "defect"),
        ("my parcel is missing", "defect"),
        ("手机尾号8888", "product"),
        ("my phone ends in 8888", "product"),
        ("手机：8888 订单20260101001", "product"),
        ("黑色星期五", "colour"),
        ("Fredrick reddened", "colour"),
        ("灯光", "product"),
    ],
)
def test_what_only_looks_like_a_word_is_none(text: str, absent: str):
    """A fault that is denied, a lost parcel, the phone's own digits, the middle of a word."""
    assert absent not in {name for name, _, _ in _find(text)}


def test_every_word_of_the_lexicon_is_found_in_a_sentence():
    """Each spelling is found, whole, where nothing longer hides it."""
    lexicon = load_lexicon()
    meant = {spelling: word for spelling, word in lexicon.words.items() if word}
    found = {spelling: list(lexicon.find(f"。{spelling}。")) for spelling in meant}
    assert {spelling: [(word, 1, 1 + len(spelling))] for spelling, word in meant.items()} == found


def test_the_lexicon_knows_enough_kinds_in_both_scripts():
    """A shop's range of goods and the usual faults; names are plain identifiers."""
    words = [word for word in load_lexicon().words.values() if word]
    kinds = {name: {word.value for word in words if word.name == name} for name in ("product", "defect", "colour")}
    assert len(kinds["product"]) >= 150
    assert len(kinds["defect"]) >= 40
    assert all(re.fullmatch("[a-z_]+", value) for values in kinds.values() for value in values)
