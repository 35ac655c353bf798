"""What all tests share: a Lyra home of their own, so that none reads or writes the user's."""

from __future__ import annotations

import pytest


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
