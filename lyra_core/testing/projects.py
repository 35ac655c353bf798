"""Projects on disk, written in one call."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from lyra_core.testing.command_line import CommandResult, run_lyra

__all__ = ["TestProject", "project"]


class TestProject:
    """A package in a folder, with the command line at hand."""

    __test__ = False  # its name would make pytest collect it

    def __init__(self, root: Path, home: Path | None) -> None:
        self.root = root
        self.home = home

    def lyra(self, *arguments: str, stdin: str = "") -> CommandResult:
        """Run `lyra` in the project's folder."""
        return run_lyra(*arguments, cwd=self.root, home=self.home, stdin=stdin)

    def write(self, path: str, text: str) -> Path:
        """Write a file of the project."""
        target = self.root / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text, encoding="utf-8")
        return target

    def read(self, path: str) -> str:
        """Return a file of the project."""
        return (self.root / path).read_text(encoding="utf-8")


def project(
    root: str | Path, manifest: str = "", files: Mapping[str, str] | None = None, *, home: str | Path | None = None
) -> TestProject:
    """Write a project into *root* and return it.

    *manifest* are the lines behind `[package]`'s name, version and license, which are made from the folder's name.
    """
    root = Path(root)
    made = TestProject(root, Path(home) if home is not None else None)
    head = "" if "[package]" in manifest else f'[package]\nname = "{root.name}"\nversion = "0.1.0"\nlicense = "MIT"\n'
    made.write("Lyra.toml", f"{head}{manifest}\n")
    for path, text in (files or {}).items():
        made.write(path, text)
    return made
