"""The hooks of std::table."""

from __future__ import annotations

from lyra_core.plugins import NativeModule, hookimpl, module

TYPE_CHECKING = False
if TYPE_CHECKING:
    from lyra_core.values import ForeignType

functions = module(
    "std::table",
    description="series, data sets and tables of columns",
    parts=("lyra_std_table.files", "lyra_std_table.tables"),
)


@hookimpl
def lyra_provide_module(namespace: str) -> NativeModule | None:
    """Return std::table."""
    return functions if namespace == functions.namespace else None


@hookimpl
def lyra_foreign_types() -> list[ForeignType]:
    """Return the types of columns and tables; polars and narwhals are imported here."""
    from lyra_std_table.frames import DATASET, SERIES, TABLE

    return [DATASET, SERIES, TABLE]
