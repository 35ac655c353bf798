"""Discovery: the index says what is installed, from a cache while nothing changed."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path

import pytest

from lyra_core.modules.namespace_index import NamespaceIndex
from lyra_core.plugins import discovery
from lyra_core.plugins.discovery import load_index
from lyra_core.plugins.manifest import read_manifest
from lyra_core.plugins.quarantine import write_disabled
from tests.plugins.installation import GEO, STD_VERSION, Installation, native


@pytest.fixture
def scans(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """How often an index was made anew."""
    found: list[int] = []
    make = discovery._make

    def counting(file: str, plugins: bool, known: NamespaceIndex | None) -> NamespaceIndex:
        found.append(1)
        return make(file, plugins, known)

    monkeypatch.setattr(discovery, "_make", counting)
    return found


def states(index: NamespaceIndex) -> dict[str, tuple[str, str]]:
    return {each.distribution: (each.state, each.code) for each in index.providers if not each.is_builtin}


def touch_later(path: Path) -> None:
    """Move a modification time: two writes within the clock's resolution look alike."""
    later = path.stat().st_mtime_ns + 2_000_000_000
    os.utime(path, ns=(later, later))


def test_an_installed_plugin_is_known_from_its_manifest(installed: Installation) -> None:
    installed.add("acme-geo", {"acme::geo": native("Double", "acme_geo", "Double[x: Integer]")}, plugin="raise OSError")
    index = load_index()
    assert index.namespaces() == ["acme::geo", *load_index(plugins=False).namespaces()]
    module = index.find_module("acme::geo")
    assert module is not None
    export = module.get("Double")
    assert export is not None
    assert (str(export.signature), export.arity, export.doc) == ("Double[x: Integer]", (1, 1), "Give Double.")
    assert "Double" in module
    assert module.get("Triple") is None
    assert list(module.names()) == ["Double"]
    provider = index.provider_of("acme::geo")
    assert provider is not None
    assert provider.origin == "pip acme-geo 1.0.0"


def test_the_second_start_reads_the_cache(installed: Installation, scans: list[int]) -> None:
    installed.add("acme-geo", {"acme::geo": native("Double", "acme_geo")})
    first = load_index().namespaces()
    assert load_index().namespaces() == first
    assert len(scans) == 1


def test_a_newly_installed_plugin_is_noticed(installed: Installation, scans: list[int]) -> None:
    installed.add("acme-geo", {"acme::geo": native("Double", "acme_geo")})
    load_index()
    installed.add("acme-text", {"acme::text": native("Shout", "acme_text")})
    touch_later(installed.path)
    assert "acme::text" in load_index().namespaces()
    assert len(scans) == 2


def test_manifests_that_did_not_change_are_not_read_again(
    installed: Installation, monkeypatch: pytest.MonkeyPatch
) -> None:
    from lyra_core.plugins import scan

    installed.add(
        "acme-geo", {"acme::geo": native("Double", "acme_geo")}, hooks=("lyra_commands",), commands=["survey"]
    )
    installed.add("bad", manifest="{")
    before = load_index()
    read: list[str] = []

    def reading(path: str) -> dict[str, object]:
        read.append(Path(path).parent.name)
        return read_manifest(path)

    monkeypatch.setattr(scan, "read_manifest", reading)
    installed.add("acme-text", {"acme::text": native("Shout", "acme_text")})
    touch_later(installed.path)
    after = load_index()
    assert read == ["acme_text", "bad"]
    for index in (before, after):
        module = index.find_module("acme::geo")
        assert module is not None
        assert module.get("Double") is not None
        assert index.commands() == ["survey"]


def test_a_file_that_merely_appears_beside_costs_no_scan(installed: Installation, scans: list[int]) -> None:
    installed.add("acme-geo", {"acme::geo": native("Double", "acme_geo")})
    load_index()
    (installed.path / "notes.txt").write_text("")
    touch_later(installed.path)
    assert "acme::geo" in load_index().namespaces()
    assert len(scans) == 1


def test_a_manifest_edited_in_place_is_noticed_at_first_use(installed: Installation, scans: list[int]) -> None:
    folder = installed.add("acme-geo", {"acme::geo": native("Double", "acme_geo")})
    load_index()
    manifest = folder / "lyra-module.json"
    data = json.loads(manifest.read_text())
    data["modules"]["acme::geo"]["exports"] = native("Triple", "acme_geo")
    data["modules"]["acme::more"] = {"exports": native("Other", "acme_geo")}
    manifest.write_text(json.dumps(data))
    touch_later(manifest)
    index = load_index()
    assert len(scans) == 1
    module = index.find_module("acme::geo")
    assert module is not None
    assert list(module.names()) == ["Triple"]
    assert index.find_module("acme::more") is not None
    assert len(scans) == 2
    assert load_index().namespaces() == index.namespaces()
    assert len(scans) == 2


def test_a_namespace_that_an_edited_manifest_adds_is_found(installed: Installation) -> None:
    folder = installed.add("acme-geo", {"acme::geo": native("Double", "acme_geo")})
    load_index()
    manifest = folder / "lyra-module.json"
    manifest.write_text(manifest.read_text().replace("acme::geo", "acme::earth"))
    touch_later(manifest)
    index = load_index()
    assert index.find_module("acme::earth") is not None
    assert index.find_module("acme::geo") is None


