"""Iterators: Table, Do, Sum, Product, Range, Array and their kin.

An iterator is `n`, `{n}`, `{i, n}`, `{i, a, b}`, `{i, a, b, step}` or `{i, {values}}`. Its variable is dynamic:
whatever is called sees its value, as in Block.
"""

from __future__ import annotations

from math import isinf

from lyra_core.evaluation import numeric
from lyra_core.evaluation.arithmetic import divide, minus, plus, times
from lyra_core.evaluation.control import SavedDefinitions
from lyra_core.evaluation.evaluator import HOLD_SOME, evaluate, function_caller
from lyra_core.evaluation.messages import message
from lyra_core.evaluation.signals import BreakSignal, ContinueSignal, ReturnSignal
from lyra_core.evaluation.state import STATE
from lyra_core.functions.attributes import FunctionAttribute as A
from lyra_core.plugins import Value, module
from lyra_core.std_core.arguments import is_infinite
from lyra_core.std_core.control import returned
from lyra_core.values import (
    NULL,
    REAL_TYPES,
    TRUE,
    Association,
    Expression,
    List,
    S,
    Symbol,
    build,
    expression,
    symbol_named,
)
from lyra_core.values.number import Complex, Rational, add, as_float, is_exact, is_zero, multiply, to_mpf

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

core = module("std::core")


class Iterator:
    """One iterator of a loop: its variable (None when it only counts) and the values it takes."""

    __slots__ = ("values", "variable")

    def __init__(self, variable: Symbol | None, values: Sequence[Value]) -> None:
        self.variable = variable
        self.values = values


def _floor(x: Value) -> int | None:
    """Return the integer part of a real number towards -Infinity, with room for the last bits of an inexact one."""
    c = x.__class__
    if c is int:
        return x  # type: ignore[no-any-return]
    if c is Rational:
        return x.numerator // x.denominator  # type: ignore[no-any-return]
    if c is float:
        if isinf(x) or x != x:
            return None
        from math import floor

        whole: int = floor(x + 1e-12 * max(1.0, abs(x)))
        return whole
    if c in REAL_TYPES:
        from mpmath.libmp import mpf_floor, to_int

        return int(to_int(mpf_floor(to_mpf(x, 200))))
    return None


def progression(low: Value, high: Value, step: Value) -> list[Value] | range | None:
    """Return low, low + step … up to high; None when the number of steps is no number, or infinite."""
    if low.__class__ is int and high.__class__ is int and step.__class__ is int:
        if step == 0:
            return None
        return range(low, high + 1, step) if step > 0 else range(low, high - 1, step)
    if step.__class__ is int and step == 0:
        return None
    span = minus(high, low)
    if is_infinite(step) and low.__class__ in REAL_TYPES and high.__class__ in REAL_TYPES:
        return [low] if numeric.exact_sign(times(span, step.args[0])) != -1 else []
    steps = divide(span, step)
    if steps.__class__ not in REAL_TYPES:
        from lyra_core.evaluation.numeric import is_numeric, numerical_value

        if steps.__class__ is Complex and steps.im.__class__ in REAL_TYPES and is_zero(steps.im):
            steps = steps.re

        if steps.__class__ not in REAL_TYPES:
            if not is_numeric(steps):
                return None
            steps = numerical_value(steps)
        if steps.__class__ not in REAL_TYPES:
            return None
    n = _floor(steps)
    if n is None:
        return None
    if n < 0:
        return []
    if n >= 1 << 40:
        return None
    if low.__class__ in REAL_TYPES and step.__class__ in REAL_TYPES:
        if low.__class__ is float or step.__class__ is float:
            a, d = as_float(low), as_float(step)
            return [a + k * d for k in range(n + 1)]
        return [add(low, multiply(k, step)) for k in range(n + 1)]
    if step.__class__ is int and step == 1:
        return [plus(low, k) for k in range(n + 1)]
    if step.__class__ in REAL_TYPES and not is_exact(step):
        low = numeric.numerical_value(low)
    return [plus(low, times(k, step)) for k in range(n + 1)]


