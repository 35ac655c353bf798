"""Continuous distributions.

Source: Wolfram Language reference for parameters and the forms of results; the formulas are classical.
"""

from __future__ import annotations

import math

from lyra_core.plugins import Value, module
from lyra_core.values import List, S, expression
from lyra_std_math.distributions import Family, between, defined, half_open, imaginary_unit, inside
from lyra_std_math.notation import HALF, INFINITY, PI, Term, call, exp, log, piecewise, rational, sqrt

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

functions = module("std::math")

_PROTECTED = {"Protected"}

_ARCTAN = call(S.ArcTan)
_BETA = call(S.Beta)
_BETA_REGULARIZED = call(S.BetaRegularized)
_ERF = call(S.Erf)
_ERFC = call(S.Erfc)
_FACTORIAL = call(S.Factorial)
_GAMMA = call(S.Gamma)
_INVERSE_ERF = call(S.InverseErf)
_INVERSE_ERFC = call(S.InverseErfc)
_GAMMA_REGULARIZED = call(S.GammaRegularized)
_INVERSE_BETA_REGULARIZED = call(S.InverseBetaRegularized)
_INVERSE_GAMMA_REGULARIZED = call(S.InverseGammaRegularized)
_POCHHAMMER = call(S.Pochhammer)
_SIGN = call(S.Sign)
_TAN = call(S.Tan)


def _student_quantile(q: Any, n: Any) -> Any:
    below = -(sqrt(n) * sqrt(1 / _INVERSE_BETA_REGULARIZED(2 * q, n / 2, HALF) - 1))
    above = sqrt(n) * sqrt(1 / _INVERSE_BETA_REGULARIZED(2 * (1 - q), n / 2, HALF) - 1)
    return piecewise((below, inside(0, q, HALF)), (0, q.equals(HALF)), (above, inside(HALF, q, 1)))