def cache_file(home: Path) -> Path:
    (found,) = (home / "cache").glob("modules-*.index")
    return found


@pytest.mark.parametrize(
    "damage",
    [
        lambda data: b"",
        lambda data: data[:20],
        lambda data: b"something else" * 100,
        lambda data: data[:60] + b"\xff\xff" + data[62:],
        lambda data: data[:-5] + b"\xff" * 5,
        lambda data: data[: len(data) // 2],
    ],
)
def test_a_damaged_cache_is_made_anew_in_silence(installed: Installation, home: Path, damage: object) -> None:
    installed.add("acme-geo", {"acme::geo": native("Double", "acme_geo")})
    load_index()
    file = cache_file(home)
    file.write_bytes(damage(file.read_bytes()))  # type: ignore[operator]
    index = load_index()
    module = index.find_module("acme::geo")
    assert module is not None
    assert list(module.names()) == ["Double"]
    assert [each.distribution for each in index.providers] == ["lyra-core", "acme-geo"]


def test_a_place_that_cannot_be_written_costs_only_time(
    installed: Installation, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, scans: list[int]
) -> None:
    blocked = tmp_path / "a-file"
    blocked.write_text("")
    monkeypatch.setenv("LYRA_HOME", str(blocked))
    installed.add("acme-geo", {"acme::geo": native("Double", "acme_geo")})
    for _ in range(2):
        assert "acme::geo" in load_index().namespaces()
    assert len(scans) == 2


BAD = [
    ("no-json", {"manifest": "{"}, "LYR0805", "no JSON"),
    ("bad-signature", {"modules": {"a::b": native("F", "x", "F[")}}, "LYR0233", "cannot read the signature"),
    ("too-new", {"modules": {"a::b": {}}, "requires": "lyra-core>=99"}, "LYR0806", "needs lyra-core>=99"),
    ("odd-version", {"modules": {"a::b": {}}, "version": "next"}, "LYR0806", "cannot be read"),
    ("std-impostor", {"modules": {"std::math": native("Sin", "x")}}, "LYR0804", "belongs to lyra-std-math"),
    ("std-newcomer", {"modules": {"std::dance": {}}}, "LYR0804", "is reserved for the standard library"),
    ("lyra-std-math", {"modules": {"std::list": {}}, "version": STD_VERSION}, "LYR0804", "belongs to lyra-std-list"),
    ("lyra-std-list", {"modules": {"std::list": {}}, "version": "99"}, "LYR0806", "another lyra-core"),
    ("core-thief", {"modules": {"std::core": {}}}, "LYR0804", "belongs to lyra-core"),
    ("root-thief", {"modules": {"user": {}}}, "LYR0231", "reserved"),
    ("long-form", {"modules": {"thirdparty::x": {}}}, "LYR0231", "reserved"),
]


@pytest.mark.parametrize(("distribution", "details", "code", "reason"), BAD, ids=[each[0] for each in BAD])
def test_a_bad_plugin_is_quarantined_and_the_others_work(
    installed: Installation,
    monkeypatch: pytest.MonkeyPatch,
    distribution: str,
    details: dict[str, object],
    code: str,
    reason: str,
) -> None:
    monkeypatch.delitem(sys.modules, distribution.replace("-", "_"), raising=False)  # the real one, of another test
    installed.add(distribution, **details)  # type: ignore[arg-type]
    installed.add("acme-geo", {"acme::geo": native("Double", "acme_geo")})
    index = load_index()
    assert states(index) == {distribution: ("quarantined", code), "acme-geo": ("available", "")}
    provider = next(each for each in index.providers if each.distribution == distribution)
    assert reason in provider.reason
    assert index.find_module("acme::geo") is not None
    assert all(index.find_module(namespace) is None for namespace in ("a::b", "std::dance", "user"))


def test_a_manifest_that_is_missing(installed: Installation) -> None:
    (installed.add("acme-geo", {"acme::geo": {}}) / "lyra-module.json").unlink()
    assert states(load_index()) == {"acme-geo": ("quarantined", "LYR0805")}


def test_a_taken_namespace_stays_with_the_distribution_named_after_it(installed: Installation) -> None:
    installed.add("aaa-first", {"acme::geo": native("F", "aaa_first")})
    installed.add("acme-geo", {"acme::geo": native("Double", "acme_geo")})
    index = load_index()
    assert states(index) == {"aaa-first": ("quarantined", "LYR0803"), "acme-geo": ("available", "")}
    refused = next(each for each in index.providers if each.distribution == "aaa-first")
    assert "acme-geo 1.0.0" in refused.reason
    assert "aaa-first 1.0.0" in refused.reason
    module = index.find_module("acme::geo")
    assert module is not None
    assert "Double" in module


def test_among_equals_the_order_of_names_decides(installed: Installation) -> None:
    installed.add("zzz-geo", {"acme::geo": {}})
    installed.add("bbb-geo", {"acme::geo": {}})
    assert states(load_index()) == {"bbb-geo": ("available", ""), "zzz-geo": ("quarantined", "LYR0803")}


@pytest.mark.parametrize("name", ["acme-geo", "acme::geo"])
def test_a_disabled_plugin_leaves_its_namespace_free(installed: Installation, name: str) -> None:
    installed.add("acme-geo", {"acme::geo": native("Double", "acme_geo")})
    assert load_index().find_module("acme::geo") is not None
    write_disabled([name])
    index = load_index()
    assert states(index) == {"acme-geo": ("disabled", "")}
    assert index.find_module("acme::geo") is None
    write_disabled([])
    assert load_index().find_module("acme::geo") is not None


def test_another_claimant_takes_the_place_of_a_disabled_one(installed: Installation) -> None:
    installed.add("acme-geo", {"acme::geo": {}})
    installed.add("other-geo", {"acme::geo": {}})
    write_disabled(["acme-geo"])
    assert states(load_index()) == {"acme-geo": ("disabled", ""), "other-geo": ("available", "")}


@pytest.mark.parametrize(
    ("variable", "usable"),
    [
        ("acme::geo", ["acme::geo"]),
        ("acme-geo,acme::text", ["acme::geo", "acme::text"]),
        ("acme-text", ["acme::text"]),
        ("", []),
    ],
)
def test_only_the_named_plugins_are_used(
    installed: Installation, monkeypatch: pytest.MonkeyPatch, variable: str, usable: list[str]
) -> None:
    installed.add("acme-geo", {"acme::geo": {}})
    installed.add("acme-text", {"acme::text": {}}, hooks=("lyra_find_module",))
    monkeypatch.setenv("LYRA_MODULES", variable)
    index = load_index()
    assert [each for each in index.namespaces() if each.startswith("acme")] == usable
    assert index.implements("lyra_find_module") is ("acme::text" in usable)
    assert (index.find_module("acme::geo") is not None) is ("acme::geo" in usable)
    assert set(load_index(plugins=False).namespaces()) <= set(index.namespaces())


def test_without_plugins_the_core_is_alone(installed: Installation) -> None:
    installed.add("acme-geo", {"acme::geo": {}})
    index = load_index(plugins=False)
    assert all(each.is_builtin for each in index.providers)
    assert index.find_module("acme::geo") is None


def test_hooks_commands_and_foreign_types_are_known_from_data(installed: Installation) -> None:
    installed.add(
        "acme-geo",
        {"acme::geo": {}},
        plugin=GEO,
        hooks=("lyra_commands", "lyra_foreign_types"),
        **{"commands": ["survey"], "foreign-types": ["Point"]},
    )
    index = load_index()
    assert index.implements("lyra_commands")
    assert not index.implements("lyra_verify_package")
    assert [each.distribution for each in index.implementers("lyra_foreign_types")] == ["acme-geo"]
    assert index.commands() == ["survey"]
    for provider in (index.provider_of_command("survey"), index.provider_of_foreign_type("Point")):
        assert provider is not None
        assert provider.distribution == "acme-geo"
    assert index.provider_of_command("absent") is None


def test_a_package_below_another_is_found_without_importing_either(installed: Installation) -> None:
    folder = installed.add("acme-geo", {"acme::geo": {}})
    (folder / "__init__.py").write_text("raise OSError('imported')")
    inner = folder / "inner"
    inner.mkdir()
    (folder / "lyra-module.json").rename(inner / "lyra-module.json")
    points = installed.path / "acme_geo-1.0.0.dist-info" / "entry_points.txt"
    points.write_text(points.read_text().replace("acme-geo = acme_geo\n", "acme-geo = acme_geo.inner\n"))
    assert load_index().find_module("acme::geo") is not None


def test_thousand_modules_open_with_one_of_them_decoded(installed: Installation) -> None:
    modules = {f"acme::m{i}": native(f"F{i}", "acme_geo") for i in range(1000)}
    installed.add("acme-geo", modules)
    load_index()
    index = load_index()
    assert index.find_module("acme::m500") is not None
    assert list(index._modules) == ["acme::m500"]
    assert index._provider_records is None


def test_a_package_in_lyra_that_pip_installed_is_an_instance_of_its_own(installed: Installation) -> None:
    from lyra_core.modules import NamespaceResolver, Scope

    exports = {"Area": {"kind": "function", "lyra": "shapes::area", "signature": "Area[corners]"}}
    manifest = {"schema": 1, "modules": {"acme::geo": {"exports": exports, "sources": {"shapes": "src/shapes.lyra"}}}}
    folder = installed.add("acme-geo", manifest=manifest)
    index = load_index()
    found = NamespaceResolver([index]).resolve_path("acme::geo::Area", Scope())
    assert found.identity == ("pip:acme-geo", "shapes", "area")
    instance = index.package_instance("pip:acme-geo")
    assert instance is not None
    assert (instance.path, dict(instance.exports)) == (str(folder), {"Area": "shapes::area"})
    assert index.package_instance("pip:absent") is None
    assert index.package_instance("acme-geo@1.0.0") is None
