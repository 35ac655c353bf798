"""The options that package commands share, declared once, and the registration of a command that takes them."""

from __future__ import annotations

import functools
import inspect
import typing
from collections.abc import Callable
from typing import Any

import typer

from lyra_core.cli.pkg.common import Common, fail
from lyra_core.errors import LyraError

__all__ = ["package_command"]

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
    typer.Option(
        "", "--confirm", metavar="NAME", help="the name of the package that --allow gives rights over the machine"
    ),
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
                common = _common(values)
                code = function(common, **given)
            except LyraError as error:
                return fail(error, json=bool(values.get("json")))
            if common.dry_run and code == 0:
                common.talk("nothing was written (--dry-run)")
            return code

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
