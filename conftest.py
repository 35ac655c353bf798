"""What all tests share: a Lyra home of their own, and properties that try the same examples in every run.

`LYRA_FUZZ=1 make test` lets hypothesis choose new examples instead.
"""

from __future__ import annotations

import os

import pytest
from hypothesis import HealthCheck, settings

settings.register_profile(
    "repeatable", derandomize=True, deadline=None, suppress_health_check=[HealthCheck.too_slow], database=None
)
settings.register_profile("fuzz", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("fuzz" if os.environ.get("LYRA_FUZZ") else "repeatable")


@pytest.fixture(scope="session", autouse=True)
def lyra_home(tmp_path_factory: pytest.TempPathFactory) -> object:
    """Give the whole run (each worker of it) an empty `$LYRA_HOME` and no other Lyra variables."""
    patch = pytest.MonkeyPatch()
    home = tmp_path_factory.mktemp("lyra-home")
    patch.setenv("LYRA_HOME", str(home))
    patch.delenv("LYRA_MODULES", raising=False)
    patch.setenv("NO_COLOR", "1")
    yield home
    patch.undo()
