"""Compiled modules: they do what their source does, run nothing while being made, and never do harm when damaged."""

from __future__ import annotations

import errno
import io
import os
from pathlib import Path
from random import Random

import pytest

from lyra_core.bytecode import encoding
from lyra_core.environment import cache_folder
from lyra_core.evaluation.state import STATE
from lyra_core.modules.artefact import Artefact, artefact_image
from lyra_core.modules.link_plan import LinkPlan, PackageInstance
from lyra_core.runtime import artefacts, module_loader
from lyra_core.runtime.session import Session
from tests.lowering.agreement import TooSlow, time_limit

GEO = """import std::math::*
//! The area of a circle.
Area[r_] := Pi r^2
Area[r_, s_] := Helper[r] + s
Helper[x_Integer] := x + 1
Helper[x_] := helped[x]
SetAttributes[Quote, HoldAll]
Quote[x_] := Hold[x]
Version = "1.0"
Opts[x_, OptionsPattern[{a -> 1}]] := {x, OptionValue[a]}
vec /: vec[a_] + vec[b_] := vec[a + b]
Loop[n_] := Module[{s = 0}, Do[s += i, {i, n}]; s]
small[3] = 7; small[x_] /; x > 5 := big
"""
READS = """import geo::Version
Value = "own"
ReadIt[text_] := ToExpression[text]
"""
DYN = """import geo::Area
base = 2 + 3
T[x_] := base x + Area[1] + sq[2]
Do[sq[i] = i^2, {i, 5}]
Label1 = Print["loaded"]
"""
PROGRAMS = {
    "import geo::*; {Area[2], Area[2, 3], Area[y], Quote[1 + 1], Version}": "{4*Pi, 6, Pi*y^2, Hold[1 + 1], \"1.0\"}",
    "import geo::*; {Opts[1], Opts[1, a -> 2]}": "{{1, 1}, {1, 2}}",
    "import geo; geo::vec[1] + geo::vec[2] === geo::vec[3]": "True",
    "import geo; {geo::Loop[10], geo::small[3], geo::small[9], geo::small[1] === geo::small[1]}": "{55, 7, big, True}",
    "import geo::Area; Area::usage": '"The area of a circle."',
    "import geo::Quote; Attributes[Quote]": "{HoldAll}",
    "import geo::Helper; Length[DownValues[Helper]]": "2",
    "import reads::ReadIt; {ReadIt[\"Value\"], ReadIt[\"Version\"]}": '{"own", "1.0"}',
    "import dyn::T; T[2]": "14 + Pi",
    "import geo::Area; f[x_] := Area[x]; a = f[2]; {a, f[3]}": "{4*Pi, 9*Pi}",
}  # fmt: skip


class Project:
    """A project in a folder of its own; each `value` is a run of its own."""

    def __init__(self, root: Path, files: dict[str, str]) -> None:
        self.root = root
        self.written = ""
        for name, text in files.items():
            self.write(name, text)

    def write(self, name: str, text: str) -> None:
        file = self.root / "src" / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")

    @property
    def plan(self) -> LinkPlan:
        return LinkPlan([PackageInstance("", "proj", path=str(self.root), restricted=False)])

    def value(self, program: str) -> str:
        out = io.StringIO()
        with Session(plan=self.plan, root=str(self.root)) as session:
            STATE.stdout, STATE.stderr = out, out
            try:
                value = session.evaluate_text(program)
                shown = session.text_of(value)
            finally:
                STATE.stdout = STATE.stderr = None
        self.written = out.getvalue()
        return shown.replace("user::geo::", "").replace("user::dyn::", "")


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Project:
    monkeypatch.setenv("LYRA_HOME", str(tmp_path / "home"))
    return Project(tmp_path / "proj", {"geo.lyra": GEO, "dyn.lyra": DYN, "reads.lyra": READS})


def cached() -> list[Path]:
    return sorted(Path(cache_folder(), "modules").glob("*.lyrac"))