def read_iterator(owner: Symbol, spec: Value) -> Iterator | None:
    """Return the iterator that *spec* says; None, with the message `owner::iterb`, when its bounds do not fit."""
    if spec.__class__ is not List:
        value = evaluate(spec)
        if value.__class__ is List:
            spec = value
        else:
            values = progression(1, value, 1)
            if values is None:
                message(owner, "iterb", spec)
                return None
            return Iterator(None, values)
    args = spec.args
    n = len(args)
    if n == 0:
        message(owner, "itform", spec)
        return None
    if n == 1:
        value = evaluate(args[0])
        if value.__class__ is List:
            return Iterator(None, value.args)
        values = progression(1, value, 1)
        variable = None
    else:
        variable = args[0]
        if variable.__class__ is Expression and variable.head is S.Evaluate and len(variable.args) == 1:
            variable = evaluate(variable.args[0])
        if variable.__class__ is not Symbol or not 2 <= n <= 4:
            if variable.__class__ is Symbol or _is_variable(variable):
                message(owner, "itform", spec)
            else:
                message(owner, "itraw", variable)
            return None
        bounds = [evaluate(a) for a in args[1:]]
        if n == 2:
            first = bounds[0]
            if first.__class__ is List:
                return Iterator(variable, first.args)
            if first.__class__ is Association:
                return Iterator(variable, tuple(first.values()))
            values = progression(1, first, 1)
        else:
            values = progression(bounds[0], bounds[1], bounds[2] if n == 4 else 1)
    if values is None:
        message(owner, "iterb", spec)
        return None
    return Iterator(variable, values)


def _is_variable(v: Value) -> bool:
    return v.__class__ is Expression


def _with_variables(iterators: tuple[Value, ...], owner: Symbol, run: Callable[[], Value]) -> Value:
    """Run a loop while the symbols of its iterators are put aside as in Block."""
    names = []
    for spec in iterators:
        if spec.__class__ is List and len(spec.args) > 1 and spec.args[0].__class__ is Symbol:
            name = spec.args[0]
            if name.attributes & A.PROTECTED:
                message(owner, "write", owner, name)
                return None
            if name not in names:
                names.append(name)
    if not names:
        return run()
    saved = SavedDefinitions(names)
    saved.hide()
    try:
        return run()
    finally:
        saved.restore()


#: From how many rounds on a body is worth being made a function.
_MANY = 40
_CHOICES = frozenset({S.If, S.And, S.Or, S.Which})


class _Rounds:
    """The body of a loop whose values are collected: evaluated with the variables set, or called as a function.

    It becomes a function of the variables where nothing that is called could see them: when it holds only
    functions of std without rules of the program, and symbols without any definition.
    """

    __slots__ = ("_function", "_seen", "_variables", "body", "iterators", "owner")

    def __init__(self, owner: Symbol, body: Value, iterators: tuple[Value, ...]) -> None:
        self.owner = owner
        self.body = body
        self.iterators = iterators
        self._variables: list[Symbol] = []
        self._function: Value = None
        self._seen = 0

    def values(self, iterator: Iterator) -> list[Value]:
        """Return the values of the body for each value of the innermost iterator."""
        variable = iterator.variable
        given = iterator.values
        self._seen += len(given)
        if variable is not None and self._seen >= _MANY:
            call = self._caller(given)
            if call is not None:
                outer = [each.own for each in self._variables if each is not variable]
                if not outer:
                    return [call(value) for value in given]
                if len(outer) == 1:
                    first = outer[0]
                    return [call(first, value) for value in given]
                return [call(*outer, value) for value in given]
        body = self.body
        out = []
        for value in given:
            if variable is not None:
                variable.own = value
            out.append(evaluate(body))
        return out

    def _caller(self, given: Sequence[Value]) -> Callable[..., Value] | None:
        if STATE.compile_function is None:
            return None
        if self._function is None:
            self._variables = [spec.args[0] for spec in self.iterators if spec.__class__ is List and len(spec.args) > 1]
            distinct = len(set(self._variables)) == len(self._variables) == len(self.iterators)
            if not distinct or not _is_closed(self.body, self._variables):
                self._function = False
            else:
                names = self._variables[0] if len(self._variables) == 1 else List(tuple(self._variables))
                self._function = expression(S.Function, (names, self.body))
        if self._function is False:
            return None
        values = [*(each.own for each in self._variables[:-1]), *given]
        integers = all(value.__class__ is int for value in values)
        return function_caller(self._function, len(self._variables), int if integers else None)


