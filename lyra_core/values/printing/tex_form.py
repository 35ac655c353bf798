r"""TeXForm: `\frac{a}{b}`, `\sin ^2(x)`, `\sqrt{2}`.

The strengths are those of InputForm, so that parentheses stand where traditional notation needs them.
"""

from __future__ import annotations

from lyra_core.values.association import Association
from lyra_core.values.expression import Expression, List
from lyra_core.values.number import NUMBER_TYPES, BigReal, Complex, Rational, negate
from lyra_core.values.printing.numbers import integer_text, is_negative, output_big_real, output_real
from lyra_core.values.printing.operators import is_standard
from lyra_core.values.printing.writer import ATOM, PLUS, TIMES, Writer, denominator, negated
from lyra_core.values.symbol import S, Symbol

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from lyra_core.values.printing.writer import Handler, Pieces

__all__ = ["TeXWriter"]

_POWER, _CALL, _RELATION = 5900, 6700, 2900


def _words(names: str) -> list[str]:
    return names.split()


_GREEK = dict(
    zip(
        "αβγδϵεζηθϑικϰλμνξπϖρϱσςτυϕφχψωΓΔΘΛΞΠΣΥΦΨΩℏℵ∞",
        _words(
            "alpha beta gamma delta epsilon varepsilon zeta eta theta vartheta iota kappa varkappa lambda mu nu xi pi "
            "varpi rho varrho sigma varsigma tau upsilon phi varphi chi psi omega Gamma Delta Theta Lambda Xi Pi Sigma "
            "Upsilon Phi Psi Omega hbar aleph infty"
        ),
        strict=True,
    )
)
_SYMBOLS = {
    "Pi": r"\pi ",
    "E": "e",
    "Infinity": r"\infty ",
    "ComplexInfinity": r"\tilde{\infty }",
    "EulerGamma": r"\gamma ",
    "GoldenRatio": r"\phi ",
    "Degree": r"{}^{\circ}",
    "Reals": r"\mathbb{R}",
    "Integers": r"\mathbb{Z}",
    "Rationals": r"\mathbb{Q}",
    "Complexes": r"\mathbb{C}",
    "Primes": r"\mathbb{P}",
    "Catalan": "C",
    "Glaisher": "A",
}
_FUNCTIONS = {
    **{
        name: "\\" + name.lower()
        for name in _words("Sin Cos Tan Cot Sec Csc Sinh Cosh Tanh Coth Log Exp Max Min Det Arg GCD")
    },
    "Sech": r"\text{sech}",
    "Csch": r"\text{csch}",
    "Gamma": r"\Gamma ",
    "Zeta": r"\zeta ",
    "PolyGamma": r"\psi ",
    "Erf": r"\text{erf}",
    "Erfc": r"\text{erfc}",
    "Re": r"\Re",
    "Im": r"\Im",
    "EulerPhi": r"\phi ",
    "MoebiusMu": r"\mu ",
    "Sign": r"\text{sgn}",
    "DiracDelta": r"\delta ",
    "HeavisideTheta": r"\theta ",
}
_INVERSE = {f"Arc{name}": f"\\{name.lower()} ^{{-1}}" for name in _words("Sin Cos Tan Cot Sec Csc Sinh Cosh Tanh Coth")}
_INFIX = {
    "Equal": "=",
    "Unequal": r"\neq ",
    "Less": "<",
    "LessEqual": r"\leq ",
    "Greater": ">",
    "GreaterEqual": r"\geq ",
    "And": r"\land ",
    "Or": r"\lor ",
    "Rule": r"\to ",
    "RuleDelayed": r":\to ",
    "Element": r"\in ",
    "Dot": ".",
    "Cross": r"\times ",
    "Alternatives": r"|",
    "Implies": r"\Rightarrow ",
    "Xor": r"\veebar ",
    "Union": r"\cup ",
    "Intersection": r"\cap ",
    "Set": "=",
    "SetDelayed": r"\text{:=}",
    "CirclePlus": r"\oplus ",
    "CircleTimes": r"\otimes ",
}
_STRENGTH = {
    "And": 2160,
    "Or": 2150,
    "Rule": 1200,
    "RuleDelayed": 1200,
    "Element": 2500,
    "Dot": 4900,
    "Cross": 5000,
    "Alternatives": 1600,
    "Implies": 2000,
    "Xor": 2155,
    "Union": 3000,
    "Intersection": 3050,
    "Set": 400,
    "SetDelayed": 400,
    "CirclePlus": 3300,
    "CircleTimes": 4200,
}
_BRACKETS = {
    "Abs": (r"\left| ", r"\right| "),
    "Norm": (r"\left\| ", r"\right\| "),
    "Floor": (r"\left\lfloor ", r"\right\rfloor "),
    "Ceiling": (r"\left\lceil ", r"\right\rceil "),
}
_SPECIAL = str.maketrans(
    {
        "\\": r"\backslash ",
        "_": r"\_",
        "$": r"\$",
        "%": r"\%",
        "&": r"\&",
        "#": r"\#",
        "{": r"\{",
        "}": r"\}",
        "^": r"${}^{\wedge}$",
        "~": r"$\sim$",
    }
)


