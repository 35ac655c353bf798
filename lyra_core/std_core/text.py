"""Expressions and text: printing, reading, names of symbols, what is known of them."""

from __future__ import annotations

from lyra_core.errors import LyraError
from lyra_core.evaluation.definitions import prepared
from lyra_core.evaluation.evaluator import evaluate
from lyra_core.evaluation.messages import message
from lyra_core.evaluation.state import STATE
from lyra_core.functions.attributes import attribute_names
from lyra_core.plugins import Value, module
from lyra_core.std_core.arguments import boolean, is_compound, option_name, split_options
from lyra_core.std_core.definitions import context_of, matching_symbols, value_rules
from lyra_core.std_core.output import text_of
from lyra_core.values import NULL, TRUE, Expression, List, S, String, Symbol, expression, symbols

core = module("std::core")

_FAILED = getattr(S, "$Failed")

_FORMS = frozenset(
    {
        "CForm",
        "FortranForm",
        "FullForm",
        "InputForm",
        "MathMLForm",
        "OutputForm",
        "StandardForm",
        "TeXForm",
        "TraditionalForm",
    }
)


@core.function(attributes={"Protected"})
def ToString(v: Value, *rest: Value) -> Value:
    """Give an expression as text, in OutputForm or in the form named.

    >>> {ToString[a + b], ToString[1/2, InputForm], ToString["x", InputForm]}
    {"a + b", "1/2", "\\"x\\""}
    """
    arguments, _ = split_options(
        rest, ("CharacterEncoding", "FormatType", "NumberMarks", "PageWidth", "TotalHeight", "TotalWidth")
    )
    form = "OutputForm"
    if arguments:
        name = option_name(arguments[0])
        if name not in _FORMS or len(arguments) > 1:
            message(S.ToString, "boxfmt", arguments[0])
            return None
        form = name
    if v.__class__ is String and form in ("OutputForm", "StandardForm", "TraditionalForm"):
        return v
    if form in ("CForm", "FortranForm"):
        return String(text_of(expression(getattr(S, form), (v,))))
    return String(text_of(v, form))


def parsed(text: str, owner: Symbol) -> Value:
    """Return the expression that *text* says, unevaluated; None, with the error shown, when it cannot be read."""
    if STATE.session is None:
        return None
    try:
        return STATE.session.parse(text)
    except LyraError as error:
        message(owner, "sntx", error.message)
        return None


@core.function(attributes={"Protected"}, messages={"sntx": "Invalid syntax: `1`.", "notstrbox": "`1` is not a string."})
def ToExpression(v: Value, form: Value = None, wrap: Value = None) -> Value:
    """Read text as an expression and evaluate it; a third argument is wrapped around it first.

    >>> {ToExpression["1 + 1"], ToExpression["1 + 1", InputForm, Hold]}
    {2, Hold[1 + 1]}
    """
    if v.__class__ is List:
        # read here: the rights of this call are not those of a plain ToExpression
        return List(tuple([ToExpression(each, form, wrap) for each in v.args]))
    if v.__class__ is not String:
        if v.__class__ is Symbol or v.__class__ is Expression:
            message(S.ToExpression, "notstrbox", v)
            return _FAILED
        return v
    read = parsed(v.value, S.ToExpression)
    if read is None:
        return _FAILED
    return read if wrap is None else expression(wrap, (read,))


@core.function(attributes={"Protected"})
def ToHeldExpression(v: Value) -> Value:
    """Read text as an expression inside Hold.

    >>> ToHeldExpression["1 + 1"]
    Hold[1 + 1]
    """
    return ToExpression(v, S.InputForm, S.Hold)


# ---- names


@core.function(
    name="Symbol",
    attributes={"Locked", "Protected"},
    messages={"symname": "The string `1` cannot be used for a symbol name."},
)
def symbol_native(name: Value) -> Value:
    """Give the symbol of a name; the head of every symbol.

    >>> {Symbol["x1"], Head[x]}
    {x1, Symbol}
    """
    if name.__class__ is not String:
        message(S.Symbol, "string", 1, expression(S.Symbol, (name,)))
        return None
    plain = name.value.replace("`", "").replace("$", "a").replace("::", "")
    found = parsed(name.value, S.Symbol) if plain.isidentifier() and "_" not in plain else None
    if found.__class__ is not Symbol:
        message(S.Symbol, "symname", name)
        return None
    return found


