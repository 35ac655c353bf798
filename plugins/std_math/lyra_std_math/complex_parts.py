"""Real and imaginary parts of expressions whose symbols are real, or have the parts Re[z] and Im[z]: ComplexExpand."""

from __future__ import annotations

from lyra_core.evaluation.arithmetic import divide, minus, plus, power_value, times
from lyra_core.evaluation.evaluator import evaluate
from lyra_core.evaluation.numeric import exact_sign, is_numeric
from lyra_core.plugins import Value, module
from lyra_core.values import NUMBER_TYPES, Complex, Expression, List, Rational, S, Symbol, build, expression, same
from lyra_core.values.symbol import FALSE, TRUE
from lyra_std_math.algebra import expand
from lyra_std_math.assumptions import is_real

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

functions = module("std::math")

_I = Complex(0, 1)
_HALF = Rational(1, 2)
_NOT_REAL_ON_REALS = (
    S.Log,
    S.ArcSin,
    S.ArcCos,
    S.ArcSec,
    S.ArcCsc,
    S.ArcCosh,
    S.ArcTanh,
    S.ArcCoth,
    S.ArcSech,
    S.ProductLog,
    S.PolyLog,
    S.LogGamma,
    S.LogIntegral,
    S.ExpIntegralEi,
    S.CosIntegral,
    S.HankelH1,
    S.HankelH2,
)
_AS_LOGARITHMS = (S.ArcTan, S.ArcCot, S.ArcTanh, S.ArcCoth, S.ArcSin, S.ArcCos, S.ArcSinh, S.ArcCosh)


def _call(head: Any, *args: Any) -> Any:
    return evaluate(expression(head, args))