class TeXWriter(Writer):
    """Writes TeXForm."""

    times = " "
    inverse_alone = True
    handlers: dict[str, Handler] = {}

    def symbol(self, v: Symbol) -> str:
        known = _SYMBOLS.get(v.name) if is_standard(v) else None
        if known is None:
            name = self.names(v)
            if len(name) == 1:
                known = f"\\{_GREEK[name]} " if name in _GREEK else name
            else:
                known = f"\\text{{{name.translate(_SPECIAL)}}}"
        self._symbols[v] = known
        return known

    def string(self, text: str) -> str:
        return f"\\text{{{text.translate(_SPECIAL)}}}"

    def real(self, x: float) -> str:
        return _scientific(output_real(x))

    def big_real(self, x: BigReal) -> str:
        return _scientific(output_big_real(x))

    def number(self, x: Any) -> tuple[int, str]:
        c = x.__class__
        if c is Rational:
            text = f"\\frac{{{integer_text(abs(x.numerator))}}}{{{integer_text(x.denominator)}}}"
            return (PLUS, "-" + text) if x.numerator < 0 else (TIMES, text)
        if c is not Complex:
            return super().number(x)
        im = x.im
        minus = is_negative(im)
        size = negate(im) if minus else im
        if size.__class__ is Rational:
            top = "i" if size.numerator == 1 else f"{integer_text(size.numerator)} i"
            imaginary = f"\\frac{{{top}}}{{{integer_text(size.denominator)}}}"
        else:
            imaginary = "i" if size.__class__ is int and size == 1 else f"{self.number(size)[1]} i"
        if x.re.__class__ is int and x.re == 0:
            own = ATOM if imaginary == "i" and not minus else PLUS
            return own, ("-" if minus else "") + imaginary
        return PLUS, f"{self.number(x.re)[1]}{'-' if minus else '+'}{imaginary}"

    def list(self, v: List) -> Pieces:
        rows = v.args
        if rows and all(r.__class__ is List and r.args and len(r.args) == len(rows[0].args) for r in rows):
            columns = "c" * len(rows[0].args)
            pieces: Pieces = [f"\\left(\n\\begin{{array}}{{{columns}}}\n"]
            for r in rows:
                pieces += [" ", *self.arguments(r.args, " & "), " \\\\\n"]
            pieces.append("\\end{array}\n\\right)")
        else:
            pieces = [r"\{", *self.arguments(rows, ","), r"\}"]
        pieces.reverse()
        return pieces

    def association(self, v: Association) -> Pieces:
        pieces: Pieces = [r"\langle|", *self.arguments(v.args, ","), r"|\rangle"]
        pieces.reverse()
        return pieces

    def call(self, v: Any) -> Pieces:
        head = v.head
        name: Any = (head, _CALL)
        if head.__class__ is Symbol and is_standard(head):
            known = _FUNCTIONS.get(head.name) or _INVERSE.get(head.name)
            if known is not None:
                name = known if known[0] != "\\" or known[-1] in " }" else known + " "
        elif head.__class__ is Expression and head.head is S.Derivative and len(head.head.args) == 1:
            order = head.head.args[0]
            if len(head.args) == 1 and order.__class__ is int and 0 < order <= 2:
                return [(head.args[0], _CALL), "'" * order, "(", *self.arguments(v.args, ","), ")"]
        return [name, "(", *self.arguments(v.args, ","), ")"]

    # -- sums, products, powers

    def sum(self, v: Any) -> tuple[int, Pieces] | None:
        args = v.args
        if len(args) < 2:
            return None
        terms = _traditional(args)
        pieces: Pieces = [(terms[0], PLUS + 1)]
        for term in terms[1:]:
            positive = negated(term)
            pieces += ("+", (term, PLUS + 1)) if positive is None else ("-", (positive, PLUS + 1))
        return PLUS, pieces

    def product(self, v: Any) -> tuple[int, Pieces] | None:
        if len(v.args) < 2:
            return None
        positive = negated(v)
        if positive is not None:
            return PLUS, ["-", (positive, TIMES)]
        above: Pieces = []
        below: Pieces = []
        for a in v.args:
            d = denominator(a)
            if a.__class__ is Rational:
                below.append(a.denominator)
                if a.numerator != 1:
                    above.append(a.numerator)
            elif d is None:
                above.append(a)
            else:
                below.append(d)
        return TIMES, self.fraction(above, below)

    def fraction(self, above: Pieces, below: Pieces) -> Pieces:
        if not below:
            return self.factors(above)
        top = self.factors(above) if len(above) > 1 else [(above[0], 0)] if above else ["1"]
        bottom = self.factors(below) if len(below) > 1 else [(below[0], 0)]
        return [r"\frac{", *top, "}{", *bottom, "}"]

    def power(self, v: Any) -> tuple[int, Pieces] | None:
        if len(v.args) != 2:
            return None
        base, exponent = v.args
        if exponent.__class__ is Rational and exponent.numerator == 1:
            degree = exponent.denominator
            return ATOM, [r"\sqrt{" if degree == 2 else f"\\sqrt[{degree}]{{", (base, 0), "}"]
        d = denominator(v) if exponent.__class__ in NUMBER_TYPES else None
        if d is not None:
            return TIMES, [r"\frac{1}{", (d, 0), "}"]
        raised = self._exponent(exponent)
        if base.__class__ is Expression and base.head.__class__ is Symbol and is_standard(base.head):
            known = _FUNCTIONS.get(base.head.name)
            if known is not None and exponent.__class__ is int:
                return _POWER, [f"{known.rstrip()} ", *raised, "(", *self.arguments(base.args, ","), ")"]
        return _POWER, [(base, _POWER + 1), *raised]

    def _exponent(self, exponent: Any) -> Pieces:
        if (exponent.__class__ is int and 0 <= exponent < 10) or exponent.__class__ is Symbol:
            return ["^", (exponent, 0)]
        return ["^{", (exponent, 0), "}"]

    # -- other heads

    def relation(self, v: Any) -> tuple[int, Pieces] | None:
        """An infix operator of traditional notation."""
        name = v.head.name
        if len(v.args) < 2:
            return None
        own = _STRENGTH.get(name, _RELATION)
        pieces: Pieces = [_INFIX[name]] * (2 * len(v.args) - 1)
        pieces[::2] = [(a, own + 1) for a in v.args]
        return own, pieces

    def inequality(self, v: Any) -> tuple[int, Pieces] | None:
        """Inequality: `a<b\\leq c`."""
        args = v.args
        if len(args) < 3 or len(args) % 2 == 0:
            return None
        pieces: Pieces = [(args[0], _RELATION + 1)]
        for sign, operand in zip(args[1::2], args[2::2], strict=True):
            text = _INFIX.get(sign.name) if sign.__class__ is Symbol else None
            if text is None:
                return None
            pieces += (text, (operand, _RELATION + 1))
        return _RELATION, pieces

    def brackets(self, v: Any) -> tuple[int, Pieces] | None:
        """Abs, Floor and others that are written as brackets."""
        if len(v.args) != 1:
            return None
        left, right = _BRACKETS[v.head.name]
        return ATOM, [left, (v.args[0], 0), right]

    def negation(self, v: Any) -> tuple[int, Pieces] | None:
        """Not."""
        return (2300, [r"\neg ", (v.args[0], 2300)]) if len(v.args) == 1 else None

    def binomial(self, v: Any) -> tuple[int, Pieces] | None:
        """Binomial."""
        return (ATOM, [r"\binom{", (v.args[0], 0), "}{", (v.args[1], 0), "}"]) if len(v.args) == 2 else None

    def subscript(self, v: Any) -> tuple[int, Pieces] | None:
        """Subscript and Superscript."""
        if len(v.args) != 2:
            return None
        sign = "_" if v.head is S.Subscript else "^"
        return _POWER, [(v.args[0], _POWER + 1), sign + "{", (v.args[1], 0), "}"]

    def conjugate(self, v: Any) -> tuple[int, Pieces] | None:
        """Conjugate."""
        return (_POWER, [(v.args[0], _POWER + 1), "^*"]) if len(v.args) == 1 else None

    def big_operator(self, v: Any) -> tuple[int, Pieces] | None:
        """Sum and Product over one range, Integrate."""
        args = v.args
        if len(args) != 2:
            return None
        body, over = args
        name = v.head.name
        limits = over.args if over.__class__ is List else ()
        if name == "Integrate":
            if len(limits) == 3:
                return TIMES, [
                    r"\int_{",
                    (limits[1], 0),
                    "}^{",
                    (limits[2], 0),
                    "} ",
                    (body, PLUS + 1),
                    r" \, d",
                    (limits[0], _CALL),
                ]
            return (TIMES, [r"\int ", (body, PLUS + 1), r" \, d", (over, _CALL)]) if over.__class__ is Symbol else None
        sign = r"\sum" if name == "Sum" else r"\prod"
        if len(limits) == 3:
            return TIMES, [
                f"{sign} _{{",
                (limits[0], 0),
                "=",
                (limits[1], 0),
                "}^{",
                (limits[2], 0),
                "} ",
                (body, PLUS + 1),
            ]
        if len(limits) == 2:
            return TIMES, [f"{sign} _{{", (limits[0], 0), "=1}^{", (limits[1], 0), "} ", (body, PLUS + 1)]
        return None

    def derivative(self, v: Any) -> tuple[int, Pieces] | None:
        """D that stayed: a partial derivative."""
        if len(v.args) != 2 or v.args[1].__class__ is not Symbol:
            return None
        return TIMES, [r"\frac{\partial ", (v.args[0], PLUS + 1), r"}{\partial ", (v.args[1], 0), "}"]

    def limit(self, v: Any) -> tuple[int, Pieces] | None:
        """Limit."""
        if len(v.args) != 2 or v.args[1].__class__ is not Expression or v.args[1].head is not S.Rule:
            return None
        return TIMES, [r"\underset{", (v.args[1], 0), r"}{\text{lim}}", (v.args[0], PLUS + 1)]

    def transparent(self, v: Any) -> tuple[int, Pieces] | None:
        """HoldForm and other wrappers: the expression inside."""
        if not v.args:
            return None
        first = v.args[0]
        return self.expression(first) if first.__class__ is Expression else (PLUS, [(first, 0)])

    def infinity(self, v: Any) -> tuple[int, Pieces] | None:
        """DirectedInfinity."""
        if not v.args:
            return ATOM, [_SYMBOLS["ComplexInfinity"]]
        which = v.args[0]
        if len(v.args) != 1 or which.__class__ is not int or which not in (1, -1):
            return None
        return (ATOM, [r"\infty "]) if which == 1 else (PLUS, [r"-\infty "])


