"""Simplify and its kin: rewriting by trigonometric identities, and choosing the simplest of equivalent forms.

`Simplify` tries a set of transformations on the parts and on the whole and keeps what has the lowest complexity
(the number of symbols, digits and operators as printed). What needs more knowledge is asked of SymPy.
"""

from __future__ import annotations

from lyra_core.evaluation.arithmetic import divide, minus, plus, power_value, times
from lyra_core.evaluation.evaluator import evaluate, function_caller
from lyra_core.evaluation.numeric import is_numeric
from lyra_core.plugins import Value, module
from lyra_core.std_core.arguments import split_options
from lyra_core.values import (
    NUMBER_TYPES,
    Association,
    Complex,
    Expression,
    List,
    Rational,
    S,
    Symbol,
    build,
    expression,
    same,
)
from lyra_core.values.number import is_zero, negate, sign
from lyra_core.values.symbol import FALSE, TRUE
from lyra_std_math.algebra import bring_together, coefficients, expand, factor
from lyra_std_math.assumptions import all_positive, follows_by_sign, refined

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

functions = module("std::math")

_HALF = Rational(1, 2)
_CIRCULAR = frozenset({S.Sin, S.Cos, S.Tan, S.Cot, S.Sec, S.Csc, S.Sinh, S.Cosh, S.Tanh, S.Coth, S.Sech, S.Csch})


def _c(head: Any, *args: Any) -> Any:
    return evaluate(expression(head, args))


def _deep(v: Any, f: Callable[[Any], Any]) -> Any:
    """Apply f to every part, the innermost first, and to the whole."""
    if v.__class__ is List:
        return List(tuple([_deep(a, f) for a in v.args]))
    if v.__class__ is not Expression:
        return v
    return f(evaluate(build(v.head, tuple([_deep(a, f) for a in v.args]))))


# ---- trigonometric forms


def _expand_trig(v: Any) -> Any:
    if v.__class__ is not Expression or v.head not in _CIRCULAR or len(v.args) != 1:
        return v
    u = v.args[0]
    head = v.head
    if head in (S.Tan, S.Cot, S.Sec, S.Csc, S.Tanh, S.Coth, S.Sech, S.Csch):
        if not _splits(u):
            return v
        sine, cosine = (S.Sin, S.Cos) if head in (S.Tan, S.Cot, S.Sec, S.Csc) else (S.Sinh, S.Cosh)
        s, c = _expand_trig(_c(sine, u)), _expand_trig(_c(cosine, u))
        if head in (S.Tan, S.Tanh):
            return divide(s, c)
        if head in (S.Cot, S.Coth):
            return divide(c, s)
        return power_value(c if head in (S.Sec, S.Sech) else s, -1)
    hyperbolic = head in (S.Sinh, S.Cosh)
    sine, cosine = (S.Sinh, S.Cosh) if hyperbolic else (S.Sin, S.Cos)
    if u.__class__ is Expression and u.head is S.Plus:
        a, b = u.args[0], plus(*u.args[1:])
        sa, ca = _expand_trig(_c(sine, a)), _expand_trig(_c(cosine, a))
        sb, cb = _expand_trig(_c(sine, b)), _expand_trig(_c(cosine, b))
        if head is sine:
            return plus(times(sa, cb), times(ca, sb))
        return plus(times(ca, cb), times(1 if hyperbolic else -1, sa, sb))
    n = _multiple(u)
    if n is not None and n > 1:
        x = divide(u, n)
        s, c = _c(sine, x), _c(cosine, x)
        return _multiple_angle(head is sine, n, s, c, hyperbolic)
    return v


