"""Texts are refused by shape before they are parsed, and every key and value can be found again."""

from __future__ import annotations

import tomllib
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lyra_core.errors import ManifestError
from lyra_core.packages.toml_text import MANIFEST_LIMIT, _read_plain, decode_toml, parse_toml
from lyra_core.packages.toml_writer import toml_key, toml_string, toml_value
from lyra_core.source import Source

_FULL = MANIFEST_LIMIT - 100


@pytest.mark.parametrize(
    ("text", "code", "words"),
    [
        (".".join("a" for _ in range(33)) + " = 1", "LYR0402", "more than 32 parts"),
        ("[" + ".".join("a" for _ in range(33)) + "]", "LYR0402", "more than 32 parts"),
        (".".join("a" for _ in range(_FULL // 2)) + "=1", "LYR0402", "more than 32 parts"),
        ("a = " + "[" * 33 + "]" * 33, "LYR0402", "nested deeper than 32"),
        ("a = " + "{b=" * 33 + "1" + "}" * 33, "LYR0402", "nested deeper than 32"),
        ("[" * _FULL, "LYR0402", "nested deeper than 32"),
        ("a = " + "9" * _FULL, "LYR0402", "outside ±2^63"),
        ("a = 0x" + "f" * _FULL, "LYR0402", "outside ±2^63"),
        ("a = 9223372036854775808", "LYR0402", "outside ±2^63"),
        ("a = -9223372036854775809", "LYR0402", "outside ±2^63"),
        ('a = "' + "x" * _FULL, "LYR0401", "string is not closed"),
        ('a = """' + "\\\\" * (_FULL // 2), "LYR0401", "string is not closed"),
        ("a = '''" + "'" * 2 + "x" * _FULL, "LYR0401", "string is not closed"),
        ("a = 'x\n'", "LYR0401", "string is not closed"),
        ("a = 1\na = 2", "LYR0401", "cannot overwrite"),
        ("= 1", "LYR0401", "not valid TOML"),
        ("a = [1", "LYR0401", "not valid TOML"),
        ("a = 1979-13-01", "LYR0401", "not valid TOML"),
        ('a = "\\ud800"', "LYR0401", "not a Unicode scalar"),
    ],
    ids=lambda value: value[:24] if isinstance(value, str) else None,
)
def test_a_text_beyond_the_limits_or_not_toml_is_refused(text: str, code: str, words: str) -> None:
    with pytest.raises(ManifestError) as caught:
        parse_toml(Source("Lyra.toml", text))
    assert caught.value.code == code
    assert words in caught.value.message


@pytest.mark.parametrize(
    "text",
    [
        "a = 9223372036854775807\nb = -9223372036854775808",
        ".".join("a" for _ in range(32)) + " = 1",
        "a = " + "[" * 32 + "]" * 32,
        'a = "[[[[{{{{...."  # [[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[',
        'a = """""two quotes at both ends"""""',
        "a = '''''two quotes at both ends'''''",
        'a = """x\\"""" \nb = 1',
        "\n".join("[[t]]" for _ in range(5000)),
        "\n".join(f"k{i} = {{}}" for i in range(5000)),
    ],
)
def test_a_text_within_the_limits_is_read_as_toml_says(text: str) -> None:
    assert parse_toml(Source("x", text)).data == tomllib.loads(text)


def test_a_file_of_more_than_64_kib_or_of_other_bytes_is_refused() -> None:
    with pytest.raises(ManifestError, match="more than 65,536 bytes"):
        decode_toml("Lyra.toml", b"#" * (MANIFEST_LIMIT + 1))
    with pytest.raises(ManifestError) as caught:
        decode_toml("Lyra.toml", b"a = 1\nb = \xff")
    assert caught.value.code == "LYR0419"
    assert caught.value.span is not None
    assert caught.value.span.place == "Lyra.toml:2:5"
    assert decode_toml("Lyra.toml", b"\xef\xbb\xbfa = 1").text == "a = 1"


_DOCUMENT = """\
top = 1 # comment
[package]
name = "ab"
'quoted key' = 'v'
dotted.inner . deep = { x = 1, y.z = [ "p", # inside
    "q", ] }
[[list]]
k = 1
[[list]]
k = 2
  [list.sub]
  s = \"\"\"
many ] } = lines\"\"\"
"""


@pytest.mark.parametrize(
    ("path", "key", "value"),
    [
        (("top",), "top", "1"),
        (("package",), "package", "[package]"),
        (("package", "name"), "name", '"ab"'),
        (("package", "quoted key"), "'quoted key'", "'v'"),
        (("package", "dotted", "inner", "deep", "x"), "x", "1"),
        (("package", "dotted", "inner", "deep", "y", "z", 1), None, '"q"'),
        (("list", 1, "k"), "k", "2"),
        (("list", 1, "sub", "s"), "s", '"""\nmany ] } = lines"""'),
    ],
)
def test_keys_and_values_are_found_where_they_stand(path: tuple[Any, ...], key: str | None, value: str) -> None:
    text = parse_toml(Source("x", _DOCUMENT))
    span, key_span = text.span(*path), text.key_span(*path)
    assert span is not None
    assert span.text == value
    assert (key_span.text if key_span else None) == key


def test_a_path_that_does_not_exist_has_no_place() -> None:
    text = parse_toml(Source("x", _DOCUMENT))
    assert text.span("package", "missing") is None
    assert text.key_span("nowhere") is None


_scalars = st.one_of(
    st.booleans(),
    st.integers(-(2**63), 2**63 - 1),
    st.floats(allow_nan=False),
    st.text(st.characters(exclude_categories=["Cs"]), max_size=12),
    st.dates(),
)
_keys = st.text(st.characters(exclude_categories=["Cs"]), max_size=6)
_values = st.recursive(
    _scalars,
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(_keys, inner, max_size=3)),
    max_leaves=8,
)


@given(st.dictionaries(_keys, _values, max_size=5))
def test_what_is_written_is_read_back_and_located(data: dict[str, Any]) -> None:
    source = Source("x", "".join(f"{toml_key(key)} = {toml_value(value)}\n" for key, value in data.items()))
    text = parse_toml(source)
    assert text.data == data

    def check(value: Any, path: tuple[str | int, ...]) -> None:
        span = text.span(*path)
        assert span is not None
        assert tomllib.loads("v = " + span.text)["v"] == value
        items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
        for key, each in items:
            check(each, (*path, key))

    for key, value in data.items():
        check(value, (key,))


@given(st.text(alphabet="\"'[]{}=.,#\n\\ ab1-tru", max_size=40))
def test_any_text_is_parsed_as_tomllib_does_or_refused_with_our_error(noise: str) -> None:
    try:
        expected = tomllib.loads(noise)
    except ValueError:
        with pytest.raises(ManifestError):
            parse_toml(Source("x", noise))
    else:
        text = parse_toml(Source("x", noise))
        assert text.data == expected
        assert all(text.span(key) is not None for key in expected)


@given(st.text(st.characters(exclude_categories=["Cs"])))
def test_a_string_survives_writing(value: str) -> None:
    written = toml_string(value)
    assert "\n" not in written
    assert tomllib.loads("v = " + written)["v"] == value


PLAIN = """\
# A package.
[package]
name = "web"
description = "größer # kein Kommentar ] ="
publish = false
keywords = ["a", "b c"]
authors = []

[dependencies]
json = "^1.2"
x-y_z = "1\t"
"""

_LINES = st.sampled_from(
    [
        *("[package]", "[dependencies]", "[a.b]", "[[a]]", " [a]", "[a] ", "[]", "package = true"),
        *(
            'name = "x"',
            'name="x"',
            'name = "x" # y',
            'other = "y"',
            'a.b = "c"',
            '"a" = "b"',
            "key =",
            'd = { a = "b" }',
        ),
        *("flag = true", "flag = false", "flag = True", "n = 1", "# comment", "#", "", "   ", "\t# c", "# \x07"),
        *('list = ["a", "b"]', 'list = ["a","b"]', 'list = ["a", ]', 'list = ["a" "b"]', "list = []", 'list = [""]'),
        *('bad = "\\n"', 'bad = "\\q"', 'bad = "', "bad = 'x'", 'name = "a"b"', 'u = "ü\x80\u200b"', 'c = "\x07"'),
        'r = "x"\r',
    ]
)


@given(st.lists(_LINES, max_size=8).map("\n".join) | st.text(max_size=40))
def test_the_simplest_kind_of_text_is_read_as_tomllib_reads_it(text: str) -> None:
    found = _read_plain(text)
    if found is not None:
        assert found == tomllib.loads(text)


def test_an_ordinary_manifest_needs_no_tomllib() -> None:
    assert _read_plain(PLAIN.replace("\t", "")) == tomllib.loads(PLAIN.replace("\t", ""))
    assert _read_plain(PLAIN) is None
    assert _read_plain('[a]\nb = "c"\n[a]\n') is None
    assert _read_plain('[a]\nb = "c"\nb = "d"\n') is None
