"""D and Derivative: differentiation by rules of our own.

Source: Wolfram Language reference for D, Dt and Derivative; the table of derivatives from DLMF.
"""

from __future__ import annotations

from lyra_core.evaluation import message
from lyra_core.evaluation.arithmetic import plus, power_value, times
from lyra_core.evaluation.evaluator import evaluate
from lyra_core.evaluation.scoping import contains_symbol, instantiate_function, substitute
from lyra_core.plugins import Value, module
from lyra_core.values import NUMBER_TYPES, Association, Expression, List, Rational, S, Symbol, build, expression, same
from lyra_core.values.symbol import fresh_symbol

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

functions = module("std::math")

_HALF = Rational(1, 2)


def _c(name: str, *args: Any) -> Any:
    return expression(getattr(S, name), args)


def _sq(x: Any) -> Any:
    return power_value(x, 2)


def _inv(x: Any) -> Any:
    return power_value(x, -1)


def _sqrt(x: Any) -> Any:
    return power_value(x, _HALF)


_E = S.E
_TWO_OVER_ROOT_PI = times(2, power_value(S.Pi, Rational(-1, 2)))

#: Function of one argument → its derivative at u.
_TABLE: dict[str, Callable[[Any], Any]] = {
    "Sin": lambda u: _c("Cos", u),
    "Cos": lambda u: times(-1, _c("Sin", u)),
    "Tan": lambda u: _sq(_c("Sec", u)),
    "Cot": lambda u: times(-1, _sq(_c("Csc", u))),
    "Sec": lambda u: times(_c("Sec", u), _c("Tan", u)),
    "Csc": lambda u: times(-1, _c("Cot", u), _c("Csc", u)),
    "ArcSin": lambda u: _inv(_sqrt(plus(1, times(-1, _sq(u))))),
    "ArcCos": lambda u: times(-1, _inv(_sqrt(plus(1, times(-1, _sq(u)))))),
    "ArcTan": lambda u: _inv(plus(1, _sq(u))),
    "ArcCot": lambda u: times(-1, _inv(plus(1, _sq(u)))),
    "ArcSec": lambda u: _inv(times(_sqrt(plus(1, times(-1, power_value(u, -2)))), _sq(u))),
    "ArcCsc": lambda u: times(-1, _inv(times(_sqrt(plus(1, times(-1, power_value(u, -2)))), _sq(u)))),
    "Sinh": lambda u: _c("Cosh", u),
    "Cosh": lambda u: _c("Sinh", u),
    "Tanh": lambda u: _sq(_c("Sech", u)),
    "Coth": lambda u: times(-1, _sq(_c("Csch", u))),
    "Sech": lambda u: times(-1, _c("Sech", u), _c("Tanh", u)),
    "Csch": lambda u: times(-1, _c("Coth", u), _c("Csch", u)),
    "ArcSinh": lambda u: _inv(_sqrt(plus(1, _sq(u)))),
    "ArcCosh": lambda u: _inv(times(_sqrt(plus(-1, u)), _sqrt(plus(1, u)))),
    "ArcCsch": lambda u: times(-1, _inv(times(_sqrt(plus(1, power_value(u, -2))), _sq(u)))),
    # Sqrt[(1 - u)/(1 + u)]/((-1 + u) u)
    "ArcSech": lambda u: times(_sqrt(times(plus(1, times(-1, u)), _inv(plus(1, u)))), _inv(u), _inv(plus(-1, u))),
    "ArcTanh": lambda u: _inv(plus(1, times(-1, _sq(u)))),
    "ArcCoth": lambda u: _inv(plus(1, times(-1, _sq(u)))),
    "Log": _inv,
    "Erf": lambda u: times(_TWO_OVER_ROOT_PI, power_value(_E, times(-1, _sq(u)))),
    "Erfc": lambda u: times(-1, _TWO_OVER_ROOT_PI, power_value(_E, times(-1, _sq(u)))),
    "Erfi": lambda u: times(_TWO_OVER_ROOT_PI, power_value(_E, _sq(u))),
    "Gamma": lambda u: times(_c("Gamma", u), _c("PolyGamma", 0, u)),
    "LogGamma": lambda u: _c("PolyGamma", 0, u),
    "Factorial": lambda u: times(_c("Gamma", plus(1, u)), _c("PolyGamma", 0, plus(1, u))),
    "SinIntegral": lambda u: _c("Sinc", u),
    "CosIntegral": lambda u: times(_c("Cos", u), _inv(u)),
    "ExpIntegralEi": lambda u: times(power_value(_E, u), _inv(u)),
    "LogIntegral": lambda u: _inv(_c("Log", u)),
    "FresnelS": lambda u: _c("Sin", times(_HALF, S.Pi, _sq(u))),
    "FresnelC": lambda u: _c("Cos", times(_HALF, S.Pi, _sq(u))),
    "InverseErf": lambda u: times(_HALF, _sqrt(S.Pi), power_value(_E, _sq(_c("InverseErf", u)))),
    "InverseErfc": lambda u: times(Rational(-1, 2), _sqrt(S.Pi), power_value(_E, _sq(_c("InverseErfc", u)))),
    "SinhIntegral": lambda u: times(_c("Sinh", u), _inv(u)),
    "CoshIntegral": lambda u: times(_c("Cosh", u), _inv(u)),
    "Gudermannian": lambda u: _c("Sech", u),
    "InverseGudermannian": lambda u: _c("Sec", u),
    "Haversine": lambda u: times(_HALF, _c("Sin", u)),
    "HarmonicNumber": lambda u: plus(times(Rational(1, 6), _sq(S.Pi)), times(-1, _c("HarmonicNumber", u, 2))),
    "ProductLog": lambda u: times(_c("ProductLog", u), _inv(times(u, plus(1, _c("ProductLog", u))))),
    "LogisticSigmoid": lambda u: times(_c("LogisticSigmoid", u), plus(1, times(-1, _c("LogisticSigmoid", u)))),
    "AiryAi": lambda u: _c("AiryAiPrime", u),
    "AiryBi": lambda u: _c("AiryBiPrime", u),
    "AiryAiPrime": lambda u: times(u, _c("AiryAi", u)),
    "AiryBiPrime": lambda u: times(u, _c("AiryBi", u)),
    "EllipticK": lambda u: times(
        plus(_c("EllipticE", u), times(-1, plus(1, times(-1, u)), _c("EllipticK", u))),
        _inv(times(2, plus(1, times(-1, u)), u)),
    ),
    "EllipticE": lambda u: times(plus(_c("EllipticE", u), times(-1, _c("EllipticK", u))), _inv(times(2, u))),
    "RealSign": lambda u: _c("Piecewise", List((List((0, _c("Unequal", u, 0))),)), S.Indeterminate),
    "UnitStep": lambda u: _c("Piecewise", List((List((S.Indeterminate, _c("Equal", u, 0))),)), 0),
    "HeavisideTheta": lambda u: _c("DiracDelta", u),
    "RealAbs": lambda u: times(u, _inv(_c("RealAbs", u))),
}


