"""Every kind of registry behaves as the interface says; the folder keeps to the static layout and survives races."""

from __future__ import annotations

import asyncio
import dataclasses
import datetime
import json
import subprocess
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest

from lyra_core.errors import IntegrityError, LyraError, RegistryError
from lyra_core.packages.bundle import PackageBundle
from lyra_core.packages.manifest import read_manifest
from lyra_core.packages.solver import Dependency
from lyra_core.registry import LocalRegistry, MemoryRegistry, PackageRegistry, PublishToken, open_registry
from lyra_core.registry.documents import PackageMetadata, decode_index, decode_line, describe, encode_line
from lyra_core.registry.resolving import resolve
from lyra_core.security.keys import SecretKey
from lyra_core.security.verifier import ReleaseStatement
from lyra_core.source import Source
from lyra_core.versions import Version
from tests.packages.making import make_bundle

MOMENT = datetime.datetime(2024, 5, 1, 12, 30, tzinfo=datetime.UTC)


def run(awaitable: Awaitable[Any]) -> Any:
    async def main() -> Any:
        return await awaitable

    return asyncio.run(main())


def bundle(name: str = "geometry", version: str = "1.0.0", more: str = "", text: str = "x = 1\n") -> PackageBundle:
    return make_bundle(name, version, more, {"api.json": b'{"exports":{}}', "src/a.lyra": text.encode()})


@pytest.fixture(params=["folder", "memory"])
def registry(request: pytest.FixtureRequest, tmp_path: Path) -> PackageRegistry:
    if request.param == "folder":
        return LocalRegistry(tmp_path / "registry", clock=lambda: MOMENT)
    return MemoryRegistry("test", clock=lambda: MOMENT)


def test_both_kinds_have_every_method_of_the_interface(registry: PackageRegistry) -> None:
    assert isinstance(registry, PackageRegistry)
    assert (registry.trust, registry.cools) == ("hash", False)
    run(registry.close())


def test_what_is_published_can_be_found_described_and_downloaded(registry: PackageRegistry) -> None:
    package = bundle(
        more='description = "Shapes and areas"\nkeywords = ["plane"]\n'
        '[dependencies]\nlinear = { version = "2", optional = true }\n'
        '[features]\ndefault = ["linear"]\n[exports]\nArea = "a::area"\n[permissions]\nclock = true\n'
    )
    metadata = run(registry.publish(package))
    assert metadata == run(registry.get_package("geometry", Version(1, 0, 0)))
    assert (metadata.tree, metadata.bundle, metadata.size, metadata.api) == (
        package.tree_hash, package.hash, package.size, package.api_hash,
    )  # fmt: skip
    assert metadata.published == "2024-05-01T12:30:00Z"
    assert metadata.dependencies == [{"name": "linear", "req": "^2", "optional": True}]
    assert metadata.features == {"default": ["linear"]}
    assert metadata.permissions.lines() == ["clock"]
    assert run(registry.fetch(metadata)) == package.content
    assert run(registry.download("geometry", Version(1, 0, 0))).tree_hash == package.tree_hash
    assert run(registry.api(metadata)) == b'{"exports":{}}'
    assert run(registry.names()) == ["geometry"]
    index = run(registry.index("geometry"))
    (again,) = decode_index(index, registry.url)
    assert encode_line(again) + b"\n" == index
    for query, matched in {
        "geometry": "name",
        "geo": "name",
        "AREA": "export Area",
        "plane": "keyword",
        "shapes areas": "description",
    }.items():
        (info,) = run(registry.search(query))
        assert (info.name, info.matched) == ("geometry", matched)
    assert run(registry.search("nothing")) == []


def test_versions_come_in_the_order_of_publication(registry: PackageRegistry) -> None:
    for version in ("1.0.0", "2.0.0-rc.1", "1.1.0"):
        run(registry.publish(bundle(version=version)))
    assert [str(each.version) for each in run(registry.versions("geometry"))] == ["1.0.0", "2.0.0-rc.1", "1.1.0"]
    (info,) = run(registry.search("geometry"))
    assert info.version == "1.1.0"


def test_publishing_again_is_no_error_and_other_content_is(registry: PackageRegistry) -> None:
    first = run(registry.publish(bundle()))
    assert run(registry.publish(bundle())) == first
    for other in (bundle(text="changed\n"), bundle(version="1.0.0+build.2")):
        with pytest.raises(RegistryError) as caught:
            run(registry.publish(other))
        assert caught.value.code == "LYR0504"
    assert len(run(registry.versions("geometry"))) == 1


def test_names_that_cannot_be_told_apart_are_refused(registry: PackageRegistry) -> None:
    run(registry.publish(bundle("linear-algebra")))
    with pytest.raises(RegistryError) as caught:
        run(registry.publish(bundle("linearalgebra")))
    assert caught.value.code == "LYR0506"


