"""Permissions compare, join and print by the text of their values."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lyra_core.errors import ManifestError
from lyra_core.packages.permissions import NO_PERMISSIONS, Permissions


def parse(
    table: dict[str, Any], *, grants: bool = False
) -> tuple[Permissions, list[tuple[tuple[str | int, ...], str]]]:
    found: list[tuple[tuple[str | int, ...], str]] = []
    permissions = Permissions.from_table(
        table, lambda path, message, hints: found.append((path, message)), grants=grants
    )
    return permissions, found


@pytest.mark.parametrize(
    ("written", "canonical"),
    [
        ("./data", "./data"),
        ("./data/", "./data"),
        ("./a//b/./c", "./a/b/c"),
        (".", "."),
        ("./", "."),
        ("/", "/"),
        ("/srv/x/", "/srv/x"),
        ("~", "~"),
        ("~/x", "~/x"),
        ("@cache/", "@cache"),
        ("@pkg/data", "@pkg/data"),
        ("@tmp/ä b", "@tmp/ä b"),
    ],
)
def test_paths_have_one_canonical_form(written: str, canonical: str) -> None:
    permissions, found = parse({"filesystem": {"read": [written]}})
    assert not found
    assert permissions.values("filesystem.read") == (canonical,)


@pytest.mark.parametrize(
    "path", ["", "data", "../x", "./a/../b", "~root/x", "@etc/x", "./*.csv", "*", "C:\\x", "./a\\b", "./\x1b", "./a\nb"]
)
def test_other_paths_are_refused(path: str) -> None:
    permissions, found = parse({"filesystem": {"read": [path]}})
    assert permissions == NO_PERMISSIONS
    assert [each[0] for each in found] == [("filesystem", "read", 0)]


@pytest.mark.parametrize(
    ("written", "canonical"),
    [
        ("api.example.com", "api.example.com"),
        ("api.example.com:443", "api.example.com"),
        ("api.example.com:8443", "api.example.com:8443"),
        ("*.example.com", "*.example.com"),
        ("xn--bcher-kva.example", "xn--bcher-kva.example"),
        ("localhost", "localhost"),
        ("*", "*"),
    ],
)
def test_domains_have_one_canonical_form(written: str, canonical: str) -> None:
    permissions, found = parse({"network": {"domains": [written]}})
    assert not found
    assert permissions.values("network") == (canonical,)


@pytest.mark.parametrize(
    "domain",
    [
        "", "API.example.com", "https://x.y", "x.y/z", "1.2.3.4", "2130706433", "0x7f000001", "0177.0.0.1", "[::1]",
        "::1",
        "x.y:0", "x.y:65536", "x.y:080", "x.y:", "*.com", "a.*.com", "**.x.y", "-a.b", "a-.b", "a..b", ".a.b", "a.b.",
        "bücher.example", "a_b.c", "a b.c", "user@x.y", "x" * 64 + ".com", ("a." * 130) + "com", "127.1", "1.2.3.0x4",
    ],
)  # fmt: skip
def test_other_domains_are_refused(domain: str) -> None:
    permissions, found = parse({"network": {"domains": [domain]}})
    assert permissions == NO_PERMISSIONS
    assert len(found) == 1


@pytest.mark.parametrize(
    ("key", "have", "want", "covered"),
    [
        ("filesystem.read", "./data", "./data/x/y", True),
        ("filesystem.read", "./data", "./database", False),
        ("filesystem.read", ".", "./data", True),
        ("filesystem.read", "/", "~/x", True),
        ("filesystem.read", "/srv", "/srv/x", True),
        ("filesystem.read", "~", "~/x", True),
        ("filesystem.read", "~", "./x", False),
        ("filesystem.read", "./data/x", "./data", False),
        ("filesystem.write", "@cache", "@cache/x", True),
        ("network", "*.x.y", "a.x.y", True),
        ("network", "*.x.y", "a.b.x.y", False),
        ("network", "*.x.y", "x.y", False),
        ("network", "*.x.y", "a.x.y:8443", False),
        ("network", "*.x.y:8443", "a.x.y:8443", True),
        ("network", "*", "a.x.y:1", True),
        ("network", "a.x.y", "*.x.y", False),
        ("env", "*", "HOME", True),
        ("env", "HOME", "HOM", False),
        ("foreign-objects", "*", "Tensor", True),
        ("foreign", "python", "julia", False),
    ],
)
def test_coverage_follows_the_kind_of_value(key: str, have: str, want: str, covered: bool) -> None:
    assert Permissions({key: [have]}).allows(key, want) is covered
    assert Permissions({key: [have]}).covers(Permissions({key: [want]})) is covered


def test_a_covered_value_is_not_kept_beside_the_one_that_covers_it() -> None:
    assert Permissions({"filesystem.read": ["./a/b", "./a", "./c"]}).values("filesystem.read") == ("./a", "./c")


def test_switches_are_on_or_off() -> None:
    on, found = parse({"process": True, "clock": False, "code-load": True})
    assert not found
    assert on.lines() == ["process", "code-load"]
    assert on.allows("process")
    assert not on.allows("clock")
    assert on.to_table() == {"process": True, "code-load": True}


def test_only_grants_may_hold_rights_over_the_machine() -> None:
    refused, found = parse({"inprocess": ["python"], "unsandboxed": ["julia"]})
    assert refused == NO_PERMISSIONS
    assert [path for path, _ in found] == [("inprocess",), ("unsandboxed",)]
    granted, found = parse({"inprocess": ["python"]}, grants=True)
    assert not found
    assert granted.broad() == granted


def test_the_broad_part_is_told_from_the_rest() -> None:
    permissions = Permissions(
        {"filesystem.read": ["/", "./data"], "network": ["*", "a.b"], "unsandboxed": ["julia"], "env": ["HOME"]}
    )
    assert permissions.broad().lines() == ["filesystem.read /", "network *", "unsandboxed julia"]
    assert permissions.without_broad().lines() == ["env HOME"]


def test_a_diff_says_what_came_and_what_went() -> None:
    old = Permissions({"network": ["api.example.com"], "clock": [""], "filesystem.read": ["./a"]})
    new = Permissions({"network": ["api.example.com", "telemetry.acme.io"], "filesystem.read": ["./a/b"]})
    changes = {change.key: change for change in old.diff(new)}
    assert list(changes) == ["filesystem.read", "network", "clock"]
    assert changes["network"].added == ("telemetry.acme.io",)
    assert (changes["clock"].added, changes["clock"].removed) == ((), ("",))
    assert changes["filesystem.read"].added == ()  # narrower is not new
    assert old.diff(old) == []


def test_what_goes_beyond_a_grant_is_what_must_be_asked() -> None:
    asks = Permissions({"network": ["a.x.y", "b.x.y"], "foreign": ["python"]})
    assert asks.beyond(Permissions({"network": ["a.x.y"]})).lines() == ["network b.x.y", "foreign python"]
    assert asks.beyond(Permissions({"network": ["*.x.y"], "foreign": ["python"]})) == NO_PERMISSIONS


@pytest.mark.parametrize("line", ["", "nonsense", "network", "network 1.2.3.4", "process now", "filesystem.read ../x"])
def test_a_line_that_is_no_permission_is_refused(line: str) -> None:
    with pytest.raises(ManifestError) as caught:
        Permissions.from_lines([line])
    assert caught.value.code == "LYR0413"


_paths = st.sampled_from([".", "./a", "./a/b", "./ab", "/", "/srv", "/srv/x", "~", "~/a", "@cache", "@cache/x"])
_domains = st.sampled_from(["a.x.y", "b.x.y", "*.x.y", "*", "a.x.y:8443", "*.x.y:8443", "localhost"])
_permissions = st.builds(
    Permissions,
    st.fixed_dictionaries(
        {
            "filesystem.read": st.lists(_paths, max_size=3),
            "filesystem.write": st.lists(_paths, max_size=2),
            "network": st.lists(_domains, max_size=3),
            "env": st.lists(st.sampled_from(["HOME", "PATH", "*"]), max_size=2),
            "process": st.sampled_from([[], [""]]),
            "foreign": st.lists(st.sampled_from(["python", "julia"]), max_size=2),
            "unsandboxed": st.lists(st.sampled_from(["python"]), max_size=1),
        }
    ),
)


@given(_permissions, _permissions, _permissions)
def test_permissions_form_a_lattice(a: Permissions, b: Permissions, c: Permissions) -> None:
    both, either = a & b, a | b
    assert a.covers(both)
    assert b.covers(both)
    assert either.covers(a)
    assert either.covers(b)
    assert a & b == b & a
    assert a | b == b | a
    assert (a & b) & c == a & (b & c)
    assert a & a == a == a | a
    if a.covers(c) and b.covers(c):
        assert both.covers(c)
    assert a.covers(b) == (not b.beyond(a))
    assert a.broad() | a.without_broad() == a | a.broad()


@given(_permissions, _permissions, _permissions)
def test_what_is_usable_was_asked_for_and_granted(granted: Permissions, asks: Permissions, agreed: Permissions) -> None:
    here = granted.without_broad() | (granted.broad() & agreed)
    usable = granted.usable(asks, here)
    assert granted.covers(usable)
    assert agreed.covers(usable.broad())
    assert asks.covers(usable.beyond(here.broad()))
    assert usable.covers((asks & granted).without_broad())
    assert usable.covers(here.broad())


@given(_permissions)
def test_permissions_survive_both_written_forms(permissions: Permissions) -> None:
    assert Permissions.from_lines(permissions.lines()) == permissions
    read, found = parse(permissions.to_table(), grants=True)
    assert not found
    assert read == permissions
    assert read.digest == permissions.digest
