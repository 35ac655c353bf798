"""Signatures are read from annotations, else from docstrings, else everything is Any."""

from __future__ import annotations

import types
from typing import Any

import pytest

from lyra_core.foreign.python_exports import ArgumentMismatch, PythonExport, call_export, exports_of

SOURCE = '''
from collections.abc import Callable, Iterable
from fractions import Fraction
from typing import Optional, Sequence, Union
from os.path import join

def plain(a, b=2, *rest, key, other="x", **more): pass
def typed(i: int, f: float, c: complex, q: Fraction, s: str, b: bool, l: list[int], t: tuple[int, ...],
          d: dict[str, int], g: Callable[[int], int], o: Optional[int], u: int | str,
          w: "Sequence[float]") -> list: pass
def google(x, names, flag=False):
    """Do it.

    Args:
        x (float): the place.
        names (list of str): what for.
        flag (bool, optional): whether.

    Returns:
        dict: what came of it.
    """
def numpydoc(x, table):
    """Do it.

    Parameters
    ----------
    x : int, optional
        The place.
    table : dict
        The table.

    Returns
    -------
    str
        The text.
    """
def sphinx(x, y):
    """Do it.

    :param int x: the place
    :param y: the other
    :type y: str
    :rtype: float
    """
def broken(x: "no_such_name + 1") -> None: pass
class Thing:
    """A thing."""
    def __init__(self, size: int = 1): self.size = size
def _private(): pass
CONSTANT = 3
'''


@pytest.fixture(scope="module")
def exports() -> dict[str, PythonExport]:
    module = types.ModuleType("sample")
    exec(compile(SOURCE, "sample.py", "exec"), module.__dict__)
    return exports_of(module)


def described(export: PythonExport) -> str:
    return " ".join(
        f"{p['name']}:{p['type']}{'' if p['required'] else '?'}{'' if p['kind'] == 'positional' else '/' + p['kind']}"
        for p in export.parameters
    )


@pytest.mark.parametrize(
    ("name", "parameters", "returns"),
    [
        ("plain", "a:Any b:Any? rest:Any?/rest key:Any/option other:Any?/option more:Any/options", "Any"),
        (
            "typed",
            "i:Integer f:Real c:Complex q:Rational s:String b:Boolean l:List t:List d:Association g:Function "
            "o:Integer u:Any w:List",
            "List",
        ),
        ("google", "x:Real names:List flag:Boolean?", "Association"),
        ("numpydoc", "x:Integer table:Association", "String"),
        ("sphinx", "x:Integer y:String", "Real"),
        ("broken", "x:Any", "Null"),
        ("Thing", "size:Integer?", "Any"),
    ],
)
def test_signature(exports: dict[str, PythonExport], name: str, parameters: str, returns: str) -> None:
    export = exports[name]
    shown = described(export).replace("more:Any?/options", "more:Any/options")
    assert shown == parameters
    if name not in ("broken", "Thing"):
        assert export.returns == returns


def test_exports_are_what_the_module_defines(exports: dict[str, PythonExport]) -> None:
    assert list(exports) == ["plain", "typed", "google", "numpydoc", "sphinx", "broken", "Thing"]


def test_all_decides_where_it_is_given() -> None:
    module = types.ModuleType("listed")
    exec(
        "from math import sqrt\n__all__ = ['sqrt', 'missing', 'f', 'X']\ndef f(): pass\ndef g(): pass\nX = 1",
        module.__dict__,
    )
    assert list(exports_of(module)) == ["sqrt", "f"]


@pytest.mark.parametrize(
    ("arguments", "options", "message"),
    [
        ([], {"key": 1}, "takes at least 1 argument, 0 were given"),
        ([1], {}, "needs the option key"),
        ([1, 2], {"key": 1, "b": 3}, "given b twice"),
    ],
)
def test_mismatch_is_told(
    exports: dict[str, PythonExport], arguments: list[Any], options: dict[str, Any], message: str
) -> None:
    with pytest.raises(ArgumentMismatch, match=message):
        exports["plain"].fit(arguments, options)


def test_unknown_option_names_those_there_are(exports: dict[str, PythonExport]) -> None:
    with pytest.raises(ArgumentMismatch, match=r"no option flg; it has x, names, flag"):
        exports["google"].fit([1, []], {"flg": True})


def call(function: Any, *arguments: Any) -> Any:
    return call_export(PythonExport("f", function), list(arguments), {})


def test_arguments_are_made_to_fit() -> None:
    from fractions import Fraction

    def takes(x: float, pair: tuple, members: set, data: bytes) -> Any:  # type: ignore[type-arg]
        return x, pair, members, data

    assert call(takes, 1, [1, 2], [1, 1], [65, 66]) == (1.0, (1, 2), {1}, b"AB")
    assert type(call(takes, Fraction(1, 2), [], [], [])[0]) is float
    with pytest.raises(ArgumentMismatch, match="does not fit a Python float"):
        call(takes, 10**400, [], [], [])


def test_an_array_parameter_takes_nested_lists() -> None:
    numpy = pytest.importorskip("numpy")

    def shape(a):  # type: ignore[no-untyped-def]
        return a.shape

    shape.__annotations__ = {"a": numpy.ndarray}
    assert call(shape, [[1, 2], [3, 4], [5, 6]]) == (3, 2)


def test_coroutines_are_awaited_and_asynchronous_generators_drained() -> None:
    import asyncio

    async def later(x: int) -> int:
        await asyncio.sleep(0)
        return x + 1

    async def several(n: int) -> Any:
        for i in range(n):
            await asyncio.sleep(0)
            yield i

    assert call(later, 1) == 2
    assert call(several, 3) == [0, 1, 2]
