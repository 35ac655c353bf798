"""Expressions and definitions in files: Get, Put, Save."""

from __future__ import annotations

from lyra_core.errors import LyraError
from lyra_core.evaluation.evaluator import evaluate
from lyra_core.evaluation.state import STATE
from lyra_core.plugins import Expression, List, String, Symbol, Value, module
from lyra_core.runtime.files import open_file
from lyra_core.values import NULL, S, expression
from lyra_core.values.printing.writer import Writer
from lyra_std_io.arguments import FAILED, file_name, problem
from lyra_std_io.streams import read_text

functions = module("std::io")

_PLAIN = {"Protected"}
_MESSAGES = {"noopen": "Cannot open `1`.", "sym": "`1` is not a symbol or a list of symbols."}


@functions.function(attributes=_PLAIN, capabilities={"fs.read", "code.load"}, checked=False, messages=_MESSAGES)
def Get(file: String) -> Value:
    """Read a file of Lyra source, evaluate it statement by statement and give the last value; `<< file`.

    >>> f = CreateTemporary[]; Put[{1, x}, f]; {Get[f], DeleteFile[f]}
    {{1, x}, Null}
    """
    path = file_name(file)
    if path is None or STATE.session is None:
        return None
    try:
        text = read_text(path)
    except OSError:
        return problem("Get", "noopen", String(path))
    try:
        return STATE.session.evaluate_text(text, path)
    except LyraError as error:
        STATE.session.report(error)
        return FAILED


def _unmistakable(symbol: Symbol) -> str:
    """Return a name that means the same wherever the file is read: all but the user's own are qualified."""
    from lyra_core.values.homes import HOMES

    namespace = symbol.namespace
    if namespace == "user" and symbol.name in HOMES:
        return symbol.qualified_name
    if not namespace or namespace == "user" or HOMES.get(symbol.name) == namespace:
        return symbol.name
    return symbol.qualified_name


def _put(name: str, args: tuple[Value, ...], mode: str) -> Symbol | None:
    *values, file = args
    path = file_name(file)
    if path is None:
        return None
    text = "".join([Writer(_unmistakable).text(v) + "\n" for v in values])
    try:
        with open_file(path, mode) as opened:
            opened.write(text.encode("utf-8", "surrogatepass"))
    except OSError:
        return problem(name, "noopen", String(path))
    return NULL


@functions.function(attributes=_PLAIN, capabilities={"fs.write"}, checked=False, messages=_MESSAGES)
def Put(*values: Value) -> Symbol | None:
    """Write expressions in InputForm, one a line, to the file named last; `expr >> file`.

    Names of the prelude and of the user stand bare, all others qualified, so that Get finds the same symbols.

    >>> f = CreateTemporary[]; Put[a + b, "s", f]; {ReadString[f], DeleteFile[f]}
    {"a + b\\n\\"s\\"\\n", Null}
    """
    return _put("Put", values, "wb") if values else None


@functions.function(attributes=_PLAIN, capabilities={"fs.write"}, checked=False, messages=_MESSAGES)
def PutAppend(*values: Value) -> Symbol | None:
    """Write expressions in InputForm behind what the file named last holds; `expr >>> file`.

    >>> f = CreateTemporary[]; Put[1, f]; PutAppend[2, f]; {ReadList[f], DeleteFile[f]}
    {{1, 2}, Null}
    """
    return _put("PutAppend", values, "ab") if values else None


@functions.function(attributes={"HoldRest", "Protected"}, capabilities={"fs.write"}, checked=False, messages=_MESSAGES)
def Save(file: String, symbols: Symbol | List) -> Symbol | None:
    """Write the definitions of a symbol, or of each of a list, behind what a file holds; Get makes them again.

    The definitions of other symbols that they use are not written.

    >>> f = CreateTemporary[]; sq[x_] := x^2; Save[f, sq]; Clear[sq]; Get[f]; {sq[3], DeleteFile[f]}
    {9, Null}
    """
    path = file_name(file)
    if path is None:
        return None
    wanted = symbols.args if symbols.__class__ is List else (symbols,)
    lines = []
    for each in wanted:
        if each.__class__ is not Symbol:
            return problem("Save", "sym", each)
        lines += _definitions(each)
    text = "".join([Writer(_unmistakable).text(line) + "\n" for line in lines])
    try:
        with open_file(path, "ab") as opened:
            opened.write(text.encode("utf-8", "surrogatepass"))
    except OSError:
        return problem("Save", "noopen", String(path))
    return NULL


def _definitions(symbol: Symbol) -> list[Expression]:
    """Return the assignments that make the definitions of *symbol* again."""
    made: list[Expression] = []
    for values in ("OwnValues", "DownValues", "SubValues", "UpValues"):
        found = evaluate(expression(getattr(S, values), (symbol,)))
        for rule in found.args if found.__class__ is List else ():
            left, right = rule.args
            if left.__class__ is Expression and left.head is S.HoldPattern:
                left = left.args[0]
            if values == "UpValues":
                made.append(expression(S.TagSetDelayed, (symbol, left, right)))
            else:
                made.append(expression(S.SetDelayed, (left, right)))
    return made
