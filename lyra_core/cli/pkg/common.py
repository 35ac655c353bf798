"""What the package commands share: their options, the environment they make of them, and how they speak."""

from __future__ import annotations

import functools
import inspect
import os
import sys
import typing
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import typer

from lyra_core.cli.exit_codes import exit_code_of
from lyra_core.cli.output import report, say, write_json
from lyra_core.environment import wants_color
from lyra_core.errors import LyraError, LyraErrors
from lyra_core.operations.environment import Environment, Policies, open_environment

if TYPE_CHECKING:
    from lyra_core.operations.consent import PermissionRequest
    from lyra_core.packages.project import Project

__all__ = ["Common", "fail", "package_command", "project_label"]


@dataclass(frozen=True, slots=True)
class Common:
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


_JSON = ("json", bool, typer.Option(False, "--json", help="one JSON document instead of text"))
_QUIET = ("quiet", bool, typer.Option(False, "-q", "--quiet", help="say nothing but errors"))
_VERBOSE = ("verbose", bool, typer.Option(False, "-v", "--verbose", help="say more"))
_DRY_RUN = ("dry_run", bool, typer.Option(False, "--dry-run", help="show what would be done and write nothing"))
_LOCKED = ("locked", bool, typer.Option(False, "--locked", help="fail when lyra.lock would change"))
_OFFLINE = ("offline", bool, typer.Option(False, "--offline", help="open no socket"))
_FROZEN = ("frozen", bool, typer.Option(False, "--frozen", help="--locked and --offline"))
_LOWEST = ("all_lowest", bool, typer.Option(False, "--lowest", help="the lowest versions that fit"))
_DIRECT = ("direct_lowest", bool, typer.Option(False, "--direct-lowest", help="the lowest for direct dependencies"))
_REGISTRY = ("registry", str, typer.Option("", "--registry", metavar="NAME|FOLDER|URL", help="in place of the default"))
_ALLOW = ("allow", bool, typer.Option(False, "--allow", help="grant the new permissions that packages ask for"))
_CONFIRM = (
    "confirm",
    str,
    typer.Option("", "--confirm", metavar="NAME", help="the name of the package that --allow gives rights over the machine"),
)
_YANKED = ("allow_yanked", bool, typer.Option(False, "--allow-yanked", help="`=x.y.z` may name a yanked version"))
_COOLDOWN = ("cooldown", str, typer.Option("", "--cooldown", metavar="TIME", help="age of a release to take: 0s, 24h"))

_GROUPS = {
    "talk": (_JSON, _QUIET, _VERBOSE),
    "write": (_DRY_RUN,),
    "lock": (_LOCKED, _OFFLINE, _FROZEN),
    "choose": (_LOWEST, _DIRECT, _ALLOW, _CONFIRM, _YANKED, _COOLDOWN),
    "registry": (_REGISTRY,),
}


def package_command(
    app: typer.Typer, name: str, *groups: str, hidden: bool = False
) -> Callable[[Callable[..., int]], Callable[..., int]]:
    """Register a function as the command *name*: its first parameter receives the options of *groups* as `Common`."""
    shared = [each for group in ("talk", *groups) for each in _GROUPS[group]]

    def register(function: Callable[..., int]) -> Callable[..., int]:
        hints = typing.get_type_hints(function)
        own = list(inspect.signature(function).parameters.values())[1:]

        @functools.wraps(function)
        def run(**given: Any) -> int:
            values = {each[0]: given.pop(each[0]) for each in shared if each[0] in given}
            try:
                return function(_common(values), **given)
            except LyraError as error:
                return fail(error, json=bool(values.get("json")))

        parameters = [
            each.replace(annotation=hints[each.name], kind=inspect.Parameter.KEYWORD_ONLY) for each in own
        ] + [
            inspect.Parameter(key, inspect.Parameter.KEYWORD_ONLY, default=default, annotation=kind)
            for key, kind, default in shared
        ]
        run.__signature__ = inspect.Signature(parameters)  # type: ignore[attr-defined]  # what typer reads
        run.__annotations__ = {each.name: each.annotation for each in parameters}
        del run.__wrapped__  # typer would look through to the first parameter
        app.command(name, hidden=hidden)(run)
        return function

    return register


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


def _common(values: dict[str, Any]) -> Common:
    frozen = values.pop("frozen", False)
    everything, direct = values.pop("all_lowest", False), values.pop("direct_lowest", False)
    cooldown = values.pop("cooldown", "")
    values["locked"] = values.get("locked", False) or frozen
    values["offline"] = values.get("offline", False) or frozen
    values["lowest"] = "all" if everything else "direct" if direct else ""
    values["cooldown"] = _seconds(cooldown) if cooldown else None
    return Common(**values)


def _seconds(text: str) -> float:
    from lyra_core.errors import RuntimeFault
    from lyra_core.packages.units import parse_duration

    found = parse_duration(text)
    if found is None:
        raise RuntimeFault(
            "LYR0930", f"`{text}` is no duration with a unit", hints=("write a number and a unit: --cooldown 24h",)
        )
    return found


def project_label(project: Project) -> str:
    """Return how a command speaks of the project: `the default environment` outside of one."""
    return "the default environment" if project.is_default else project.name or "this workspace"