def _legendre_slope(name: str, n: Any, z: Any) -> Any:
    above = plus(times(plus(-1, times(-1, n)), z, _c(name, n, z)), times(plus(1, n), _c(name, plus(1, n), z)))
    return times(above, _inv(plus(-1, _sq(z))))


#: (function, number of arguments) → derivative in the last argument.
_TABLE_OF_LAST: dict[tuple[str, int], Callable[..., Any]] = {
    ("GegenbauerC", 3): lambda n, m, z: times(2, m, _c("GegenbauerC", plus(-1, n), plus(1, m), z)),
    ("LaguerreL", 3): lambda n, a, z: times(-1, _c("LaguerreL", plus(-1, n), plus(1, a), z)),
    ("JacobiP", 4): lambda n, a, b, z: times(
        _HALF, plus(1, a, b, n), _c("JacobiP", plus(-1, n), plus(1, a), plus(1, b), z)
    ),
}

#: (function, argument position) of functions of two arguments → derivative in that argument.
_TABLE_OF_TWO: dict[tuple[str, int], Callable[[Any, Any], Any]] = {
    ("BesselJ", 1): lambda n, z: times(
        _HALF, plus(_c("BesselJ", plus(-1, n), z), times(-1, _c("BesselJ", plus(1, n), z)))
    ),
    ("BesselY", 1): lambda n, z: times(
        _HALF, plus(_c("BesselY", plus(-1, n), z), times(-1, _c("BesselY", plus(1, n), z)))
    ),
    ("BesselI", 1): lambda n, z: times(_HALF, plus(_c("BesselI", plus(-1, n), z), _c("BesselI", plus(1, n), z))),
    ("BesselK", 1): lambda n, z: times(
        Rational(-1, 2), plus(_c("BesselK", plus(-1, n), z), _c("BesselK", plus(1, n), z))
    ),
    ("PolyGamma", 1): lambda n, z: _c("PolyGamma", plus(1, n), z),
    ("PolyLog", 1): lambda n, z: times(_c("PolyLog", plus(-1, n), z), _inv(z)),
    ("Gamma", 1): lambda a, z: times(-1, power_value(_E, times(-1, z)), power_value(z, plus(-1, a))),
    ("ArcTan", 0): lambda x, y: times(-1, y, _inv(plus(_sq(x), _sq(y)))),
    ("ArcTan", 1): lambda x, y: times(x, _inv(plus(_sq(x), _sq(y)))),
    ("Beta", 0): lambda a, b: times(
        _c("Beta", a, b), plus(_c("PolyGamma", 0, a), times(-1, _c("PolyGamma", 0, plus(a, b))))
    ),
    ("Beta", 1): lambda a, b: times(
        _c("Beta", a, b), plus(_c("PolyGamma", 0, b), times(-1, _c("PolyGamma", 0, plus(a, b))))
    ),
    ("HarmonicNumber", 0): lambda n, r: times(
        r, plus(_c("Zeta", plus(1, r)), times(-1, _c("HarmonicNumber", n, plus(1, r))))
    ),
    ("HurwitzZeta", 1): lambda s, a: times(-1, s, _c("HurwitzZeta", plus(1, s), a)),
    ("Hypergeometric0F1", 1): lambda b, z: times(_inv(b), _c("Hypergeometric0F1", plus(1, b), z)),
    ("ExpIntegralE", 1): lambda n, z: times(-1, _c("ExpIntegralE", plus(-1, n), z)),
    ("LegendreP", 1): lambda n, z: _legendre_slope("LegendreP", n, z),
    ("LegendreQ", 1): lambda n, z: _legendre_slope("LegendreQ", n, z),
    ("ChebyshevU", 1): lambda n, z: times(
        plus(times(plus(-1, times(-1, n)), _c("ChebyshevU", plus(-1, n), z)), times(n, z, _c("ChebyshevU", n, z))),
        _inv(plus(-1, _sq(z))),
    ),
    ("LaguerreL", 1): lambda n, z: times(-1, _c("LaguerreL", plus(-1, n), 1, z)),
    ("ChebyshevT", 1): lambda n, z: times(n, _c("ChebyshevU", plus(-1, n), z)),
    ("HermiteH", 1): lambda n, z: times(2, n, _c("HermiteH", plus(-1, n), z)),
    ("EllipticF", 0): lambda z, m: power_value(plus(1, times(-1, m, _sq(_c("Sin", z)))), Rational(-1, 2)),
    ("EllipticE", 0): lambda z, m: _sqrt(plus(1, times(-1, m, _sq(_c("Sin", z))))),
    ("Zeta", 1): lambda s, a: times(-1, s, _c("Zeta", plus(1, s), a)),
    ("Surd", 0): lambda x, n: times(_inv(n), power_value(_c("Surd", x, n), plus(1, times(-1, n)))),
}


