"""From lock and store to the plan the runtime links by: active features, prefixes, grants, two majors."""

from __future__ import annotations

from pathlib import Path

import pytest

from lyra_core.errors import IntegrityError, ManifestError
from lyra_core.modules.link_plan import LinkPlan
from lyra_core.packages.bundle import pack
from lyra_core.packages.linking import activate_lock, cached_plan, link_plan, plan_inputs
from lyra_core.packages.lockfile import LockedDependency, LockedPackage, Lockfile
from lyra_core.packages.permissions import Permissions
from lyra_core.packages.project import Project, open_project
from lyra_core.packages.store import Store

Edge = LockedDependency


def locked(name: str, version: str, edges: list[Edge] | None = None, **facts: object) -> LockedPackage:
    return LockedPackage.make(name, version, f"path+{name}-{version}", deps=edges or [], **facts)  # type: ignore[arg-type]


UNIVERSE = Lockfile(
    [
        locked(
            "root", "1.0.0",
            [
                Edge("web", "1.0.0", features=["tls"]), Edge("log", "1.0.0", is_optional=True, key="logs"),
                Edge("kit", "1.0.0", is_dev=True),
            ],
            features={"default": ["logs"], "fast": ["web/cache", "logs?/color"], "quiet": []},
        ),
        locked(
            "web", "1.0.0",
            [Edge("json", "1.0.0", default_features=False), Edge("lru", "1.0.0", is_optional=True)],
            features={"tls": [], "cache": ["dep:lru", "json/index"], "default": ["tls"]},
        ),
        locked("json", "1.0.0", features={"default": ["pretty"], "pretty": [], "index": []}),
        locked("lru", "1.0.0", [Edge("json", "2.0.0")]),
        locked("json", "2.0.0"),
        locked("log", "1.0.0", features={"default": [], "color": []}),
        locked("kit", "1.0.0", [Edge("log", "1.0.0")]),
    ]
)  # fmt: skip


def reached(**choices: object) -> dict[str, str]:
    found = activate_lock(UNIVERSE, UNIVERSE.named("root"), **choices)  # type: ignore[arg-type]
    return {f"{name} {version}": " ".join(sorted(each.features)) for (name, version, _), each in found.items()}


@pytest.mark.parametrize(
    ("choices", "expected"),
    [
        ({}, {"root 1.0.0": "default logs", "web 1.0.0": "default tls", "json 1.0.0": "", "log 1.0.0": "default"}),
        ({"default_features": False}, {"root 1.0.0": "", "web 1.0.0": "default tls", "json 1.0.0": ""}),
        (
            {"default_features": False, "features": ["fast"]},
            {
                "root 1.0.0": "fast", "web 1.0.0": "cache default tls", "json 1.0.0": "index", "lru 1.0.0": "",
                "json 2.0.0": "",
            },
        ),
        (
            {"features": ["fast"]},
            {
                "root 1.0.0": "default fast logs", "web 1.0.0": "cache default tls", "json 1.0.0": "index",
                "lru 1.0.0": "", "json 2.0.0": "", "log 1.0.0": "color default",
            },
        ),
        (
            {"default_features": False, "dev": True},
            {
                "root 1.0.0": "", "web 1.0.0": "default tls", "json 1.0.0": "", "kit 1.0.0": "",
                "log 1.0.0": "default",
            },
        ),
    ],
)  # fmt: skip
def test_active_features_are_found_by_a_second_pass_over_the_lock(
    choices: dict[str, object], expected: dict[str, str]
) -> None:
    assert reached(**choices) == expected


def test_a_feature_nobody_has_is_an_error() -> None:
    with pytest.raises(ManifestError) as caught:
        reached(features=["quite"])
    assert (caught.value.code, caught.value.hints) == ("LYR0425", ("did you mean `quiet`?",))


def write(root: Path, manifest: str, files: dict[str, str] | None = None) -> Path:
    for name, text in {"Lyra.toml": manifest, **(files or {})}.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text, encoding="utf-8")
    return root


def package(name: str, version: str, more: str = "") -> str:
    return f'[package]\nname = "{name}"\nversion = "{version}"\nlicense = "MIT"\n{more}'


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store(tmp_path / "packages")


