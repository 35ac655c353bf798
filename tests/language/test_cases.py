"""Language behaviour is tested in the language: every `.lyra` file beside this one is run case by case.

A case is Lyra source followed by what it must do:

    Sin[Pi/3]
    (* => Sqrt[3]/2 *)
    1/0
    (* => ComplexInfinity *)
    (* !> Power::infy *)

`=>` gives the printed InputForm of the last value, `!>` a message that must appear. Definitions last until
the end of the file. Cases without `!>` must not issue a message.
"""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from lyra_core.errors import LyraError
from lyra_core.evaluation.state import STATE
from lyra_core.runtime.session import Session

FOLDER = Path(__file__).parent
FILES = sorted(FOLDER.rglob("*.lyra"))
EXPECTATION = re.compile(r"\(\* (=>|!>) (.*) \*\)\s*$")


class Case:
    def __init__(self, line: int, text: str) -> None:
        self.line = line
        self.text = text
        self.value: str | None = None
        self.messages: list[str] = []


def read_cases(path: Path) -> list[Case]:
    """Split a case file into its cases."""
    cases: list[Case] = []
    pending: list[str] = []
    start = 1
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
        found = EXPECTATION.match(line.strip())
        if found is None:
            if not pending:
                start = number
            pending.append(line)
            continue
        if pending:
            cases.append(Case(start, "\n".join(pending)))
            pending = []
        if found[1] == "=>":
            cases[-1].value = found[2]
        else:
            cases[-1].messages.append(found[2])
    if "".join(pending).strip():
        cases.append(Case(start, "\n".join(pending)))
    return cases


def run_case(session: Session, case: Case) -> list[str]:
    """Return what is wrong with one case; nothing when it does what it says."""
    issued: list[str] = []

    def listen(symbol: object, tag: str) -> bool:
        issued.append(f"{getattr(symbol, 'name', symbol)}::{tag}")
        return True

    STATE.message_filter.append(listen)
    try:
        shown = session.text_of(session.evaluate_text(case.text, name="case"))
    except LyraError as error:
        shown = f"{error.code}"
        issued.append(error.code)
    finally:
        STATE.message_filter.remove(listen)
    wrong = []
    if case.value is not None and shown != case.value:
        wrong.append(f"gives {shown}\n    instead of {case.value}")
    wrong += [f"does not issue {tag} (issued: {issued})" for tag in case.messages if tag not in issued]
    if not case.messages and issued:
        wrong.append(f"issues {', '.join(issued)}")
    return wrong


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_cases_of_file(path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Every case of the file gives its value and its messages."""
    failures = []
    cases = read_cases(path)
    with Session() as session:
        for case in cases:
            for wrong in run_case(session, case):
                failures.append(f"{path.name}:{case.line}: {case.text.strip()}\n    {wrong}")
    assert cases, f"{path.name} holds no case"
    assert not failures, f"{len(failures)} of {len(cases)} cases:\n" + "\n".join(failures)
