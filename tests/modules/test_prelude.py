"""The prelude: frozen names with one home each."""

from __future__ import annotations

import re

from lyra_core.modules.names import is_name, is_namespace
from lyra_core.modules.prelude import EDITIONS, prelude_home, prelude_table


def test_the_names_of_the_design_are_there() -> None:
    assert prelude_home("Sin") == "std::math"
    assert prelude_home("Map") == "std::core"
    assert prelude_home("StringJoin", "2024") in ("std::string", "std::core")
    assert prelude_home("frobnicate") is None


def test_every_name_and_home_is_well_formed() -> None:
    for edition in EDITIONS:
        for name, home in prelude_table(edition).items():
            assert is_name(name), name
            assert is_namespace(home), home
            assert home.startswith("std::")


def test_the_file_names_each_symbol_once() -> None:
    from lyra_core.values import homes

    names = [name for text in homes._NAMES.values() for name in re.split(r"\s+", text.strip())]
    assert sorted(set(names)) == sorted(names)
