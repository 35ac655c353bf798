"""Nothing in the suite of attempts gets out of a worker, for root and for an ordinary user."""

from __future__ import annotations

import fcntl
import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from lyra_core.security.sandbox import sandbox_status
from lyra_core.security.sandbox.bubblewrap import bubblewrap_works

HERE = Path(__file__).parent
ROOT = HERE.parents[2]
NOBODY = 65534
ORDINARY = 1000
WITHOUT_RIGHTS = ["unshare", "--user", f"--map-user={ORDINARY}", f"--map-group={ORDINARY}"]
# What the fallback leaves open, as its page says: the worker's own, emptied view of these folders.
OPEN_IN_BUBBLEWRAP = (
    "reading: the names in /",
    "reading: the names in the folder of the secret",
    "reading: the list of processes",
)

pytestmark = pytest.mark.skipif(not sandbox_status().is_available, reason="no sandbox on this system")


def attempt_names() -> list[str]:
    """The names as the module registers them, read without importing it here."""
    import ast

    names = []
    for node in ast.parse((HERE / "escape_attempts.py").read_text()).body:
        if isinstance(node, ast.FunctionDef) and node.decorator_list:
            group = ast.literal_eval(node.decorator_list[0].args[0])  # type: ignore[attr-defined]
            names.append(f"{group}: {ast.get_docstring(node)}")
    return names


def interpreter_of(user: int) -> list[str]:
    """Return a Python of this version that *user* can run and that finds this one's libraries."""
    version = f"python{sys.version_info.major}.{sys.version_info.minor}"
    for candidate in (os.path.realpath(sys.executable), f"/usr/bin/{version}", f"/usr/local/bin/{version}"):
        try:
            done = subprocess.run(
                [candidate, "-c", "import ssl, sqlite3"], user=user, group=user, capture_output=True, check=False
            )
        except OSError:
            continue
        if done.returncode == 0:
            return [candidate]
    return []


def run(folder: Path, mode: str, user: int | None = None) -> dict[str, Any]:
    libraries = [each for each in sys.path if each.endswith(("site-packages", "dist-packages"))]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join([str(ROOT), *libraries]), "PYTHONDONTWRITEBYTECODE": "1"}
    command = [sys.executable]
    extra: dict[str, Any] = {}
    if user == ORDINARY:  # root's files are its own there, but it has no capability
        command = [*WITHOUT_RIGHTS, sys.executable]
    elif user is not None:
        command = interpreter_of(user)
        os.chown(folder, user, user)
        folder.chmod(0o755)
        extra = {"user": user, "group": user, "extra_groups": []}
        environment["HOME"] = str(folder)
    command += [str(HERE / "run_attempts.py"), str(folder), mode]
    done = subprocess.run(
        command, capture_output=True, text=True, env=environment, cwd="/", timeout=300, check=False, **extra
    )
    assert done.returncode == 0, done.stderr[-3000:]
    report: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return report


@contextmanager
def world() -> Iterator[Path]:
    """A folder that other users may walk to: pytest closes its own to them."""
    folder = Path(tempfile.mkdtemp(prefix="lyra-escape-"))
    try:
        folder.chmod(0o755)
        yield folder
    finally:
        shutil.rmtree(folder)


@pytest.fixture(scope="module", params=["this user", "nobody", "bubblewrap"])
def report(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """What each attempt got away with; made once for all the processes of a run."""
    base = tmp_path_factory.getbasetemp()
    shared = base.parent if "PYTEST_XDIST_WORKER" in os.environ else base
    kept = shared / f"escape-{request.param.replace(' ', '-')}.json"
    with open(kept.with_suffix(".lock"), "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not kept.exists():
            kept.write_text(json.dumps(make_report(request.param)))
    made: dict[str, Any] = json.loads(kept.read_text())
    if "skip" in made:
        pytest.skip(made["skip"])
    return made


def make_report(kind: str) -> dict[str, Any]:
    if kind == "this user":
        return run_in_world("sandboxed")
    if kind == "bubblewrap":
        if bubblewrap_works() is None:
            return {"skip": "no bubblewrap that works here"}
        report = run_in_world("bubblewrap")
        for name in OPEN_IN_BUBBLEWRAP:
            assert report["results"].pop(name) != ""
        return report
    if os.getuid() != 0:
        return {"skip": "this user is an ordinary one already"}
    if interpreter_of(NOBODY) and _readable_by(NOBODY):
        return run_in_world("sandboxed", NOBODY)
    if shutil.which("unshare") is None or subprocess.run([*WITHOUT_RIGHTS, "true"], check=False).returncode != 0:
        return {"skip": "no interpreter that an ordinary user can run, and no user namespace"}
    return run_in_world("sandboxed", ORDINARY)


def run_in_world(mode: str, user: int | None = None) -> dict[str, Any]:
    with world() as folder:
        return run(folder, mode, user)


def _readable_by(user: int) -> bool:
    probe = ["/bin/cat", str(HERE / "run_attempts.py")]
    return subprocess.run(probe, user=user, group=user, capture_output=True, check=False).returncode == 0


def test_the_user_is_the_one_asked_for(report: dict[str, Any], request: pytest.FixtureRequest) -> None:
    if request.node.callspec.params["report"] == "nobody":
        assert report["user"] in (NOBODY, ORDINARY)
    else:
        assert report["user"] == os.getuid()


def test_there_are_at_least_sixty_attempts_in_nine_groups() -> None:
    names = attempt_names()
    assert f"makes {len(names)} attempts" in (ROOT / "docs/guides/sandbox.md").read_text()
    groups = {name.partition(":")[0] for name in names}
    assert len(names) >= 60
    assert groups == {
        "reading",
        "writing",
        "privilege",
        "exec",
        "native code",
        "ordinary libraries",
        "network",
        "other processes",
        "resources",
    }


@pytest.mark.parametrize("name", attempt_names())
def test_attempt_is_stopped(report: dict[str, Any], name: str) -> None:
    got = report["results"].get(name, "")
    if name in report["fatal"]:
        assert got.startswith("LYR0853"), got
    else:
        assert got == ""


def test_files_of_the_host_are_as_they_were(report: dict[str, Any]) -> None:
    for name, state in report["files"].items():
        assert state == ["VALUE = 1\n", "0o644", True], name


def test_attempts_succeed_without_the_sandbox() -> None:
    """The control: what the sandbox stops is really possible without it."""
    done = run_in_world("open")
    for library in ("numpy", "pandas", "pyarrow"):
        if library not in sys.modules and not _installed(library):
            done["results"] = {k: v for k, v in done["results"].items() if library.casefold() not in k.casefold()}
    failed = [name for name, got in done["results"].items() if got == "" or got.startswith("LYR")]
    assert failed == []


def _installed(library: str) -> bool:
    from importlib.util import find_spec

    return find_spec(library) is not None
