"""What foreign modules need besides Lyra (`requires` in `[foreign-modules]`), and whether it is there.

What a requirement means is the bridge's to say: for Python distributions as pip names them, for Julia packages of its
standard library. A bridge that knows none has no method `missing`.
"""

from __future__ import annotations

from lyra_core.errors import PluginError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from typing import Any

    from lyra_core.errors import LyraError
    from lyra_core.packages.manifest import Manifest

__all__ = ["Missing", "manifest_problems", "missing_error", "missing_requirements"]


class Missing:
    """A requirement that is not met: *why* says what is there instead, *advice* is what to type."""

    __slots__ = ("advice", "requirement", "why")

    def __init__(self, requirement: str, why: str, advice: str) -> None:
        self.requirement = requirement
        self.why = why
        self.advice = advice

    def __repr__(self) -> str:
        return f"Missing({self.requirement!r}, {self.why!r})"


def missing_requirements(bridge: Any, requires: Sequence[str]) -> list[Missing]:
    """Return which of *requires* are not met where *bridge* runs its modules."""
    if not requires:
        return []
    check = getattr(bridge, "missing", None)
    if check is None:
        return [
            Missing(each, f"modules of {bridge.interface} need nothing", "take `requires` out of Lyra.toml")
            for each in requires
        ]
    return list(check(requires))


def missing_error(owner: str, module: str, missing: Sequence[Missing]) -> PluginError:
    """Return the error that names everything that the foreign *module* of *owner* lacks."""
    return PluginError(
        "LYR0866",
        f"the module {module} of {owner} needs {', '.join(each.requirement for each in missing)}",
        notes=[f"{each.requirement}: {each.why}" for each in missing],
        hints=list(dict.fromkeys(each.advice for each in missing)),
    )


def manifest_problems(owner: str, manifests: Iterable[Manifest]) -> list[LyraError]:
    """Return an error for each foreign module of *manifests* that lacks something here.

    A plugin is asked only where a module requires something. *owner* is the name of a package without one.
    """
    wanted = [
        (manifest.name or owner, module)
        for manifest in manifests
        for module in manifest.foreign_modules
        if module.requires
    ]
    if not wanted:
        return []
    from lyra_core.errors import LyraError
    from lyra_core.plugins.discovery import load_index
    from lyra_core.plugins.manager import PluginManager

    manager = PluginManager(load_index())
    problems: list[LyraError] = []
    for name, module in wanted:
        try:
            bridge = manager.call_first("lyra_foreign_bridge", interface=module.interface)
            if bridge is None:
                raise PluginError(
                    "LYR0863",
                    f"no plugin runs modules with the interface {module.interface}",
                    notes=(f"the module {module.name} of {name} has it",),
                    hints=(f"pip install lyra-{module.interface}",),
                )
            missing = missing_requirements(bridge, module.requires)
        except LyraError as error:
            problems.append(error)
            continue
        if missing:
            problems.append(missing_error(name, module.name, missing))
    return problems
