"""Programs kept between runs: the second run gives what the first gave, and makes nothing that the first made."""

from __future__ import annotations

import io
import os
import re
from pathlib import Path

import pytest

from lyra_core import kept as kept_files
from lyra_core.environment import cache_folder
from lyra_core.evaluation import linkage
from lyra_core.evaluation.state import STATE
from lyra_core.modules.artefact import artefact_image
from lyra_core.runtime.session import Session
from tests.lowering.test_agreement import CASES

WHOLE = """import std::list::*
fib[0] = 0; fib[1] = 1
fib[n_Integer] := fib[n - 1] + fib[n - 2]
SetAttributes[quote, HoldAll]; quote[x_] := Hold[x]
//! Adds.
add[x_, y_: 2] := Module[{s = x}, While[s < 10, s += y]; s]
i = 0; total = 0
While[i < 100, total += i; i++]
Print[fib[15], " ", quote[1 + 1], " ", add[1], " ", total]
Print[Map[#^2 + 1 &, Range[40]] // Total, " ", Select[Range[10], EvenQ]]
Print[add::usage]
big = 10^40; Print[big, " ", 1/3, " ", 2.5, " ", 3 + 4 I, " ", <|"a" -> 1|>]
Print[ToExpression["fib[3]"], " ", Table[k^2, {k, 5}]]
f[x_] := g[x]; Print[f[1]]; g[x_] := x + 1; Print[f[1]]
"""


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("LYRA_HOME", str(tmp_path / "home"))
    return tmp_path / "home"


@pytest.fixture
def made(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What was parsed, and what was lowered."""
    seen: list[str] = []
    lowered = linkage.World.lowered

    def lower(self: linkage.World, code: object, *rest: object) -> object:
        seen.append(f"lowered {getattr(code, 'name', '?')}")
        return lowered(self, code, *rest)  # type: ignore[arg-type]  # passed on as they came

    import lyra_core.syntax

    parse_program = lyra_core.syntax.parse_program

    def parse(source: object) -> object:
        if not getattr(source, "name", "").startswith("<"):
            seen.append("parsed")
        return parse_program(source)  # type: ignore[arg-type]  # passed on as it came

    monkeypatch.setattr(linkage.World, "lowered", lower)
    monkeypatch.setattr(lyra_core.syntax, "parse_program", parse)
    return seen


def run(file: Path) -> tuple[int, str]:
    """Run a program and return its exit code and all that it wrote."""
    out = io.StringIO()
    with Session() as session:
        STATE.stdout, STATE.stderr = out, out
        try:
            code = session.run_file(str(file))
        finally:
            STATE.stdout = STATE.stderr = None
    return code, re.sub(r"\$\d+", "$", out.getvalue())  # symbols of Module are numbered through


def program(tmp_path: Path, text: str) -> Path:
    file = tmp_path / "program.lyra"
    file.write_text(text, encoding="utf-8")
    return file


def kept() -> list[Path]:
    return list(Path(cache_folder(), "programs").glob("*.code"))


def test_the_second_run_makes_nothing(tmp_path: Path, made: list[str]) -> None:
    file = program(tmp_path, WHOLE)
    first = run(file)
    assert first[0] == 0
    assert "610 Hold[1 + 1]" in first[1]
    assert "parsed" in made
    assert "lowered fib" in made
    made.clear()
    assert run(file) == first
    assert made == []


@pytest.mark.parametrize("at", range(4))
def test_kept_programs_agree_with_those_from_source(tmp_path: Path, at: int) -> None:
    """Each program of the table of agreement writes the same in the first, the second and the third run."""
    for number, case in enumerate(CASES[at::4]):
        file = tmp_path / f"case{number}.lyra"
        file.write_text(f"{case}\nPrint[InputForm[({case})]]\n", encoding="utf-8")
        first = run(file)
        assert run(file) == first, case
        assert run(file) == first, case


def test_what_a_program_does_only_sometimes_is_kept_when_it_does(tmp_path: Path, made: list[str]) -> None:
    """The second run takes another way; the third has the code of both."""
    text = 'f[x_] := x + 1; g[x_] := x + 2; h = If[FileExistsQ["FLAG"], g, f]; Print[{h[1], h[2], h[3]}]\n'
    flag = tmp_path / "flag"
    file = program(tmp_path, text.replace("FLAG", str(flag)))
    assert run(file)[1] == "{2, 3, 4}\n"
    flag.write_text("")
    assert run(file)[1] == "{3, 4, 5}\n"
    made.clear()
    assert run(file)[1] == "{3, 4, 5}\n"
    assert made == []


def test_every_damage_goes_unnoticed(tmp_path: Path) -> None:
    """Whatever byte of the cache is changed, wherever it is cut: the program writes what it wrote."""
    file = program(tmp_path, WHOLE)
    expected = run(file)
    (cache,) = kept()
    whole = cache.read_bytes()
    for at in range(0, len(whole), max(1, len(whole) // 60)):
        cache.write_bytes(whole[:at] + bytes([whole[at] ^ 0x11]) + whole[at + 1 :])
        assert run(file) == expected
    for cut in (0, 7, 55, 56, len(whole) // 2):
        cache.write_bytes(whole[:cut])
        assert run(file) == expected


@pytest.mark.skipif(not hasattr(os, "geteuid"), reason="needs the permissions of a Unix file system")
@pytest.mark.parametrize(("what", "mode"), [("file", 0o666), ("file", 0o620), ("folder", 0o777)])
def test_a_cache_that_others_may_write_is_not_read(tmp_path: Path, made: list[str], what: str, mode: int) -> None:
    """Compiled code is trusted only where nobody else can have put it."""
    file = program(tmp_path, WHOLE)
    expected = run(file)
    (cache,) = kept()
    (cache if what == "file" else cache.parent).chmod(mode)
    made.clear()
    assert run(file) == expected
    assert "parsed" in made


def test_a_cache_that_cannot_be_written_is_done_without(tmp_path: Path, home: Path) -> None:
    """Something else stands where its folder should be; nothing is said about it."""
    (home / "cache").mkdir(parents=True)
    (home / "cache" / "programs").write_text("in the way")
    file = program(tmp_path, WHOLE)
    first = run(file)
    assert first[0] == 0
    assert "error" not in first[1]
    assert run(file) == first


def test_a_full_disk_is_done_without(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Writing fails half-way: no file is left behind, neither whole nor in part."""
    file = program(tmp_path, WHOLE)

    def full(source: str, target: str) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "replace", full)
    first = run(file)
    assert first[0] == 0
    assert list(Path(cache_folder()).glob("programs/*")) == []


