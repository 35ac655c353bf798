"""FunctionExport: from a manifest, to a record of the index and back."""

from __future__ import annotations

from marshal import dumps, loads

import pytest

from lyra_core.errors import NameResolutionError
from lyra_core.functions import Native
from lyra_core.modules import FunctionExport

ENTRY = {
    "kind": "function",
    "signature": 'Sort[list: List, p = Order, Method -> "Quick"] : List',
    "attributes": ["Listable", "Protected"],
    "capabilities": ["fs.read"],
    "documentation": "Give the sorted list.\n\nMore.",
    "messages": {"bad": "The list `1` is bad."},
    "native": "lyra_std_list.sorting:Sort",
    "operator": 1,
    "options": {"Method": '"Quick"'},
    "pipe": 2,
    "since": "0.1",
    "sub": True,
}


def test_what_a_manifest_says() -> None:
    export = FunctionExport.from_manifest("Sort", ENTRY)
    assert export.doc == "Give the sorted list."
    assert export.attribute_names == ("Listable", "Protected")
    assert str(export.signature) == ENTRY["signature"]
    assert (export.pipe, export.operator, export.has_sub) == (2, 1, True)
    assert export.internal_name == "Sort"


def test_options_are_arguments_of_a_call() -> None:
    assert FunctionExport.from_manifest("Sort", ENTRY).arity == (1, -1)
    assert FunctionExport.from_manifest("Sin", {"signature": "Sin[x]"}).arity == (1, 1)
    assert FunctionExport.from_manifest("Plus", {"signature": "Plus[x___]"}).arity == (0, -1)
    assert FunctionExport.from_manifest("Free", {}).accepts(17)


def test_a_record_of_plain_values_says_everything() -> None:
    export = FunctionExport.from_manifest("Sort", ENTRY)
    again = FunctionExport.from_record(loads(dumps(export.to_record())))
    assert again.to_record() == export.to_record()
    assert again.implementation is None


def test_an_implementation_is_added_to_a_copy() -> None:
    export = FunctionExport.from_manifest("Sort", ENTRY)
    loaded = export.with_implementation(Native(len))
    assert export.implementation is None
    assert loaded.implementation is not None
    assert loaded.to_record() == export.to_record()


def test_an_export_of_lyra_code_knows_its_inner_name() -> None:
    export = FunctionExport.from_manifest("Train", {"lyra": "neural::training::train"})
    assert export.internal_name == "train"
    assert str(export.signature) == "Train[args___]"


def test_a_manifest_with_an_unknown_attribute_is_refused() -> None:
    with pytest.raises(NameResolutionError):
        FunctionExport.from_manifest("F", {"attributes": ["Listabel"]})
