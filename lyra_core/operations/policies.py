"""Policies at run time: what the lock grants is judged again before a program runs, and an approval is remembered.

A lock may come from elsewhere, and a policy may have changed since the installation. Asking means importing plugins, so
an approval is kept while all that it depends on stays as it was: the lock, the installed plugins, and the files and
environment variables that each verdict names. A verdict that names none is asked for at every run; refusals are not
kept.
"""

from __future__ import annotations

import os

from lyra_core.environment import cache_folder

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from lyra_core.modules.link_plan import LinkPlan
    from lyra_core.modules.namespace_index import NamespaceIndex

__all__ = ["ask_before_run"]

_FORMAT = 1
_HOOK = "lyra_check_permissions"


def ask_before_run(root: str, plan: LinkPlan, index: NamespaceIndex | None = None) -> None:
    """Let policies judge the grants under which the project in *root* is about to run.

    *index* is that of the installed plugins where the caller has it. Errors: PermissionRefused LYR0705 with the exit
    code 7; those of a policy that fails, which refuses.
    """
    if not any(instance.grants for instance in plan.instances.values() if instance.key):
        return
    if index is None:
        from lyra_core.plugins.discovery import load_index

        index = load_index()
    if not index.implements(_HOOK):
        return
    path = _path(root)
    if _is_approved(path, index):
        return
    from lyra_core.operations.consent import ask_policies, standing_requests
    from lyra_core.packages.project import open_project

    project = open_project(root)
    lock = project.lock()
    requests = standing_requests(lock) if lock is not None else []
    verdicts = ask_policies(requests, index)
    complete = len(verdicts) == len(requests) * len(index.implementers(_HOOK))
    if complete and all(hasattr(each, "files") and hasattr(each, "variables") for each in verdicts):
        files = {file for each in verdicts for file in each.files} | {str(project.lock_path)}
        _remember(path, index, files, {name for each in verdicts for name in each.variables})


def _path(root: str) -> str:
    from hashlib import sha256

    name = sha256(os.path.abspath(root).encode("utf-8", "surrogatepass")).hexdigest()[:32]
    return os.path.join(cache_folder(), "policies", f"{name}.json")


def _is_approved(path: str, index: NamespaceIndex) -> bool:
    import json

    from lyra_core.packages.kept_plan import stamp_of

    try:
        with open(path, "rb") as file:
            kept = json.loads(file.read())
        return bool(
            kept["format"] == _FORMAT
            and kept["plugins"] == _plugins(index)
            and all(stamp_of(each) == stamp for each, stamp in kept["files"].items())
            and all(os.environ.get(name) == value for name, value in kept["variables"].items())
        )
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return False


def _remember(path: str, index: NamespaceIndex, files: set[str], variables: set[str]) -> None:
    """Keep the approval; where it cannot be written the next run asks again."""
    import json

    from lyra_core.packages.kept_plan import stamp_of

    kept: dict[str, Any] = {
        "format": _FORMAT,
        "plugins": _plugins(index),
        "files": {file: stamp_of(file) for file in sorted(files)},
        "variables": {name: os.environ.get(name) for name in sorted(variables)},
    }
    fresh = f"{path}.{os.getpid()}.new"
    try:
        os.makedirs(os.path.dirname(path), mode=0o700, exist_ok=True)
        with open(fresh, "w", encoding="utf-8") as file:
            json.dump(kept, file)
        os.replace(fresh, path)
    except OSError:
        return


def _plugins(index: NamespaceIndex) -> list[list[str]]:
    """Return which plugins answer, at which versions."""
    return sorted([each.distribution, each.version] for each in index.implementers(_HOOK))