def _is_closed(body: Value, variables: list[Symbol]) -> bool:
    """Return whether nothing that *body* calls could see the variables but the body itself."""
    stack = [body]
    while stack:
        node = stack.pop()
        c = node.__class__
        if c is Expression:
            head = node.head
            if head.__class__ is not Symbol or (head.attributes & HOLD_SOME and head not in _CHOICES):
                return False
            stack.append(head)
            stack.extend(node.args)
        elif c is List:
            stack.extend(node.args)
        elif c is Symbol:
            if node not in variables and (node.own is not None or node.rules is not None):
                return False
        elif c is Association:
            return False
    return True


# ---- Do


@core.function(attributes={"HoldAll", "Protected"})
def Do(body: Value, *iterators: Value) -> Value:
    """Evaluate an expression for each value of an iterator (several nest); gives Null. Break and Continue work.

    >>> s1 = 0; Do[s1 += i, {i, 4}]; s1
    10
    >>> Reap[Do[Sow[{i, j}], {i, 2}, {j, i}]][[2, 1]]
    {{1, 1}, {2, 1}, {2, 2}}
    """
    if not iterators:
        return None

    def run() -> Value:
        try:
            return NULL if _do(body, iterators, 0) else None
        except BreakSignal:
            return NULL
        except ReturnSignal as signal:
            return returned(signal, S.Do)

    return _with_variables(iterators, S.Do, run)


def _do(body: Value, iterators: tuple[Value, ...], at: int) -> bool:
    iterator = read_iterator(S.Do, iterators[at])
    if iterator is None:
        return False
    variable = iterator.variable
    last = at + 1 == len(iterators)
    for value in iterator.values:
        if variable is not None:
            variable.own = value
        try:
            if last:
                evaluate(body)
            elif not _do(body, iterators, at + 1):
                return False
        except ContinueSignal:
            continue
    return True


# ---- Table


@core.function(attributes={"HoldAll", "Protected"})
@core.function(name="ParallelTable", attributes={"HoldAll", "Protected"})
def Table(body: Value, *iterators: Value) -> Value:
    """Give the list of the values of an expression for each value of an iterator; several make nested lists.

    >>> {Table[i^2, {i, 4}], Table[x, 3], Table[i, {i, 0, 1, 1/2}], Table[f[i], {i, {a, b}}]}
    {{1, 4, 9, 16}, {x, x, x}, {0, 1/2, 1}, {f[a], f[b]}}
    >>> Table[10 i + j, {i, 2}, {j, 3}]
    {{11, 12, 13}, {21, 22, 23}}
    """
    if not iterators:
        return evaluate(body)
    rounds = _Rounds(S.Table, body, iterators)
    return _with_variables(iterators, S.Table, lambda: _table(rounds, 0))


def _table(rounds: _Rounds, at: int) -> Value:
    iterator = read_iterator(S.Table, rounds.iterators[at])
    if iterator is None:
        return None
    variable = iterator.variable
    try:
        if at + 1 == len(rounds.iterators):
            return List(tuple(rounds.values(iterator)))
        out = []
        for value in iterator.values:
            if variable is not None:
                variable.own = value
            inner = _table(rounds, at + 1)
            if inner is None:
                return None
            out.append(inner)
    except ReturnSignal as signal:
        if signal.target is not S.Table:
            raise
        return signal.value
    return List(tuple(out))


@core.function(name="ParallelDo", attributes={"HoldAll", "Protected"})
def parallel_do(body: Value, *iterators: Value) -> Value:
    """Do; there is one kernel.

    >>> ParallelDo[i, {i, 3}]
    """
    return expression(S.Do, (body, *iterators))


@core.function(name="ParallelMap", attributes={"Protected"})
def parallel_map(f: Value, v: Value, *rest: Value) -> Value:
    """Map; there is one kernel.

    >>> ParallelMap[f, {a, b}]
    {f[a], f[b]}
    """
    return expression(S.Map, (f, v, *rest))