FAMILIES: dict[str, Family] = {
    "NormalDistribution": Family(
        2,
        pdf=lambda x, m, s: exp(-((x - m) ** 2) / (2 * s**2)) / (sqrt(2 * PI) * s),
        cdf=lambda x, m, s: _ERFC((m - x) / (sqrt(2) * s)) / 2,
        survival=lambda x, m, s: _ERFC((x - m) / (sqrt(2) * s)) / 2,
        quantile=lambda q, m, s: m - sqrt(2) * s * _INVERSE_ERFC(2 * q),
        mean=lambda m, s: m,
        variance=lambda m, s: s**2,
        skewness=lambda m, s: 0,
        kurtosis=lambda m, s: 3,
        characteristic=lambda t, m, s: exp(imaginary_unit * t * m - s**2 * t**2 / 2),
        generating=lambda t, m, s: exp(t * m + s**2 * t**2 / 2),
        draw=lambda r, m, s: r.gauss(m, s),
    ),
    "UniformDistribution": Family(
        2,
        ranged=True,
        pdf=lambda x, a, b: piecewise((1 / (b - a), between(a, x, b))),
        cdf=lambda x, a, b: piecewise(((x - a) / (b - a), between(a, x, b)), (1, x > b)),
        quantile=lambda q, a, b: a + (b - a) * q,
        mean=lambda a, b: (a + b) / 2,
        variance=lambda a, b: (b - a) ** 2 / 12,
        skewness=lambda a, b: 0,
        kurtosis=lambda a, b: rational(9, 5),
        support=lambda a, b: (a, b),
        draw=lambda r, a, b: r.uniform(a, b),
    ),
    "ExponentialDistribution": Family(
        1,
        pdf=lambda x, r: piecewise((r * exp(-(r * x)), x >= 0)),
        cdf=lambda x, r: piecewise((1 - exp(-(r * x)), x >= 0)),
        survival=lambda x, r: piecewise((exp(-(r * x)), x >= 0), default=1),
        quantile=lambda q, r: -(log(1 - q) / r),
        moment=lambda k, r: _FACTORIAL(k) / r**k,
        mean=lambda r: 1 / r,
        variance=lambda r: 1 / r**2,
        skewness=lambda r: 2,
        kurtosis=lambda r: 9,
        characteristic=lambda t, r: r / (r - imaginary_unit * t),
        generating=lambda t, r: r / (r - t),
        support=lambda r: (0, INFINITY),
        draw=lambda r, rate: r.expovariate(rate),
    ),
    "GammaDistribution": Family(
        2,
        pdf=lambda x, a, b: piecewise((x ** (a - 1) / (b**a * exp(x / b) * _GAMMA(a)), x > 0)),
        cdf=lambda x, a, b: piecewise((_GAMMA_REGULARIZED(a, 0, x / b), x > 0)),
        quantile=lambda q, a, b: b * _INVERSE_GAMMA_REGULARIZED(a, 0, q),
        moment=lambda k, a, b: b**k * _POCHHAMMER(a, k),
        mean=lambda a, b: a * b,
        variance=lambda a, b: a * b**2,
        skewness=lambda a, b: 2 / sqrt(a),
        kurtosis=lambda a, b: 3 + 6 / a,
        characteristic=lambda t, a, b: (1 - imaginary_unit * t * b) ** (-a),
        generating=lambda t, a, b: (1 - b * t) ** (-a),
        support=lambda a, b: (0, INFINITY),
        draw=lambda r, a, b: r.gammavariate(a, b),
    ),
    "BetaDistribution": Family(
        2,
        pdf=lambda x, a, b: piecewise(((1 - x) ** (b - 1) * x ** (a - 1) / _BETA(a, b), inside(0, x, 1))),
        cdf=lambda x, a, b: piecewise((_BETA_REGULARIZED(x, a, b), inside(0, x, 1)), (1, x >= 1)),
        quantile=lambda q, a, b: _INVERSE_BETA_REGULARIZED(q, a, b),
        moment=lambda k, a, b: _POCHHAMMER(a, k) / _POCHHAMMER(a + b, k),
        mean=lambda a, b: a / (a + b),
        variance=lambda a, b: a * b / ((a + b) ** 2 * (1 + a + b)),
        skewness=lambda a, b: 2 * (b - a) * sqrt(1 + a + b) / (sqrt(a) * sqrt(b) * (2 + a + b)),
        kurtosis=lambda a, b: (
            3 * (1 + a + b) * (2 * (a + b) ** 2 + a * b * (a + b - 6)) / (a * b * (2 + a + b) * (3 + a + b))
        ),
        support=lambda a, b: (0, 1),
        draw=lambda r, a, b: r.betavariate(a, b),
    ),
    "StudentTDistribution": Family(
        1,
        pdf=lambda x, n: (n / (n + x**2)) ** ((1 + n) / 2) / (sqrt(n) * _BETA(n / 2, HALF)),
        cdf=lambda x, n: piecewise(
            (_BETA_REGULARIZED(n / (n + x**2), n / 2, HALF) / 2, x <= 0),
            default=(1 + _BETA_REGULARIZED(x**2 / (n + x**2), HALF, n / 2)) / 2,
        ),
        quantile=lambda q, n: _student_quantile(q, n),
        mean=lambda n: defined(0, n > 1),
        variance=lambda n: defined(n / (n - 2), n > 2),
        skewness=lambda n: defined(0, n > 3),
        kurtosis=lambda n: defined(3 * (n - 2) / (n - 4), n > 4),
        draw=lambda r, n: r.gauss(0, 1) / (r.gammavariate(n / 2, 2) / n) ** 0.5,
    ),
    "ChiSquareDistribution": Family(
        1,
        pdf=lambda x, n: piecewise((x ** (n / 2 - 1) / (2 ** (n / 2) * exp(x / 2) * _GAMMA(n / 2)), x > 0)),
        cdf=lambda x, n: piecewise((_GAMMA_REGULARIZED(n / 2, 0, x / 2), x > 0)),
        quantile=lambda q, n: 2 * _INVERSE_GAMMA_REGULARIZED(n / 2, 0, q),
        mean=lambda n: n,
        variance=lambda n: 2 * n,
        skewness=lambda n: 2 * sqrt(2) * sqrt(1 / n),
        kurtosis=lambda n: 3 + 12 / n,
        characteristic=lambda t, n: (1 - 2 * imaginary_unit * t) ** (-n / 2),
        generating=lambda t, n: (1 - 2 * t) ** (-n / 2),
        support=lambda n: (0, INFINITY),
        draw=lambda r, n: r.gammavariate(n / 2, 2),
    ),
    "ChiDistribution": Family(
        1,
        pdf=lambda x, n: piecewise((2 ** (1 - n / 2) * x ** (n - 1) / (exp(x**2 / 2) * _GAMMA(n / 2)), x > 0)),
        cdf=lambda x, n: piecewise((_GAMMA_REGULARIZED(n / 2, 0, x**2 / 2), x > 0)),
        quantile=lambda q, n: sqrt(2) * sqrt(_INVERSE_GAMMA_REGULARIZED(n / 2, 0, q)),
        moment=lambda k, n: 2 ** (k / 2) * _GAMMA((k + n) / 2) / _GAMMA(n / 2),
        mean=lambda n: sqrt(2) * _GAMMA((1 + n) / 2) / _GAMMA(n / 2),
        variance=lambda n: 2 * (_GAMMA(1 + n / 2) / _GAMMA(n / 2) - _GAMMA((1 + n) / 2) ** 2 / _GAMMA(n / 2) ** 2),
        support=lambda n: (0, INFINITY),
        draw=lambda r, n: r.gammavariate(n / 2, 2) ** 0.5,
    ),
    "LogNormalDistribution": Family(
        2,
        pdf=lambda x, m, s: piecewise((exp(-((log(x) - m) ** 2) / (2 * s**2)) / (sqrt(2 * PI) * x * s), x > 0)),
        cdf=lambda x, m, s: piecewise((_ERFC((m - log(x)) / (sqrt(2) * s)) / 2, x > 0)),
        quantile=lambda q, m, s: exp(m - sqrt(2) * s * _INVERSE_ERFC(2 * q)),
        moment=lambda k, m, s: exp(k * m + k**2 * s**2 / 2),
        mean=lambda m, s: exp(m + s**2 / 2),
        variance=lambda m, s: exp(2 * m + s**2) * (exp(s**2) - 1),
        skewness=lambda m, s: sqrt(exp(s**2) - 1) * (2 + exp(s**2)),
        kurtosis=lambda m, s: 3 * exp(2 * s**2) + 2 * exp(3 * s**2) + exp(4 * s**2) - 3,
        support=lambda m, s: (0, INFINITY),
        draw=lambda r, m, s: r.lognormvariate(m, s),
    ),
    "CauchyDistribution": Family(
        2,
        pdf=lambda x, a, b: 1 / (b * PI * (1 + (x - a) ** 2 / b**2)),
        cdf=lambda x, a, b: HALF + _ARCTAN((x - a) / b) / PI,
        quantile=lambda q, a, b: a + b * _TAN(PI * (q - HALF)),
        mean=lambda a, b: S.Indeterminate,
        variance=lambda a, b: S.Indeterminate,
        skewness=lambda a, b: S.Indeterminate,
        kurtosis=lambda a, b: S.Indeterminate,
        characteristic=lambda t, a, b: exp(imaginary_unit * t * a - b * t * _SIGN(t)),
        median=lambda a, b: a,
        draw=lambda r, a, b: a + b * math.tan(math.pi * (r.random() - 0.5)),
    ),
    "LaplaceDistribution": Family(
        2,
        pdf=lambda x, m, b: piecewise((exp(-((x - m) / b)) / (2 * b), x >= m), default=exp((x - m) / b) / (2 * b)),
        cdf=lambda x, m, b: piecewise((1 - exp(-((x - m) / b)) / 2, x >= m), default=exp((x - m) / b) / 2),
        quantile=lambda q, m, b: piecewise((m + b * log(2 * q), q <= HALF), default=m - b * log(2 * (1 - q))),
        mean=lambda m, b: m,
        variance=lambda m, b: 2 * b**2,
        skewness=lambda m, b: 0,
        kurtosis=lambda m, b: 6,
        characteristic=lambda t, m, b: exp(imaginary_unit * t * m) / (1 + b**2 * t**2),
        generating=lambda t, m, b: exp(t * m) / (1 - b**2 * t**2),
        median=lambda m, b: m,
        draw=lambda r, m, b: m + b * (r.expovariate(1) - r.expovariate(1)),
    ),
    "LogisticDistribution": Family(
        2,
        pdf=lambda x, m, b: exp(-((x - m) / b)) / (b * (1 + exp(-((x - m) / b))) ** 2),
        cdf=lambda x, m, b: 1 / (1 + exp(-((x - m) / b))),
        quantile=lambda q, m, b: m - b * log(1 / q - 1),
        mean=lambda m, b: m,
        variance=lambda m, b: b**2 * PI**2 / 3,
        skewness=lambda m, b: 0,
        kurtosis=lambda m, b: rational(21, 5),
        median=lambda m, b: m,
        draw=lambda r, m, b: m - b * math.log(1 / (1 - r.random()) - 1 or 5e-324),
    ),
    "WeibullDistribution": Family(
        2,
        pdf=lambda x, a, b: piecewise((a * (x / b) ** (a - 1) / (b * exp((x / b) ** a)), x > 0)),
        cdf=lambda x, a, b: piecewise((1 - exp(-((x / b) ** a)), x > 0)),
        survival=lambda x, a, b: piecewise((exp(-((x / b) ** a)), x > 0), default=1),
        quantile=lambda q, a, b: b * (-log(1 - q)) ** (1 / a),
        moment=lambda k, a, b: b**k * _GAMMA(1 + k / a),
        mean=lambda a, b: b * _GAMMA(1 + 1 / a),
        variance=lambda a, b: b**2 * (_GAMMA(1 + 2 / a) - _GAMMA(1 + 1 / a) ** 2),
        support=lambda a, b: (0, INFINITY),
        draw=lambda r, a, b: r.weibullvariate(b, a),
    ),
    "ParetoDistribution": Family(
        2,
        pdf=lambda x, k, a: piecewise((a * k**a * x ** (-1 - a), x >= k)),
        cdf=lambda x, k, a: piecewise((1 - (k / x) ** a, x >= k)),
        survival=lambda x, k, a: piecewise(((k / x) ** a, x >= k), default=1),
        quantile=lambda q, k, a: k * (1 - q) ** (-1 / a),
        moment=lambda j, k, a: defined(k**j * a / (a - j), a > j),
        mean=lambda k, a: defined(a * k / (a - 1), a > 1),
        variance=lambda k, a: defined(a * k**2 / ((a - 2) * (a - 1) ** 2), a > 2),
        support=lambda k, a: (k, INFINITY),
        draw=lambda r, k, a: k * r.paretovariate(a),
    ),
    "RayleighDistribution": Family(
        1,
        pdf=lambda x, s: piecewise((x / (exp(x**2 / (2 * s**2)) * s**2), x > 0)),
        cdf=lambda x, s: piecewise((1 - exp(-(x**2 / (2 * s**2))), x > 0)),
        survival=lambda x, s: piecewise((exp(-(x**2 / (2 * s**2))), x > 0), default=1),
        quantile=lambda q, s: s * sqrt(log((1 - q) ** (-2))),
        mean=lambda s: sqrt(PI / 2) * s,
        variance=lambda s: (2 - PI / 2) * s**2,
        skewness=lambda s: (PI - 3) * sqrt(PI / 2) / (2 - PI / 2) ** rational(3, 2),
        kurtosis=lambda s: (32 - 3 * PI**2) / (4 - PI) ** 2,
        support=lambda s: (0, INFINITY),
        draw=lambda r, s: s * (2 * r.expovariate(1)) ** 0.5,
    ),
    "MaxwellDistribution": Family(
        1,
        pdf=lambda x, s: piecewise((sqrt(2 / PI) * x**2 / (exp(x**2 / (2 * s**2)) * s**3), x > 0)),
        cdf=lambda x, s: piecewise(
            (-(sqrt(2 / PI) * x / (exp(x**2 / (2 * s**2)) * s)) + _ERF(x / (sqrt(2) * s)), x > 0)
        ),
        moment=lambda k, s: 2 ** (1 + k / 2) * s**k * _GAMMA((3 + k) / 2) / sqrt(PI),
        mean=lambda s: 2 * sqrt(2 / PI) * s,
        variance=lambda s: (3 * PI - 8) * s**2 / PI,
        support=lambda s: (0, INFINITY),
        draw=lambda r, s: s * r.gammavariate(1.5, 2) ** 0.5,
    ),
    "HalfNormalDistribution": Family(
        1,
        pdf=lambda x, t: piecewise((2 * t / (exp(t**2 * x**2 / PI) * PI), x > 0)),
        cdf=lambda x, t: piecewise((_ERF(t * x / sqrt(PI)), x > 0)),
        quantile=lambda q, t: sqrt(PI) * _INVERSE_ERF(q) / t,
        moment=lambda k, t: (PI / t**2) ** (k / 2) * _GAMMA((1 + k) / 2) / sqrt(PI),
        mean=lambda t: 1 / t,
        variance=lambda t: (PI - 2) / (2 * t**2),
        support=lambda t: (0, INFINITY),
        draw=lambda r, t: abs(r.gauss(0, 1)) * math.sqrt(math.pi / 2) / t,
    ),
    "FRatioDistribution": Family(
        2,
        pdf=lambda x, n, m: piecewise(
            (
                m ** (m / 2) * n ** (n / 2) * x ** (n / 2 - 1) * (m + n * x) ** ((-m - n) / 2) / _BETA(n / 2, m / 2),
                x > 0,
            )
        ),
        cdf=lambda x, n, m: piecewise((_BETA_REGULARIZED(n * x / (m + n * x), n / 2, m / 2), x > 0)),
        quantile=lambda q, n, m: m * (1 / _INVERSE_BETA_REGULARIZED(1, -q, m / 2, n / 2) - 1) / n,
        mean=lambda n, m: defined(m / (m - 2), m > 2),
        variance=lambda n, m: defined(2 * m**2 * (m + n - 2) / ((m - 4) * (m - 2) ** 2 * n), m > 4),
        skewness=lambda n, m: defined(
            2 * sqrt(rational(2, 1)) * sqrt(m - 4) * (m + 2 * n - 2) / ((m - 6) * sqrt(n) * sqrt(m + n - 2)), m > 6
        ),
        support=lambda n, m: (0, INFINITY),
        draw=lambda r, n, m: (r.gammavariate(n / 2, 2) / n) / (r.gammavariate(m / 2, 2) / m),
    ),
    "FrechetDistribution": Family(
        2,
        pdf=lambda x, a, b: piecewise((a * (x / b) ** (-1 - a) / (b * exp((x / b) ** (-a))), x > 0)),
        cdf=lambda x, a, b: piecewise((exp(-((x / b) ** (-a))), x > 0)),
        quantile=lambda q, a, b: b * (-log(q)) ** (-1 / a),
        mean=lambda a, b: piecewise((b * _GAMMA(1 - 1 / a), a > 1), default=INFINITY),
        variance=lambda a, b: piecewise((b**2 * (_GAMMA(1 - 2 / a) - _GAMMA(1 - 1 / a) ** 2), a > 2), default=INFINITY),
        skewness=lambda a, b: piecewise(
            (
                (_GAMMA(1 - 3 / a) - 3 * _GAMMA(1 - 2 / a) * _GAMMA(1 - 1 / a) + 2 * _GAMMA(1 - 1 / a) ** 3)
                / (_GAMMA(1 - 2 / a) - _GAMMA(1 - 1 / a) ** 2) ** rational(3, 2),
                a > 3,
            ),
            default=INFINITY,
        ),
        support=lambda a, b: (0, INFINITY),
        draw=lambda r, a, b: b * (-math.log(1 - r.random())) ** (-1 / a),
    ),
    "NakagamiDistribution": Family(
        2,
        pdf=lambda x, m, w: piecewise((2 * (m / w) ** m * x ** (2 * m - 1) / (exp(m * x**2 / w) * _GAMMA(m)), x > 0)),
        cdf=lambda x, m, w: piecewise((_GAMMA_REGULARIZED(m, 0, m * x**2 / w), x > 0)),
        quantile=lambda q, m, w: sqrt(w * _INVERSE_GAMMA_REGULARIZED(m, 0, q) / m),
        moment=lambda k, m, w: (w / m) ** (k / 2) * _POCHHAMMER(m, k / 2),
        mean=lambda m, w: sqrt(w / m) * _POCHHAMMER(m, HALF),
        variance=lambda m, w: w - w * _POCHHAMMER(m, HALF) ** 2 / m,
        skewness=lambda m, w: (
            _POCHHAMMER(m, HALF)
            * (HALF - 2 * (m - _POCHHAMMER(m, HALF) ** 2))
            / (m - _POCHHAMMER(m, HALF) ** 2) ** rational(3, 2)
        ),
        support=lambda m, w: (0, INFINITY),
        draw=lambda r, m, w: math.sqrt(r.gammavariate(m, w / m)),
    ),
    "GompertzMakehamDistribution": Family(
        2,
        pdf=lambda x, a, c: piecewise((a * c * exp(a * x + (1 - exp(a * x)) * c), x >= 0)),
        cdf=lambda x, a, c: piecewise((1 - exp((1 - exp(a * x)) * c), x >= 0)),
        survival=lambda x, a, c: piecewise((exp((1 - exp(a * x)) * c), x >= 0), default=1),
        quantile=lambda q, a, c: log(1 - log(1 - q) / c) / a,
        mean=lambda a, c: exp(c) * _GAMMA(0, c) / a,
        support=lambda a, c: (0, INFINITY),
        draw=lambda r, a, c: math.log(1 - math.log(1 - r.random()) / c) / a,
    ),
    "GumbelDistribution": Family(
        2,
        pdf=lambda x, a, b: exp((x - a) / b - exp((x - a) / b)) / b,
        cdf=lambda x, a, b: 1 - exp(-exp((x - a) / b)),
        quantile=lambda q, a, b: a + b * log(-log(1 - q)),
        mean=lambda a, b: a - b * Term(S.EulerGamma),
        variance=lambda a, b: b**2 * PI**2 / 6,
        draw=lambda r, a, b: a + b * math.log(r.expovariate(1)),
    ),
    "ExtremeValueDistribution": Family(
        2,
        pdf=lambda x, a, b: exp((a - x) / b - exp((a - x) / b)) / b,
        cdf=lambda x, a, b: exp(-exp((a - x) / b)),
        quantile=lambda q, a, b: a - b * log(-log(q)),
        mean=lambda a, b: a + b * Term(S.EulerGamma),
        variance=lambda a, b: b**2 * PI**2 / 6,
        draw=lambda r, a, b: a - b * math.log(r.expovariate(1)),
    ),
    "InverseGammaDistribution": Family(
        2,
        pdf=lambda x, a, b: piecewise(((b / x) ** a / (exp(b / x) * x * _GAMMA(a)), x > 0)),
        cdf=lambda x, a, b: piecewise((_GAMMA_REGULARIZED(a, b / x), x > 0)),
        quantile=lambda q, a, b: b / _INVERSE_GAMMA_REGULARIZED(a, q),
        mean=lambda a, b: defined(b / (a - 1), a > 1),
        variance=lambda a, b: defined(b**2 / ((a - 2) * (a - 1) ** 2), a > 2),
        support=lambda a, b: (0, INFINITY),
        draw=lambda r, a, b: b / r.gammavariate(a, 1),
    ),
    "ErlangDistribution": Family(
        2,
        pdf=lambda x, k, r: piecewise((r**k * x ** (k - 1) / (exp(r * x) * _GAMMA(k)), x > 0)),
        cdf=lambda x, k, r: piecewise((_GAMMA_REGULARIZED(k, 0, x * r), x > 0)),
        quantile=lambda q, k, r: _INVERSE_GAMMA_REGULARIZED(k, 0, q) / r,
        mean=lambda k, r: k / r,
        variance=lambda k, r: k / r**2,
        skewness=lambda k, r: 2 / sqrt(k),
        kurtosis=lambda k, r: 3 + 6 / k,
        support=lambda k, r: (0, INFINITY),
        draw=lambda r, k, rate: r.gammavariate(k, 1 / rate),
    ),
    "InverseGaussianDistribution": Family(
        2,
        pdf=lambda x, m, r: piecewise(
            (sqrt(r / x**3) / (exp(r * (x - m) ** 2 / (2 * m**2 * x)) * sqrt(2 * PI)), x > 0)
        ),
        cdf=lambda x, m, r: piecewise(
            (
                _ERFC(-(sqrt(r / x) * (x - m) / (sqrt(2) * m))) / 2
                + exp(2 * r / m) * _ERFC(sqrt(r / x) * (x + m) / (sqrt(2) * m)) / 2,
                x > 0,
            )
        ),
        mean=lambda m, r: m,
        variance=lambda m, r: m**3 / r,
        skewness=lambda m, r: 3 * sqrt(m / r),
        kurtosis=lambda m, r: 3 + 15 * m / r,
        support=lambda m, r: (0, INFINITY),
    ),
    "TriangularDistribution": Family(
        3,
        ranged=True,
        pdf=lambda x, a, b, c: piecewise(
            (2 * (x - a) / ((b - a) * (c - a)), between(a, x, c)),
            (2 * (b - x) / ((b - a) * (b - c)), half_open(c, x, b)),
        ),
        cdf=lambda x, a, b, c: piecewise(
            ((x - a) ** 2 / ((b - a) * (c - a)), between(a, x, c)),
            (1 - (b - x) ** 2 / ((b - a) * (b - c)), half_open(c, x, b)),
            (1, x > b),
        ),
        mean=lambda a, b, c: (a + b + c) / 3,
        variance=lambda a, b, c: (a**2 - a * b + b**2 - a * c - b * c + c**2) / 18,
        support=lambda a, b, c: (a, b),
        draw=lambda r, a, b, c: r.triangular(a, b, c),
    ),
}
"""The families of this module by the name of their head."""


