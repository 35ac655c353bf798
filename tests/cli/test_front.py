"""The front door: which command lines it serves itself, and what every command line ends with."""

from __future__ import annotations

import errno
import subprocess
import sys
from pathlib import Path

import pytest

from lyra_core import __version__
from lyra_core.cli import front
from lyra_core.cli.exit_codes import exit_code_of
from lyra_core.errors import (
    IntegrityError,
    LyraError,
    LyraSyntaxError,
    ManifestError,
    NameResolutionError,
    PermissionRefused,
    PluginError,
    RegistryError,
    ResolutionError,
    RuntimeFault,
)


def plan(*words: str) -> tuple[object, ...] | None:
    found = front._Plain.read(list(words))
    if found is None:
        return None
    return found.command, found.subject, found.arguments, found.plugins, found.form, found.each, found.json


PLAIN = [
    (("--version",), ("version", "", [], True, "", False, False)),
    (("run", "a.lyra"), ("run", "a.lyra", [], True, "", False, False)),
    (("run", "a.lyra", "--x", "-c", "1"), ("run", "a.lyra", ["--x", "-c", "1"], True, "", False, False)),
    (("--no-plugins", "run", "a.lyra"), ("run", "a.lyra", [], False, "", False, False)),
    (("run", "--no-plugins", "a.lyra"), ("run", "a.lyra", [], False, "", False, False)),
    (("-c", "1+1"), ("code", "1+1", [], True, "", False, False)),
    (("-c", "1+1", "x", "-y"), ("code", "1+1", ["x", "-y"], True, "", False, False)),
    (("--each", "--format", "full", "-c", "1"), ("code", "1", [], True, "full", True, False)),
    (("--format=json", "-c", "1"), ("code", "1", [], True, "json", False, False)),
    (("run", "--format", "json", "a.lyra"), ("run", "a.lyra", [], True, "json", False, False)),
    (("run", "a.lyra", "--format", "json"), ("run", "a.lyra", ["--format", "json"], True, "", False, False)),
    (("repl",), ("repl", "", [], True, "", False, False)),
    (("--format", "full", "repl", "--plain"), ("repl", "--plain", [], True, "full", False, False)),
    (("repl", "--no-plugins", "--format=json"), ("repl", "", [], False, "json", False, False)),
    (("modules", "list"), ("modules", "", [], True, "", False, False)),
    (("modules", "list", "--json"), ("modules", "", [], True, "", False, True)),
    (("--no-plugins", "modules", "list"), ("modules", "", [], False, "", False, False)),
]
FOR_THE_APP = [
    (),
    ("--help",),
    ("run",),
    ("run", "--help"),
    ("run", "--frobnicate", "a.lyra"),
    ("--version", "x"),
    ("-c",),
    ("--format", "xml", "-c", "1"),
    ("modules",),
    ("modules", "list", "--help"),
    ("modules", "list", "--no-plugins"),
    ("modules", "info", "std::math"),
    ("explain", "LYR0301"),
    ("repl", "--help"),
    ("repl", "--format", "xml"),
    ("repl", "file.lyra"),
    ("--each", "repl"),
]


@pytest.mark.parametrize(("words", "expected"), PLAIN)
def test_plain_command_lines_are_read_without_typer(words: tuple[str, ...], expected: tuple[object, ...]) -> None:
    assert plan(*words) == expected


@pytest.mark.parametrize("words", FOR_THE_APP)
def test_everything_else_goes_to_the_application(words: tuple[str, ...]) -> None:
    assert plan(*words) is None


def python(code: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)


HEAVY = (
    "argparse",
    "click",
    "dataclasses",
    "enum",
    "importlib.metadata",
    "importlib_metadata",
    "inspect",
    "json",
    "pathlib",
    "pluggy",
    "re",
    "rich",
    "tomllib",
    "typer",
    "typing",
)


