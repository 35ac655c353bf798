"""The hooks of std::list."""

from __future__ import annotations

from lyra_core.plugins import NativeModule, hookimpl, module

functions = module(
    "std::list",
    description="building, rearranging, selecting and searching lists",
    parts=(
        "lyra_std_list.automata",
        "lyra_std_list.reorder",
        "lyra_std_list.select",
        "lyra_std_list.sequences",
        "lyra_std_list.sets",
        "lyra_std_list.shapes",
        "lyra_std_list.sparse",
    ),
)
functions.reexport(
    *(
        f"std::core::{name}"
        for name in (
            "Append",
            "AppendTo",
            "Array",
            "Cases",
            "ConstantArray",
            "Count",
            "DeleteCases",
            "Delete",
            "Depth",
            "Dimensions",
            "Drop",
            "Extract",
            "First",
            "Fold",
            "FoldList",
            "FreeQ",
            "GroupBy",
            "Inner",
            "Insert",
            "Join",
            "Last",
            "Length",
            "Level",
            "Map",
            "MapIndexed",
            "MapThread",
            "MemberQ",
            "Most",
            "Ordering",
            "Outer",
            "Part",
            "Permutations",
            "Position",
            "Prepend",
            "PrependTo",
            "Range",
            "ReplacePart",
            "Rest",
            "Scan",
            "Sort",
            "SortBy",
            "Subsets",
            "Table",
            "Take",
            "Tuples",
        )
    )
)


@hookimpl
def lyra_provide_module(namespace: str) -> NativeModule | None:
    """Return std::list."""
    return functions if namespace == functions.namespace else None
