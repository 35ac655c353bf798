"""The public lists of functions, modules and plugins are sorted and true."""

from __future__ import annotations

from importlib import import_module

import pytest


@pytest.mark.parametrize("name", ["lyra_core.functions", "lyra_core.modules", "lyra_core.plugins"])
def test_the_public_list_is_sorted_and_true(name: str) -> None:
    package = import_module(name)
    assert sorted(package.__all__) == package.__all__ or sorted(package.__all__, key=str.lower) == package.__all__
    assert all(getattr(package, each) is not None for each in package.__all__)
    with pytest.raises(AttributeError, match="no attribute 'frobnicate'"):
        _ = package.frobnicate


def test_annotations_mean_what_the_guide_says() -> None:
    from lyra_core import plugins, values

    assert plugins.Integer is int
    assert plugins.Real is float
    assert plugins.Boolean is bool
    assert plugins.String is values.String
    assert plugins.List is values.List