#: (function, argument position) of functions of more arguments → derivative in that argument.
_TABLE_OF_MORE: dict[tuple[str, int, int], Callable[..., Any]] = {
    ("Hypergeometric1F1", 3, 2): lambda a, b, z: times(a, _inv(b), _c("Hypergeometric1F1", plus(1, a), plus(1, b), z)),
    ("Hypergeometric2F1", 4, 3): lambda a, b, c, z: times(
        a, b, _inv(c), _c("Hypergeometric2F1", plus(1, a), plus(1, b), plus(1, c), z)
    ),
    ("HypergeometricU", 3, 2): lambda a, b, z: times(-1, a, _c("HypergeometricU", plus(1, a), plus(1, b), z)),
    ("Beta", 3, 0): lambda z, a, b: times(power_value(z, plus(-1, a)), power_value(plus(1, times(-1, z)), plus(-1, b))),
    ("BetaRegularized", 3, 0): lambda z, a, b: times(
        power_value(z, plus(-1, a)), power_value(plus(1, times(-1, z)), plus(-1, b)), _inv(_c("Beta", a, b))
    ),
}


def _occurs(v: Any, x: Any) -> bool:
    if x.__class__ is Symbol:
        return contains_symbol(v, frozenset((x,)))
    stack = [v]
    while stack:
        q = stack.pop()
        if same(q, x):
            return True
        if q.__class__ in (Expression, List, Association):
            stack.append(q.head)
            stack.extend(q.args)
    return False


