"""What is Python's own: generators, coroutines, threads, libraries, tables, packages of several files."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from lyra_python_bridge.bridge import PythonBridge

from lyra_core.errors import PluginError
from lyra_core.foreign.bridge import ForeignGrants, ForeignHost, ForeignModule
from lyra_core.security.sandbox import sandbox_status
from lyra_core.values import (
    Association,
    Foreign,
    ForeignType,
    List,
    S,
    String,
    expression,
    rational,
    same,
    symbol_named,
)

pytestmark = pytest.mark.skipif(not sandbox_status().is_available, reason="no sandbox on this system")

TENSOR = ForeignType("Tensor", S.List, {}, {})
FUNCTION = expression(S.Function, (expression(S.Slot, (1,)),))

MODULE = """
import asyncio, dataclasses, sys, threading
from collections.abc import Iterator
from fractions import Fraction
from lyra_core.foreign.natives import Expression, Symbol

def squares(n: int) -> Iterator[int]:
    for i in range(n):
        yield i * i

async def later(x, *, wait=0.0):
    await asyncio.sleep(wait)
    return x

def half(q: Fraction) -> Fraction:
    return Fraction(q) / 2

def kind(x):
    return type(x).__name__

def head_of(e: Expression) -> Symbol:
    return e.head

def derivative(e):
    return Expression(Symbol("D"), (e, Symbol("x")))

def from_a_thread(f):
    found = []
    def run():
        try:
            found.append(f(1))
        except Exception as problem:
            found.append(type(problem).__name__)
    thread = threading.Thread(target=run)
    thread.start()
    thread.join()
    return found

def catches(f):
    try:
        return f(1)
    except Exception as problem:
        return str(problem)

def map_over(f, items: list) -> list:
    return [f(each) for each in items]

def keeps(f):
    global kept
    kept = f

def kept_one(x):
    return kept(x)

def deep():
    return deep()

def strange():
    class Odd(Exception):
        def __str__(self):
            raise RuntimeError("no text")
    raise Odd

def leaves():
    sys.exit(3)

def closes_output():
    sys.stdout.close()
    return 1

def writes_to_channel():
    import os
    os.write(3, b"nonsense that is no frame")
    return 1

def variables():
    import os
    return dict(os.environ)