def _multiple_angle(sine: bool, n: int, s: Any, c: Any, hyperbolic: bool) -> Any:
    from math import comb

    terms = []
    for k in range(n + 1):
        if (k % 2 == 1) != sine:
            continue
        s_sign = 1 if hyperbolic or (k // 2) % 2 == 0 else -1
        terms.append(times(s_sign * comb(n, k), power_value(c, n - k), power_value(s, k)))
    return plus(*terms)


def _multiple(u: Any) -> int | None:
    if u.__class__ is Expression and u.head is S.Times and u.args[0].__class__ is int:
        return u.args[0]
    return None


def _splits(u: Any) -> bool:
    n = _multiple(u)
    return (u.__class__ is Expression and u.head is S.Plus) or (n is not None and n > 1)


@functions.function(attributes={"Listable", "Protected"})
def TrigExpand(expr: Value) -> Value:
    """Expand trigonometric functions of sums and multiples.

    >>> TrigExpand[Sin[x + y]]
    Cos[y]*Sin[x] + Cos[x]*Sin[y]
    >>> TrigExpand[Sin[2 x]]
    2*Cos[x]*Sin[x]
    """
    return expand(_deep(expr, _expand_trig))


def _reduce_terms(v: Any) -> Any:
    """Turn products of circular functions in one expanded term into sums."""
    factors: list[Any] = []
    others: list[Any] = []
    for f in v.args if v.__class__ is Expression and v.head is S.Times else (v,):
        base, n = f.args if f.__class__ is Expression and f.head is S.Power and f.args[1].__class__ is int else (f, 1)
        if base.__class__ is Expression and base.head in (S.Sin, S.Cos, S.Sinh, S.Cosh) and n > 0:
            factors.extend([base] * n)
        else:
            others.append(f)
    hyperbolic = [f for f in factors if f.head in (S.Sinh, S.Cosh)]
    circular = [f for f in factors if f.head in (S.Sin, S.Cos)]
    if len(hyperbolic) > 1:
        return trig_reduce(expand(times(*others, *circular, *hyperbolic[2:], _hyperbolic_pair(*hyperbolic[:2]))))
    others, factors = [*others, *hyperbolic], circular
    if len(factors) < 2:
        return v
    a, b = factors[0], factors[1]
    x, y = a.args[0], b.args[0]
    low, high = minus(x, y), plus(x, y)
    if a.head is S.Sin and b.head is S.Sin:
        pair = plus(times(_HALF, _c(S.Cos, low)), times(Rational(-1, 2), _c(S.Cos, high)))
    elif a.head is S.Cos and b.head is S.Cos:
        pair = plus(times(_HALF, _c(S.Cos, low)), times(_HALF, _c(S.Cos, high)))
    else:
        if a.head is S.Cos:
            low = times(-1, low)
        pair = plus(times(_HALF, _c(S.Sin, low)), times(_HALF, _c(S.Sin, high)))
    return trig_reduce(expand(times(*others, *factors[2:], pair)))


def _hyperbolic_pair(a: Any, b: Any) -> Any:
    """Return a product of two of Sinh and Cosh as a sum."""
    x, y = a.args[0], b.args[0]
    low, high = minus(x, y), plus(x, y)
    if a.head is b.head:
        s = -1 if a.head is S.Sinh else 1
        return plus(times(s, _HALF, _c(S.Cosh, low)), times(_HALF, _c(S.Cosh, high)))
    if a.head is S.Cosh:
        low = times(-1, low)
    return plus(times(_HALF, _c(S.Sinh, low)), times(_HALF, _c(S.Sinh, high)))


def trig_reduce(v: Any) -> Any:
    """Return *v* with products of sines and cosines written as sums."""
    if v.__class__ is Expression and v.head is S.Plus:
        return plus(*[trig_reduce(t) for t in v.args])
    return _reduce_terms(v)


@functions.function(attributes={"Listable", "Protected"})
def TrigReduce(expr: Value) -> Value:
    """Write products and powers of trigonometric functions as sums of functions of multiples.

    >>> TrigReduce[2 Sin[x] Cos[x]]
    Sin[2*x]
    """
    reduced = trig_reduce(expand(expr))
    return bring_together(reduced) if reduced.__class__ is Expression and reduced.head is S.Plus else reduced


@functions.function(attributes={"Listable", "Protected"})
def TrigFactor(expr: Value) -> Value:
    """Factor trigonometric expressions; sums of two sines or cosines become products.

    >>> TrigFactor[Sin[x]^2 + Sin[x]]
    Sin[x]*(1 + Sin[x])
    >>> TrigFactor[Sin[x] + Sin[y]]
    2*Cos[x/2 - y/2]*Sin[x/2 + y/2]
    """
    return trig_factor(expr)


@functions.function(attributes={"Protected"})
def TrigFactorList(expr: Value) -> Value:
    """Give the factors of a trigonometric expression with their exponents, the numerical factor first.

    >>> TrigFactorList[Sin[x] + Sin[y]]
    {{2, 1}, {Cos[x/2 - y/2], 1}, {Sin[x/2 + y/2], 1}}
    """
    v = trig_factor(expr)
    number: Any = 1
    out = []
    for f in v.args if v.__class__ is Expression and v.head is S.Times else (v,):
        if f.__class__ in NUMBER_TYPES:
            number = f
        elif f.__class__ is Expression and f.head is S.Power and f.args[1].__class__ is int:
            out.append(List(f.args))
        else:
            out.append(List((f, 1)))
    return List((List((number, 1)), *out))


def trig_factor(v: Any) -> Any:
    """Return *v* as a product of trigonometric functions where it is one."""
    direct = factor(v)
    best = _factored_sums(direct)
    if best.__class__ is Expression and best.head is S.Plus:
        angles = {a.args[0] for a in _calls(v, (S.Sin, S.Cos))}
        spread = expand(_deep(v, _expand_trig))
        for candidate in (_pythagoras(spread), spread, trig_reduce(expand(v))):
            tried = _factored_sums(factor(candidate))
            if tried.__class__ is not Expression or tried.head is not S.Plus:
                return tried
        if len(angles) == 1:
            return best
    return best


def _calls(v: Any, heads: tuple[Any, ...]) -> list[Any]:
    out: list[Any] = []
    stack = [v]
    while stack:
        q = stack.pop()
        if q.__class__ is Expression:
            if q.head in heads:
                out.append(q)
            stack.extend(q.args)
    return out


def _factored_sums(v: Any) -> Any:
    """Write the sums of two sines or cosines among the factors of *v* as products."""
    if v.__class__ is Expression and v.head is S.Times:
        return times(*[_factored_sums(f) for f in v.args])
    if v.__class__ is Expression and v.head is S.Power and v.args[1].__class__ is int:
        return power_value(_factored_sums(v.args[0]), v.args[1])
    if v.__class__ is Expression and v.head is S.Plus and len(v.args) == 2:
        found = _product_of_two(*v.args)
        return v if found is None else found
    return v


def _with_number(v: Any) -> tuple[Any, Any]:
    if v.__class__ is Expression and v.head is S.Times and v.args[0].__class__ in (int, Rational):
        return v.args[0], times(*v.args[1:])
    return 1, v


def _product_of_two(p: Any, q: Any) -> Any:
    """Return a sum of two sines, cosines, or a number and a cosine of equal size as a product; None for another."""
    if p.__class__ in (int, Rational):
        c, g = _with_number(q)
        if g.__class__ is Expression and g.head is S.Cos and c in (p, times(-1, p)):
            half = divide(g.args[0], 2)
            if _splits(g.args[0]):
                return times(2, p, power_value(_c(S.Cos if c == p else S.Sin, half), 2))
        return None
    (a, f), (b, g) = _with_number(p), _with_number(q)
    if f.__class__ is not Expression or g.__class__ is not Expression or a not in (b, times(-1, b)):
        return None
    if f.head not in (S.Sin, S.Cos) or g.head not in (S.Sin, S.Cos):
        return None
    u, w = f.args[0], g.args[0]
    half_sum, half_difference = expand(divide(plus(u, w), 2)), expand(divide(minus(u, w), 2))
    equal = a == b
    if f.head is S.Sin and g.head is S.Sin:
        if equal:
            return times(2, a, _c(S.Cos, half_difference), _c(S.Sin, half_sum))
        return times(2, a, _c(S.Sin, half_difference), _c(S.Cos, half_sum))
    if f.head is S.Cos and g.head is S.Cos:
        if equal:
            return times(2, a, _c(S.Cos, half_difference), _c(S.Cos, half_sum))
        return times(-2, a, _c(S.Sin, half_difference), _c(S.Sin, half_sum))
    if not same(u, w):
        return None
    sine, cosine = (a, b) if f.head is S.Sin else (b, a)
    quarter = times(Rational(1, 4), S.Pi)
    shift = plus(quarter, u) if sine == cosine else plus(times(-1, quarter), u)
    return times(sine, power_value(2, _HALF), _c(S.Sin, shift))


_TO_EXP = {
    S.Sin: lambda u: times(
        Complex(0, Rational(1, 2)),
        plus(power_value(S.E, times(Complex(0, -1), u)), times(-1, power_value(S.E, times(Complex(0, 1), u)))),
    ),
    S.Cos: lambda u: times(
        _HALF, plus(power_value(S.E, times(Complex(0, -1), u)), power_value(S.E, times(Complex(0, 1), u)))
    ),
    S.Sinh: lambda u: plus(times(Rational(-1, 2), power_value(S.E, times(-1, u))), times(_HALF, power_value(S.E, u))),
    S.Cosh: lambda u: plus(times(_HALF, power_value(S.E, times(-1, u))), times(_HALF, power_value(S.E, u))),
}


def _quotient_to_exp(head: Any, u: Any) -> Any:
    """Return Tan, Cot, Tanh or Coth as a quotient of sums of exponentials."""
    circular = head in (S.Tan, S.Cot)
    w = times(Complex(0, 1), u) if circular else u
    up, down = power_value(S.E, w), power_value(S.E, times(-1, w))
    if not circular:
        both = (minus(up, down), plus(up, down))
        return divide(both[0], both[1]) if head is S.Tanh else divide(both[1], both[0])
    difference, total = minus(down, up), plus(down, up)
    if head is S.Tan:
        return times(Complex(0, 1), difference, power_value(total, -1))
    return times(Complex(0, -1), total, power_value(difference, -1))


def _inverse_to_log(head: Any, u: Any) -> Any:
    """Return an inverse circular or hyperbolic function as logarithms; None for other heads."""
    i, half = Complex(0, 1), Rational(1, 2)
    iu = times(i, u)
    square = power_value(u, 2)

    def log(v: Any) -> Any:
        return evaluate(expression(S.Log, (v,)))

    if head is S.ArcTan:
        return minus(times(half, i, log(minus(1, iu))), times(half, i, log(plus(1, iu))))
    if head is S.ArcSin:
        return times(-1, i, log(plus(iu, power_value(minus(1, square), half))))
    if head is S.ArcCos:
        return plus(divide(S.Pi, 2), times(i, log(plus(iu, power_value(minus(1, square), half)))))
    if head is S.ArcSinh:
        return log(plus(u, power_value(plus(1, square), half)))
    if head is S.ArcCosh:
        return log(plus(u, times(power_value(plus(-1, u), half), power_value(plus(1, u), half))))
    if head is S.ArcTanh:
        return minus(times(half, log(plus(1, u))), times(half, log(minus(1, u))))
    over = power_value(u, -1)
    if head is S.ArcCoth:
        return minus(times(half, log(plus(1, over))), times(half, log(minus(1, over))))
    if head is S.ArcSech:
        return log(plus(times(power_value(plus(-1, over), half), power_value(plus(1, over), half)), over))
    if head is S.ArcCsch:
        return log(plus(power_value(plus(1, power_value(u, -2)), half), over))
    unit = Complex(0, 1)
    if head is S.ArcCot:
        turned = times(unit, over)
        return minus(times(half, unit, log(minus(1, turned))), times(half, unit, log(plus(1, turned))))
    if head in (S.ArcSec, S.ArcCsc):
        whole = log(plus(power_value(minus(1, power_value(u, -2)), half), times(unit, over)))
        return times(-1, unit, whole) if head is S.ArcCsc else plus(times(half, S.Pi), times(unit, whole))
    return None


def _to_exp(v: Any) -> Any:
    if v.__class__ is Expression and v.head is S.ArcTan and len(v.args) == 2:
        x, y = v.args
        point = plus(x, times(Complex(0, 1), y))
        size = power_value(plus(power_value(x, 2), power_value(y, 2)), _HALF)
        return times(Complex(0, -1), _c(S.Log, divide(point, size)))
    if v.__class__ is not Expression or len(v.args) != 1:
        return v
    u = v.args[0]
    rule = _TO_EXP.get(v.head) if v.head.__class__ is Symbol else None
    if rule is not None:
        return expand(rule(u))
    inverse = _inverse_to_log(v.head, u)
    if inverse is not None:
        return inverse
    if v.head in (S.Tan, S.Cot, S.Tanh, S.Coth):
        return _quotient_to_exp(v.head, u)
    if v.head in (S.Sec, S.Csc, S.Sech, S.Csch):
        w = u if v.head in (S.Sech, S.Csch) else times(Complex(0, 1), u)
        falling, rising = power_value(S.E, times(-1, w)), power_value(S.E, w)
        if v.head is S.Csc:
            return divide(Complex(0, -2), minus(falling, rising))
        return divide(2, plus(falling, rising) if v.head in (S.Sec, S.Sech) else minus(rising, falling))
    return v


@functions.function(attributes={"Listable", "Protected"})
def TrigToExp(expr: Value) -> Value:
    """Write trigonometric and hyperbolic functions by exponentials.

    >>> TrigToExp[Cosh[x]]
    1/(2*E^x) + E^x/2
    """
    return _deep(expr, _to_exp)


def _exp_to_trig(v: Any) -> Any:
    if v.__class__ is Expression and v.head is S.Power and v.args[0] is S.E:
        u = v.args[1]
        t = u.args[0] if u.__class__ is Expression and u.head is S.Times else u
        if t.__class__ is Complex and is_zero(t.re):
            y = divide(u, Complex(0, 1))
            return plus(_c(S.Cos, y), times(Complex(0, 1), _c(S.Sin, y)))
        return plus(_c(S.Cosh, u), _c(S.Sinh, u))
    if v.__class__ is Expression and v.head is S.Power and v.args[0].__class__ in (int, Rational, Complex):
        base, u = v.args
        if base.__class__ is Complex:
            if not is_zero(base.re):
                return v
            turn: Any = Rational(1 if sign(base.im) > 0 else -1, 2)
            size = base.im if sign(base.im) > 0 else negate(base.im)
        else:
            turn, size = (1, negate(base)) if sign(base) < 0 else (0, base)
        if turn == 0 and u.__class__ in NUMBER_TYPES:
            return v
        angle = times(turn, u, S.Pi)
        factors: list[Any] = []
        if turn != 0:
            factors.append(plus(_c(S.Cos, angle), times(Complex(0, 1), _c(S.Sin, angle))))
        if size.__class__ is not int or size != 1:
            if u.__class__ in NUMBER_TYPES:
                factors.append(power_value(size, u))
            else:
                area = times(u, _c(S.Log, size))
                factors.append(plus(_c(S.Cosh, area), _c(S.Sinh, area)))
        return times(*factors)
    if v.__class__ is Expression and v.head is S.Times and len(v.args) == 2 and v.args[0].__class__ in NUMBER_TYPES:
        # A number times a sum is a sum.
        return expand(v)
    return v


@functions.function(attributes={"Listable", "Protected"})
def ExpToTrig(expr: Value) -> Value:
    """Write exponentials by trigonometric and hyperbolic functions.

    >>> ExpToTrig[E^(I x)]
    Cos[x] + I*Sin[x]
    """
    return _deep(expr, _exp_to_trig)


def _symbols_in(v: Any) -> list[Symbol]:
    found: dict[Symbol, None] = {}
    stack = [v]
    while stack:
        q = stack.pop()
        if q.__class__ is Symbol:
            found.setdefault(q)
        elif q.__class__ in (Expression, List):
            stack.extend(q.args)
    return list(found)


# ---- simplification


def complexity(v: Any) -> int:
    """Return how complicated *v* is: parts counted, numbers by their digits."""
    total = 0
    stack = [v]
    while stack:
        q = stack.pop()
        c = q.__class__
        if c is int:
            total += 1 if q == 0 else len(str(abs(q))) + (q < 0)
        elif c is Rational:
            total += len(str(abs(q.numerator))) + len(str(q.denominator)) + (q.numerator < 0) + 1
        elif c is Complex:
            stack.append(q.re)
            stack.append(q.im)
            total += 1
        elif c in (Expression, List, Association):
            total += 1
            if q.head.__class__ is Expression:
                stack.append(q.head)
            stack.extend(q.args)
        else:
            total += 1
    return total


def _candidates(v: Any, full: bool) -> list[Any]:
    out = [v]
    if v.__class__ is not Expression:
        return out
    circular = _contains_head(v, _CIRCULAR)
    if v.head is S.Plus and len(v.args) <= 30:
        names = _symbols_in(v)
        if 1 < len(names) <= 5:
            out.extend([evaluate(expression(S.Collect, (v, x))) for x in names])
    if full:
        out.append(_deep(v, _raised_gamma))
        out.append(_deep(v, _special_forms))
        if is_numeric(v) and _has_radical(v) and not _contains_head(v, (S.Log, S.Pi)):
            reduced = evaluate(expression(S.RootReduce, (v,)))
            if reduced.__class__ is not Expression or reduced.head not in (S.RootReduce, S.Root):
                out.append(reduced)
    for transform in (expand, bring_together, factor, _expanded_denominator):
        try:
            out.append(transform(v))
        except (ValueError, ZeroDivisionError, OverflowError):
            continue
    if circular:
        out.append(_pythagoras(expand(v)))
        expanded = expand(_deep(v, _expand_trig))
        out.append(_pythagoras(expanded))
        reduced = trig_reduce(expand(v))
        out.append(reduced)
        out.append(_quotients(factor(v)))
        out.append(_quotients(v))
    for extra in list(out[1:]):
        if extra.__class__ is Expression and extra.head is S.Plus:
            out.append(factor(extra))
    return out


def _expanded_denominator(v: Any) -> Any:
    return evaluate(expression(S.ExpandDenominator, (bring_together(v),)))


def _raised_gamma(v: Any) -> Any:
    """Write x Gamma[x] as Gamma[1 + x]."""
    if v.__class__ is Expression and v.head is S.Times:
        for f in v.args:
            if f.__class__ is Expression and f.head is S.Gamma and len(f.args) == 1 and f.args[0] in v.args:
                rest = [g for g in v.args if g is not f and g is not f.args[0]]
                return times(*rest, expression(S.Gamma, (plus(1, f.args[0]),)))
    return v


def _special_forms(v: Any) -> Any:
    """Write W(u) E^W(u) as u, Re[z] + I Im[z] as z, and ArcTan[u] + ArcTan[1/u] of a positive number as Pi/2."""
    if v.__class__ is not Expression:
        return v
    if v.head is S.Times:
        for f in v.args:
            if f.__class__ is Expression and f.head is S.ProductLog and len(f.args) == 1:
                exponential = evaluate(expression(S.Power, (S.E, f)))
                if any(same(g, exponential) for g in v.args):
                    rest = [g for g in v.args if g is not f and not same(g, exponential)]
                    return times(f.args[0], *rest)
    if v.head is S.Plus:
        for f in v.args:
            if f.__class__ is Expression and f.head is S.Re and len(f.args) == 1:
                other = times(Complex(0, 1), expression(S.Im, f.args))
                if any(same(g, other) for g in v.args):
                    return plus(f.args[0], *[g for g in v.args if g is not f and not same(g, other)])
    return v


def _preferred(v: Any) -> int:
    """Return the size of *v*, a logarithm of a power counted twice: 2 Log[x] before Log[x^2]."""
    powers = 0
    stack = [v]
    while stack:
        q = stack.pop()
        if q.__class__ is Expression:
            if q.head is S.Log and q.args[0].__class__ is Expression and q.args[0].head is S.Power:
                powers += 5
            stack.extend(q.args)
    return complexity(v) + powers


def _contains_head(v: Any, heads: Any) -> bool:
    stack = [v]
    while stack:
        q = stack.pop()
        if q.__class__ is Expression:
            if q.head in heads:
                return True
            stack.extend(q.args)
        elif q.__class__ is List:
            stack.extend(q.args)
    return False


def _pythagoras(v: Any) -> Any:
    """Replace a Sin[u]^2 + a Cos[u]^2 by a (and the hyperbolic difference), wherever it lowers the complexity."""
    if v.__class__ is not Expression or v.head is not S.Plus:
        return v
    angles: dict[Any, Any] = {}
    stack = [v]
    while stack:
        q = stack.pop()
        if q.__class__ is Expression:
            if q.head in (S.Sin, S.Cos, S.Sinh, S.Cosh):
                angles[q.args[0]] = q.head in (S.Sinh, S.Cosh)
            stack.extend(q.args)
    best = v
    for u, hyperbolic in angles.items():
        s, c = (S.Sinh, S.Cosh) if hyperbolic else (S.Sin, S.Cos)
        sine, cosine = expression(s, (u,)), expression(c, (u,))
        for old, new in (
            (sine, plus(power_value(cosine, 2), -1) if hyperbolic else plus(1, times(-1, power_value(cosine, 2)))),
            (cosine, plus(1, power_value(sine, 2)) if hyperbolic else plus(1, times(-1, power_value(sine, 2)))),
        ):
            candidate = expand(_replace_square(best, old, new))
            if complexity(candidate) < complexity(best):
                best = candidate
    return best


def _replace_square(v: Any, x: Any, new: Any) -> Any:
    if v.__class__ is Expression:
        if v.head is S.Power and same(v.args[0], x) and v.args[1].__class__ is int and v.args[1] >= 2:
            n = v.args[1]
            return times(power_value(new, n // 2), power_value(x, n % 2))
        return evaluate(build(v.head, tuple([_replace_square(a, x, new) for a in v.args])))
    return v


_QUOTIENTS = {
    (S.Sin, S.Cos): S.Tan,
    (S.Cos, S.Sin): S.Cot,
    (S.Sinh, S.Cosh): S.Tanh,
    (S.Cosh, S.Sinh): S.Coth,
}


def _quotients(v: Any) -> Any:
    """Write Sin[u]/Cos[u] as Tan[u], 1/Cos[u] as Sec[u], and 2 Sin[u] Cos[u] as Sin[2 u] in a product."""
    if v.__class__ is not Expression:
        return v
    if v.head is S.Plus:
        return plus(*[_quotients(a) for a in v.args])
    factors = list(v.args) if v.head is S.Times else [v]
    powers: dict[tuple[Any, Any], int] = {}
    rest = []
    for f in factors:
        base, n = f.args if f.__class__ is Expression and f.head is S.Power and f.args[1].__class__ is int else (f, 1)
        if base.__class__ is Expression and base.head in (S.Sin, S.Cos, S.Sinh, S.Cosh):
            powers[base.head, base.args[0]] = powers.get((base.head, base.args[0]), 0) + n
        else:
            rest.append(f)
    out = list(rest)
    for (up, down), joined in _QUOTIENTS.items():
        for head, u in list(powers):
            if head is up and powers[head, u] > 0 and powers.get((down, u), 0) < 0:
                n = min(powers[up, u], -powers[down, u])
                powers[up, u] -= n
                powers[down, u] += n
                out.append(power_value(expression(joined, (u,)), n))
    reciprocal = {S.Cos: S.Sec, S.Sin: S.Csc, S.Cosh: S.Sech, S.Sinh: S.Csch}
    for (head, u), n in powers.items():
        if n < 0:
            out.append(power_value(expression(reciprocal[head], (u,)), -n))
        elif n:
            out.append(power_value(expression(head, (u,)), n))
    return times(*out)


def assumed_properties(given: Any) -> dict[Symbol, dict[str, bool]]:
    """Return properties of symbols that assumptions such as x > 0 or Element[x, Reals] say."""
    out: dict[Symbol, dict[str, bool]] = {}
    stack = [given]
    while stack:
        a = stack.pop()
        if a.__class__ is List or (a.__class__ is Expression and a.head is S.And):
            stack.extend(a.args)
        elif a.__class__ is Expression and a.head is S.Element and len(a.args) == 2:
            names = (
                a.args[0].args
                if a.args[0].__class__ in (List, Expression) and a.args[0].head in (S.List, S.Alternatives)
                else (a.args[0],)
            )
            kind = {S.Reals: "real", S.Integers: "integer", S.Rationals: "rational"}.get(a.args[1])
            for x in names:
                if x.__class__ is Symbol and kind:
                    out.setdefault(x, {})[kind] = True
        elif (
            a.__class__ is Expression
            and a.head in (S.Greater, S.GreaterEqual, S.Less, S.LessEqual)
            and len(a.args) == 2
        ):
            left, right = a.args
            greater = a.head in (S.Greater, S.GreaterEqual)
            strict = a.head in (S.Greater, S.Less)
            if right.__class__ is Symbol and left.__class__ in (int, Rational, float):
                left, right, greater = right, left, not greater
            if left.__class__ is Symbol and right.__class__ in (int, Rational, float):
                s = sign(right)
                if greater and s >= 0:
                    out.setdefault(left, {})["positive" if strict or s > 0 else "nonnegative"] = True
                elif not greater and s <= 0:
                    out.setdefault(left, {})["negative" if strict or s < 0 else "nonpositive"] = True
                else:
                    out.setdefault(left, {})["real"] = True
    return out


def _by_sympy(v: Any, assumptions: Any, full: bool) -> Any:
    from lyra_std_math.sympy_bridge import Translation, Untranslatable

    t = Translation(assumed_properties(assumptions))
    try:
        e = t.to(v)
        sp = t.sympy
        results = [sp.refine(sp.simplify(e))] if assumptions is not None or full else [sp.simplify(e)]
        if full:
            results.append(sp.radsimp(sp.sqrtdenest(e)))
            results.append(sp.combsimp(sp.gammasimp(e)))
        best = v
        for r in results:
            back = t.back(r)
            if complexity(back) < complexity(best):
                best = back
        return best
    except (
        Untranslatable,
        NotImplementedError,
        ValueError,
        TypeError,
        AttributeError,
        RecursionError,
        ZeroDivisionError,
    ):
        return v


def simplify(v: Any, assumptions: Any, full: bool, measure: Callable[[Any], Any] = complexity) -> Any:
    """Return the simplest form found of *v*."""
    if v.__class__ is List:
        return List(tuple([simplify(a, assumptions, full, measure) for a in v.args]))
    if v.__class__ is Association:
        return Association({k: (key, simplify(a, assumptions, full, measure), d) for k, (key, a, d) in v.items.items()})
    if v.__class__ is not Expression:
        return v
    if assumptions is not None:
        known = assumed_properties(assumptions)
        v = refined(v, known)
        if full and all_positive(v, known):
            v = min((v, evaluate(expression(S.PowerExpand, (v,)))), key=_preferred)
        if v.__class__ is not Expression:
            return v
    if v.head in (S.Equal, S.Unequal, S.Less, S.LessEqual, S.Greater, S.GreaterEqual, S.And, S.Or, S.Not, S.Rule):
        return _simplify_statement(v, assumptions, full, measure)
    inner = evaluate(build(v.head, tuple([simplify(a, assumptions, full, measure) for a in v.args])))
    best, cost = v, measure(v)
    more = _candidates(inner, full) if inner is not v and inner.__class__ is Expression else []
    for candidate in [inner, *_candidates(v, full), *more]:
        size = measure(candidate)
        if size < cost or (size == cost and (_is_better_product(candidate, best) or _is_raised(candidate, best))):
            best, cost = candidate, size
    if best.__class__ is Expression and (
        full
        or assumptions is not None
        or _contains_head(best, _CIRCULAR)
        or _contains_head(best, (S.Log, S.Gamma, S.Factorial, S.Binomial, S.Abs))
        or _has_radical(best)
    ):
        asked = _by_sympy(best, assumptions, full)
        if measure(asked) < cost:
            best = asked
    return best


def _is_raised(candidate: Any, best: Any) -> bool:
    """Return whether of two forms of equal size the candidate is a Gamma alone: Gamma[1 + x], not x Gamma[x]."""
    return (
        candidate.__class__ is Expression
        and candidate.head is S.Gamma
        and best.__class__ is Expression
        and best.head is S.Times
    )


def _is_better_product(candidate: Any, best: Any) -> bool:
    """Return whether of two forms of equal size the candidate shows a common number: 2 (1 + x), not 2 + 2 x."""
    return (
        best.__class__ is Expression
        and best.head is S.Plus
        and candidate.__class__ is Expression
        and candidate.head is S.Times
        and candidate.args[0].__class__ in (int, Rational)
    )


def _has_radical(v: Any) -> bool:
    stack = [v]
    while stack:
        q = stack.pop()
        if q.__class__ is Expression:
            if q.head is S.Power and q.args[1].__class__ is not int:
                return True
            stack.extend(q.args)
    return False


def _simplify_statement(v: Expression, assumptions: Any, full: bool, measure: Any) -> Any:
    args = tuple([simplify(a, assumptions, full, measure) for a in v.args])
    out = evaluate(build(v.head, args))
    if out.__class__ is Expression and out.head in (S.Equal, S.Unequal) and len(out.args) == 2:
        difference = simplify(minus(out.args[0], out.args[1]), assumptions, full, measure)
        if difference.__class__ in NUMBER_TYPES:
            equal = is_zero(difference)
            return TRUE if equal == (out.head is S.Equal) else FALSE
    if assumptions is not None and out.__class__ is Expression:
        if _follows(out, assumptions):
            return TRUE
        told = follows_by_sign(out, assumed_properties(assumptions))
        if told is None:
            told = _follows_by_region(out, assumptions)
        if told is not None:
            return TRUE if told else FALSE
    if out.__class__ is Expression and out.head in (S.And, S.Or):
        expanded = evaluate(expression(S.LogicalExpand, (out,)))
        return expanded if measure(expanded) < measure(out) else out
    return _solved_for_symbol(out)


def _solved_for_symbol(v: Any) -> Any:
    """Return a relation linear in its one symbol with the symbol alone on the left: x == 2 for 2 x == 4."""
    heads = {S.Equal: S.Equal, S.Unequal: S.Unequal, S.Less: S.Greater, S.Greater: S.Less}
    heads |= {S.LessEqual: S.GreaterEqual, S.GreaterEqual: S.LessEqual}
    if v.__class__ is not Expression or v.head not in heads or len(v.args) != 2:
        return v
    names = _symbols_in(v)
    if len(names) != 1:
        return v
    found = coefficients(expand(minus(v.args[0], v.args[1])), names[0])
    if not found or set(found) - {0, 1} or found.get(1, 0).__class__ not in (int, Rational):
        return v
    head = v.head if found[1] > 0 else heads[v.head]
    return expression(head, (names[0], divide(times(-1, found.get(0, 0)), found[1])))


def _follows(statement: Any, assumptions: Any) -> bool:
    stack = [assumptions]
    while stack:
        a = stack.pop()
        if same(a, statement):
            return True
        if a.__class__ is List or (a.__class__ is Expression and a.head is S.And):
            stack.extend(a.args)
    known = assumed_properties(assumptions)
    if statement.head in (S.Greater, S.GreaterEqual, S.Less, S.LessEqual) and len(statement.args) == 2:
        x, c = statement.args
        facts = known.get(x, {}) if x.__class__ is Symbol else {}
        if c.__class__ is int and c == 0:
            if statement.head is S.Greater:
                return bool(facts.get("positive"))
            if statement.head is S.GreaterEqual:
                return bool(facts.get("positive") or facts.get("nonnegative"))
            if statement.head is S.Less:
                return bool(facts.get("negative"))
            return bool(facts.get("negative") or facts.get("nonpositive"))
    return False


def _follows_by_region(statement: Expression, assumptions: Any) -> bool | None:
    """Return whether a statement about one real variable holds, or fails, wherever the assumptions hold."""
    from lyra_std_math.reduce import _is, _plain, _Undecided, conjunction, real_region

    names = _symbols_in(statement)
    names = [n for n in names if not is_numeric(n)]
    if len(names) != 1 or statement.head not in (
        S.Less,
        S.LessEqual,
        S.Greater,
        S.GreaterEqual,
        S.Equal,
        S.Unequal,
        S.And,
        S.Or,
        S.Inequality,
    ):
        return None
    parts = assumptions.args if _is(assumptions, S.And) or assumptions.__class__ is List else (assumptions,)
    own = [a for a in parts if [n for n in _symbols_in(a) if not is_numeric(n)] == names and not _is(a, S.Element)]
    real = any(
        _is(a, S.Element)
        and a.args[1] is S.Reals
        and (a.args[0] is names[0] or names[0] in getattr(a.args[0], "args", ()))
        for a in parts
    )
    if not own and not real:
        return None
    try:
        given = [_plain(a) for a in own]
        if not real_region(conjunction([*given, _plain(statement, False)]), names[0]):
            return True
        return None if real_region(conjunction([*given, _plain(statement)]), names[0]) else False
    except _Undecided:
        return None


_OPTIONS = ("Assumptions", "ComplexityFunction", "TimeConstraint", "TransformationFunctions", "ExcludedForms", "Trig")


def _arguments(args: tuple[Any, ...]) -> tuple[Any, Callable[[Any], Any]]:
    rest, options = split_options(args, _OPTIONS)
    assumptions = rest[0] if rest else options.get("Assumptions")
    current = getattr(S, "$Assumptions").own
    if current is not None and current is not TRUE:
        assumptions = current if assumptions is None else expression(S.And, (assumptions, current))
    measure: Callable[[Any], Any] = complexity
    custom = options.get("ComplexityFunction")
    if custom is not None and custom is not S.Automatic:
        call = function_caller(custom, 1)

        def measured(v: Any) -> Any:
            size = call(v)
            return size if size.__class__ in (int, float) else complexity(v)

        measure = measured
    return assumptions, measure


@functions.function(attributes={"Protected"})
def Simplify(expr: Value, *options: Value) -> Value:
    """Give the simplest form found, under assumptions where they are given.

    >>> Simplify[Sin[x]^2 + Cos[x]^2]
    1
    >>> Simplify[(x^2 - 1)/(x - 1)]
    1 + x
    >>> Simplify[Sqrt[x^2], x > 0]
    x
    """
    assumptions, measure = _arguments(options)
    return simplify(expr, assumptions, False, measure)


@functions.function(attributes={"Protected"})
def FullSimplify(expr: Value, *options: Value) -> Value:
    """Give the simplest form found, special functions and nested radicals included.

    >>> FullSimplify[Sqrt[3 + 2 Sqrt[2]]]
    1 + Sqrt[2]
    """
    assumptions, measure = _arguments(options)
    return simplify(expr, assumptions, True, measure)


@functions.function(attributes={"Protected"})
def Refine(expr: Value, *options: Value) -> Value:
    """Give the form that expr takes when the assumptions hold.

    >>> Refine[Sqrt[x^2], x < 0]
    -x
    """
    from lyra_std_math.sympy_bridge import Translation, Untranslatable

    assumptions, _ = _arguments(options)
    if assumptions is None:
        return expr
    if expr.__class__ is Expression and _follows(expr, assumptions):
        return TRUE
    known = assumed_properties(assumptions)
    told = follows_by_sign(expr, known)
    if told is None and expr.__class__ is Expression:
        told = _follows_by_region(expr, assumptions)
    if told is not None:
        return TRUE if told else FALSE
    new = refined(expr, known)
    if new is not expr:
        return new
    t = Translation(known)
    try:
        return t.back(t.sympy.refine(t.to(expr).doit()))
    except (Untranslatable, NotImplementedError, ValueError, TypeError, AttributeError):
        return None


@functions.function(attributes={"HoldRest", "Protected"})
def Assuming(assumptions: Value, body: Value) -> Value:
    """Evaluate body with the assumptions added to $Assumptions.

    >>> Assuming[x > 0, Simplify[Sqrt[x^2]]]
    x
    """
    symbol = getattr(S, "$Assumptions")
    before = symbol.own
    joined = assumptions.args if assumptions.__class__ is List else (assumptions,)
    parts = [p for p in (before, *joined) if p is not None and p is not TRUE]
    symbol.own = parts[0] if len(parts) == 1 else expression(S.And, tuple(parts)) if parts else TRUE
    try:
        return evaluate(body)
    finally:
        symbol.own = before
