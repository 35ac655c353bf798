"""Lists of strings whose values are made late are lists like any other."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lyra_core.runtime.session import Session
from lyra_core.values import List, S, String, expression, same, symbol_named
from lyra_core.values.order import sorted_texts, sorted_values
from lyra_core.values.texts import list_of_texts, texts_of


@pytest.fixture(scope="module")
def session() -> Iterator[Session]:
    with Session() as opened:
        yield opened


@given(st.lists(st.text(max_size=3), max_size=200))
def test_equal_to_a_list_made_at_once(texts: list[str]) -> None:
    """Length, elements, kind and sameness do not depend on when the values are made."""
    late, now = list_of_texts(list(texts)), List(tuple([String(text) for text in texts]))
    assert late.__class__ is List
    assert isinstance(late, List)
    assert len(late) == len(texts)
    assert late.element_kind() is now.element_kind()
    assert (texts_of(late) or []) == texts
    assert same(late, now)
    assert same(expression(S.Hold, (list_of_texts(list(texts)),)), expression(S.Hold, (now,)))
    assert late.args == now.args
    assert type(late) is List
    assert (texts_of(late) or []) == texts


@given(st.lists(st.text(alphabet="abABß1_ é", max_size=4), max_size=60))
def test_texts_sort_as_strings_do(texts: list[str]) -> None:
    """The order of texts is the canonical one of the strings."""
    by_comparison = [each.value for each in sorted_values([String(text) for text in texts])]
    assert [text.casefold() for text in sorted_texts(texts)] == [text.casefold() for text in by_comparison]
    assert sorted(sorted_texts(texts)) == sorted(texts)


CASES = """
Length[w] · 200
w[[3]] · "c"
Head[w] · List
AtomQ[w] · False
ListQ[w] · True
w === Table[FromCharacterCode[97 + Mod[i, 26]], {i, 0, 199}] · True
StringJoin[w] === StringJoin @@ w · True
Take[w, 2] · {"a", "b"}
MatchQ[w, {__String}] · True
Total[Last /@ Tally[w]] · 200
First[Sort[w]] · "a"
Union[w, {"zz"}] // Last · "zz"
Counts[w]["b"] · 8
Length[Union[w]] · 26
StringLength[w] === ConstantArray[1, 200] · True
ToUpperCase[w][[2]] · "B"
Depth[w] · 2
w /. "a" -> 1 // First · 1
f[w] /. f[{x_, ___}] :> x · "a"
Module[{v = w}, v[[1]] = 5; v[[{1, 2}]]] · {5, "b"}
MemberQ[w, "q"] · True
Append[w, 1] // Last · 1
Join[w, w] // Length · 400
{w} === {w} · True
<|"k" -> w|>["k"] // Length · 200
"""


@pytest.mark.parametrize("case", CASES.strip().splitlines())
def test_functions_of_lists(session: Session, case: str) -> None:
    """What functions make of a list of strings that were split off a text."""
    source, wanted = case.split(" · ")
    text = " ".join(chr(97 + i % 26) for i in range(200))
    symbol_named("user", "w").own = session.evaluate_text(f'StringSplit["{text}"]')
    assert session.evaluate_text(f"InputForm[{source}] // ToString").value == wanted
