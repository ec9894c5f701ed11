"""What answers "why is that?": what was decided is explained once more, and how the case stands. Pure.

Nothing but such words counts: "why is my parcel late" is a question of its own.
"""

import re
from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from actions.lines import Line
from actions.policy import Explanation
from bot.dialogue.flows.cases import is_about, ticket_params
from bot.dialogue.hearing.few_words import says_only
from bot.dialogue.hearing.words import names
from bot.dialogue.outcome import PERSON, line, say
from bot.dialogue.records import Choice, Effect, Facts, Say
from bot.dialogue.state import State
from escalation.service import TicketView

_CHINESE = re.compile(
    r"(那|可是?|但是?|请问|到底|究竟|这|这是|我想知道|能说说|能告诉我)*"
    r"(为什么|为何|为啥|凭什么|凭啥|什么(原因|理由)|(原因|理由)是(什么|啥))"
    r"(会|要|就|是|我)*(这样|等(这么|那么)?久?|不行|不可以|拒绝|办不了|"
    r"(不能?|不让|不给|没法|无法)(退|换|修|取消|办|赔)货?款?|(退|换|取消)不了)?(呢|啊|呀|了|的)*"
)
_ENGLISH = re.compile(
    r"((but|and|so|ok|okay|well|sorry|please)\b ?)*"
    r"(why( is (that|this|it)| not| so| though)*|how come|(what is|what's|what was) the reason( for (that|this))?|"
    r"why (can't|cannot|can not|won't|couldn't) (i|you) (return|exchange|cancel|refund|repair|do|take)"
    r"( (it|that|this|them|me))?( back)?|"
    r"why do (i|we) (have|need) to wait( (so|that) long| for (that|this|it))?|"
    r"why (is|was) (it|that|this) (refused|rejected|not possible|not allowed))"
)
# Asked why it is no more: the same reasons tell.
_SO_LITTLE_CHINESE = re.compile(
    r"(为什么|为啥|凭什么|怎么)?(就|只|才|怎么才)能?(赔|退|补|给|补偿|赔偿)?(我)?(这么|那么|一)?(点|些|差价|\d{1,6}(元|块)?(钱)?|[一二两三四五六七八九十百]{1,4}(元|块)?(钱)?)?(儿)?(吗|啊|呀|呢|么|喔|哦|而已|吧|啦|耶|诶)?|"
    r"(为什么|怎么)(这么|那么|只有这么)(少|点)(啊|呀|呢)?"
)
_SO_LITTLE_ENGLISH = re.compile(
    r"(but |and |so |what )*((only|just) (\d{1,6}|that|this)( yuan)?|is (that|this|it) (all|it)|that's (all|it)|"
    r"why (is it )?(so little|so low|not more|only (that|this|\d{1,6}( yuan)?)))"
)
# "Just this" alone is a number or a wish.
_SOUNDS_SO = re.compile(
    r"[?？]|[吗么呢]|为什么|为啥|凭什么|怎么|才|[这那]么|一?点|\b(why|yuan|is (that|this|it)|that's)\b"
)
_REFUSED = re.compile(r"result\.\w+\.refused")


def asks_why(text: str) -> bool:
    """Tell whether a text only asks for the reason of what was said."""
    return says_only(text, _CHINESE, _ENGLISH) or asks_why_so_little(text)


def asks_why_so_little(text: str) -> bool:
    """Tell whether a text only asks whether it is really no more."""
    return names(_SOUNDS_SO, text) and says_only(text, _SO_LITTLE_CHINESE, _SO_LITTLE_ENGLISH)


def note_reason(before: State, after: State, effects: Iterable[Effect]) -> State:
    """Return the state knowing the reason that was given last, as long as nothing else is talked about."""
    told = [effect.line for effect in effects if isinstance(effect, Say)]
    given = next((reason for one in reversed(told) if (reason := _reason_in(one))), None)
    elsewhere = after.request != before.request or any(one.key == "faq.answer" for one in told)
    kept = {} if elsewhere else after.reason
    soothed = {"soothed": True} if kept and any(one.key == "chitchat.upset" for one in told) else {}
    return replace(after, reason=given or kept | soothed)


def _reason_in(told: Line) -> dict[str, Any] | None:
    """Return what a sentence gives as a reason: a decision's explanation, or why the shop refused a command."""
    explained = next((value for value in told.params.values() if isinstance(value, Explanation)), None)
    if explained is not None:
        return {"explanation": dict(explained), "refuses": explained.outcome == "refuse"}
    reason = told.params.get("reason")
    if _REFUSED.fullmatch(told.key) and isinstance(reason, Line):
        return {"refused": told.key, "order": told.params["order"], "reason": reason.key, "refuses": True}
    return None


def tell_why(state: State, facts: Facts) -> tuple[Say, ...]:
    """Give the reason again, and say how the case about it stands; nothing where there is neither."""
    case = _case_of(state, facts)
    if case is None:
        return _give_reason(state.reason, PERSON)
    return (*_give_reason(state.reason), say("ticket.status", **ticket_params(case)))


def _give_reason(reason: dict[str, Any], *choices: Choice) -> tuple[Say, ...]:
    if "explanation" in reason:
        return (say("goods.explained", *choices, explanation=reason["explanation"]),)
    if "refused" in reason:
        return (say(reason["refused"], *choices, order=reason["order"], reason=line(reason["reason"])),)
    return ()


def _case_of(state: State, facts: Facts) -> TicketView | None:
    """Return the newest open case about what is being talked about, or None."""
    cases = (case for case in facts.tickets if case.is_open and case.order_number in {None, state.order})
    return next((case for case in cases if is_about(case, state.topic)), None)
