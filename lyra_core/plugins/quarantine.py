"""What is remembered of plugins between runs: which are disabled, which failed, how long they took.

Two files in `$LYRA_HOME`: `modules.json` holds what the user decided (disabled plugins); the journal
`cache/modules.log` what was seen when a plugin was first used. A plugin that failed is tried again when
it is used again: the failed library may have been installed since. `lyra modules list` shows what was
last seen.
"""

from __future__ import annotations

import os

from lyra_core.environment import cache_folder, module_settings

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

    from lyra_core.modules.namespace_index import Provider

__all__ = ["Observation", "disabled_names", "forget", "observations", "observe", "write_disabled"]

_JOURNAL = "modules.log"
_JOURNAL_LIMIT = 256 * 1024


class Observation:
    """What was last seen of a provider: loaded in *milliseconds*, or failed with *code* and *reason*."""

    __slots__ = ("code", "milliseconds", "reason")

    def __init__(self, milliseconds: float | None, code: str = "", reason: str = "") -> None:
        self.milliseconds = milliseconds
        self.code = code
        self.reason = reason

    @property
    def failed(self) -> bool:
        """Whether the plugin could not be used."""
        return self.milliseconds is None


def disabled_names() -> tuple[str, ...]:
    """Return the names (namespaces, distributions) that the user disabled, sorted.

    A file that cannot be read disables nothing.
    """
    try:
        with open(module_settings(), encoding="utf-8") as file:
            text = file.read()
    except (OSError, UnicodeDecodeError):
        return ()
    import json

    try:
        data = json.loads(text)
    except ValueError:
        return ()
    names = data.get("disabled", ()) if isinstance(data, dict) else ()
    return tuple(sorted(each for each in names if isinstance(each, str))) if isinstance(names, list) else ()


def write_disabled(names: Iterable[str]) -> None:
    """Store the names of disabled plugins, replacing the file in one step.

    Errors: LYR0936 when the file cannot be written.
    """
    import json

    from lyra_core.errors import RuntimeFault

    path = module_settings()
    temporary = f"{path}.{os.getpid()}.tmp"
    try:
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(temporary, "w", encoding="utf-8") as file:
            json.dump({"disabled": sorted(set(names))}, file, indent=1)
            file.write("\n")
        os.replace(temporary, path)
    except OSError as error:
        raise RuntimeFault(
            "LYR0936",
            f"cannot write {path}: {error.strerror}",
            hints=("set LYRA_HOME to a folder that can be written",),
        ) from error


def _identity(provider: Provider) -> str:
    """What an observation holds for: this distribution, this version, this state of its manifest."""
    return f"{provider.distribution}\t{provider.version}\t{provider.stamp[0]}.{provider.stamp[1]}"


def observations() -> dict[str, Observation]:
    """Return what the journal holds by identity; the last line about a plugin counts."""
    found: dict[str, Observation] = {}
    for line in _journal_lines():
        fields = line.split("\t")
        if len(fields) != 6:
            continue
        identity = "\t".join(fields[:3])
        try:
            found[identity] = Observation(float(fields[3]) if fields[3] else None, fields[4], fields[5])
        except ValueError:
            continue
    return found


def observation_of(provider: Provider, seen: dict[str, Observation]) -> Observation | None:
    """Return what was last seen of *provider*."""
    return seen.get(_identity(provider))


def observe(provider: Provider, observation: Observation) -> None:
    """Add a line to the journal when it says something new; a journal that cannot be written is let be."""
    known = observations().get(_identity(provider))
    if known is not None and known.failed == observation.failed and known.reason == observation.reason:
        return
    took = "" if observation.milliseconds is None else f"{observation.milliseconds:.2f}"
    reason = observation.reason.replace("\t", " ").replace("\n", " ")
    _append(f"{_identity(provider)}\t{took}\t{observation.code}\t{reason}\n")


def forget(provider: Provider) -> None:
    """Drop what was seen of *provider*."""
    identity = _identity(provider) + "\t"
    kept = [line for line in _journal_lines() if not line.startswith(identity)]
    _rewrite(kept)


def _journal_path() -> str:
    return os.path.join(cache_folder(), _JOURNAL)


def _journal_lines() -> list[str]:
    try:
        with open(_journal_path(), encoding="utf-8", errors="replace") as file:
            return file.read().splitlines()
    except OSError:
        return []


def _append(line: str) -> None:
    path = _journal_path()
    try:
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "a", encoding="utf-8") as file:
            file.write(line)
            size = file.tell()
    except OSError:
        return
    if size > _JOURNAL_LIMIT:
        last = {each.rsplit("\t", 3)[0]: each for each in _journal_lines()}
        _rewrite(list(last.values()))


def _rewrite(lines: list[str]) -> None:
    path = _journal_path()
    temporary = f"{path}.{os.getpid()}.tmp"
    try:
        with open(temporary, "w", encoding="utf-8") as file:
            file.write("".join(line + "\n" for line in lines))
        os.replace(temporary, path)
    except OSError:
        return
