"""Between Lyra values and SymPy expressions, without going through strings.

SymPy is imported at first use (over 300 ms) and asked only for what std::math does not work out itself. What comes
back is built with Lyra's own canonical constructors; a result that SymPy leaves unevaluated, or that has no
counterpart here, is `Untranslatable`, and the caller stays unevaluated.
"""

from __future__ import annotations

from lyra_core.evaluation.arithmetic import plus, power_value, times
from lyra_core.evaluation.evaluator import evaluate
from lyra_core.values import NUMBER_TYPES, Complex, Expression, List, Rational, S, Symbol, expression, rational
from lyra_core.values.number import BigReal, bits_of, is_exact
from lyra_core.values.symbol import FALSE, TRUE

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

__all__ = ["Translation", "Untranslatable", "factor_over"]


class Untranslatable(Exception):
    """The value has no counterpart on the other side."""


#: Lyra function → SymPy name, for functions whose arguments agree.
FUNCTIONS = {
    "Sin": "sin",
    "Cos": "cos",
    "Tan": "tan",
    "Cot": "cot",
    "Sec": "sec",
    "Csc": "csc",
    "ArcSin": "asin",
    "ArcCos": "acos",
    "ArcTan": "atan",
    "ArcCot": "acot",
    "ArcSec": "asec",
    "ArcCsc": "acsc",
    "Sinh": "sinh",
    "Cosh": "cosh",
    "Tanh": "tanh",
    "Coth": "coth",
    "Sech": "sech",
    "Csch": "csch",
    "ArcSinh": "asinh",
    "ArcCosh": "acosh",
    "ArcTanh": "atanh",
    "ArcCoth": "acoth",
    "Abs": "Abs",
    "Sign": "sign",
    "Re": "re",
    "Im": "im",
    "Arg": "arg",
    "Conjugate": "conjugate",
    "Floor": "floor",
    "Ceiling": "ceiling",
    "Gamma": "gamma",
    "LogGamma": "loggamma",
    "Beta": "beta",
    "Zeta": "zeta",
    "Erf": "erf",
    "Erfc": "erfc",
    "Erfi": "erfi",
    "Factorial": "factorial",
    "Binomial": "binomial",
    "BesselJ": "besselj",
    "BesselY": "bessely",
    "BesselI": "besseli",
    "BesselK": "besselk",
    "AiryAi": "airyai",
    "AiryBi": "airybi",
    "PolyGamma": "polygamma",
    "PolyLog": "polylog",
    "ProductLog": "LambertW",
    "SinIntegral": "Si",
    "CosIntegral": "Ci",
    "SinhIntegral": "Shi",
    "CoshIntegral": "Chi",
    "ExpIntegralEi": "Ei",
    "LogIntegral": "li",
    "FresnelS": "fresnels",
    "FresnelC": "fresnelc",
    "EllipticK": "elliptic_k",
    "EllipticE": "elliptic_e",
    "EllipticF": "elliptic_f",
    "HeavisideTheta": "Heaviside",
    "DiracDelta": "DiracDelta",
    "Fibonacci": "fibonacci",
    "HarmonicNumber": "harmonic",
    "LegendreP": "legendre",
    "ChebyshevT": "chebyshevt",
    "ChebyshevU": "chebyshevu",
    "HermiteH": "hermite",
    "LaguerreL": "laguerre",
    "Pochhammer": "RisingFactorial",
    "KroneckerDelta": "KroneckerDelta",
}
_BACK = {name: lyra for lyra, name in FUNCTIONS.items()}
_BACK |= {"sinc": "Sinc", "exp_polar": "Exp", "ff": "FactorialPower", "lowergamma": "", "atan2": ""}
_RELATIONS = {
    "Equal": "Eq",
    "Unequal": "Ne",
    "Less": "Lt",
    "LessEqual": "Le",
    "Greater": "Gt",
    "GreaterEqual": "Ge",
}
_RELATIONS_BACK = {
    "Equality": "Equal",
    "Unequality": "Unequal",
    "StrictLessThan": "Less",
    "LessThan": "LessEqual",
    "StrictGreaterThan": "Greater",
    "GreaterThan": "GreaterEqual",
}


