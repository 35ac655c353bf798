"""What assumptions say about expressions: signs, whole numbers, and the forms that Abs, Sqrt, Sin[n Pi] … then take."""

from __future__ import annotations

from lyra_core.evaluation.arithmetic import divide, plus, power_value, times
from lyra_core.evaluation.evaluator import evaluate
from lyra_core.evaluation.numeric import exact_sign, is_numeric
from lyra_core.values import NUMBER_TYPES, Complex, Expression, List, Rational, S, Symbol, expression
from lyra_std_math.algebra import coefficients, expand

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

_PARTS = (S.Floor, S.Ceiling, S.Round, S.IntegerPart)


def _is(v: Any, *heads: Any) -> bool:
    return v.__class__ is Expression and v.head in heads


def sign_of(v: Any, known: dict[Any, dict[str, bool]]) -> int | None:
    """Return 1, -1 or 0 when *v* surely has that sign, None when it is open."""
    if is_numeric(v):
        return exact_sign(v)
    if v.__class__ is Symbol:
        facts = known.get(v, {})
        return 1 if facts.get("positive") else -1 if facts.get("negative") else None
    if _is(v, S.Times):
        total = 1
        for f in v.args:
            s = sign_of(f, known)
            if s is None:
                return None
            total *= s
        return total
    if _is(v, S.Plus):
        signs = [sign_of(t, known) for t in v.args]
        return signs[0] if all(s is not None and s == signs[0] for s in signs) else None
    if _is(v, S.Power):
        s = sign_of(v.args[0], known)
        if s == 1 and is_real(v.args[1], known):
            return 1
        n = v.args[1]
        if n.__class__ is int and s is not None:
            return s if n % 2 else s * s
    if _is(v, S.Abs):
        s = sign_of(v.args[0], known)
        return None if s is None else s * s
    return None


def is_real(v: Any, known: dict[Any, dict[str, bool]]) -> bool:
    """Return whether *v* is surely real."""
    if v.__class__ in NUMBER_TYPES:
        return v.__class__ is not Complex
    if v.__class__ is Symbol:
        return bool(known.get(v)) or is_numeric(v)
    if _is(v, S.Plus, S.Times):
        return all(is_real(a, known) for a in v.args)
    if _is(v, S.Power):
        return is_real(v.args[0], known) and (v.args[1].__class__ is int or sign_of(v.args[0], known) == 1)
    if _is(v, S.Log) and len(v.args) == 1:
        return sign_of(v.args[0], known) == 1
    return _is(v, S.Abs, S.Sin, S.Cos, S.Sinh, S.Cosh, S.ArcTan) and all(is_real(a, known) for a in v.args)


def is_integer(v: Any, known: dict[Any, dict[str, bool]]) -> bool:
    """Return whether *v* is surely a whole number."""
    if v.__class__ is int:
        return True
    if v.__class__ is Symbol:
        return bool(known.get(v, {}).get("integer"))
    if _is(v, S.Plus, S.Times):
        return all(is_integer(a, known) for a in v.args)
    return _is(v, S.Power) and is_integer(v.args[0], known) and v.args[1].__class__ is int and v.args[1] >= 0


def follows_by_sign(statement: Any, known: dict[Any, dict[str, bool]]) -> bool | None:
    """Return whether an ordering of two sides or a membership holds or fails for sure; None when it is open."""
    if _is(statement, S.Element) and len(statement.args) == 2:
        v, domain = statement.args
        parts = v.args if _is(v, S.Alternatives) else (v,)
        if domain is S.Integers:
            return True if all(is_integer(p, known) for p in parts) else None
        if domain is S.Reals:
            return True if all(is_real(p, known) for p in parts) else None
        return None
    if (
        not _is(statement, S.Greater, S.GreaterEqual, S.Less, S.LessEqual, S.Equal, S.Unequal)
        or len(statement.args) != 2
    ):
        return None
    a, b = statement.args
    if _is(a, S.Abs) and sign_of(b, known) in (0, -1) and statement.head in (S.Less, S.GreaterEqual):
        return statement.head is S.GreaterEqual
    s = sign_of(plus(a, times(-1, b)), known)
    if s is None:
        return None
    return {
        S.Greater: s > 0,
        S.GreaterEqual: s >= 0,
        S.Less: s < 0,
        S.LessEqual: s <= 0,
        S.Equal: s == 0,
        S.Unequal: s != 0,
    }[statement.head]


def refined(v: Any, known: dict[Any, dict[str, bool]]) -> Any:
    """Return *v* in the form it takes when symbols have the known properties."""
    if v.__class__ is List:
        return List(tuple([refined(a, known) for a in v.args]))
    if v.__class__ is not Expression:
        return v
    args = tuple([refined(a, known) for a in v.args])
    if any(a is not b for a, b in zip(args, v.args, strict=True)):
        head = v.head
        v = evaluate(expression(head, args))
        if v.__class__ is not Expression:
            return v
        if v.head is not head and head in (S.Re, S.Im, S.Abs, S.Arg, S.Sign):
            return refined(v, known)
    new = _refined_call(v, known)
    return v if new is None else new


def _refined_call(v: Expression, known: dict[Any, dict[str, bool]]) -> Any:
    if v.head is S.Power:
        return _refined_power(v, known)
    if v.head in (S.UnitStep, S.DiscreteDelta, S.HeavisideTheta):
        return _refined_step(v, known)
    if len(v.args) == 1:
        return _refined_function(v.head, v.args[0], known)
    if v.head is S.Mod and len(v.args) == 2 and v.args[1].__class__ is int and v.args[1]:
        m = v.args[1]
        terms = v.args[0].args if _is(v.args[0], S.Plus) else (v.args[0],)
        rest: list[Any] = []
        for t in terms:
            number = t.args[0] if _is(t, S.Times) else t
            if not (is_integer(t, known) and number.__class__ is int and number % m == 0):
                rest.append(t)
        return evaluate(expression(S.Mod, (plus(*rest), m))) if len(rest) < len(terms) else None
    return None