@core.function(attributes={"Protected"})
def SymbolName(symbol: Value) -> Value:
    """Give the name of a symbol as a string, without its namespace.

    >>> SymbolName[Sin]
    "Sin"
    """
    if symbol.__class__ is not Symbol:
        message(S.SymbolName, "sym", symbol, 1)
        return None
    return String(symbol.name)


@core.function(attributes={"HoldFirst", "Protected"})
def Context(symbol: Value = None) -> Value:
    """Give the context of a symbol, or the present one, in Wolfram's spelling of namespaces.

    >>> {Context[Plus], Context[x1]}
    {"System`", "Global`"}
    """
    if symbol is None:
        if STATE.session is None:
            return String("Global`")
        return String(context_of(STATE.session.names.own("x")))
    if symbol.__class__ is String:
        found = matching_symbols(symbol.value)
        if not found:
            message(S.Context, "notfound", symbol)
            return None
        symbol = found[0]
    if symbol.__class__ is not Symbol:
        symbol = evaluate(symbol)
    return String(context_of(symbol)) if symbol.__class__ is Symbol else None


@core.function(attributes={"Protected"})
def Contexts(pattern: Value = None) -> Value:
    """Give the contexts that have symbols, sorted.

    >>> MemberQ[Contexts[], "System`"]
    True
    """
    import fnmatch

    found = {context_of(symbol) for symbol in symbols}
    if pattern is not None:
        if pattern.__class__ is not String:
            return None
        found = {each for each in found if fnmatch.fnmatchcase(each, pattern.value)}
    return List(tuple([String(each) for each in sorted(found)]))


@core.function(attributes={"Protected"})
def Names(pattern: Value = None) -> Value:
    """Give the names of symbols that match a pattern: `*` stands for anything, `@` for lower-case letters.

    >>> Names["StringJoi*"]
    {"StringJoin"}
    """
    given = pattern.args if pattern.__class__ is List else (pattern,)
    found: dict[str, None] = {}
    for each in given:
        if each is not None and each.__class__ is not String:
            return None
        text = "*" if each is None else each.value
        for name in known_names(text):
            found.setdefault(name)
    return List(tuple([String(name) for name in sorted(found)]))


def known_names(pattern: str) -> list[str]:
    """Return the names of symbols and of the prelude that match a pattern."""
    import re

    from lyra_core.values.homes import HOMES

    names = {symbol.name for symbol in matching_symbols(pattern)}
    context, mark, name = pattern.rpartition("`")
    if not mark or context == "System":
        shape = re.compile("".join(".*" if ch == "*" else "[^A-Z]+" if ch == "@" else re.escape(ch) for ch in name))
        names.update(each for each in HOMES if shape.fullmatch(each))
    return sorted(names)


@core.function(attributes={"Protected"})
def NameQ(name: Value) -> Value:
    """Whether there is a symbol of this name.

    >>> {NameQ["Plus"], NameQ["noSuchName"]}
    {True, False}
    """
    return boolean(bool(known_names(name.value))) if name.__class__ is String else boolean(False)


# ---- definitions shown


def shown_definitions(v: Value) -> str | None:
    """Return the source text that `Definition[f]` and `FullDefinition[f]` print as; None for anything else."""
    if v.__class__ is not Expression or v.head not in (S.Definition, S.FullDefinition) or len(v.args) != 1:
        return None
    symbol = v.args[0]
    if symbol.__class__ is not Symbol:
        return None
    if v.head is S.Definition:
        return definition_text(symbol)
    texts = []
    for each in _used_symbols(symbol):
        text = definition_text(each)
        if text:
            texts.append(text)
    return "\n\n".join(texts)


def _used_symbols(symbol: Symbol) -> list[Symbol]:
    """Return a symbol and the symbols of programs that its definitions use, directly or not."""
    found: dict[Symbol, None] = {symbol: None}
    pending = [symbol]
    while pending:
        each = pending.pop()
        stack = [rule for kind in ("own", "down", "sub", "up") for rule in value_rules(each, kind)]
        while stack:
            node = stack.pop()
            if node.__class__ is Symbol:
                if node not in found and not node.namespace.startswith("std::"):
                    found[node] = None
                    pending.append(node)
            elif is_compound(node):
                stack.append(node.head)
                stack.extend(node.args)
    return list(found)


