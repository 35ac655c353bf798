"""What the package commands share: the options they have in common, the environment these make, and how they speak.

Imports no typer: the front door uses it too.
"""

from __future__ import annotations

import os
import sys

from lyra_core.cli.exit_codes import exit_code_of
from lyra_core.cli.output import report, say, write_json
from lyra_core.environment import wants_color
from lyra_core.errors import LyraError, LyraErrors
from lyra_core.operations.environment import Environment, Policies, open_environment
from lyra_core.records import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any

    from lyra_core.operations.consent import PermissionRequest
    from lyra_core.packages.project import Project

__all__ = ["Common", "fail", "project_label"]


class Common(Record):
    """The options that many package commands share."""

    json: bool = False
    quiet: bool = False
    verbose: bool = False
    dry_run: bool = False
    locked: bool = False
    offline: bool = False
    lowest: str = ""
    registry: str = ""
    allow: bool = False
    confirm: str = ""
    cooldown: float | None = None
    allow_yanked: bool = False

    def environment(self, *, needs_project: bool = False) -> Environment:
        """Return the environment of the working folder under these options."""
        from lyra_core.cli.pkg.progress import ProgressBar

        return open_environment(
            needs_project=needs_project,
            policies=Policies(
                self.locked, self.offline, self.dry_run, self.lowest, self.registry, self.cooldown, self.allow_yanked
            ),
            progress=ProgressBar(self.quiet or self.json),
            consent=self.consent,
        )

    def consent(self, requests: Sequence[PermissionRequest]) -> set[str]:
        """Return the packages whose new permissions are granted: by `--allow`, or by a person at a terminal."""
        if self.allow:
            return {each.name for each in requests if not each.is_broad or each.name == self.confirm}
        if self.locked or self.json or not (sys.stdin.isatty() and sys.stderr.isatty()):
            return set()
        return {each.name for each in requests if _ask(each)}

    def talk(self, text: str) -> None:
        """Say *text* to the person, unless the command is to be quiet."""
        if not self.quiet and not self.json:
            say(text)

    def detail(self, text: str) -> None:
        """Say what only --verbose wants to know."""
        if self.verbose:
            self.talk(text)

    def document(self, name: str, data: dict[str, Any]) -> None:
        """Write the one JSON document of the command *name*."""
        write_json(f"lyra.pkg.{name}/1", data)

    def phase(self, word: str, text: str) -> None:
        """Say one line of progress: the word in a column of its own."""
        color = wants_color(sys.stderr)
        shown = word.rjust(12)
        self.talk(f"\x1b[32;1m{shown}\x1b[0m {text}" if color else f"{shown} {text}")


def _ask(request: PermissionRequest) -> bool:
    """Ask the person at the terminal about one package; a right over the machine needs its name typed."""
    asked = ", ".join(request.new.lines())
    if request.is_broad:
        say("\n".join(f"  {line}" for line in request.lines()))
        sys.stderr.write(f"  this is a right over your machine. To allow it type the name {request.name} › ")
        sys.stderr.flush()
        return sys.stdin.readline().strip() == request.name
    while True:
        sys.stderr.write(f"  allow {request.name} `{asked}` in this project? [y]es [d]etails [N]o › ")
        sys.stderr.flush()
        answer = sys.stdin.readline().strip().lower()
        if answer not in ("d", "details"):
            return answer in ("y", "yes")
        say("\n".join(f"  {line}" for line in request.lines()))


def fail(error: LyraError, *, json: bool = False) -> int:
    """Show *error*, its last line a command one can type, and return the exit code it means."""
    from lyra_core.packages.solver.failure import NoSolution

    _shorten(error)
    if json:
        if isinstance(error, NoSolution):
            write_json("lyra.error/1", error.to_json())
            return exit_code_of(error)
        return report(error, json=True)
    if not isinstance(error, NoSolution):
        code = report(error)
        last = error.errors[-1] if isinstance(error, LyraErrors) else error
        if not last.hints or "lyra " not in last.hints[-1]:
            say(f"next: lyra explain {last.code}")
        return code
    from lyra_core.packages.solver.failure import render_conflict

    say(render_conflict(error, color=wants_color(sys.stderr)))
    say(f"next: {error.suggestions[0].command if error.suggestions else 'lyra explain ' + error.code}")
    return exit_code_of(error)


def _shorten(error: LyraError) -> None:
    """Write the files of *error* as the person in this folder would: relative, where that is shorter."""
    core = [each.dependency.span for each in getattr(error, "core", ())]
    for span in [each.span for each in (error, *getattr(error, "errors", ()))] + core:
        if span is not None and os.path.isabs(span.source.name):
            shown = os.path.relpath(span.source.name)
            if len(shown) < len(span.source.name):
                span.source.name = shown


def project_label(project: Project) -> str:
    """Return how a command speaks of the project: `the default environment` outside of one."""
    return "the default environment" if project.is_default else project.name or "this workspace"
