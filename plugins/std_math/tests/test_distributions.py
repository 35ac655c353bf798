"""Distributions agree with their own densities, integrated and summed by mpmath."""

from __future__ import annotations

import mpmath
import pytest

from lyra_core.runtime.session import Session

CONTINUOUS = {
    "NormalDistribution[1, 2]": (-30, 1, 32),
    "UniformDistribution[{-1, 3}]": (-1, 3),
    "ExponentialDistribution[3/2]": (0, 2, 40),
    "GammaDistribution[3, 2]": (0, 5, 150),
    "BetaDistribution[2, 3]": (0, 1),
    "StudentTDistribution[12]": (-200, -5, 0, 5, 200),
    "ChiSquareDistribution[5]": (0, 5, 200),
    "ChiDistribution[4]": (0, 2, 30),
    "LogNormalDistribution[0, 1/2]": (0, 1, 5, 80),
    "LaplaceDistribution[1, 2]": (-80, 1, 80),
    "LogisticDistribution[1, 1/2]": (-30, 1, 30),
    "WeibullDistribution[3, 2]": (0, 2, 12),
    "ParetoDistribution[2, 9]": (2, 4, 20, 2000),
    "RayleighDistribution[2]": (0, 2, 40),
    "MaxwellDistribution[2]": (0, 3, 40),
    "HalfNormalDistribution[2]": (0, 1, 20),
    "FRatioDistribution[6, 20]": (0, 1, 5, 400),
    "GumbelDistribution[1, 2]": (-80, 0, 20),
    "ExtremeValueDistribution[1, 2]": (-20, 0, 100),
    "InverseGammaDistribution[9, 4]": (0, 0.5, 2, 200),
    "ErlangDistribution[3, 2]": (0, 2, 40),
    "InverseGaussianDistribution[2, 5]": (0, 1, 4, 100),
    "TriangularDistribution[{0, 3}, 1]": (0, 1, 3),
}
DISCRETE = {
    "BernoulliDistribution[1/3]": (0, 1),
    "BinomialDistribution[7, 1/3]": (0, 7),
    "PoissonDistribution[5/2]": (0, 60),
    "GeometricDistribution[1/3]": (0, 150),
    "NegativeBinomialDistribution[3, 1/2]": (0, 150),
    "DiscreteUniformDistribution[{2, 7}]": (2, 7),
    "HypergeometricDistribution[4, 5, 12]": (0, 4),
    "LogSeriesDistribution[1/3]": (1, 80),
}


def _number(session: Session, text: str) -> float:
    value = session.evaluate_text(f"N[{text}]")
    assert isinstance(value, float), f"{text} gives {session.text_of(value)}"
    return value


def _close(session: Session, question: str, distribution: str, expected: float) -> None:
    assert _number(session, f"{question}[{distribution}]") == pytest.approx(expected, rel=1e-4, abs=1e-5), question


def _moments_agree(session: Session, distribution: str, moments: list[float]) -> None:
    whole, mean, variance, third, fourth = moments
    assert whole == pytest.approx(1, abs=1e-6)
    _close(session, "Mean", distribution, mean)
    _close(session, "Variance", distribution, variance)
    _close(session, "StandardDeviation", distribution, variance**0.5)
    for question, value in (("Skewness", third / variance**1.5), ("Kurtosis", fourth / variance**2)):
        shown = session.text_of(session.evaluate_text(f"N[{question}[{distribution}]]"))
        if not shown.startswith(question):
            _close(session, question, distribution, value)


@pytest.mark.parametrize("distribution", CONTINUOUS)
def test_density_of_continuous_distributions(distribution: str) -> None:
    """Moments, cumulative probabilities and quantiles are those of the density."""
    ends = CONTINUOUS[distribution]
    with Session() as session:
        session.evaluate_text(f"lyraDensity[x_Real] := N[PDF[{distribution}, x]]")
        known: dict[float, float] = {}

        def density(x: float) -> float:
            at = float(x)
            if at not in known:
                known[at] = _number(session, f"lyraDensity[{at!r}]") if at else 0.0
            return known[at]

        def integral(f: object, low: float | None = None, high: float | None = None) -> float:
            places = [float(e) for e in ends]
            if low is not None and high is not None:
                places = [low, *[p for p in places if low < p < high], high]
            return float(mpmath.quad(f, places, maxdegree=4))

        mean = integral(lambda x: x * density(x))
        powers = [integral(lambda x, k=k: (x - mean) ** k * density(x)) for k in (2, 3, 4)]
        _moments_agree(session, distribution, [integral(density), mean, *powers])
        median = session.evaluate_text(f"N[Quantile[{distribution}, 0.3]]")
        if isinstance(median, float):
            assert integral(density, float(ends[0]), median) == pytest.approx(0.3, abs=1e-5)
            assert _number(session, f"CDF[{distribution}, {median!r}]") == pytest.approx(0.3, abs=1e-9)


