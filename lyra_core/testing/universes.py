"""Made-up registries, three lines a test."""

from __future__ import annotations

import asyncio
import tempfile
from pathlib import Path

from lyra_core.packages.bundle import PackageBundle, pack
from lyra_core.packages.solver import Dependency, MemorySource
from lyra_core.registry.local import LocalRegistry

__all__ = ["universe"]


def universe(text: str, folder: str | Path) -> LocalRegistry:
    """Return a registry in *folder* that holds what *text* lists, a line a version::

        web 1.0.0: json ^1, http >=1.2
        json 1.4.0
        http 1.3.0: json ~1.4 [simd, !default] ?

    Every package exports `Version`, a text with its own version. The lines are those of `MemorySource.parse`.
    """
    source = MemorySource.parse(text)
    registry = LocalRegistry(folder)
    asyncio.run(_publish(registry, source))
    return registry


async def _publish(registry: LocalRegistry, source: MemorySource) -> None:
    for name in source.packages():
        table = source.table(name)
        assert table is not None  # it was listed
        for at, version in enumerate(table.texts):
            release = table.release(at)
            features = {key: items for key, items in release.features.items() if items != (f"dep:{key}",)}
            metadata = await registry.publish(
                _bundle(name, version, table.language(at), release.dependencies, features)
            )
            if at in table.yank_reasons:
                await registry.yank(name, metadata.version, table.yank_reasons[at] or "withdrawn")


def _bundle(
    name: str, version: str, language: str, dependencies: tuple[Dependency, ...], features: dict[str, tuple[str, ...]]
) -> PackageBundle:
    lines = [f'[package]\nname = "{name}"\nversion = "{version}"\ndescription = "made up"\nlicense = "MIT"\n']
    if language:
        lines.append(f'lyra = "{language}"\n')
    lines.append('[exports]\n"Version" = "facts::version"\n')
    for kind, dev in (("dependencies", False), ("dev-dependencies", True)):
        wanted = [each for each in dependencies if each.dev is dev]
        if wanted:
            lines.append(f"[{kind}]\n" + "".join(_line(each) for each in wanted))
    if features:
        lines.append("[features]")
        lines += [
            f"{key} = [{', '.join(repr(item) for item in items)}]".replace("'", '"') for key, items in features.items()
        ]
    with tempfile.TemporaryDirectory(prefix="lyra-universe-") as folder:
        root = Path(folder)
        (root / "src").mkdir()
        (root / "Lyra.toml").write_text("\n".join(lines) + "\n", encoding="utf-8")
        (root / "src" / "facts.lyra").write_text(f'version = "{name} {version}"\n', encoding="utf-8")
        exports = {"Version": {"kind": "constant", "path": "facts::version"}}
        api = {"format": 1, "package": name, "namespace": name.replace("-", "::"), "exports": exports}
        return pack(root, api=api)


def _line(dependency: Dependency) -> str:
    facts = [f'version = "{dependency.requirement}"']
    if dependency.key != dependency.package:
        facts.append(f'package = "{dependency.package}"')
    if dependency.features:
        facts.append("features = [" + ", ".join(f'"{each}"' for each in dependency.features) + "]")
    if not dependency.default_features:
        facts.append("default-features = false")
    if dependency.optional:
        facts.append("optional = true")
    return f"{dependency.key} = {{ {', '.join(facts)} }}\n"
