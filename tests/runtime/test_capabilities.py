"""Rights of packages: what is granted works there and nowhere else, and no name, rule or text carries it away."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from lyra_core.compiler.compile import compile_statement
from lyra_core.compiler.resolve import Resolver
from lyra_core.errors import NameResolutionError
from lyra_core.evaluation import linkage
from lyra_core.lowering.lower import lower
from lyra_core.modules.link_plan import LinkPlan, PackageInstance
from lyra_core.runtime.session import Session
from lyra_core.source import Source
from lyra_core.syntax import parse_program

Make = Callable[..., Session]
SECRET = "the secret of this machine"


@pytest.fixture
def world(tmp_path: Path) -> Iterator[Make]:
    """A project with a secret beside its data; packages are given as name → (source, grants)."""
    project = tmp_path / "project"
    (project / "data" / "inner").mkdir(parents=True)
    (project / "data" / "x.txt").write_text("granted")
    (project / "data" / "inner" / "y.txt").write_text("inner")
    (project / "secret.txt").write_text(SECRET)
    (project / "secret.lyra").write_text(f'"{SECRET}"\n')
    (project / "data" / "link.txt").symlink_to(project / "secret.txt")
    (project / "data" / "folder").symlink_to(project)
    sessions: list[Session] = []

    def make(
        packages: Mapping[str, tuple[str, Mapping[str, tuple[str, ...]]]],
        root: Mapping[str, tuple[str, ...]] | None = None,
        depends: Mapping[str, tuple[str, ...]] | None = None,
    ) -> Session:
        instances = []
        for name, (source, grants) in packages.items():
            folder = tmp_path / name
            (folder / "src").mkdir(parents=True, exist_ok=True)
            (folder / "src" / "main.lyra").write_text(source)
            (folder / "own.txt").write_text("own file")
            instances.append(
                PackageInstance(
                    f"{name}@1",
                    name,
                    "1.0.0",
                    namespace=name,
                    path=str(folder),
                    exports={each: f"main::{each}" for each in set(re.findall(r"^(\w+)(?=\[| ?:?=)", source, re.M))},
                    grants=grants,
                    dependencies={each: f"{each}@1" for each in (depends or {}).get(name, ())},
                )
            )
        top = PackageInstance(
            "",
            "project",
            path=str(project),
            dependencies={name: f"{name}@1" for name in packages},
            grants=root or {},
            restricted=root is not None,
        )
        session = Session(plan=LinkPlan([top, *instances]), root=str(project))
        sessions.append(session)
        return session

    before = os.getcwd()
    os.chdir(project)
    yield make
    os.chdir(before)
    for each in sessions:
        each.close()


@pytest.fixture(autouse=True, scope="module")
def _recursion_limit() -> None:
    """A session raises Python's recursion limit; hypothesis wants to find it as it was."""
    Session().close()


def shown(session: Session, text: str) -> str:
    return session.text_of(session.evaluate_text(text))


NO_RIGHTS = [
    'ReadString["./secret.txt"]',
    'ReadString["@pkg/own.txt"]',
    'Import["./secret.txt", "Text"]',
    'ReadList["./secret.txt", String]',
    'ReadLine[OpenRead["./secret.txt"]]',
    'Get["./secret.lyra"]',
    "<< secret.lyra",
    'FileNames["*"]',
    'FileExistsQ["./secret.txt"]',
    'FileByteCount["./secret.txt"]',
    'Export["./made.txt", "x", "Text"]',
    'Put[1, "./made.txt"]',
    "(1 >> made.txt)",
    'OpenWrite["./made.txt"]',
    'DeleteFile["./secret.txt"]',
    'CopyFile["./secret.txt", "./made.txt"]',
    'RenameFile["./secret.txt", "./made.txt"]',
    'CreateDirectory["./made.txt"]',
    'Environment["LYRA_PROBE"]',
    "GetEnvironment[]",
    'SetEnvironment["LYRA_PROBE" -> "y"]',
    'Run["touch made.txt"]',
    'RunProcess[{"touch", "made.txt"}]',
    'SetDirectory["/"]',
    'URLRead["http://127.0.0.1:9/"]',
    'URLFetch["http://127.0.0.1:9/"]',
    'URLDownload["http://127.0.0.1:9/", "./made.txt"]',
]


@pytest.mark.parametrize("call", NO_RIGHTS)
def test_a_package_without_grants_can_do_nothing(
    world: Make, call: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("LYRA_PROBE", SECRET)
    session = world({"dep": (f"Try[] := {call}\n", {})})
    result = shown(session, "dep::Try[]")
    assert SECRET not in result + capsys.readouterr().out
    assert "own file" not in result
    head = call.partition("[")[0].strip("<1> ()")
    assert head in result or "Get" in result or "Put" in result  # it stayed as it was, with a message
    assert not Path("made.txt").exists()
    assert Path("secret.txt").read_text() == SECRET
    assert os.environ["LYRA_PROBE"] == SECRET


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("./data/x.txt", "granted"),
        ("data/x.txt", "granted"),
        ("./data/inner/../x.txt", "granted"),
        ("./data/inner/y.txt", "inner"),
        ("@pkg/own.txt", "own file"),
        ("./secret.txt", None),
        ("./data/../secret.txt", None),
        ("./data/link.txt", None),
        ("./data/folder/secret.txt", None),
        ("./data/folder/data/x.txt", None),
        ("@pkg/../project/secret.txt", None),
        ("/etc/passwd", None),
        ("~/.profile", None),
        ("./data2/x.txt", None),
        ("", None),
    ],
)
def test_a_granted_folder_can_be_read_and_nothing_else(world: Make, path: str, expected: str | None) -> None:
    session = world({"dep": ("Read1[p_] := ReadString[p]\n", {"filesystem.read": ("./data",)})})
    result = shown(session, f'dep::Read1["{path}"]')
    assert result == f'"{expected}"' if expected is not None else "root:" not in result and SECRET not in result