def _scientific(text: str) -> str:
    mantissa, star, exponent = text.partition("*^")
    return f"{mantissa}\\times 10^{{{exponent}}}" if star else text


def _degree(term: Any) -> tuple[Any, Any] | None:
    """Return variable and degree of c x^n, (None, 0) for a number; None for anything else."""
    if term.__class__ in NUMBER_TYPES:
        return None, 0
    if term.__class__ is Expression and term.head is S.Times and len(term.args) == 2:
        if term.args[0].__class__ not in NUMBER_TYPES:
            return None
        term = term.args[1]
    if term.__class__ is Symbol:
        return term, 1
    if term.__class__ is Expression and term.head is S.Power and len(term.args) == 2:
        base, exponent = term.args
        if base.__class__ is Symbol and exponent.__class__ is int and exponent > 0:
            return base, exponent
    return None


def _traditional(terms: tuple[Any, ...]) -> tuple[Any, ...]:
    """Return terms in traditional order: a polynomial from its highest power down, a number last."""
    found = [_degree(t) for t in terms]
    if all(f is not None for f in found) and len({id(f[0]) for f in found if f is not None and f[0] is not None}) == 1:
        return terms[::-1]
    if terms[0].__class__ in NUMBER_TYPES and terms[0].__class__ is not Complex:
        return (*terms[1:], terms[0])
    return terms


TeXWriter.handlers = {
    "Plus": TeXWriter.sum,
    "Times": TeXWriter.product,
    "Power": TeXWriter.power,
    "Factorial": Writer.postfix,
    "Factorial2": Writer.postfix,
    "DirectedInfinity": TeXWriter.infinity,
    "Not": TeXWriter.negation,
    "Binomial": TeXWriter.binomial,
    "Subscript": TeXWriter.subscript,
    "Superscript": TeXWriter.subscript,
    "Conjugate": TeXWriter.conjugate,
    "Sum": TeXWriter.big_operator,
    "Product": TeXWriter.big_operator,
    "Integrate": TeXWriter.big_operator,
    "D": TeXWriter.derivative,
    "Limit": TeXWriter.limit,
    "Inequality": TeXWriter.inequality,
    **dict.fromkeys(("HoldForm", "Style", "Defer", "MatrixForm", "TraditionalForm"), TeXWriter.transparent),
    **dict.fromkeys(_INFIX, TeXWriter.relation),
    **dict.fromkeys(_BRACKETS, TeXWriter.brackets),
}