@pytest.mark.parametrize("words", [["--version"], ["modules", "list"]])
def test_the_front_door_imports_nothing_heavy(words: list[str]) -> None:
    call = f"from lyra_core.cli.front import main; main({words!r})"
    warm = python(call)
    assert warm.returncode == 0, warm.stderr
    result = python(
        f"import sys; before = set(sys.modules); {call}; print(sorted((set(sys.modules) - before) & set({HEAVY!r})))"
    )
    assert result.stdout.splitlines()[-1] == "[]"


def test_the_version(capsys: pytest.CaptureFixture[str]) -> None:
    assert front.main(["--version"]) == 0
    assert capsys.readouterr().out == f"lyra {__version__}\n"
    assert front.main(["--version", "--no-plugins"]) == 0
    assert capsys.readouterr().out == f"lyra {__version__}\n"


USAGE = [
    (["frobnicate"], "unknown command `frobnicate`", "lyra --help"),
    (["modlues", "list"], "unknown command `modlues`", "did you mean `lyra modules`?"),
    (["modules", "lst"], "unknown command `lst`", "did you mean `lyra modules list`?"),
    (["modules", "list", "--jsno"], "unknown option `--jsno`", "did you mean `--json`?"),
    (["modules", "info"], "missing argument", "lyra modules info --help"),
    (["run"], "missing argument", "lyra run --help"),
    (["--frmat", "json"], "unknown option `--frmat`", "did you mean `--format`?"),
    (["--format", "xml", "-c", "1"], "invalid value for", "lyra --help"),
]