def differentiate(v: Any, x: Any) -> Any:
    """Return the partial derivative of *v* with respect to *x* (a symbol, or an expression taken as one)."""
    if v is x or same(v, x):
        return 1
    c = v.__class__
    if c is Symbol or c in NUMBER_TYPES:
        return 0
    if c is List:
        return List(tuple([differentiate(a, x) for a in v.args]))
    if c is not Expression or not _occurs(v, x):
        return 0
    head, args = v.head, v.args
    if head is S.Plus:
        return plus(*[differentiate(a, x) for a in args])
    if head is S.Times:
        terms = []
        for i, a in enumerate(args):
            da = differentiate(a, x)
            if not (da.__class__ is int and da == 0):
                terms.append(times(*args[:i], da, *args[i + 1 :]))
        return plus(*terms)
    if head is S.Power and len(args) == 2:
        return _derivative_of_power(args[0], args[1], x)
    if head is S.Equal:
        return build(head, tuple([differentiate(a, x) for a in args]))
    if head is S.SeriesData:
        from lyra_std_math.series import derivative_of_series

        return derivative_of_series(v, x)
    if head is S.Piecewise and args:
        return _derivative_of_piecewise(v, x)
    if head is S.Integrate and len(args) == 2:
        return _derivative_of_integral(v, x)
    if head is S.Sum and len(args) == 2 and args[1].__class__ is List and args[1].args[0] is not x:
        return build(head, (differentiate(args[0], x), *args[1:]))
    if head in (S.Hold, S.HoldForm, S.Function):
        return expression(S.D, (v, x))
    if head in (S.If,) and len(args) >= 2:
        return build(head, (args[0], *[differentiate(a, x) for a in args[1:]]))
    return _chain_rule(v, x)


def _derivative_of_power(base: Any, exponent: Any, x: Any) -> Any:
    db, de = differentiate(base, x), differentiate(exponent, x)
    terms = []
    if not (db.__class__ is int and db == 0):
        terms.append(times(exponent, power_value(base, plus(-1, exponent)), db))
    if not (de.__class__ is int and de == 0):
        log = 1 if base is S.E else evaluate(_c("Log", base))
        terms.append(times(power_value(base, exponent), log, de))
    if len(terms) == 2:
        # x^x (1 + Log[x]) rather than x x^(x-1) + x^x Log[x].
        inner = plus(times(exponent, _inv(base), db), times(evaluate(_c("Log", base)), de))
        return times(power_value(base, exponent), inner)
    return plus(*terms)


def _derivative_of_piecewise(v: Expression, x: Any) -> Any:
    cases = []
    if v.args[0].__class__ is not List:
        return expression(S.D, (v, x))
    open_ = _on_open_intervals(v, x)
    if open_ is not None:
        return open_
    for case in v.args[0].args:
        if case.__class__ is not List or len(case.args) != 2:
            return expression(S.D, (v, x))
        cases.append(List((differentiate(case.args[0], x), case.args[1])))
    default = differentiate(v.args[1], x) if len(v.args) > 1 else 0
    return expression(S.Piecewise, (List(tuple(cases)), default))


def _on_open_intervals(v: Expression, x: Any) -> Any:
    """Return the derivative of a Piecewise over two half lines: Indeterminate at the point between them; else None."""
    strict = {S.Less: S.Less, S.LessEqual: S.Less, S.Greater: S.Greater, S.GreaterEqual: S.Greater}
    cases: list[tuple[Any, Any, Any]] = []
    for case in v.args[0].args:
        if case.__class__ is not List or len(case.args) != 2:
            return None
        condition = case.args[1]
        if condition.__class__ is not Expression or condition.head not in strict or len(condition.args) != 2:
            return None
        if condition.args[0] is not x or _occurs(condition.args[1], x):
            return None
        cases.append((case.args[0], strict[condition.head], condition.args[1]))
    if len(cases) == 1 and len(v.args) > 1:
        head = S.Greater if cases[0][1] is S.Less else S.Less
        cases.append((v.args[1], head, cases[0][2]))
    if len(cases) != 2 or cases[0][1] is cases[1][1] or not same(cases[0][2], cases[1][2]):
        return None
    rows = [List((differentiate(f, x), expression(head, (x, at)))) for f, head, at in cases]
    return expression(S.Piecewise, (List(tuple(rows)), S.Indeterminate))


