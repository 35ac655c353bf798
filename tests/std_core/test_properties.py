"""What holds for every expression: positions, levels, order, association and list operations, lowered rules."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lyra_core.evaluation import linkage
from lyra_core.evaluation.evaluator import evaluate
from lyra_core.runtime.session import Session
from lyra_core.std_core.replacing import Rewriter, RuleList, replace_all, rule_list
from lyra_core.values import TRUE, Association, List, Rational, S, String, Symbol, expression, same, symbol_named

lightly = settings(max_examples=60, deadline=None)

F, G, A, B, C = (symbol_named("user", name) for name in "fgabc")


@pytest.fixture(autouse=True, scope="module")
def session() -> Any:
    """One session for the module, with lowering at hand."""
    with Session(plugins=False) as made:
        linkage.install()
        yield made
        linkage.uninstall()


def call(head: Symbol, *args: Any) -> Any:
    return evaluate(expression(head, args))


atoms = st.one_of(
    st.integers(-20, 20),
    st.sampled_from([A, B, C, String("s"), String("T"), Rational(1, 2), 2.5]),
)
trees = st.recursive(
    atoms,
    lambda inner: st.one_of(
        st.lists(inner, max_size=4).map(lambda items: List(tuple(items))),
        st.builds(lambda h, items: expression(h, tuple(items)), st.sampled_from([F, G]), st.lists(inner, max_size=3)),
    ),
    max_leaves=12,
)
integer_lists = st.lists(st.integers(-50, 50), max_size=12)


def as_list(items: list[Any]) -> List:
    return List(tuple(items))


@lightly
@given(integer_lists, st.integers(-14, 14))
def test_take_and_drop_are_slices(items: list[int], n: int) -> None:
    """Take and Drop by a count agree with Python's slices, and stay where there are too few elements."""
    taken, dropped = call(S.Take, as_list(items), n), call(S.Drop, as_list(items), n)
    if abs(n) > len(items):
        assert taken.head is S.Take
        assert dropped.head is S.Drop
        return
    front, back = (items[:n], items[n:]) if n >= 0 else (items[n:], items[:n])
    if n == 0:
        front, back = [], items
    assert list(taken.args) == front
    assert list(dropped.args) == back


@lightly
@given(integer_lists, st.integers(1, 12), st.integers(1, 12), st.integers(1, 4))
def test_spans_are_slices(items: list[int], first: int, last: int, step: int) -> None:
    """`i ;; j ;; k` inside the list is Python's slice from i-1 to j by k."""
    if last > len(items) or first > last:
        return
    span = expression(S.Span, (first, last, step))
    assert list(call(S.Part, as_list(items), span).args) == items[first - 1 : last : step]


@lightly
@given(trees)
def test_extract_inverts_position(tree: Any) -> None:
    """What stands at the positions of a pattern matches it, and there are as many as Count finds."""
    pattern = expression(S.Blank, (S.Integer,))
    found = call(S.Position, tree, pattern)
    values = call(S.Extract, tree, found)
    assert all(value.__class__ is int for value in values.args)
    levels = List((0, expression(S.DirectedInfinity, (1,))))
    assert len(found.args) == call(S.Count, tree, pattern, levels)


@lightly
@given(trees)
def test_replacing_each_part_by_itself_changes_nothing(tree: Any) -> None:
    """ReplacePart and MapAt with Identity at every position give the same expression."""
    positions = call(S.Position, tree, expression(S.Blank, (S.Integer,)))
    if tree.__class__ is int or not positions.args:
        return
    assert same(call(S.MapAt, S.Identity, tree, positions), tree)
    rules = as_list([expression(S.Rule, (at, call(S.Extract, tree, at))) for at in positions.args])
    assert same(call(S.ReplacePart, tree, rules), tree)


