"""Bundles: the same files give the same bytes, wherever and by whomever they are packed."""

from __future__ import annotations

import errno
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from lyra_core.errors import IntegrityError, LyraError, ManifestError
from lyra_core.packages.bundle import PackageBundle, pack
from lyra_core.packages.manifest import read_manifest
from lyra_core.packages.manifest_writer import dependency_data, normalised_manifest
from lyra_core.packages.project import open_project
from lyra_core.source import Source

MANIFEST = """\
# what the author wrote
[package]
name = "geometry"
version = "1.2.0"
license = "MIT"
include = ["data/**/*.csv", "assets/"]

[dependencies]
std = ">=0.1"
linear = { path = "../linear", version = "2", registry = "corp" }
plots = { version = "1", optional = true, features = ["svg", "png"], default-features = false, package = "plot-kit" }

[dev-dependencies]
test-kit = "0.5"
here = { path = "../here" }

[exports]
Area = { path = "shapes::area", since = "1.0.0" }

[imports]
Helper = { from = "here" }
Det = { from = "linear" }

[permissions]

[foreign-modules]
python = { path = "py/fit.py" }
"""


@pytest.fixture
def project(tmp_path: Path) -> Path:
    root = tmp_path / "geometry"
    files = {
        "Lyra.toml": MANIFEST,
        "README.md": "# geometry\n",
        "LICENSE": "MIT\n",
        "src/shapes.lyra": "area[r_] := Pi r^2\n",
        "src/deep/er.lyra": "x = 1\n",
        "tests/shapes.lyra": "Test[1, 1]\n",
        "py/fit.py": "def fit(x): return x\n",
        "data/a.csv": "1\n",
        "data/deep/b.csv": "2\n",
        "data/note.txt": "not included\n",
        "assets/logo.svg": "<svg/>\n",
        # left out
        "src/.hidden.lyra": "secret\n",
        "src/shapes.lyra~": "old\n",
        "src/__pycache__/x.pyc": "cache\n",
        ".env": "TOKEN=1\n",
        "lyra.lock": "lock\n",
        "build/geometry-1.1.0.lyrapkg": "old bundle\n",
        "notes.txt": "mine\n",
    }
    for name, text in files.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text, encoding="utf-8")
    return root


def test_a_bundle_holds_what_the_author_meant_to_publish(project: Path) -> None:
    bundle = pack(project, api={"exports": {"Area": {}}}, vcs={"commit": "abc"}, compiled={"deep::er": b"\0artefact"})
    assert list(bundle.archive.entries) == [
        "LICENSE",
        "Lyra.toml",
        "Lyra.toml.orig",
        "README.md",
        "api.json",
        "assets/logo.svg",
        "data/a.csv",
        "data/deep/b.csv",
        "lyc/deep/er.lyrac",
        "py/fit.py",
        "src/deep/er.lyra",
        "src/shapes.lyra",
        "tests/shapes.lyra",
        "vcs.json",
    ]
    assert (bundle.name, str(bundle.version), bundle.file_name) == ("geometry", "1.2.0", "geometry-1.2.0.lyrapkg")
    assert bundle.read("Lyra.toml.orig").decode() == MANIFEST
    assert bundle.read("src/shapes.lyra") == b"area[r_] := Pi r^2\n"
    assert bundle.api == {"exports": {"Area": {}}}
    assert bundle.vcs == {"commit": "abc"}
    assert bundle.compiled == {"deep::er": b"\0artefact"}
    with pytest.raises(IntegrityError):
        bundle.read("notes.txt")


