"""`lyra-module.json`: reading, and what is refused."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from lyra_core.errors import PluginError
from lyra_core.plugins.manifest import read_manifest

GOOD = {"schema": 1, "plugin": "p", "modules": {"a::b": {"exports": {"F": {"kind": "function", "signature": "F[x]"}}}}}


def write(path: Path, data: object) -> str:
    file = path / "lyra-module.json"
    file.write_text(data if isinstance(data, str) else json.dumps(data), encoding="utf-8")
    return str(file)


def test_a_manifest_is_read_with_keys_of_a_later_lyra(tmp_path: Path) -> None:
    assert read_manifest(write(tmp_path, {**GOOD, "later": [1]}))["later"] == [1]


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        ("{", "it is no JSON"),
        ("[]", "it holds no object"),
        ({}, "its schema is None"),
        ({**GOOD, "schema": 2}, "its schema is 2"),
        ({**GOOD, "hooks": "all"}, "`hooks` is str, expected list"),
        ({**GOOD, "modules": {"a-b": {}}}, "`a-b` is no namespace"),
        ({**GOOD, "modules": {"a": []}}, "a holds no object"),
        ({**GOOD, "modules": {"a": {"exports": []}}}, "a: `exports` is list, expected dict"),
        ({**GOOD, "modules": {"a": {"exports": {"F": 1}}}}, "a::F holds no object"),
        ({**GOOD, "modules": {"a": {"exports": {"F": {"pipe": "2"}}}}}, "a::F: `pipe` is str, expected int"),
        ({**GOOD, "modules": {"a": {"exports": {"F": {"kind": "head"}}}}}, "a::F has the unknown kind `head`"),
    ],
)
def test_what_cannot_be_used_is_refused_with_the_reason(tmp_path: Path, data: object, reason: str) -> None:
    with pytest.raises(PluginError) as caught:
        read_manifest(write(tmp_path, data))
    assert caught.value.code == "LYR0805"
    assert caught.value.notes[0].startswith(reason)


def test_a_file_that_cannot_be_read(tmp_path: Path) -> None:
    (tmp_path / "binary.json").write_bytes(b"\xff\xfe\x00")
    for name in ("absent.json", "binary.json"):
        with pytest.raises(PluginError) as caught:
            read_manifest(str(tmp_path / name))
        assert caught.value.code == "LYR0805"
