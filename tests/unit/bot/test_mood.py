"""How a customer feels: by words that can be shown, and by how often they had to come."""

import pytest

from bot.turn.mood import Mood, MoodLevel, judge_mood

CALM, WORRIED, UPSET, ANGRY = MoodLevel


@pytest.mark.parametrize(
    ("texts", "contacts", "level", "signs"),
    [
        ([], 1, CALM, ()),
        (["请问订单到哪了"], 1, CALM, ()),
        (["Where is my parcel, please?"], 2, CALM, ()),
        (["我很着急，明天要用"], 1, WORRIED, ("着急",)),
        (["怎麼還沒到啊"], 1, WORRIED, ("怎么还没",)),
        (["I'm still waiting for it"], 1, WORRIED, ("still waiting",)),
        (["太讓人失望了"], 1, UPSET, ("失望",)),
        (["I am really disappointed."], 1, UPSET, ("disappointed",)),
        (["快点处理！！"], 1, UPSET, ("!!",)),
        (["你们就是骗子"], 1, ANGRY, ("骗子",)),
        (["This is UNACCEPTABLE"], 1, ANGRY, ("unacceptable",)),
        (["我要打 12315"], 1, ANGRY, ("12315",)),
        (["我很着急", "太差了"], 1, UPSET, ("太差",)),
        (["太差了", "谢谢"], 1, UPSET, ("太差",)),
    ],
)
def test_the_strongest_words_count(texts: list[str], contacts: int, level: MoodLevel, signs: tuple[str, ...]) -> None:
    """In three languages; what is said later does not unsay them, and only the words that decided are named."""
    assert Mood(level, signs) == judge_mood(texts, contacts=contacts)


@pytest.mark.parametrize(
    ("text", "contacts", "level", "came_often"),
    [
        ("请问到哪了", 2, CALM, False),
        ("请问到哪了", 3, WORRIED, True),
        ("我很着急", 3, UPSET, True),
        ("太差了", 4, ANGRY, True),
        ("骗子", 9, ANGRY, False),
    ],
)
def test_the_third_contact_weighs_one_level(text: str, contacts: int, level: MoodLevel, came_often: bool) -> None:
    """There is nothing above angry."""
    mood = judge_mood([text], contacts=contacts)
    assert (level, came_often) == (mood.level, mood.came_often)


@pytest.mark.parametrize(
    "text", ["", "哈喽", "hello", "shell", "The lessons are longest", "滚筒洗衣机坏了", "Hellmann's mayonnaise"]
)
def test_harmless_words_are_no_signs(text: str) -> None:
    """Words within words are none."""
    assert CALM == judge_mood([text], contacts=1).level
