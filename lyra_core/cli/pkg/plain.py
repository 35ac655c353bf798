"""The commands that the front door serves without typer: `install`, `list`, `lock` and `tree` with plain options."""

from __future__ import annotations

from lyra_core.cli.output import table, write
from lyra_core.cli.pkg.common import Common, fail, project_label
from lyra_core.errors import LyraError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from lyra_core.operations.queries import TreeNode

__all__ = ["install_project", "lock_project", "serve", "show_list", "show_tree", "tree_lines"]


def serve(command: str, options: Sequence[str]) -> int:
    """Run *command* with *options* (flags, and `--registry` with its value) and return the exit code."""
    given = set(options)
    frozen = "--frozen" in given
    common = Common(
        json="--json" in given,
        quiet=bool(given & {"-q", "--quiet"}),
        locked=frozen or "--locked" in given,
        offline=frozen or "--offline" in given,
        registry=options[options.index("--registry") + 1] if "--registry" in given else "",
    )
    run = {"install": install_project, "list": show_list, "lock": lock_project, "tree": show_tree}[command]
    try:
        return run(common)
    except LyraError as error:
        return fail(error, json=common.json)


def lock_project(common: Common) -> int:
    """Make the lock agree with the manifest and say what came of it; returns the exit code."""
    from lyra_core.cli.pkg.report import packages, say_changes, say_warnings
    from lyra_core.operations.lock import lock as write_lock

    with common.environment() as environment:
        resolution = write_lock(environment)
    if common.json:
        common.document(
            "lock",
            {
                "changed": resolution.is_changed,
                "packages": resolution.count,
                "changes": [change.to_json() for change in resolution.changes],
            },
        )
        return 0
    say_changes(common, resolution)
    say_warnings(common, resolution)
    common.phase("Locked" if resolution.is_changed else "Unchanged", f"{packages(resolution.count)} in lyra.lock")
    return 0


def install_project(common: Common) -> int:
    """Make the environment agree with the lock and say what came of it; returns the exit code."""
    from lyra_core.cli.pkg.report import say_changes, say_installed, say_lacking, say_warnings
    from lyra_core.operations.install import install

    with common.environment() as environment:
        report = install(environment)
    if common.json:
        common.document("install", report.to_json())
        return 0
    say_changes(common, report.resolution)
    say_warnings(common, report.resolution)
    say_lacking(common, report)
    if not common.dry_run:
        say_installed(common, report)
    return 0


def show_list(common: Common, *, store: bool = False) -> int:
    """Write what is locked, or with *store* what is installed for any project; returns the exit code."""
    from lyra_core.operations.queries import listed_packages

    with common.environment() as environment:
        if store:
            installed = environment.store.installed()
            rows = [(each.name, each.version, each.source, "installed", "") for each in installed]
        else:
            rows = [
                (
                    package.name,
                    package.version_text or package.requirement,
                    package.source,
                    "missing" if not is_present else "active" if active is not None else "inactive",
                    ", ".join(sorted(active.features - {"default"})) if active is not None else "",
                )
                for package, active, is_present in listed_packages(environment)
            ]
        label = project_label(environment.project)
    if common.json:
        keys = ("name", "version", "source", "state", "features")
        common.document("list", {"packages": [dict(zip(keys, row, strict=True)) for row in rows]})
        return 0
    if not rows:
        common.talk(f"{'the store' if store else label} has no packages")
        common.talk("next: lyra pkg add NAME")
        return 0
    write(table(("package", "version", "source", "state", "features"), rows))
    if any(row[3] == "missing" for row in rows):
        common.talk("next: lyra pkg install")
    return 0


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
    from lyra_core.operations.queries import dependency_trees

    with common.environment() as environment:
        tops = dependency_trees(environment, depth=depth, dev=dev)
    if not common.json:
        write("\n\n".join("\n".join(tree_lines(top)) for top in tops))
    elif len(tops) == 1:
        common.document("tree", {"root": tops[0].to_json()})
    else:
        common.document("tree", {"roots": [top.to_json() for top in tops]})
    return 0