def test_a_program_that_fails_fails_again(tmp_path: Path) -> None:
    """Messages, places and the exit code are the same from the cache; one that does not resolve is not kept."""
    file = program(tmp_path, "f[x_] := Part[{1, 2}, x]\nPrint[f[7]]\n\nf[8]\nThrow[1]\n")
    first = run(file)
    assert "program.lyra:1" in first[1]
    assert run(file) == first
    broken = program(tmp_path, "Print[1]\nimport nowhere::*\n")
    first = run(broken)
    assert first[0] == 1
    assert run(broken) == first


def test_a_changed_engine_makes_everything_anew(
    tmp_path: Path, made: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    file = program(tmp_path, WHOLE)
    expected = run(file)
    monkeypatch.setattr(kept_files, "_stamp", "another one")
    made.clear()
    assert run(file) == expected
    assert "parsed" in made


def test_code_nested_deeper_than_can_be_kept_runs_all_the_same(tmp_path: Path) -> None:
    """marshal stops at 2,000 levels: such a program is run from its source each time."""
    nested = "1+(" * 3000 + "y" + ")" * 3000
    file = program(tmp_path, f"k[y_] := {nested}\ni = 0; While[i < 3, y = i; i = i + 1; x = {nested}]; Print[x]\n")
    first = run(file)
    assert first == (0, "3002\n")
    assert run(file) == first


def test_a_compiled_module_is_no_program(tmp_path: Path) -> None:
    file = tmp_path / "module.lyrac"
    file.write_bytes(artefact_image([("f", b"")]))
    code, said = run(file)
    assert code == 1
    assert "LYR0659" in said


def test_what_code_takes_for_granted_is_compared(tmp_path: Path) -> None:
    """`x++` is a sum that nobody wrote down: the program redefines Plus only when a file is there."""
    flag = tmp_path / "flag"
    text = 'If[FileExistsQ["FLAG"], Unprotect[Plus]; 5 + 1 = odd]\n'
    text += "f[n_] := Module[{x = n}, x++; x]\nPrint[{f[5], f[5], f[5]}]\n"
    file = program(tmp_path, text.replace("FLAG", str(flag)))
    assert run(file)[1] == "{6, 6, 6}\n"
    flag.write_text("")
    with_flag = run(file)
    assert run(file) == with_flag
    (cache,) = kept()
    cache.unlink()
    assert run(file) == with_flag
    flag.unlink()
    assert run(file)[1] == "{6, 6, 6}\n"


def test_a_full_folder_forgets_what_was_written_longest_ago(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kept_files, "_MOST", 6)
    for number in range(6):
        file = tmp_path / "kept" / f"{number}.code"
        assert kept_files.store(str(file), number)
        os.utime(file, (number, number))
    assert kept_files.store(str(tmp_path / "kept" / "last.code"), "last")
    assert sorted(each.name for each in (tmp_path / "kept").iterdir()) == ["4.code", "5.code", "last.code"]