@pytest.mark.parametrize(
    "call",
    [
        'Put[1, "./data/new.txt"]',
        'CopyFile["./data/x.txt", "./data/new.txt"]',
        'DeleteFile["./data/x.txt"]',
        'Import["./data/link.txt", "Text"]',
        'FileByteCount["./data/link.txt"]',
        'FileExistsQ["./data/missing/x.txt"]',
        'FileNames["*.txt", "./data", Infinity]',
        'FileNames["*", "./data/folder"]',
        'FileNames["*", ".."]',
    ],
)
def test_reading_is_not_writing_and_links_lead_nowhere(world: Make, call: str) -> None:
    session = world({"dep": (f"Try[] := {call}\n", {"filesystem.read": ("./data",)})})
    result = shown(session, "dep::Try[]")
    assert SECRET not in result
    assert "secret.txt" not in result
    assert not Path("data/new.txt").exists()
    assert Path("data/x.txt").exists()


def test_a_link_is_never_copied_from(world: Make) -> None:
    grants = {"filesystem.read": ("./data",), "filesystem.write": ("./data",)}
    session = world({"dep": ('Try[] := CopyFile["./data/link.txt", "./data/new.txt"]\n', grants)})
    assert shown(session, "dep::Try[]") == "$Failed"
    assert not Path("data/new.txt").exists()


#: Ways from a spelling to a call, as expressions in which CALL stands for `ReadString["./secret.txt"]`.
LAUNDERING = [
    "CALL",
    "ReleaseHold[Hold[CALL]]",
    "Evaluate[CALL]",
    'ToExpression["CALL"]',
    'ToExpression[{"CALL"}]',
    'ReleaseHold[ToExpression["CALL", InputForm, Hold]]',
    'ReleaseHold[ToHeldExpression["CALL"]]',
    'ToExpression["ToExpression[\\"1\\"]; CALL"]',
    'Symbol["ReadString"]["./secret.txt"]',
    'Symbol["std::io::ReadString"]["./secret.txt"]',
    'Map[Symbol, {"ReadString"}][[1]]["./secret.txt"]',
    'Apply[Symbol["ReadString"], {"./secret.txt"}]',
    'ToExpression["ReadString"] @ "./secret.txt"',
    'std::io::ReadString["./secret.txt"]',
    'System`ReadString["./secret.txt"]',
    '(f => f["./secret.txt"])[ReadString]',
    "Uncompress[Compress[Unevaluated[CALL]]]",
    "ReleaseHold[Uncompress[Compress[Hold[CALL]]]]",
    'StringTemplate["<* CALL *>"][]',
    'ImportString["CALL", "Package"]',
    'Read[StringToStream["CALL"], Expression]',
    'Hold[g["./secret.txt"]] /. g -> ReadString // ReleaseHold',
    'With[{f = ReadString}, f["./secret.txt"]]',
    'Block[{g = ReadString}, g["./secret.txt"]]',
    'Fold[#1[#2] &, ReadString, {"./secret.txt"}]',
    'Nest[ReadString, "./secret.txt", 1]',
    '"./secret.txt" // ReadString',
    '"./secret.txt" |> ReadString',
    'Thread[ReadString[{"./secret.txt"}]]',
    'Get["./secret.lyra"]',
    'Import["./secret.lyra", "Package"]',
    'user::Helper["./secret.txt"] /. user::Helper -> ReadString',
    'Global`ReadString["./secret.txt"]',
]


@pytest.mark.parametrize("attempt", LAUNDERING)
@pytest.mark.parametrize("escaping", ["called", "value", "rule", "text", "message"])
def test_no_spelling_carries_a_right(
    world: Make, attempt: str, escaping: str, capsys: pytest.CaptureFixture[str]
) -> None:
    inner = "".join(
        # every other piece between quotes stands inside a string
        part.replace("CALL", 'ReadString[\\"./secret.txt\\"]' if i % 2 else 'ReadString["./secret.txt"]')
        for i, part in enumerate(re.split(r'((?<!\\)"(?:[^"\\]|\\.)*")', attempt))
    )
    source, calls = {
        "called": (f"Try[] := {inner}\n", "dep::Try[]"),
        "value": (f"Try := {inner}\n", "dep::Try"),
        "rule": (f"x_Evil ^:= {inner}\nTry[] := Hold[go] /. go :> {inner}\n", "ReleaseHold[dep::Try[]]"),
        # the root, which may do anything, evaluates what the package made
        "text": (f"Try[] := Hold[{inner}]\n", "h = dep::Try[]; {ReleaseHold[h], First[h], Identity @@ h}"),
        "message": (f"Try[] := ToString[{inner}]\n", "Print[dep::Try[]]; dep::Try[]"),
    }[escaping]
    session = world({"dep": (source, {})})
    result = session.evaluate_text(calls)
    captured = capsys.readouterr()
    assert SECRET not in session.text_of(result) + captured.out + captured.err


def test_the_root_may_do_all_of_it(world: Make) -> None:
    session = world({"dep": ("Try[] := 1\n", {})})
    for text in (
        'ReadString["./secret.txt"]',
        'ToExpression["ReadString[\\"./secret.txt\\"]"]',
        'ToExpression[{"ReadString[\\"./secret.txt\\"]"}][[1]]',
        'Symbol["ReadString"]["./secret.txt"]',
        'Get["./secret.lyra"]',
        "<< secret.lyra",
        'Map[ReadString, {"./secret.txt"}][[1]]',
        'Import["./secret.lyra", "Package"]',
    ):
        assert shown(session, text) == f'"{SECRET}"', text


def test_text_means_what_the_module_means_that_reads_it(world: Make) -> None:
    session = world({"dep": ("Local[x_] := x + 1\nTry[t_] := ToExpression[t]\n", {})})
    assert shown(session, 'dep::Try["Local[1]"]') == "2"
    assert shown(session, 'MatchQ[ToExpression["x"], _Symbol]') == "True"
    assert shown(session, "Head[abc] === Symbol") == "True"