@lightly
@given(trees)
def test_levels_partition_the_parts(tree: Any) -> None:
    """The parts at levels 0 to infinity are those of each depth together."""
    infinity = expression(S.DirectedInfinity, (1,))
    everything = call(S.Level, tree, List((0, infinity)))
    depth = call(S.Depth, tree)
    by_level = [call(S.Level, tree, List((n,))) for n in range(depth)]
    assert sum(len(each.args) for each in by_level) == len(everything.args)
    assert same(everything.args[-1], tree)


@lightly
@given(st.lists(trees, max_size=8))
def test_sorting(items: list[Any]) -> None:
    """Sort gives an ordered permutation, is idempotent, and agrees with Ordering."""
    whole = as_list(items)
    ordered = call(S.Sort, whole)
    assert call(S.OrderedQ, ordered) is TRUE
    assert same(call(S.Sort, ordered), ordered)
    assert same(call(S.Part, whole, call(S.Ordering, whole)), ordered) or not items
    assert same(call(S.Counts, call(S.Sort, whole)), call(S.Counts, ordered))
    assert same(call(S.ReverseSort, whole), as_list(list(reversed(ordered.args))))


@lightly
@given(integer_lists)
def test_sort_with_an_order_agrees_with_python(items: list[int]) -> None:
    """A comparison as ordering function gives Python's order, whichever way it is written."""
    whole = as_list(items)
    first, second = expression(S.Slot, (1,)), expression(S.Slot, (2,))
    opaque = expression(S.Function, (expression(S.Greater, (expression(S.Plus, (first, 0)), second)),))
    for order in (S.Greater, expression(S.Function, (expression(S.Greater, (first, second)),)), opaque):
        assert list(call(S.Sort, whole, order).args) == sorted(items, reverse=True)


@lightly
@given(st.lists(st.tuples(st.sampled_from([1, 2, 3, A, B, String("s")]), st.integers(0, 9)), max_size=8))
def test_associations_are_dictionaries(pairs: list[tuple[Any, int]]) -> None:
    """Keys, Values, Lookup, KeyDrop and Merge agree with what a Python dictionary does."""
    rules = as_list([expression(S.Rule, pair) for pair in pairs])
    made = call(S.Association, rules)
    assert made.__class__ is Association
    expected = dict(pairs)
    assert list(call(S.Keys, made).args) == list(expected)
    assert list(call(S.Values, made).args) == list(expected.values())
    for key in expected:
        assert call(S.Lookup, made, key) == expected[key]
        assert len(call(S.KeyDrop, made, key)) == len(expected) - 1
    merged = call(S.Merge, rules, S.Length)
    assert sum(merged.values()) == len(pairs)


x_, n_ = (expression(S.Pattern, (symbol_named("user", name), expression(S.Blank, ()))) for name in ("x", "n"))
x, n = (symbol_named("user", name) for name in ("x", "n"))
integer = expression(S.Pattern, (n, expression(S.Blank, (S.Integer,))))
RULES = [
    [(expression(F, (x_,)), expression(G, (x, x)))],
    [(expression(F, (x_, n_)), expression(F, (n,))), (expression(G, ()), A)],
    [(integer, expression(S.Plus, (n, 1)))],
    [(A, B), (B, C), (expression(F, (x_,)), x)],
    [(expression(S.Condition, (integer, expression(S.Greater, (n, 0)))), 0), (String("s"), A)],
    [(List((x_, n_)), List((n, x)))],
    [(F, G), (expression(G, (x_,)), x)],
]


@lightly
@given(trees, st.sampled_from(RULES))
def test_lowered_rules_agree_with_the_matcher(tree: Any, pairs: list[tuple[Any, Any]]) -> None:
    """`v /. rules` gives the same whether the rules are lowered or applied one by one."""
    ready = rule_list(as_list([expression(S.RuleDelayed, pair) for pair in pairs]))
    assert isinstance(ready, RuleList)
    value = evaluate(tree)
    heads = None if ready._literal or ready._general else set(ready._by_head)
    lowered = Rewriter(ready._rules, heads).rewrite(value, ready)
    assert same(evaluate(lowered), evaluate(replace_all(value, ready)))
