"""Index files: cut where they are canonical, parsed where not, remembered in a cache that is never trusted blindly."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest
from solver_universes import cases, random_case, roots_of, selected, source_of

from lyra_core.errors import LyraErrors, ResolutionError
from lyra_core.packages.canonical_json import canonical_json
from lyra_core.packages.solver import (
    DamagedIndex,
    Dependency,
    DependencyResolver,
    IndexSource,
    ResolutionOptions,
    ResolutionPlan,
)
from lyra_core.packages.solver.index import MAX_LINE, _cut, read_table

HASH = "sha256:" + "0" * 64

TREE = "sha256:" + "0123456789abcdef" * 4


def entry(name: str, version: str, **more: object) -> dict[str, object]:
    """Return an index line as data."""
    return {
        "name": name,
        "vers": version,
        "deps": [],
        "features": {},
        "tree": HASH,
        "bundle": HASH,
        "size": 1000,
        "api": HASH,
        "permissions": {},
        "signature": None,
        "key": None,
        "published": "2024-01-01T00:00:00Z",
        "yanked": None,
        **more,
    }


def line(name: str, version: str, **more: object) -> bytes:
    """Return a canonical index line."""
    return canonical_json(entry(name, version, **more)) + b"\n"


def index_dependency(given: list) -> dict[str, object]:
    """Return a dependency of a case as an index line has it."""
    options = given[2] if len(given) > 2 else {}
    names = {"features": "features", "optional": "optional", "kind": "kind"}
    data: dict[str, object] = {"name": options.get("rename") or given[0], "req": given[1]}
    if options.get("rename"):
        data["package"] = given[0]
    if options.get("default", True) is False:
        data["default_features"] = False
    return {**data, **{names[key]: value for key, value in options.items() if key in names and value}}


def write_registry(case: dict, root: Path) -> None:
    """Write the packages of a case as index files."""
    for name, versions in case["packages"].items():
        path = root / "i" / name[:2] / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(
            b"".join(
                line(
                    name,
                    version,
                    deps=[index_dependency(each) for each in given["deps"]],
                    features=given.get("features", {}),
                    yanked="withdrawn" if given.get("yanked") else None,
                )
                for version, given in versions.items()
            )
        )


def outcome(resolver: DependencyResolver, case: dict, **options: object) -> object:
    """Return the plan as data, or the code of the refusal and its text."""
    try:
        return resolver.resolve(roots_of(case), options=ResolutionOptions(**options)).to_json()  # type: ignore[arg-type]
    except (ResolutionError, LyraErrors) as error:
        return error.code, error.notes


def test_memory_index_and_cache_give_the_same(tmp_path: Path) -> None:
    """The same plan or the same proof from memory, from lines, and from the derived cache."""
    compared = 0
    for seed in range(150):
        case = random_case(seed)
        expected = outcome(DependencyResolver([source_of(case)]), case)
        root = tmp_path / str(seed)
        write_registry(case, root)
        cache = str(root / "cache" / "index")
        for read_lines in (True, False):
            source = IndexSource("registry", str(root), cache=cache)
            assert outcome(DependencyResolver([source]), case) == expected, seed
            source.save()
            assert bool(source.read_lines) == read_lines
        compared += isinstance(expected, dict)
    assert compared > 40


def test_a_large_known_case_from_index_files(tmp_path: Path) -> None:
    case = next(each for each in cases("cargo_resolver_tests.jsonl.xz") if each["name"].endswith("backtracking-4"))
    write_registry(case, tmp_path)
    plan = DependencyResolver([IndexSource("registry", str(tmp_path))]).resolve(roots_of(case))
    assert selected(plan)["constrained"] == ["1.0.0"]


def test_what_a_line_says() -> None:
    data = b"".join(
        [
            line("json", "1.10.0", deps=[{"name": "base", "req": "^1"}]),
            line("json", "1.2.0", deps=[{"name": "base", "req": "^1"}], features={"default": ["std"], "std": []}),
            line("json", "2.0.0-rc.1", published="2024-02-03T04:05:06Z"),
            line("json", "1.3.0", yanked="loses data"),
            line("json", "1.4.0", yanked=""),
        ]
    )
    table = read_table("json", data)
    assert list(table.texts) == ["1.2.0", "1.3.0", "1.4.0", "1.10.0", "2.0.0-rc.1"]
    assert list(table.triples)[-1] == (2, 0, 0)
    assert (table.prereleases, table.yanked, table.defaults) == (0b10000, 0b00110, 0b00001)
    assert table.yank_reasons == {1: "loses data", 2: ""}
    assert list(table.published)[-1] == "2024-02-03T04:05:06Z"
    assert [bucket for bucket, _, _ in table.lines] == [(1,), (2,)]
    assert table.decoded == 0
    assert [each.package for each in table.release(3).dependencies] == ["base"]
    assert table.release(0).features == {"default": ("std",), "std": ()}
    assert table.decoded == 2


def test_lines_that_ask_for_the_same_are_decoded_once() -> None:
    needs = [{"name": "base", "req": "^1"}]
    table = read_table("json", b"".join(line("json", f"1.{minor}.0", deps=needs) for minor in range(50)))
    assert len({*table.group_of}) == 1
    for at in range(50):
        assert table.release(at) is table.release(0)


@pytest.mark.parametrize(
    "given",
    [
        # Not canonical: other order, white space, other keys, a time with an offset, an old-style yank.
        json.dumps(entry("json", "1.0.0")).encode(),
        json.dumps({"vers": "1.0.0", "name": "json"}).encode(),
        canonical_json(entry("json", "1.0.0", zebra=1)),
        canonical_json(entry("json", "1.0.0", published="2024-01-01T01:00:00+01:00")),
        canonical_json(entry("json", "1.0.0", published="2024-01-01T00:00:00.000Z")),
        canonical_json(entry("json", "1.0.0", permissions={"x": {"published": "1999-01-01T00:00:00Z"}})),
        canonical_json(entry("json", "1.0.0", quux={"y": 1, "published": "1999-01-01T00:00:00Z"})),
        canonical_json(entry("json", "1.0.0", caption={"deps": [{"name": "no"}]})),
        canonical_json(entry("json", "1.0.0", vers="1.0.0", yanked=False)),
        canonical_json(entry("json", "1.0.0", api='x","bundle":"y","deps":[{')),
    ],
)
def test_other_layouts_say_the_same(given: bytes) -> None:
    table = read_table("json", given + b"\n")
    assert list(table.texts) == ["1.0.0"]
    assert list(table.published) in (["2024-01-01T00:00:00Z"], [""])
    assert table.release(0).dependencies == ()
    assert not table.yanked


def test_the_canonical_layout_is_cut() -> None:
    cut = _cut(line("json", "1.0.0-a", deps=[{"name": "b", "req": "*"}], features={"f": []}, lyra=">=0.1").strip())
    assert cut == (
        "1.0.0-a",
        "2024-01-01T00:00:00Z",
        b'"deps":[{"name":"b","req":"*"}],"features":{"f":[]}',
        ">=0.1",
        bytes(96),
    )
    for other in (entry("json", "1.0.0", yanked="no"), entry("json", "1.0.0", quux={"a": 1}), {"vers": "1.0.0"}):
        assert _cut(canonical_json(other)) is None


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"tree": TREE, "api": ""}, (TREE, HASH, "")),
        ({"tree": HASH, "bundle": TREE}, (HASH, TREE, HASH)),
        ({"tree": TREE, "lyra": ">=0.1"}, (TREE, HASH, HASH)),
        # The whole line has to be looked at for these.
        ({"tree": TREE.upper()}, None),
        ({"tree": TREE[:-2]}, None),
        ({"tree": TREE + " "}, None),
        ({"tree": "md5" + TREE[6:]}, None),
        ({"bundle": ""}, None),
        ({"key": "ed25519:" + "a" * 43}, None),
        ({"permissions": {"network": ["a.example"]}}, None),
        ({"permissions": {"permissions": {}}}, None),
        ({"yanked": "broken"}, None),
    ],
)
def test_hashes_are_kept_of_what_is_not_signed_and_asks_for_nothing(
    tmp_path: Path, changes: dict[str, object], expected: tuple[str, str, str] | None
) -> None:
    path, _ = registry(tmp_path)
    path.write_bytes(line("json", "1.0.1") + line("json", "1.0.0", **changes))
    cache = str(tmp_path / "cache")
    first = IndexSource("r", str(tmp_path), cache=cache)
    first.table("json")
    assert first.hashes("json", 0) is None  # nothing is in the cache yet
    first.save()
    source = IndexSource("r", str(tmp_path), cache=cache)
    assert source.hashes("json", 0) is None  # nobody looked at the versions
    source.table("json")
    assert source.hashes("json", 0) == expected
    assert source.hashes("json", 1) == (HASH, HASH, HASH)
    # What was kept for another content of the file is of no use.
    path.write_bytes(line("json", "1.0.0") + line("json", "1.0.1") + line("json", "1.0.2"))
    later = IndexSource("r", str(tmp_path), cache=cache)
    later.table("json")
    assert later.hashes("json", 0) is None


def test_a_later_line_replaces_an_earlier_one() -> None:
    table = read_table("json", line("json", "1.0.0") + line("json", "1.0.0", yanked="broken"))
    assert (list(table.texts), table.yanked) == (["1.0.0"], 1)


@pytest.mark.parametrize(
    "data",
    [
        b"{\n",
        b"[1]\n",
        b'{"name":"json"}\n',
        line("json", "1.0"),
        line("json", "1.0.0")[:-40] + b"\n",
        b'{"name":"json","vers":"1.0.0"}' + b" " * MAX_LINE + b"\n",
        b"\xff\xfe{}\n",
    ],
)
def test_damage_is_named_with_its_line(data: bytes) -> None:
    with pytest.raises(DamagedIndex) as caught:
        read_table("json", line("json", "0.9.0") + data)
    assert caught.value.code == "LYR0317"
    assert "line 2" in caught.value.message


def test_damage_inside_dependencies_is_found_when_looked_at() -> None:
    table = read_table("json", line("json", "1.0.0", deps=["base"]) + line("json", "1.1.0"))
    assert table.release(1).dependencies == ()
    with pytest.raises(DamagedIndex):
        table.release(0)


def test_a_requirement_that_cannot_be_read_rules_a_version_out(tmp_path: Path) -> None:
    folder = tmp_path / "i" / "js"
    folder.mkdir(parents=True)
    (folder / "json").write_bytes(line("json", "1.0.0") + line("json", "1.1.0", deps=[{"name": "x", "req": "^^"}]))
    plan = DependencyResolver([IndexSource("r", str(tmp_path))]).resolve([Dependency("json", "1")])
    assert selected(plan) == {"json": ["1.0.0"]}


@pytest.mark.parametrize("name", ["../json", "", ".json", "a/b", "a\\b", "a\0b", "js on"])
def test_names_that_are_no_file_names_are_no_packages(tmp_path: Path, name: str) -> None:
    (tmp_path / "json").write_bytes(line("json", "1.0.0"))
    source = IndexSource("r", str(tmp_path / "registry"))
    assert source.table(name) is None
    assert source.state(name) == "absent"
    assert source.entry(name, "1.0.0") is None


def registry(tmp_path: Path) -> tuple[Path, Path]:
    """Write a registry of two packages; return the index file of one and the path of the cache."""
    case = {"packages": {"web": {"1.0.0": {"deps": [["json", "1"]]}}, "json": {"1.0.0": {"deps": []}}}}
    write_registry(case, tmp_path)
    return tmp_path / "i" / "js" / "json", tmp_path / "cache"


def newest_json(tmp_path: Path, cache: Path) -> tuple[str, int]:
    """Resolve web with a fresh source; return the version of json and how many files were read line by line."""
    source = IndexSource("r", str(tmp_path), cache=str(cache))
    plan = DependencyResolver([source]).resolve([Dependency("web", "1")])
    source.save()
    package = plan.get("json")
    assert package is not None
    return package.version, source.read_lines


def test_a_changed_file_is_read_again(tmp_path: Path) -> None:
    path, cache = registry(tmp_path)
    assert newest_json(tmp_path, cache) == ("1.0.0", 2)
    assert newest_json(tmp_path, cache) == ("1.0.0", 0)
    with path.open("ab") as file:
        file.write(line("json", "1.1.0"))
    assert newest_json(tmp_path, cache) == ("1.1.0", 1)
    assert newest_json(tmp_path, cache) == ("1.1.0", 0)
    # Same size, another time.
    path.write_bytes(path.read_bytes().replace(b"1.1.0", b"1.2.0"))
    os.utime(path, ns=(1, 1))
    assert newest_json(tmp_path, cache) == ("1.2.0", 1)


@pytest.mark.parametrize("where", [0, 5, 25, 60, -1, -9, -15, -30])
def test_a_damaged_cache_counts_as_absent(tmp_path: Path, where: int) -> None:
    _, cache = registry(tmp_path)
    newest_json(tmp_path, cache)
    data = bytearray(cache.read_bytes())
    data[where] ^= 0x55
    cache.write_bytes(data)
    version, read_lines = newest_json(tmp_path, cache)
    assert version == "1.0.0"
    assert read_lines > 0
    assert newest_json(tmp_path, cache) == ("1.0.0", 0)


@pytest.mark.parametrize("keep", [0, 1, 30, 45, 100])
def test_a_cut_off_cache_counts_as_absent(tmp_path: Path, keep: int) -> None:
    _, cache = registry(tmp_path)
    newest_json(tmp_path, cache)
    cache.write_bytes(cache.read_bytes()[:keep])
    assert newest_json(tmp_path, cache) == ("1.0.0", 2)


def test_a_cache_that_cannot_be_written_is_no_error(tmp_path: Path) -> None:
    registry(tmp_path)
    (tmp_path / "file").write_text("")
    assert newest_json(tmp_path, tmp_path / "file" / "cache") == ("1.0.0", 2)


def test_the_cache_grows_and_keeps_what_it_had(tmp_path: Path) -> None:
    _, cache = registry(tmp_path)
    first = IndexSource("r", str(tmp_path), cache=str(cache))
    assert first.table("json") is not None
    first.save()
    second = IndexSource("r", str(tmp_path), cache=str(cache))
    assert second.table("web") is not None
    second.save()
    third = IndexSource("r", str(tmp_path), cache=str(cache))
    assert third.table("web") is not None
    assert third.table("json") is not None
    assert third.read_lines == 0


def test_an_entry_has_everything_the_line_has(tmp_path: Path) -> None:
    path, _ = registry(tmp_path)
    path.write_bytes(line("json", "1.0.0", size=7) + line("json", "1.0.0", size=8, lyra=">=1") + line("json", "1.0.1"))
    source = IndexSource("r", str(tmp_path))
    found = source.entry("json", "1.0.0")
    assert found is not None
    assert (found["size"], found["lyra"]) == (8, ">=1")
    assert source.entry("json", "9.9.9") is None
    assert source.entry("nothing", "1.0.0") is None
    assert list(source.packages()) == ["json", "web"]


def test_cooldown_from_the_index(tmp_path: Path) -> None:
    path, _ = registry(tmp_path)
    path.write_bytes(line("json", "1.0.0") + line("json", "1.1.0", published="2024-03-01T00:00:00Z"))
    source = IndexSource("r", str(tmp_path), cools=True)

    def chosen(not_after: str) -> ResolutionPlan:
        options = ResolutionOptions(not_after=not_after)
        return DependencyResolver([source]).resolve([Dependency("json", "1")], options=options)

    assert selected(chosen("2024-02-01T00:00:00Z")) == {"json": ["1.0.0"]}
    assert selected(chosen("2024-03-01T00:00:00Z")) == {"json": ["1.1.0"]}


def test_an_index_that_cannot_be_read_is_no_missing_package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Otherwise a broken disk would be told as "no such package", or another version would be taken."""
    import builtins

    from lyra_core.errors import RegistryError

    (tmp_path / "i" / "we").mkdir(parents=True)
    (tmp_path / "i" / "we" / "web").write_text("")
    true = builtins.open

    def broken(file: object, *arguments: object, **options: object) -> object:
        if str(file).endswith("web"):
            raise OSError(5, "Input/output error")
        return true(file, *arguments, **options)  # type: ignore[call-overload]

    monkeypatch.setattr(builtins, "open", broken)
    with pytest.raises(RegistryError) as caught:
        IndexSource("main", str(tmp_path)).table("web")
    assert caught.value.code == "LYR0511"