def definition_text(symbol: Symbol) -> str:
    """Return the definitions of a symbol as source text, one a line; empty when there is none."""
    lines = []
    name = text_of(symbol, "InputForm")
    attributes = attribute_names(prepared(symbol).attributes)
    if attributes and not symbol.namespace.startswith("std::"):
        lines.append(f"Attributes[{name}] = {{{', '.join(attributes)}}}")
    kinds = () if "ReadProtected" in attributes else ("own", "down", "sub", "up", "n_values", "defaults")
    for kind in kinds:
        for rule in value_rules(symbol, kind):
            left, right = rule.args
            delayed = kind != "own" or symbol.own is None
            lines.append(
                f"{text_of(left.args[0], 'InputForm')} {':=' if delayed else '='} {text_of(right, 'InputForm')}"
            )
    if symbol.rules is not None and symbol.rules.options:
        lines.append(f"Options[{name}] = {text_of(List(tuple(symbol.rules.options)), 'InputForm')}")
    return "\n".join(lines)


@core.function(attributes={"HoldAll", "Protected"})
def Definition(symbol: Value) -> Value:
    """The definitions of a symbol; printed as source text.

    >>> f1[x_] := x^2; ToString[Definition[f1]]
    "f1[x_] := x^2"
    """
    return None


core.symbol(
    "FullDefinition",
    "The definitions of a symbol and of the symbols they use; printed as source text.",
    attributes={"HoldAll", "Protected"},
)


@core.function(attributes={"HoldAll", "Protected", "ReadProtected"})
def Information(v: Value, *options: Value) -> Value:
    """Write what is known of a symbol, `?name`; `LongForm -> True` (`??name`) adds attributes, options, definitions.

    >>> Information[x1]
    """
    _, given = split_options(options, ("LongForm",))
    out = STATE.out()
    if v.__class__ is String:
        found = known_names(v.value)
        if len(found) == 1:
            v = parsed(found[0], S.Information)
        else:
            out.write("\n".join(found) + "\n" if found else f"no name matches {v.value}\n")
            return NULL
    if v.__class__ is not Symbol:
        v = evaluate(v)
    if v.__class__ is not Symbol:
        return None
    out.write(information_text(v, long=given.get("LongForm") is TRUE) + "\n")
    return NULL


def information_text(symbol: Symbol, long: bool) -> str:
    """Return what is known of a symbol: signature, documentation, and (*long*) attributes, options, definitions."""
    parts = [symbol.qualified_name]
    export = getattr(symbol.native, "export", None)
    if export is None and STATE.session is not None:
        found = STATE.session.index.find_module(symbol.namespace) if symbol.namespace else None
        export = found.get(symbol.name) if found is not None else None
    usage = symbol.rules.messages.get("usage") if prepared(symbol).rules is not None else None
    if export is not None and export.signature_text:
        parts.append(export.signature_text)
    if usage.__class__ is String:
        parts.append(usage.value)
    elif export is not None and export.documentation:
        parts.append(export.documentation)
    if long:
        names = attribute_names(symbol.attributes)
        if names:
            parts.append("Attributes: " + ", ".join(names))
        if export is not None and export.options:
            parts.append("Options: " + ", ".join(f"{name} -> {value}" for name, value in export.options.items()))
    text = definition_text(symbol)
    if text:
        parts.append(text)
    return "\n".join(parts)


@core.function(attributes={"Protected"})
def Out(line: Value = None) -> Value:
    """Give the value of an earlier line of the session, `%n`, or the n-th last one, `%%`.

    >>> Head[Out]
    Symbol
    """
    history = STATE.history
    if line is None:
        line = -1
    if line.__class__ is not int:
        return None
    session = STATE.session
    return history.get(line if line > 0 else (session.line if session is not None else 0) + line)


@core.function(attributes={"Protected"}, prelude=False)
def SessionValue(name: Value) -> Value:
    """What the session knows: the value of `$Context`, `$Line`, `$ModuleNumber`, `$CommandLine`, `$ScriptCommandLine`.

    >>> $Context
    "Global`"
    """
    wanted = name.value if name.__class__ is String else ""
    if wanted == "$Context":
        return Context()
    if wanted == "$Line":
        return STATE.session.line if STATE.session is not None else 0
    if wanted == "$ModuleNumber":
        from lyra_core.values.symbol import module_number

        return module_number()
    if wanted == "$ScriptCommandLine":
        arguments = STATE.session.arguments if STATE.session is not None else ()
        return List(tuple([String(each) for each in arguments]))
    if wanted == "$CommandLine":
        import sys

        return List(tuple([String(each) for each in sys.argv]))
    return None


