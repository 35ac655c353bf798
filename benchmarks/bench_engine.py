"""The engine against hand-written Python in one process: `python benchmarks/bench_engine.py`."""

from __future__ import annotations

import sys
from pathlib import Path
from tempfile import TemporaryDirectory
from time import perf_counter
from typing import TYPE_CHECKING, Any

sys.path.insert(0, str(Path(__file__).parent))

from harness import Row, least_seconds, ratio, table

from lyra_core.bytecode.encoding import decode_record, encode_record
from lyra_core.evaluation import linkage
from lyra_core.evaluation.support import plus2, plus_all, power2, times2, times_all
from lyra_core.modules.artefact import Artefact, write_artefact
from lyra_core.runtime.session import Session
from lyra_core.values import Expression, S, Symbol, expression, same, symbol_named

if TYPE_CHECKING:
    from collections.abc import Callable


class Bench:
    """A session with lowered code, and what the benchmarks ask of it."""

    def __init__(self) -> None:
        self.session = Session()
        linkage.install()

    def define(self, text: str) -> None:
        """Run definitions."""
        self.session.evaluate_text(text)

    def statement(self, text: str) -> Callable[[], Any]:
        """Return the lowered form of one statement."""
        return linkage.WORLD.statement(self.session.parse(text))

    def user(self, name: str) -> Symbol:
        """Return the session's own symbol of that name."""
        return symbol_named("user", name)


def fib_row(bench: Bench) -> Row:
    bench.define("fib[0] = 0; fib[1] = 1; fib[n_] := fib[n - 1] + fib[n - 2]")
    lyra = bench.statement("fib[20]")

    def fib(n: int) -> int:
        if n == 0:
            return 0
        if n == 1:
            return 1
        return fib(n - 1) + fib(n - 2)

    assert lyra() == fib(20)
    return Row("fib[20] by three definitions", ratio(lyra, lambda: fib(20)), 1.3)


_state = {"i": 0, "s": 0}


def while_row(bench: Bench) -> Row:
    bench.define("i = 0; s = 0")
    lyra = bench.statement("i = 0; s = 0; While[i < 20000, s += i; i++]; s")
    namespace: dict[str, Any] = {}
    exec(
        "def run():\n"
        "    global i, s\n"
        "    i = 0\n    s = 0\n"
        "    while i < 20000:\n        s += i\n        i += 1\n"
        "    return s\n",
        namespace,
    )

    def python() -> int:
        i = s = 0
        while i < 20000:
            s += i
            i += 1
        return s

    assert lyra() == python() == namespace["run"]()
    return Row("While sum, global variables", ratio(lyra, python), 1.4, note="against Python with local variables")


def do_row(bench: Bench) -> Row:
    lyra = bench.statement("s = 0; Do[s += i^2, {i, 20000}]; s")

    def python() -> int:
        s = 0
        for i in range(1, 20001):
            s += i**2
        return s

    assert lyra() == python()
    return Row("Do sum, global variables", ratio(lyra, python), 1.4)


def module_row(bench: Bench) -> Row:
    bench.define("total[n_] := Module[{s = 0, i = 0}, While[i < n, i++; If[Mod[i, 3] == 0, s += i]]; s]")
    lyra = bench.statement("total[20000]")

    def total(n: int) -> int:
        s = i = 0
        while i < n:
            i += 1
            if i % 3 == 0:
                s += i
        return s

    assert lyra() == total(20000)
    return Row("While in a function, Module variables", ratio(lyra, lambda: total(20000)), 1.4)


def functional_rows(bench: Bench) -> list[Row]:
    bench.define("numbers = Range[100000];")
    numbers = list(range(1, 100_001))

    def fold(f: Callable[[int, int], int], start: int, values: list[int]) -> int:
        for each in values:
            start = f(start, each)
        return start

    def square(x: int) -> int:
        return x**2 + 1

    def even(x: int) -> bool:
        return x % 2 == 0

    def third(x: int) -> bool:
        return x % 3 == 0

    rows = []
    for name, text, python in (
        ("Map over 1e5", "Map[#^2 + 1 &, numbers]", lambda: [square(x) for x in numbers]),
        ("Select over 1e5", "Select[numbers, EvenQ]", lambda: [x for x in numbers if even(x)]),
        ("Select over 1e5, function", "Select[numbers, Mod[#, 3] == 0 &]", lambda: [x for x in numbers if third(x)]),
        ("Fold over 1e5", "Fold[#1 + #2 &, 0, numbers]", lambda: fold(lambda a, b: a + b, 0, numbers)),
        ("Total by Fold[Plus]", "Fold[Plus, 0, numbers]", lambda: fold(lambda a, b: a + b, 0, numbers)),
    ):
        rows.append(Row(name, ratio(bench.statement(text), python, 7), 1.5))
    return rows