@pytest.mark.parametrize("distribution", DISCRETE)
def test_density_of_discrete_distributions(distribution: str) -> None:
    """Moments, cumulative probabilities and quantiles are those of the probabilities."""
    low, high = DISCRETE[distribution]
    with Session() as session:
        weights = session.evaluate_text(f"N[PDF[{distribution}, Range[{low}, {high}]]]")
        points = dict(zip(range(low, high + 1), weights.args, strict=True))
        mean = sum(k * w for k, w in points.items())
        powers = [sum((k - mean) ** r * w for k, w in points.items()) for r in (2, 3, 4)]
        _moments_agree(session, distribution, [sum(points.values()), mean, *powers])
        reached = 0.0
        for k in range(low, min(high, low + 6)):
            reached += points[k]
            assert _number(session, f"CDF[{distribution}, {k}]") == pytest.approx(reached)
            assert session.evaluate_text(f"Quantile[{distribution}, {reached - 1e-9!r}]") == k


@pytest.mark.parametrize("distribution", [*CONTINUOUS, *DISCRETE, "CauchyDistribution[0, 1]"])
def test_variates(distribution: str) -> None:
    """The empirical quantiles of many variates are those of the distribution."""
    with Session() as session:
        if not isinstance(session.evaluate_text(f"N[CDF[{distribution}, 1.]]"), float | int):
            return
        session.evaluate_text("SeedRandom[7]")
        drawn = session.evaluate_text(f"RandomVariate[{distribution}, 300]")
        if drawn.head is not session.evaluate_text("List"):
            return
        for share in (0.25, 0.5, 0.8):
            place = sorted(drawn.args)[int(share * 300)]
            reached = _number(session, f"CDF[{distribution}, {place!r}]")
            below = _number(session, f"CDF[{distribution}, {place!r} - 1/1000]")
            assert below - 0.1 < share < reached + 0.1


CASES = (
    ("CDF[ChiDistribution[n], x]", "Piecewise[{{GammaRegularized[n/2, 0, x^2/2], x > 0}}, 0]"),
    ("PDF[NormalDistribution[], x]", "1/(E^(x^2/2)*Sqrt[2*Pi])"),
    ("CDF[NormalDistribution[m, s], x]", "Erfc[(m - x)/(Sqrt[2]*s)]/2"),
    ("PDF[UniformDistribution[{a, b}], x]", "Piecewise[{{(-a + b)^(-1), a <= x <= b}}, 0]"),
    ("StandardDeviation[GammaDistribution[a, b]]", "Sqrt[a]*b"),
    ("Moment[ExponentialDistribution[r], 3]", "6/r^3"),
    ("Moment[NormalDistribution[0, 1], 4]", "3"),
    ("PDF[PoissonDistribution[2], 3/2]", "0"),
    ("Quantile[UniformDistribution[{0, 4}], {1/4, 1/2}]", "{1, 2}"),
    ("Quantile[NormalDistribution[], {0, 1}]", "{-Infinity, Infinity}"),
    ("Probability[-1 < x < 1, Distributed[x, NormalDistribution[]]]", "Erf[1/Sqrt[2]]"),
    ("Probability[x > 2 && x < 5, Distributed[x, DiscreteUniformDistribution[{1, 6}]]]", "1/3"),
    ("Probability[1 <= x < 3, Distributed[x, PoissonDistribution[1]]]", "3/(2*E)"),
    ("Expectation[E^x, Distributed[x, NormalDistribution[]]]", "Sqrt[E]"),
    ("Expectation[a x + b, Distributed[x, BinomialDistribution[n, p]]]", "b + a*n*p"),
    ("PDF[f, x]", "PDF[f, x]"),
    ("RandomVariate[NormalDistribution[m, s]]", "RandomVariate[NormalDistribution[m, s]]"),
)


@pytest.mark.parametrize(("source", "expected"), CASES)
def test_forms(source: str, expected: str) -> None:
    """Results print in the forms of the reference."""
    with Session() as session:
        assert session.text_of(session.evaluate_text(source)) == expected
