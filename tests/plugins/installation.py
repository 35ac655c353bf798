"""Made-up installations: a folder on `sys.path` with distributions in it, as pip leaves them."""

from __future__ import annotations

import json
import sys
import textwrap
from pathlib import Path
from typing import Any

from lyra_core import __version__


class Installation:
    """A site-packages folder that tests fill with plugins; *path* is on `sys.path` while the test runs."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.packages: list[str] = []

    def add(
        self,
        distribution: str,
        modules: dict[str, dict[str, Any]] | None = None,
        *,
        version: str = "1.0.0",
        requires: str = "lyra-core",
        plugin: str = "",
        hooks: tuple[str, ...] = ("lyra_provide_module",),
        manifest: dict[str, Any] | str | None = None,
        **more: Any,
    ) -> Path:
        """Install a distribution: its metadata, its manifest, and *plugin* as the source of its plugin module.

        *modules* maps a namespace to its exports; *manifest* replaces the whole file.
        """
        package = distribution.replace("-", "_")
        self.packages.append(package)
        folder = self.path / package
        folder.mkdir(exist_ok=True)
        (folder / "__init__.py").write_text("")
        (folder / "plugin.py").write_text(textwrap.dedent(plugin))
        if manifest is None:
            manifest = {
                "schema": 1,
                "plugin": f"{package}.plugin",
                "hooks": sorted(hooks),
                "modules": {namespace: {"exports": exports} for namespace, exports in (modules or {}).items()},
                **more,
            }
        text = manifest if isinstance(manifest, str) else json.dumps(manifest)
        (folder / "lyra-module.json").write_text(text)
        information = self.path / f"{package}-{version}.dist-info"
        information.mkdir()
        (information / "METADATA").write_text(
            f"Metadata-Version: 2.1\nName: {distribution}\nVersion: {version}\nRequires-Dist: {requires}\n"
        )
        (information / "entry_points.txt").write_text(
            f"[lyra.manifest]\n{distribution} = {package}\n\n[lyra]\n{distribution} = {package}.plugin\n"
        )
        return folder

    def forget_imports(self) -> None:
        """Drop what was imported from here, so that the next test imports anew."""
        for name in list(sys.modules):
            if name.partition(".")[0] in self.packages:
                del sys.modules[name]


def native(name: str, package: str, signature: str = "") -> dict[str, dict[str, Any]]:
    """Return the manifest entry of one native function in the plugin module of *package*."""
    return {
        name: {
            "kind": "function",
            "native": f"{package}.plugin:{name}",
            "signature": signature or f"{name}[x]",
            "documentation": f"Give {name}.",
        }
    }


GEO = """
    from lyra_core.plugins import Integer, Value, hookimpl, module

    geo = module("acme::geo")

    @geo.function(attributes={"Listable"})
    def Double(x: Integer):
        return 2 * x

    @hookimpl
    def lyra_provide_module(namespace):
        return geo
"""

STD_VERSION = __version__