class ComplexParts:
    """The parts of expressions; *variables* are the symbols (or calls) that stand for complex numbers."""

    __slots__ = ("by_angle", "variables")

    def __init__(self, variables: tuple[Any, ...], by_angle: bool) -> None:
        self.variables = variables
        self.by_angle = by_angle

    def of(self, v: Any) -> tuple[Any, Any]:
        """Return the real and the imaginary part of *v*."""
        if v.__class__ is Complex:
            return v.re, v.im
        if v.__class__ in NUMBER_TYPES:
            return v, 0
        if any(same(v, z) for z in self.variables):
            return expression(S.Re, (v,)), expression(S.Im, (v,))
        if v.__class__ is not Expression:
            return v, 0
        if v.head is S.Plus:
            parts = [self.of(a) for a in v.args]
            return plus(*[p for p, _ in parts]), plus(*[q for _, q in parts])
        if v.head is S.Times:
            a, b = self.of(v.args[0])
            for f in v.args[1:]:
                a, b = _product(a, b, *self.of(f))
            return a, b
        if v.head is S.Power:
            return self._power(v.args[0], v.args[1])
        if len(v.args) == 1:
            found = self._function(v)
            if found is not None:
                return found
        if v.head not in _NOT_REAL_ON_REALS and all(self._is_real(a) for a in v.args):
            return v, 0
        if is_numeric(v) and is_real(v, {}):
            return v, 0
        return expression(S.Re, (v,)), expression(S.Im, (v,))

    def _is_real(self, v: Any) -> bool:
        b = self.of(v)[1]
        return b.__class__ is int and b == 0

    def angle(self, v: Any) -> Any:
        """Return Arg[v], or the ArcTan of the parts."""
        a, b = self.of(v)
        if b.__class__ is int and b == 0 and is_numeric(a):
            s = exact_sign(a)
            if s is not None:
                return S.Pi if s < 0 else 0
        if self.by_angle or is_numeric(v):
            whole = v if any(same(v, z) for z in self.variables) else plus(a, times(_I, b))
            return _call(S.Arg, whole)
        return _call(S.ArcTan, a, b)

    def square(self, v: Any) -> Any:
        """Return Re[v]^2 + Im[v]^2."""
        a, b = self.of(v)
        return plus(power_value(a, 2), power_value(b, 2))

    def _power(self, base: Any, exponent: Any) -> tuple[Any, Any]:
        if exponent.__class__ is int:
            a, b = self.of(base)
            if b.__class__ is int and b == 0:
                return power_value(a, exponent), 0
            re, im = a, b
            for _ in range(abs(exponent) - 1):
                re, im = _product(re, im, a, b)
            if exponent > 0:
                return expand(re), expand(im)
            below = power_value(plus(power_value(a, 2), power_value(b, 2)), -exponent)
            return divide(expand(re), below), divide(times(-1, expand(im)), below)
        c, d = self.of(exponent)
        flat = d.__class__ is int and d == 0
        if base is S.E:
            size, turn = power_value(S.E, c), d
        elif is_numeric(base) and exact_sign(base) == 1:
            if flat:
                return power_value(base, exponent), 0
            size, turn = power_value(base, c), times(d, _call(S.Log, base))
        else:
            theta = self.angle(base)
            if is_numeric(base) and self._is_real(base):
                log = _call(S.Log, times(-1, base))
                size = power_value(times(-1, base), c)
            else:
                square = self.square(base)
                log = divide(_call(S.Log, square), 2)
                size = power_value(square, divide(c, 2))
            turn = times(c, theta)
            if not flat:
                size = times(size, power_value(S.E, times(-1, d, theta)))
                turn = plus(turn, times(d, log))
        turn = expand(turn)
        if turn.__class__ is int and turn == 0:
            return size, 0
        return times(size, _call(S.Cos, turn)), times(size, _call(S.Sin, turn))

    def _function(self, v: Expression) -> tuple[Any, Any] | None:
        head, u = v.head, v.args[0]
        a, b = self.of(u)
        flat = b.__class__ is int and b == 0
        if head is S.Re:
            return a, 0
        if head is S.Im:
            return b, 0
        if head is S.Conjugate:
            return a, times(-1, b)
        if head is S.Abs:
            return self._size(u), 0
        if head is S.Arg:
            return self.angle(u), 0
        if head is S.Log:
            if is_numeric(u) and flat:
                s = exact_sign(u)
                if s == -1:
                    return _call(S.Log, expand(times(-1, u))), S.Pi
                if s == 1:
                    return v, 0
            if u.__class__ is Expression and u.head is S.Times and u.args[0].__class__ in (int, Rational):
                number, rest = u.args[0], times(*u.args[1:])
                if exact_sign(number) == 1:
                    re, im = self.of(_call(S.Log, rest))
                    return plus(_call(S.Log, number), re), im
            return divide(_call(S.Log, self.square(u)), 2), self.angle(u)
        if head in _CIRCULAR_PARTS:
            if flat and head in (S.Sin, S.Cos, S.Sinh, S.Cosh):
                return v, 0
            if flat and is_numeric(u):
                return v, 0
            return _CIRCULAR_PARTS[head](a, b)
        if head in _AS_LOGARITHMS and not (flat and head not in _NOT_REAL_ON_REALS):
            logarithms = _call(S.TrigToExp, v)
            if logarithms.__class__ is Expression and not same(logarithms, v):
                return self.of(logarithms)
        return None

    def _size(self, u: Any) -> Any:
        """Return the absolute value of *u* through its parts; that of a power through its exponent."""
        if u.__class__ is Expression and u.head is S.Times:
            return times(*[self._size(f) for f in u.args])
        if u.__class__ is Expression and u.head is S.Power and u.args[0].__class__ is not int:
            base, exponent = u.args
            if base is S.E:
                return power_value(S.E, self.of(exponent)[0])
            if exponent.__class__ is int:
                return power_value(self._size(base), exponent)
        if u.__class__ is Expression and u.head is S.Power and is_numeric(u.args[0]) and exact_sign(u.args[0]) == 1:
            return power_value(u.args[0], self.of(u.args[1])[0])
        if u.__class__ in NUMBER_TYPES or is_numeric(u):
            a, b = self.of(u)
            if b.__class__ is int and b == 0:
                return _call(S.Abs, a)
        return power_value(self.square(u), _HALF)


def _product(a: Any, b: Any, c: Any, d: Any) -> tuple[Any, Any]:
    return minus(times(a, c), times(b, d)), plus(times(a, d), times(b, c))


def _twice(v: Any) -> Any:
    return expand(times(2, v))


def _sine(a: Any, b: Any) -> tuple[Any, Any]:
    return times(_call(S.Cosh, b), _call(S.Sin, a)), times(_call(S.Cos, a), _call(S.Sinh, b))


def _cosine(a: Any, b: Any) -> tuple[Any, Any]:
    return times(_call(S.Cos, a), _call(S.Cosh, b)), times(-1, _call(S.Sin, a), _call(S.Sinh, b))


def _hyperbolic_sine(a: Any, b: Any) -> tuple[Any, Any]:
    return times(_call(S.Cos, b), _call(S.Sinh, a)), times(_call(S.Cosh, a), _call(S.Sin, b))


def _hyperbolic_cosine(a: Any, b: Any) -> tuple[Any, Any]:
    return times(_call(S.Cos, b), _call(S.Cosh, a)), times(_call(S.Sin, b), _call(S.Sinh, a))


