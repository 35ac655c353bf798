"""`lyra pkg test`: every test file and every module with examples, each in a process of its own."""

from __future__ import annotations

import difflib
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING, Any

from lyra_core.errors import ManifestError
from lyra_core.operations.install import ensure_installed
from lyra_core.operations.policies import ask_before_run
from lyra_core.operations.running import project_plan
from lyra_core.packages.durable import write_durably
from lyra_core.records import Record, field
from lyra_core.suggest import did_you_mean

if TYPE_CHECKING:
    from lyra_core.operations.environment import Environment
    from lyra_core.packages.project import Project

__all__ = ["TestReport", "TestResult", "run_tests"]

_KEPT = (
    "HOME",
    "LANG",
    "LC_ALL",
    "LYRA_HOME",
    "PATH",
    "PYTHONPATH",
    "SYSTEMROOT",
    "TEMP",
    "TMPDIR",
    "TZ",
    "VIRTUAL_ENV",
)
"""The environment of a worker: what Python needs, and nothing a test could come to depend on."""


class TestResult(Record):
    """One test: *outcome* is `passed`, `failed` or `error`; *messages* are those nobody expected."""

    __test__ = False  # its name would make pytest collect it

    name: str
    file: str
    line: int
    outcome: str
    expected: str = ""
    actual: str = ""
    output: str = ""
    messages: tuple[str, ...] = ()
    seconds: float = 0.0

    def lines(self) -> list[str]:
        """Return the failure as a person reads it: where, what was expected, what came, as a difference."""
        lines = [f"FAIL  {self.file}:{self.line}  {self.name}"]
        if self.outcome == "error":
            lines += [f"      {line}" for line in self.actual.splitlines()]
        elif self.expected != self.actual:
            lines += [f"      {line}" for line in difference(self.expected, self.actual)]
        if self.messages:
            lines.append(f"      unexpected messages: {', '.join(self.messages)}")
        lines += [f"      | {line}" for line in self.output.splitlines()[:20]]
        return lines


def difference(expected: str, actual: str) -> list[str]:
    """Return lines that show where *actual* differs: marks below single lines, a diff for several."""
    if "\n" in expected or "\n" in actual:
        found = difflib.unified_diff(expected.splitlines(), actual.splitlines(), "expected", "actual", lineterm="")
        return list(found)
    lines = [f"- {expected}", f"+ {actual}"]
    marks = [" "] * len(actual)
    for tag, _, _, begin, end in difflib.SequenceMatcher(None, expected, actual, autojunk=False).get_opcodes():
        if tag != "equal":
            for at in range(begin, max(end, begin + 1)):
                if at < len(marks):
                    marks[at] = "^"
    pointed = "".join(marks).rstrip()
    return [*lines, f"  {pointed}"] if pointed and "^" in pointed and len(actual) <= 200 else lines


class TestReport(Record):
    """The results of a run, by file and line."""

    __test__ = False  # its name would make pytest collect it

    results: tuple[TestResult, ...]
    seconds: float
    files: int = 0
    package: str = ""
    jobs: int = field(default=1)

    @property
    def is_good(self) -> bool:
        """Whether nothing failed."""
        return all(each.outcome == "passed" for each in self.results)

    def failures(self) -> list[TestResult]:
        """Return what did not pass."""
        return [each for each in self.results if each.outcome != "passed"]

    def lines(self, *, verbose: bool = False) -> list[str]:
        """Return the failures, with *verbose* every test."""
        lines: list[str] = []
        for each in self.results:
            if each.outcome != "passed":
                lines += each.lines()
            elif verbose:
                lines.append(f"ok    {each.file}:{each.line}  {each.name}  {each.seconds * 1000:.0f} ms")
        return lines

    def summary(self) -> str:
        """Return the counts in one line."""
        passed = sum(1 for each in self.results if each.outcome == "passed")
        failed = len(self.results) - passed
        counts = f"{passed} passed" + (f", {failed} failed" if failed else "")
        return f"{counts} in {self.files} file{'s' * (self.files != 1)}, {self.seconds:.2f} s"

    def to_json(self) -> dict[str, Any]:
        """Return the report as plain data."""
        return {
            "package": self.package,
            "passed": sum(1 for each in self.results if each.outcome == "passed"),
            "failed": len(self.failures()),
            "seconds": round(self.seconds, 3),
            "tests": [
                {
                    "name": each.name,
                    "file": each.file,
                    "line": each.line,
                    "outcome": each.outcome,
                    "expected": each.expected,
                    "actual": each.actual,
                    "messages": list(each.messages),
                    "seconds": round(each.seconds, 6),
                }
                for each in self.results
            ],
        }

    def write_junit(self, path: str | Path) -> None:
        """Write the report in the XML that build servers read. Errors: ManifestError LYR0416."""
        from xml.sax.saxutils import escape, quoteattr

        lines = ['<?xml version="1.0" encoding="UTF-8"?>']
        failed = sum(1 for each in self.results if each.outcome == "failed")
        errors = sum(1 for each in self.results if each.outcome == "error")
        counts = f'tests="{len(self.results)}" failures="{failed}" errors="{errors}" time="{self.seconds:.3f}"'
        lines.append(f"<testsuites {counts}>")
        lines.append(f"  <testsuite name={quoteattr(self.package)} {counts}>")
        for each in self.results:
            head = (
                f"    <testcase classname={quoteattr(each.file)} name={quoteattr(_xml(each.name))} "
                f'file={quoteattr(each.file)} line="{each.line}" time="{each.seconds:.6f}"'
            )
            if each.outcome == "passed":
                lines.append(head + "/>")
                continue
            kind = "failure" if each.outcome == "failed" else "error"
            text = _xml("\n".join(each.lines()[1:]))
            lines += [head + ">", f"      <{kind} message={quoteattr(_xml(each.actual[:200]))}>{escape(text)}</{kind}>"]
            lines.append("    </testcase>")
        lines += ["  </testsuite>", "</testsuites>"]
        try:
            write_durably(Path(path), ("\n".join(lines) + "\n").encode(), 0o644)
        except OSError as error:
            raise ManifestError("LYR0416", f"{path} cannot be written: {error.strerror}") from error


