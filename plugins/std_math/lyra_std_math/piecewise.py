"""Piecewise functions: writing an expression as one Piecewise.

An expression becomes a list of (value, condition) cases and a default; functions of such lists are taken case by
case. Of conditions on one real variable those that cannot hold together are left out.
"""

from __future__ import annotations

from itertools import pairwise

from lyra_core.evaluation.arithmetic import minus, times
from lyra_core.evaluation.evaluator import evaluate
from lyra_core.evaluation.numeric import is_numeric
from lyra_core.functions.attributes import FunctionAttribute as A
from lyra_core.plugins import Value, module
from lyra_core.std_core.arguments import split_options
from lyra_core.values import NUMBER_TYPES, TRUE, Expression, List, Rational, S, Symbol, build, expression, same
from lyra_core.values.symbol import FALSE
from lyra_std_math.assumptions import is_real
from lyra_std_math.simplify import assumed_properties

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    # Cases (value, condition) in order, and the value when none of the conditions holds.
    Cases = tuple[list[tuple[Any, Any]], Any]

functions = module("std::math")

_HALF = Rational(1, 2)
_MOST_CASES = 64


def _c(head: Any, *args: Any) -> Any:
    return evaluate(expression(head, args))


def _all(conditions: list[Any]) -> Any:
    return conditions[0] if len(conditions) == 1 else _c(S.And, *conditions)


class _Expansion:
    """Turns expressions into cases; *real* says whether an expression is known to be real."""

    def __init__(self, real: Callable[[Any], bool]) -> None:
        self.real = real

    def cases(self, v: Any) -> Cases:
        """Return the cases of *v*; no cases and *v* itself as the default when it has none."""
        if v.__class__ is not Expression:
            return [], v
        if v.head is S.Piecewise:
            return self._of_piecewise(v)
        if v.head in (S.If, S.Which, S.Boole):
            return self._of_choice(v)
        if v.head.__class__ is not Symbol or v.head.attributes & (A.HOLD_ALL | A.HOLD_FIRST | A.HOLD_REST):
            return [], v
        return self._of_call(v)

    def _of_piecewise(self, v: Expression) -> Cases:
        if len(v.args) != 2 or v.args[0].__class__ is not List:
            return [], v
        out: list[tuple[Any, Any]] = []
        for value, condition in (case.args for case in v.args[0].args):
            inner, default = self.cases(value)
            out.extend((x, _all([condition, c])) for x, c in inner)
            out.append((default, condition))
        inner, default = self.cases(v.args[1])
        return out + inner, default

    def _of_choice(self, v: Expression) -> Cases:
        if v.head is S.Boole and len(v.args) == 1:
            return [(1, v.args[0])], 0
        if v.head is S.If and len(v.args) == 3:
            return self._of_piecewise(expression(S.Piecewise, (List((List((v.args[1], v.args[0])),)), v.args[2])))
        if v.head is S.Which and len(v.args) % 2 == 0:
            pairs = [List((evaluate(v.args[i + 1]), evaluate(v.args[i]))) for i in range(0, len(v.args), 2)]
            default: Any = S.Null
            if pairs[-1].args[1] is TRUE:
                default = pairs.pop().args[0]
            return self._of_piecewise(expression(S.Piecewise, (List(tuple(pairs)), default)))
        return [], v

    def _of_function(self, v: Expression) -> Cases | None:
        """Return the cases of a function that is piecewise by nature, None for another."""
        head, args = v.head, v.args
        if head in (S.UnitStep, S.DiscreteDelta) and args:
            relation = S.GreaterEqual if head is S.UnitStep else S.Equal
            return [(1, _all([_c(relation, a, 0) for a in args]))], 0
        if head is S.KroneckerDelta and args:
            if len(args) == 1:
                return [(1, _c(S.Equal, args[0], 0))], 0
            pairs = pairwise(args)
            return [(1, _all([_c(S.Equal, minus(a, b), 0) for a, b in pairs]))], 0
        if head in (S.Max, S.Min) and len(args) > 1:
            return self._of_extreme(v)
        if len(args) != 1:
            return self._of_clip(args) if head is S.Clip and len(args) in (2, 3) else None
        u = args[0]
        negative, positive = _c(S.Less, u, 0), _c(S.Greater, u, 0)
        if head is S.RealAbs or (head is S.Abs and self.real(u)):
            return [(times(-1, u), negative)], u
        if head is S.RealSign or (head is S.Sign and self.real(u)):
            return [(-1, negative), (1, positive)], 0
        if head is S.Arg and self.real(u):
            return [(S.Pi, negative)], 0
        if head is S.Ramp:
            return [(u, _c(S.GreaterEqual, u, 0))], 0
        if head is S.Clip:
            return self._of_clip((u, List((-1, 1))))
        if head is S.UnitBox:
            return [(1, _c(S.LessEqual, Rational(-1, 2), u, _HALF))], 0
        if head is S.UnitTriangle:
            rising = (_c(S.Plus, 1, u), _c(S.Inequality, -1, S.LessEqual, u, S.Less, 0))
            return [rising, (minus(1, u), _c(S.LessEqual, 0, u, 1))], 0
        return None

    def _of_extreme(self, v: Expression) -> Cases:
        relation = S.GreaterEqual if v.head is S.Max else S.LessEqual
        out: list[tuple[Any, Any]] = []
        for i, a in enumerate(v.args[:-1]):
            others = v.args[i + 1 :]
            out.append((a, _all([_c(relation, minus(a, b), 0) for b in others])))
        return out, v.args[-1]

    def _of_clip(self, args: tuple[Any, ...]) -> Cases | None:
        if any(a.__class__ is not List or len(a.args) != 2 for a in args[1:]):
            return None
        low, high = args[1].args
        below, above = args[2].args if len(args) == 3 else (low, high)
        return [(below, _c(S.Less, args[0], low)), (above, _c(S.Greater, args[0], high))], args[0]

    def _of_call(self, v: Expression) -> Cases:
        parts = [self.cases(a) for a in v.args]
        if not any(cases for cases, _ in parts):
            return self._of_function(v) or ([], v)
        combined: list[tuple[tuple[Any, ...], list[Any]]] = [((), [])]
        for cases, default in parts:
            combined = [
                ((*values, value), conditions if condition is TRUE else [*conditions, condition])
                for values, conditions in combined
                for value, condition in [*cases, (default, TRUE)]
            ]
            if len(combined) > _MOST_CASES:
                return [], v
        out: list[tuple[Any, Any]] = []
        last: Any = None
        for values, conditions in combined:
            value = evaluate(build(v.head, values))
            inner = self._of_function(value) if value.__class__ is Expression else None
            cases, last = inner or ([], value)
            out.extend((x, _all([*conditions, c])) for x, c in cases)
            if conditions:
                out.append((last, _all(conditions)))
        return out, last