class Translation:
    """One conversation with SymPy: which of its symbols stand for which of ours.

    *assume* gives properties to the symbols of ours (`{x: {"positive": True}}`).
    """

    def __init__(self, assume: dict[Symbol, dict[str, bool]] | None = None) -> None:
        import sympy

        self.sympy = sympy
        self._assume = assume or {}
        self._symbols: dict[Symbol, Any] = {}
        self._ours: dict[Any, Any] = {}
        self._functions: dict[Any, Any] = {}

    # ---- to SymPy

    def symbol(self, s: Symbol) -> Any:
        """Return the SymPy symbol that stands for *s*."""
        found = self._symbols.get(s)
        if found is None:
            found = self.sympy.Symbol(f"{s.name}_{len(self._symbols)}", **self._assume.get(s, {}))
            self._symbols[s] = found
            self._ours[found] = s
        return found

    def to(self, v: Any) -> Any:
        """Return *v* as a SymPy expression. Errors: Untranslatable."""
        sp = self.sympy
        c = v.__class__
        if c is int:
            return sp.Integer(v)
        if c is Rational:
            return sp.Rational(v.numerator, v.denominator)
        if c is float:
            return sp.Float(v)
        if c is BigReal:
            return sp.Float._new(v.value, bits_of(v.precision))
        if c is Complex:
            return self.to(v.re) + sp.I * self.to(v.im)
        if c is Symbol:
            return self._constant(v)
        if c is List:
            return [self.to(a) for a in v.args]
        if c is not Expression:
            raise Untranslatable
        return self._expression(v)

    def _constant(self, v: Symbol) -> Any:
        sp = self.sympy
        known = {
            S.Pi: sp.pi,
            S.E: sp.E,
            S.EulerGamma: sp.EulerGamma,
            S.GoldenRatio: sp.GoldenRatio,
            S.Catalan: sp.Catalan,
            S.ComplexInfinity: sp.zoo,
            S.Degree: sp.pi / 180,
            TRUE: sp.true,
            FALSE: sp.false,
        }
        found = known.get(v)
        if found is not None:
            return found
        if v is S.Indeterminate:
            raise Untranslatable
        return self.symbol(v)

    def _expression(self, v: Expression) -> Any:
        sp = self.sympy
        head = v.head
        args = v.args
        if head is S.Plus:
            return sp.Add(*[self.to(a) for a in args])
        if head is S.Times:
            return sp.Mul(*[self.to(a) for a in args])
        if head is S.Power and len(args) == 2:
            return sp.Pow(self.to(args[0]), self.to(args[1]))
        if head is S.DirectedInfinity and len(args) == 1 and args[0] in (1, -1):
            return sp.oo if args[0] == 1 else -sp.oo
        if head is S.Log:
            return sp.log(self.to(args[0])) if len(args) == 1 else sp.log(self.to(args[1]), self.to(args[0]))
        if head is S.ArcTan and len(args) == 2:
            return sp.atan2(self.to(args[1]), self.to(args[0]))
        if head is S.Min or head is S.Max:
            return (sp.Min if head is S.Min else sp.Max)(*[self.to(a) for a in args])
        if head in (S.And, S.Or, S.Not):
            return {S.And: sp.And, S.Or: sp.Or, S.Not: sp.Not}[head](*[self.to(a) for a in args])
        if head.__class__ is Symbol:
            relation = _RELATIONS.get(head.name)
            if relation is not None and head is getattr(S, head.name) and len(args) == 2:
                return getattr(sp, relation)(self.to(args[0]), self.to(args[1]))
            name = FUNCTIONS.get(head.name)
            if name is not None and head is getattr(S, head.name):
                return getattr(sp, name)(*[self.to(a) for a in args])
            if head is S.Piecewise and args[0].__class__ is List:
                cases = [(self.to(c.args[0]), self.to(c.args[1])) for c in args[0].args]
                return sp.Piecewise(*cases, (self.to(args[1]) if len(args) > 1 else 0, True))
            return self._function(head)(*[self.to(a) for a in args])
        if head.__class__ is Expression and head.head.__class__ is Expression and head.head.head is S.Derivative:
            return self._derivative(head, args)
        raise Untranslatable

    def _function(self, head: Any) -> Any:
        for made, ours in self._functions.items():
            if ours is head:
                return made
        made = self.sympy.Function(f"F_{len(self._functions)}")
        self._functions[made] = head
        return made

    def _derivative(self, head: Expression, args: tuple[Any, ...]) -> Any:
        orders = head.head.args
        inner = [self.to(a) for a in args]
        if len(head.args) != 1 or not all(a.is_Symbol for a in inner) or not all(n.__class__ is int for n in orders):
            raise Untranslatable
        spec = [(a, n) for a, n in zip(inner, orders, strict=True) if n]
        return self.sympy.Derivative(self._function(head.args[0])(*inner), *spec)

    # ---- from SymPy

    def back(self, e: Any) -> Any:
        """Return a SymPy expression as a Lyra value. Errors: Untranslatable."""
        sp = self.sympy
        if isinstance(e, (list, tuple, sp.Tuple)):
            return List(tuple([self.back(a) for a in e]))
        if isinstance(e, bool) or e in (sp.true, sp.false):
            return TRUE if e else FALSE
        if e.is_Integer:
            return int(e)
        if e.is_Rational:
            return rational(int(e.p), int(e.q))
        if e.is_Float:
            return self._float(e)
        if e is sp.I:
            return Complex(0, 1)
        if e in self._ours:
            return self._ours[e]
        known = {
            sp.pi: S.Pi,
            sp.E: S.E,
            sp.EulerGamma: S.EulerGamma,
            sp.GoldenRatio: S.GoldenRatio,
            sp.Catalan: S.Catalan,
            sp.zoo: S.ComplexInfinity,
            sp.nan: S.Indeterminate,
        }
        found = known.get(e)
        if found is not None:
            return found
        if e is sp.oo or e is -sp.oo:
            return expression(S.DirectedInfinity, (1 if e is sp.oo else -1,))
        if e.is_Add:
            return plus(*[self.back(a) for a in e.args])
        if e.is_Mul:
            return times(*[self.back(a) for a in e.args])
        if e.is_Pow:
            return power_value(self.back(e.base), self.back(e.exp))
        return self._call_back(e)

    def _float(self, e: Any) -> Any:
        digits = e._prec / 3.3219280948873623
        return float(e) if e._prec <= 64 else BigReal(e._mpf_, digits)

    def _call_back(self, e: Any) -> Any:
        name = type(e).__name__
        if name == "exp":
            return power_value(S.E, self.back(e.args[0]))
        if name == "log":
            return evaluate(expression(S.Log, (self.back(e.args[0]),)))
        if name == "atan2":
            return evaluate(expression(S.ArcTan, (self.back(e.args[1]), self.back(e.args[0]))))
        if name == "lowergamma":
            a, z = (self.back(x) for x in e.args)
            return plus(evaluate(expression(S.Gamma, (a,))), times(-1, expression(S.Gamma, (a, z))))
        if name == "uppergamma":
            return evaluate(expression(S.Gamma, tuple([self.back(a) for a in e.args])))
        if name in ("Min", "Max"):
            return evaluate(expression(getattr(S, name), tuple([self.back(a) for a in e.args])))
        if name == "Piecewise":
            return self._piecewise_back(e)
        if name in _RELATIONS_BACK:
            return evaluate(expression(getattr(S, _RELATIONS_BACK[name]), tuple([self.back(a) for a in e.args])))
        if name in ("And", "Or", "Not"):
            return evaluate(expression(getattr(S, name), tuple([self.back(a) for a in e.args])))
        if name == "Derivative":
            return self._derivative_back(e)
        if type(e) in self._functions:
            return evaluate(expression(self._functions[type(e)], tuple([self.back(a) for a in e.args])))
        lyra = _BACK.get(name)
        if lyra:
            return evaluate(expression(getattr(S, lyra), tuple([self.back(a) for a in e.args])))
        raise Untranslatable

    def _piecewise_back(self, e: Any) -> Any:
        cases, default = [], None
        for value, condition in e.args:
            if condition == self.sympy.true:
                default = self.back(value)
                break
            cases.append(List((self.back(value), self.back(condition))))
        parts = (List(tuple(cases)),) if default is None else (List(tuple(cases)), default)
        return evaluate(expression(S.Piecewise, parts))

    def _derivative_back(self, e: Any) -> Any:
        f = e.expr
        if type(f) not in self._functions:
            raise Untranslatable
        orders = [0] * len(f.args)
        for variable, n in e.variable_count:
            if variable not in f.args:
                raise Untranslatable
            orders[f.args.index(variable)] += int(n)
        head = expression(expression(S.Derivative, tuple(orders)), (self._functions[type(f)],))
        return expression(head, tuple([self.back(a) for a in f.args]))


def has_inexact_number(v: Any) -> bool:
    """Return whether an inexact number occurs in *v*."""
    stack = [v]
    while stack:
        q = stack.pop()
        if q.__class__ in NUMBER_TYPES:
            if not is_exact(q):
                return True
        elif q.__class__ in (Expression, List):
            stack.extend(q.args)
    return False


def factor_over(v: Any, extension: Any) -> Any:
    """Return *v* factored with the given algebraic numbers adjoined to the rationals; None when that fails."""
    t = Translation()
    try:
        roots = [t.to(a) for a in (extension.args if extension.__class__ is List else (extension,))]
        return t.back(t.sympy.factor(t.to(v), extension=roots))
    except (Untranslatable, NotImplementedError, ValueError, t.sympy.PolynomialError):
        return None
