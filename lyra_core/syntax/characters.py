r"""Wolfram's named characters, `\[Alpha]` and the like, as far as Lyra reads them, and the constants among them."""

from __future__ import annotations

__all__ = ["CONSTANTS", "NAMED_CHARACTERS", "SPACES"]

_LETTERS = (
    "Alpha α Beta β Gamma γ Delta δ Epsilon ϵ CurlyEpsilon ε Zeta ζ Eta η Theta θ CurlyTheta ϑ Iota ι Kappa κ "
    "CurlyKappa ϰ Lambda λ Mu μ Nu ν Xi ξ Omicron ο Pi π CurlyPi ϖ Rho ρ CurlyRho ϱ Sigma σ FinalSigma ς Tau τ "
    "Upsilon υ Phi ϕ CurlyPhi φ Chi χ Psi ψ Omega ω "
    "CapitalAlpha Α CapitalBeta Β CapitalGamma Γ CapitalDelta Δ CapitalEpsilon Ε CapitalZeta Ζ CapitalEta Η "
    "CapitalTheta Θ CapitalIota Ι CapitalKappa Κ CapitalLambda Λ CapitalMu Μ CapitalNu Ν CapitalXi Ξ "
    "CapitalOmicron Ο CapitalPi Π CapitalRho Ρ CapitalSigma Σ CapitalTau Τ CapitalUpsilon Υ CapitalPhi Φ "
    "CapitalChi Χ CapitalPsi Ψ CapitalOmega Ω "
    "Micro µ HBar ℏ Aleph ℵ Bet ℶ ScriptL ℓ WeierstrassP ℘ "
    "ADoubleDot ä ODoubleDot ö UDoubleDot ü CapitalADoubleDot Ä CapitalODoubleDot Ö CapitalUDoubleDot Ü SZ ß "
    "AGrave à EGrave è EAcute é ECup ĕ CCedilla ç NTilde ñ ARing å CapitalARing Å OSlash ø AE æ "
    "DoubleStruckCapitalC ℂ DoubleStruckCapitalN ℕ DoubleStruckCapitalP ℙ DoubleStruckCapitalQ ℚ "
    "DoubleStruckCapitalR ℝ DoubleStruckCapitalZ ℤ "
    "Infinity ∞ Degree ° ExponentialE ⅇ ImaginaryI ⅈ ImaginaryJ ⅉ"
)
_OPERATORS = (
    "Rule → RuleDelayed ⧴ TwoWayRule ↔ Function ↦ Equal ⩵ NotEqual ≠ LessEqual ≤ LessSlantEqual ⩽ GreaterEqual ≥ "
    "GreaterSlantEqual ⩾ And ∧ Or ∨ Not ¬ Nand ⊼ Nor ⊽ Xor ⊻ Equivalent ⧦ Element ∈ NotElement ∉ ReverseElement ∋ "
    "Subset ⊂ Superset ⊃ SubsetEqual ⊆ SupersetEqual ⊇ Union ⋃ Intersection ⋂ Cup ⌣ Cap ⌢ Times × Divide ÷ "
    "Minus − PlusMinus ± MinusPlus ∓ CirclePlus ⊕ CircleMinus ⊖ CircleTimes ⊗ CircleDot ⊙ SmallCircle ∘ Star ⋆ "
    "CenterDot · Vee ⋁ Wedge ⋀ Diamond ⋄ Backslash ∖ Cross ⨯ Del ∇ Sqrt √ TildeTilde ≈ TildeEqual ≃ "
    "TildeFullEqual ≅ Congruent ≡ Proportional ∝ LessLess ≪ GreaterGreater ≫ LeftDoubleBracket 〚 "
    "RightDoubleBracket 〛 Implies \uf523 Xnor \uf4a2 Distributed \uf3d2 Conditioned \uf3d3 DirectedEdge \uf3d5 "
    "UndirectedEdge \uf3d4 TensorProduct \uf3da TensorWedge \uf3db Transpose \uf3c7 Conjugate \uf3c8 "
    "ConjugateTranspose \uf3c9 InvisibleTimes \u2062 InvisibleApplication \uf76d"
)
_OTHERS = (
    "Bullet • Dash – LongDash — Ellipsis … Euro € Cent ¢ Sterling £ Yen ¥ Copyright © RegisteredTrademark ® "
    "Section § Paragraph ¶ LeftArrow ← UpArrow ↑ DownArrow ↓ DoubleRightArrow ⇒ DoubleLeftArrow ⇐ Checkmark ✓ "
    "RightGuillemet » LeftGuillemet « Prime ′ DoublePrime ″ Angle ∠ EmptySet ∅ ForAll ∀ Exists ∃ PartialD ∂ "
    "Integral ∫ Sum ∑ Product ∏ RawAmpersand & RawAt @ RawBackslash \\ RawColon : RawComma , RawDash - "
    'RawDollar $ RawDot . RawDoubleQuote " RawEqual = RawExclamation ! RawGreater > RawLeftBrace { '
    "RawLeftBracket [ RawLeftParenthesis ( RawLess < RawNumberSign # RawPercent % RawPlus + RawQuestion ? "
    "RawQuote ' RawRightBrace } RawRightBracket ] RawRightParenthesis ) RawSemicolon ; RawSlash / RawStar * "
    "RawTilde ~ RawUnderscore _ RawVerticalBar | RawWedge ^"
)


def _pairs(text: str) -> dict[str, str]:
    words = text.split(" ")
    return dict(zip(words[::2], words[1::2], strict=True))


NAMED_CHARACTERS = {
    **_pairs(_LETTERS),
    **_pairs(_OPERATORS),
    **_pairs(_OTHERS),
    "NewLine": "\n",
    "Tab": "\t",
    "RawTab": "\t",
    "RawReturn": "\r",
    "RawSpace": " ",
    "NonBreakingSpace": "\u00a0",
    "NoBreak": "\u2060",
    "ThinSpace": "\u2009",
    "SpaceIndicator": "␣",
    "IndentingNewLine": "\n",
}

# Characters that are constants of the prelude wherever they stand alone.
CONSTANTS = {
    "π": "Pi",
    "∞": "Infinity",
    "°": "Degree",
    "ⅇ": "E",
    "ⅈ": "I",
    "ⅉ": "I",
    "\uf74d": "E",
    "\uf74e": "I",
    "\uf74f": "I",
}

# White space besides blank and tab.
SPACES = frozenset(
    "\f\v\u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u202f\u205f\u3000"
)