def _without_impossible(cases: list[tuple[Any, Any]], default: Any) -> tuple[list[tuple[Any, Any]], Any]:
    """Leave out cases whose condition cannot hold after those before it; conditions on one variable alone."""
    names = {s for _, c in cases for s in _symbols(c)}
    if len(names) != 1 or len(cases) < 2:
        return cases, default
    x = names.pop()
    apart = any(same(value, default) for value, _ in cases[:-1])
    kept: list[tuple[Any, Any]] = []
    before: list[Any] = []
    for value, condition in cases:
        own = _c(S.Reduce, condition, x, S.Reals)
        here = _c(S.Reduce, _c(S.And, condition, *before), x, S.Reals) if before else own
        if here is FALSE:
            continue
        plain = here if apart else own
        kept.append((value, condition if plain.__class__ is Expression and plain.head is S.Reduce else plain))
        if _c(S.Reduce, _c(S.Or, *[c for _, c in kept]), x, S.Reals) is TRUE:
            return kept[:-1], value
        before.append(_c(S.Not, condition))
    return [case for case in kept if not (apart and same(case[0], default))], default


def _symbols(v: Any) -> set[Any]:
    found: set[Any] = set()
    stack = [v]
    while stack:
        q = stack.pop()
        if q.__class__ is Symbol:
            if not is_numeric(q) and q not in (TRUE, FALSE):
                found.add(q)
        elif q.__class__ is Expression:
            if q.head is not S.Inequality:
                stack.extend(q.args)
            else:
                stack.extend(q.args[::2])
    return found


@functions.function(attributes={"Protected"})
def PiecewiseExpand(expr: Value, *options: Value) -> Value:
    """Write an expression with functions such as Max, Clip, UnitStep and If as one Piecewise.

    Abs, Sign and Arg take part where their argument is known to be real: by assumptions, or by the domain Reals.

    >>> PiecewiseExpand[UnitStep[x]]
    Piecewise[{{1, x >= 0}}, 0]
    >>> PiecewiseExpand[Abs[x], Reals]
    Piecewise[{{-x, x < 0}}, x]
    >>> PiecewiseExpand[f[x] + Piecewise[{{g[x], x > 0}}]]
    Piecewise[{{f[x] + g[x], x > 0}}, f[x]]
    """
    rest, given = split_options(options, ("Assumptions", "TimeConstraint", "Method"))
    everywhere = any(r is S.Reals for r in rest)
    told = [r for r in rest if r is not S.Reals]
    if "Assumptions" in given:
        told.append(given["Assumptions"])
    known = assumed_properties(_c(S.And, *told)) if told else {}

    def real(v: Any) -> bool:
        return v.__class__ not in NUMBER_TYPES and (everywhere or is_real(v, known))

    if expr.__class__ is List:
        return List(tuple([expression(S.PiecewiseExpand, (v, *options)) for v in expr.args]))
    cases, default = _Expansion(real).cases(expr)
    if not cases:
        return default
    cases, default = _without_impossible(cases, default)
    if len(cases) == 1 and same(cases[0][0], default):
        return default
    return expression(S.Piecewise, (List(tuple([List(case) for case in cases])), default))
