"""`lyra pkg build`."""

from __future__ import annotations

import typer

from lyra_core.cli.pkg.common import Common
from lyra_core.cli.pkg.declaring import package_command
from lyra_core.packages.units import counted, format_size

__all__ = ["add_to"]


def add_to(app: typer.Typer) -> None:
    """Add the command to *app*."""

    @package_command(app, "build", "write", "lock", "registry")
    def build(
        common: Common,
        wheel: bool = typer.Option(False, "--wheel", help="write a wheel for pip as well"),
        output: str = typer.Option("", "--output", "-o", metavar="FOLDER", help="where to write; default build/"),
    ) -> int:
        """Check the package and pack it into a bundle."""
        from lyra_core.operations.build import build as build_package
        from lyra_core.operations.wheel import build_plugin_wheel, plugin_folder

        plugin = plugin_folder(".")
        if plugin is not None:
            file, size = build_plugin_wheel(plugin, output, dry_run=common.dry_run)
            if common.json:
                common.document("build", {"files": [str(file)], "bytes": size})
            else:
                common.phase("Built", f"{file}   {format_size(size)}")
            return 0
        with common.environment(needs_project=True) as environment:
            report = build_package(environment, wheel=wheel, output=output)
            files = [environment.relative(each) for each in report.files]
        bundle = report.bundle
        if common.json:
            common.document(
                "build",
                {
                    "name": bundle.name,
                    "version": str(bundle.version),
                    "files": files,
                    "tree": bundle.tree_hash,
                    "bundle": bundle.hash,
                    "bytes": bundle.size,
                    "api": report.api,
                    "warnings": list(report.warnings),
                },
            )
            return 0
        content = f"{counted(len(bundle.tree_paths), 'file')}, {counted(len(report.api['exports']), 'export')}"
        common.phase("Packed", f"{bundle.name} {bundle.version}   {content}")
        for path in files:
            common.phase("Built", path + (f"   {format_size(bundle.size)}" if path.endswith("pkg") else ""))
        common.talk(f"             tree {bundle.tree_hash}")
        for warning in report.warnings:
            common.talk(f"warning: {warning}")
        return 0
