"""Versions follow SemVer 2.0.0, and the order of the Rust `semver` crate where SemVer leaves one open."""

from __future__ import annotations

import json
import lzma
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lyra_core.versions import InvalidVersion, Version, bucket_text

DATA = Path(__file__).parent.parent / "data" / "resolver" / "semver"


def lines_of(name: str) -> list[str]:
    """Return the lines of a compressed table; only line feeds end one."""
    with lzma.open(DATA / name, "rt", encoding="utf-8", newline="\n") as file:
        return file.read().removesuffix("\n").split("\n")


@pytest.fixture(scope="module")
def node() -> dict[str, list]:
    """The fixtures of node-semver."""
    return json.loads(lines_of("node_semver_fixtures.json.xz")[0])


@pytest.mark.parametrize("name", ["cratesio_versions_sorted.txt.xz", "fuzz_versions_sorted.txt.xz"])
def test_every_listed_version_is_read_written_and_ordered(name: str) -> None:
    texts = lines_of(name)
    versions = [Version.parse(text) for text in texts]
    assert [str(version) for version in versions] == texts
    assert all(a < b and b > a and a != b and a <= b and b >= a for a, b in pairwise(versions))
    assert len({*versions}) == len(texts)


def test_seven_thousand_texts_are_versions_or_not() -> None:
    wrong = []
    for line in lines_of("fuzz_version_parse.tsv.xz"):
        text, verdict, canonical = line.split("\t")
        try:
            found = "ok", str(Version.parse(text))
        except InvalidVersion as error:
            found = ("err", canonical) if error.reason and 0 <= error.offset <= len(text) else ("err", repr(error))
        if found != (verdict, canonical):
            wrong.append((line, found))
    assert wrong == []


# SemVer 2.0.0, clause 11: each precedes the next.
PRECEDENCE = [
    "1.0.0-alpha",
    "1.0.0-alpha.1",
    "1.0.0-alpha.beta",
    "1.0.0-beta",
    "1.0.0-beta.2",
    "1.0.0-beta.11",
    "1.0.0-rc.1",
    "1.0.0",
    "2.0.0",
    "2.1.0",
    "2.1.1",
]


def test_precedence_is_that_of_the_specification() -> None:
    versions = [Version.parse(text) for text in PRECEDENCE]
    assert sorted({*versions}) == versions
    assert all(a.precedence < b.precedence for a, b in pairwise(versions))


def test_build_metadata_has_no_precedence_but_tells_versions_apart() -> None:
    a, b = Version.parse("1.0.0+a"), Version.parse("1.0.0+b")
    assert a.precedence == b.precedence
    assert a != b
    assert a < b
    assert Version.parse("1.0.0") < a
    # Numbers before texts; 0 < 00 < 1 < 01 < 10.
    texts = ["1.0.0+0", "1.0.0+00", "1.0.0+1", "1.0.0+01", "1.0.0+10", "1.0.0+1a"]
    assert [str(version) for version in sorted(map(Version.parse, texts))] == texts


@pytest.mark.parametrize(
    ("text", "reason", "offset"),
    [
        ("", "the text is empty", 0),
        ("1", "a dot and the minor number are missing", 1),
        ("1.2", "a dot and the patch number are missing", 3),
        ("1.2.", "the patch number is missing", 4),
        ("v1.2.3", "the major number is missing, found `v`", 0),
        ("1.02.3", "the minor number begins with a zero", 2),
        ("1.2.3-", "the pre-release has an empty identifier", 6),
        ("1.2.3-a..b", "the pre-release has an empty identifier", 8),
        ("1.2.3-01", "a number of the pre-release begins with a zero", 6),
        ("1.2.3+", "the build metadata has an empty identifier", 6),
        ("1.2.3 ", "unexpected ` `", 5),
        ("1.2.3.4", "unexpected `.`", 5),
        ("١.2.3", "the major number is missing, found `١`", 0),
        ("18446744073709551616.0.0", "the major number is larger than 2^64 - 1", 0),
        ("9" * 5000 + ".0.0", "the major number is larger than 2^64 - 1", 0),
    ],
)
def test_a_wrong_text_says_why_and_where(text: str, reason: str, offset: int) -> None:
    with pytest.raises(InvalidVersion) as caught:
        Version.parse(text)
    assert (caught.value.code, caught.value.reason, caught.value.offset) == ("LYR0301", reason, offset)


@pytest.mark.parametrize(
    ("text", "bucket", "shown"),
    [
        ("3.2.1", (3,), "3.x"),
        ("1.0.0-rc.1", (1,), "1.x"),
        ("0.4.7", (0, 4), "0.4.x"),
        ("0.0.7", (0, 0, 7), "0.0.7"),
        ("0.0.0", (0, 0, 0), "0.0.0"),
    ],
)
def test_buckets_are_compatibility_lines(text: str, bucket: tuple[int, ...], shown: str) -> None:
    assert Version.parse(text).bucket() == bucket
    assert bucket_text(bucket) == shown


