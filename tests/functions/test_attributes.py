"""Attributes: names and bits."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lyra_core.errors import NameResolutionError
from lyra_core.functions import ATTRIBUTES, FunctionAttribute, attribute_mask, attribute_names


def test_every_attribute_has_a_bit_of_its_own() -> None:
    bits = [each.bit for each in ATTRIBUTES.values()]
    assert len(set(bits)) == len(bits) == 19
    assert all(bit & (bit - 1) == 0 for bit in bits)


def test_the_table_is_in_the_order_of_names() -> None:
    assert list(ATTRIBUTES) == sorted(ATTRIBUTES)


@given(st.sets(st.sampled_from(sorted(ATTRIBUTES))))
def test_names_survive_the_mask(names: set[str]) -> None:
    assert attribute_names(attribute_mask(names)) == tuple(sorted(names))


def test_the_holds_are_the_four_that_keep_arguments() -> None:
    assert attribute_names(FunctionAttribute.HOLDS) == ("HoldAll", "HoldAllComplete", "HoldFirst", "HoldRest")


def test_an_unknown_name_is_refused_with_the_nearest() -> None:
    with pytest.raises(NameResolutionError) as caught:
        attribute_mask(["Listabel"])
    assert caught.value.code == "LYR0232"
    assert caught.value.hints == ("did you mean `Listable`?",)
