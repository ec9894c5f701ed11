"""What the API's requests must hold; the same models make the OpenAPI document."""

from typing import Annotated, Any, Literal, TypeVar
from uuid import UUID

from aiohttp import web
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints, ValidationError, model_validator

from bot.channels.frames import clean_text
from bot.security.masking import mask_papers, mask_sensitive
from bot.web.errors import ProblemError
from escalation.errors import UnknownTicketError
from escalation.severity import Tier
from escalation.tickets import is_number

# What people who work here write: sensitive numbers in it are masked as in a chat, before anything else sees them; in
# what a customer is told only those that nobody need be told.
_Masked = AfterValidator(mask_sensitive)
_Text = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=4000)]
Text = Annotated[_Text, _Masked]
Reply = Annotated[_Text, AfterValidator(mask_papers)]
Reason = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=500), _Masked]


class Body(BaseModel):
    """A JSON body; a field that is not known is an error, not a silence."""

    model_config = ConfigDict(extra="forbid")

    @model_validator(mode="before")
    @classmethod
    def _without_nul(cls, data: object) -> object:
        return _clean(data)


def _clean(value: object) -> object:
    """Return JSON without what no database can hold, as what customers write (`clean_text`)."""
    match value:
        case str():
            return clean_text(value)
        case dict():
            return {_clean(name): _clean(one) for name, one in value.items()}
        case list():
            return [_clean(one) for one in value]
    return value


class MessageBody(Body):
    """What a person says to the customer. `key`: sent again with the same key, it is written once."""

    text: Reply
    key: Annotated[str, StringConstraints(max_length=100)] | None = None


class ConfirmBody(Body):
    """Let a prepared command run (its key; not needed where only one waits), or ask for approval."""

    command: Annotated[str, StringConstraints(max_length=100)] | None = None


class DeclineBody(Body):
    """Refuse a prepared command, or a request for its approval (its key; not needed where only one waits), and why."""

    command: Annotated[str, StringConstraints(max_length=100)] | None = None
    reason: Reason


class NoteBody(Body):
    """A note that only colleagues read. `key`: sent again with the same key, it is kept once."""

    text: Text
    key: Annotated[str, StringConstraints(max_length=100)] | None = None


class RevealBody(Body):
    """Tell masked values whole (a `field`, or `fields`, of the ticket's `revealable`) for a reason that is recorded."""

    field: Annotated[str, StringConstraints(min_length=1, max_length=200)] | None = None
    fields: Annotated[list[str], Field(max_length=20)] = []
    reason: Reason

    @model_validator(mode="after")
    def _names_some(self) -> "RevealBody":
        if not self.wanted():
            raise ValueError("name a field")
        return self

    def wanted(self) -> tuple[str, ...]:
        """Return the fields' names, each once."""
        return tuple(dict.fromkeys((*([self.field] if self.field else []), *self.fields)))


class ResolveBody(Body):
    """How the matter ended, and what the customer is told."""

    outcome: Literal["solved", "refused", "withdrawn"]
    text: Reply
    key: Annotated[str, StringConstraints(max_length=100)] | None = None


class TierBody(Body):
    """Another tier and why."""

    tier: Tier
    reason: Reason


class StageBody(Body):
    """The stage a complaint is at."""

    stage: Literal["investigating", "handling"]


class HandoverBody(Body):
    """Who should have the ticket (a login) and why."""

    to: Annotated[str, StringConstraints(min_length=1, max_length=60)]
    reason: Reason


class HelpBody(Body):
    """Who helps, or need not help any more (a login)."""

    helper: Annotated[str, StringConstraints(min_length=1, max_length=60)]


class DecisionBody(Body):
    """Yes or no to a handover; `reason`: why not, for whoever asked."""

    agreed: bool
    reason: Reason | None = None


class PresenceBody(Body):
    """Whether one takes new tickets although no console is open."""

    available: bool


class PostBody(Body):
    """A colleague's place: whether they take new cases, how many they may have open, at which desk."""

    available: bool | None = None
    max_open: int | None = None
    desk: Annotated[str, StringConstraints(min_length=1, max_length=40)] | None = None


class FollowUpBody(Body):
    """What was done about a survey, and what it was about."""

    note: Reason
    cause: Annotated[str, StringConstraints(max_length=20)] | None = None


class FaqEntryBody(Body):
    """An entry of the FAQ, and the version of it that was seen (0: none but the file's)."""

    version: Annotated[int, Field(ge=0)]
    entry: dict[str, Any]


class FaqVersionBody(Body):
    """The version of the entry that was seen."""

    version: Annotated[int, Field(ge=0)]


class FaqPreviewBody(Body):
    """A question as a customer might put it, and an entry as it would be with one's edit."""

    question: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=500)]
    entry: dict[str, Any] | None = None


class FaqIgnoreBody(Body):
    """Questions to set aside, or to take back."""

    ids: Annotated[list[UUID], Field(min_length=1, max_length=5000)]
    ignored: bool = True


class EmptyBody(Body):
    """Nothing need be said."""


Wanted = TypeVar("Wanted", bound=Body)


async def read_body(request: web.Request, wanted: type[Wanted]) -> Wanted:
    """Return the request's body. Raises ProblemError 422 naming every field that is wrong."""
    raw = await request.read()
    try:
        return wanted.model_validate_json(raw or b"{}")
    except ValidationError as error:
        faults = "; ".join(f"{'.'.join(map(str, fault['loc'])) or 'body'}: {fault['msg']}" for fault in error.errors())
        raise ProblemError(422, "bad_request_body", faults) from None


def read_number(request: web.Request) -> str:
    """Return the ticket's number in the path. Raises UnknownTicketError for what can be none."""
    number = request.match_info["number"]
    if not is_number(number):
        raise UnknownTicketError("there is no such ticket; a number looks like SW-1001")
    return number
