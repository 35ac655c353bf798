"""`requires` of a Python module: distributions as pip names them, checked where the workers run."""

from __future__ import annotations

from lyra_core.foreign.requirements import Missing

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["missing_distributions"]


def missing_distributions(requires: Sequence[str]) -> list[Missing]:
    """Return which of *requires* (`numpy>=1.26`, as pip reads them) the Python that runs Lyra does not have."""
    from importlib.metadata import PackageNotFoundError, version

    from packaging.requirements import InvalidRequirement, Requirement

    missing = []
    for text in requires:
        try:
            wanted = Requirement(text)
        except InvalidRequirement as problem:
            why = f"it is no requirement as pip reads them: {str(problem).partition(chr(10))[0]}"
            missing.append(Missing(text, why, 'write it as "numpy>=1.26" in Lyra.toml'))
            continue
        if wanted.marker is not None and not wanted.marker.evaluate():
            continue
        try:
            found = version(wanted.name)
        except PackageNotFoundError:
            missing.append(Missing(text, "it is not installed", f"pip install '{text}'"))
            continue
        if not wanted.specifier.contains(found, prereleases=True):
            missing.append(Missing(text, f"{wanted.name} {found} is installed", f"pip install '{text}'"))
    return missing
