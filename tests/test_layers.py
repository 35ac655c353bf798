"""Imports go one way: a folder of lyra_core imports only what stands above it; plugins import lyra_core alone.

Imports inside functions count; imports for type checking alone are exempt.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
CORE = ROOT / "lyra_core"

LAYERS = [
    {"errors", "source", "diagnostics", "suggest", "versions", "environment", "kept", "image", "records"},
    {"syntax"},
    {"values"},
    {"exact"},
    {"bytecode"},
    {"functions"},
    {"modules"},
    {"plugins"},
    {"typecheck"},
    {"compiler"},
    {"lowering"},
    {"evaluation"},
    {"std_core"},
    {"foreign"},
    {"runtime"},
    {"packages"},
    {"security"},
    {"registry"},
    {"operations"},
    {"cli"},
]
"""Parts of lyra_core, from the top of the list of the architecture to its end."""

RANK = {part: rank for rank, layer in enumerate(LAYERS) for part in layer}

BESIDE = {"testing"}
"""The kit for authors may import everything but the command line's package commands."""


def runtime_imports(tree: ast.Module, package: str) -> Iterator[tuple[int, str]]:
    """Yield (line, imported module) of every import that can run; those under TYPE_CHECKING cannot."""

    def visit(node: ast.AST) -> Iterator[tuple[int, str]]:
        if isinstance(node, ast.If) and is_type_checking(node.test):
            for child in node.orelse:
                yield from visit(child)
            return
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield node.lineno, alias.name
        elif isinstance(node, ast.ImportFrom):
            base = node.module or ""
            if node.level:
                parents = package.split(".")[: len(package.split(".")) - node.level + 1]
                base = ".".join([*parents, *([node.module] if node.module else [])])
            yield node.lineno, base
            for alias in node.names:
                yield node.lineno, f"{base}.{alias.name}"
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "__import__":
            target = node.args[0]
            if isinstance(target, ast.Constant) and isinstance(target.value, str):
                yield node.lineno, target.value
        for child in ast.iter_child_nodes(node):
            yield from visit(child)

    yield from visit(tree)


def is_type_checking(test: ast.expr) -> bool:
    return (isinstance(test, ast.Name) and test.id == "TYPE_CHECKING") or (
        isinstance(test, ast.Attribute) and test.attr == "TYPE_CHECKING"
    )


def part_of(file: Path) -> str:
    return file.relative_to(CORE).with_suffix("").parts[0]


def core_parts_imported(file: Path) -> Iterator[tuple[int, str]]:
    """Yield (line, part of lyra_core) for what *file* imports from it."""
    package = ".".join(file.relative_to(ROOT).with_suffix("").parts[:-1])
    seen: set[tuple[int, str]] = set()
    for line, name in runtime_imports(ast.parse(file.read_text(encoding="utf-8")), package):
        parts = name.split(".")
        if (
            parts[0] == "lyra_core"
            and len(parts) > 1
            and (CORE / parts[1]).exists() | (CORE / f"{parts[1]}.py").exists()
        ):
            seen.add((line, parts[1]))
    yield from sorted(seen)


def core_files() -> list[Path]:
    return sorted(path for path in CORE.rglob("*.py") if path != CORE / "__init__.py")


def test_every_part_of_the_core_has_its_place_in_the_list() -> None:
    parts = {part_of(file) for file in core_files()}
    assert parts <= set(RANK) | BESIDE


@pytest.mark.parametrize("part", sorted(RANK))
def test_a_folder_imports_only_what_stands_above_it(part: str) -> None:
    files = [file for file in core_files() if part_of(file) == part]
    wrong = [
        f"{file.relative_to(ROOT)}:{line} imports lyra_core.{imported}"
        for file in files
        for line, imported in core_parts_imported(file)
        if imported != part and (imported not in RANK or RANK[imported] > RANK[part] or imported in BESIDE)
    ]
    assert wrong == []


def test_the_kit_for_authors_does_not_import_the_package_commands() -> None:
    wrong = []
    for file in core_files():
        if part_of(file) in BESIDE:
            tree = ast.parse(file.read_text(encoding="utf-8"))
            wrong += [
                f"{file.relative_to(ROOT)}:{line} imports {name}"
                for line, name in runtime_imports(tree, "lyra_core.testing")
                if name.startswith("lyra_core.cli.pkg")
            ]
    assert wrong == []


def plugin_packages() -> dict[str, Path]:
    return {
        path.name: path
        for path in sorted(ROOT.glob("plugins/*/*"))
        if path.is_dir() and (path / "__init__.py").is_file() and path.name != "tests"
    }


def test_plugins_import_neither_each_other_nor_the_command_line() -> None:
    packages = plugin_packages()
    wrong = []
    for package, folder in packages.items():
        for file in sorted(folder.rglob("*.py")):
            tree = ast.parse(file.read_text(encoding="utf-8"))
            for line, name in runtime_imports(tree, package):
                root = name.split(".")[0]
                if (root in packages and root != package) or name.startswith("lyra_core.cli"):
                    wrong.append(f"{file.relative_to(ROOT)}:{line} imports {name}")
    assert wrong == []


def test_every_plugin_depends_on_the_core_and_on_no_other_plugin() -> None:
    import tomllib

    for project in sorted(ROOT.glob("plugins/*/pyproject.toml")):
        dependencies = tomllib.loads(project.read_text(encoding="utf-8"))["project"]["dependencies"]
        lyra = [each for each in dependencies if each.replace("_", "-").startswith("lyra-")]
        assert len(lyra) == 1, project
        assert lyra[0].startswith("lyra-core"), project


@pytest.mark.parametrize(
    ("source", "found"),
    [
        ("import lyra_core.values", ["lyra_core.values"]),
        ("def f():\n    from lyra_core import values", ["lyra_core", "lyra_core.values"]),
        ("if TYPE_CHECKING:\n    import a\nelse:\n    import b", ["b"]),
        ("import typing\nif typing.TYPE_CHECKING:\n    import a", ["typing"]),
        ("from ..values import symbol", ["lyra_core.values", "lyra_core.values.symbol"]),
        ("from . import names", ["lyra_core.modules", "lyra_core.modules.names"]),
        ("__import__('lyra_core.cli')", ["lyra_core.cli"]),
        ("class C:\n    def m(self):\n        if x:\n            import deep", ["deep"]),
    ],
)
def test_the_test_sees_every_import_that_can_run(source: str, found: list[str]) -> None:
    assert [name for _, name in runtime_imports(ast.parse(source), "lyra_core.modules")] == found
