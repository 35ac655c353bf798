"""The hooks of std::math."""

from __future__ import annotations

from lyra_core.plugins import NativeModule, hookimpl, module

functions = module(
    "std::math",
    description="arithmetic, elementary functions, number theory, algebra",
    parts=(
        "lyra_std_math.algebra",
        "lyra_std_math.boolean",
        "lyra_std_math.combinatorics",
        "lyra_std_math.complex_parts",
        "lyra_std_math.conditional",
        "lyra_std_math.continuous",
        "lyra_std_math.data_measures",
        "lyra_std_math.degrees",
        "lyra_std_math.derivatives",
        "lyra_std_math.differential",
        "lyra_std_math.discrete",
        "lyra_std_math.elementary",
        "lyra_std_math.elliptic",
        "lyra_std_math.equations",
        "lyra_std_math.finance",
        "lyra_std_math.fitting",
        "lyra_std_math.fourier",
        "lyra_std_math.function_expansion",
        "lyra_std_math.function_properties",
        "lyra_std_math.hypergeometric",
        "lyra_std_math.integers",
        "lyra_std_math.integral_transforms",
        "lyra_std_math.integrals",
        "lyra_std_math.intervals",
        "lyra_std_math.inverse_functions",
        "lyra_std_math.joint",
        "lyra_std_math.limits",
        "lyra_std_math.number_theory",
        "lyra_std_math.optimization",
        "lyra_std_math.permutations",
        "lyra_std_math.piecewise",
        "lyra_std_math.precision",
        "lyra_std_math.probability",
        "lyra_std_math.q_functions",
        "lyra_std_math.reduce",
        "lyra_std_math.roots",
        "lyra_std_math.rounding",
        "lyra_std_math.series",
        "lyra_std_math.series_functions",
        "lyra_std_math.simplify",
        "lyra_std_math.special",
        "lyra_std_math.special_numerical",
        "lyra_std_math.statistics",
        "lyra_std_math.sums",
        "lyra_std_math.transforms",
        "lyra_std_math.trigonometric",
        "lyra_std_math.vector_order",
    ),
)

functions.reexport(
    *(
        f"std::core::{name}"
        for name in (
            "Divide",
            "Factorial",
            "Factorial2",
            "Minus",
            "N",
            "Plus",
            "Power",
            "Product",
            "Subtract",
            "Sum",
            "Times",
        )
    )
)


@hookimpl
def lyra_provide_module(namespace: str) -> NativeModule | None:
    """Return std::math."""
    return functions if namespace == functions.namespace else None