@pytest.mark.parametrize(("words", "message", "hint"), USAGE)
def test_mistakes_end_with_code_2_and_a_command_to_type(
    words: list[str], message: str, hint: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert front.main(words) == 2
    captured = capsys.readouterr()
    assert captured.out == ""
    assert captured.err.startswith("error[LYR0930]: " + message)
    assert f"hint: {hint}\n" in captured.err
    assert captured.err.splitlines()[-1].startswith("hint: lyra")


@pytest.mark.parametrize("words", [["--help"], ["-h"], ["modules", "--help"], ["run", "-h"]])
def test_help_goes_to_stdout(words: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert front.main(words) == 0
    captured = capsys.readouterr()
    assert captured.out.startswith("Usage: lyra")
    assert captured.err == ""


CODES = [
    (LyraSyntaxError("LYR0101", ""), 1),
    (NameResolutionError("LYR0234", ""), 1),
    (ResolutionError("LYR0310", ""), 3),
    (ManifestError("LYR0401", ""), 1),
    (RegistryError("LYR0501", ""), 3),
    (RegistryError("LYR0505", ""), 5),
    (RegistryError("LYR0504", ""), 8),
    (ManifestError("LYR0460", ""), 4),
    (IntegrityError("LYR0650", ""), 6),
    (PermissionRefused("LYR0703", ""), 7),
    (PluginError("LYR0801", ""), 1),
    (RuntimeFault("LYR0930", ""), 2),
    (RuntimeFault("LYR0903", ""), 1),
]


@pytest.mark.parametrize(("error", "code"), CODES)
def test_each_kind_of_error_has_its_exit_code(error: LyraError, code: int) -> None:
    assert exit_code_of(error) == code


def test_an_operation_may_know_better() -> None:
    error = RegistryError("LYR0520", "refused")
    error.exit_code = 8  # type: ignore[attr-defined]
    assert exit_code_of(error) == 8


def failing(error: BaseException) -> object:
    def serve(given: list[str]) -> int:
        raise error

    return serve


def test_a_lyra_error_is_rendered(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr(front, "_serve", failing(IntegrityError("LYR0650", "broken", hints=("mend it",))))
    assert front.main([]) == 6
    assert capsys.readouterr().err == "error[LYR0650]: broken\nhint: mend it\n"


def test_a_mistake_in_lyra_shows_no_traceback_and_keeps_it(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: object
) -> None:
    from pathlib import Path

    home = Path(str(tmp_path))
    monkeypatch.setenv("LYRA_HOME", str(home))
    monkeypatch.setattr(front, "_serve", failing(ZeroDivisionError("oops")))
    assert front.main([]) == 70
    captured = capsys.readouterr()
    assert captured.out == ""
    assert captured.err.startswith("error[LYR0999]: internal error: ZeroDivisionError: oops\n")
    assert "Traceback" not in captured.err
    assert captured.err.splitlines()[-1] == "hint: lyra explain LYR0999"
    kept = (home / "cache" / "crash.txt").read_text()
    assert "Traceback" in kept
    assert __version__ in kept


def test_a_mistake_in_lyra_without_a_place_for_the_traceback(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("LYRA_HOME", "/dev/null")
    monkeypatch.setattr(front, "_serve", failing(ZeroDivisionError("oops")))
    assert front.main([]) == 70
    assert "hint: report it with what you ran\n" in capsys.readouterr().err


def test_an_interrupt_ends_quietly(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr(front, "_serve", failing(KeyboardInterrupt()))
    assert front.main([]) == 130
    assert capsys.readouterr().err == "interrupted\n"


def test_a_closed_pipe_is_no_error() -> None:
    code = "from lyra_core.cli.front import main; import sys; sys.exit(main(['modules', 'list', '--json']))"
    process = subprocess.Popen(
        [sys.executable, "-c", "import os, sys; os.close(1 if False else 0);" + code],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    assert process.stdout is not None
    process.stdout.close()
    assert process.stderr is not None
    errors = process.stderr.read().decode()
    process.stderr.close()
    assert process.wait() in (0, 141)
    assert errors == ""


def test_a_terminal_without_the_characters_is_no_error() -> None:
    result = subprocess.run(
        [sys.executable, "-m", "lyra_core.cli.front", "modules", "list"],
        capture_output=True,
        env={"PYTHONIOENCODING": "ascii", "PATH": "", "LYRA_HOME": "/dev/null"},
        check=False,
    )
    assert result.returncode == 0
    assert b"namespace" in result.stdout


@pytest.mark.parametrize("arguments", [[], ["--json"]])
def test_a_machine_that_fails_is_no_mistake_in_lyra(
    arguments: list[str], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(front, "_serve", failing(OSError(errno.EIO, "Input/output error", "/data/Lyra.toml")))
    assert front.main(arguments) == 1
    captured = capsys.readouterr()
    shown = captured.out if arguments else captured.err
    assert "LYR0935" in shown
    assert "the system refused at /data/Lyra.toml: Input/output error" in shown


def test_a_file_that_should_be_there_is_a_mistake_in_lyra(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(front, "_serve", failing(FileNotFoundError(errno.ENOENT, "No such file", "table.json")))
    assert front.main([]) == 70
    assert "LYR0999" in capsys.readouterr().err


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="a device of Linux")
@pytest.mark.parametrize("arguments", [["-c", "Range[10]"], ["pkg", "list", "--json"], ["pkg", "--help"]])
def test_output_that_cannot_be_written_is_an_error(arguments: list[str], tmp_path: Path) -> None:
    with Path("/dev/full").open("w") as full:
        done = subprocess.run(
            [sys.executable, "-m", "lyra_core.cli.front", *arguments],
            cwd=tmp_path,
            stdout=full,
            stderr=subprocess.PIPE,
            text=True,
            check=False,
        )
    assert done.returncode == 1
    assert done.stderr.startswith("error[LYR0935]: the system refused: No space left on device\n")
    assert "Traceback" not in done.stderr


@pytest.mark.skipif(sys.platform == "win32", reason="a working folder cannot be deleted there")
def test_a_working_folder_that_was_deleted(tmp_path: Path) -> None:
    def run(*arguments: str) -> subprocess.CompletedProcess[str]:
        folder = tmp_path / "gone"
        folder.mkdir()
        start = "import os, sys; os.rmdir(os.getcwd()); from lyra_core.cli.front import script; script()"
        return subprocess.run(
            [sys.executable, "-P", "-c", start, *arguments], cwd=folder, capture_output=True, text=True, check=False
        )

    assert run("-c", "1 + 1").stdout == "2\n"
    listed = run("pkg", "list")
    assert (listed.returncode, listed.stderr) == (
        1,
        "error[LYR0935]: the folder you are in does not exist any more\nhint: cd ~\n",
    )