def test_a_granted_package_reads_under_its_own_rights(world: Make) -> None:
    source = 'Try[p_] := ToExpression["ReadString[" <> ToString[p, InputForm] <> "]"]\nLoad[p_] := Get[p]\n'
    session = world({"dep": (source, {"filesystem.read": ("./data",), "code-load": ("",)})})
    assert shown(session, 'dep::Try["./data/x.txt"]') == '"granted"'
    assert SECRET not in shown(session, 'dep::Try["./secret.txt"]')
    Path("data/code.lyra").write_text('ReadString["./secret.txt"]\n')
    assert SECRET not in shown(session, 'dep::Load["./data/code.lyra"]')
    # a file that the root reads has the root's rights, also when a package's function stands in it
    Path("data/root.lyra").write_text('{ReadString["./secret.txt"], dep::Try["./secret.txt"]}\n')
    assert shown(session, 'Get["./data/root.lyra"]').count(SECRET) == 1


def test_passing_a_granted_function_is_delegation(world: Make) -> None:
    session = world({"dep": ("Use[f_, p_] := f[p]\nKeep[f_] := (kept = f; 1)\nAgain[p_] := kept[p]\n", {})})
    assert shown(session, 'dep::Use[ReadString, "./secret.txt"]') == f'"{SECRET}"'
    assert shown(session, 'dep::Use[p => ReadString[p], "./secret.txt"]') == f'"{SECRET}"'
    assert shown(session, 'dep::Keep[ReadString]; dep::Again["./data/x.txt"]') == '"granted"'


def test_calling_a_granted_package_is_delegation_by_it(world: Make) -> None:
    session = world(
        {
            "inner": ("Load[p_] := ReadString[p]\nSame = ReadString\n", {"filesystem.read": ("./data",)}),
            "outer": (
                "Try[p_] := inner::Load[p]\nOther[p_] := inner::Same[p]\nDirect[p_] := ReadString[p]\n",
                {},
            ),
        },
        depends={"outer": ("inner",)},
    )
    assert shown(session, 'outer::Try["./data/x.txt"]') == '"granted"'
    assert shown(session, 'outer::Other["./data/x.txt"]') == '"granted"'
    for name in ("Try", "Other", "Direct"):
        assert SECRET not in shown(session, f'outer::{name}["./secret.txt"]')
    assert "granted" not in shown(session, 'outer::Direct["./data/x.txt"]').replace("granted:", "")


