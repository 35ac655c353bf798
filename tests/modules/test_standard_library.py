"""ModularStandardLibrary: registering modules, flat names, one index space."""

from __future__ import annotations

import pytest

from lyra_core.errors import NameResolutionError
from lyra_core.functions import Native, attribute_mask
from lyra_core.modules import FunctionExport, ModularStandardLibrary, Module, ModuleMetadata, Scope


def module(namespace: str, *exports: FunctionExport) -> Module:
    return Module(ModuleMetadata(namespace, "1.0.0"), {each.export_name: each for each in exports})


def native(name: str, result: object) -> FunctionExport:
    return FunctionExport(name, attributes=attribute_mask(["Listable"]), implementation=Native(lambda: result))


def test_registering_a_module_gives_its_functions_indices_and_flat_names() -> None:
    library = ModularStandardLibrary()
    indices = library.register_module("std::math", module("std::math", native("Sin", 1), native("Cos", 2)))
    assert indices == {"Sin": 32, "Cos": 33}
    assert library.legacy_functions == {"Sin": 32, "Cos": 33}
    entry = library.unified_registry.entry(32)
    assert entry.qualified_name == "std::math::Sin"
    assert entry.attributes == attribute_mask(["Listable"])
    assert library.unified_registry.index_of_flat("Sin") == 32
    assert library.resolver.resolve_path("std::math::Sin", Scope()).export is not None


def test_modules_outside_std_have_no_flat_names() -> None:
    library = ModularStandardLibrary()
    assert library.register_module("acme::geo", module("acme::geo", native("Area", 1))) == {"Area": 1024}
    assert library.legacy_functions == {}


def test_only_what_is_called_gets_an_index() -> None:
    library = ModularStandardLibrary()
    indices = library.register_module(
        "std::list",
        module(
            "std::list",
            native("Join", 1),
            FunctionExport("Automatic", kind="symbol"),
            FunctionExport("Pi", kind="constant"),
            FunctionExport("Method", kind="option"),
            FunctionExport("Length", alias_of="std::core::Length"),
        ),
    )
    assert list(indices) == ["Join"]


def test_the_first_std_module_keeps_a_flat_name() -> None:
    library = ModularStandardLibrary()
    library.register_module("std::core", module("std::core", native("Table", 1)))
    library.register_module("std::table", module("std::table", native("Table", 2)))
    assert library.legacy_functions["Table"] == library.unified_registry.index_of("std::core::Table")


@pytest.mark.parametrize(("namespace", "code"), [("std", "LYR0231"), ("a-b", "LYR0230"), ("thirdparty::x", "LYR0231")])
def test_a_namespace_that_no_module_can_have(namespace: str, code: str) -> None:
    library = ModularStandardLibrary()
    with pytest.raises(NameResolutionError) as caught:
        library.register_module(namespace, module(namespace, native("F", 1)))
    assert caught.value.code == code
    assert not library.modules


def test_a_taken_namespace_is_refused_and_nothing_is_registered() -> None:
    library = ModularStandardLibrary()
    library.register_module("acme::geo", module("acme::geo", native("Area", 1)))
    before = len(library.unified_registry)
    with pytest.raises(NameResolutionError, match=r"taken by acme::geo 1\.0\.0") as caught:
        library.register_module("acme::geo", module("acme::geo", native("Other", 1)))
    assert caught.value.code == "LYR0238"
    assert len(library.unified_registry) == before


def test_a_function_that_exists_refuses_the_whole_module() -> None:
    library = ModularStandardLibrary()
    library.unified_registry.register_function("acme::geo::Area", None)
    before = len(library.unified_registry)
    with pytest.raises(NameResolutionError) as caught:
        library.register_module("acme::geo", module("acme::geo", native("Aaa", 1), native("Area", 1)))
    assert caught.value.code == "LYR0238"
    assert len(library.unified_registry) == before


def test_replacing_a_module_keeps_indices_and_callers() -> None:
    library = ModularStandardLibrary()
    library.unified_registry.link = lambda entry: entry.implementation.function  # type: ignore[union-attr]
    indices = library.register_module("acme::geo", module("acme::geo", native("Area", "old"), native("Gone", 1)))
    caller: dict[str, object] = {}
    call = library.unified_registry.bind(caller, "F", indices["Area"])
    assert call() == "old"
    library.replace_module("acme::geo", module("acme::geo", native("Area", "new"), native("More", 2)))
    assert caller["F"]() == "new"  # type: ignore[operator]
    assert library.unified_registry.index_of("acme::geo::Area") == indices["Area"]
    assert library.unified_registry.index_of("acme::geo::More") is not None
    assert library.unified_registry.entry(indices["Gone"]).implementation is None
    with pytest.raises(NameResolutionError) as caught:
        library.replace_module("acme::gee", module("acme::gee"))
    assert caught.value.hints == ("did you mean `acme::geo`?",)


def test_unregistering_forgets_names_and_functions() -> None:
    library = ModularStandardLibrary()
    library.register_module("std::math", module("std::math", native("Sin", 1)))
    library.unregister_module("std::math")
    assert not library.modules
    assert not library.legacy_functions
    assert library.unified_registry.index_of("std::math::Sin") is None
    with pytest.raises(NameResolutionError):
        library.resolver.resolve_path("std::math::Sin", Scope())