def _refined_step(v: Expression, known: dict[Any, dict[str, bool]]) -> Any:
    signs = [sign_of(a, known) for a in v.args]
    if v.head is S.DiscreteDelta:
        return 0 if any(s in (1, -1) for s in signs) else None
    if -1 in signs:
        return 0
    open_ = [a for a, s in zip(v.args, signs, strict=True) if s != 1]
    if len(open_) == len(v.args):
        return None
    return expression(v.head, tuple(open_)) if open_ else 1


def _refined_function(head: Any, u: Any, known: dict[Any, dict[str, bool]]) -> Any:
    if head in (S.Abs, S.Sign):
        s = sign_of(u, known)
        if s is not None:
            return s if head is S.Sign else times(s, u)
        if head is S.Abs and _is(u, S.Power) and not is_numeric(u.args[1]) and is_real(u.args[1], known):
            return power_value(expression(S.Abs, (u.args[0],)), u.args[1])
        if head is S.Abs and _is(u, S.Times):
            outside = [(f, sign_of(f, known)) for f in u.args]
            if any(s is not None and not is_numeric(f) for f, s in outside):
                inside = times(*[f for f, s in outside if s is None])
                return times(expression(S.Abs, (inside,)), *[times(s, f) for f, s in outside if s is not None])
    elif head in (S.Re, S.Conjugate, S.Im):
        if is_real(u, known):
            return 0 if head is S.Im else u
    elif head is S.Arg:
        s = sign_of(u, known)
        return None if not s else 0 if s > 0 else S.Pi
    elif head in _PARTS:
        return _whole_part(head, u, known)
    elif head is S.FractionalPart:
        return 0 if is_integer(u, known) else None
    elif head is S.Log:
        if _is(u, S.Power) and sign_of(u.args[0], known) == 1 and is_real(u.args[1], known):
            return times(u.args[1], evaluate(expression(S.Log, (u.args[0],))))
        if sign_of(u, known) == -1 and not is_numeric(u):
            return plus(times(Complex(0, 1), S.Pi), evaluate(expression(S.Log, (times(-1, u),))))
    elif head in (S.Sin, S.Cos, S.Tan):
        n = divide(u, S.Pi)
        if not is_numeric(n) and is_integer(n, known):
            return power_value(-1, n) if head is S.Cos else 0
    return None


def _whole_part(head: Any, u: Any, known: dict[Any, dict[str, bool]]) -> Any:
    terms = u.args if _is(u, S.Plus) else (u,)
    whole = [t for t in terms if is_integer(t, known)]
    if not whole or (head is S.IntegerPart and len(whole) < len(terms)) or is_numeric(u):
        return None
    rest = [t for t in terms if not is_integer(t, known)]
    return plus(*whole, evaluate(expression(head, (plus(*rest),)))) if rest else u


def _has_odd_factor(t: Any) -> bool:
    return _is(t, S.Times) and t.args[0].__class__ is int and t.args[0] % 2 == 1 and t.args[0] != 1


def _refined_power(v: Expression, known: dict[Any, dict[str, bool]]) -> Any:
    base, n = v.args
    if base.__class__ is int and base == -1 and not is_numeric(n):
        terms = n.args if _is(n, S.Plus) else (n,)
        rest = [t for t in terms if not (is_integer(t, known) and is_integer(divide(t, 2), known))]
        odd = [times(divide(1, t.args[0]), t) if _has_odd_factor(t) and is_integer(t, known) else t for t in rest]
        changed = len(rest) < len(terms) or any(a is not b for a, b in zip(odd, rest, strict=True))
        return power_value(-1, plus(*odd)) if changed else None
    if base is S.E and not is_numeric(n):
        turns = coefficients(expand(n), S.Pi)
        if turns is not None and set(turns) == {1}:
            k = divide(turns[1], Complex(0, 1))
            if is_integer(k, known):
                return refined(power_value(-1, k), known)
    if _is(base, S.Power) and n.__class__ is not int:
        inner, m = base.args
        s = sign_of(inner, known)
        if s == 1 and is_real(m, known):
            return power_value(inner, times(m, n))
        if m.__class__ is int and m % 2 == 0:
            if s == -1:
                return power_value(times(-1, inner), times(m, n))
            if is_real(inner, known):
                return power_value(expression(S.Abs, (inner,)), times(m, n))
    if _is(base, S.Times) and n.__class__ is Rational:
        positive = [f for f in base.args if sign_of(f, known) == 1]
        square = [f for f in base.args if _is(f, S.Power) and f.args[1].__class__ is int and f.args[1] % 2 == 0]
        taken = [f for f in base.args if f in positive or (f in square and is_real(f.args[0], known))]
        if taken and len(taken) + 1 >= len(base.args):
            parts = [refined(power_value(f, n), known) for f in taken]
            rest = [f for f in base.args if f not in taken]
            return times(*parts, power_value(times(*rest), n)) if not all(p in taken for p in parts) else None
    return None


def all_positive(v: Any, known: dict[Any, dict[str, bool]]) -> bool:
    """Return whether every symbol in *v* that is no constant is known to be positive."""
    stack, seen = [v], False
    while stack:
        q = stack.pop()
        if q.__class__ is Symbol and not is_numeric(q):
            if not known.get(q, {}).get("positive"):
                return False
            seen = True
        elif q.__class__ is Expression:
            stack.extend(q.args)
    return seen
