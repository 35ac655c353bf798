"""Special functions against their definitions: integrals, quotients, differential equations, recurrences."""

from __future__ import annotations

from math import cos, factorial, pi, sin

import mpmath
import pytest

from lyra_core.runtime.session import Session


def number(session: Session, text: str) -> float:
    """Return the real number that *text* evaluates to."""
    value = session.evaluate_text(f"N[{text}]")
    assert isinstance(value, float), session.text_of(value)
    return value


INTEGRALS = (
    ("AngerJ[1.5, 2.]", lambda t: cos(1.5 * t - 2 * sin(t)) / pi, (0, pi)),
    ("WeberE[1.5, 2.]", lambda t: sin(1.5 * t - 2 * sin(t)) / pi, (0, pi)),
    ("InverseJacobiSN[0.6, 0.4]", lambda t: 1 / mpmath.sqrt((1 - t * t) * (1 - 0.4 * t * t)), (0, 0.6)),
    ("InverseJacobiCN[0.6, 0.4]", lambda t: 1 / mpmath.sqrt((1 - t * t) * (0.6 + 0.4 * t * t)), (0.6, 1)),
    ("JacobiAmplitude[2.5, 0.4]", lambda t: mpmath.ellipfun("dn", t, m=0.4), (0, 2.5)),
    ("HurwitzLerchPhi[0.5, 2, 1.5]", lambda t: t * mpmath.exp(-1.5 * t) / (1 - 0.5 * mpmath.exp(-t)), (0, mpmath.inf)),
)


@pytest.mark.parametrize(("source", "integrand", "ends"), INTEGRALS)
def test_integral_representations(source: str, integrand: object, ends: tuple[float, float]) -> None:
    with Session() as session:
        assert number(session, source) == pytest.approx(float(mpmath.quad(integrand, ends)), rel=1e-8)


IDENTITIES = (
    ("JacobiSC[0.7, 0.3]", "JacobiSN[0.7, 0.3]/JacobiCN[0.7, 0.3]"),
    ("JacobiDS[0.7, 0.3]", "JacobiDN[0.7, 0.3]/JacobiSN[0.7, 0.3]"),
    ("JacobiND[0.7, 0.3] JacobiDN[0.7, 0.3]", "1"),
    ("WeierstrassPPrime[0.7, {1, 2}]^2", "4 WeierstrassP[0.7, {1, 2}]^3 - WeierstrassP[0.7, {1, 2}] - 2"),
    ("EllipticTheta[2, 0., 0.3]^4 + EllipticTheta[4, 0., 0.3]^4", "EllipticTheta[3, 0., 0.3]^4"),
    ("InverseEllipticNomeQ[EllipticNomeQ[0.35]]", "0.35"),
    ("KelvinBer[1.5]", "Re[BesselJ[0, 1.5 E^(3 Pi I/4)]]"),
    ("KelvinKei[1.5]", "Im[BesselK[0, 1.5 E^(Pi I/4)]]"),
    ("ParabolicCylinderD[2, 1.3]", "E^(-1.3^2/4) (1.3^2 - 1)"),
    ("WhittakerM[2, 3, 1.5]", "E^(-3/4) 1.5^(7/2) Hypergeometric1F1[3/2, 7, 1.5]"),
    ("Hypergeometric2F1Regularized[1, 2, -1, 0.2]", "0.2^2 6 Hypergeometric2F1[3, 4, 3, 0.2]"),
    ("AppellF1[1, 2, 3, 4, 0.2, 0.2]", "Hypergeometric2F1[1, 5, 4, 0.2]"),
    ("MeijerG[{{}, {}}, {{0}, {}}, 0.5]", "E^(-0.5)"),
    ("QPochhammer[0.3, 0.5]", "Product[1 - 0.3 0.5^k, {k, 0, 60}]"),
    ("PrimeZetaP[4.]", "Sum[1/Prime[k]^4., {k, 1, 400}]"),
    ("RiemannSiegelZ[10.]^2", "Abs[Zeta[1/2 + 10. I]]^2"),
    ("MittagLefflerE[2, 3, 0.7]", "Sum[0.7^k/Gamma[2 k + 3], {k, 0, 20}]"),
    ("InverseGammaRegularized[3, GammaRegularized[3, 2.2]]", "2.2"),
    ("InverseBetaRegularized[BetaRegularized[0.7, 2, 5], 2, 5]", "0.7"),
    ("Sum[ClebschGordan[{3/2, m}, {1, 1/2 - m}, {3/2, 1/2}]^2, {m, {-1/2, 1/2, 3/2}}]", "1."),
)


@pytest.mark.parametrize(("left", "right"), IDENTITIES)
def test_identities(left: str, right: str) -> None:
    with Session() as session:
        assert number(session, left) == pytest.approx(number(session, right), rel=1e-8)


def test_ramanujan_tau_is_multiplicative() -> None:
    with Session() as session:
        assert session.evaluate_text("RamanujanTau[35] == RamanujanTau[5] RamanujanTau[7]").name == "True"


def test_bell_polynomials_count_partitions_into_blocks() -> None:
    with Session() as session:
        for n, k in ((6, 2), (7, 3), (5, 5)):
            ones = "{" + ", ".join(["1"] * n) + "}"
            assert session.evaluate_text(f"BellY[{n}, {k}, {ones}] == StirlingS2[{n}, {k}]").name == "True"
        assert session.evaluate_text("QFactorial[6, 1]") == factorial(6)
        assert session.evaluate_text("NorlundB[5, 1, 1/2] == BernoulliB[5, 1/2]").name == "True"
