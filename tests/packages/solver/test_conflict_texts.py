"""Whole messages for conflicts, compared word by word: each file of `conflicts/` is one case.

`LYRA_WRITE_GOLDENS=1` writes the messages instead of comparing them; read what changed before keeping it.
"""

from __future__ import annotations

import os
import tomllib
from pathlib import Path

import pytest

from lyra_core.diagnostics import render
from lyra_core.errors import LyraError, LyraErrors
from lyra_core.packages.solver import (
    Dependency,
    DependencyResolver,
    MemorySource,
    NoSolution,
    ResolutionOptions,
    Root,
    render_conflict,
)
from lyra_core.source import Source, Span
from lyra_core.versions import Version

FOLDER = Path(__file__).parent / "conflicts"
CASES = sorted(FOLDER.glob("*.txt"))


def sections(text: str) -> dict[str, str]:
    """Return the parts of a case by the title after `===`."""
    found: dict[str, str] = {}
    title = ""
    for line in text.splitlines(keepends=True):
        if line.startswith("=== "):
            title = line[4:].strip()
            found[title] = ""
        elif title:
            found[title] += line
    return found


def read_manifest(name: str, text: str) -> Root:
    """Return the dependencies of a manifest, each with its line as the place."""
    source = Source(name, text)
    dependencies = []
    features: dict[str, list[str]] = {}
    table, offset = "", 0
    for line in text.splitlines(keepends=True):
        shown = line.rstrip()
        if shown.startswith("["):
            table = shown.strip("[]")
        elif shown and table == "features":
            features.update(tomllib.loads(shown))
        elif shown and table in ("dependencies", "dev-dependencies"):
            ((key, value),) = tomllib.loads(shown).items()
            given = {"version": value} if isinstance(value, str) else value
            dependencies.append(
                Dependency(
                    given.get("package", key),
                    given["version"],
                    key=key,
                    features=given.get("features", ()),
                    default_features=given.get("default-features", True),
                    optional=given.get("optional", False),
                    dev=table == "dev-dependencies",
                    source=given.get("registry"),
                    span=Span(source, offset, offset + len(shown)),
                )
            )
        offset += len(line)
    return Root(dependencies, name=name, features=features)


def message(case: dict[str, str]) -> str:
    """Return what a person sees."""
    sources, roots, provided = [], [], None
    options: dict[str, object] = tomllib.loads(case.get("options", ""))
    for title, text in case.items():
        kind, _, name = title.partition(" ")
        if kind == "universe":
            sources.append(MemorySource.parse(text, name or "registry", cools=True))
        elif kind == "manifest":
            roots.append(read_manifest(name or "Lyra.toml", text))
        elif kind == "provided":
            provided = MemorySource.parse(text, "installed")
    if "lock" in options:
        from solver_universes import lock_of

        options["lock"] = lock_of({name: [version] for name, version in options["lock"].items()})  # type: ignore[attr-defined]
    if "language" in options:
        options["language"] = Version.parse(str(options["language"]))
    if "skipped" in options:
        options["skipped"] = {("registry", name): reasons for name, reasons in options["skipped"].items()}  # type: ignore[attr-defined]
    resolver = DependencyResolver(sources, provided=provided)
    try:
        plan = resolver.resolve_roots(roots, ResolutionOptions(**options))  # type: ignore[arg-type]
    except NoSolution as error:
        return render_conflict(error) + "\n"
    except (LyraError, LyraErrors) as error:
        return render(error) + "\n"
    return "resolved:\n" + "".join(f"  {package.id}\n" for package in plan.packages)


@pytest.mark.parametrize("path", CASES, ids=lambda path: path.stem)
def test_the_message(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    case = sections(text)
    found = message({title: part for title, part in case.items() if title != "message"})
    if os.environ.get("LYRA_WRITE_GOLDENS"):
        head = text.partition("=== message")[0].rstrip("\n")
        path.write_text(f"{head}\n=== message\n{found}", encoding="utf-8")
        return
    assert found == case["message"]


def test_there_are_enough_of_them() -> None:
    texts = [sections(path.read_text(encoding="utf-8"))["message"] for path in CASES]
    assert sum("error[LYR0310]" in text for text in texts) >= 30
    assert sum("error[LYR0310]" not in text for text in texts) >= 8
    assert not any(text.startswith("resolved") for text in texts)


def test_color_adds_codes_and_nothing_else() -> None:
    import re

    source = MemorySource.parse("a 1.0.0: c =1.0.0\nb 1.0.0: c =1.1.0\nc 1.0.0\nc 1.1.0")
    with pytest.raises(NoSolution) as caught:
        DependencyResolver([source]).resolve([Dependency("a"), Dependency("b")])
    plain = render_conflict(caught.value)
    colored = render_conflict(caught.value, color=True)
    assert "\x1b[" in colored
    assert re.sub(r"\x1b\[[0-9;]*m", "", colored) == plain
    assert render(caught.value).splitlines()[0] == plain.splitlines()[0]
