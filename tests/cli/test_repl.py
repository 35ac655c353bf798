"""`lyra repl` on a pipe, and `lyra -c`: what is written for each input."""

from __future__ import annotations

import io
from pathlib import Path

import pytest

from lyra_core.cli.front import main


def repl(
    text: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], *words: str
) -> tuple[int, list[str], str]:
    monkeypatch.setattr("sys.stdin", io.StringIO(text))
    code = main([*words, "repl"] if not words or words[0] != "repl" else list(words))
    captured = capsys.readouterr()
    return code, captured.out.splitlines(), captured.err


PLAIN = [
    ("1+1\n", ["2"]),
    ("x = 5;\nx + 1\n", ["Null", "6"]),
    ("{1,\n2}\n3", ["{1, 2}", "3"]),
    ("\n\n(* a comment *)\n7\n", ["7"]),
    ('"a\nb"\n', ["a\\nb"]),
    ("", []),
]


@pytest.mark.parametrize(("text", "lines"), PLAIN)
def test_plain_writes_one_line_for_each_input(
    text: str, lines: list[str], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert repl(text, monkeypatch, capsys, "repl", "--plain") == (0, lines, "")


def test_without_plain_null_is_not_written(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    assert repl("x = 5;\nx + 1\n", monkeypatch, capsys) == (0, ["6"], "")


def test_a_mistake_is_reported_and_the_session_goes_on(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    code, lines, talk = repl("1 + )\nimport nowhere\n2\nf[\n", monkeypatch, capsys, "repl", "--plain")
    assert (code, lines) == (0, ["$Failed", "$Failed", "2", "$Failed"])
    assert "unknown module nowhere" in talk
    assert "<In[2]>:1:1" in talk


def test_imports_hold_for_the_inputs_that_follow(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    code, lines, _ = repl("import std::core as c\nc::Length[{1, 2}]\n", monkeypatch, capsys, "repl", "--plain")
    assert (code, lines) == (0, ["Null", "2"])


def test_quit_ends_with_its_code(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    code, lines, _ = repl("1\nQuit[3]\n2\n", monkeypatch, capsys, "repl", "--plain")
    assert (code, lines) == (3, ["1"])


@pytest.mark.parametrize(("form", "written"), [("input", '"a"'), ("output", "a"), ("full", '"a"'), ("json", '"a"')])
def test_the_form_of_values(
    form: str, written: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert repl('"a"\n', monkeypatch, capsys, "repl", "--format", form) == (0, [written], "")
    assert repl('"a"\n', monkeypatch, capsys, "--format", form) == (0, [written], "")
    assert main(["--format", form, "-c", '"a"']) == 0
    assert capsys.readouterr().out == written + "\n"


@pytest.mark.parametrize(
    ("words", "written"),
    [
        (["-c", "1\n2\nx = 3;"], "2\n"),
        (["--each", "-c", "1\n2\nx = 3;"], "1\n2\n"),
        (["-c", "x = 3;"], ""),
        (["--no-plugins", "-c", "1 + 1"], "2\n"),
    ],
)
def test_code_on_the_command_line(words: list[str], written: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(words) == 0
    assert capsys.readouterr().out == written


def test_code_with_a_mistake_ends_with_1(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["-c", "f[1"]) == 1
    captured = capsys.readouterr()
    assert captured.out == ""
    assert captured.err.startswith("error[LYR01")


def test_a_mistake_of_lyra_itself_does_not_end_the_session(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    from lyra_core.runtime.session import Session

    whole = Session.evaluate_text

    def evaluate_text(self: Session, text: str, name: str = "<input>") -> object:
        if "trap" in text:
            raise ZeroDivisionError("a trap")
        return whole(self, text, name)

    monkeypatch.setattr(Session, "evaluate_text", evaluate_text)
    code, lines, talk = repl("x = 5;\ntrap\nx + 1\n", monkeypatch, capsys, "repl", "--plain")
    assert (code, lines) == (0, ["Null", "$Failed", "6"])
    assert "LYR0999" in talk


@pytest.mark.parametrize(
    ("code", "written"),
    [
        ("5\n% + 1", "6\n"),
        ("5\n7\n%% + %", "12\n"),
        ("5\n7;\n%2 + Out[1]", "12\n"),
        ("{1, 2};\n%[[2]]", "2\n"),
    ],
)
def test_results_before(code: str, written: str, capsys: pytest.CaptureFixture[str]) -> None:
    """`%`, `%%`, `%n` and Out are the results of the statements before, on the command line too."""
    assert main(["-c", code]) == 0
    assert capsys.readouterr().out == written


@pytest.mark.parametrize(
    ("form", "written"),
    [
        ("input", '"a" {1, 2.5}\n>> <|"k" -> x|>\n'),
        ("output", "a{1, 2.5}\n>> <|k -> x|>\n"),
        ("full", '"a" List[1, 2.5`]\n>> Association[Rule["k", x]]\n'),
    ],
)
def test_the_form_of_what_a_program_writes(
    form: str, written: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """`lyra run --format` decides how Print and Echo write values."""
    program = tmp_path / "program.lyra"
    program.write_text('Print["a", {1, 2.5}]\nEcho[<|"k" -> x|>]\n')
    assert main(["run", "--format", form, str(program)]) == 0
    first = capsys.readouterr().out
    assert main(["run", "--format", form, str(program), "--format", "ignored"]) == 0
    assert [first, capsys.readouterr().out] == [written, written]


def test_json_of_what_a_program_writes(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    import json

    program = tmp_path / "program.lyra"
    program.write_text('Print[{1, "a"}]\n')
    assert main(["--format", "json", "run", str(program)]) == 0
    assert json.loads(capsys.readouterr().out) == [1, "a"]