@core.function(attributes={"Protected"})
def InputString(prompt: Value = None) -> Value:
    """Read a line from standard input and give it as a string; EndOfFile when there is none."""
    import sys

    if prompt is not None:
        stream = STATE.out()
        stream.write(text_of(prompt))
        stream.flush()
    line = sys.stdin.readline()
    return String(line.rstrip("\n")) if line else S.EndOfFile


@core.function(name="Input", attributes={"Protected"})
def read_input(prompt: Value = None) -> Value:
    """Read a line from standard input as an expression and evaluate it; EndOfFile when there is none."""
    line = InputString(prompt)
    if line.__class__ is not String:
        return line
    read = parsed(line.value, S.Input)
    return _FAILED if read is None else read


# ---- hashes


@core.function(attributes={"Protected"})
def Hash(v: Value, kind: Value = None, form: Value = None) -> Value:
    """Give a hash of a value: an integer of the program's own, or that of "MD5", "SHA", "SHA256", "CRC32" …

    A third argument, "HexString" or "DecimalString", gives text. A string is hashed by its UTF-8 bytes.

    >>> Hash["hello", "MD5", "HexString"]
    "5d41402abc4b2a76b9719d911017c592"
    """
    name = "Expression" if kind is None else option_name(kind)
    data = v.value.encode() if v.__class__ is String else text_of(v, "InputForm").encode()
    digest = _digest(name or "", data)
    if digest is None:
        return None
    size, number = digest
    if form is None:
        return number
    wanted = option_name(form)
    if wanted == "HexString":
        return String(f"{number:0{size * 2}x}")
    if wanted == "DecimalString":
        return String(str(number))
    return number if wanted == "Integer" else None


def _digest(name: str, data: bytes) -> tuple[int, int] | None:
    """Return (bytes, number) of a hash."""
    import zlib

    if name == "CRC32":
        return 4, zlib.crc32(data)
    if name == "Adler32":
        return 4, zlib.adler32(data)
    import hashlib

    algorithm = {
        "Expression": "sha256",
        "MD5": "md5",
        "SHA": "sha1",
        "SHA1": "sha1",
        "SHA256": "sha256",
        "SHA384": "sha384",
        "SHA512": "sha512",
        "SHA3-256": "sha3_256",
        "SHA3-512": "sha3_512",
    }.get(name)
    if algorithm is None:
        return None
    digest = hashlib.new(algorithm, data, usedforsecurity=False).digest()
    if name == "Expression":
        digest = digest[:8]
    return len(digest), int.from_bytes(digest, "big")


# ---- joining strings: what an interpolated string is made of


@core.function(attributes={"Flat", "OneIdentity", "Protected"})
def StringJoin(*parts: Value) -> Value:
    """Join strings, and strings in lists, `a <> b`.

    >>> {"ab" <> "c", StringJoin[{"x", {"y"}}, "z"]}
    {"abc", "xyz"}
    """
    out: list[str] = []
    if not _collect_strings(parts, out):
        for i, each in enumerate(parts):
            if each.__class__ is not String and each.__class__ is not List:
                message(S.StringJoin, "string", i + 1, expression(S.StringJoin, parts))
                break
        return None
    return String("".join(out))


@core.function(
    attributes={"Flat", "OneIdentity", "Protected"},
    messages={"invld": "Element `1` is not a valid string or pattern element in `2`."},
)
def StringExpression(*parts: Value) -> Value:
    """`"a" ~~ x_ ~~ b` is a pattern of strings; strings side by side are joined.

    >>> {"a" ~~ "b", "a" ~~ "b" ~~ x_}
    {"ab", "ab"~~x_}
    """
    if not parts:
        return String("")
    out: list[Value] = []
    for part in parts:
        if part.__class__ is String and out and out[-1].__class__ is String:
            out[-1] = String(out[-1].value + part.value)
        else:
            out.append(part)
    if len(out) == 1:
        return out[0]
    return None if len(out) == len(parts) else expression(S.StringExpression, tuple(out))


def _collect_strings(parts: tuple[Value, ...], out: list[str]) -> bool:
    for each in parts:
        if each.__class__ is String:
            out.append(each.value)
        elif each.__class__ is not List or not _collect_strings(each.args, out):
            return False
    return True