@pytest.fixture
def project(tmp_path: Path, store: Store) -> Project:
    """A project that uses two majors of one package, a package with a namespace of its own, std, and a folder."""
    entries = {}
    for version in ("1.0.0", "2.0.0"):
        source = write(
            tmp_path / f"linear-{version}",
            package("linear-algebra", version, '[exports]\nDet = "solve::det"\n'),
            {"src/solve.lyra": "det[x_] := x\n"},
        )
        entries[version] = store.install(pack(source), "registry+main").tree
    geo = write(
        tmp_path / "geo",
        package(
            "geo-kit", "1.0.0",
            'namespace = "acme::geo"\n[dependencies]\nlinear-algebra = "1"\n'
            '[exports]\nArea = "shapes::area"\nFast = { path = "shapes::fast", feature = "fast" }\n'
            '[features]\nfast = []\n'
            '[permissions]\nnetwork = { domains = ["api.example.com"] }\nclock = true\n'
            '[foreign-modules]\npython = { path = "py/fit.py" }\n',
        ),
        {"src/shapes.lyra": "area[r_] := r\n", "py/fit.py": ""},
    )  # fmt: skip
    entries["geo"] = store.install(pack(geo), "registry+main").tree
    write(tmp_path / "helpers", package("helpers", "0.1.0"))
    root = write(
        tmp_path / "app",
        package(
            "my-app", "0.1.0",
            '[dependencies]\nstd = ">=0.1"\nla2 = { package = "linear-algebra", version = "2" }\ngeo-kit = "1"\n'
            'helpers = { path = "../helpers" }\nacme-units = "1"\n'
            '[imports]\n"std::math::*" = { from = "std" }\nDet = { from = "la2" }\n'
            'Surface = { from = "geo-kit", name = "Area" }\nMetre = { from = "acme-units" }\n'
            'Off = { from = "geo-kit", name = "Area", feature = "extra" }\n[features]\nextra = []\n',
        ),
    )  # fmt: skip

    def entry(name: str, version: str, tree: str, **facts: object) -> LockedPackage:
        return LockedPackage.make(name, version, "registry+main", tree=tree, **facts)  # type: ignore[arg-type]

    found = open_project(root)
    found.write_lock(
        Lockfile(
            [
                LockedPackage.make(
                    "my-app", "0.1.0", "path+.",
                    deps=[
                        Edge("std"), Edge("linear-algebra", "2.0.0", key="la2"), Edge("geo-kit", "1.0.0"),
                        Edge("helpers", "0.1.0"), Edge("acme-units"),
                    ],
                    features={"extra": []},
                ),
                LockedPackage.make("std", "", "provided", requirement=">=0.1"),
                LockedPackage.make("acme-units", "", "provided", requirement="^1"),
                LockedPackage.make("helpers", "0.1.0", "path+../helpers"),
                entry("linear-algebra", "1.0.0", entries["1.0.0"]),
                entry("linear-algebra", "2.0.0", entries["2.0.0"]),
                entry(
                    "geo-kit", "1.0.0", entries["geo"], deps=[Edge("linear-algebra", "1.0.0")], features={"fast": []}
                ),
            ],
            {"geo-kit": Permissions({"network": ["*.example.com"], "env": ["HOME"], "unsandboxed": ["python"]})},
        )
    )  # fmt: skip
    return found