def test_the_manifest_that_travels_holds_nothing_of_this_machine(project: Path) -> None:
    bundle = pack(project, registries={"corp": "https://registry.example/"})
    assert bundle.read("Lyra.toml").decode() == (
        "# Normalised by `lyra pkg build`; Lyra.toml.orig is what the author wrote.\n"
        '[package]\nname = "geometry"\nversion = "1.2.0"\nlicense = "MIT"\nedition = "2024"\n'
        'include = ["data/**/*.csv", "assets/"]\n\n'
        "[dependencies]\n"
        'linear = { registry = "https://registry.example/", version = "^2" }\n'
        'plots = { default-features = false, features = ["png", "svg"], optional = true, '
        'package = "plot-kit", version = "^1" }\n'
        'std = ">=0.1"\n\n'
        '[dev-dependencies]\ntest-kit = "^0.5"\n\n'
        '[exports]\nArea = { path = "shapes::area", since = "1.0.0" }\n\n'
        '[imports]\nDet = { from = "linear" }\n\n'
        "[permissions]\n\n"
        '[foreign-modules]\npython = [{ interface = "python-bridge", name = "fit", path = "py/fit.py" }]\n'
    )
    assert bundle.dependencies == [
        {"name": "linear", "req": "^2", "registry": "https://registry.example/"},
        {
            "name": "plots", "req": "^1", "features": ["png", "svg"], "default_features": False, "optional": True,
            "package": "plot-kit",
        },
        {"name": "std", "req": ">=0.1"},
        {"name": "test-kit", "req": "^0.5", "kind": "dev"},
    ]  # fmt: skip


def test_normal_form_is_a_fixed_point_and_keeps_the_meaning() -> None:
    manifest = read_manifest(Source("Lyra.toml", MANIFEST.replace('path = "../linear", ', "")))
    text = normalised_manifest(manifest)
    again = read_manifest(Source("Lyra.toml", text))
    assert normalised_manifest(again) == text
    assert dependency_data(again) == dependency_data(manifest)
    assert again.exports == manifest.exports
    assert again.asks == manifest.asks
    assert again.declares_permissions


_PACK = """
import os, sys, time
os.umask(int(sys.argv[2], 8))
from lyra_core.packages.bundle import pack
bundle = pack(sys.argv[1], api={"b": 1, "a": 2})
print(bundle.hash, bundle.tree_hash)
"""


def test_another_umask_time_zone_locale_and_hash_seed_give_the_same_bytes(project: Path) -> None:
    found = set()
    for number, (umask, zone, locale) in enumerate(
        [("022", "UTC", "C"), ("077", "Asia/Tokyo", "tr_TR.UTF-8"), ("000", "America/Lima", "C.UTF-8")]
    ):
        environment = {**os.environ, "TZ": zone, "LC_ALL": locale, "PYTHONHASHSEED": str(number)}
        for file in project.rglob("*.lyra"):
            os.utime(file, (number * 1000, number * 1000))
        run = subprocess.run(
            [sys.executable, "-c", _PACK, str(project), umask],
            env=environment,
            capture_output=True,
            text=True,
            check=True,
        )
        found.add(run.stdout)
    assert len(found) == 1


def test_rights_of_others_do_not_count_and_the_right_to_execute_does(project: Path) -> None:
    before = pack(project).tree_hash
    (project / "src/shapes.lyra").chmod(0o600)
    assert pack(project).tree_hash == before
    (project / "src/shapes.lyra").chmod(0o700)
    assert pack(project).tree_hash != before


def test_a_project_is_packed_as_its_folder_is(project: Path) -> None:
    assert pack(open_project(project)).hash == pack(project).hash == pack(str(project)).hash


def test_compiled_modules_are_outside_the_identity(project: Path) -> None:
    assert pack(project, compiled={"shapes": b"1"}).tree_hash == pack(project).tree_hash
    assert pack(project, compiled={"shapes": b"1"}).hash != pack(project).hash


def test_a_bundle_opens_from_bytes_and_from_a_file(project: Path, tmp_path: Path) -> None:
    bundle = pack(project)
    file = tmp_path / bundle.file_name
    file.write_bytes(bundle.content)
    assert PackageBundle.open(file).tree_hash == PackageBundle.open(bundle.content).tree_hash == bundle.tree_hash
    with pytest.raises(IntegrityError) as caught:
        PackageBundle.open(tmp_path / "missing.lyrapkg")
    assert caught.value.code == "LYR0605"


