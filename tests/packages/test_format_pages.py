"""What the pages under docs/formats show is what the code reads and writes."""

from __future__ import annotations

import datetime
import json
import re
from pathlib import Path

import pytest

from lyra_core.packages.lockfile import parse_lock
from lyra_core.packages.manifest import read_manifest
from lyra_core.registry.documents import describe, encode_line
from lyra_core.security.verifier import STEPS
from lyra_core.source import Source
from tests.packages.making import make_bundle

PAGES = Path(__file__).parents[2] / "docs" / "formats"


def page(name: str) -> str:
    return (PAGES / f"{name}.md").read_text(encoding="utf-8")


def block(name: str) -> str:
    found = re.search(r"```toml\n(.*?)```", page(name), re.DOTALL)
    assert found
    return found[1]


def test_the_manifest_on_the_page_reads_and_shows_every_table() -> None:
    manifest = read_manifest(Source("docs/formats/manifest.md", block("manifest")))
    assert manifest.package is not None
    assert manifest.optional_features() == {"helpers": ("dep:helpers",), "statistics": ("dep:statistics",)}
    for table in ("dev_dependencies", "exports", "imports", "permissions", "foreign_modules", "workspace"):
        assert getattr(manifest, table), table
    assert manifest.config.hot_reload


def test_the_lock_on_the_page_reads_and_is_canonical() -> None:
    text = block("lock").replace("sha256:…", "sha256:" + "0" * 64).replace("ed25519:…", "ed25519:" + "A" * 43)
    assert parse_lock(Source("docs/formats/lock.md", text)).text() == text


def test_the_registry_page_lists_the_fields_of_a_line() -> None:
    bundle = make_bundle(more='lyra = ">=0.1"\n')
    line = json.loads(encode_line(describe(bundle, datetime.datetime(2024, 5, 1, tzinfo=datetime.UTC))))
    table = page("registry").split("## Index lines")[1].split("## Snapshot")[0]
    rows = [row.split("|")[1] for row in table.splitlines() if row.startswith("| `")]
    listed = [name for row in rows for name in re.findall(r"`(\w+)`", row)]
    assert sorted(listed) == sorted(line)


@pytest.mark.parametrize("step", STEPS)
def test_the_bundle_page_lists_every_step_of_verification(step: str) -> None:
    assert f"\n| {step} | " in page("bundle")
