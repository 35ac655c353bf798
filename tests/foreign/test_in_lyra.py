"""A package's Python module is called from Lyra like any other functions, under its grants."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from lyra_core.modules.link_plan import LinkPlan, PackageInstance
from lyra_core.runtime.session import Session
from lyra_core.security.sandbox import sandbox_status

pytest.importorskip("lyra_python_bridge")
pytestmark = pytest.mark.skipif(not sandbox_status().is_available, reason="no sandbox on this system")

MODULE = '''
def area(r: float) -> float:
    """Return the area of a circle."""
    return 3.0 * r * r

def fail(x):
    raise ValueError("no " + str(x))

def apply(f, x):
    return f(x)

def power(x, *, exponent=2):
    return x**exponent

def read(path: str) -> str:
    with open(path) as file:
        return file.read()

def write(path: str, text: str) -> None:
    with open(path, "w") as file:
        file.write(text)

def die():
    import os
    os._exit(1)

def say(x):
    print("said", x)

class Thing:
    def __repr__(self):
        return "a thing"
'''
NAMES = ("Thing", "area", "fail", "apply", "power", "read", "write", "die", "say")


def make_session(folder: Path, grants: dict[str, tuple[str, ...]]) -> Session:
    project, package = folder / "project", folder / "package"
    for each in (project / "data", project / "output", package / "src"):
        each.mkdir(parents=True, exist_ok=True)
    (project / "data" / "x.txt").write_text("granted")
    (project / "secret.txt").write_text("secret")
    (package / "geo.py").write_text(MODULE)
    root = PackageInstance("", "project", path=str(project), dependencies={"dep": "dep@1"}, restricted=False)
    exports = {name.capitalize(): f"geo::{name}" for name in NAMES} | {"Missing": "geo::ara"}
    dep = PackageInstance(
        "dep@1",
        "dep",
        "1.0.0",
        namespace="dep",
        path=str(package),
        exports=exports,
        foreign={"geo": (str(package / "geo.py"), "python-bridge")},
        grants=grants,
    )
    return Session(plan=LinkPlan([root, dep]), root=str(project))


@pytest.fixture
def session(tmp_path: Path) -> Iterator[Session]:
    grants = {"foreign": ("python",), "filesystem.read": ("./data",), "filesystem.write": ("./output",)}
    with make_session(tmp_path, grants) as made:
        yield made


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("dep::Area[2]", "12."),
        ("dep::Area[1/2]", "0.75"),
        ("import dep::Area\nArea[1]", "3."),
        ("dep::Power[7]", "49"),
        ("dep::Power[2, exponent -> 10]", "1024"),
        ("dep::Power[10, exponent -> 30]", "1000000000000000000000000000000"),
        ("dep::Apply[# + 1 &, 41]", "42"),
        ("Catch[dep::Apply[Function[x, Throw[x]], 5]]", "5"),
        ("dep::Apply[Function[x, dep::Area[x]], 2]", "12."),
        ('dep::Read["./data/x.txt"]', '"granted"'),
        ('dep::Write["./output/y.txt", "text"]; dep::Read["./output/y.txt"]', '"text"'),
        ("dep::Say[3]; 1", "said 3\n1"),
        ("Map[dep::Area, {1, 2}]", "{3., 12.}"),
    ],
)
def test_calls(session: Session, capsys: pytest.CaptureFixture[str], text: str, shown: str) -> None:
    assert session.run_text(text) == 0
    assert capsys.readouterr().out == shown + "\n"


@pytest.mark.parametrize(
    ("text", "code", "said"),
    [
        ("dep::Fail[3]", "LYR0850", "ValueError: no 3"),
        ("dep::Area[]", "LYR0857", "takes 1 argument"),
        ("dep::Power[2, exponant -> 3]", "LYR0857", "no option exponant; it has x, exponent"),
        ("dep::Missing[1]", "LYR0856", "no export ara"),
        ("dep::Die[]", "LYR0853", "ended"),
        ('dep::Read["./secret.txt"]', "LYR0850", "Permission denied"),
        ('dep::Read["./data/../secret.txt"]', "LYR0850", "Permission denied"),
        ('dep::Read["/etc/passwd"]', "LYR0850", "Permission denied"),
        ('dep::Write["./data/x.txt", ""]', "LYR0850", "Permission denied"),
    ],
)
def test_failures_are_messages_and_the_session_goes_on(
    session: Session, capsys: pytest.CaptureFixture[str], text: str, code: str, said: str
) -> None:
    assert session.run_text(f"{text}\n") == 1
    captured = capsys.readouterr()
    assert captured.out == "$Failed\n"
    assert code in captured.err
    assert said in captured.err
    assert session.run_text("dep::Area[1]") == 0


def test_without_the_grant_nothing_runs(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with make_session(tmp_path, {"filesystem.read": ("./data",)}) as session:
        assert session.run_text("dep::Area[1]") == 1
    captured = capsys.readouterr()
    assert "LYR0725" in captured.err
    assert "lyra pkg allow dep --foreign python" in captured.err


def test_full_access_is_said(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with make_session(tmp_path, {"foreign": ("python",), "inprocess": ("python",)}) as session:
        assert session.run_text("dep::Area[1]") == 0
    assert "note: dep runs python code with full access (inprocess)" in capsys.readouterr().err


@pytest.mark.parametrize("mode", [{}, {"inprocess": ("python",)}])
@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("x", "ForeignObject[<geo.Thing>]"),
        ("{x}", "{ForeignObject[<geo.Thing>]}"),
        ("Print[x]", "<geo.Thing a thing>"),
        ("Print[{x}]", "{ForeignObject[<geo.Thing>]}"),
        ('Print["it is ", x]', "it is <geo.Thing a thing>"),
        ("FullForm[f[x]]", "f[ForeignObject[<geo.Thing>]]"),
        ("dep::Apply[Head, x] === Head[x]", "True"),
        ("Sort[{x, 1}]", "{1, ForeignObject[<geo.Thing>]}"),
        ("x.area[]; 1", "MethodCall::nomethod: ForeignObject has no method area; it has none."),
        ('Message[f::m, x]; f::m = "`1`!"; Message[f::m, x]', "f::m: ForeignObject[<geo.Thing>]!"),
    ],
)
def test_an_object_that_stays_in_python_is_shown_by_its_class(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], mode: dict[str, tuple[str, ...]], text: str, said: str
) -> None:
    with make_session(tmp_path, {"foreign": ("python",), **mode}) as session:
        session.run_text("x = dep::Thing[]")
        capsys.readouterr()
        session.run_text(text)
    captured = capsys.readouterr()
    shown = (captured.out + captured.err).replace("lyra_module_dep_geo", "geo")  # its name among this process's modules
    assert shown.rstrip("\n").endswith(said)


def test_importing_starts_no_worker(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import lyra_core.security.sandbox as sandbox

    def refuse(*args: object, **options: object) -> None:
        raise AssertionError("a worker was started")

    monkeypatch.setattr(sandbox, "launch_worker", refuse)
    with make_session(tmp_path, {"foreign": ("python",)}) as session:
        assert session.run_text("import dep::Area\nHold[Area[1]]") == 0


def test_workers_end_with_their_session(tmp_path: Path) -> None:
    import gc
    import weakref

    from lyra_core.runtime import foreign_modules

    session = make_session(tmp_path, {"foreign": ("python",)})
    session.run_text("dep::Area[1]")
    (shared,) = [each for each in foreign_modules._sessions.values() if each.opened][-1:]
    (opened,) = shared.opened
    gone = weakref.ref(session)
    session.close()
    del session
    gc.collect()
    assert gone() is None
    assert shared.opened == []
    assert opened._closed


def test_python_evaluate(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with Session() as session:
        text = 'import std::python::PythonEvaluate\nPythonEvaluate["x = 20\\nx * 2"]\nPythonEvaluate["x + 1"]'
        assert session.run_text(text, each=True) == 0
        assert capsys.readouterr().out == "40\n21\n"
        assert session.run_text("std::python::PythonEvaluate[\"open('/etc/passwd').read()\"]") == 1
        assert "Permission" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("path", "shown"), [("./data/x.txt", '"granted"'), ("./secret.txt", "$Failed"), ("/etc/passwd", "$Failed")]
)
def test_python_in_a_string_has_what_its_caller_was_granted(tmp_path: Path, path: str, shown: str) -> None:
    make_session(tmp_path, {}).close()
    project, package = tmp_path / "project", tmp_path / "package"
    (package / "src").mkdir(exist_ok=True)
    source = f"Try[] := std::python::PythonEvaluate[\"open('{path}').read()\"]\n"
    (package / "src" / "main.lyra").write_text(source)
    root = PackageInstance("", "project", path=str(project), dependencies={"dep": "dep@1"}, restricted=False)
    grants = {"foreign": ("python",), "filesystem.read": ("./data",)}
    dep = PackageInstance(
        "dep@1", "dep", "1.0.0", namespace="dep", path=str(package), exports={"Try": "main::Try"}, grants=grants
    )
    with Session(plan=LinkPlan([root, dep]), root=str(project)) as session:
        assert session.text_of(session.evaluate_text("dep::Try[]")) == shown
        unrestricted = session.evaluate_text("std::python::PythonEvaluate[\"open('./data/x.txt').read()\"]")
        assert session.text_of(unrestricted) == "$Failed"