def _derivative_of_integral(v: Expression, x: Any) -> Any:
    body, spec = v.args
    if spec is x:
        return body
    if spec.__class__ is List and len(spec.args) == 3:
        t, low, high = spec.args
        inner = differentiate(body, x) if t is not x else 0
        edge = plus(
            times(substitute(body, {t: high}), differentiate(high, x)),
            times(-1, substitute(body, {t: low}), differentiate(low, x)),
        )
        return plus(edge, expression(S.Integrate, (inner, spec)) if inner != 0 else 0)
    return expression(S.Integrate, (differentiate(body, x), spec))


def _chain_rule(v: Expression, x: Any) -> Any:
    head, args = v.head, v.args
    name = head.name if head.__class__ is Symbol else ""
    terms = []
    for i, u in enumerate(args):
        du = differentiate(u, x)
        if du.__class__ is int and du == 0:
            continue
        outer = None
        if head.__class__ is Symbol and head is getattr(S, name, None):
            if len(args) == 1 and name in _TABLE:
                outer = evaluate(_TABLE[name](u))
            elif len(args) == 2 and (name, i) in _TABLE_OF_TWO:
                outer = evaluate(_TABLE_OF_TWO[name, i](*args))
            elif i == len(args) - 1 and (name, len(args)) in _TABLE_OF_LAST:
                outer = evaluate(_TABLE_OF_LAST[name, len(args)](*args))
            elif (name, len(args), i) in _TABLE_OF_MORE:
                outer = evaluate(_TABLE_OF_MORE[name, len(args), i](*args))
        if outer is None and head.__class__ is Expression and head.head is S.InverseFunction and len(args) == 1:
            outer = evaluate(_inv(build(expression(expression(S.Derivative, (1,)), head.args), (v,))))
        if outer is None:
            if name == "Log" and len(args) == 2:
                return differentiate(times(_c("Log", args[1]), _inv(_c("Log", args[0]))), x)
            outer = _derivative_call(head, args, i)
        if du.__class__ is List:
            return expression(S.D, (v, x))
        terms.append(times(du, outer))
    return plus(*terms)


def _derivative_call(head: Any, args: tuple[Any, ...], i: int) -> Any:
    """Return `Derivative[…, 1, …][f][args]`; orders of a derivative add up."""
    orders = [0] * len(args)
    function = head
    if head.__class__ is Expression and head.head.__class__ is Expression and head.head.head is S.Derivative:
        known = head.head.args
        if len(known) == len(args) and len(head.args) == 1:
            orders = list(known)
            function = head.args[0]
    orders[i] = plus(orders[i], 1)
    return evaluate(build(expression(expression(S.Derivative, tuple(orders)), (function,)), args))


@functions.function(
    attributes={"ReadProtected", "Protected"},
    messages={
        "ivar": "`1` is not a valid variable.",
        "dvar": "Multiple derivative specifier `1` does not have the form {variable, n} with a non-negative integer n.",
    },
)
def D(f: Value, *variables: Value) -> Value:
    """Give the partial derivative of f: by x, by x and y (`D[f, x, y]`), n times (`D[f, {x, n}]`), by a vector.

    >>> D[x^3 + Sin[x], x]
    3*x^2 + Cos[x]
    >>> D[f[g[x]], x]
    Derivative[1][f][g[x]]*Derivative[1][g][x]
    >>> D[x^2 y, {{x, y}}]
    {2*x*y, x^2}
    """
    from lyra_core.std_core.arguments import split_options

    specs, options = split_options(variables, ("NonConstants",))
    if "NonConstants" in options:
        chosen = options["NonConstants"]
        functions_of = chosen.args if chosen.__class__ is List else (chosen,)
        if functions_of:
            return _with_functions(f, specs, functions_of, variables[-1])
    for spec in specs:
        if spec.__class__ is List:
            result = _by_list(f, spec)
        else:
            result = _by(f, spec)
        if result is None:
            return None
        f = evaluate(result)
    return f


