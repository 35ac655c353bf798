"""docs/reference/pkg.md is what the commands say of themselves; `LYRA_GOLDENS=write` writes it anew."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import typer

from lyra_core.cli.exit_codes import (
    FAILED,
    INTEGRITY,
    LOCK_WOULD_CHANGE,
    NETWORK,
    NO_SOLUTION,
    OK,
    PERMISSION,
    REGISTRY_REFUSED,
    USAGE,
)
from lyra_core.cli.pkg.app import pkg_app_for

REFERENCE = Path(__file__).resolve().parents[3] / "docs" / "reference" / "pkg.md"

HEAD = """# `lyra pkg`

Made from the commands themselves by tests/cli/pkg/test_reference.py. How they play together is told in
[the guide](../guides/packages.md).

stdout is data, stderr is talk. Every command takes `--json` (one document with a `schema` key), `-q` and `-v`.

Exit codes:

| code | meaning |
|---|---|
"""

CODES = {
    OK: "done",
    FAILED: "a check or a test failed, or a manifest has errors",
    USAGE: "the command line cannot be understood, or there is no package here",
    NO_SOLUTION: "no set of versions satisfies what is asked, or there is no such package",
    LOCK_WOULD_CHANGE: "lyra.lock would change under `--locked`",
    NETWORK: "a registry cannot be reached or read, or something is missing offline",
    INTEGRITY: "something is damaged, or not what was signed, or not installed",
    PERMISSION: "a permission was refused",
    REGISTRY_REFUSED: "the registry's rules refuse it",
}


def sections(command: Any, path: str) -> list[str]:
    """Return the reference of a command and those below it."""
    if hasattr(command, "commands"):
        return [part for name, each in command.commands.items() for part in sections(each, f"{path} {name}")]
    arguments, options = [], []
    for parameter in command.params:
        names = [name for name in parameter.opts if name.startswith("-")]
        value = f" {parameter.metavar}" if parameter.metavar and names else ""
        if names:
            options.append((", ".join(names) + value, parameter.help or ""))
        else:
            arguments.append((parameter.metavar or parameter.name, parameter.help or ""))
    usage = " ".join([path, *(name for name, _ in arguments)])
    lines = [f"## `{usage}`\n", f"{command.help}\n"]
    rows = [f"| `{name}` | {text} |".replace("|FOLDER|URL", "\\|FOLDER\\|URL") for name, text in (*arguments, *options)]
    return ["\n".join([*lines, "| | |", "|---|---|", *rows]) + "\n"]


def test_the_reference_is_up_to_date() -> None:
    codes = "".join(f"| {code} | {text} |\n" for code, text in CODES.items())
    text = HEAD + codes + "\n" + "\n".join(sections(typer.main.get_command(pkg_app_for([])), "lyra pkg"))
    if os.environ.get("LYRA_GOLDENS") == "write":
        REFERENCE.write_text(text, encoding="utf-8")
    assert REFERENCE.read_text(encoding="utf-8") == text


def test_every_command_has_a_json_twin() -> None:
    def check(command: Any, path: str) -> None:
        if hasattr(command, "commands"):
            for name, each in command.commands.items():
                check(each, f"{path} {name}")
            return
        names = {name for parameter in command.params for name in parameter.opts}
        assert {"--json", "-q", "-v"} <= names, path

    check(typer.main.get_command(pkg_app_for([])), "lyra pkg")
