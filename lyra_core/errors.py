"""The errors of Lyra: facts, no rendering.

::

    LyraError                  code, message, span, notes, hints
    ├─ LyraSyntaxError         LYR01xx  source text that cannot be read
    ├─ NameResolutionError     LYR02xx  names, imports, modules, compilation
    ├─ ResolutionError         LYR03xx  versions, requirements, the dependency solver
    ├─ ManifestError           LYR04xx  Lyra.toml, lyra.lock, config.toml
    ├─ RegistryError           LYR05xx  registries, the network, offline misses
    ├─ IntegrityError          LYR06xx  bundles, archives, hashes, signatures, the store, artefacts
    ├─ PermissionRefused       LYR07xx  permissions, grants, the sandbox
    ├─ PluginError             LYR08xx  plugins, bridges, foreign modules
    └─ RuntimeFault            LYR09xx  evaluation limits, command line, files of the user

Every code has a page `lyra_core/error_pages/LYRnnnn.md`, which `lyra explain` prints.
Rendering (source line, caret, colour) is in `lyra_core.diagnostics`.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from lyra_core.source import Span

__all__ = [
    "IntegrityError",
    "LyraError",
    "LyraErrors",
    "LyraSyntaxError",
    "ManifestError",
    "NameResolutionError",
    "PermissionRefused",
    "PluginError",
    "RegistryError",
    "ResolutionError",
    "RuntimeFault",
]


class LyraError(Exception):
    """A problem with its place, its reason and what to do next.

    *code* is stable (`LYR0312`); *message* says what happened in one line without a full stop;
    *span* is the place in a source or manifest, when there is one; *label* stands under the caret;
    *notes* say why; *hints* say what to try, the last one being something one can type.
    """

    def __init__(
        self,
        code: str,
        message: str,
        *,
        span: Span | None = None,
        label: str = "",
        notes: Sequence[str] = (),
        hints: Sequence[str] = (),
    ) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.span = span
        self.label = label
        self.notes = tuple(notes)
        self.hints = tuple(hints)

    def __str__(self) -> str:
        return f"error[{self.code}]: {self.message}"


class LyraErrors(LyraError):
    """Several problems of one file, reported together; the first decides code and message."""

    def __init__(self, errors: Sequence[LyraError]) -> None:
        first = errors[0]
        super().__init__(
            first.code, first.message, span=first.span, label=first.label, notes=first.notes, hints=first.hints
        )
        self.errors = tuple(errors)


class LyraSyntaxError(LyraError):
    """LYR01xx: source text that cannot be read."""


class NameResolutionError(LyraError):
    """LYR02xx: a name, import or module that cannot be resolved when code is compiled."""


class ResolutionError(LyraError):
    """LYR03xx: versions, requirements and dependency graphs without a solution."""


class ManifestError(LyraError):
    """LYR04xx: Lyra.toml, lyra.lock and config.toml."""


class RegistryError(LyraError):
    """LYR05xx: registries, the network, offline misses."""


class IntegrityError(LyraError):
    """LYR06xx: bundles, archives, hashes, signatures, the store, damaged artefacts."""


class PermissionRefused(LyraError):
    """LYR07xx: permissions, grants, the sandbox."""


class PluginError(LyraError):
    """LYR08xx: plugins, bridges and foreign modules."""


class RuntimeFault(LyraError):
    """LYR09xx: limits of evaluation, the command line, files named by the user."""
