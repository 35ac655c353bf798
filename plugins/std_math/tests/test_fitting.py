"""Fits recover the parameters of data made with them, and agree with numpy's least squares."""

from __future__ import annotations

import numpy as np
import pytest

from lyra_core.runtime.session import Session

MODELS = (
    ("a + b x", "{a, b}", {"a": 3.0, "b": -2.0}),
    ("a x^2 + b Sin[x]", "{a, b}", {"a": 0.5, "b": 4.0}),
    ("a E^(b x)", "{{a, 1}, {b, 0.2}}", {"a": 2.0, "b": 0.3}),
    ("a/(1 + b x)", "{a, b}", {"a": 5.0, "b": 0.7}),
)


@pytest.mark.parametrize(("model", "parameters", "expected"), MODELS)
def test_find_fit_recovers_parameters(model: str, parameters: str, expected: dict[str, float]) -> None:
    rules = "{" + ", ".join(f"{name} -> {value}" for name, value in expected.items()) + "}"
    with Session() as session:
        data = f"Table[{{x, {model} /. {rules}}}, {{x, 0., 3., 0.25}}]"
        found = session.evaluate_text(f"{{a, b}} /. FindFit[{data}, {model}, {parameters}, x]")
        assert list(found.args) == pytest.approx([expected["a"], expected["b"]], rel=1e-6)


def test_linear_model_agrees_with_numpy() -> None:
    xs, ys = [0.0, 1.0, 2.0, 4.0, 7.0], [1.1, 2.8, 5.3, 8.9, 15.2]
    matrix = np.array([[1, x, x * x] for x in xs])
    expected, residual, *_ = np.linalg.lstsq(matrix, np.array(ys), rcond=None)
    data = "{" + ", ".join(f"{{{x}, {y}}}" for x, y in zip(xs, ys, strict=True)) + "}"
    with Session() as session:
        session.evaluate_text(f"fitted = LinearModelFit[{data}, {{x, x^2}}, x]")
        assert list(session.evaluate_text('fitted["BestFitParameters"]').args) == pytest.approx(list(expected))
        squared = 1 - float(residual[0]) / float(((np.array(ys) - np.mean(ys)) ** 2).sum())
        assert session.evaluate_text('fitted["RSquared"]') == pytest.approx(squared)
        assert session.evaluate_text('fitted["EstimatedVariance"]') == pytest.approx(float(residual[0]) / 2)
        assert session.evaluate_text("fitted[3.]") == pytest.approx(float(expected @ [1, 3, 9]))


CASES = (
    ("Fit[{{0, 1}, {1, 3}, {2, 5}}, {1, x}, x]", "1. + 2.*x"),
    ("Fit[{1, 4, 9}, {x^2}, x]", "1.*x^2"),
    ("FindFit[{1, 2}, a + b x, {a, b}, x]", "{a -> 0., b -> 1.}"),
    ("FindLinearRecurrence[{1, 2, 4, 8, 16}]", "{2}"),
    ("FindLinearRecurrence[{1, 5, 2, 9, 7}]", "FindLinearRecurrence[{1, 5, 2, 9, 7}]"),
    ("PadeApproximant[Log[1 + x], {x, 0, {1, 1}}]", "x/(1 + x/2)"),
    ("CellularAutomaton[90, {0, 0, 1, 0, 0}, 1]", "{{0, 0, 1, 0, 0}, {0, 1, 0, 1, 0}}"),
    ("CellularAutomaton[{1, 2}, {{1}, 0}, 2][[All, 3]]", "{1, 0, 1}"),
    ("CellularAutomaton[30, {{1}, 0}]", "{{1, 1, 1}, 0}"),
    ("CellularAutomaton[{2, {2, 1}}, {{1}, 0}, 1]", "{{0, 1, 0}, {1, 1, 1}}"),
)


@pytest.mark.parametrize(("source", "expected"), CASES)
def test_forms(source: str, expected: str) -> None:
    with Session() as session:
        assert session.text_of(session.evaluate_text(source)) == expected
