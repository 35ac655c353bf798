"""What every operation works in: the project, the store, the registries, and how strict to be."""

from __future__ import annotations

import os
from pathlib import Path

from lyra_core.errors import ManifestError
from lyra_core.operations.registries import Registries
from lyra_core.packages.config import UserConfig, read_config
from lyra_core.packages.project import Project, default_project, find_project
from lyra_core.packages.store import Store
from lyra_core.records import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from asyncio import AbstractEventLoop
    from collections.abc import Callable, Coroutine
    from typing import Any, TypeVar

    from lyra_core.operations.consent import Consent
    from lyra_core.packages.git_repositories import GitRepositories
    from lyra_core.security.trust import TrustFile

    _T = TypeVar("_T")

__all__ = ["Environment", "Policies", "Progress", "open_environment"]


class Progress:
    """Told how long work goes on; this one shows nothing."""

    def start(self, phase: str, total: int) -> None:
        """A phase (`Downloading`, `Verifying`) of *total* steps begins."""

    def step(self, name: str, size: int = 0) -> None:
        """One step, of *size* bytes, was done on the package *name*."""

    def finish(self, phase: str, text: str) -> None:
        """The phase is over; *text* says what came of it."""


class Policies(Record):
    """How strict an operation is, and how it chooses.

    *locked* refuses a change of the lock, *offline* a socket, *dry_run* every write. *lowest* is empty, `all` or
    `direct`. *registry* is the name, folder or address that takes the place of the default one; *cooldown* are
    seconds that take the place of the user's, None for those.
    """

    locked: bool = False
    offline: bool = False
    dry_run: bool = False
    lowest: str = ""
    registry: str = ""
    cooldown: float | None = None
    allow_yanked: bool = False


class Environment:
    """The place an operation works in. Close it, or use it in `with`.

    *consent* is asked about new permissions; without one they are refused.
    """

    def __init__(
        self,
        project: Project,
        store: Store,
        config: UserConfig,
        policies: Policies | None = None,
        progress: Progress | None = None,
        consent: Consent | None = None,
    ) -> None:
        self.project = project
        self.store = store
        self.config = config
        self.policies = policies or Policies()
        self.progress = progress or Progress()
        self.consent = consent
        self._registries: Registries | None = None
        self._trust: TrustFile | None = None
        self._repositories: GitRepositories | None = None
        self._loop: AbstractEventLoop | None = None

    @property
    def registries(self) -> Registries:
        """The registries that can be asked."""
        if self._registries is None:
            lock = self.project.lock()
            self._registries = Registries(
                self.config,
                self.project.workspace.root,
                lock.registries if lock is not None else {},
                override=self.policies.registry,
                offline=self.policies.offline,
            )
        return self._registries

    @property
    def repositories(self) -> GitRepositories:
        """The git repositories that packages come from."""
        if self._repositories is None:
            from lyra_core.packages.git_repositories import GitRepositories

            self._repositories = GitRepositories(
                self.store,
                self.project.workspace.root,
                offline=self.policies.offline,
                told=lambda text: self.progress.finish("Fetching", text),
            )
        return self._repositories

    @property
    def trust(self) -> TrustFile:
        """Whom the user trusts."""
        if self._trust is None:
            from lyra_core.security.trust import TrustFile

            self._trust = TrustFile()
        return self._trust

    def run(self, work: Coroutine[Any, Any, _T]) -> _T:
        """Return what an asynchronous call to a registry gives; one loop serves the whole environment."""
        if self._loop is None:
            import asyncio

            self._loop = asyncio.new_event_loop()
        return self._loop.run_until_complete(work)

    def close(self) -> None:
        """Let go of registries and their connections."""
        if self._registries is not None:
            for registry in self._registries.opened():
                self.run(registry.close())
        if self._loop is not None:
            self._loop.run_until_complete(self._loop.shutdown_default_executor())
            self._loop.close()
            self._loop = None

    def __enter__(self) -> Environment:
        return self

    def __exit__(self, *exc: object) -> None:
        self.close()

    def relative(self, path: Path) -> str:
        """Return *path* as a person in the working folder would type it."""
        shown = os.path.relpath(path)
        return str(path) if shown.startswith(".." + os.sep + "..") else shown


def open_environment(
    start: str | Path | None = None,
    *,
    policies: Policies | None = None,
    progress: Progress | None = None,
    consent: Consent | None = None,
    needs_project: bool = False,
    make: Callable[[], Project] = default_project,
) -> Environment:
    """Return the environment that *start* (default: the working folder) is in: the nearest project, else the default.

    Errors: ManifestError LYR0462 without a project where *needs_project* says that one is needed; those of the
    manifest and of `config.toml`.
    """
    project = find_project(start)
    if project is None and needs_project:
        from lyra_core.operations.wheel import plugin_folder

        if plugin_folder(start or ".") is not None:
            raise ManifestError(
                "LYR0462",
                "this is a plugin in Python, which has no Lyra.toml",
                notes=("its tests are Python's (`python -m pytest`), and its wheel is published as any other",),
                hints=("lyra pkg build",),
            )
        raise ManifestError(
            "LYR0462",
            "there is no Lyra.toml here or in a folder above",
            notes=("this command works on a package",),
            hints=("lyra pkg init",),
        )
    if project is None:
        project = make()
    return Environment(
        project,
        Store(),
        read_config(),
        policies,
        progress,
        consent,
    )