def _with_functions(f: Any, specs: Any, chosen: Any, option: Any) -> Any:
    """Return the derivative where the symbols *chosen* depend on the variable; they keep `D[y, x, option]`."""
    if len(specs) != 1 or f in chosen or not all(y.__class__ is Symbol for y in chosen):
        return None
    spec = specs[0]
    x = spec.args[0] if spec.__class__ is List and spec.args else spec
    if x.__class__ is not Symbol or x in chosen:
        return None
    names = {y: fresh_symbol(y.name) for y in chosen}

    def there(v: Any) -> Any:
        if v.__class__ is Symbol and v in names:
            return expression(names[v], (x,))
        return build(v.head, tuple([there(a) for a in v.args])) if isinstance(v, Expression) else v

    found = evaluate(expression(S.D, (there(f), spec)))

    def back(v: Any) -> Any:
        if not isinstance(v, Expression):
            return v
        for y, h in names.items():
            if v.head is h:
                return y
            order = getattr(v.head, "head", None)
            if order.__class__ is Expression and order.head is S.Derivative and v.head.args[0] is h:
                k = order.args[0]
                return expression(S.D, (y, x if k == 1 else List((x, k)), option))
        return build(v.head, tuple([back(a) for a in v.args]))

    return evaluate(back(found))


def _by(f: Any, x: Any) -> Any:
    if x.__class__ in NUMBER_TYPES or (x.__class__ is Expression and x.head in (S.Plus, S.Times, S.Power)):
        message(S.D, "ivar", x)
        return None
    from lyra_core.values import String

    if x.__class__ is String:
        message(S.D, "ivar", x)
        return None
    return differentiate(f, x)


def _by_list(f: Any, spec: List) -> Any:
    if len(spec.args) == 1 and spec.args[0].__class__ is List:
        return _by_vector(f, spec.args[0])
    if len(spec.args) != 2:
        message(S.D, "dvar", spec)
        return None
    x, n = spec.args
    if x.__class__ is List:
        if n.__class__ is not int or n < 0:
            return None
        for _ in range(n):
            f = _by_vector(f, x)
        return f
    if n.__class__ is int and n >= 0:
        for _ in range(n):
            f = _by(f, x)
            if f is None:
                return None
            f = evaluate(f)
        return f
    if n.__class__ is int:
        message(S.D, "dvar", spec)
        return None
    return _symbolic_order(f, x, n)


def _symbolic_order(f: Any, x: Any, n: Any) -> Any:
    """Return the n-th derivative for a symbolic n where a closed form is known."""
    if not _occurs(f, x):
        return None
    if f.__class__ is not Expression:
        return None
    if f.head is S.Plus:
        parts = [_symbolic_order(a, x, n) for a in f.args]
        return None if any(p is None for p in parts) else plus(*parts)
    if f.head is S.Times:
        moving = [a for a in f.args if _occurs(a, x)]
        if len(moving) != 1 or len(moving) == len(f.args):
            return None
        inner = _symbolic_order(moving[0], x, n)
        return None if inner is None else times(*[a for a in f.args if not _occurs(a, x)], inner)
    if f.head is S.Power:
        base, exponent = f.args
        moving_part = exponent if not _occurs(base, x) else base
        slope = evaluate(differentiate(moving_part, x))
        if _occurs(slope, x) or (_occurs(base, x) and _occurs(exponent, x)):
            return None
        if moving_part is exponent:
            rate = slope if base is S.E else times(slope, evaluate(_c("Log", base)))
            return times(power_value(rate, n), f)
        if exponent.__class__ is int and exponent > 0:
            return None
        falling = _c("FactorialPower", exponent, n)
        return times(power_value(slope, n), power_value(base, plus(exponent, times(-1, n))), falling)
    if f.head in (S.Sin, S.Cos) and len(f.args) == 1:
        slope = evaluate(differentiate(f.args[0], x))
        if not _occurs(slope, x):
            return times(power_value(slope, n), expression(f.head, (plus(f.args[0], times(_HALF, n, S.Pi)),)))
    return None


