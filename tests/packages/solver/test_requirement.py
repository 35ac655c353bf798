"""Requirements are Cargo's language: both truth tables of the Rust `semver` crate, row by row."""

from __future__ import annotations

import json
import lzma
import random
import re
import zlib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lyra_core.packages.requirement import InvalidRequirement, Requirement
from lyra_core.versions import Version

DATA = Path(__file__).parents[2] / "data" / "resolver" / "semver"


def lines_of(name: str) -> list[str]:
    """Return the lines of a compressed table; only line feeds end one."""
    with lzma.open(DATA / name, "rt", encoding="utf-8", newline="\n") as file:
        return file.read().removesuffix("\n").split("\n")


@pytest.mark.parametrize(
    ("name", "rows", "errors"),
    [("cratesio_reqs_truth.tsv.xz", 29018, 0), ("fuzz_reqs_truth.tsv.xz", 9002, 2100)],
)
def test_the_truth_table(name: str, rows: int, errors: int) -> None:
    """Canonical text, number of matches and the CRC-32 of the match bitmap of every requirement."""
    versions = [Version.parse(text) for text in lines_of(name.replace("reqs_truth.tsv", "versions_sorted.txt"))]
    triples = [version.triple for version in versions]
    prereleases = sum(1 << at for at, version in enumerate(versions) if version.pre)
    size = (len(versions) + 7) // 8
    table = lines_of(name)
    assert len(table) == rows
    wrong, refused = [], 0
    rng = random.Random(5)
    for row in table:
        text, canonical, *numbers = row.split("\t")
        try:
            requirement = Requirement.parse(text)
        except InvalidRequirement as error:
            refused += 1
            if canonical != "ERR" or not error.reason or not 0 <= error.offset <= len(text):
                wrong.append(row)
            continue
        mask = requirement.select(versions, triples, prereleases)
        found = [str(requirement), str(mask.bit_count()), f"{zlib.crc32(mask.to_bytes(size, 'little')):08x}"]
        if found != [canonical, *numbers]:
            wrong.append((row, found))
        # The comparison of a single version is other code; it must agree.
        for at in rng.sample(range(len(versions)), 1):
            assert requirement.matches(versions[at]) == bool(mask >> at & 1), (text, versions[at])
    assert wrong == []
    assert refused == errors


def test_a_single_version_is_matched_as_the_bitmap_says_for_prereleases() -> None:
    versions = [Version.parse(text) for text in lines_of("fuzz_versions_sorted.txt.xz")]
    triples = [version.triple for version in versions]
    prereleases = sum(1 << at for at, version in enumerate(versions) if version.pre)
    checked = 0
    for row in lines_of("fuzz_reqs_truth.tsv.xz")[::11]:
        text, canonical, *_ = row.split("\t")
        if canonical == "ERR":
            continue
        requirement = Requirement.parse(text)
        mask = requirement.select(versions, triples, prereleases)
        named = set(requirement.prerelease_triples())
        for at, version in enumerate(versions):
            if version.triple in named:
                assert requirement.matches(version) == bool(mask >> at & 1), (text, version)
                checked += 1
    assert checked > 3000


# Requirement, versions it accepts, versions it does not: https://doc.rust-lang.org/cargo/reference/specifying-dependencies.html
TABLE = """
1.2.3           1.2.3 1.9.0                2.0.0 1.2.2
1.2             1.2.0 1.9.9                2.0.0 1.1.9
1               1.0.0 1.9.9                2.0.0 0.9.9
0.2.3           0.2.3 0.2.9                0.3.0 0.2.2
0.2             0.2.0 0.2.9                0.3.0 0.1.9
0.0.3           0.0.3                      0.0.4 0.0.2
0.0             0.0.0 0.0.9                0.1.0
0               0.0.0 0.9.9                1.0.0
^1.2.3          1.2.3 1.9.9                2.0.0
~1.2.3          1.2.3 1.2.9                1.3.0
~1.2            1.2.0 1.2.9                1.3.0 1.1.9
~1              1.0.0 1.9.9                2.0.0 0.9.9
*               0.0.0 9.9.9                1.0.0-alpha
1.*             1.0.0 1.9.9                2.0.0
1.2.*           1.2.0 1.2.9                1.3.0
=1.2.3          1.2.3 1.2.3+b              1.2.4 1.2.3-a
=1.2            1.2.0 1.2.9                1.3.0
>1.2            1.3.0 2.0.0                1.2.9
>1.2.3          1.2.4                      1.2.3
>=1.2.3         1.2.3 9.0.0                1.2.2
<1.2            1.1.9                      1.2.0
<=1.2           1.2.9                      1.3.0
<=1.2.3         1.2.3                      1.2.4
>=1.2,<1.5      1.2.0 1.4.9                1.5.0 1.1.0
>=1.2.3-alpha   1.2.3-alpha 1.2.3-beta 1.2.3 2.0.0    1.3.0-alpha 1.2.2
^1.2.3-alpha.2  1.2.3-alpha.10 1.5.0       1.2.3-alpha.1 1.5.0-beta 2.0.0
>=2.0.0-rc.1,<2.0.0  2.0.0-rc.1 2.0.0-rc.2    2.0.0 1.9.0 2.0.0-beta
""".strip().splitlines()