@functions.function(attributes=_PROTECTED)
def NormalDistribution(mu: Value = None, sigma: Value = None) -> Value:
    """The normal distribution with mean mu and standard deviation sigma.

    >>> Mean[NormalDistribution[m, s]]
    m
    """
    return expression(S.NormalDistribution, (0, 1)) if mu is None else None


@functions.function(attributes=_PROTECTED)
def UniformDistribution(interval: Value = None) -> Value:
    """The uniform distribution on an interval {min, max}, {0, 1} without an argument.

    >>> Mean[UniformDistribution[{a, b}]]
    (a + b)/2
    """
    return expression(S.UniformDistribution, (List((0, 1)),)) if interval is None else None


@functions.function(attributes=_PROTECTED)
def ExponentialDistribution(lambda_: Value = None) -> Value:
    """The exponential distribution with rate lambda.

    >>> Variance[ExponentialDistribution[r]]
    r^(-2)
    """
    return expression(S.ExponentialDistribution, (1,)) if lambda_ is None else None


@functions.function(attributes=_PROTECTED)
def GammaDistribution(alpha: Value, beta: Value) -> Value:
    """The gamma distribution with shape alpha and scale beta.

    >>> Mean[GammaDistribution[a, b]]
    a*b
    """
    return None


@functions.function(attributes=_PROTECTED)
def BetaDistribution(alpha: Value, beta: Value) -> Value:
    """The beta distribution with shapes alpha and beta.

    >>> Mean[BetaDistribution[a, b]]
    a/(a + b)
    """
    return None


