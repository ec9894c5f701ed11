"""Who wants their data, or wants it erased, is heard in three languages; who speaks of other data is not."""

import pytest

from bot.dialogue.hearing.privacy_words import wants_erasure, wants_export


@pytest.mark.parametrize(
    "text",
    [
        "delete my data", "Please delete all my personal data.", "erase all my personal information",
        "I want you to remove all the information you have about me", "delete everything you know about me",
        "can you delete my personal details please", "I invoke my right to be forgotten", "please wipe my chat history",
        "刪除我的資料", "把我的个人信息删掉", "请删除我的个人信息", "幫我刪除所有個人資料", "把我所有的聊天记录都删除",
        "清空我的数据", "我想删掉我在你们这里的资料吧，把我的资料删掉", "我的个人资料请删除", "麻煩刪走我啲個人資料",
        "可以把我的資料刪掉嗎", "根據個資法，請刪除我的個資", "要求行使被遗忘权",
    ],
)  # fmt: skip
def test_erasure_is_heard(text: str) -> None:
    """And not as the wish for a copy."""
    assert wants_erasure(text)
    assert not wants_export(text)


@pytest.mark.parametrize(
    "text",
    [
        "send me my data", "I'd like a copy of my data", "export my personal data", "what data do you have about me",
        "what personal information do you keep about me?", "Please provide all my personal information",
        "what do you know about me", "download my data", "this is a subject access request",
        "导出我的个人信息", "把我的资料发给我", "給我一份我的個人資料", "匯出我的個人資料", "你们存了我哪些信息",
        "你們保存了我什麼資料", "我要一份我的个人信息副本", "请提供我的全部个人信息", "把我的数据打包发给我",
    ],
)  # fmt: skip
def test_the_wish_for_a_copy_is_heard(text: str) -> None:
    """And not as erasure."""
    assert wants_export(text)
    assert not wants_erasure(text)


@pytest.mark.parametrize(
    "text",
    [
        "delete my order", "please don't delete my data", "will you delete the data on my phone when you repair it",
        "my data was deleted after the update", "send me my order information", "give me the tracking information",
        "can you recover my data from the drive", "how do you protect my data", "do you sell my information",
        "why did you delete my review", "I want to close my account", "update my delivery information",
        "do you delete my data after a year", "how can I delete my data", "the app deleted my chat history",
        "删除我的订单", "不要删除我的资料", "修手机会删除我的数据吗", "把我的订单信息发给我", "我的物流信息在哪看",
        "你们怎么保护我的隐私", "会把我的资料给别人吗", "怎么修改我的个人信息", "我要注销账号", "删除我的评价",
        "硬盘坏了能恢复我的数据吗", "把我的地址信息改一下", "為什麼刪了我的資料", "发票信息发给我", "我的资料填错了",
        "商品資料給我看看", "聊天记录会保存吗", "帮我取消订单", "退款", "hello",
    ],
)  # fmt: skip
def test_other_data_is_another_matter(text: str) -> None:
    """Goods, orders, questions, and what is not wanted."""
    assert not wants_erasure(text)
    assert not wants_export(text)