@pytest.mark.parametrize("row", TABLE)
def test_what_a_requirement_accepts(row: str) -> None:
    text, yes, *no = re.split(r"\s{2,}", row.strip())
    requirement = Requirement.parse(text)
    for version in yes.split():
        assert requirement.matches(Version.parse(version)), version
    for version in " ".join(no).split():
        assert not requirement.matches(Version.parse(version)), version


@pytest.mark.parametrize(
    ("text", "reason", "offset"),
    [
        ("", "the major number is missing", 0),
        ("latest", "the major number is missing, found `l`", 0),
        ("1.2 <2", "expected a comma after the minor number, found `<`", 4),
        ("1.2-alpha", "expected a comma after the minor number, found `-`", 3),
        ("1.2.3 || 2", "expected a comma after the patch number, found `|`", 6),
        (">=1.2.3+b x", "expected a comma after the build metadata, found `x`", 10),
        ("1.2.3-a b", "expected a comma after the pre-release, found `b`", 8),
        ("*, 1", "`*` must stand alone", 1),
        ("1, x", "`x` must stand alone", 3),
        ("* 1", "unexpected `1` after the wildcard", 2),
        ("1.*.3", "a number cannot follow a wildcard", 4),
        ("01", "the major number begins with a zero", 0),
        (", ".join(["1"] * 33), "more than 32 comparisons", 96),
        ("1,", "the major number is missing", 2),
    ],
)
def test_a_wrong_requirement_says_why_and_where(text: str, reason: str, offset: int) -> None:
    with pytest.raises(InvalidRequirement) as caught:
        Requirement.parse(text)
    assert (caught.value.code, caught.value.reason, caught.value.offset) == ("LYR0302", reason, offset)


def test_requirements_made_from_versions() -> None:
    version = Version.parse("1.2.3-rc.1+b5")
    assert str(Requirement.caret(version)) == "^1.2.3-rc.1"
    assert str(Requirement.exactly(version)) == "=1.2.3-rc.1"
    assert Requirement.exactly(version).is_exact
    assert not Requirement.parse("=1.2").is_exact
    assert Requirement.parse(" ^ 1.2 ") == Requirement.parse("1.2")
    assert len({Requirement.parse("1.2"), Requirement.parse("^1.2"), Requirement.parse("~1.2")}) == 2


def translated(text: str) -> str | None:
    """Return a node range as our requirement when both mean the same, else None.

    Node's own rules, which do not apply here: a bare version is exact, `||` and hyphen ranges, a space means
    "and", `v` and `=v`, `~>`, `>=*`, an empty range, and pre-releases of partial ranges (`^1.2-0`, `<1.2.3-0`
    from its own expansion). Ours are ranges of one operator and a full or partial version.
    """
    match = re.fullmatch(
        r"(\^|~|>=|<=|>|<|=)? *(\d+|[xX*])(\.(\d+|[xX*]))?(\.(\d+|[xX*]))?(-[\w.-]+)?(\+[\w.-]+)?",
        text.strip(),
    )
    if match is None or match[2] in "xX*":
        return None
    full = match[6] is not None and match[6] not in "xX*"
    wild = re.search(r"[xX*]", text) is not None
    if wild and (match[1] not in (None, "^", "~", "=") or match[7]):
        return None
    if match[1] is None and full:
        return "=" + text.strip()
    if match[1] is None and not wild:
        return text.strip() + ".*"
    return text.strip()


def test_node_ranges_that_mean_the_same() -> None:
    fixtures = json.loads(lines_of("node_semver_fixtures.json.xz")[0])
    checked = {"range-include": 0, "range-exclude": 0}
    for name in checked:
        for text, version, *options in fixtures[name]:
            if options or not isinstance(text, str) or not isinstance(version, str):
                continue
            ours = translated(text)
            if ours is None or not re.match(r"\d+\.\d+\.\d+", version):
                continue
            matches = Requirement.parse(ours).matches(Version.parse(version))
            assert matches == (name == "range-include"), (text, ours, version)
            checked[name] += 1
    assert checked["range-include"] >= 30
    assert checked["range-exclude"] >= 25


PARTIAL = st.from_regex(
    r"(0|[1-9][0-9]?)(\.(0|[1-9][0-9]?)(\.(0|[1-9][0-9]?)(-(alpha|beta)(\.[1-9])?)?)?)?", fullmatch=True
)
COMPARATOR = st.tuples(st.sampled_from(["", "^", "~", "=", ">", ">=", "<", "<="]), PARTIAL).map("".join)


@given(st.lists(COMPARATOR, min_size=1, max_size=4), st.lists(PARTIAL, min_size=1, max_size=6))
def test_a_conjunction_accepts_what_each_comparison_accepts(parts: list[str], texts: list[str]) -> None:
    requirement = Requirement.parse(", ".join(parts))
    assert Requirement.parse(str(requirement)) == requirement
    versions = sorted(
        {Version.parse(text) for text in texts if re.fullmatch(r"\d+\.\d+\.\d+(-.+)?", text)}, key=lambda v: v
    )
    mask = requirement.select(
        versions, [v.triple for v in versions], sum(1 << at for at, v in enumerate(versions) if v.pre)
    )
    for at, version in enumerate(versions):
        matches = requirement.matches(version)
        assert matches == bool(mask >> at & 1)
        if not version.pre:
            assert matches == all(Requirement.parse(part).matches(version) for part in parts)
