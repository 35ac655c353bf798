"""The public names of the front end, and what importing them costs."""

from __future__ import annotations

import subprocess
import sys

import lyra_core.syntax

# What a warm start cannot afford; see the start-up budget in the design.
HEAVY = ["re", "typing", "enum", "dataclasses", "functools", "collections", "abc", "inspect", "pathlib", "json"]


def test_public_names_are_sorted_and_exist() -> None:
    """`__all__` is sorted and tells the truth."""
    names = lyra_core.syntax.__all__
    assert names == sorted(names)
    assert all(hasattr(lyra_core.syntax, name) for name in names)


def modules_after(statement: str) -> set[str]:
    """Return the modules that a bare interpreter has imported after *statement*."""
    code = f"import sys; before = set(sys.modules)\n{statement}\nprint(' '.join(set(sys.modules) - before))"
    done = subprocess.run([sys.executable, "-S", "-c", code], capture_output=True, text=True, check=True, cwd=ROOT)
    return set(done.stdout.split())


ROOT = lyra_core.__path__[0] + "/.."


def test_nodes_do_not_import_the_parser() -> None:
    """A program that runs from its cache loads the nodes at most."""
    loaded = modules_after("import lyra_core.syntax")
    assert "lyra_core.syntax.nodes" in loaded
    assert not {"lyra_core.syntax.parser", "lyra_core.syntax.lexer"} & loaded
    assert not set(HEAVY) & loaded


def test_the_parser_imports_nothing_heavy() -> None:
    """Regular expressions are compiled when the first text is read, not before."""
    loaded = modules_after("import lyra_core.syntax.parser")
    assert "lyra_core.syntax.lexer" in loaded
    assert not set(HEAVY) & loaded


def test_unknown_names_are_refused() -> None:
    """The lazy names of the package are exactly those it lists."""
    assert not hasattr(lyra_core.syntax, "parse")
