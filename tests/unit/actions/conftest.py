"""Fixtures for the acts' tests."""

import pytest

from actions.policy import Policy, load_default_policy


@pytest.fixture(scope="session")
def policy() -> Policy:
    """The policy that comes with the product."""
    return load_default_policy()