def _by_vector(f: Any, variables: List) -> Any:
    if f.__class__ is List:
        return List(tuple([_by_vector(a, variables) for a in f.args]))
    return List(tuple([differentiate(f, x) for x in variables.args]))


@functions.function(attributes={"Protected"}, prelude=False)
def PureDerivative(f: Value, *orders: Value) -> Value:
    """Give the derivative of a known function as a function: what `Derivative[n][f]` evaluates to.

    >>> Sin'
    Cos[#1] &
    """
    if not all(n.__class__ is int and n >= 0 for n in orders):
        return None
    if f.__class__ in NUMBER_TYPES and any(orders):
        return expression(S.Function, (0,))
    if f is S.List and any(orders):
        # A list of slots: one where a slot is differentiated once and no other is.
        ones = [1 if n == 1 and sum(orders) == 1 else 0 for n in orders]
        return expression(S.Function, (List(tuple(ones)),))
    if f.__class__ is Expression and f.head is S.Function:
        named = len(f.args) > 1 and f.args[0] is not S.Null
        names = [fresh_symbol("x") for _ in orders]
        if not named:
            names += [fresh_symbol("x") for _ in range(_highest_slot(f) - len(names))]
        body = instantiate_function(f, tuple(names))
        if body is None:
            return None
    elif f.__class__ is Symbol and _is_known(f, len(orders)):
        named = False
        names = [fresh_symbol("x") for _ in orders]
        body = expression(f, tuple(names))
    else:
        return None
    result = evaluate(body)
    for name, n in zip(names, orders, strict=False):
        for _ in range(n):
            result = evaluate(differentiate(result, name))
    if _contains_derivative_of(result, f):
        return None
    if named:
        spec = f.args[0]
        parameters = spec.args if spec.__class__ is List else (spec,)
        if len(parameters) == len(names):
            return expression(S.Function, (spec, substitute(result, dict(zip(names, parameters, strict=True)))))
    slots = {name: expression(S.Slot, (i + 1,)) for i, name in enumerate(names)}
    return expression(S.Function, (evaluate(substitute(result, slots)),))


def _highest_slot(v: Any) -> int:
    """Return the number of the last slot that is written in a function."""
    if v.__class__ not in (Expression, List):
        return 0
    if v.head is S.Slot and len(v.args) == 1 and v.args[0].__class__ is int:
        return int(v.args[0])
    return max(map(_highest_slot, v.args), default=0)


def _is_known(f: Symbol, count: int) -> bool:
    if f.rules is not None and f.rules.has_down:
        return True
    if f is not getattr(S, f.name, None) if _has_home(f.name) else True:
        return False
    return (count == 1 and f.name in _TABLE) or f in (S.Sqrt, S.Exp) or (count == 2 and f in (S.Plus, S.Times, S.Power))


def _has_home(name: str) -> bool:
    return S.home_of(name) is not None


def _contains_derivative_of(v: Any, f: Any) -> bool:
    stack = [v]
    while stack:
        q = stack.pop()
        if q.__class__ is Expression:
            if q.head.__class__ is Expression and q.head.head is S.Derivative and q.args and same(q.args[0], f):
                return True
            stack.append(q.head)
            stack.extend(q.args)
        elif q.__class__ is List:
            stack.extend(q.args)
    return False


@functions.function(attributes={"Protected"})
def Dt(f: Value, *variables: Value) -> Value:
    """Give the total derivative: symbols other than x depend on it (`Dt[y, x]`); without x, the differential.

    >>> Dt[x^2 y, x]
    2*x*y + x^2*Dt[y, x]
    """
    from lyra_core.std_core.arguments import split_options

    specs, options = split_options(variables, ("Constants",))
    constants = options.get("Constants")
    fixed = list(constants.args) if constants.__class__ is List else ([] if constants is None else [constants])
    if not specs:
        return _differential(f, fixed)
    for x in specs:
        count = 1
        if x.__class__ is List and len(x.args) == 2 and x.args[1].__class__ is int:
            x, count = x.args
        for _ in range(count):
            result = _total(f, x, fixed)
            if result.__class__ is Expression and result.head is S.Dt and result.args[0] is f:
                return None
            f = evaluate(result)
    return f


