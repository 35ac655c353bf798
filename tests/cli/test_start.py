"""What a program that ran before imports when it runs again, and where the code of that comes from.

Counts, not times: a module that only some programs need is not to come back to those that do not.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

HELLO = 'Print["Hello"]\n'
DEFINING = "f[x_] := x^2\nPrint[f[3] + Total[{1, 2, 3}]]\n"

OF_HELLO = [
    "cli",
    "cli.commands",
    "cli.commands.linked",
    "cli.commands.run",
    "cli.front",
    "environment",
    "errors",
    "evaluation",
    "evaluation.code_memory",
    "evaluation.evaluator",
    "evaluation.program",
    "evaluation.signals",
    "evaluation.state",
    "functions",
    "functions.attributes",
    "image",
    "kept",
    "lowering",
    "lowering.thawed",
    "modules",
    "modules.export",
    "modules.names",
    "modules.namespace_index",
    "plugins",
    "plugins.discovery",
    "plugins.manager",
    "plugins.native",
    "runtime",
    "runtime.linker",
    "runtime.program_cache",
    "runtime.session",
    "source",
    "std_core",
    "std_core.output",
    "values",
    "values.association",
    "values.expression",
    "values.foreign",
    "values.homes",
    "values.operators",
    "values.string",
    "values.structure",
    "values.symbol",
]
"""Modules of Lyra that a program imports which ran before and prints a text."""

OF_DEFINING = 73
"""How many a program imports that defines a function and calls one of a plugin; those of the plugin count."""

SCRIPT = """
import json, sys
from lyra_core.cli import front
front._whole_process = True
front.main(["run", sys.argv[1]])
front._image.keep()
names = [name for name in sys.modules if name.partition(".")[0].startswith("lyra_")]
loaders = {name: type(sys.modules[name].__spec__.loader).__name__ for name in names}
from_image = [name for name in names if loaders[name] == "_Loader"]
print(json.dumps({"names": names, "from image": from_image, "file": sys.modules["lyra_core.values"].__file__}))
"""


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("LYRA_HOME", str(tmp_path / "home"))
    monkeypatch.delenv("PYTHONDONTWRITEBYTECODE", raising=False)
    return tmp_path / "home"


def run(folder: Path, text: str) -> tuple[str, dict[str, Any]]:
    """Run a program in a process of its own; return what it wrote, and what it imported."""
    file = folder / f"program-{len(text)}.lyra"
    file.write_text(text)
    result = subprocess.run(
        [sys.executable, "-c", SCRIPT, str(file)], cwd=folder, capture_output=True, text=True, check=True
    )
    *written, facts = result.stdout.splitlines()
    return "\n".join(written), json.loads(facts)


def image(home: Path) -> Path:
    (file,) = (home / "cache" / "engine").iterdir()
    return file


def test_a_program_that_prints_imports_what_printing_needs(tmp_path: Path) -> None:
    run(tmp_path, HELLO)
    written, facts = run(tmp_path, HELLO)
    assert written == "Hello"
    names = {name.partition(".")[2] for name in facts["names"] if name.startswith("lyra_core.")}
    assert sorted(names - set(OF_HELLO)) == []


def test_a_program_that_defines_imports_no_compiler(tmp_path: Path) -> None:
    run(tmp_path, DEFINING)
    written, facts = run(tmp_path, DEFINING)
    assert written == "15"
    assert len(facts["names"]) <= OF_DEFINING
    assert not [name for name in facts["names"] if name.startswith(("lyra_core.syntax", "lyra_core.compiler"))]


def test_what_a_run_imported_is_in_the_image_for_the_next(tmp_path: Path, home: Path) -> None:
    run(tmp_path, HELLO)
    assert not (home / "cache" / "engine").exists(), "a run that compiled its program imported what few others need"
    _, second = run(tmp_path, HELLO)
    assert second["from image"] == []
    before = image(home).stat()
    _, third = run(tmp_path, HELLO)
    assert len(third["from image"]) >= len(third["names"]) - 8, "all but the front door and the image itself"
    assert set(third["names"]) == set(second["names"])
    assert third["file"] == second["file"]
    assert image(home).stat().st_mtime_ns == before.st_mtime_ns
    for _ in range(2):
        run(tmp_path, DEFINING)
    assert image(home).stat().st_size > before.st_size
    _, last = run(tmp_path, HELLO)
    assert set(last["from image"]) == set(third["from image"])


def damage_table(data: bytes) -> bytes:
    return data[:100] + bytes([data[100] ^ 1]) + data[101:]


def damage_code(data: bytes) -> bytes:
    return data[:-5000] + bytes(5000)


def other_python(data: bytes) -> bytes:
    return data[:8] + b"cpython-299".ljust(40) + data[48:]


@pytest.mark.parametrize(
    ("change", "fewest"),
    [
        (damage_table, 0),
        (damage_code, 1),
        (other_python, 0),
        (lambda data: data[:30], 0),
        (lambda data: b"", 0),
    ],
    ids=["table", "code", "python", "cut off", "empty"],
)
def test_a_damaged_image_is_none(tmp_path: Path, home: Path, change: Any, fewest: int) -> None:
    for _ in range(3):
        _, whole = run(tmp_path, HELLO)
    file = image(home)
    file.write_bytes(change(file.read_bytes()))
    written, facts = run(tmp_path, HELLO)
    assert written == "Hello"
    assert set(facts["names"]) == set(whole["names"])
    assert fewest <= len(facts["from image"]) < len(whole["from image"])
    _, again = run(tmp_path, HELLO)
    assert set(again["from image"]) == set(whole["from image"]), "it was made anew"


@pytest.mark.skipif(not hasattr(os, "geteuid"), reason="permissions of files")
def test_an_image_that_others_may_write_is_none(tmp_path: Path, home: Path) -> None:
    for _ in range(2):
        run(tmp_path, HELLO)
    image(home).chmod(0o622)
    _, facts = run(tmp_path, HELLO)
    assert facts["from image"] == []


def test_a_module_that_changed_comes_from_its_file(tmp_path: Path, home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for _ in range(2):
        run(tmp_path, HELLO)
    monkeypatch.setattr(sys, "meta_path", list(sys.meta_path))
    from lyra_core import image as images

    made = images.Image("programs")
    name = "lyra_core.values.symbol"
    found = made.find_spec(name)
    assert found is not None
    assert found.origin is not None
    assert found.loader is not None
    source = found.loader.get_source(name)  # type: ignore[attr-defined]  # a SourceFileLoader
    assert source == Path(found.origin).read_text()
    entry = made._entries[name]
    made._entries[name] = ((entry[0][0], entry[0][1] + 1), *entry[1:])
    assert made.find_spec(name) is None
    assert made.find_spec("lyra_core.compiler.compile") is None


def test_no_image_is_written_where_python_writes_none(
    tmp_path: Path, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PYTHONDONTWRITEBYTECODE", "1")
    for _ in range(2):
        run(tmp_path, HELLO)
    assert not (home / "cache" / "engine").exists()
