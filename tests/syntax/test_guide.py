"""The grammar guide and the design's listings are what the parser reads."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from lyra_core.syntax.operators import LEVELS, Level
from tests.syntax.reading import full, lines, problems

ROOT = Path(__file__).parents[2]
GUIDE = (ROOT / "docs" / "guides" / "language-grammar.md").read_text(encoding="utf-8")
NAMED = {
    "\uf3d3": r"\[Conditioned]",
    "\uf523": r"\[Implies]",
    "\uf4a2": r"\[Xnor]",
    "\uf3d2": r"\[Distributed]",
    "\uf3d5": r"\[DirectedEdge]",
    "\uf3d4": r"\[UndirectedEdge]",
    "\uf3da": r"\[TensorProduct]",
    "\uf3db": r"\[TensorWedge]",
    "\uf3c7": r"\[Transpose]",
    "\uf3c8": r"\[Conjugate]",
    "\uf3c9": r"\[ConjugateTranspose]",
}


def precedence_rows() -> list[str]:
    """Return the rows of the precedence table as the operators say them, tightest first."""
    rows = [(level.precedence, row(level)) for level in LEVELS]
    rows.append((6700, "| 6700 | postfix | left | `f[x]` call, `x[[i]]` Part, `x.name[y]` method |"))
    rows.append((1500, "| 1500 | infix | left | `:` behind a name Pattern, behind a call a type |"))
    rows.sort(key=lambda entry: -entry[0])
    return [text for _, text in rows]


def row(level: Level) -> str:
    """Return one row of the table."""
    cells = []
    for text, head in level.heads.items():
        shown = NAMED.get(text, text).replace("|", r"\|")
        cells.append(f"`{shown}` {head}")
    return f"| {level.precedence} | {level.form} | {level.grouping} | {', '.join(cells)} |"


def test_the_precedence_table_is_that_of_the_parser() -> None:
    """Every row of the guide's table is one of the parser's, in order."""
    table = GUIDE.partition("## Precedence")[2]
    found = [line for line in table.splitlines() if re.match(r"\| \d", line)]
    assert found == precedence_rows()


def examples() -> list[tuple[str, str]]:
    """Return the pairs (text, full form) of the guide's table of forms."""
    table = GUIDE.partition("| written | FullForm |")[2].partition("\n\n")[0]
    pairs = []
    for line in table.splitlines()[2:]:
        _, written, meant, _ = re.split(r" ?(?<!\\)\| ?", line)
        texts = [cell.replace(r"\|", "|") for cell in re.findall(r"`([^`]+)`", written)]
        forms = [cell.replace(r"\|", "|") for cell in re.findall(r"`([^`]+)`", meant)]
        pairs += [pair for pair in zip(texts, forms, strict=False) if "…" not in pair[1] and len(texts) == len(forms)]
    return pairs


def test_the_guide_has_examples() -> None:
    """The table of forms is found."""
    assert len(examples()) >= 34


@pytest.mark.parametrize(("text", "expected"), examples())
def test_examples_of_the_guide(text: str, expected: str) -> None:
    """What the guide says a form means is what is read."""
    assert full(text) == expected


# The listings of the module system's design that are Lyra code, verbatim.
LISTINGS = {
    "module usage": (
        """\
# Import entire module
import std::math
math::Sin[3.14159/2]

# Import specific functions
import std::math::{Sin, Cos, Tan}
Sin[0] + Cos[0]

# Import with alias
import std::math::Sin as Sine
Sine[3.14159/6]

# Wildcard import (use sparingly)
import std::math::*
Sin[0] + Cos[0] + Tan[0]
""",
        [
            "Import[std::math]",
            "math::Sin[Times[3.14159, Power[2, -1]]]",
            "Import[std::math::{Sin, Cos, Tan}]",
            "Plus[Sin[0], Cos[0]]",
            "Import[std::math::Sin as Sine]",
            "Sine[Times[3.14159, Power[6, -1]]]",
            "Import[std::math::*]",
            "Plus[Sin[0], Cos[0], Tan[0]]",
        ],
    ),
    "introspection": (
        """\
# Runtime module introspection
ModuleInfo[std::math]                    # Get module metadata
ModuleFunctions[std::math]               # List all functions
ModuleDependencies[neural::networks]     # Show dependencies
""",
        ["ModuleInfo[std::math]", "ModuleFunctions[std::math]", "ModuleDependencies[neural::networks]"],
    ),
    "namespaces": (
        """\
std::math::Sin          # Standard library math functions
std::list::Length       # Standard library list operations
std::tensor::Dot        # Standard library tensor operations
user::mylib::MyFunc     # User-defined package functions
thirdparty::ml::Neural  # Third-party ML package
""",
        ["std::math::Sin", "std::list::Length", "std::tensor::Dot", "user::mylib::MyFunc", "thirdparty::ml::Neural"],
    ),
}


@pytest.mark.parametrize("listing", list(LISTINGS))
def test_listings_of_the_design(listing: str) -> None:
    """The listings load verbatim, their comments included."""
    text, expected = LISTINGS[listing]
    assert lines(text) == expected


PAGES = sorted((ROOT / "lyra_core" / "error_pages").glob("LYR01*.md"))


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_error_pages_show_their_error(page: Path) -> None:
    """Each line that a page marks with "this error" gives that error."""
    for line in page.read_text(encoding="utf-8").splitlines():
        text, mark, _ = line.partition("this error")
        if mark and line.startswith("    ") and page.stem != "LYR0131":
            assert page.stem in [code for code, _ in problems(text.strip().rstrip(":"))], line