@core.function(name="ParallelArray", attributes={"Protected"})
def parallel_array(f: Value, n: Value, *rest: Value) -> Value:
    """Array; there is one kernel.

    >>> ParallelArray[f, 3]
    {f[1], f[2], f[3]}
    """
    return expression(S.Array, (f, n, *rest))


@core.function(name="ParallelSelect", attributes={"Protected", "ReadProtected"})
def parallel_select(v: Value, test: Value, *rest: Value) -> Value:
    """Select; there is one kernel.

    >>> ParallelSelect[{1, 2, 3, 4}, EvenQ]
    {2, 4}
    """
    return expression(S.Select, (v, test, *rest))


@core.function(name="ParallelCases", attributes={"Protected", "ReadProtected"})
def parallel_cases(v: Value, pattern: Value, *rest: Value) -> Value:
    """Cases; there is one kernel.

    >>> ParallelCases[{1, a, 2}, _Integer]
    {1, 2}
    """
    return expression(S.Cases, (v, pattern, *rest))


@core.function(name="ParallelSum", attributes={"HoldAll", "Protected"})
def parallel_sum(body: Value, *iterators: Value) -> Value:
    """Sum; there is one kernel.

    >>> ParallelSum[i, {i, 4}]
    10
    """
    return expression(S.Sum, (body, *iterators))


@core.function(name="ParallelProduct", attributes={"HoldAll", "Protected"})
def parallel_product(body: Value, *iterators: Value) -> Value:
    """Product; there is one kernel.

    >>> ParallelProduct[i, {i, 4}]
    24
    """
    return expression(S.Product, (body, *iterators))


@core.function(name="ParallelEvaluate", attributes={"HoldAll", "Protected"})
def parallel_evaluate(body: Value) -> Value:
    """The list of the values of an expression on each kernel; there is one.

    >>> ParallelEvaluate[1 + 1]
    {2}
    """
    return List((body,))


# ---- Sum and Product


@core.function(attributes={"HoldAll", "ReadProtected", "Protected"}, messages={"div": "Sum does not converge."})
def Sum(body: Value, *rest: Value) -> Value:
    """Add the values of an expression for each value of an iterator; several iterators nest.

    Symbolic and infinite bounds are worked out by std::math where it knows how, and stay otherwise.

    >>> {Sum[i^2, {i, 4}], Sum[f[i], {i, 1, 3}], Sum[i j, {i, 2}, {j, 2}]}
    {30, f[1] + f[2] + f[3], 9}
    """
    return _accumulate(S.Sum, body, rest)


@core.function(attributes={"HoldAll", "ReadProtected", "Protected"})
def Product(body: Value, *rest: Value) -> Value:
    """Multiply the values of an expression for each value of an iterator; several iterators nest.

    Symbolic and infinite bounds are worked out by std::math where it knows how, and stay otherwise.

    >>> {Product[i, {i, 5}], Product[x + i, {i, 2}]}
    {120, (1 + x)*(2 + x)}
    """
    return _accumulate(S.Product, body, rest)


def _accumulate(owner: Symbol, body: Value, rest: tuple[Value, ...]) -> Value:
    from lyra_core.std_core.arguments import split_options

    iterators, _ = split_options(
        rest, ("Assumptions", "GenerateConditions", "Method", "Regularization", "VerifyConvergence")
    )
    if not iterators:
        return None
    if not _is_finite(iterators, owner):
        return _symbolic(owner, body, rest)
    if owner is S.Sum and _is_long(body, iterators):
        closed = _symbolic(owner, body, rest)
        if closed is not None:
            return closed

    rounds = _Rounds(owner, body, iterators)
    return _with_variables(iterators, owner, lambda: _accumulated(rounds, 0))


def _is_long(body: Value, iterators: tuple[Value, ...]) -> bool:
    """Return whether a sum of a polynomial has so many terms that its closed form is asked for first."""
    spec = iterators[0]
    if len(iterators) != 1 or spec.__class__ is not List or not 2 <= len(spec.args) <= 3:
        return False
    i = spec.args[0]
    if i.__class__ is not Symbol or i.own is not None:
        return False
    bounds = [evaluate(b) for b in spec.args[1:]]
    low, high = (1, bounds[0]) if len(bounds) == 1 else bounds
    if low.__class__ is not int or high.__class__ is not int or high - low < 100_000:
        return False
    return evaluate(expression(S.PolynomialQ, (body, i))) is TRUE