@functions.function(attributes=_PROTECTED)
def StudentTDistribution(nu: Value) -> Value:
    """Student's t distribution with nu degrees of freedom.

    >>> Variance[StudentTDistribution[5]]
    5/3
    """
    return None


@functions.function(attributes=_PROTECTED)
def ChiSquareDistribution(nu: Value) -> Value:
    """The chi-square distribution with nu degrees of freedom.

    >>> Variance[ChiSquareDistribution[n]]
    2*n
    """
    return None


@functions.function(attributes=_PROTECTED)
def ChiDistribution(nu: Value) -> Value:
    """The chi distribution with nu degrees of freedom.

    >>> Mean[ChiDistribution[2]]
    Sqrt[Pi/2]
    """
    return None


@functions.function(attributes=_PROTECTED)
def LogNormalDistribution(mu: Value, sigma: Value) -> Value:
    """The distribution of E^x where x is normal with mean mu and standard deviation sigma.

    >>> Mean[LogNormalDistribution[m, s]]
    E^(m + s^2/2)
    """
    return None


@functions.function(attributes=_PROTECTED)
def CauchyDistribution(a: Value = None, b: Value = None) -> Value:
    """The Cauchy distribution with location a and scale b.

    >>> Median[CauchyDistribution[a, b]]
    a
    """
    return expression(S.CauchyDistribution, (0, 1)) if a is None else None