"""


@pytest.fixture(scope="module")
def bridge() -> Iterator[PythonBridge]:
    made = PythonBridge()
    yield made
    made.close()


@pytest.fixture(scope="module")
def module(bridge: PythonBridge, tmp_path_factory: pytest.TempPathFactory) -> ForeignModule:
    path = tmp_path_factory.mktemp("module") / "sample.py"
    path.write_text(MODULE)
    grants = ForeignGrants("sample", environment={"GRANTED": "yes"}, deadline=60.0)
    return bridge.open(str(path), name="sample", grants=grants, host=ForeignHost())


@pytest.mark.parametrize(
    ("name", "args", "options", "answer"),
    [
        ("squares", [5], {}, List((0, 1, 4, 9, 16))),
        ("later", [String("x")], {"wait": 0.001}, String("x")),
        ("half", [rational(1, 3)], {}, rational(1, 6)),
        ("half", [3], {}, rational(3, 2)),
        ("kind", [rational(1, 3)], {}, String("Fraction")),
        ("kind", [S.Pi], {}, String("Symbol")),
        ("kind", [Association.from_pairs([])], {}, String("dict")),
        ("head_of", [expression(S.Plus, (1, symbol_named("", "y")))], {}, S.Plus),
        ("derivative", [symbol_named("", "y")], {}, expression(S.D, (symbol_named("", "y"), symbol_named("", "x")))),
    ],
)
def test_calls(module: ForeignModule, name: str, args: list[Any], options: dict[str, Any], answer: Any) -> None:
    assert same(module.call(name, args, options), answer)


def test_callbacks(module: ForeignModule) -> None:
    def double(function: Any, args: tuple[Any, ...]) -> Any:
        return args[0] * 2

    def fail(function: Any, args: tuple[Any, ...]) -> Any:
        raise PluginError("LYR0999", "refused inside")

    assert same(module.call("map_over", [FUNCTION, List((1, 2, 3))], None, double), List((2, 4, 6)))
    assert module.call("catches", [FUNCTION], None, fail) == String("refused inside")
    assert same(module.call("from_a_thread", [FUNCTION], None, double), List((String("CallbackFailure"),)))
    module.call("keeps", [FUNCTION], None, double)
    assert module.call("kept_one", [21], None, double) == 42


@pytest.mark.parametrize(
    ("name", "code", "text"),
    [
        ("deep", "LYR0850", "RecursionError"),
        ("strange", "LYR0850", "its message cannot be shown"),
        ("leaves", "LYR0850", "SystemExit: 3"),
        ("writes_to_channel", "LYR0855", "no answer"),
    ],
)
def test_strange_ways_to_fail(module: ForeignModule, name: str, code: str, text: str) -> None:
    with pytest.raises(PluginError, match=text) as caught:
        module.call(name, [])
    assert caught.value.code == code
    assert same(module.call("squares", [2]), List((0, 1)))


def test_closing_the_output_harms_nobody(module: ForeignModule) -> None:
    assert module.call("closes_output", []) == 1
    assert module.call("closes_output", []) == 1


def test_the_environment_is_what_was_granted(module: ForeignModule, monkeypatch: pytest.MonkeyPatch) -> None:
    names = {key.value for key in module.call("variables", []).keys()}  # noqa: SIM118  (no dict)
    assert "GRANTED" in names
    assert names <= {"GRANTED", "LANG", "LC_ALL", "HOME", "PATH", "TZ", "LC_CTYPE"}


def test_modules_of_one_package_share_a_worker(bridge: PythonBridge, tmp_path: Path) -> None:
    for name in ("one", "two"):
        (tmp_path / f"{name}.py").write_text("import os\ndef pid(): return os.getpid()\n")
    grants = ForeignGrants("shared", read=(str(tmp_path),))
    host = ForeignHost()
    one, two = (bridge.open(str(tmp_path / f"{n}.py"), name=n, grants=grants, host=host) for n in ("one", "two"))
    other = bridge.open(
        str(tmp_path / "one.py"), name="one", grants=ForeignGrants("other", read=(str(tmp_path),)), host=host
    )
    assert one.call("pid", []) == two.call("pid", [])
    assert one.call("pid", []) != other.call("pid", [])
    for each in (one, two, other):
        each.close()


def test_a_package_of_several_files(bridge: PythonBridge, tmp_path: Path) -> None:
    folder = tmp_path / "several"
    folder.mkdir()
    (folder / "__init__.py").write_text("from .inner import f\n__all__ = ['f']\n")
    (folder / "inner.py").write_text("from . import constants\ndef f(): return constants.X\n")
    (folder / "constants.py").write_text("X = 17\n")
    opened = bridge.open(str(folder), name="several", grants=ForeignGrants("several"), host=ForeignHost())
    assert opened.call("f", []) == 17
    opened.close()


def test_a_module_named_like_a_library_shadows_nothing(bridge: PythonBridge, tmp_path: Path) -> None:
    path = tmp_path / "json.py"
    path.write_text("import json as real\ndef f(): return real.dumps([1])\n")
    opened = bridge.open(str(path), name="json", grants=ForeignGrants("shadow"), host=ForeignHost())
    assert opened.call("f", []) == String("[1]")
    opened.close()


@pytest.mark.parametrize(
    ("source", "said", "line"),
    [
        ("def f(:\n    pass\n", "SyntaxError", ":1"),
        ("x = 1\nraise ValueError('at load')\n", "ValueError: at load", ":2"),
        ("import sys\nsys.exit()\n", "SystemExit", ":2"),
        ("open('/etc/passwd')\n", "PermissionError", ":1"),
    ],
)
def test_a_module_that_fails_to_load(bridge: PythonBridge, tmp_path: Path, source: str, said: str, line: str) -> None:
    path = tmp_path / "bad.py"
    path.write_text(source)
    with pytest.raises(PluginError, match=said) as caught:
        bridge.open(str(path), name="bad", grants=ForeignGrants("bad"), host=ForeignHost())
    assert caught.value.code == "LYR0851"
    assert line in caught.value.notes[0]


LIBRARIES = {
    "numpy": "import numpy as np\ndef f(): return round(float(np.linalg.det(np.array([[2.0, 1], [1, 3]]))), 6)\n",
    "pandas": "import pandas as pd\ndef f(): return float(pd.Series([1, 2, 3]).rolling(2).mean().sum()) + 1\n",
    "pyarrow": "import pyarrow as pa, pyarrow.compute as pc\ndef f(): return float(pc.sum(pa.array([2, 3])).as_py())\n",
    "scipy": "from scipy import optimize\ndef f(): return round(optimize.brentq(lambda x: x - 5, 0, 9), 6)\n",
    "polars": "import polars as pl\ndef f(): return float(pl.DataFrame({'a': [2, 3]})['a'].sum())\n",
}


@pytest.mark.parametrize("library", LIBRARIES)
def test_libraries_work_inside(bridge: PythonBridge, tmp_path: Path, library: str) -> None:
    pytest.importorskip(library)
    path = tmp_path / f"use_{library}.py"
    path.write_text(LIBRARIES[library])
    opened = bridge.open(str(path), name=f"use_{library}", grants=ForeignGrants(library), host=ForeignHost())
    assert opened.call("f", []) == 5.0
    opened.close()


def test_files_within_the_grant(bridge: PythonBridge, tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "a.csv").write_text("x\n1\n2\n")
    path = tmp_path / "files.py"
    path.write_text(
        "import os, tempfile\n"
        "def copy():\n"
        "    with open('in/a.csv') as source, open('out/b.csv', 'w') as target:\n"
        "        target.write(source.read().upper())\n"
        "    os.rename('out/b.csv', 'out/c.csv')\n"
        "    os.mkdir('out/d')\n"
        "    return sorted(os.listdir('out'))\n"
        "def scratch():\n"
        "    with tempfile.NamedTemporaryFile('w+') as file:\n"
        "        file.write('x')\n"
        "        return os.path.dirname(file.name)\n"
    )
    grants = ForeignGrants(
        "files",
        read=(str(tmp_path / "in"),),
        write=(str(tmp_path / "out"),),
        folder=str(tmp_path),
        temporary=str(tmp_path / "scratch"),
    )
    (tmp_path / "scratch").mkdir()
    opened = bridge.open(str(path), name="files", grants=grants, host=ForeignHost())
    assert same(opened.call("copy", []), List((String("c.csv"), String("d"))))
    assert (tmp_path / "out" / "c.csv").read_text() == "X\n1\n2\n"
    assert opened.call("scratch", []) == String(str(tmp_path / "scratch"))
    opened.close()


def test_tables_go_and_come_back(bridge: PythonBridge, tmp_path: Path) -> None:
    pandas = pytest.importorskip("pandas")
    pytest.importorskip("pyarrow")
    path = tmp_path / "tables.py"
    path.write_text(
        "import pandas as pd\n"
        "def make(): return pd.DataFrame({'a': [1, 2], 'b': ['x', 'y']})\n"
        "def rows(t): return len(t.to_pandas())\n"
    )
    opened = bridge.open(str(path), name="tables", grants=ForeignGrants("tables"), host=ForeignHost())
    columns = opened.call("make", [])
    assert same(columns.lookup(String("a")), List((1, 2)))
    frame = pandas.DataFrame({"a": range(300_000), "b": ["text"] * 300_000})
    assert opened.call("rows", [Foreign(TENSOR, frame)]) == 300_000
    opened.close()


def test_memory_beyond_the_grant_is_an_error(bridge: PythonBridge, tmp_path: Path) -> None:
    path = tmp_path / "memory.py"
    path.write_text("def take(n): return len(bytearray(n << 20))\n")
    opened = bridge.open(str(path), name="memory", grants=ForeignGrants("memory", memory=256), host=ForeignHost())
    assert opened.call("take", [100]) == 100 << 20
    with pytest.raises(PluginError, match="MemoryError"):
        opened.call("take", [400])
    opened.close()


def test_what_one_package_was_granted_is_not_in_the_memory_of_the_next(bridge: PythonBridge, tmp_path: Path) -> None:
    path = tmp_path / "scan.py"
    path.write_text(
        "import ctypes\n"
        "def find(backwards: str) -> int:\n"
        "    wanted, found = backwards[::-1].encode(), 0\n"
        "    with open('/proc/self/maps') as maps:\n"
        "        lines = maps.read().splitlines()\n"
        "    for line in lines:\n"
        "        span, rights, *_, = line.split()\n"
        "        if rights.startswith('rw') and '[v' not in line:\n"
        "            start, end = (int(x, 16) for x in span.split('-'))\n"
        "            found += ctypes.string_at(start, end - start).count(wanted)\n"
        "    return found\n"
    )
    token = "token-7f3a9c51d2"
    counts = []
    for package, environment in (("first", {"TOKEN": token}), ("second", {})):
        grants = ForeignGrants(package, environment=environment, deadline=60.0)
        opened = bridge.open(str(path), name="scan", grants=grants, host=ForeignHost())
        counts.append(opened.call("find", [String(token[::-1])]))
    # the search itself leaves one copy; the first worker has the variable besides
    assert counts[0] > counts[1]
    assert counts[1] <= 1