@pytest.mark.parametrize(
    ("name", "version", "code", "hint"),
    [
        ("geometri", "1.0.0", "LYR0501", "did you mean `geometry`?"),
        ("zzz", "1.0.0", "LYR0501", "lyra pkg search zzz"),
        ("../etc", "1.0.0", "LYR0501", ""),
        ("geometry", "3.0.0", "LYR0502", "lyra pkg add geometry@1.0.0"),
    ],
)
def test_what_is_not_there_is_an_error_with_the_nearest(
    registry: PackageRegistry, name: str, version: str, code: str, hint: str
) -> None:
    run(registry.publish(bundle()))
    with pytest.raises(RegistryError) as caught:
        run(registry.get_package(name, Version.parse(version)))
    assert caught.value.code == code
    assert hint in " ".join(caught.value.hints)
    assert run(registry.index("unknown")) is None


def test_a_yanked_version_says_why_until_it_is_not_any_more(registry: PackageRegistry) -> None:
    run(registry.publish(bundle()))
    run(registry.publish(bundle(version="1.1.0")))
    yanked = run(registry.yank("geometry", Version(1, 0, 0), "wrong area"))
    assert yanked.yanked == "wrong area"
    assert [each.yanked for each in run(registry.versions("geometry"))] == ["wrong area", None]
    run(registry.unyank("geometry", Version(1, 0, 0)))
    assert [each.yanked for each in run(registry.versions("geometry"))] == [None, None]
    for reason in ("", " ", "two\nlines", "x" * 1001):
        with pytest.raises(RegistryError) as caught:
            run(registry.yank("geometry", Version(1, 0, 0), reason))
        assert caught.value.code == "LYR0507"
    with pytest.raises(RegistryError):
        run(registry.yank("geometry", Version(9, 0, 0), "no such"))


def test_a_signature_travels_with_the_release(registry: PackageRegistry) -> None:
    package, key = bundle(), SecretKey.new()
    package.signature, package.signing_key = ReleaseStatement.of(package).sign(key), str(key.public())
    metadata = run(registry.publish(package))
    assert (metadata.signature, metadata.key) == (package.signature, package.signing_key)
    assert run(registry.download("geometry", Version(1, 0, 0))).signing_key == package.signing_key


def test_a_signature_of_something_else_is_not_published(registry: PackageRegistry) -> None:
    package, key = bundle(), SecretKey.new()
    package.signature, package.signing_key = ReleaseStatement.of(bundle(version="9.0.0")).sign(key), str(key.public())
    with pytest.raises(IntegrityError) as caught:
        run(registry.publish(package))
    assert caught.value.code == "LYR0612"


def test_dependencies_are_resolved_over_the_registry(registry: PackageRegistry) -> None:
    run(registry.publish(bundle("linear", "2.0.0", '[dependencies]\nstd = "*"\n')))
    run(registry.publish(bundle("linear", "2.1.0", '[dependencies]\nstd = "*"\n')))
    run(registry.publish(bundle("geometry", "1.0.0", '[dependencies]\nlinear = "^2"\n')))
    plan = run(registry.resolve_dependencies([Dependency("geometry", "1")]))
    assert [str(each.id) for each in plan.packages if each.name != "std"] == ["geometry 1.0.0", "linear 2.1.0"]
    manifest = read_manifest(
        Source("x", '[package]\nname = "app"\nversion = "1.0.0"\n[dependencies]\nlinear = "=2.0.0"\n')
    )
    plan = run(resolve(registry, list(manifest.dependencies.values())))
    assert "linear 2.0.0" in [str(each.id) for each in plan.packages]


def test_a_registry_in_memory_may_demand_a_token() -> None:
    registry = MemoryRegistry("private", token="secret")
    for token in ("", "wrong", PublishToken("memory:private", "wrong")):
        with pytest.raises(RegistryError) as caught:
            run(registry.publish(bundle(), token))
        assert caught.value.code == "LYR0510"
    run(registry.publish(bundle(), PublishToken("memory:private", "secret")))
    with pytest.raises(RegistryError):
        run(registry.yank("geometry", Version(1, 0, 0), "x"))


def test_a_token_is_for_one_registry_and_prints_without_its_secret() -> None:
    token = PublishToken("https://a.example", "secret")
    assert token.for_registry("https://a.example/") == "secret"
    with pytest.raises(RegistryError):
        token.for_registry("https://b.example")
    assert "secret" not in repr(token)


# The folder


@pytest.fixture
def folder(tmp_path: Path) -> LocalRegistry:
    return LocalRegistry(tmp_path / "registry", clock=lambda: MOMENT)