@functions.function(attributes=_PROTECTED)
def LaplaceDistribution(mu: Value = None, beta: Value = None) -> Value:
    """The double exponential distribution with mean mu and scale beta.

    >>> Variance[LaplaceDistribution[m, b]]
    2*b^2
    """
    return expression(S.LaplaceDistribution, (0, 1)) if mu is None else None


@functions.function(attributes=_PROTECTED)
def LogisticDistribution(mu: Value = None, beta: Value = None) -> Value:
    """The logistic distribution with mean mu and scale beta.

    >>> Variance[LogisticDistribution[m, b]]
    (b^2*Pi^2)/3
    """
    return expression(S.LogisticDistribution, (0, 1)) if mu is None else None


@functions.function(attributes=_PROTECTED)
def WeibullDistribution(alpha: Value, beta: Value) -> Value:
    """The Weibull distribution with shape alpha and scale beta.

    >>> Mean[WeibullDistribution[2, b]]
    (b*Sqrt[Pi])/2
    """
    return None


@functions.function(attributes=_PROTECTED)
def ParetoDistribution(k: Value, alpha: Value) -> Value:
    """The Pareto distribution with least value k and shape alpha.

    >>> CDF[ParetoDistribution[1, 2], 3]
    8/9
    """
    return None


@functions.function(attributes=_PROTECTED)
def RayleighDistribution(sigma: Value) -> Value:
    """The Rayleigh distribution with scale sigma.

    >>> Mean[RayleighDistribution[s]]
    Sqrt[Pi/2]*s
    """
    return None


