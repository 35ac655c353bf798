"""Compiled modules in bundles: made the same way twice, compared before they are kept, refused when forged."""

from __future__ import annotations

import hashlib
import shutil
from pathlib import Path

import pytest

from lyra_core.errors import IntegrityError, LyraError
from lyra_core.modules.artefact import Artefact, artefact_image
from lyra_core.operations import compiled as operation
from lyra_core.operations.add import AddOptions, add
from lyra_core.operations.build import pack_project
from lyra_core.operations.environment import Environment, Policies, open_environment
from lyra_core.operations.publish import publish
from lyra_core.operations.running import project_plan
from lyra_core.operations.verify import verify
from lyra_core.packages.bundle import PackageBundle
from lyra_core.packages.compiled import compare_compiled
from lyra_core.packages.lockfile import LockedPackage
from lyra_core.packages.project import open_project
from lyra_core.packages.store import Store
from lyra_core.testing import project

SHAPES = '[exports]\n"Area" = "flat::area"\n"Volume" = "deep::solid::volume"\n'
SOURCES = {
    "src/flat.lyra": "//! The area of a square.\narea[a_] := a^2\n",
    "src/deep/solid.lyra": "volume[a_] := flat::area[a] a\n",
}


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("LYRA_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    settings = tmp_path / "home" / "packages" / "config.toml"
    settings.parent.mkdir(parents=True)
    settings.write_text(f'[registries.main]\nurl = "{tmp_path}/registry"\n')
    return tmp_path


def opened(root: Path, **policies: object) -> Environment:
    return open_environment(root, policies=Policies(**policies))  # type: ignore[arg-type]


def shapes(place: Path) -> Path:
    root = project(place / "shapes", SHAPES).root
    for path, text in SOURCES.items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text(text)
    return root


def installed(place: Path) -> tuple[Path, LockedPackage]:
    app = project(place / "app").root
    with opened(app) as environment:
        add(environment, ["shapes"], AddOptions())
    lock = open_project(app).lock()
    assert lock is not None
    return app, lock.named("shapes")[0]


def published(
    place: Path, changed: dict[str, bytes] | None = None, monkeypatch: pytest.MonkeyPatch | None = None
) -> None:
    """Publish the package, with other artefacts where *changed* says so."""
    if changed is not None and monkeypatch is not None:
        true = operation.compile_project
        monkeypatch.setattr(
            "lyra_core.operations.build.compile_project", lambda made, store: {**true(made, store), **changed}
        )
    with opened(shapes(place)) as environment:
        publish(environment)


def test_building_twice_gives_the_same_bytes_anywhere(place: Path) -> None:
    root = shapes(place)
    with opened(root) as environment:
        first = pack_project(environment, environment.project).bundle
    assert sorted(first.compiled) == ["deep::solid", "flat"]
    moved = place / "elsewhere" / "shapes"
    shutil.copytree(root, moved)
    with opened(moved) as environment:
        again = pack_project(environment, environment.project).bundle
    assert again.content == first.content


def test_what_was_shipped_is_kept_and_used(place: Path) -> None:
    from lyra_core.runtime.session import Session

    published(place)
    app, locked = installed(place)
    folder = Store().compiled_of(locked.tree)
    assert sorted(each.relative_to(folder).as_posix() for each in folder.rglob("*.lyrac")) == [
        "deep/solid.lyrac",
        "flat.lyrac",
    ]
    shutil.rmtree(place / "cache", ignore_errors=True)
    plan = project_plan(open_project(app), Store())
    with Session(plan=plan) as session:
        assert session.loader is not None
        instance = plan.instance(f"shapes@{locked.version_text}")
        assert instance is not None
        for path in ("flat", "deep::solid"):
            module = session.loader.module(instance, path)
            assert module is not None
            compiled = module.compiled()
            assert compiled is not None
            assert compiled.is_linked()
            assert compiled.is_static
        assert session.value_of("shapes::Volume[3]") == 27


def test_a_forged_module_is_refused_and_nothing_of_it_stays(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    root = shapes(place)
    (root / "src/flat.lyra").write_text("//! The area of a square.\narea[a_] := a^2 + 1\n")
    with opened(root) as environment:
        evil = Artefact(pack_project(environment, environment.project).bundle.compiled["flat"], "evil")
    shutil.rmtree(root)
    with opened(shapes(place)) as environment:
        good = Artefact(pack_project(environment, environment.project).bundle.compiled["flat"], "good")
    # other code, and everything else as the honest one says it
    image = artefact_image([(name, evil.payload(name) or b"") for name in evil.names()], metadata=good.metadata)
    shutil.rmtree(root)
    published(place, {"flat": image}, monkeypatch)
    app = project(place / "app").root
    with opened(app) as environment, pytest.raises(IntegrityError) as caught:
        add(environment, ["shapes"], AddOptions())
    assert caught.value.code == "LYR0617"
    assert not (app / "lyra.lock").exists()
    assert Store().installed() == []


def changed(image: bytes, **metadata: str) -> bytes:
    artefact = Artefact(image, "a")
    return artefact_image(
        [(name, artefact.payload(name) or b"") for name in artefact.names()],
        metadata={**artefact.metadata, **metadata},
    )


def test_modules_made_under_other_circumstances_are_left_out(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    root = shapes(place)
    with opened(root) as environment:
        made = pack_project(environment, environment.project).bundle.compiled
    shutil.rmtree(root)
    published(place, {"flat": changed(made["flat"], abi="lyra 0.0.1 record 1")}, monkeypatch)
    app, locked = installed(place)
    folder = Store().compiled_of(locked.tree)
    assert [each.name for each in folder.rglob("*.lyrac")] == ["solid.lyrac"]
    with opened(app) as environment:
        results, problems = verify(environment)
    assert problems == []
    step = next(each for each in results[0].steps if each.name == "compiled")
    assert step.outcome == "passed"
    assert step.detail.startswith("1 of 2 compiled modules")


def test_comparing() -> None:
    good = artefact_image([("f", b"code")], metadata={"source": "s", "abi": "1"})
    other = changed(good, abi="2")
    source = changed(good, source="t")
    evil = artefact_image([("f", b"evil")], metadata={"source": "s", "abi": "1"})
    broken = good[:-1] + bytes([good[-1] ^ 1])
    for image, outcome in (
        (good, "equal"), (other, "other"), (source, "forged"), (evil, "forged"), (broken, "forged"), (b"x", "forged"),
        (artefact_image([], metadata={}), "forged"),
    ):  # fmt: skip
        found = compare_compiled({"m": image}, {"m": good})
        assert [name for name in ("equal", "other", "forged") if getattr(found, name)] == [outcome]
    assert compare_compiled({"gone": good}, {}).forged == ("gone",)


def test_an_installation_compiles_no_more_than_it_may(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(operation, "_MOST_AT_ONCE", 1)
    published(place)
    _, locked = installed(place)
    assert not Store().compiled_of(locked.tree).exists()


def test_a_module_that_cannot_be_compiled_fails_the_build(place: Path) -> None:
    root = shapes(place)
    (root / "src/flat.lyra").write_text("import nothing::here\narea[a_] := a^2\n")
    with opened(root) as environment, pytest.raises(LyraError) as caught:
        pack_project(environment, environment.project)
    assert caught.value.code.startswith("LYR02")


def test_the_identity_does_not_hang_on_compiled_modules(place: Path) -> None:
    with opened(shapes(place)) as environment:
        bundle = pack_project(environment, environment.project).bundle
    assert isinstance(bundle, PackageBundle)
    assert not [path for path in bundle.tree_paths if path.endswith(".lyrac")]
    assert bundle.hash == "sha256:" + hashlib.sha256(bundle.content).hexdigest()