def test_the_folder_holds_the_files_a_web_server_would_serve(folder: LocalRegistry) -> None:
    package = bundle()
    run(folder.publish(package))
    sha, api = package.hash.removeprefix("sha256:"), package.api_hash.removeprefix("sha256:")
    files = sorted(str(file.relative_to(folder.path)) for file in folder.path.rglob("*") if file.is_file())
    assert files == sorted(
        [".lock", f"b/{sha[:2]}/{sha}", "config.json", "i/ge/geometry", f"m/{api[:2]}/{api}", "names", "snapshot"]
    )
    assert json.loads((folder.path / "config.json").read_bytes()) == {"format": 1}
    assert (folder.path / "names").read_text(encoding="utf-8") == "geometry\n"
    assert folder.index_file("geometry").read_bytes() == run(folder.index("geometry"))


@pytest.mark.parametrize("code", ["LYR0505"])
def test_a_folder_that_is_no_registry_is_not_taken_for_one(tmp_path: Path, code: str) -> None:
    calls: list[Callable[[LocalRegistry], Awaitable[Any]]] = [
        lambda found: found.names(),
        lambda found: found.search("x"),
        lambda found: found.versions("geometry"),
    ]
    for call in calls:
        with pytest.raises(RegistryError) as caught:
            run(call(LocalRegistry(tmp_path / "none")))
        assert caught.value.code == code
    (tmp_path / "mine.txt").write_text("", encoding="utf-8")
    with pytest.raises(RegistryError) as caught:
        run(LocalRegistry(tmp_path).publish(bundle()))
    assert caught.value.code == code
    assert [each.name for each in tmp_path.iterdir()] == ["mine.txt"]


def test_a_registry_of_another_format_is_refused(folder: LocalRegistry) -> None:
    folder.path.mkdir()
    (folder.path / "config.json").write_text('{"format": 2}', encoding="utf-8")
    with pytest.raises(RegistryError, match="format"):
        run(folder.names())


def _lose(path: Path) -> None:
    path.unlink()


def _shorten(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-1])


def _change(path: Path) -> None:
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.write_bytes(bytes(data))


@pytest.mark.parametrize(("spoil", "codes"), [(_lose, {"LYR0505"}), (_shorten, {"LYR0610"}), (_change, {"LYR0611"})])
def test_a_damaged_bundle_is_not_handed_out(
    folder: LocalRegistry, spoil: Callable[[Path], None], codes: set[str]
) -> None:
    package = bundle()
    run(folder.publish(package))
    digits = package.hash.removeprefix("sha256:")
    spoil(folder.path / "b" / digits[:2] / digits)
    with pytest.raises(LyraError) as caught:
        run(folder.download("geometry", Version(1, 0, 0)))
    assert caught.value.code in codes


def test_a_damaged_api_is_not_handed_out(folder: LocalRegistry) -> None:
    metadata = run(folder.publish(bundle()))
    digits = metadata.api.removeprefix("sha256:")
    _change(folder.path / "m" / digits[:2] / digits)
    with pytest.raises(IntegrityError):
        run(folder.api(metadata))


def test_a_publication_that_died_behind_its_commit_is_completed_by_the_next(folder: LocalRegistry) -> None:
    run(folder.publish(bundle("linear")))
    run(folder.publish(bundle()))
    (folder.path / "names").write_text("", encoding="utf-8")
    (folder.path / "snapshot").write_text("", encoding="utf-8")
    (folder.path / "tmp" / "left").write_text("", encoding="utf-8")
    run(folder.publish(bundle()))
    assert run(folder.names()) == ["geometry", "linear"]
    assert sorted(info.name for info in run(folder.search(""))) == ["geometry", "linear"]
    assert not list((folder.path / "tmp").iterdir())


_PUBLISHER = """
import asyncio, sys
from lyra_core.packages.bundle import PackageBundle
from lyra_core.registry import LocalRegistry
async def main():
    registry = LocalRegistry(sys.argv[1])
    for file in sys.argv[2:]:
        await registry.publish(PackageBundle.open(file))
asyncio.run(main())
"""