@functions.function(attributes=_PROTECTED)
def MaxwellDistribution(sigma: Value) -> Value:
    """The Maxwell distribution with scale sigma.

    >>> Mean[MaxwellDistribution[1]]
    2*Sqrt[2/Pi]
    """
    return None


@functions.function(attributes=_PROTECTED)
def HalfNormalDistribution(theta: Value) -> Value:
    """The half-normal distribution with inverse scale theta: the normal one above its mean.

    >>> Mean[HalfNormalDistribution[t]]
    t^(-1)
    """
    return None


@functions.function(attributes=_PROTECTED)
def FRatioDistribution(n: Value, m: Value) -> Value:
    """The F distribution with n and m degrees of freedom.

    >>> Mean[FRatioDistribution[3, 5]]
    5/3
    """
    return None


@functions.function(attributes=_PROTECTED)
def FrechetDistribution(alpha: Value, beta: Value) -> Value:
    """The Frechet distribution with shape alpha and scale beta.

    >>> CDF[FrechetDistribution[a, b], x]
    Piecewise[{{E^(-(x/b)^(-a)), x > 0}}, 0]
    """
    return None


@functions.function(attributes=_PROTECTED)
def NakagamiDistribution(mu: Value, omega: Value) -> Value:
    """The Nakagami distribution with shape mu and spread omega, the mean of the square.

    >>> Variance[NakagamiDistribution[m, w]]
    w - (w*Pochhammer[m, 1/2]^2)/m
    """
    return None


