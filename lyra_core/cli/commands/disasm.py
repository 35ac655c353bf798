"""`lyra disasm FILE` and `lyra disasm -c CODE`: the bytecode of statements, definitions and pure functions."""

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    import typer

    from lyra_core.runtime.session import Session
    from lyra_core.source import Source
    from lyra_core.values import Symbol

__all__ = ["add_to", "disassemble_source"]


def disassemble_source(source: "Source", *, plugins: bool = True, lowered: bool = False) -> int:
    """Write the bytecode of every statement of *source* and of every symbol that it defines; returns the exit code.

    Definitions are made, so that what calls them is compiled as it would be; nothing else is evaluated.
    *lowered* adds the Python text that the code becomes.
    """
    from lyra_core.cli.output import report, write
    from lyra_core.errors import LyraError
    from lyra_core.runtime.session import Session
    from lyra_core.syntax import parse_program
    from lyra_core.syntax.nodes import Import
    from lyra_core.values import S

    with Session(plugins=plugins) as session:
        try:
            program = parse_program(source)
            resolver = session._resolver(source)
            defined: dict[Symbol, set[int]] = {}
            for statement in program.statements:
                if isinstance(statement.node, Import):
                    session.names.add_import(statement.node, source)
                    continue
                value, places = resolver.resolve(statement.node)
                target = _defined(value)
                if target is not None:
                    session.protected(value)
                    defined.setdefault(target[0], set()).add(target[1])
                    continue
                if getattr(value, "head", None) in (S.SetAttributes, S.ClearAttributes):
                    session.protected(value)
                write(_statement(session, value, places, source, lowered) + "\n")
            for symbol, counts in defined.items():
                for count in sorted(counts):
                    write(_rules(session, symbol, count, lowered) + "\n")
        except LyraError as error:
            return report(error)
    return 0


def _defined(value: "Any") -> "tuple[Symbol, int] | None":
    """Return the symbol and count of arguments that `f[…] = …` or `:=` defines."""
    from lyra_core.values import Expression, S, Symbol

    if value.__class__ is not Expression or value.head not in (S.Set, S.SetDelayed) or len(value.args) != 2:
        return None
    left = value.args[0]
    while left.__class__ is Expression and left.head is S.Condition:
        left = left.args[0]
    if left.__class__ is Expression and left.head.__class__ is Symbol:
        return left.head, len(left.args)
    return None


def _statement(session: "Session", value: "Any", places: "Any", source: "Source", lowered: bool) -> str:
    from lyra_core.compiler.compile import compile_statement
    from lyra_core.evaluation.linkage import WORLD

    code, _ = compile_statement(value, places, source, WORLD)
    return _listing(session, code, -1, lowered)


def _rules(session: "Session", symbol: "Symbol", count: int, lowered: bool) -> str:
    from lyra_core.compiler.compile import compile_rules
    from lyra_core.evaluation.linkage import WORLD

    rules = symbol.rules
    if rules is None or not rules.has_down:
        return f"rules {symbol.name}: none"
    code, _ = compile_rules(symbol, count, rules.down, list(rules.literal.values()), WORLD)
    return _listing(session, code, -1, lowered)


def _listing(session: "Session", code: "Any", own_index: int, lowered: bool) -> str:
    from lyra_core.bytecode.disassembler import disassemble
    from lyra_core.compiler.compile import HIDDEN
    from lyra_core.evaluation.linkage import WORLD

    def show(value: "Any") -> str:
        return session.text_of(value).replace(HIDDEN, "")

    text = disassemble(code, show, lambda index: WORLD.symbol_at(index).qualified_name)
    if lowered:
        from lyra_core.lowering.lower import TooDeep, lower

        try:
            text += "\n\n" + lower(code, WORLD, own_index).text.rstrip()
        except TooDeep:
            text += "\n\n# nests too deep for Python: left to the evaluator"
    return text


def add_to(app: "typer.Typer") -> None:
    """Add `disasm` to the application."""
    import typer

    from lyra_core.cli.options import NoPluginsOption, settings_of

    @app.command("disasm")
    def disasm(
        context: typer.Context,
        file: str = typer.Argument("", metavar="[FILE]", help="a Lyra source file"),
        code: str = typer.Option("", "-c", help="source text instead of a file"),
        python: bool = typer.Option(False, "--python", help="add the Python text that the bytecode becomes"),
        no_plugins: bool = NoPluginsOption,
    ) -> int:
        """Show the bytecode of statements and definitions."""
        from lyra_core.runtime.session import read_source
        from lyra_core.source import Source

        if bool(file) == bool(code):
            raise typer.BadParameter("name a FILE, or give source text with -c")
        source = Source("<command line>", code) if code else read_source(file)
        return disassemble_source(source, plugins=settings_of(context, no_plugins, None).plugins, lowered=python)
