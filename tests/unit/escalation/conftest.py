"""The service levels that come with the product."""

import pytest

from escalation.service_levels import ServiceLevels, load_default_service_levels


@pytest.fixture(scope="session")
def levels() -> ServiceLevels:
    """The default service file, loaded."""
    return load_default_service_levels()