@pytest.mark.parametrize("call", ['ReadString["./secret.txt"]', 'URLRead["http://example.org/"]'])
def test_who_is_refused_is_told_whose_permissions_say_so(
    world: Make, call: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """A grant beyond what is declared has no effect, so none is proposed."""
    rights = {"filesystem.read": ("./data",), "network": ("other.example.org",)}
    session = world({"dep": (f"Try[] := {call}\n", rights)}, root=rights)
    assert shown(session, "dep::Try[]") == "$Failed"
    assert capsys.readouterr().err.splitlines()[-1] == "hint: lyra pkg permissions dep"
    assert shown(session, call) == "$Failed"
    told = capsys.readouterr().err
    assert "this project may not re" in told
    assert "[permissions] of Lyra.toml" in told.splitlines()[-1]


def test_a_root_that_declares_permissions_is_held_to_them(world: Make) -> None:
    session = world({"dep": ("Try[] := 1\n", {})}, root={"filesystem.read": ("./data",)})
    assert shown(session, 'ReadString["./data/x.txt"]') == '"granted"'
    for text in ('ReadString["./secret.txt"]', 'ToExpression["ReadString[\\"./secret.txt\\"]"]', 'Run["true"]'):
        assert SECRET not in shown(session, text)


@pytest.mark.parametrize(
    "attempt",
    [
        "Unprotect[Plus]; Plus[1, 2] := 5",
        "Unprotect[{Plus}]; Plus[1, 2] = 5",
        'Unprotect["Plus"]; Plus[1, 2] = 5',
        "ClearAttributes[Plus, Protected]; Plus[1, 2] = 5",
        "Attributes[Plus] = {}; Plus[1, 2] = 5",
        "ReleaseHold[Hold[Unprotect[Plus]]]; Plus[1, 2] = 5",
        'ToExpression["Unprotect[Plus]"]; Plus[1, 2] = 5',
        "Map[Unprotect, Hold[Plus]]; Plus[1, 2] = 5",
        "Plus /: Plus[1, 2] = 5",
        "Plus[1, 2] ^= 5",
        "SetAttributes[Plus, HoldAll]",
        "Remove[Plus]",
        "ClearAll[Plus]",
    ],
)
def test_a_package_cannot_change_what_std_means(world: Make, attempt: str) -> None:
    session = world({"dep": (f"Try[] := ({attempt})\n", {})})
    session.evaluate_text("Attributes[Plus]")
    shown(session, "dep::Try[]")
    assert shown(session, "{1 + 2, Attributes[Plus]}") == (
        "{3, {Flat, Listable, NumericFunction, OneIdentity, Orderless, Protected}}"
    )


def test_what_is_protected_is_opened_by_its_own_package(world: Make) -> None:
    source = "Key1 = 1\nProtect[Key1]\nOpen1[] := (Unprotect[Key1]; Key1 = 2; Protect[Key1]; Key1)\n"
    session = world(
        {"dep": (source, {}), "other": ("Try[] := Unprotect[dep::Key1]\n", {})}, depends={"other": ("dep",)}
    )
    assert shown(session, "dep::Key1") == "1"
    assert shown(session, "other::Try[]") == "{}"
    assert shown(session, "Unprotect[dep::Key1]") == "{}"
    assert shown(session, "dep::Open1[]") == "2"
    # the root project owns the program: std is open to it, and so are its own symbols
    assert shown(session, "mine = 1; Protect[mine]; Unprotect[mine]; mine = 2") == "2"
    assert shown(session, "Unprotect[Plus]; Plus[1, 2] = 5; 1 + 2") == "5"


@pytest.mark.parametrize(
    "attempt",
    [
        "s[x_] := 0",
        "s = 0",
        "Unprotect[s]; s[x_] := 0",
        "Unprotect[Evaluate[s]]; s[x_] := 0",
        "ReleaseHold[Hold[Unprotect[q]] /. q -> s]; s[x_] := 0",
        'ToExpression["Unprotect[" <> ToString[s] <> "]"]; s[x_] := 0',
        "Map[Unprotect, {s}]; s[x_] := 0",
        "ClearAttributes[s, Protected]; s[x_] := 0",
        "Attributes[s] = {}; s[x_] := 0",
        "ClearAll[s]; s[x_] := 0",
        "Clear[s]",
        "Remove[s]",
        "DownValues[s] = {}",
        "s /: s[x_] := 0",
        "Block[{s}, s[x_] := 0; kept = s]",
        "SetAttributes[s, HoldAll]",
        "Unset[s[x_]]",
    ],
)
def test_what_the_project_protects_no_package_redefines(world: Make, attempt: str) -> None:
    session = world({"dep": (f"Try[s_] := ({attempt})\n", {})})
    session.evaluate_text("mine[x_] := x + 1; Protect[mine]")
    shown(session, "dep::Try[mine]")
    assert shown(session, "{mine[2], mine[1 + 1], Attributes[mine]}") == "{3, 3, {Protected}}"


#: Definitions for q, which a package makes of data: see docs/decisions/definitions-follow-names.md.
ASSEMBLED = (
    """
q = 0|q[x_] := 0|q[x_][y_] := 0|q /: f[q] = 0|f[q] ^= 0|f[q] ^:= 0|{q} = {0}|q[[1]] = 0|q += 1|q++|AppendTo[q, 1]
q =.|q[x_] =.|Clear[q]|ClearAll[q]|Remove[q]|SetAttributes[q, HoldAll]|ClearAttributes[q, Protected]|Attributes[q] = {}
Unprotect[q]; q = 0|DownValues[q] = {}|UpValues[q] = {}|OwnValues[q] = {}|SubValues[q] = {}|NValues[q] = {}
Options[q] = {a -> 1}|SetOptions[q, "o" -> 1]|q::usage = "x"|Default[q] = 1|Format[q] = 1|N[q] = 1
Block[{q}, Unprotect[q]; q[x_] := 0]|AssociateTo[q, 1 -> 2]|FormatValues[q] = {1 -> 2}|Messages[q] = {}
""".strip()
    .replace("\n", "|")
    .split("|")
)


@pytest.mark.parametrize("attempt", ASSEMBLED)
def test_what_is_protected_no_package_defines_from_data(world: Make, attempt: str) -> None:
    session = world({"dep": (f"Try[s_] := ReleaseHold[Hold[{attempt}] /. q -> s]\n", {})})
    session.evaluate_text('mine[x_] := x + 1; Options[mine] = {"o" -> 7}; Protect[mine]')
    known = (
        "{mine[2], Attributes[mine], Options[mine], DownValues[mine], UpValues[mine], SubValues[mine], NValues[mine], "
        "OwnValues[mine], FormatValues[mine], DefaultValues[mine], Messages[mine]}"
    )
    before = shown(session, known)
    shown(session, "dep::Try[mine]")
    assert shown(session, known) == before


def test_who_may_set_options(world: Make) -> None:
    source = 'Options[Area] = {"o" -> 1}\nArea[OptionsPattern[]] := OptionValue["o"]\nProtect[Area]\n'
    source += 'Own[v_] := SetOptions[Area, "o" -> v]\nTry[s_] := Map[f => f[s, "o" -> 0], {SetOptions}]\n'
    session = world({"dep": (source, {})})
    assert shown(session, "dep::Area[]") == "1"
    assert shown(session, "dep::Own[2]; dep::Area[]") == "2"
    assert shown(session, 'SetOptions[dep::Area, "o" -> 3]; dep::Area[]') == "3"
    session.evaluate_text('Options[mine] = {"o" -> 7}')
    shown(session, "dep::Try[mine]")
    assert shown(session, "Options[mine]") == '{"o" -> 7}'
    assert shown(session, 'Protect[mine]; SetOptions[mine, "o" -> 8]; Options[mine]') == '{"o" -> 8}'


@pytest.mark.parametrize(
    "attempt",
    [
        "s[x_] := 0",
        "s[x_] := 0 /; x > 1",
        "s[x_][y_] := 0",
        "s = 0",
        "s[1] = 0",
        "s /: s[x_] := 0",
        "s /: f[s] = 0",
        "f[s] ^= 0",
        "f[s] ^:= 0",
        "{s} = {0}",
        "{r, {s}} = {1, {0}}",
        "s[[1]] = 0",
        "s += 1",
        "s++",
        "AppendTo[s, 1]",
        "SetAttributes[s, HoldAll]",
        "SetAttributes[{s}, HoldAll]",
        "Attributes[s] = {HoldAll}",
        "Clear[s]",
        "Clear[r, s]",
        "ClearAll[s]",
        "Remove[s]",
        "DownValues[s] = {}",
        "Options[s] = {a -> 1}",
        's::usage = "x"',
        "Protect[s]",
        "Default[s] = 1",
        "Format[s] = 1",
        "N[s] = 1",
        "s[x_] =.",
        "Evaluate[s] = 0",
        "Evaluate[s][x_] := 0",
        "w = s; w[x_] := 0",
        "Module[{g = s}, g[x_] := 0]",
        "Block[{g = s}, g[x_] := 0]",
        "With[{q = s}, q[x_] := 0]",
        "(q => (q[x_] := 0))[s]",
        "(#[x_] := 0) &[s]",
        "Function[q, q[x_] := 0][s]",
        "Set @@ {s, 0}",
        "Apply[Set, Hold[s, 0]]",
        "Map[Clear, {s}]",
        "Scan[ClearAll, {s}]",
        "s |> Set[0]",
        "TagSet[s, s[x_], 0]",
        'ToExpression["Set"][s, 0]',
        'ToExpression["z => (z[x_] := 0)"][s]',
        "0 /. 0 :> (s[x_] := 0)",
        "Helper[s]",
    ],
)
def test_what_a_package_is_handed_it_cannot_define(world: Make, attempt: str) -> None:
    source = f"Try[s_] := ({attempt})\nHelper[v_] := (v[x_] := 0)\n"
    session = world({"dep": (source, {})})
    session.evaluate_text("mine[x_] := x + 1")
    shown(session, "dep::Try[mine]")
    assert shown(session, "{mine[2], Attributes[mine], Options[mine], DownValues[mine], UpValues[mine]}") == (
        "{3, {}, {}, {HoldPattern[mine[x_]] :> x + 1}, {}}"
    )


@pytest.mark.parametrize(("name", "hint"), [("Twic", "did you mean Twice?"), ("Nothing1", "util defines Half, Twice")])
def test_a_name_that_a_private_module_lacks_is_told_with_what_everybody_can_look_up(
    world: Make, tmp_path: Path, name: str, hint: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """`lyra modules info util` knows nothing of a module that a dependency keeps to itself."""
    session = world({"dep": (f"Try[] := util::{name}[1]\n", {})})
    (tmp_path / "dep" / "src" / "util.lyra").write_text("Twice[x_] := 2 x\nHalf[x_] := x / 2\n")
    session.run_text("dep::Try[]")
    told = capsys.readouterr().err.splitlines()
    assert told[0] == f"error[LYR0235]: unknown function util::{name} in dep@1"
    assert told[-2:] == [f"hint: {hint}", "hint: lyra modules info dep"]


#: Definitions of the project's symbol that a package makes of data, or of a callback of the project's: what
#: docs/decisions/definitions-follow-names.md says of them rests on these. The package gets `x` by name, or a function.
MADE_OF_DATA = """
SetAttributes[{Make, Later}, HoldAll]
Make[s_] := Hold[q = 1] /. q -> s
MakeFunction[s_] := First[Hold[(q = #) &] /. q -> s]
Later[s_] := First[Hold[If[gate[], q = 1]] /. q -> s]
Open[] := (gate[] = True)
Call[f_] := f[1]
"""


@pytest.mark.parametrize(
    ("given", "question"),
    [
        ("written = Hold[x = 1]", "dep::Make[x] === written"),
        ("written = (x = #) &", "dep::MakeFunction[x] === written"),
    ],
)
def test_a_definition_that_a_package_makes_is_the_one_the_project_writes(
    world: Make, given: str, question: str
) -> None:
    """Its look cannot tell whose it is: equal nodes are one node, and `x` in them is one symbol."""
    session = world({"dep": (MADE_OF_DATA, {})})
    session.evaluate_text(given)
    assert shown(session, question) == "True"


def test_a_callback_and_what_a_package_made_run_alike(world: Make) -> None:
    """Who runs cannot tell either: the package calls both, and refusing one refuses the other."""
    session = world({"dep": (MADE_OF_DATA, {})})
    assert shown(session, "x =.; dep::Call[(x = #) &]; x") == "1"
    assert shown(session, "x =.; dep::Call[dep::MakeFunction[x]]; x") == "1"


def test_what_a_package_made_may_run_when_no_package_does(world: Make) -> None:
    """A value that stays as it is goes on where it is evaluated again: in the project's own code."""
    session = world({"dep": (MADE_OF_DATA, {})})
    session.evaluate_text("kept = dep::Later[x]")
    assert shown(session, "x") == "x"
    session.evaluate_text("dep::Open[]")
    assert shown(session, "kept; x") == "1"


@pytest.mark.parametrize(
    ("call", "expected"),
    [
        ("dep::Use[]", "{3, 7}"),
        ("dep::Local[]", "{7, 8}"),
        ("{dep::Memo[4], dep::Memo[4]}", "{16, 16}"),
        ("dep::Bump[]; dep::Bump[]", "2"),
        ("dep::Let[x = 3, x + 1]", "4"),
        ("total = 0; dep::Each[(total += #) &]; total", "6"),
        ("dep::Each[n => (last = n)]; last", "3"),
        ("keep[n_] := (kept = n); dep::Each[keep]; kept", "3"),
    ],
)
def test_a_package_defines_its_own_and_calls_back(world: Make, call: str, expected: str) -> None:
    source = """
Helper[v_] := (v[x_] := x + 1)
SetAttributes[Put1, HoldFirst]
Put1[v_, x_] := (v = x)
own = 1
Use[] := (Helper[mine]; Put1[own, 7]; {mine[2], own})
Local[] := Module[{t = 1, g}, t += 5; g[x_] := x + t; SetAttributes[g, Listable]; g[{1, 2}]]
Memo[n_] := Memo[n] = n^2
calls = 0
Bump[] := (calls++; calls)
SetAttributes[Let, HoldAll]
Let[Set[v_, e_], body_] := ReleaseHold[Hold[body] /. v -> e]
Each[f_] := Scan[f, {1, 2, 3}]
"""
    session = world({"dep": (source, {})})
    assert shown(session, call) == expected


@pytest.mark.parametrize(
    "definition",
    ["dep::Area[x_] := 0", "dep::Area = 0", "dep::Area[x_] := 0 /; x > 1", "dep::Area /: f[dep::Area] = 0"],
)
def test_rules_of_another_package_cannot_be_written(world: Make, definition: str) -> None:
    area = "Area[x_] := x^2\n"
    session = world({"dep": (area, {}), "other": (f"Try[] := ({definition})\n", {})}, depends={"other": ("dep",)})
    shown(session, "other::Try[]")
    assert shown(session, "dep::Area[3]") == "9"
    with pytest.raises(NameResolutionError) as caught:
        session.evaluate_text(definition)
    assert caught.value.code == "LYR0706"
    assert shown(session, "circle /: dep::Area[circle] = 1; dep::Area[circle]") == "1"


@pytest.mark.parametrize(
    "spelling", ["Global`mine", "user::mine", "mine", 'Symbol["mine"]', 'ToExpression["Global`mine"]']
)
def test_a_package_has_no_name_for_functions_of_the_project(world: Make, spelling: str) -> None:
    session = world({"dep": (f'Try[] := {spelling}["./secret.txt"]\n', {})})
    session.evaluate_text("mine[x_] := ReadString[x]")
    assert shown(session, 'mine["./secret.txt"]') == f'"{SECRET}"'
    assert SECRET not in shown(session, "dep::Try[]")


def test_environment_by_name(world: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LYRA_PROBE", SECRET)
    monkeypatch.setenv("LYRA_OPEN", "open")
    session = world({"dep": ("Try[n_] := Environment[n]\nShow[] := GetEnvironment[]\n", {"env": ("LYRA_OPEN",)})})
    assert shown(session, 'dep::Try["LYRA_OPEN"]') == '"open"'
    assert SECRET not in shown(session, 'dep::Try["LYRA_PROBE"]')
    assert shown(session, "dep::Show[]") == '{"LYRA_OPEN" -> "open"}'


def test_hosts_by_name(world: Make, capsys: pytest.CaptureFixture[str]) -> None:
    session = world({"dep": ("Try[u_] := URLRead[u]\n", {"network": ("api.example.org",)})})
    for url in (
        "http://127.0.0.1:9/",
        "http://example.org/",
        "http://api.example.org.evil.example/",
        "file:///etc/passwd",
    ):
        assert "root:" not in shown(session, f'dep::Try["{url}"]')
    assert "may not reach 127.0.0.1" in capsys.readouterr().err


# ---- code is no quarry for powers

#: Ways to take apart what a package was given or gets back: THING is a function or expression of the project.
QUARRIES = [
    'THING[[2, 0]]["./secret.txt"]',
    'THING[[1, 0]]["./secret.txt"]',
    'THING[[1]]["./secret.txt"]',
    'THING[[0]]["./secret.txt"]',
    'Extract[THING, {2, 0}]["./secret.txt"]',
    'First[THING]["./secret.txt"]',
    'Last[THING] /. h_[__] :> h["./secret.txt"]',
    'THING /. Function[_, h_[__]] :> h["./secret.txt"]',
    'THING /. h_[__] :> h["./secret.txt"]',
    'Cases[THING, h_[_] :> h["./secret.txt"], Infinity]',
    'Map[#["./secret.txt"] &, Level[THING, {-1}, Heads -> True]]',
    'Map[#["./secret.txt"] &, Level[THING, {0, Infinity}, Heads -> True]]',
    'Apply[List, THING] /. h_[__] :> h["./secret.txt"]',
    'Replace[THING, _String -> "./secret.txt", Infinity]',
    'Replace[THING, _String -> "./secret.txt", {0, Infinity}, Heads -> True]["./secret.txt"]',
    'ReplacePart[THING, {2, 1} -> "./secret.txt"]["./secret.txt"]',
    'MapAt[Function[x, "./secret.txt"], THING, {2, 1}]["./secret.txt"]',
    'Scan[Function[x, (kept = x)], THING]; kept["./secret.txt"]',
    'Head[THING]["./secret.txt"]',
    'Thread[THING]["./secret.txt"]',
    'ToExpression[ToString[THING, InputForm]]["./secret.txt"]',
    'Uncompress[Compress[THING]]["./secret.txt"]',
    'Fold[Part, THING, {2, 0}]["./secret.txt"]',
    'Module[{r = THING[anything]}, {r[[1]]["./secret.txt"], r[[2]]["./secret.txt"], r[[0]]["./secret.txt"]}]',
    'Map[#["./secret.txt"] &, Level[THING[anything], {0, Infinity}, Heads -> True]]',
    'Module[{r = THING[]}, Map[#["./secret.txt"] &, Level[r, {0, Infinity}, Heads -> True]]]',
    'Block[{Sealed = Identity}, Map[#["./secret.txt"] &, Level[THING, {0, Infinity}, Heads -> True]]]',
    'Cases[DownValues[THING], h_[_] :> h["./secret.txt"], Infinity, Heads -> True]',
    'Map[#["./secret.txt"] &, Level[DownValues[THING], {0, Infinity}, Heads -> True]]',
    'Map[#["./secret.txt"] &, Level[OwnValues[THING], {0, Infinity}, Heads -> True]]',
    "THING[evil]",
    "{THING, evil}",
]

#: What a project may hand to a package, under the name `given`; the power in each is bound to ./data/x.txt.
GIVEN = {
    "arrow": 'p => ReadString["./data/x.txt"]',
    "slots": 'ReadString["./data/x.txt"] &',
    "named": "load",
    "undecided": "perhaps",
    "several": "all",
    "counted": "table",
    "attributes": 'Function[p, ReadString["./data/x.txt"], HoldAll]',
    "nested": '{1, p => {2, q => ReadString["./data/x.txt"]}}',
    "composed": 'Composition[StringLength, p => ReadString["./data/x.txt"]]',
    "call": 'ReadString["./data/x.txt"]',
}
ROOT = """
load[p_] := ReadString["./data/x.txt"]
perhaps[q_] := If[q, ReadString["./data/x.txt"], 0]
all[q_] := Which[q, ReadString["./data/x.txt"], True, 0]
table[n_] := Table[ReadString["./data/x.txt"], {i, n}]
"""


@pytest.mark.parametrize("given", GIVEN)
@pytest.mark.parametrize("held", [False, True])
def test_powers_cannot_be_taken_out_of_code(
    world: Make, given: str, held: bool, capsys: pytest.CaptureFixture[str]
) -> None:
    lines = ['evil /: h_[evil] := h["./secret.txt"]', 'evil /: h_[a_, evil] := a["./secret.txt"]']
    for i, quarry in enumerate(QUARRIES):
        thing = "Hold[t]" if held else "t"
        if held:
            lines.append(f"SetAttributes[Take{i}, HoldAll]")
        lines.append(f"Take{i}[t_] := Quiet[{quarry.replace('THING', thing)}]")
    session = world({"dep": ("\n".join(lines) + "\n", {})})
    session.evaluate_text(ROOT)
    for i in range(len(QUARRIES)):
        result = shown(session, f"dep::Take{i}[{GIVEN[given]}]")
        assert SECRET not in result, QUARRIES[i]
    assert SECRET not in capsys.readouterr().out


def test_a_sealed_function_works_like_the_one_inside(world: Make) -> None:
    source = "Use[f_Function, x_] := f[x]\nEach[f_, l_] := Map[f, l]\nIs[f_] := {FunctionQ[f], Head[f]}\n"
    session = world({"dep": (source, {})})
    session.evaluate_text('load = p => ReadString["./data/" <> p]; near[d_] := (ReadString[d <> #] &)')
    for text, expected in (
        ('dep::Use[load, "x.txt"]', '"granted"'),
        ('dep::Use[near["./data/"], "x.txt"]', '"granted"'),
        ('dep::Each[load, {"x.txt", "inner/y.txt"}]', '{"granted", "inner"}'),
        ("dep::Is[load]", "{True, Function}"),
        ("load", 'Function[p, ReadString["./data/"<>p]]'),
        ('Map[load, {"x.txt"}]', '{"granted"}'),
        ('{"x.txt"} |> Map[load]', '{"granted"}'),
        ('Composition[StringLength, load]["x.txt"]', "7"),
        ('Select[{"./data/x.txt", "./none"}, FileExistsQ[#] &]', '{"./data/x.txt"}'),
        ("Function[e, Hold[e], HoldAll][1 + 1]", "Hold[1 + 1]"),
        ("load == load", "True"),
        ("FullForm[# + 1 &]", "Function[Plus[Slot[1], 1]]"),  # without powers nothing is sealed
        ("Length[# + 1 &]", "1"),
    ):
        assert shown(session, text) == expected, text


def test_what_a_function_leaves_as_it_is_goes_on_later(world: Make) -> None:
    session = world({"dep": ("Try[] := 1\n", {})})
    session.evaluate_text(ROOT)
    assert shown(session, "r = perhaps[later]; later = True; r") == '"granted"'
    assert shown(session, "r = table[n]; n = 2; r") == '{"granted", "granted"}'
    assert shown(session, "DownValues[load] = DownValues[load]; load[1]") == '"granted"'


def test_arguments_that_a_package_holds_are_evaluated_by_it(world: Make) -> None:
    source = "SetAttributes[{Twice, Show}, HoldAll]\nTwice[e_] := {e, e}\nShow[e_] := Hold[e]\n"
    session = world({"dep": (source, {})})
    assert shown(session, 'dep::Twice[ReadString["./data/x.txt"]]') == '{"granted", "granted"}'
    assert shown(session, "n = 0; dep::Twice[n = n + 1]") == "{1, 2}"
    assert shown(session, "dep::Show[x = 1 + 1]") == "Hold[x = 1 + 1]"
    assert shown(session, 'ReleaseHold[dep::Show[StringLength[ReadString["./data/x.txt"]]]]') == "7"


#: Ways to what is kept at a symbol beside its rules; each is searched for a power.
KEPT_AT = [
    "Options[s]",
    'Options[s, "k"]',
    'OptionValue[s, {}, "k", Hold]',
    'OptionValue[s, {}, {"k", "m"}, Hold]',
    'FilterRules[Options[s], "k"]',
    "SetOptions[s]",
    "ReleaseHold[Hold[SetOptions[q]] /. q -> s]",
    "Messages[s]",
    "DefaultValues[s]",
    "NValues[s]",
    "FormatValues[s]",
    "SubValues[s]",
    "UpValues[s]",
    "Attributes[s]",
    "Definition[s]",
    "ToExpression[ToString[Options[s], InputForm], InputForm, Hold]",
]


@pytest.mark.parametrize("kept", KEPT_AT)
def test_what_is_kept_at_a_symbol_shows_no_powers(world: Make, kept: str, capsys: pytest.CaptureFixture[str]) -> None:
    source = (
        f'ByCall[s_] := Cases[{kept}, h_[_] :> h["./secret.txt"], {{0, Infinity}}, Heads -> True]\n'
        f'ByLevel[s_] := Map[#["./secret.txt"] &, Level[{kept}, {{0, Infinity}}, Heads -> True]]\n'
        f'ByText[s_] := ReleaseHold[{kept} /. _String -> "./secret.txt"]\n'
    )
    session = world({"dep": (source, {})})
    session.evaluate_text(
        """
Options[mine] = {"k" :> ReadString["./data/x.txt"], "m" :> Map[ReadString, {"./data/x.txt"}]}
mine::tag := ReadString["./data/x.txt"]
mine::several := Map[ReadString, {"./data/x.txt"}]
Default[mine] := ReadString["./data/x.txt"]
N[mine] := ReadString["./data/x.txt"]
Format[mine] := ReadString["./data/x.txt"]
mine[1][2] := ReadString["./data/x.txt"]
mine /: other[mine] := ReadString["./data/x.txt"]
"""
    )
    for function in ("ByCall", "ByLevel", "ByText"):
        assert SECRET not in shown(session, f"dep::{function}[mine]"), function
    assert SECRET not in capsys.readouterr().out


def test_options_with_powers_work(world: Make) -> None:
    source = 'Use[f_] := OptionValue[f, {}, "k"]\nHeld[f_] := ReleaseHold[OptionValue[f, {}, "k", Hold]]\n'
    session = world({"dep": (source + "Again[f_] := f[Options[f]]\n", {})})
    session.evaluate_text(
        'Options[mine] = {"k" :> ReadString["./data/x.txt"]}; mine[OptionsPattern[]] := OptionValue["k"]'
    )
    session.evaluate_text('mine::tag := ReadString["./data/x.txt"]')
    for text in (
        "mine[]",
        "dep::Use[mine]",
        "dep::Held[mine]",
        "dep::Again[mine]",
        "Options[mine] = Options[mine]; mine[]",
        'SetOptions[mine, "k" :> ReadString["./data/x.txt"]]; mine[]',
        "Messages[mine][[1, 2]]",
    ):
        assert shown(session, text) == '"granted"', text
    # without packages, options are what they are
    alone = Session()
    assert shown(alone, 'Options[f] = {"k" :> ReadString["x"]}; Options[f]') == '{"k" :> ReadString["x"]}'
    alone.close()


# ---- generated attempts

_atoms = st.sampled_from(["ReadString", 'Symbol["ReadString"]', 'ToExpression["ReadString"]', "std::io::ReadString"])
_path = st.just('"./secret.txt"')


def _wrapped(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    quoted = inner.map(lambda text: text.replace("\\", "\\\\").replace('"', '\\"'))
    return st.one_of(
        inner.map(lambda e: f"ReleaseHold[Hold[{e}]]"),
        inner.map(lambda e: f"Identity[{e}]"),
        inner.map(lambda e: f"(({e}) &)[]"),
        inner.map(lambda e: f"(x => {e})[0]"),
        inner.map(lambda e: f"Module[{{v}}, v := {e}; v]"),
        inner.map(lambda e: f"(0 /. 0 :> {e})"),
        inner.map(lambda e: f"First[{{{e}}}]"),
        inner.map(lambda e: f"<|1 -> {e}|>[1]"),
        inner.map(lambda e: f"ReleaseHold[Uncompress[Compress[Hold[{e}]]]]"),
        quoted.map(lambda e: f'ToExpression["{e}"]'),
        quoted.map(lambda e: f'ReleaseHold[ToHeldExpression["{e}"]]'),
        quoted.map(lambda e: f'ImportString["{e}", "Package"]'),
        quoted.map(lambda e: f'StringTemplate["<* {e} *>"][]'),
    )


_attempts = st.recursive(st.tuples(_atoms, _path).map(lambda pair: f"{pair[0]}[{pair[1]}]"), _wrapped, max_leaves=4)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(_attempts)
def test_generated_attempts_find_no_way(world: Make, attempt: str) -> None:
    other = f"Try[] := {attempt}\nGive[] := Hold[{attempt}]\nText[] := {attempt_text(attempt)}\n"
    session = world(
        {"dep": (other, {}), "reader": ("Load[f_] := f[]\nRun1[h_] := ReleaseHold[h]\n", {"filesystem.read": (".",)})}
    )
    for call in ("dep::Try[]", "ReleaseHold[dep::Give[]]", "reader::Load[dep::Try]", "reader::Run1[dep::Give[]]"):
        assert SECRET not in shown(session, call), call
    session.close()


#: Pieces of programs that take values apart; they are put around each other.
_tools = st.sampled_from(
    [
        "First[{X}]",
        "Last[{X}]",
        "X[[0]]",
        "X[[1]]",
        "X[[2]]",
        "X[[-1, 1]]",
        "Head[X]",
        "Apply[List, X]",
        "Apply[X, {q}]",
        "X[q]",
        "X[]",
        "X[q, q]",
        "Hold[X]",
        "Identity[X]",
        "Level[X, {-1}, Heads -> True]",
        "Level[X, Infinity, Heads -> True]",
        "Cases[{X}, h_[___] :> h, Infinity, Heads -> True]",
        "(X /. _String -> q)",
        "(X /. h_[a___] :> {h, a})",
        "(X /. Function[a___] :> {a})",
        "ReplacePart[X, 1 -> q]",
        "MapAt[List, X, 1]",
        "Map[List, X]",
        "Flatten[{X}, Infinity, List]",
        "Extract[X, {1}]",
        "DownValues[X]",
        "OwnValues[X]",
        "ToExpression[ToString[X, InputForm]]",
        "Uncompress[Compress[X]]",
        "Composition[X, Identity]",
        "(y => X)[1]",
        "Block[{q = True}, X]",
        "If[q, X]",
        "Evaluate[X]",
        "ReleaseHold[X]",
    ]
)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(_tools, min_size=1, max_size=4), st.sampled_from(sorted(GIVEN)), st.booleans())
def test_generated_quarries_find_no_power(world: Make, tools: list[str], given: str, held: bool) -> None:
    text = "t"
    for tool in tools:
        text = tool.replace("X", text)
    every = f'Map[#["./secret.txt"] &, Level[{{{text}}}, {{0, Infinity}}, Heads -> True]]'
    hold = "SetAttributes[Take, HoldAll]\n" if held else ""
    session = world({"dep": (f"{hold}Take[t_] := Quiet[{every}]\n", {})})
    session.evaluate_text(ROOT)
    assert SECRET not in shown(session, f"dep::Take[{GIVEN[given]}]")
    session.close()


def attempt_text(attempt: str) -> str:
    """Return the Lyra string that spells *attempt*."""
    return '"' + attempt.replace("\\", "\\\\").replace('"', '\\"') + '"'


# ---- the price

PLAIN = """
f[0] = 1
f[n_Integer] := n f[n - 1]
g[x_, y_: 2] := Module[{t = x^2}, Table[t + i, {i, y}]]
h = x => Map[# + 1 &, x]
Total1[list_] := Fold[Plus, 0, list] /; Length[list] > 0
"""


def test_code_without_powers_is_the_same_with_permissions_on_and_off(world: Make) -> None:
    def compiled(root: Mapping[str, tuple[str, ...]] | None) -> list[object]:
        session = world({}, root=root)
        found: list[object] = []
        source = Source("plain.lyra", PLAIN)
        resolver = Resolver(session.names, source)
        for statement in parse_program(source).statements:
            value, places = resolver.resolve(statement.node)
            code, _ = compile_statement(value, places, source, linkage.WORLD)
            found += [repr(value), places, repr(code.instructions), lower(code, linkage.WORLD).text]
        session.evaluate_text(PLAIN)
        found.append(session.text_of(session.evaluate_text("{f[20], g[3], h[{1, 2}], Total1[{1, 2}]}")))
        return found

    free, held, nothing = compiled(None), compiled({"filesystem.read": ("./data",)}), compiled({})
    assert free == held == nothing
    assert free[-1] == "{2432902008176640000, {10, 11}, {2, 3}, 3}"
