"""Transforms against their integrals and sums, worked out by mpmath."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import mpmath
import pytest

from lyra_core.runtime.session import Session

TRANSFORMS: dict[str, Callable[[Any], Any]] = {
    "E^(-t^2)": lambda t: mpmath.exp(-t * t),
    "E^(-3 t^2 + t)": lambda t: mpmath.exp(-3 * t * t + t),
    "E^(-2 Abs[t])": lambda t: mpmath.exp(-2 * abs(t)),
    "UnitBox[t]": lambda t: 1 if abs(t) < 0.5 else 0,
}


@pytest.mark.parametrize("source", TRANSFORMS)
def test_transforms_are_integrals(source: str) -> None:
    f = TRANSFORMS[source]
    with Session() as session:
        value = session.evaluate_text(f"N[{{Re[#], Im[#]}} &[FourierTransform[{source}, t, w] /. w -> 0.7]]")
        found = complex(*[float(v) for v in value.args])
        expected = mpmath.quad(lambda t: f(t) * mpmath.exp(0.7j * t), [-20, -2, -0.5, 0, 0.5, 2, 20])
        assert found == pytest.approx(complex(expected / mpmath.sqrt(2 * mpmath.pi)), abs=1e-6)


@pytest.mark.parametrize("source", ["1", "n", "n^3", "2^n", "n 3^(n + 1)", "Fibonacci[n]", "1/n!", "n^2/n! + 5"])
def test_generating_functions_generate(source: str) -> None:
    with Session() as session:
        made = f"Normal[Series[GeneratingFunction[{source}, n, x], {{x, 0, 6}}]]"
        wanted = f"Sum[({source}) x^n, {{n, 0, 6}}]"
        difference = session.evaluate_text(f"Expand[{made} - ({wanted})]")
        assert session.text_of(difference) == "0"


FORMS = (
    ("FourierTransform[Sin[t], t, w]", "I*Sqrt[Pi/2]*DiracDelta[-1 + w] - I*Sqrt[Pi/2]*DiracDelta[1 + w]"),
    ("FourierTransform[DiracDelta[t], t, w]", "1/Sqrt[2*Pi]"),
    ("FourierTransform[f[t], t, w]", "FourierTransform[f[t], t, w]"),
    ("FourierTrigSeries[t^2, t, 2]", "Pi^2/3 - 4*Cos[t] + Cos[2*t]"),
    ("ZTransform[n^2, n, z]", "(z*(1 + z))/(-1 + z)^3"),
    ("ZTransform[g[n], n, z]", "ZTransform[g[n], n, z]"),
    ("GeneratingFunction[Fibonacci[n], n, x]", "x/(1 - x - x^2)"),
)


@pytest.mark.parametrize(("source", "expected"), FORMS)
def test_forms(source: str, expected: str) -> None:
    with Session() as session:
        assert session.text_of(session.evaluate_text(source)) == expected