def test_node_comparisons_and_valid_versions(node: dict[str, list]) -> None:
    """All strict ones; those with `v`, spaces or `loose` are texts SemVer does not allow."""
    compared = 0
    for high, low, *options in node["comparisons"]:
        loose = options and (options[0] is True or options[0].get("loose"))
        if not loose:
            assert Version.parse(high) > Version.parse(low)
            compared += 1
    assert compared == 19
    read = 0
    for text, major, minor, patch, pre, build in node["valid-versions"]:
        if not text.startswith("v"):
            version = Version.parse(text)
            assert version.triple == (major, minor, patch)
            assert version.pre == ".".join(map(str, pre))
            assert version.build == ".".join(build)
            read += 1
    assert read == 21


def test_node_invalid_versions(node: dict[str, list]) -> None:
    """Its limit is 2^53 - 1, ours 2^64 - 1, so the three numbers between them are versions here."""
    refused = accepted = 0
    for text, *_ in node["invalid-versions"]:
        if isinstance(text, str):
            try:
                Version.parse(text)
            except InvalidVersion:
                refused += 1
            else:
                assert "90071992547409910" in text
                accepted += 1
    assert (refused, accepted) == (6, 3)


def test_node_increments_by_major_minor_patch(node: dict[str, list]) -> None:
    """All that begin with a SemVer version; `prerelease`, `prepatch` … are not offered."""
    checked = 0
    for text, part, expected, *options in node["increments"]:
        if part in ("major", "minor", "patch") and expected is not None and not (options and options[0]):
            assert str(Version.parse(text).bumped(part)) == expected, (text, part)
            checked += 1
    assert checked >= 12


def test_only_the_three_parts_can_be_raised() -> None:
    with pytest.raises(InvalidVersion):
        Version(1, 2, 3).bumped("prerelease")


# Python version and its SemVer counterpart, in Python's order.
PYTHON_VERSIONS = [
    ("0.9", "0.9.0"),
    ("1.0.dev2", "1.0.0-0.dev.2"),
    ("1.0a0.dev1", "1.0.0-alpha+dev.1"),
    ("1.0a0", "1.0.0-alpha.0"),
    ("1.0a1.dev3", "1.0.0-alpha.0.dev.3"),
    ("1.0a1", "1.0.0-alpha.1"),
    ("1.0b2", "1.0.0-beta.2"),
    ("1.0rc1", "1.0.0-rc.1"),
    ("1.0", "1.0.0"),
    ("1.0.post1", "1.0.0+post.1"),
    ("1.0.1", "1.0.1"),
    ("1.0.1.5", "1.0.1+5"),
    ("1.2.3+ubuntu.1", "1.2.3+ubuntu.1"),
    ("2", "2.0.0"),
]


def test_python_versions_keep_their_order() -> None:
    mapped = [Version.from_python(given) for given, _ in PYTHON_VERSIONS]
    assert [str(version) for version in mapped] == [text for _, text in PYTHON_VERSIONS]
    assert sorted(mapped) == mapped


@pytest.mark.parametrize("text", ["1!2.0", "not a version", ""])
def test_python_versions_without_a_counterpart(text: str) -> None:
    with pytest.raises(InvalidVersion):
        Version.from_python(text)


NUMBERS = st.integers(0, 2**64 - 1)
PRE = st.lists(st.from_regex(r"(0|[1-9][0-9]{0,30}|[0-9]*[a-zA-Z-][0-9a-zA-Z-]{0,5})", fullmatch=True), max_size=3)
BUILD = st.lists(st.from_regex(r"[0-9a-zA-Z-]{1,6}", fullmatch=True), max_size=3)


@given(NUMBERS, NUMBERS, NUMBERS, PRE, BUILD)
def test_writing_and_reading_are_inverse(a: int, b: int, c: int, pre: list[str], build: list[str]) -> None:
    version = Version(a, b, c, ".".join(pre), ".".join(build))
    again = Version.parse(str(version))
    assert again == version
    assert hash(again) == hash(version)
    assert not again < version < again


@given(st.lists(st.tuples(st.integers(0, 3), st.integers(0, 3), PRE, BUILD), min_size=3, max_size=3))
def test_the_order_is_total(given_parts: list) -> None:
    x, y, z = (Version(a, b, 0, ".".join(pre), ".".join(build)) for a, b, pre, build in given_parts)
    assert (x < y) + (y < x) + (x == y) == 1
    if x <= y and y <= z:
        assert x <= z


@given(st.text(alphabet="0123456789.-+abA x*", max_size=14))
def test_a_text_is_refused_or_written_as_it_was(text: str) -> None:
    try:
        written = str(Version.parse(text))
    except InvalidVersion as error:
        written = text if error.reason else "refused without a reason"
    assert written == text