def _is_finite(iterators: tuple[Value, ...], owner: Symbol) -> bool:
    """Return whether each iterator takes finitely many known values, as far as can be told before it runs."""
    names = {spec.args[0] for spec in iterators if spec.__class__ is List and spec.args}
    for spec in iterators:
        if spec.__class__ is Symbol:
            value = evaluate(spec)
            if value.__class__ is not int:
                return False
            continue
        if spec.__class__ is not List:
            value = evaluate(spec)
            if value.__class__ is List:
                spec = value
            else:
                return value.__class__ in REAL_TYPES
        if len(spec.args) < 2:
            continue
        from lyra_core.evaluation.scoping import contains_symbol

        outer = frozenset(name for name in names if name.__class__ is Symbol and name is not spec.args[0])
        bounds = []
        depends = False
        for a in spec.args[1:]:
            if outer and contains_symbol(a, outer):
                depends = True
                break
            bounds.append(evaluate(a))
        if depends:
            continue
        if len(bounds) == 1 and bounds[0].__class__ is List:
            continue
        if any(_is_unbounded(b) for b in bounds):
            return False
        low, high = (1, bounds[0]) if len(bounds) == 1 else bounds[:2]
        if progression(low, high, bounds[2] if len(bounds) > 2 else 1) is None:
            return False
    return True


def _is_unbounded(v: Value) -> bool:
    return is_infinite(v) or (v.__class__ is Expression and v.head is S.DirectedInfinity)


def _symbolic(owner: Symbol, body: Value, rest: tuple[Value, ...]) -> Value:
    """Ask std::math for a sum or product in closed form: its function SymbolicSum or SymbolicProduct."""
    helper = symbol_named("std::math", "SymbolicSum" if owner is S.Sum else "SymbolicProduct")
    return None if helper.native is None else helper.native.call(body, *rest)


def _numerical(v: Expression, precision: float | None) -> Value:
    """Give `N` of a sum or product to infinity that stayed as it is, by std::math's function NumericalSum."""
    helper = symbol_named("std::math", "NumericalSum")
    if helper.native is None:
        return None
    value = evaluate(v)
    if value.__class__ is not Expression or value.head not in (S.Sum, S.Product):
        return numeric.numerical_value(value, precision)
    return helper.native.call(value, S.MachinePrecision if precision is None else precision)


Sum.numerical = _numerical  # type: ignore[attr-defined]  # read by the linker: how `N` works it out
Product.numerical = _numerical  # type: ignore[attr-defined]  # as above


def _accumulated(rounds: _Rounds, at: int) -> Value:
    owner = rounds.owner
    iterator = read_iterator(owner, rounds.iterators[at])
    if iterator is None:
        return None
    if at + 1 == len(rounds.iterators):
        return _combined(owner, rounds.values(iterator))
    variable = iterator.variable
    terms: list[Value] = []
    for value in iterator.values:
        if variable is not None:
            variable.own = value
        term = _accumulated(rounds, at + 1)
        if term is None:
            return None
        terms.append(term)
    return _combined(owner, terms)


def _combined(owner: Symbol, terms: list[Value]) -> Value:
    """Return the sum or product of values: of numbers one after the other, of the rest at once."""
    adding = owner is S.Sum
    total: Value = 0 if adding else 1
    others: list[Value] = []
    for term in terms:
        if term.__class__ is int and total.__class__ is int:
            total = total + term if adding else total * term
        elif term.__class__ in REAL_TYPES and total.__class__ in REAL_TYPES:
            total = add(total, term) if adding else multiply(total, term)
        else:
            others.append(term)
    if not others:
        return total
    if not (total.__class__ is int and total == (0 if adding else 1)):
        others.insert(0, total)
    return plus(*others) if adding else times(*others)


# ---- Range, Array