def _link(project: Path) -> None:
    (project / "src/link.lyra").symlink_to("/etc/passwd")


def _folder_link(project: Path) -> None:
    (project / "src/link").symlink_to("/etc")


def _fifo(project: Path) -> None:
    os.mkfifo(project / "src/pipe.lyra")


def _bad_name(project: Path) -> None:
    (project / "src/a:b.lyra").write_text("", encoding="utf-8")


def _same_name(project: Path) -> None:
    (project / "src/Shapes.lyra").write_text("", encoding="utf-8")


def _no_foreign(project: Path) -> None:
    (project / "py/fit.py").unlink()


def _nothing_included(project: Path) -> None:
    (project / "data/a.csv").unlink()
    (project / "data/deep/b.csv").unlink()


def _no_version(project: Path) -> None:
    text = (project / "Lyra.toml").read_text(encoding="utf-8")
    (project / "Lyra.toml").write_text(text.replace(', version = "2", registry = "corp"', ""), encoding="utf-8")


def _no_manifest(project: Path) -> None:
    (project / "Lyra.toml").unlink()


def _own_compiled(project: Path) -> None:
    text = (project / "Lyra.toml").read_text(encoding="utf-8")
    (project / "Lyra.toml").write_text(text.replace('"assets/"', '"lyc"'), encoding="utf-8")
    (project / "lyc").mkdir()
    (project / "lyc/x.csv").write_text("", encoding="utf-8")


@pytest.mark.parametrize(
    ("spoil", "code"),
    [
        (_link, "LYR0606"),
        (_folder_link, "LYR0606"),
        (_fifo, "LYR0606"),
        (_bad_name, "LYR0602"),
        (_same_name, "LYR0602"),
        (_no_foreign, "LYR0414"),
        (_nothing_included, "LYR0415"),
        (_no_version, "LYR0420"),
        (_no_manifest, "LYR0416"),
        (_own_compiled, "LYR0605"),
    ],
)
def test_what_cannot_travel_is_an_error(project: Path, spoil: object, code: str) -> None:
    spoil(project)  # type: ignore[operator]
    with pytest.raises(LyraError) as caught:
        pack(project)
    assert caught.value.code == code


def test_a_workspace_without_a_package_cannot_be_packed(tmp_path: Path) -> None:
    (tmp_path / "Lyra.toml").write_text("[workspace]\n", encoding="utf-8")
    with pytest.raises(ManifestError):
        pack(tmp_path)


def test_the_api_is_canonical_json(project: Path) -> None:
    bundle = pack(project, api={"é": 1, "a": [True, None]})
    assert bundle.api_bytes == '{"a":[true,null],"é":1}'.encode()
    assert json.loads(bundle.api_bytes) == bundle.api
    assert pack(project).api == {}
    assert pack(project).api_hash == ""


def test_a_folder_that_cannot_be_read_is_never_left_out(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A package that lacks what was in it would be published as if it were whole."""
    from lyra_core.packages.project import modules_below

    true = os.scandir
    for broken in ("src", "tests"):

        def scandir(path: str, broken: str = broken) -> object:
            if os.path.basename(path) == broken:
                raise OSError(errno.EIO, "Input/output error", str(path))
            return true(path)

        (project / broken).mkdir(exist_ok=True)
        monkeypatch.setattr(os, "scandir", scandir)
        with pytest.raises(IntegrityError) as caught:
            pack(project)
        assert caught.value.code == "LYR0606"
        if broken == "src":
            with pytest.raises(ManifestError):
                modules_below(project / "src")
        monkeypatch.setattr(os, "scandir", true)
    assert pack(project).tree_paths
