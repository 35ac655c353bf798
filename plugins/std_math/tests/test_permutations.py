"""Permutations and small groups keep the laws of groups."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st
from lyra_std_math.permutations import cycles, elements, generators, images, inverse, product

from lyra_core.runtime.session import Session
from lyra_core.values import List

permutation = st.permutations(range(1, 7)).map(lambda p: images(List(tuple(p))) or {})


@given(permutation, permutation, permutation)
@settings(max_examples=50, deadline=None)
def test_group_laws(a: dict[int, int], b: dict[int, int], c: dict[int, int]) -> None:
    assert product(product(a, b), c) == product(a, product(b, c))
    assert product(a, inverse(a)) == {}
    assert images(cycles(a)) == a


def test_orders_of_named_groups_are_the_numbers_of_their_elements() -> None:
    with Session() as session:
        for name, n in (("SymmetricGroup", 5), ("AlternatingGroup", 6), ("CyclicGroup", 7), ("DihedralGroup", 6)):
            group = session.evaluate_text(f"{name}[{n}]")
            found = elements(generators(group) or [])
            assert found is not None
            assert session.evaluate_text(f"GroupOrder[{name}[{n}]]") == len(found)
            assert session.evaluate_text(f"GroupOrder[PermutationGroup[GroupGenerators[{name}[{n}]]]]") == len(found)