@core.function(
    attributes={"Listable", "Protected"},
    messages={"range": "Range specification in `1` does not have appropriate bounds."},
)
def Range(low: Value, high: Value = None, step: Value = 1) -> Value:
    """Give the list 1, 2 … n, or low … high by steps.

    >>> {Range[4], Range[2, 5], Range[0, 1, 1/4], Range[5, 1, -2]}
    {{1, 2, 3, 4}, {2, 3, 4, 5}, {0, 1/4, 1/2, 3/4, 1}, {5, 3, 1}}
    """
    given = (low,) if high is None else (low, high) if step.__class__ is int and step == 1 else (low, high, step)
    if high is None:
        low, high = 1, low
    values = progression(low, high, step)
    if values is None:
        message(S.Range, "range", expression(S.Range, given))
        return None
    made = List(tuple(values))
    if values.__class__ is range:
        made.kind = int if values else None
    return made


@core.function(
    attributes={"Protected"},
    messages={
        "ilsmn": "Single or list of non-negative machine-sized integers expected at position `1` of `2`.",
        "plen": "`1` and `2` should have the same length.",
    },
)
def Array(f: Value, size: Value, origin: Value = 1, head: Value = S.List) -> Value:
    """Give the list f[1], f[2] … f[n]; a list of sizes makes nested lists; origin says where indices begin.

    An origin {a, b} spreads the indices evenly from a to b.

    >>> {Array[f, 3], Array[f, {2, 2}], Array[f, 3, 0]}
    {{f[1], f[2], f[3]}, {{f[1, 1], f[1, 2]}, {f[2, 1], f[2, 2]}}, {f[0], f[1], f[2]}}
    """
    sizes = size.args if size.__class__ is List else (size,)
    if not sizes or any(n.__class__ is not int or n < 0 for n in sizes):
        message(S.Array, "ilsmn", 2, expression(S.Array, (f, size)))
        return None
    origins = _origins(origin, sizes)
    if origins is None:
        message(S.Array, "plen", size, origin)
        return None
    if len(sizes) == 1 and head is S.List:
        integers = all(i.__class__ is int for i in origins[0])
        call = function_caller(f, 1, int if integers else None)
        return List(tuple([call(i) for i in origins[0]]))
    return _array(f, origins, (), head)


def _origins(origin: Value, sizes: tuple[Value, ...]) -> list[list[Value]] | None:
    """Return the indices along each dimension."""
    if origin.__class__ is List and len(sizes) == 1 and len(origin.args) == 2:
        return [_spread(origin.args[0], origin.args[1], sizes[0])]
    given = origin.args if origin.__class__ is List else (origin,) * len(sizes)
    if len(given) != len(sizes):
        return None
    out = []
    for start, n in zip(given, sizes, strict=True):
        if start.__class__ is List and len(start.args) == 2:
            out.append(_spread(start.args[0], start.args[1], n))
        else:
            out.append([plus(start, k) for k in range(n)])
    return out


def _spread(low: Value, high: Value, n: int) -> list[Value]:
    if n == 1:
        return [low]
    step = divide(minus(high, low), n - 1)
    return [plus(low, times(k, step)) for k in range(n)]


def _array(f: Value, origins: list[list[Value]], indices: tuple[Value, ...], head: Value) -> Value:
    at = len(indices)
    if at == len(origins):
        return build(f, indices)
    return build(head, [_array(f, origins, (*indices, i), head) for i in origins[at]])


@core.function(
    attributes={"Protected"},
    messages={"ilsmn": "Single or list of non-negative machine-sized integers expected at position `1` of `2`."},
)
def ConstantArray(v: Value, size: Value) -> Value:
    """Give a list of n copies of a value; a list of sizes makes nested lists.

    >>> {ConstantArray[c, 3], ConstantArray[0, {2, 2}]}
    {{c, c, c}, {{0, 0}, {0, 0}}}
    """
    sizes = size.args if size.__class__ is List else (size,)
    if any(n.__class__ is not int or n < 0 for n in sizes):
        message(S.ConstantArray, "ilsmn", 2, expression(S.ConstantArray, (v, size)))
        return None
    made = v
    for n in reversed(sizes):
        made = List((made,) * n)
    return made
