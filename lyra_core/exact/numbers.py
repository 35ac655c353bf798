"""Numbers of Bernoulli and of partitions, for small arguments.

Source: D. Knuth and T. Buckholtz, "Computation of Tangent, Euler, and Bernoulli Numbers" (1967); Euler's theorem of
pentagonal numbers.
"""

from __future__ import annotations

from lyra_core.values.number import rational

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

__all__ = ["bernoulli", "partitions"]


def bernoulli(n: int) -> Any:
    """Return the n-th Bernoulli number; that with n = 1 is -1/2."""
    if n < 2:
        return rational(-1, 2) if n else 1
    if n % 2:
        return 0
    half = n // 2
    tangents = [1] * half  # after step k, tangents[:k] are the tangent numbers 1, 2, 16, 272, …
    for k in range(1, half):
        tangents[k] = k * tangents[k - 1]
    for k in range(1, half):
        for j in range(k, half):
            tangents[j] = (j - k) * tangents[j - 1] + (j - k + 2) * tangents[j]
    sign = 1 if half % 2 else -1
    return rational(sign * n * tangents[-1], (1 << 2 * n) - (1 << n))


def partitions(n: int) -> int:
    """Return in how many ways n >= 0 is a sum of positive integers."""
    counts = [1]
    for total in range(1, n + 1):
        count, k, sign = 0, 1, 1
        while (rest := total - k * (3 * k - 1) // 2) >= 0:
            count += sign * counts[rest]
            if rest >= k:
                count += sign * counts[rest - k]
            k += 1
            sign = -sign
        counts.append(count)
    return counts[n]
