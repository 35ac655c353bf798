"""docs/formats/worker-protocol.md says what the code does."""

from __future__ import annotations

import re
from pathlib import Path

from lyra_core.foreign import channel, wire

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs/formats/worker-protocol.md").read_text()
JULIA = (ROOT / "plugins/julia_bridge/lyra_julia_bridge/worker.jl").read_text()
ROWS = {name: int(number) for number, name in re.findall(r"^\| (\d+) \| ([A-Z_]+) \|", PAGE, re.M)}
KINDS = {name: n for name, n in ROWS.items() if hasattr(channel, name)}
TAGS = {name: n for name, n in ROWS.items() if hasattr(wire, name)}


def test_every_row_is_of_the_code_and_every_kind_and_tag_has_a_row() -> None:
    assert ROWS.keys() == KINDS.keys() | TAGS.keys()
    limits = {"BUFFERS", "BUFFER_CAP", "INLINE_LIMIT", "PAYLOAD_CAP", "DEPTH", "VALUES"}
    assert {each for each in channel.__all__ if each.isupper()} - limits == KINDS.keys()
    assert {each for each in wire.__all__ if each.isupper()} - limits == TAGS.keys()


def test_numbers_agree() -> None:
    for name, number in KINDS.items():
        assert getattr(channel, name) == number, name
    for name, number in TAGS.items():
        assert getattr(wire, name) == number, name


def test_julias_end_has_the_same_numbers() -> None:
    found: dict[str, int] = {}
    for names, values in re.findall(r"^const ([A-Z_, ]+) = ((?:0x[0-9a-f]{2}(?:, )?)+)$", JULIA, re.M):
        found |= dict(zip(names.split(", "), (int(each, 16) for each in values.split(", ")), strict=True))
    assert found == ROWS


def test_limits_agree() -> None:
    assert f"at most {channel.PAYLOAD_CAP >> 20} MiB" in PAGE
    assert f"at most {channel.BUFFERS}" in PAGE
    assert f"together at most {channel.BUFFER_CAP >> 20} MiB" in PAGE
    assert f"Buffers of {channel.INLINE_LIMIT >> 20} MiB and more" in PAGE
    assert f"at most\n{wire.DEPTH} deep" in PAGE
    assert f"at most {wire.VALUES:,} of them" in PAGE
    assert f"const DEPTH = {wire.DEPTH}" in JULIA
