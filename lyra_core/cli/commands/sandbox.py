"""`lyra sandbox status`: how foreign code of packages is held on this system, and what remains open."""

TYPE_CHECKING = False
if TYPE_CHECKING:
    import typer

__all__ = ["add_to", "status"]


def status(*, json: bool = False) -> int:
    """Write the level of the sandbox; the exit code is that of a refusal where none holds."""
    from lyra_core.cli.exit_codes import OK, PERMISSION
    from lyra_core.cli.output import write, write_json
    from lyra_core.security.sandbox import sandbox_status

    found = sandbox_status()
    if json:
        write_json("lyra.sandbox.status/1", found.as_data())
    else:
        write("\n".join(found.lines()))
    return OK if found.is_available else PERMISSION


def add_to(app: "typer.Typer") -> None:
    """Add `sandbox` to the application."""
    import typer

    from lyra_core.cli.options import JsonOption

    sandbox = typer.Typer(help="The sandbox of foreign modules.", no_args_is_help=True, rich_markup_mode=None)

    @sandbox.callback()
    def group() -> None:
        """The sandbox of foreign modules."""

    @sandbox.command("status")
    def status_command(json: bool = JsonOption) -> int:
        """What locks foreign code in on this system, what is missing, what remains open."""
        return status(json=json)

    app.add_typer(sandbox, name="sandbox")
