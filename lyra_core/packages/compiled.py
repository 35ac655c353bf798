"""Compiled modules that travel in a bundle, held against what its sources compile to.

What an installation keeps equals a compilation of `src/` byte for byte: what runs is what can be reviewed. An artefact
that was made under other circumstances (another Lyra, other names in a dependency) cannot be compared, and is left
out: its module is compiled when it is first used. One that claims the same circumstances and differs is a forgery.
"""

from __future__ import annotations

from collections.abc import Mapping

from lyra_core.errors import IntegrityError, LyraError
from lyra_core.modules.artefact import Artefact
from lyra_core.records import Record

__all__ = ["ComparedModules", "compare_compiled", "forged"]


class ComparedModules(Record):
    """*equal* may be kept, *other* was made under other circumstances, *forged* is refused (module paths)."""

    equal: dict[str, bytes]
    other: tuple[str, ...]
    forged: tuple[str, ...]


def compare_compiled(shipped: Mapping[str, bytes], fresh: Mapping[str, bytes]) -> ComparedModules:
    """Compare the artefacts of a bundle with *fresh* ones, compiled here from the same sources."""
    equal = {module: image for module, image in shipped.items() if fresh.get(module) == image}
    other = []
    false = []
    for module in sorted(shipped.keys() - equal.keys()):
        circumstances = _circumstances(shipped[module])
        own = _circumstances(fresh[module]) if module in fresh else None
        if own is None or circumstances is None or circumstances["source"] != own["source"] or circumstances == own:
            false.append(module)
        else:
            other.append(module)
    return ComparedModules(equal, tuple(other), tuple(false))


def forged(package: str, modules: tuple[str, ...]) -> IntegrityError:
    """Return the refusal of a package for its forged *modules*."""
    return IntegrityError(
        "LYR0617",
        f"the compiled module {modules[0]} of {package} is not what src/ compiles to",
        notes=(f"{len(modules)} modules differ from their source",) if len(modules) > 1 else (),
        hints=("tell the author; from the sources alone: lyra pkg build",),
    )


def _circumstances(image: bytes) -> dict[str, str] | None:
    """Return the metadata of an artefact, which name its source and what names meant; None for a damaged one."""
    try:
        artefact = Artefact(image, "bundle")
        artefact.verify()
        metadata = artefact.metadata
    except LyraError:
        return None
    return metadata if "source" in metadata else None