@functions.function(attributes=_PROTECTED)
def GompertzMakehamDistribution(lambda_: Value, xi: Value) -> Value:
    """The Gompertz-Makeham distribution of lifetimes with scale lambda and frailty xi.

    >>> CDF[GompertzMakehamDistribution[a, c], x]
    Piecewise[{{1 - E^(c*(1 - E^(a*x))), x >= 0}}, 0]
    """
    return None


@functions.function(attributes=_PROTECTED)
def GumbelDistribution(alpha: Value = None, beta: Value = None) -> Value:
    """The Gumbel distribution of least values with location alpha and scale beta.

    >>> Mean[GumbelDistribution[a, b]]
    a - b*EulerGamma
    """
    return expression(S.GumbelDistribution, (0, 1)) if alpha is None else None


@functions.function(attributes=_PROTECTED)
def ExtremeValueDistribution(alpha: Value = None, beta: Value = None) -> Value:
    """The extreme value distribution of largest values with location alpha and scale beta.

    >>> Mean[ExtremeValueDistribution[a, b]]
    a + b*EulerGamma
    """
    return expression(S.ExtremeValueDistribution, (0, 1)) if alpha is None else None


@functions.function(attributes=_PROTECTED)
def InverseGammaDistribution(alpha: Value, beta: Value) -> Value:
    """The inverse gamma distribution with shape alpha and scale beta.

    >>> Mean[InverseGammaDistribution[3, b]]
    b/2
    """
    return None


@functions.function(attributes=_PROTECTED)
def ErlangDistribution(k: Value, lambda_: Value) -> Value:
    """The Erlang distribution: the time of k events of rate lambda.

    >>> Mean[ErlangDistribution[k, r]]
    k/r
    """
    return None


@functions.function(attributes=_PROTECTED)
def InverseGaussianDistribution(mu: Value, lambda_: Value) -> Value:
    """The inverse Gaussian distribution with mean mu and scale lambda.

    >>> Variance[InverseGaussianDistribution[m, r]]
    m^3/r
    """
    return None


@functions.function(attributes=_PROTECTED)
def TriangularDistribution(interval: Value = None, c: Value = None) -> Value:
    """The triangular distribution on {min, max} with its peak at c, the middle without one.

    >>> Mean[TriangularDistribution[{0, 3}, 1]]
    4/3
    """
    return expression(S.TriangularDistribution, (List((0, 1)),)) if interval is None else None
