"""In one process, values become Python's own and come back the same."""

from __future__ import annotations

import collections
import enum
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest

from lyra_core.foreign.convert import Converter, to_lyra, to_python
from lyra_core.foreign.natives import BigReal as NativeBigReal
from lyra_core.foreign.natives import Expression as NativeExpression
from lyra_core.foreign.natives import Symbol as NativeSymbol
from lyra_core.foreign.wire import Unconvertible
from lyra_core.values import (
    FALSE,
    NULL,
    TRUE,
    Association,
    BigReal,
    Foreign,
    List,
    S,
    String,
    expression,
    make_complex,
    rational,
    same,
    symbol_named,
)
from lyra_core.values.number import bits_of

x = symbol_named("", "x")
PAIRS: list[tuple[Any, Any]] = [
    (3, 3),
    (2**100, 2**100),
    (1.5, 1.5),
    (rational(1, 3), Fraction(1, 3)),
    (make_complex(1.0, 2.0), 1 + 2j),
    (String("é"), "é"),
    (TRUE, True),
    (FALSE, False),
    (NULL, None),
    (List((1, String("a"), List(()))), [1, "a", []]),
    (Association.from_pairs([(String("k"), 1), (2, List((3,)))]), {"k": 1, 2: [3]}),
    (S.Sin, NativeSymbol("std::math::Sin")),
    (expression(S.Plus, (x, 1)), NativeExpression(NativeSymbol(S.Plus.qualified_name), (NativeSymbol("x"), 1))),
    (expression(S.DirectedInfinity, (1,)), float("inf")),
    (BigReal((0, 3, -1, 2), 30.0), NativeBigReal(3, -1, bits_of(30.0), 30.0)),
]


@pytest.mark.parametrize(("lyra", "python"), PAIRS)
def test_both_ways(lyra: Any, python: Any) -> None:
    assert to_python(lyra) == python
    assert type(to_python(lyra)) is type(python)
    assert same(to_lyra(python), lyra)


class Colour(enum.IntEnum):
    RED = 1


Point = collections.namedtuple("Point", "x y")


@pytest.mark.parametrize(
    ("python", "lyra"),
    [
        ((1, 2), List((1, 2))),
        (range(3), List((0, 1, 2))),
        ({3, 1, 2}, List((1, 2, 3))),
        (b"AB", List((65, 66))),
        (Colour.RED, 1),
        (Point(1, 2), List((1, 2))),
        (collections.OrderedDict(a=1), Association.from_pairs([(String("a"), 1)])),
        ((i for i in range(2)), List((0, 1))),
        (float("nan"), S.Indeterminate),
        (Fraction(4, 2), 2),
        ({"a": None}, Association.from_pairs([(String("a"), NULL)])),
    ],
)
def test_from_python(python: Any, lyra: Any) -> None:
    assert same(to_lyra(python), lyra)


def test_decimals_keep_their_digits() -> None:
    back = to_python(to_lyra(Decimal("1.234567890123456789012")))
    assert str(back.to_decimal()) == "1.234567890123456789012"


def test_arrays_are_handed_over_as_they_are() -> None:
    numpy = pytest.importorskip("numpy")
    converter = Converter(make_tensor=lambda array: array)
    array = numpy.ones((2, 2))
    assert converter.to_lyra(array) is array
    assert same(to_lyra(array), List((List((1.0, 1.0)), List((1.0, 1.0)))))
    assert to_lyra(numpy.float64(2.5)) == 2.5
    assert type(to_lyra(numpy.int32(3))) is int


def test_tables_become_columns_where_there_is_no_table_type() -> None:
    pandas = pytest.importorskip("pandas")
    pytest.importorskip("pyarrow")
    frame = pandas.DataFrame({"a": [1, 2], "b": ["x", "y"]})
    assert same(
        to_lyra(frame),
        Association.from_pairs([(String("a"), List((1, 2))), (String("b"), List((String("x"), String("y"))))]),
    )


def test_objects_are_held_by_reference() -> None:
    thing = object()
    held = to_lyra(thing)
    assert held.__class__ is Foreign
    assert to_python(held) is thing


def test_functions_go_and_come_back() -> None:
    function = expression(S.Function, (x,))
    converter = Converter(call=lambda f, args: List((f, *args)))
    called = converter.to_python(function)
    assert called(1, "a")[1:] == [1, "a"]
    assert converter.to_lyra(called) is function


@pytest.mark.parametrize(
    "value",
    [
        Association.from_pairs([(1, 1), (1.0, 2)]),
        Association.from_pairs([(Association.from_pairs([]), 1)]),
        make_complex(10**400, 1),
    ],
)
def test_what_python_cannot_hold_is_told(value: Any) -> None:
    with pytest.raises(Unconvertible):
        to_python(value)


def test_endless_generators_and_endless_nesting_are_told(monkeypatch: pytest.MonkeyPatch) -> None:
    import itertools

    monkeypatch.setattr("lyra_core.foreign.convert.GENERATED_LIMIT", 1000)
    with pytest.raises(Unconvertible, match="no end"):
        to_lyra(itertools.count())
    loop: list[Any] = []
    loop.append(loop)
    with pytest.raises(Unconvertible, match="nested"):
        to_lyra(loop)