def _xml(text: str) -> str:
    """Return *text* without the control characters that XML cannot hold."""
    return "".join(char for char in text if char in "\t\n\r" or ord(char) >= 32)


def run_tests(
    environment: Environment,
    *,
    files: Sequence[str] = (),
    pattern: str = "",
    jobs: int = 0,
    documentation: bool = True,
    timeout: float = 120.0,
) -> TestReport:
    """Run the tests of the project with its development dependencies and return the report.

    *files* are those to run alone, *pattern* a part of the file or name of a test. What the lock grants is all that
    packages may do meanwhile. Errors: ManifestError LYR0469 for a file that is no test file of the project.
    """
    started = time.perf_counter()
    project = environment.project
    ensure_installed(environment)
    linked = project_plan(project, environment.store, dev=True)
    ask_before_run(str(project.root), linked)
    plan = json.loads(json.dumps(linked.to_data(), default=list))
    work = _work(project, files, documentation)
    workers = max(1, min(jobs or os.cpu_count() or 1, len(work) or 1))
    asked = [{**each, "plan": plan, "root": str(project.root), "pattern": pattern} for each in work]
    with tempfile.TemporaryDirectory(prefix="lyra-test-") as scratch, ThreadPoolExecutor(workers) as pool:
        found = list(pool.map(lambda each: _run(each, scratch, timeout, project.root), asked))
    results = sorted((result for part in found for result in part), key=lambda each: (each.file, each.line))
    used = sum(1 for part in found if part)
    return TestReport(tuple(results), time.perf_counter() - started, used, project.name, workers)


def _work(project: Project, files: Sequence[str], documentation: bool) -> list[dict[str, Any]]:
    """Return what workers are asked: test files below tests/ (fixtures/ left out), modules with examples."""
    known = {
        each.relative_to(project.root).as_posix(): each
        for each in project.test_files()
        if "fixtures" not in each.relative_to(project.root / "tests").parts[:-1]
    }
    modules = {
        file.relative_to(project.root).as_posix(): (module, file)
        for module, file in project.modules().items()
        if documentation and ">>>" in file.read_text(encoding="utf-8", errors="replace")
    }
    chosen = [*known, *modules]
    if files:
        chosen = []
        for text in files:
            path = Path(os.path.abspath(text))
            shown = path.relative_to(project.root).as_posix() if path.is_relative_to(project.root) else text
            if shown not in known and shown not in modules and text in {*known, *modules}:
                shown = text  # as it is written in a report, whatever the working folder
            if shown not in known and shown not in modules:
                raise ManifestError(
                    "LYR0469",
                    f"{text} is no test file of {project.name}",
                    hints=did_you_mean(shown, [*known, *modules]) or ("lyra pkg test",),
                )
            chosen.append(shown)
    return [
        {"kind": "file", "file": str(known[shown]), "shown": shown}
        if shown in known
        else {"kind": "documentation", "file": modules[shown][0], "shown": shown}
        for shown in chosen
    ]


def _run(asked: dict[str, Any], scratch: str, timeout: float, root: Path) -> list[TestResult]:
    """Run one worker and return its results; a worker that dies or takes too long is one error."""
    variables = {name: os.environ[name] for name in _KEPT if name in os.environ}
    variables |= {"NO_COLOR": "1", "TMPDIR": scratch}
    try:
        done = subprocess.run(
            [sys.executable, "-m", "lyra_core.testing.worker"],
            input=json.dumps(asked),
            capture_output=True,
            text=True,
            encoding="utf-8",
            errors="replace",
            env=variables,
            cwd=root,
            timeout=timeout,
            check=False,
        )
    except subprocess.TimeoutExpired:
        return [TestResult("(the file)", asked["shown"], 1, "error", actual=f"it took more than {timeout:g} seconds")]
    try:
        found = json.loads(done.stdout)
    except ValueError:
        said = done.stderr.strip().splitlines()
        why = f"the process ended with {done.returncode}" + (f": {said[-1]}" if said else "")
        return [TestResult("(the file)", asked["shown"], 1, "error", actual=why)]
    return [TestResult(**{**each, "messages": tuple(each.get("messages", ()))}) for each in found]
