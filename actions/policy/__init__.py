"""The shop's policy (product §3): rules as data, read by one pure function."""

from actions.policy.case import CaseError, PolicyCase, parse_case
from actions.policy.decision import Decision, Explanation
from actions.policy.engine import decide
from actions.policy.lines import decide_lines
from actions.policy.loader import PolicyError, load_default_policy, load_policy
from actions.policy.rules import Policy
from actions.policy.warranty import describe_warranty

__all__ = [
    "CaseError",
    "Decision",
    "Explanation",
    "Policy",
    "PolicyCase",
    "PolicyError",
    "decide",
    "decide_lines",
    "describe_warranty",
    "load_default_policy",
    "load_policy",
    "parse_case",
]
