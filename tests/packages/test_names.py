"""Names of packages, namespaces, features and exports, and the units of sizes and durations."""

from __future__ import annotations

import pytest

from lyra_core.packages.names import (
    feature_problem,
    fold_name,
    is_export_name,
    is_module_path,
    is_reserved,
    namespace_problem,
    package_name_problem,
)
from lyra_core.packages.units import format_size, parse_duration, parse_size


@pytest.mark.parametrize("name", ["ab", "linear-algebra", "a1-b2", "x" * 64, "std"])
def test_package_names(name: str) -> None:
    assert package_name_problem(name) is None


@pytest.mark.parametrize(
    "name",
    ["", "a", "x" * 65, "Ab", "a_b", "a b", "-a", "a-", "a--b", "1a", "a-1", "ä", "a.b", "a/b", "..", "ab\n", "a\0b"],
)
def test_other_names_are_no_package_names(name: str) -> None:
    assert package_name_problem(name)


@pytest.mark.parametrize(
    ("name", "reserved"),
    [("std", True), ("std-math", True), ("user", True), ("thirdparty-x", True), ("std::x", True), ("stdx", False),
     ("standard", False), ("my-std", False)],
)  # fmt: skip
def test_reserved_names(name: str, reserved: bool) -> None:
    assert is_reserved(name) is reserved


def test_names_that_differ_in_case_and_joints_fold_to_one() -> None:
    assert fold_name("Linear_Algebra") == fold_name("linear-algebra")


@pytest.mark.parametrize(
    ("text", "good"),
    [("acme::geo", True), ("geo", True), ("a", False), ("a-b", False), ("A::b", False), ("a::", False)],
)
def test_namespaces(text: str, good: bool) -> None:
    assert (namespace_problem(text) is None) is good


@pytest.mark.parametrize(
    ("text", "good"),
    [("gpu-acceleration", True), ("v1.2+x", True), ("", False), ("-x", False), ("a b", False), ("a/b", False)],
)
def test_features(text: str, good: bool) -> None:
    assert (feature_problem(text) is None) is good


def test_paths_and_exported_names_may_hold_underscores_inside() -> None:
    assert is_module_path("python_module::load_data")
    assert is_export_name("matrix_multiply")
    assert not is_export_name("_x")
    assert not is_export_name("a::b")
    assert not is_module_path("a::")
    assert not is_module_path("a.b")


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("512 MiB", 512 * 2**20),
        ("1.5GB", 1_500_000_000),
        ("1 b", 1),
        ("12", None),
        ("", None),
        ("x MB", None),
        ("-1 MB", None),
    ],
)
def test_sizes_have_a_unit(text: str, count: int | None) -> None:
    assert parse_size(text) == count


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("24 h", 86400),
        ("90min", 5400),
        ("7 days", 604800),
        ("0 s", 0),
        ("1.5 h", 5400),
        ("24", None),
        ("1 month", None),
    ],
)
def test_durations_have_a_unit(text: str, seconds: float | None) -> None:
    assert parse_duration(text) == seconds


@pytest.mark.parametrize(
    ("count", "text"), [(812, "812 B"), (38_200_000, "38.2 MB"), (1000, "1.0 kB"), (5 * 10**12, "5.0 TB")]
)
def test_sizes_are_shown_with_one_decimal(count: int, text: str) -> None:
    assert format_size(count) == text
