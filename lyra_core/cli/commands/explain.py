"""`lyra explain CODE`: the page about an error."""

import os

from lyra_core.errors import RuntimeFault

TYPE_CHECKING = False
if TYPE_CHECKING:
    import typer

__all__ = ["add_to", "explain", "known_codes"]

PAGES = os.path.join(os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__)))), "error_pages")


def known_codes() -> list[str]:
    """Return every code that has a page, sorted."""
    return sorted(name.removesuffix(".md") for name in os.listdir(PAGES) if name.startswith("LYR"))


def explain(code: str, *, json: bool = False) -> int:
    """Write the page of *code* (`LYR0312`, `lyr312` and `312` are the same); returns the exit code.

    Errors: LYR0933 for a code that has no page.
    """
    from lyra_core.cli.output import write, write_json

    wanted = _normal(code)
    try:
        with open(os.path.join(PAGES, f"{wanted}.md"), encoding="utf-8") as file:
            text = file.read().strip()
    except OSError as error:
        from lyra_core.suggest import nearest

        close = nearest(wanted, known_codes())
        raise RuntimeFault(
            "LYR0933",
            f"no error has the code {code}",
            hints=tuple(f"lyra explain {each}" for each in close) or ("lyra explain --list",),
        ) from error
    if json:
        title, _, body = text.partition("\n")
        write_json("lyra.explain/1", {"code": wanted, "title": title.partition(": ")[2], "text": body.strip()})
    else:
        write(text)
    return 0


def _normal(code: str) -> str:
    digits = code.strip().upper().removeprefix("LYR")
    return f"LYR{digits.zfill(4)}" if digits.isdigit() else code.strip().replace(os.sep, "_")


def add_to(app: "typer.Typer") -> None:
    """Add `explain` to the application."""
    import typer

    from lyra_core.cli.options import JsonOption

    @app.command("explain")
    def explain_command(
        code: str = typer.Argument("", metavar="CODE", help="as it stands in an error: LYR0312"),
        list_codes: bool = typer.Option(False, "--list", help="all codes with their titles"),
        json: bool = JsonOption,
    ) -> int:
        """Explain an error: what happened, why, an example, what to do."""
        if list_codes or not code:
            return list_titles(json=json)
        return explain(code, json=json)


def list_titles(*, json: bool = False) -> int:
    """Write every code with the title of its page; returns the exit code."""
    from lyra_core.cli.output import table, write, write_json

    titles = []
    for code in known_codes():
        with open(os.path.join(PAGES, f"{code}.md"), encoding="utf-8") as file:
            titles.append((code, file.readline().strip().partition(": ")[2]))
    if json:
        write_json("lyra.explain.list/1", {"codes": [{"code": code, "title": title} for code, title in titles]})
    else:
        write(table(("code", "what it is about"), titles))
    return 0