# ---- symbolic: the same canonicaliser, called from Python

_PLUS, _TIMES, _POWER = S.Plus, S.Times, S.Power


def derivative_row(bench: Bench) -> Row:
    bench.define(
        "d[c_Integer, x_] := 0; d[x_, x_] := 1; d[a_ + b_, x_] := d[a, x] + d[b, x];"
        "d[a_ b_, x_] := a d[b, x] + b d[a, x]; d[a_^n_Integer, x_] := n a^(n - 1) d[a, x];"
        "d[sin[u_], x_] := cos[u] d[u, x]; d[cos[u_], x_] := -sin[u] d[u, x]; d[y_, x_] := 0"
    )
    text = "(x^3 + 2 x^2 y + 7 x + sin[x^2 + 1]) (x^5 - 3 x + cos[x y])"
    lyra = bench.statement(f"d[{text}, x]")
    value, x = bench.session.evaluate_text(text), bench.user("x")
    sin, cos = bench.user("sin"), bench.user("cos")

    def derivative(e: Any, x: Any) -> Any:
        c = e.__class__
        if c is int:
            return 0
        if e is x:
            return 1
        if c is Expression:
            head, args = e.head, e.args
            if head is _PLUS:
                rest = args[1] if len(args) == 2 else expression(_PLUS, args[1:])
                return plus2(derivative(args[0], x), derivative(rest, x))
            if head is _TIMES:
                rest = args[1] if len(args) == 2 else expression(_TIMES, args[1:])
                a = args[0]
                return plus2(times2(a, derivative(rest, x)), times2(rest, derivative(a, x)))
            if head is _POWER and args[1].__class__ is int:
                a, n = args
                return times_all((n, power2(a, n - 1), derivative(a, x)))
            if head is sin:
                return times2(expression(cos, args), derivative(args[0], x))
            if head is cos:
                return times2(times2(-1, expression(sin, args)), derivative(args[0], x))
        return 0

    bench.user("subject").own = value
    call = bench.statement("d[subject, x]")
    assert same(call(), derivative(value, x)), (call(), derivative(value, x))
    assert same(lyra(), call())
    return Row("symbolic derivative by rules", ratio(call, lambda: derivative(value, x)), 1.2)


def rewriting_row(bench: Bench) -> Row:
    bench.define(
        "rules = {log[a_ b_] :> log[a] + log[b], log[a_^n_] :> n log[a], "
        "exp[a_ + b_] :> exp[a] exp[b], exp[log[a_]] :> a}"
    )
    text = "log[x^3 y^2 z] + exp[log[a] + log[b^2] + c] log[p q^5] + log[exp[x + y]]"
    lyra = bench.statement(f"({text}) //. rules")
    value = bench.session.evaluate_text(text)
    log, exp = bench.user("log"), bench.user("exp")

    def one(e: Any) -> Any:
        if e.__class__ is not Expression:
            return None
        head, args = e.head, e.args
        if head is log and len(args) == 1 and args[0].__class__ is Expression:
            a = args[0]
            if a.head is _TIMES:
                rest = a.args[1] if len(a.args) == 2 else expression(_TIMES, a.args[1:])
                return plus2(expression(log, (a.args[0],)), expression(log, (rest,)))
            if a.head is _POWER:
                return times2(a.args[1], expression(log, (a.args[0],)))
        if head is exp and len(args) == 1 and args[0].__class__ is Expression:
            a = args[0]
            if a.head is _PLUS:
                rest = a.args[1] if len(a.args) == 2 else expression(_PLUS, a.args[1:])
                return times2(expression(exp, (a.args[0],)), expression(exp, (rest,)))
            if a.head is log:
                return a.args[0]
        return None

    def everywhere(e: Any) -> Any:
        found = one(e)
        if found is not None:
            return found
        if e.__class__ is not Expression:
            return e
        args = tuple([everywhere(a) for a in e.args])
        if all(a is b for a, b in zip(args, e.args, strict=True)):
            return e
        head = e.head
        if head is _PLUS:
            return plus_all(args)
        if head is _TIMES:
            return times_all(args)
        if head is _POWER:
            return power2(*args)
        return expression(head, args)

    def rewrite(e: Any) -> Any:
        while True:
            new = everywhere(e)
            if new is e:
                return e
            e = new

    bench.user("subject").own = value
    call = bench.statement("subject //. rules")
    assert same(call(), rewrite(value)), (call(), rewrite(value))
    assert same(lyra(), call())
    return Row("//. rewriting", ratio(call, lambda: rewrite(value)), 1.2)