@pytest.fixture
def parses(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The names of the modules that were parsed."""
    seen: list[str] = []
    plain = module_loader.PackageModule.program

    def program(self: module_loader.PackageModule) -> object:
        seen.append(self.path)
        return plain(self)

    monkeypatch.setattr(module_loader.PackageModule, "program", program)
    return seen


@pytest.mark.parametrize("program", PROGRAMS)
def test_a_compiled_module_does_what_its_source_does(project: Project, program: str, parses: list[str]) -> None:
    """The first run compiles, the second takes everything from the artefacts and parses no module."""
    first = project.value(program)
    said = project.written
    assert first == PROGRAMS[program]
    assert parses
    parses.clear()
    assert project.value(program) == first
    assert project.written == said
    assert parses == []


def test_only_what_is_used_is_decoded(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    """Of a module of definitions one record is read for each symbol that is evaluated."""
    project.value("import geo; geo::Area[1]")
    decoded: list[str] = []
    plain = encoding.decode_record

    def decode(data: bytes, name: str, *rest: object, **options: object) -> object:
        decoded.append(name)
        return plain(data, name, *rest, **options)  # type: ignore[arg-type]  # passed on as they came

    monkeypatch.setattr(artefacts, "decode_record", decode)
    assert project.value("import geo; geo::Area[1, 2]") == "4"
    assert decoded == ["geo::Area", "geo::Helper"]


def test_an_edited_module_is_compiled_anew(project: Project) -> None:
    program = "import geo; {geo::Version, geo::small[3]}"
    assert project.value(program) == '{"1.0", 7}'
    project.write("geo.lyra", GEO.replace('"1.0"', '"2.0"'))
    assert project.value(program) == '{"2.0", 7}'


def test_a_module_that_cannot_be_looked_at_is_read(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    """A faulty disk makes no module unknown: reading the file decides, and says what is wrong."""

    def faulty(file: str) -> os.stat_result:
        if file.endswith("geo.lyra"):
            raise OSError(errno.EIO, "Input/output error")
        return os.stat(file)

    monkeypatch.setattr(module_loader, "stat", faulty)
    assert project.value("import geo::Version; Version") == '"1.0"'


def test_names_that_another_module_gains_are_seen(project: Project) -> None:
    """`import other::*` offers a name that was the module's own when it was compiled."""
    project.write("other.lyra", "Known[x_] := known[x]\n")
    project.write("user.lyra", "import other::*\nUse[x_] := {Known[x], Gained[x]}\n")
    program = "import user::user; ToString[user::user::Use[1]]"
    before = project.value(program)
    assert "gained" not in before
    project.write("other.lyra", "Known[x_] := known[x]\nGained[x_] := gained[x]\n")
    assert "gained" in project.value(program)


def test_every_damage_to_a_cache_goes_unnoticed(project: Project) -> None:
    """Whatever byte of an artefact is changed, the program gives what it gave."""
    program = "import geo::*; import dyn::T; {Area[2, 3], Quote[1 + 1], Loop[4], T[2], Opts[1, a -> 2]}"
    expected = project.value(program)
    for file in cached():
        whole = file.read_bytes()
        for at in range(0, len(whole), max(1, len(whole) // 40)):
            file.write_bytes(whole[:at] + bytes([whole[at] ^ 0x5A]) + whole[at + 1 :])
            assert project.value(program) == expected
            assert "error" not in project.written
        for cut in (0, 1, 100, len(whole) // 2, len(whole) - 1):
            file.write_bytes(whole[:cut])
            assert project.value(program) == expected
        file.write_bytes(whole)


@pytest.mark.skipif(not hasattr(os, "geteuid"), reason="needs the permissions of a Unix file system")
def test_a_file_that_others_may_write_is_not_used(project: Project, parses: list[str]) -> None:
    program = "import geo; geo::Version"
    project.value(program)
    for file in cached():
        file.chmod(0o666)
    parses.clear()
    assert project.value(program) == '"1.0"'
    assert set(parses) == {"geo"}


def test_a_cache_that_cannot_be_written_is_done_without(project: Project, tmp_path: Path) -> None:
    """A file stands where the folder should be."""
    (tmp_path / "home" / "cache").mkdir(parents=True)
    (tmp_path / "home" / "cache" / "modules").write_text("in the way")
    assert project.value("import geo; geo::Version") == '"1.0"'
    assert project.written == ""


def test_compiling_runs_nothing(project: Project, tmp_path: Path) -> None:
    """`compile_package` carries out definitions alone: no Print, no file, no endless loop."""
    bad = 'Put[1, "MADE"]; While[True]; f[x_] := x; Print["run"]; g[1 + 1] = f[Print["run"]]'
    project.write("bad.lyra", bad.replace("MADE", str(tmp_path / "made")))
    project.write("endless.lyra", 'Print["run"]; While[True]; f[x_] := x; g[f[1]] = Print["run"]; h := h; k[h] := 1')
    out = io.StringIO()
    STATE.stdout = out
    try:
        images = artefacts.compile_package(project.plan)
    finally:
        STATE.stdout = None
    assert sorted(images) == ["bad", "dyn", "endless", "geo", "reads"]
    assert out.getvalue() == ""
    assert not (tmp_path / "made").exists()


def test_the_same_source_gives_the_same_artefact(project: Project, tmp_path: Path) -> None:
    """Also in another place, and after a run."""
    first = artefacts.compile_package(project.plan)
    project.value("import dyn::T; T[1]")
    other = Project(tmp_path / "elsewhere", {"geo.lyra": GEO, "dyn.lyra": DYN, "reads.lyra": READS})
    assert artefacts.compile_package(other.plan) == first


def test_a_shipped_artefact_is_used(tmp_path: Path, project: Project, parses: list[str]) -> None:
    """A package in the store brings its artefacts beside its files; its symbols are its own."""
    images = artefacts.compile_package(project.plan)
    tree = tmp_path / "store" / "tree"
    (tree / "src").mkdir(parents=True)
    for name, text in (("geo.lyra", GEO), ("dyn.lyra", DYN), ("reads.lyra", READS)):
        (tree / "src" / name).write_text(text, encoding="utf-8")
    folder = tmp_path / "store" / "lyc" / "portable"
    folder.mkdir(parents=True)
    for path, image in images.items():
        (folder / f"{path}.lyrac").write_bytes(image)
    exports = {"Area": "geo::Area", "T": "dyn::T", "ReadIt": "reads::ReadIt"}
    package = PackageInstance("shapes@1.0.0", "shapes", path=str(tree), exports=exports)
    root = PackageInstance(
        "", "app", path=str(tmp_path / "app"), dependencies={"shapes": "shapes@1.0.0"}, restricted=False
    )
    app = Project(tmp_path / "app", {})
    parses.clear()
    with Session(plan=LinkPlan([root, package])) as session:
        STATE.stdout = io.StringIO()
        try:
            value = session.evaluate_text('import shapes::*; {Area[1, 2], T[2], ReadIt["Value"]}')
        finally:
            STATE.stdout = None
        assert session.text_of(value) == '{4, 14 + Pi, "own"}'
    assert parses == []
    assert app.root.name == "app"


def test_an_artefact_may_not_define_for_others(project: Project) -> None:
    """A record of another symbol under the name that is asked for is not used."""
    project.value("import geo; geo::Area[1]")
    (file,) = cached()
    with Artefact.open(file) as artefact:
        records = {name: artefact.payload(name) or b"" for name in artefact.names()}
        fields = artefact.metadata
    records["Area"] = records["Helper"]
    file.write_bytes(artefact_image(records.items(), metadata=fields))
    assert project.value("import geo; geo::Area[1, 2]") == "4"


def test_records_that_were_changed_on_purpose_do_no_harm(project: Project) -> None:
    """With check sums that fit again, a changed record is refused, or is a program that ends in some value."""
    program = "import geo::*; {Area[2, 3], Quote[1 + 1], Loop[4], small[9], Opts[1, a -> 2]}"
    expected = project.value(program)
    (file,) = cached()
    with Artefact.open(file) as artefact:
        records = {name: artefact.payload(name) or b"" for name in artefact.names()}
        fields = artefact.metadata
    random = Random(7)
    unchanged = 0
    for _ in range(120):
        name = random.choice(sorted(name for name in records if not name.startswith("?")))
        raw = bytearray(records[name])
        for _ in range(random.choice((1, 1, 2, 3))):
            at = random.randrange(len(raw))
            if random.random() < 0.2:
                del raw[at]
            else:
                raw[at] = (raw[at] + random.choice((-2, -1, 1, 2, 64))) % 256
        file.write_bytes(artefact_image({**records, name: bytes(raw)}.items(), metadata=fields))
        try:
            with time_limit(5):
                unchanged += project.value(program) == expected
        except TooSlow:
            continue  # an endless loop is a program too
        assert "LYR0999" not in project.written
    assert unchanged > 60
