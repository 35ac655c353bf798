"""Options that several commands share, declared once."""

from __future__ import annotations

from enum import StrEnum

import typer

__all__ = ["Form", "FormOption", "JsonOption", "NoPluginsOption", "Settings", "settings_of"]


class Form(StrEnum):
    """How values are written; the words of `lyra_core.cli.forms`."""

    input = "input"
    output = "output"
    full = "full"
    json = "json"


class Settings:
    """What the options before the command say: they hold unless the command's own options differ."""

    __slots__ = ("each", "form", "plugins")

    def __init__(self, plugins: bool = True, form: str = "", each: bool = False) -> None:
        self.plugins = plugins
        self.form = form
        self.each = each


FormOption = typer.Option(None, "--format", help="how values are written: input, output, full or json")
JsonOption = typer.Option(False, "--json", help="one JSON document instead of text")
NoPluginsOption = typer.Option(False, "--no-plugins", help="use no plugin: std::core alone")


def settings_of(context: typer.Context, no_plugins: bool, form: Form | None) -> Settings:
    """Return the settings for a command: its own options, else those before the command's name."""
    outer = context.find_root().obj
    settings = outer if isinstance(outer, Settings) else Settings()
    return Settings(
        plugins=settings.plugins and not no_plugins,
        form=form.value if form is not None else settings.form,
        each=settings.each,
    )
