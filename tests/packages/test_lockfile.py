"""The lock: one text for one content, read by lines, merged by git, never trusted blindly."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lyra_core.errors import LyraError, ManifestError
from lyra_core.packages.lockfile import (
    LOCK_LIMIT,
    LockedDependency,
    LockedPackage,
    LockedRegistry,
    Lockfile,
    parse_lock,
    read_lock,
    write_lock,
)
from lyra_core.packages.permissions import Permissions
from lyra_core.source import Source
from lyra_core.versions import Version

KEY = "ed25519:" + "A" * 43


def sha(number: int) -> str:
    return f"sha256:{number:064x}"


def package(name: str, version: str = "1.0.0", number: int = 1, **facts: object) -> LockedPackage:
    return LockedPackage.make(name, version, "registry+main", tree=sha(number), bundle=sha(number + 1), **facts)  # type: ignore[arg-type]


def example() -> Lockfile:
    return Lockfile(
        [
            LockedPackage.make(
                "my-app",
                "0.1.0",
                "path+.",
                deps=[
                    LockedDependency("linear-algebra", "2.0.1", key="la2", features=["fast", "blas"]),
                    LockedDependency("statistics", "1.4.2", default_features=False, is_optional=True),
                    LockedDependency("test-kit", "0.5.0", is_dev=True),
                    LockedDependency("std"),
                ],
                features={"default": ["stats"], "stats": ["dep:statistics"]},
            ),
            package("linear-algebra", "2.0.1", 3, api=sha(9), key=KEY, asks=Permissions({"foreign": ["python"]})),
            package("linear-algebra", "1.9.0", 5),
            package("statistics", "1.4.2", 6),
            package("test-kit", "0.5.0", 7),
            LockedPackage.make("std", "", "provided", requirement=">=0.1.0"),
        ],
        {"linear-algebra": Permissions({"foreign": ["python"], "filesystem.read": ["./data"], "clock": [""]})},
        {"main": LockedRegistry("main", "https://registry.example/", KEY)},
    )


EXAMPLE = """\
# Written by `lyra pkg`. Keep it under version control; `lyra pkg install` resolves a merge.
format = 1

[[package]]
name = "linear-algebra"
version = "1.9.0"
source = "registry+main"
tree = "sha256:0000000000000000000000000000000000000000000000000000000000000005"
bundle = "sha256:0000000000000000000000000000000000000000000000000000000000000006"

[[package]]
name = "linear-algebra"
version = "2.0.1"
source = "registry+main"
tree = "sha256:0000000000000000000000000000000000000000000000000000000000000003"
bundle = "sha256:0000000000000000000000000000000000000000000000000000000000000004"
api = "sha256:0000000000000000000000000000000000000000000000000000000000000009"
key = "ed25519:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"
asks = [
  "foreign python",
]

[[package]]
name = "my-app"
version = "0.1.0"
source = "path+."
deps = [
  "linear-algebra 2.0.1 as la2 with blas,fast",
  "statistics 1.4.2 no-default optional",
  "std",
  "test-kit 0.5.0 dev",
]
features = [
  "default = stats",
  "stats = dep:statistics",
]

[[package]]
name = "statistics"
version = "1.4.2"
source = "registry+main"
tree = "sha256:0000000000000000000000000000000000000000000000000000000000000006"
bundle = "sha256:0000000000000000000000000000000000000000000000000000000000000007"

[[package]]
name = "std"
requirement = ">=0.1.0"
source = "provided"

[[package]]
name = "test-kit"
version = "0.5.0"
source = "registry+main"
tree = "sha256:0000000000000000000000000000000000000000000000000000000000000007"
bundle = "sha256:0000000000000000000000000000000000000000000000000000000000000008"

[grants.linear-algebra]
filesystem.read = [
  "./data",
]
clock = true
foreign = [
  "python",
]

