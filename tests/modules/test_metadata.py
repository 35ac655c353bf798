"""Module and its parts: immutable, sharing what a variant does not change."""

from __future__ import annotations

import pytest

from lyra_core.errors import NameResolutionError
from lyra_core.modules import (
    Dependency,
    FunctionExport,
    LinkPlan,
    Module,
    ModuleConfig,
    ModuleMetadata,
    PackageInstance,
)


def geo() -> Module:
    return Module(
        ModuleMetadata("acme::geo", "1.1.0", "shapes", ("A <a@b.c>",), "MIT", "https://example.com/geo"),
        {"Area": FunctionExport("Area"), "Square": FunctionExport("Square")},
        {"inner": Module(ModuleMetadata("acme::geo::inner"))},
        (Dependency("std", ">=0.1.0"),),
    )


def test_a_module_is_immutable() -> None:
    module = geo()
    with pytest.raises(AttributeError, match="immutable"):
        module.config = ModuleConfig()
    with pytest.raises(AttributeError, match="immutable"):
        del module.metadata
    with pytest.raises(TypeError):
        module.exports["Area"] = FunctionExport("Area")  # type: ignore[index]


def test_a_variant_shares_what_it_does_not_change() -> None:
    module = geo()
    variant = module.with_config(ModuleConfig(hot_reload=False))
    assert variant.exports is module.exports
    assert variant.submodules is module.submodules
    assert variant.metadata is module.metadata
    assert module.config.hot_reload
    assert not variant.config.hot_reload


def test_changing_exports_leaves_the_original_alone() -> None:
    module = geo()
    added = module.with_export(FunctionExport("Volume"))
    removed = added.without_export("Area")
    assert sorted(module.exports) == ["Area", "Square"]
    assert sorted(added.exports) == ["Area", "Square", "Volume"]
    assert sorted(removed.exports) == ["Square", "Volume"]
    assert removed.exports["Square"] is module.exports["Square"]
    with pytest.raises(NameResolutionError) as caught:
        module.without_export("Aera")
    assert caught.value.hints == ("did you mean `Area`?",)


def test_the_other_variants() -> None:
    module = geo()
    assert module.with_metadata(module.metadata.with_version("2.0.0")).metadata.version == "2.0.0"
    assert module.with_dependencies(()).dependencies == ()
    assert set(module.with_submodule("more", geo()).submodules) == {"inner", "more"}
    assert module.with_exports({}).exports == {}
    config = ModuleConfig(settings={"a": 1}).with_settings(b=2)
    assert dict(config.settings) == {"a": 1, "b": 2}


def test_modules_compare_by_content() -> None:
    assert geo().metadata == geo().metadata
    assert geo().metadata != geo().metadata.with_version("9.9.9")
    assert ModuleConfig() != ModuleMetadata("a")


def plan() -> LinkPlan:
    return LinkPlan(
        [
            PackageInstance("", "app", dependencies={"linear::algebra": "la@2.0.1", "la1": "la@1.4.0"}),
            PackageInstance("la@2.0.1", "linear-algebra", "2.0.1", grants={"net": ("api.example.com",)}),
            PackageInstance("la@1.4.0", "linear-algebra", "1.4.0", namespace="linear::algebra"),
        ],
        "lock-hash",
    )


@pytest.mark.parametrize(
    ("namespace", "found"),
    [
        ("linear::algebra", ("la@2.0.1", "")),
        ("linear::algebra::sparse", ("la@2.0.1", "sparse")),
        ("la1::sparse::deep", ("la@1.4.0", "sparse::deep")),
        ("linear", None),
        ("linear::algebraic", None),
        ("std::math", None),
    ],
)
def test_a_dependency_is_found_by_the_longest_prefix(namespace: str, found: tuple[str, str] | None) -> None:
    root = plan().root
    assert root is not None
    assert root.dependency_for(namespace) == found


def test_a_plan_survives_its_data_form() -> None:
    assert LinkPlan.from_data(plan().to_data()) == plan()


def test_grants_belong_to_one_instance() -> None:
    assert plan().grants_of("la@2.0.1") == {"net": ("api.example.com",)}
    assert plan().grants_of("la@1.4.0") == {}
    assert plan().grants_of("nobody") == {}


def test_an_instance_without_a_namespace_has_that_of_its_name() -> None:
    found = plan().instance("la@2.0.1")
    assert found is not None
    assert found.namespace == "linear::algebra"


def test_a_plan_with_one_instance_more_shares_the_others() -> None:
    before = plan()
    after = before.with_instance(PackageInstance("x@1.0.0", "x"))
    assert after.instance("la@2.0.1") is before.instance("la@2.0.1")
    assert before.instance("x@1.0.0") is None
