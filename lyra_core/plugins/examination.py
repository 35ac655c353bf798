"""`lyra modules doctor`: imports a plugin and compares it with what its manifest promises."""

from __future__ import annotations

from typing import Any

from lyra_core.errors import LyraError, PluginError
from lyra_core.modules.namespace_index import AVAILABLE, DISABLED, NamespaceIndex, Provider
from lyra_core.plugins.manager import PluginManager
from lyra_core.plugins.quarantine import forget

__all__ = ["Finding", "examine"]


class Finding:
    """What an examination found: the problems, or none, and the next command to type."""

    def __init__(self, subject: str, healthy: bool, problems: list[str], following: str = "") -> None:
        self.subject = subject
        self.healthy = healthy
        self.problems = problems
        self.following = following

    def to_json(self) -> dict[str, Any]:
        """Return the finding as data."""
        return {
            "subject": self.subject,
            "healthy": self.healthy,
            "problems": self.problems,
            "next": self.following or None,
        }

    def __str__(self) -> str:
        lines = [f"{self.subject}: {'ready' if self.healthy else 'cannot be used'}"]
        lines += [f"  {problem}" for problem in self.problems]
        if self.following:
            lines.append(f"next: {self.following}")
        return "\n".join(lines)


def examine(index: NamespaceIndex, provider: Provider) -> Finding:
    """Import the plugin of *provider*, load everything its manifest lists, and say what is wrong.

    What was remembered of earlier failures is dropped: the list shows what is true now.
    """
    names = ", ".join(namespace for namespace, _ in provider.namespaces) or provider.distribution
    subject = f"{names} ({provider.origin})"
    if provider.state == DISABLED:
        return Finding(subject, False, [provider.reason], f"lyra modules enable {names.partition(',')[0]}")
    if provider.state != AVAILABLE:
        return Finding(subject, False, [f"{provider.code}: {provider.reason}"], f"lyra explain {provider.code}")
    forget(provider)
    manager = PluginManager(index)
    problems: list[str] = []
    code = ""
    for namespace, _ in provider.namespaces:
        for error in _failures(manager, namespace):
            code = code or error.code
            problems += [f"{error.code}: {error.message}", *(f"  {note}" for note in error.notes)]
    for hook in provider.hooks:
        failure = _hook_failure(manager, provider, hook)
        if failure is not None:
            code = code or failure.code
            problems.append(f"{failure.code}: {failure.message}")
    if problems:
        return Finding(subject, False, list(dict.fromkeys(problems)), f"lyra explain {code}")
    return Finding(subject, True, [])


def _failures(manager: PluginManager, namespace: str) -> list[LyraError]:
    """Return the errors of loading every native of a namespace; one that breaks all of them counts once."""
    module = manager.module(namespace)
    failures: list[LyraError] = []
    for name in module.names() if module is not None else ():
        export = module.get(name) if module is not None else None
        if export is None or not export.native:
            continue
        try:
            manager.native(namespace, name)
        except PluginError as error:
            if all(error is not each for each in failures):
                failures.append(error)
            if error.code == "LYR0801":
                break
            manager.quarantined.clear()  # one promise is broken; the others are looked at all the same
    return failures


def _hook_failure(manager: PluginManager, provider: Provider, hook: str) -> LyraError | None:
    from lyra_core.plugins.hookspecs import HOOKS
    from lyra_core.plugins.manager import implementation_of

    try:
        plugin = manager.plugin(provider)
    except PluginError as error:
        return error
    if hook not in HOOKS:
        return PluginError("LYR0807", f"{provider.distribution} implements {hook}, which is no hook of this Lyra")
    if implementation_of(plugin, hook) is None:
        return PluginError("LYR0802", f"{provider.distribution} promises the hook {hook} and does not have it")
    return None
