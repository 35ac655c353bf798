"""Addresses of registries, and which of them are folders of this machine."""

from __future__ import annotations

from pathlib import Path

import pytest

from lyra_core.errors import RegistryError
from lyra_core.operations.registries import KnownRegistry


@pytest.mark.parametrize(
    ("url", "folder"),
    [
        ("/srv/registry", "/srv/registry"),
        ("file:///srv/registry", "/srv/registry"),
        ("file://localhost/srv/a%20b", "/srv/a b"),
        ("folder:/srv/registry", "/srv/registry"),
        ("memory:mine", None),
        ("https://registry.example", None),
    ],
)
def test_a_folder_is_known_by_any_of_its_addresses(url: str, folder: str | None) -> None:
    assert KnownRegistry("mine", url, url).folder == (Path(folder) if folder else None)


def test_a_file_address_of_another_machine_is_refused() -> None:
    with pytest.raises(RegistryError, match="names another machine"):
        _ = KnownRegistry("mine", "file://elsewhere/srv", "file://elsewhere/srv").folder
