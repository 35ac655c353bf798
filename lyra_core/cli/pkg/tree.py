"""`lyra pkg tree`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import typer

from lyra_core.cli.output import write
from lyra_core.cli.pkg.common import Common, package_command

if TYPE_CHECKING:
    from lyra_core.operations.queries import TreeNode

__all__ = ["add_to", "show_tree", "tree_lines"]


def tree_lines(top: TreeNode) -> list[str]:
    """Return the tree as lines, remarks in a column of their own."""
    rows: list[tuple[str, str]] = []

    def add(node: TreeNode, lead: str, branch: str) -> None:
        rows.append((f"{lead}{branch}{_name(node)}", _remark(node)))
        below = lead + {"": "", "├─ ": "│  ", "└─ ": "   "}[branch]
        for at, child in enumerate(node.children):
            add(child, below, "└─ " if at == len(node.children) - 1 else "├─ ")

    add(top, "", "")
    width = max(len(row[0]) for row in rows if row[1]) if any(row[1] for row in rows) else 0
    return [f"{text.ljust(width)}   {remark}".rstrip() for text, remark in rows]


def _name(node: TreeNode) -> str:
    package = node.package
    renamed = f"{node.key} = " if node.key != package.name else ""
    features = f" [{', '.join(node.features)}]" if node.features else ""
    return f"{renamed}{package.name} {package.version_text or node.provided}{features}"


def _remark(node: TreeNode) -> str:
    remarks = []
    if node.provided:
        remarks.append(f"provided by lyra {node.provided}" if node.package.name == "std" else "provided by pip")
    if node.package.path not in (None, "."):
        remarks.append(f"in {node.package.path}")
    risky = [line for line in node.package.asks.lines() if line.startswith(("foreign", "process", "code-load"))]
    if risky:
        remarks.append("⚠ " + ", ".join(risky))
    hosts = node.package.asks.values("network")
    if hosts:
        remarks.append("net: " + ", ".join(hosts))
    if node.newest:
        remarks.append(f"newest {node.newest}")
    if node.is_dev:
        remarks.append("dev")
    if node.is_repeated:
        remarks.append("(its branches stand elsewhere)")
    return "  ".join(remarks)


def show_tree(common: Common, depth: int | None = None, *, dev: bool = True) -> int:
    """Write the tree; returns the exit code."""
    from lyra_core.operations.queries import dependency_tree

    with common.environment() as environment:
        top = dependency_tree(environment, depth=depth, dev=dev)
    if common.json:
        common.document("tree", {"root": top.to_json()})
    else:
        write("\n".join(tree_lines(top)))
    return 0


def add_to(app: typer.Typer) -> None:
    """Add the command to *app*."""

    @package_command(app, "tree")
    def tree(
        common: Common,
        depth: int = typer.Option(-1, "--depth", metavar="N", help="how many levels to show"),
        no_dev: bool = typer.Option(False, "--no-dev", help="leave out development dependencies"),
    ) -> int:
        """Show who needs whom, as the lock has it."""
        return show_tree(common, None if depth < 0 else depth, dev=not no_dev)
