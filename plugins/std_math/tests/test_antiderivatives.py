"""An antiderivative differentiates back to what was integrated: compared at numbers, over integrals of every class."""

from __future__ import annotations

import pytest

from lyra_core.evaluation import evaluate
from lyra_core.runtime.session import Session
from lyra_core.values import Expression, S
from lyra_core.values.number import NUMBER_TYPES

INTEGRANDS = {
    "rational": """x^3/(3 + 3 x^2); 1/(x^2 + x - 1); 1/(x^2 + 1)^3; (2 x + 5)/(x^2 - 2 x + 5)^2; 1/(x^4 + 1);
        x/(1 - x^3); (x + 1)/(x^2 - 3 x + 2); 1/(x^2 (x + 1)); x^4/(x^2 - 1); (8 x + 1)/(x^2 + 2 x + 1)""",
    "roots": """Sqrt[x]/(1 + x); 1/(x Sqrt[x + 1]); x^(1/3)/(1 + x); x^2 Sqrt[1 + x^2]; x^3/Sqrt[1 + x^2];
        1/(x^2 Sqrt[1 + x^2]); Sqrt[x^2 + 2 x + 5]; x^4/Sqrt[4 + x^2]; 1/(1 + x^2)^(5/2); x Sqrt[1 + x];
        Sqrt[1 + E^x]""",
    "circular": """Sin[x]^5; Sin[x]^2 Cos[x]^3; Tan[x]^5; Sec[x]^3; Csc[x]^4; Sin[x]^4/Cos[x]; Cos[x]^5/Sin[x];
        x Sin[x]^2; x^2 Cos[3 x]; 1/(2 + Sin[x]); 1/(1 + Cos[x]); Sin[2 x] Sin[3 x]; Tan[x]^2 Sec[x]^4; E^x Cos[2 x]""",
    "hyperbolic": "Sinh[x]^3; Cosh[x]^4; Tanh[x]^2; Sech[x]; Csch[x]; Sinh[x] Cosh[x]^3; E^x Cosh[x]; x Cosh[2 x]",
    "logarithms": """x^2 Log[x]; Log[x]/Sqrt[x]; x Log[1 + x]; Log[1 + x^2]; Log[x]^3; Log[x]/(1 + x);
        Log[Log[2 + x]]/(2 + x);
        (x^2 + 1) Log[x]""",
    "inverse": """ArcSin[x/3]; x ArcTan[x]; x^2 ArcTan[2 x]; x ArcSin[x/4]; ArcTan[Sqrt[x]]; ArcSinh[x]; ArcCosh[3 + x];
        x ArcSinh[x]; ArcCot[x]; ArcTanh[x/5]""",
    "exponentials": "x^3 E^(2 x); E^Sqrt[x]; 1/(1 + E^x); x^2 E^(-x^2); x 2^x; E^(2 x)/(1 + E^x); Erf[x]; E^x Sin[x]",
}
POINTS = ("0.31", "0.73", "1.37")


@pytest.mark.parametrize("kind", INTEGRANDS)
def test_antiderivatives_differentiate_back(kind: str) -> None:
    wrong = []
    with Session() as session:
        for integrand in INTEGRANDS[kind].split(";"):
            found = session.evaluate_text(f"found = Integrate[{integrand}, x]", name="integral")
            assert not (found.__class__ is Expression and found.head is S.Integrate), integrand
            for point in POINTS:
                gap = session.evaluate_text(f"N[Abs[(D[found, x] - ({integrand})) /. x -> {point}]]", name="gap")
                if evaluate(gap).__class__ not in NUMBER_TYPES or not float(gap) < 1e-7:
                    wrong.append(f"{integrand.strip()} at {point}: {gap}")
    assert not wrong
