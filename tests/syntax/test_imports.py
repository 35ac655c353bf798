"""The import statement in all its forms."""

from __future__ import annotations

import pytest

from tests.syntax.reading import imported, lines, problems

FORMS = [
    ("import std::math", (("std", "math"), None, None, False)),
    ("import geo", (("geo",), None, None, False)),
    ("import std::math as m", (("std", "math"), "m", None, False)),
    ("import std::math::Sin as Sine", (("std", "math", "Sin"), "Sine", None, False)),
    ("import std::math::{Sin, Cos as C}", (("std", "math"), None, (("Sin", None), ("Cos", "C")), False)),
    ("import std::math::{\n  Sin,\n  Cos as C,\n}", (("std", "math"), None, (("Sin", None), ("Cos", "C")), False)),
    ("import std::math::*", (("std", "math"), None, None, True)),
    ("import python_module::load_data", (("python_module", "load_data"), None, None, False)),
    ("import a::b::{my_f as f, as}", (("a", "b"), None, (("my_f", "f"), ("as", None)), False)),
    ("import\tstd::math  # why", (("std", "math"), None, None, False)),
    ("import std::math (* why *)", (("std", "math"), None, None, False)),
    ("import größe::β", (("größe", "β"), None, None, False)),
    ("import assets", (("assets",), None, None, False)),
]


@pytest.mark.parametrize(("text", "expected"), FORMS)
def test_forms(text: str, expected: tuple[object, ...]) -> None:
    """Path, alias, selection and wildcard are read as written."""
    node = imported(text)
    assert (node.path, node.alias, node.selected, node.wildcard) == expected


def test_places_of_selected_names() -> None:
    """Each selected name knows where it stands, its alias included."""
    text = "import std::math::{Sin, Cos as C}"
    assert [text[start:end] for start, end in imported(text).places] == ["Sin", "Cos as C"]


def test_import_is_a_word_elsewhere() -> None:
    """`import` is special only at the start of a statement and before a path."""
    assert lines("import = 3\nf[import]\n{import x}") == ["Set[import, 3]", "f[import]", "List[Times[import, x]]"]


@pytest.mark.parametrize(
    ("text", "marked"),
    [
        ("import std.math", "."),
        ("import std::math, std::list", ","),
        ("import std::math as", ""),
        ("import std::", ""),
        ("import std::2", "2"),
        ("import std::math::{}", "}"),
        ("import std::math::{Sin Cos}", "C"),
        ("import std::math::{Sin; Cos}", ";"),
        ("import std::math::* as m", "a"),
        ("import neural-networks", "-"),
        ('import "std"', '"'),
        ("import std ::math", ":"),
        ("import std::math[x]", "["),
    ],
)
def test_malformed(text: str, marked: str) -> None:
    """What cannot be read is marked, and the next line is read on."""
    assert problems(text) == [("LYR0118", marked)]
    assert [code for code, _ in problems(text + "\nx = )")] == ["LYR0118", "LYR0105"]


def test_unclosed_selection_points_at_its_brace() -> None:
    """The opening brace is marked when the list never ends."""
    assert problems("import std::math::{Sin,") == [("LYR0103", "{")]
