"""`lyra repl` on a pipe, and `lyra -c`: what is written for each input."""

from __future__ import annotations

import io

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