def test_six_processes_publish_at_once_and_all_of_it_is_there(folder: LocalRegistry, tmp_path: Path) -> None:
    publishers = []
    for worker in range(6):
        files = []
        for number in range(4):
            file = tmp_path / f"{worker}-{number}.lyrapkg"
            file.write_bytes(bundle(f"pk-w{worker}", f"1.{number}.0").content)
            files.append(str(file))
        shared = tmp_path / f"shared-{worker}.lyrapkg"
        shared.write_bytes(bundle("shared", f"1.{worker}.0").content)
        command = [sys.executable, "-c", _PUBLISHER, str(folder.path), *files, str(shared)]
        publishers.append(subprocess.Popen(command, stderr=subprocess.PIPE))
    for publisher in publishers:
        _, said = publisher.communicate(timeout=240)
        assert publisher.returncode == 0, said.decode()
    assert run(folder.names()) == [*(f"pk-w{worker}" for worker in range(6)), "shared"]
    assert len(run(folder.versions("shared"))) == 6
    assert all(len(run(folder.versions(f"pk-w{worker}"))) == 4 for worker in range(6))
    assert len(run(folder.search(""))) == 7


# Addresses


@pytest.mark.parametrize("form", ["{0}", "folder:{0}", "file://{0}", "file://localhost{0}"])
def test_a_folder_has_several_addresses(tmp_path: Path, form: str) -> None:
    found = open_registry(form.format(tmp_path / "r"))
    assert isinstance(found, LocalRegistry)
    assert found.path == tmp_path / "r"


def test_a_relative_folder_is_below_the_base(tmp_path: Path) -> None:
    found = open_registry("../r", base=tmp_path / "project")
    assert isinstance(found, LocalRegistry)
    assert found.path.resolve() == (tmp_path / "r").resolve()


def test_other_schemes_are_offered_to_providers_in_order() -> None:
    asked: list[str] = []

    def refuse(url: str) -> None:
        asked.append(url)

    mine = MemoryRegistry("mine")
    assert open_registry("s3://bucket", [refuse, lambda url: mine]) is mine
    assert asked == ["s3://bucket"]
    assert isinstance(open_registry("memory:x"), MemoryRegistry)
    for url in ("gopher://x", "file://other.example/x", "folder:"):
        with pytest.raises(RegistryError) as caught:
            open_registry(url)
        assert caught.value.code == "LYR0503"


# Index lines


def good() -> PackageMetadata:
    return describe(bundle(), MOMENT)


def good_line() -> dict[str, Any]:
    data: dict[str, Any] = json.loads(encode_line(good()))
    return data


def test_a_line_is_canonical_and_unknown_fields_survive() -> None:
    data = good_line()
    assert list(data) == [
        "api", "bundle", "deps", "features", "key", "name", "permissions", "published", "signature", "size", "tree",
        "vers", "yanked",
    ]  # fmt: skip
    novel = json.dumps({**data, "novel": [1]}).encode()
    assert decode_line(novel).extra == {"novel": [1]}
    assert json.loads(encode_line(decode_line(novel)))["novel"] == [1]


@pytest.mark.parametrize(
    "change",
    [
        {"name": "../x"}, {"name": 1}, {"vers": "1"}, {"vers": None}, {"tree": "sha256:x"}, {"bundle": None},
        {"api": "x"}, {"size": -1}, {"size": "1"}, {"size": True}, {"published": "yesterday"}, {"yanked": 1},
        {"deps": {}}, {"deps": [1]}, {"deps": [{"name": "x"}]}, {"deps": [{"name": "a/b", "req": "*"}]},
        {"deps": [{"name": "ab", "req": ">>1"}]}, {"deps": [{"name": "ab", "req": "*", "optional": 1}]},
        {"deps": [{"name": "ab", "req": "*", "features": [1]}]},
        {"deps": [{"name": "ab", "req": "*", "package": "../x"}]},
        {"features": []}, {"features": {"a": "b"}}, {"features": {"a": [1]}}, {"permissions": []},
        {"permissions": {"filesystem": {"read": ["../x"]}}}, {"permissions": {"unsandboxed": ["python"]}},
        {"signature": 1}, {"key": 1}, {"lyra": ">>"},
    ],
)  # fmt: skip
def test_a_damaged_line_is_an_error_of_ours(change: dict[str, Any]) -> None:
    with pytest.raises(RegistryError) as caught:
        decode_line(json.dumps({**good_line(), **change}).encode())
    assert caught.value.code == "LYR0508"


@pytest.mark.parametrize("line", [b"", b"{", b"[]", b"1", b'{"a":1,"a":2}', b"\xff", b"[" * 200])
def test_a_line_that_is_no_object_is_an_error_of_ours(line: bytes) -> None:
    with pytest.raises(RegistryError) as caught:
        decode_line(line)
    assert caught.value.code == "LYR0508"


def test_a_line_has_a_bound() -> None:
    with pytest.raises(RegistryError) as caught:
        decode_line(b" " * (256 * 1024 + 1))
    assert caught.value.code == "LYR0509"
    with pytest.raises(RegistryError) as caught:
        encode_line(dataclasses.replace(decode_line(encode_line(good())), features={"f": ["x" * 300_000]}))
    assert caught.value.code == "LYR0509"