[registry.main]
url = "https://registry.example/"
key = "ed25519:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"
"""


def parse(text: str, *, locked: bool = False) -> Lockfile:
    return parse_lock(Source("lyra.lock", text), locked=locked)


def test_a_lock_has_one_text() -> None:
    assert example().text() == EXAMPLE
    assert Lockfile(reversed(example().packages), example().grants, example().registries).text() == EXAMPLE


def test_the_text_is_toml_and_reads_back() -> None:
    data = tomllib.loads(EXAMPLE)
    assert data["package"][2]["deps"][0] == "linear-algebra 2.0.1 as la2 with blas,fast"
    lock = parse(EXAMPLE)
    assert lock == example()
    assert not lock.is_conflicted
    app = lock.named("my-app")[0]
    assert app.path == "."
    la2, statistics, std, kit = app.deps
    assert (la2.key, la2.features) == ("la2", ("blas", "fast"))
    assert (statistics.default_features, statistics.is_optional, kit.is_dev) == (False, True, True)
    assert lock.target(la2).version == Version(2, 0, 1)
    assert lock.target(std).requirement == ">=0.1.0"
    assert app.features == {"default": ("stats",), "stats": ("dep:statistics",)}
    assert [str(each.version) for each in lock.named("linear-algebra")] == ["1.9.0", "2.0.1"]
    assert lock.named("linear-algebra")[1].asks == Permissions({"foreign": ["python"]})
    assert lock.granted("linear-algebra").allows("clock")


@pytest.mark.parametrize(
    ("change", "by"),
    [
        ("format = 1", "format  =  1"),
        ("\n\n[[package]]", "\n# a remark\n\n[[package]]"),
        ('"std",\n', '"std"  ,\n'),
        ("\n", "\r\n"),
    ],
)
def test_what_a_person_wrote_reads_the_same(change: str, by: str) -> None:
    assert parse(EXAMPLE.replace(change, by)) == example()


def test_unknown_fields_survive() -> None:
    text = (
        EXAMPLE.replace('name = "statistics"\n', 'name = "statistics"\nnovel = "yes"\n') + "\n[later]\nfield = [1, 2]\n"
    )
    lock = parse(text)
    assert lock.named("statistics")[0].extra == {"novel": "yes"}
    again = parse(lock.text())
    assert again == lock
    assert again.extra == {"later": {"field": [1, 2]}}


@pytest.mark.parametrize(
    ("pattern", "by", "code"),
    [
        (r"format = 1", "format = 2", "LYR0452"),
        (r"format = 1", "formt = 1", "LYR0454"),
        (r'name = "statistics"', 'name = "../../etc"', "LYR0454"),
        (r'name = "statistics"', "name = 1", "LYR0454"),
        (r'version = "1.4.2"', 'version = "1.4"', "LYR0301"),
        (r'version = "1.4.2"\n', "", "LYR0454"),
        (r"sha256:0+6", "sha256:../..", "LYR0454"),
        (r"tree = .*\n", "", "LYR0454"),
        (r"registry\+main", "nowhere", "LYR0454"),
        (r"ed25519:A+", "ed25519:short", "LYR0454"),
        (r'"test-kit 0.5.0 dev"', "1", "LYR0454"),
        (r"deps = \[\n", 'deps = "x"\nother = [\n', "LYR0454"),
        (r'"1.9.0"', '"2.0.1"', "LYR0454"),
        (r"\[grants.linear-algebra\]", '[grants."a/b"]', "LYR0454"),
        (r'"./data"', '"../data"', "LYR0454"),
        (r"url = .*\n", "", "LYR0454"),
        (r"\[\[package\]\]", "[package]", "LYR0401"),
        (r"clock = true", "clock = tru", "LYR0401"),
        (r"\[registry.main\]", "[registry.main]\nurl = 1", "LYR0401"),
    ],
)
def test_a_damaged_lock_is_an_error_of_ours(pattern: str, by: str, code: str) -> None:
    with pytest.raises(LyraError) as caught:
        parse(re.sub(pattern, by, EXAMPLE))
    assert caught.value.code == code


@pytest.mark.parametrize(
    "text",
    [
        "",
        "std as",
        "Std",
        "a b",
        "std std",
        "std 1.0.0 optional optional",
        "std 1.0.0 with",
        "std 1.0.0 with a, b",
        "std 1.0.0 dev with a",
    ],
)
def test_an_edge_that_is_none_is_refused(text: str) -> None:
    with pytest.raises(ManifestError) as caught:
        LockedDependency.parse(text)
    assert caught.value.code == "LYR0454"


_names = st.from_regex(r"[a-z][a-z0-9]{1,6}(-[a-z][a-z0-9]{0,3})?", fullmatch=True)
_features = st.from_regex(r"[A-Za-z0-9_][A-Za-z0-9_+.-]{0,5}", fullmatch=True)
_edges = st.builds(
    LockedDependency,
    _names,
    st.sampled_from(["", "1.0.0", "0.4.0-beta.1+b.5"]),
    key=_names,
    source=st.sampled_from(["", "registry+corp", "path+libs/x"]),
    features=st.lists(_features, max_size=3, unique=True),
    default_features=st.booleans(),
    is_optional=st.booleans(),
    is_dev=st.booleans(),
)


@given(_edges)
def test_an_edge_survives_writing(edge: LockedDependency) -> None:
    again = LockedDependency.parse(str(edge))
    assert again == edge
    for field in LockedDependency.__slots__:
        assert getattr(again, field) == getattr(edge, field)


@given(
    st.lists(
        st.builds(
            package,
            _names,
            st.sampled_from(["1.0.0", "0.4.0-beta.1", "2.10.0+build.7"]),
            st.integers(0, 2**200),
            deps=st.lists(_edges, max_size=3),
            features=st.dictionaries(_features, st.lists(_features, max_size=2), max_size=2),
            asks=st.sampled_from([Permissions(), Permissions({"filesystem.read": ["./ä"], "process": [""]})]),
        ),
        max_size=5,
        unique_by=lambda each: each.identity,
    )
)
@settings(max_examples=40)
def test_any_lock_survives_both_readers(packages: list[LockedPackage]) -> None:
    lock = Lockfile(packages, {"ab": Permissions({"network": ["a.b"]})})
    text = lock.text()
    assert parse(text) == lock
    assert parse(text).text() == text
    by_toml = parse(text.replace("format = 1", "format = 1 "))
    assert by_toml == lock
    assert [each.deps for each in by_toml.packages] == [each.deps for each in lock.packages]


# Files


def test_writing_happens_only_when_something_changed(tmp_path: Path) -> None:
    path = tmp_path / "lyra.lock"
    assert write_lock(path, example())
    assert not write_lock(path, example())
    assert read_lock(path) == example()
    assert read_lock(tmp_path / "none") is None
    assert [each.name for each in tmp_path.iterdir()] == ["lyra.lock"]


def test_a_shadow_is_used_while_it_is_of_this_text_and_whole(tmp_path: Path) -> None:
    path, shadows = tmp_path / "lyra.lock", tmp_path / "shadows"
    write_lock(path, example())
    assert read_lock(path, shadows=shadows) == example()
    (shadow,) = shadows.iterdir()
    assert read_lock(path, shadows=shadows) == example()
    damaged = shadow.read_bytes().replace(b"linear-algebra", b"linear-algabra")
    shadow.write_bytes(damaged)
    assert read_lock(path, shadows=shadows) == example()
    shadow.write_bytes(b"\xff")
    assert read_lock(path, shadows=shadows) == example()
    write_lock(path, example().without_grants("linear-algebra"))
    read = read_lock(path, shadows=shadows)
    assert read is not None
    assert not read.grants
    assert len(list(shadows.iterdir())) == 2


def test_shadows_that_cannot_be_written_are_done_without(tmp_path: Path) -> None:
    path = tmp_path / "lyra.lock"
    write_lock(path, example())
    (tmp_path / "file").write_text("", encoding="utf-8")
    assert read_lock(path, shadows=tmp_path / "file") == example()


def test_a_lock_of_more_than_16_mib_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "lyra.lock"
    with path.open("wb") as file:
        file.truncate(LOCK_LIMIT + 1)
    with pytest.raises(ManifestError) as caught:
        read_lock(path)
    assert caught.value.code == "LYR0451"


# Changes


def test_grants_come_and_go() -> None:
    lock = example().with_grant("statistics", Permissions({"network": ["a.b"]}))
    lock = lock.with_grant("statistics", Permissions({"network": ["c.d"]}))
    assert lock.granted("statistics").values("network") == ("a.b", "c.d")
    assert not lock.without_grants("statistics").granted("statistics")
    assert lock.with_packages([package("statistics")]).grants.keys() == {"statistics"}


def test_a_package_can_be_changed_in_one_fact() -> None:
    before = example().named("linear-algebra")[1]
    after = before.replace(key="")
    assert (after.key, after.asks, after.tree) == ("", before.asks, before.tree)


def test_an_edge_to_nowhere_is_an_error() -> None:
    with pytest.raises(ManifestError) as caught:
        example().target(LockedDependency("linear-algebra", "3.0.0"))
    assert caught.value.code == "LYR0454"


# Merges


def merged(ours: str, theirs: str, *, base: bool = False) -> str:
    middle = "||||||| base\nold\n" if base else ""
    return f"<<<<<<< HEAD\n{ours}{middle}=======\n{theirs}>>>>>>> topic\n"


def block(name: str, version: str, number: int) -> str:
    return "\n" + package(name, version, number).text()


@pytest.mark.parametrize("base", [False, True])
def test_a_conflicted_merge_gives_the_preferences_of_both_sides(base: bool) -> None:
    head = EXAMPLE[: EXAMPLE.index("\n[[package]]")]
    lock = parse(head + merged(block("aa", "1.0.0", 1), block("aa", "1.1.0", 2) + block("bb", "1.0.0", 3), base=base))
    assert lock.is_conflicted
    assert [(each.name, each.version_text) for each in lock.packages] == [
        ("aa", "1.0.0"),
        ("aa", "1.1.0"),
        ("bb", "1.0.0"),
    ]


def test_grants_of_a_conflicted_merge_are_those_both_sides_made() -> None:
    ours = 'network.domains = [\n  "a.b.c",\n  "x.y",\n]\n'
    theirs = 'network.domains = [\n  "*.b.c",\n  "z.y",\n]\nprocess = true\n'
    lock = parse(EXAMPLE + "\n[grants.statistics]\n" + merged(ours, theirs))
    assert lock.granted("statistics") == Permissions({"network": ["a.b.c"]})
    assert lock.granted("linear-algebra") == example().granted("linear-algebra")
    one_sided = parse(EXAMPLE + merged("\n[grants.statistics]\nprocess = true\n", ""))
    assert not one_sided.granted("statistics")


def test_one_version_with_two_contents_is_no_preference() -> None:
    head = EXAMPLE[: EXAMPLE.index("\n[[package]]")]
    assert not parse(head + merged(block("aa", "1.0.0", 1), block("aa", "1.0.0", 2))).packages


def test_two_registries_under_one_name_are_not_merged() -> None:
    changed = EXAMPLE.replace("registry.example", "evil.example")
    at = EXAMPLE.index("[registry.main]")
    with pytest.raises(ManifestError, match="different registries"):
        parse(EXAMPLE[:at] + merged(EXAMPLE[at:], changed[at:]))


def test_merge_markers_are_an_error_when_the_lock_must_not_change() -> None:
    text = EXAMPLE + merged("", "")
    with pytest.raises(ManifestError) as caught:
        parse(text, locked=True)
    assert caught.value.code == "LYR0453"
    assert caught.value.span is not None
    assert caught.value.span.text == "<<<<<<<"


@pytest.mark.parametrize(
    "text",
    ["<<<<<<< a\n", "<<<<<<< a\n=======\n", "<<<<<<< a\n<<<<<<< b\n=======\n>>>>>>> c\n", "<<<<<<< a\n>>>>>>> b\n"],
)
def test_markers_out_of_order_are_an_error(text: str) -> None:
    with pytest.raises(ManifestError) as caught:
        parse(EXAMPLE + text)
    assert caught.value.code == "LYR0454"
