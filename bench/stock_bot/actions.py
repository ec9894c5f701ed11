# ruff: noqa: ARG002 - the signature is the SDK's
"""The stock bot's action server: one call a turn, answered from memory, which is kind to it.

Runs in Rasa's environment: `python -m rasa_sdk --actions actions`.
"""

from datetime import UTC, datetime, timedelta
from itertools import count

from rasa_sdk import Action

_numbers = count(1)
_cases: dict[str, str] = {}


class Decide(Action):
    """Look the order up, decide, note a case."""

    def name(self):
        """Return the action's name."""
        return "action_decide"

    def run(self, dispatcher, tracker, domain):
        """Answer with the remedy, its date and the case's number."""
        signed_at = datetime.now(UTC) - timedelta(days=10)
        until = signed_at + timedelta(days=15)
        _cases[tracker.sender_id] = case = f"C-{next(_numbers)}"
        number = tracker.get_slot("order_number")
        dispatcher.utter_message(text=f"订单{number}可以换货，{until:%m月%d日}前有效，已登记{case}。")
        return []


class TellCase(Action):
    """Tell how the case stands."""

    def name(self):
        """Return the action's name."""
        return "action_tell_case"

    def run(self, dispatcher, tracker, domain):
        """Answer with stage and number."""
        dispatcher.utter_message(text=f"{_cases.get(tracker.sender_id, '工单')}处理中。")
        return []