def _tangent(a: Any, b: Any) -> tuple[Any, Any]:
    below = plus(_call(S.Cos, _twice(a)), _call(S.Cosh, _twice(b)))
    return divide(_call(S.Sin, _twice(a)), below), divide(_call(S.Sinh, _twice(b)), below)


def _cotangent(a: Any, b: Any) -> tuple[Any, Any]:
    below = minus(_call(S.Cos, _twice(a)), _call(S.Cosh, _twice(b)))
    return divide(times(-1, _call(S.Sin, _twice(a))), below), divide(_call(S.Sinh, _twice(b)), below)


def _secant(a: Any, b: Any) -> tuple[Any, Any]:
    below = plus(_call(S.Cos, _twice(a)), _call(S.Cosh, _twice(b)))
    re, im = _cosine(a, b)
    return divide(times(2, re), below), divide(times(-2, im), below)


def _cosecant(a: Any, b: Any) -> tuple[Any, Any]:
    below = minus(_call(S.Cos, _twice(a)), _call(S.Cosh, _twice(b)))
    re, im = _sine(a, b)
    return divide(times(-2, re), below), divide(times(2, im), below)


def _hyperbolic_tangent(a: Any, b: Any) -> tuple[Any, Any]:
    below = plus(_call(S.Cos, _twice(b)), _call(S.Cosh, _twice(a)))
    return divide(_call(S.Sinh, _twice(a)), below), divide(_call(S.Sin, _twice(b)), below)


def _hyperbolic_cotangent(a: Any, b: Any) -> tuple[Any, Any]:
    below = minus(_call(S.Cos, _twice(b)), _call(S.Cosh, _twice(a)))
    return divide(times(-1, _call(S.Sinh, _twice(a))), below), divide(_call(S.Sin, _twice(b)), below)


def _hyperbolic_secant(a: Any, b: Any) -> tuple[Any, Any]:
    below = plus(_call(S.Cos, _twice(b)), _call(S.Cosh, _twice(a)))
    re, im = _hyperbolic_cosine(a, b)
    return divide(times(2, re), below), divide(times(-2, im), below)


def _hyperbolic_cosecant(a: Any, b: Any) -> tuple[Any, Any]:
    below = minus(_call(S.Cos, _twice(b)), _call(S.Cosh, _twice(a)))
    re, im = _hyperbolic_sine(a, b)
    return divide(times(-2, re), below), divide(times(2, im), below)


_CIRCULAR_PARTS = {
    S.Sin: _sine,
    S.Cos: _cosine,
    S.Tan: _tangent,
    S.Cot: _cotangent,
    S.Sec: _secant,
    S.Csc: _cosecant,
    S.Sinh: _hyperbolic_sine,
    S.Cosh: _hyperbolic_cosine,
    S.Tanh: _hyperbolic_tangent,
    S.Coth: _hyperbolic_cotangent,
    S.Sech: _hyperbolic_secant,
    S.Csch: _hyperbolic_cosecant,
}


@functions.function(attributes={"Protected"})
def ComplexExpand(expr: Value, variables: Value = None, *, TargetFunctions: Value = None) -> Value:
    """Expand an expression into real and imaginary parts, with all symbols real but the variables named.

    `TargetFunctions -> {Re, Im}` avoids Arg.

    >>> ComplexExpand[Exp[x + I y]]
    E^x*Cos[y] + I*E^x*Sin[y]
    >>> ComplexExpand[Re[z^2], z]
    -Im[z]^2 + Re[z]^2
    >>> ComplexExpand[Sin[x + I y]]
    Cosh[y]*Sin[x] + I*Cos[x]*Sinh[y]
    """
    names = () if variables is None else variables.args if variables.__class__ is List else (variables,)
    by_angle = not (TargetFunctions.__class__ is List and S.Arg not in TargetFunctions.args)
    parts = ComplexParts(tuple(names), by_angle)
    return _expanded(expr, parts)


def _expanded(v: Any, parts: ComplexParts) -> Any:
    if v.__class__ is List:
        return List(tuple([_expanded(a, parts) for a in v.args]))
    if v.__class__ is Symbol and v in (TRUE, FALSE):
        return v
    if v.__class__ is Expression and v.head in (S.Equal, S.Unequal, S.And, S.Or, S.Not, S.Rule, S.Less, S.Greater):
        return evaluate(build(v.head, tuple([_expanded(a, parts) for a in v.args])))
    re, im = parts.of(v)
    re, im = expand(re), expand(im)
    if im.__class__ is int and im == 0:
        return re
    return plus(re, expand(times(_I, im)))
