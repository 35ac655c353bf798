"""Qualified names and namespaces."""

from __future__ import annotations

import pytest

from lyra_core.errors import NameResolutionError
from lyra_core.modules.names import (
    check_namespace,
    is_namespace,
    namespace_of_package,
    published_namespace,
    root_of,
    split_qualified,
)


@pytest.mark.parametrize("text", ["std::math", "a", "neural::networks", "a1::b$::c_d", "user::mylib"])
def test_namespaces_that_a_module_can_have(text: str) -> None:
    assert check_namespace(text) == text
    assert is_namespace(text)


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("", "(an empty segment)"),
        ("a::", "(an empty segment)"),
        ("a::::b", "(an empty segment)"),
        ("1a", "1a"),
        ("a::2b", "2b"),
        ("_a", "_a"),
        ("a-b", "a-b"),
        ("a b::c", "a b"),
        ("a:b", "a:b"),
    ],
)
def test_what_is_no_namespace_is_refused_with_the_segment(text: str, named: str) -> None:
    assert not is_namespace(text)
    with pytest.raises(NameResolutionError) as caught:
        check_namespace(text)
    assert caught.value.code == "LYR0230"
    assert f": {named} is no name" in caught.value.message


@pytest.mark.parametrize("text", ["std", "user", "thirdparty", "thirdparty::ml"])
def test_reserved_roots_are_no_module(text: str) -> None:
    with pytest.raises(NameResolutionError) as caught:
        check_namespace(text)
    assert caught.value.code == "LYR0231"


@pytest.mark.parametrize(
    ("package", "namespace"),
    [("neural-networks", "neural::networks"), ("statistics", "statistics"), ("a-b-c", "a::b::c")],
)
def test_a_package_name_says_its_namespace(package: str, namespace: str) -> None:
    assert namespace_of_package(package) == namespace


@pytest.mark.parametrize(
    ("name", "parts"), [("Sin", ("", "Sin")), ("a::Sin", ("a", "Sin")), ("a::b::Sin", ("a::b", "Sin"))]
)
def test_splitting(name: str, parts: tuple[str, str]) -> None:
    assert split_qualified(name) == parts


def test_the_long_form_of_a_published_module() -> None:
    assert published_namespace("thirdparty::ml::Neural") == "ml::Neural"
    assert published_namespace("ml::Neural") == "ml::Neural"
    assert published_namespace("thirdparty") == "thirdparty"
    assert root_of("a::b") == "a"