def _free_symbols(v: Any) -> list[Symbol]:
    from lyra_core.evaluation.numeric import CONSTANTS
    from lyra_core.functions.attributes import FunctionAttribute as A

    found: dict[Symbol, None] = {}
    stack = [v]
    while stack:
        q = stack.pop()
        if q.__class__ is Symbol:
            if q not in CONSTANTS and not q.attributes & (A.CONSTANT | A.PROTECTED):
                found.setdefault(q)
        elif q.__class__ is Expression:
            if q.head.__class__ is Expression:
                stack.append(q.head)
            stack.extend(reversed(q.args))
        elif q.__class__ is List:
            stack.extend(reversed(q.args))
    return list(found)


def _total(f: Any, x: Any, fixed: list[Any]) -> Any:
    if f is x:
        return 1
    if f.__class__ is Symbol:
        return 0 if f in fixed or not _free_symbols(f) else expression(S.Dt, (f, x))
    terms = [differentiate(f, x)]
    for y in _free_symbols(f):
        if y is not x and y not in fixed:
            terms.append(times(differentiate(f, y), expression(S.Dt, (y, x))))
    return plus(*terms)


def _differential(f: Any, fixed: list[Any]) -> Any:
    if f.__class__ is Symbol:
        return None if _free_symbols(f) and f not in fixed else 0
    if f.__class__ in NUMBER_TYPES:
        return 0
    return plus(*[times(differentiate(f, y), expression(S.Dt, (y,))) for y in _free_symbols(f) if y not in fixed])


@functions.function(attributes={"Protected"})
def Grad(f: Value, variables: Value) -> Value:
    """Give the gradient of f in Cartesian coordinates.

    >>> Grad[x^2 + y^2, {x, y}]
    {2*x, 2*y}
    """
    return _by_vector(f, variables) if variables.__class__ is List else None


@functions.function(attributes={"Protected"})
def Div(f: Value, variables: Value) -> Value:
    """Give the divergence of a vector in Cartesian coordinates.

    >>> Div[{x^2, x y}, {x, y}]
    3*x
    """
    if f.__class__ is not List or variables.__class__ is not List or len(f.args) != len(variables.args):
        return None
    return plus(*[differentiate(a, x) for a, x in zip(f.args, variables.args, strict=True)])


@functions.function(attributes={"Protected"})
def Curl(f: Value, variables: Value) -> Value:
    """Give the curl of a vector in two or three Cartesian coordinates.

    >>> Curl[{y, -x, 0}, {x, y, z}]
    {0, 0, -2}
    """
    if f.__class__ is not List or variables.__class__ is not List or len(f.args) != len(variables.args):
        return None

    def d(i: int, j: int) -> Any:
        return differentiate(f.args[i], variables.args[j])

    if len(f.args) == 2:
        return plus(d(1, 0), times(-1, d(0, 1)))
    if len(f.args) != 3:
        return None
    return List(tuple([plus(d(k, j), times(-1, d(j, k))) for j, k in ((1, 2), (2, 0), (0, 1))]))


@functions.function(attributes={"Protected"})
def Laplacian(f: Value, variables: Value) -> Value:
    """Give the sum of the second derivatives in Cartesian coordinates.

    >>> Laplacian[x^2 + y^3, {x, y}]
    2 + 6*y
    """
    if variables.__class__ is not List:
        return None
    return plus(*[evaluate(differentiate(evaluate(differentiate(f, x)), x)) for x in variables.args])


@functions.function(attributes={"Protected"})
def Wronskian(list_: Value, x: Value) -> Value:
    """Give the Wronskian determinant of functions of x.

    >>> Wronskian[{Sin[x], Cos[x]}, x]
    -1
    """
    if list_.__class__ is not List or x.__class__ is not Symbol:
        return None
    rows = [list(list_.args)]
    while len(rows) < len(list_.args):
        rows.append([evaluate(differentiate(f, x)) for f in rows[-1]])
    return expression(S.Simplify, (_determinant(rows),))


def _determinant(rows: list[list[Any]]) -> Any:
    """Return the determinant by expansion along the first row: for the few rows of a Wronskian."""
    if len(rows) == 1:
        return rows[0][0]
    terms = []
    for j, a in enumerate(rows[0]):
        minor = [[*row[:j], *row[j + 1 :]] for row in rows[1:]]
        terms.append(times((-1) ** j, a, _determinant(minor)))
    return plus(*terms)
