"""Packages made in a line or two, for the tests of whatever takes a bundle."""

from __future__ import annotations

from collections.abc import Mapping

from lyra_core.packages.archive import build_archive
from lyra_core.packages.bundle import PackageBundle
from lyra_core.packages.manifest import read_manifest
from lyra_core.packages.manifest_writer import normalised_manifest
from lyra_core.source import Source

__all__ = ["make_bundle"]


def make_bundle(
    name: str = "geometry",
    version: str = "1.0.0",
    more: str = "",
    files: Mapping[str, bytes] | None = None,
    modes: Mapping[str, int] | None = None,
) -> PackageBundle:
    """Return a bundle of one small module; *more* follows the lines of [package], *files* are added."""
    original = f'[package]\nname = "{name}"\nversion = "{version}"\nlicense = "MIT"\n{more}'
    content = {
        "Lyra.toml": normalised_manifest(read_manifest(Source("Lyra.toml", original))).encode(),
        "Lyra.toml.orig": original.encode(),
        "src/a.lyra": b"f[x_] := x\n",
        **(files or {}),
    }
    return PackageBundle.open(
        build_archive({path: ((modes or {}).get(path, 0o644), data) for path, data in content.items()})
    )
