"""The hooks of std::tensor."""

from __future__ import annotations

from lyra_core.plugins import NativeModule, hookimpl, module

TYPE_CHECKING = False
if TYPE_CHECKING:
    from lyra_core.values import ForeignType

functions = module(
    "std::tensor",
    description="numerical arrays and linear algebra",
    parts=(
        "lyra_std_tensor.decompositions",
        "lyra_std_tensor.eigen",
        "lyra_std_tensor.lattices",
        "lyra_std_tensor.matrices",
        "lyra_std_tensor.predicates",
        "lyra_std_tensor.products",
        "lyra_std_tensor.solving",
        "lyra_std_tensor.tensors",
        "lyra_std_tensor.transformations",
        "lyra_std_tensor.vectors",
    ),
)


@hookimpl
def lyra_provide_module(namespace: str) -> NativeModule | None:
    """Return std::tensor."""
    return functions if namespace == functions.namespace else None


@hookimpl
def lyra_foreign_types() -> list[ForeignType]:
    """Return the type Tensor; numpy is imported here."""
    from lyra_std_tensor.arrays import TENSOR

    return [TENSOR]