def native_row(bench: Bench) -> Row:
    bench.define("calls[n_] := Module[{i = 0}, While[i < n, i++; GCD[i, 360360]]]")
    lyra = bench.statement("calls[2000]")
    lyra()  # links the native function, which is a stub before
    gcd = S.GCD.native.call

    def python(n: int) -> None:
        i = 0
        while i < n:
            i += 1
            gcd(i, 360360)

    return Row("static call of a native function", ratio(lyra, lambda: python(2000)), 1.1, note="loop included")


def dispatch_row(bench: Bench) -> Row:
    heads = [f"h{i}" for i in range(98)]
    bench.define("; ".join(f"visit[{h}[a_, b_]] := visit[a] + visit[b] + {i}" for i, h in enumerate(heads)))
    bench.define("visit[n_Integer] := n; visit[s_Symbol] := 1")
    nodes = 0

    def tree(depth: int, at: int) -> Any:
        nonlocal nodes
        nodes += 1
        if depth == 0:
            return bench.user("leaf") if at % 2 else at
        head = bench.user(heads[(7 * at + 13 * depth) % 98])
        return expression(head, (tree(depth - 1, 2 * at), tree(depth - 1, 2 * at + 1)))

    value = tree(10, 1)
    bench.user("subject").own = value
    call = bench.statement("visit[subject]")
    call()
    (least,) = least_seconds([call])
    return Row("dispatch over 100 rules, per node", least / nodes * 1e6, 0.6, "µs")


def depth_row(bench: Bench) -> Row:
    sys.setrecursionlimit(150_000)
    bench.define("deep[0] = 0; deep[n_] := n + deep[n - 1]")
    lyra = bench.statement("deep[100000]")
    began = perf_counter()
    assert lyra() == 5000050000
    return Row("recursion to depth 100,000", (perf_counter() - began) * 1000, 1000, "ms")


def artefact_row(bench: Bench) -> Row:
    """Open a compiled module of 20,000 functions, take one from it and call it."""
    functions = 20_000
    bench.define("\n".join(f"many{i}[x_Integer] := If[x > 2, x^2 + {i}, many{i}[x + 1]]" for i in range(functions)))
    world = linkage.WORLD
    records = [
        (f"many{i}", encode_record(world.record_of(symbol_named("user", f"many{i}")), world.symbol_at))
        for i in range(functions)
    ]
    with TemporaryDirectory() as folder:
        file = f"{folder}/many.lyrac"
        write_artefact(file, records, metadata={"module": "many"})
        numbers = iter(range(functions))

        def open_and_call() -> None:
            number = next(numbers)
            name = f"many{number}"
            symbol = symbol_named("user", name)
            with Artefact.open(file) as artefact:
                payload = artefact.payload(name)
                assert payload is not None
                record = decode_record(payload, name, lambda called: linkage.WORLD.called(called).index, lazy=True)
                symbol.rules = None
                linkage.WORLD.install_record(record)
                assert bench.session.protected(expression(symbol, (3,))) == 9 + number

        (least,) = least_seconds([open_and_call])
    return Row("open 20,000 compiled functions, call one", least * 1000, 0.3, "ms")


def rows() -> list[Row]:
    """Measure everything and return the rows of the table."""
    bench = Bench()
    out = [fib_row(bench), while_row(bench), do_row(bench), module_row(bench)]
    out += functional_rows(bench)
    out += [derivative_row(bench), rewriting_row(bench), native_row(bench), dispatch_row(bench), depth_row(bench)]
    out.append(artefact_row(bench))
    return out


if __name__ == "__main__":
    print(table(rows()))