def test_each_package_links_to_its_own_dependencies(project: Project, store: Store) -> None:
    plan = link_plan(project, store)
    assert sorted(plan.instances) == [
        "",
        "geo-kit@1.0.0",
        "helpers@0.1.0",
        "linear-algebra@1.0.0",
        "linear-algebra@2.0.0",
    ]
    root, geo = plan.instances[""], plan.instances["geo-kit@1.0.0"]
    assert dict(root.dependencies) == {
        "la2": "linear-algebra@2.0.0",
        "acme::geo": "geo-kit@1.0.0",
        "helpers": "helpers@0.1.0",
    }
    assert root.provided == ("acme::units", "std")
    assert dict(geo.dependencies) == {"linear::algebra": "linear-algebra@1.0.0"}
    assert (geo.namespace, geo.name, geo.version) == ("acme::geo", "geo-kit", "1.0.0")
    assert Path(geo.path, "src/shapes.lyra").is_file()
    assert dict(root.import_names) == {
        "Det": "la2::Det",
        "Surface": "acme::geo::Area",
        "Metre": "acme::units::Metre",
    }
    assert root.import_wildcards == ("std::math",)
    assert geo.foreign["fit"] == (str(Path(geo.path) / "py/fit.py"), "python-bridge")
    assert Path(plan.instances["helpers@0.1.0"].path, "Lyra.toml").is_file()


def test_features_gate_exports_and_imports(project: Project, store: Store) -> None:
    assert dict(link_plan(project, store).instances["geo-kit@1.0.0"].exports) == {"Area": "shapes::area"}
    assert "Off" in link_plan(project, store, features=["extra"]).instances[""].import_names


def test_a_package_gets_what_it_asks_for_and_was_granted(project: Project, store: Store) -> None:
    geo = link_plan(project, store).instances["geo-kit@1.0.0"]
    # `clock` was not granted, HOME was not asked for, a broad grant in a lock alone is worth nothing
    assert dict(geo.grants) == {"network": ("api.example.com",)}
    assert geo.restricted
    trusting = link_plan(project, store, effective=lambda name, granted: granted).instances["geo-kit@1.0.0"]
    assert dict(trusting.grants) == {"network": ("api.example.com",), "unsandboxed": ("python",)}


def test_the_projects_own_code_is_bound_only_by_permissions_of_its_own(project: Project, store: Store) -> None:
    assert not link_plan(project, store).instances[""].restricted
    with project.manifest_path.open("a", encoding="utf-8") as file:
        file.write("[permissions]\nclock = true\n")
    root = link_plan(project.reload(), store).instances[""]
    assert root.restricted
    assert dict(root.grants) == {"clock": ("",)}


def test_a_package_that_is_not_installed_is_named(project: Project, store: Store) -> None:
    store.remove("geo-kit", "1.0.0")
    with pytest.raises(IntegrityError, match=r"geo-kit 1\.0\.0 is not installed"):
        link_plan(project, store)


def test_two_dependencies_with_one_namespace_are_refused(project: Project, store: Store) -> None:
    text = project.manifest_path.read_text(encoding="utf-8").replace('acme-units = "1"', 'acme-geo = "1"')
    project.manifest_path.write_text(text.replace('from = "acme-units"', 'from = "acme-geo"'), encoding="utf-8")
    lock_text = project.lock_path.read_text(encoding="utf-8").replace("acme-units", "acme-geo")
    project.lock_path.write_text(lock_text, encoding="utf-8")
    with pytest.raises(ManifestError) as caught:
        link_plan(project.reload(), store)
    assert caught.value.code == "LYR0424"
    assert "`acme-geo` and `geo-kit` both have the namespace `acme::geo`" in caught.value.message


def test_a_project_without_a_lock_links_to_nothing(tmp_path: Path, store: Store) -> None:
    plan = link_plan(open_project(write(tmp_path / "lone", package("lone", "1.0.0"))), store)
    assert list(plan.instances) == [""]


def test_a_plan_is_kept_until_a_file_it_was_made_from_changes(
    project: Project, store: Store, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("LYRA_HOME", str(tmp_path / "home"))
    made = []

    def make() -> tuple[LinkPlan, list[Path]]:
        made.append(1)
        return link_plan(project.reload(), store), plan_inputs(project, store)

    first = cached_plan(project.root, make)
    assert cached_plan(project.root, make).to_data() == first.to_data()
    assert len(made) == 1
    cached_plan(project.root, make, variant="dev")
    assert len(made) == 2
    with project.manifest_path.open("a", encoding="utf-8") as file:
        file.write("# changed\n")
    cached_plan(project.root, make)
    assert len(made) == 3
    store.remove("linear-algebra", "2.0.0")
    with pytest.raises(IntegrityError):
        cached_plan(project.root, make)
