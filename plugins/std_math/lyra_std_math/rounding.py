"""Rounding and integer division."""

from __future__ import annotations

from lyra_core.plugins import Integer, Value, module

functions = module("std::math")


@functions.function(attributes={"Listable", "NumericFunction", "Protected"})
def Quotient(m: Integer, n: Integer) -> Value:
    """Give the integer quotient of m and n, rounded towards -Infinity.

    `Quotient[17, 5]` gives `3`; `Quotient[-17, 5]` gives `-4`.
    """
    return None if n == 0 else m // n
