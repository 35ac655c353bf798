"""Formats: JSON, CSV and other tables, TOML, text; from strings and files and back."""

from __future__ import annotations

from lyra_core.errors import LyraError
from lyra_core.evaluation.messages import message
from lyra_core.evaluation.state import STATE
from lyra_core.plugins import Association, Expression, List, String, Symbol, Value, module
from lyra_core.runtime.files import open_file
from lyra_core.values import FALSE, NULL, NUMBER_TYPES, TRUE, Rational, S, expression
from lyra_core.values.printing import to_text
from lyra_std_io.arguments import FAILED, file_name, list_of, option_of, problem
from lyra_std_io.paths import format_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

functions = module("std::io")

_PLAIN = {"Protected"}
_IMPORT = {
    "nffil": "File `1` not found during Import.",
    "noopen": "Cannot open `1`.",
    "fmterr": "Cannot import data as `1`: `2`.",
    "fmtnosup": "`1` is not a supported format: JSON, RawJSON, CSV, TSV, Table, TOML, Text, String, Lines, Words, "
    "List, Byte, Package are.",
    "url": "`1` is an address: fetch it with URLRead, which needs the permission `net`.",
}
_EXPORT = {
    "noopen": "Cannot open `1`.",
    "fmterr": "`2` cannot be written as `1`.",
    "fmtnosup": "`1` is not a supported format: JSON, RawJSON, CSV, TSV, Table, TOML, Text, String, Lines, List, Byte, "
    "Package are.",
    "infer": "Cannot infer the format of file `1`.",
}


class _Unwritable(Exception):
    """A value has no form in the format; *value* is that part."""

    def __init__(self, value: Value) -> None:
        super().__init__(value)
        self.value = value


class _Unreadable(Exception):
    """The data do not have the form of the format."""


# ---- JSON


def _from_json(v: Value, rules: bool) -> Value:
    """Return what Python's json read as a value: objects as lists of rules, or as associations."""
    if v is None:
        return NULL
    if v is True or v is False:
        return TRUE if v else FALSE
    c = v.__class__
    if c is str:
        return String(v)
    if c is list:
        return List(tuple([_from_json(a, rules) for a in v]))
    if c is dict:
        pairs = [(String(k), _from_json(a, rules)) for k, a in v.items()]
        if rules:
            return List(tuple([expression(S.Rule, p) for p in pairs]))
        return Association.from_pairs(pairs)
    return v


def _read_json(text: str, rules: bool) -> Value:
    import json

    try:
        return _from_json(json.loads(text), rules)
    except (ValueError, RecursionError) as error:
        raise _Unreadable(str(error)) from error


def _key(v: Value) -> str:
    if v.__class__ is String:
        return v.value
    if v.__class__ is Symbol:
        return v.name
    if v.__class__ is int:
        return str(v)
    raise _Unwritable(v)


def _plain(v: Value, dates: bool = False) -> Value:
    """Return a value as Python data for JSON and TOML."""
    c = v.__class__
    if c is int or c is float:
        if c is float and v - v != 0:
            raise _Unwritable(v)
        return v
    if c is String:
        return v.value
    if v is TRUE or v is FALSE:
        return v is TRUE
    if v is NULL or v is getattr(S, "None"):
        return None
    if c is Association:
        return {_key(k): _plain(a) for k, a in v.pairs()}
    if c is List:
        if v.args and all(a.__class__ is Expression and a.head is S.Rule and len(a.args) == 2 for a in v.args):
            return {_key(a.args[0]): _plain(a.args[1]) for a in v.args}
        return [_plain(a) for a in v.args]
    if c in NUMBER_TYPES and c.__name__ == "BigReal":
        from lyra_core.values.number import as_float

        return as_float(v)
    if c is Rational:
        return v.numerator / v.denominator
    raise _Unwritable(v)


def _write_json(v: Value, compact: bool) -> str:
    import json

    plain = _plain(v)
    if compact:
        return json.dumps(plain, ensure_ascii=False, separators=(",", ":"))
    return json.dumps(plain, ensure_ascii=False, indent="\t", separators=(",", ":"))


# ---- tables


def _cell(text: str) -> Value:
    """Return a field: an integer, a real, or the string itself."""
    plain = text.strip()
    if not plain or plain[0] not in "+-.0123456789":
        return String(text)
    try:
        return int(plain) if "_" not in plain else String(text)
    except ValueError:
        pass
    if any(c not in "0123456789+-.eE" for c in plain):
        return String(text)
    try:
        return float(plain)
    except ValueError:
        return String(text)


def _read_separated(text: str, separator: str) -> Value:
    import csv
    import io

    try:
        rows = list(csv.reader(io.StringIO(text, newline=""), delimiter=separator))
    except csv.Error as error:
        raise _Unreadable(str(error)) from error
    return List(tuple([List(tuple(map(_cell, row))) for row in rows if row]))


def _read_table(text: str) -> Value:
    return List(tuple([List(tuple(map(_cell, line.split()))) for line in text.splitlines() if line.strip()]))


def _field(v: Value) -> str:
    if v.__class__ is String:
        return v.value
    return "" if v is NULL else to_text(v, "InputForm").replace("*^", "e")


def _rows(v: Value) -> list[list[str]]:
    """Return a list of lists, a list, or a list of associations (with their keys first) as rows of fields."""
    if v.__class__ is not List:
        return [[_field(v)]]
    rows = v.args
    if rows and all(r.__class__ is Association for r in rows):
        keys = list(dict.fromkeys(_field(k) for r in rows for k in r.keys()))  # noqa: SIM118 - Association.keys
        body = []
        for r in rows:
            values = {_field(k): _field(a) for k, a in r.pairs()}
            body.append([values.get(k, "") for k in keys])
        return [keys, *body]
    return [list(map(_field, r.args)) if r.__class__ is List else [_field(r)] for r in rows]


def _write_separated(v: Value, separator: str) -> str:
    import csv
    import io

    out = io.StringIO(newline="")
    csv.writer(out, delimiter=separator, lineterminator="\n").writerows(_rows(v))
    return out.getvalue()


def _write_table(v: Value) -> str:
    rows = _rows(v)
    return "\n".join(["\t".join(row) for row in rows])


# ---- TOML


def _read_toml(text: str) -> Value:
    import tomllib

    try:
        return _from_toml(tomllib.loads(text))
    except tomllib.TOMLDecodeError as error:
        raise _Unreadable(str(error)) from error


def _from_toml(v: Value) -> Value:
    if v.__class__ is dict:
        return Association.from_pairs([(String(k), _from_toml(a)) for k, a in v.items()])
    if v.__class__ is list:
        return List(tuple([_from_toml(a) for a in v]))
    # Dates and times have no value type of their own: they are their texts.
    return String(v.isoformat()) if hasattr(v, "isoformat") else _from_json(v, False)


def _write_toml(v: Value) -> str:
    import tomlkit

    plain = _plain(v)
    if plain.__class__ is not dict:
        raise _Unwritable(v)
    return tomlkit.dumps(_without_null(plain))


def _without_null(plain: Value) -> Value:
    if plain.__class__ is dict:
        return {k: _without_null(a) for k, a in plain.items() if a is not None}
    return [_without_null(a) for a in plain] if plain.__class__ is list else plain


# ---- text


def _read_package(text: str) -> Value:
    if STATE.session is None:
        return FAILED
    try:
        return STATE.session.value_of(text)
    except LyraError as error:
        raise _Unreadable(error.message) from error


def _text_of(v: Value) -> str:
    return v.value if v.__class__ is String else to_text(v, "OutputForm")


def _write_lines(v: Value) -> str:
    return "\n".join(map(_text_of, v.args)) if v.__class__ is List else _text_of(v)


_READERS: dict[str, Callable[[str], Value]] = {
    "JSON": lambda text: _read_json(text, True),
    "RawJSON": lambda text: _read_json(text, False),
    "CSV": lambda text: _read_separated(text, ","),
    "TSV": lambda text: _read_separated(text, "\t"),
    "Table": _read_table,
    "TOML": _read_toml,
    "Text": String,
    "String": String,
    "Plaintext": String,
    "Lines": lambda text: list_of(text.splitlines()),
    "Words": lambda text: list_of(text.split()),
    "List": lambda text: List(tuple(map(_cell, text.splitlines()))),
    "Package": _read_package,
    "WL": _read_package,
}
_WRITERS: dict[str, Callable[[Value], str]] = {
    "JSON": lambda v: _write_json(v, False),
    "RawJSON": lambda v: _write_json(v, False),
    "CSV": lambda v: _write_separated(v, ","),
    "TSV": lambda v: _write_separated(v, "\t"),
    "Table": _write_table,
    "TOML": _write_toml,
    "Text": _text_of,
    "String": _text_of,
    "Lines": _write_lines,
    "List": _write_lines,
    "Package": lambda v: to_text(v, "InputForm") + "\n",
    "WL": lambda v: to_text(v, "InputForm") + "\n",
}
_BINARY = frozenset({"Byte", "Binary", "UnsignedInteger8"})


def _format_name(v: Value) -> tuple[str, str | None] | None:
    """Return format and element of `"CSV"` or `{"Text", "Lines"}`."""
    if v.__class__ is String:
        return v.value, None
    if v.__class__ is List and 1 <= len(v.args) <= 2 and all(a.__class__ is String for a in v.args):
        return v.args[0].value, v.args[1].value if len(v.args) == 2 else None
    return None


def _parsed(name: str, text: str, wanted: tuple[str, str | None]) -> Value:
    """Return the value of *text* in a format; $Failed with a message when it has not that form."""
    format_, element = wanted
    reader = _READERS.get(format_)
    if element is not None and element not in ("Data", "Expression", "RawData", "Elements"):
        reader = _READERS.get(element) if element in ("Lines", "Words", "Plaintext", "String", "List") else None
    if reader is None:
        return problem(name, "fmtnosup", String(format_ if element is None else f"{format_}, {element}"))
    try:
        return reader(text)
    except _Unreadable as error:
        return problem(name, "fmterr", String(format_), String(str(error)))


def _without_header(value: Value, options: tuple[Value, ...]) -> Value:
    """Leave out as many lines of a table as the option HeaderLines says."""
    for each in options:
        found = option_of(each)
        if found is not None and found[0] == "HeaderLines" and found[1].__class__ is int and value.__class__ is List:
            return List(value.args[found[1] :])
    return value


@functions.function(attributes=_PLAIN, checked=False, messages=_IMPORT)
def ImportString(text: String, format: String | List | None = None, *options: Value) -> Value:
    """Give the value of a string in a format: JSON, RawJSON, CSV, TSV, Table, TOML, Lines, Words, List, Package.

    JSON gives objects as lists of rules, RawJSON as associations; `{"CSV", "Data"}` and `HeaderLines -> n` are
    understood. Without a format, JSON and CSV are tried, else the text itself is the value.

    >>> {ImportString["{\\"a\\": [1, 2.5, null]}", "RawJSON"], ImportString["a,b\\n1,2", "CSV"]}
    {<|"a" -> {1, 2.5, Null}|>, {{"a", "b"}, {1, 2}}}
    >>> ImportString["[server]\\nport = 80", "TOML"]
    <|"server" -> <|"port" -> 80|>|>
    """
    if text.__class__ is not String:
        return None
    if format is None or option_of(format) is not None:
        guess = "JSON" if text.value.lstrip()[:1] in ("{", "[") else "String"
        return _parsed("ImportString", text.value, (guess, None))
    wanted = _format_name(format)
    if wanted is None:
        return None
    if wanted[0] in _BINARY:
        return List(tuple(text.value.encode("latin-1", "replace")))
    return _without_header(_parsed("ImportString", text.value, wanted), options)


@functions.function(attributes=_PLAIN, capabilities={"fs.read"}, checked=False, messages=_IMPORT)
def Import(file: String, format: String | List | None = None, *options: Value) -> Value:
    """Give the value of a file in the format of its extension or the one named; formats are those of ImportString.

    An address (`https:…`) is fetched with URLRead, which has its own permission.

    >>> f = CreateTemporary[]; Export[f, {{1, "a"}}, "CSV"]; {Import[f, "CSV"], Import[f, "Lines"], DeleteFile[f]}
    {{{1, "a"}}, {"1,a"}, Null}
    """
    path = file_name(file)
    if path is None:
        return None
    if path.startswith(("http://", "https://")):
        return problem("Import", "url", String(path))
    if format is not None and option_of(format) is not None:
        options = (format, *options)
        format = None
    wanted = (format_of(path) or "Text", None) if format is None else _format_name(format)
    if wanted is None:
        return None
    try:
        with open_file(path) as opened:
            data = opened.read()
    except FileNotFoundError:
        return problem("Import", "nffil", String(path))
    except OSError:
        return problem("Import", "noopen", String(path))
    if wanted[0] in _BINARY:
        return List(tuple(data))
    from lyra_std_io.streams import _decoded

    return _without_header(_parsed("Import", _decoded(data), wanted), options)


def _rendered(name: str, v: Value, format_: str, options: tuple[Value, ...]) -> str | None:
    """Return *v* in a format; None, with a message, when it has no such form."""
    writer = _WRITERS.get(format_)
    if writer is None:
        message(getattr(S, name), "fmtnosup", String(format_))
        return None
    named = dict(o for o in map(option_of, options) if o is not None)
    try:
        if format_ in ("JSON", "RawJSON"):
            return _write_json(v, named.get("Compact") is TRUE)
        return writer(v)
    except (_Unwritable, RecursionError) as error:
        message(getattr(S, name), "fmterr", String(format_), getattr(error, "value", v))
        return None


@functions.function(attributes=_PLAIN, checked=False, messages=_EXPORT)
def ExportString(value: Value, format: String, *options: Value) -> String | Symbol | None:
    """Give a value as a string in a format: JSON, CSV, TSV, Table, TOML, Lines, Package.

    `"Compact" -> True` writes JSON on one line.

    >>> ExportString[<|"a" -> {1, 2}, "b" -> Null|>, "JSON", "Compact" -> True]
    "{\\"a\\":[1,2],\\"b\\":null}"
    >>> ExportString[{{1, "a b"}, {2.5, "c,d"}}, "CSV"]
    "1,a b\\n2.5,\\"c,d\\"\\n"
    """
    if format.__class__ is not String:
        return None
    text = _rendered("ExportString", value, format.value, options)
    failed: Symbol = FAILED
    return failed if text is None else String(text)


@functions.function(attributes=_PLAIN, capabilities={"fs.write"}, checked=False, messages=_EXPORT)
def Export(file: String, value: Value, format: String | None = None, *options: Value) -> String | Symbol | None:
    """Write a value to a file in the format of its extension, or in the one named, and give the file's name.

    >>> f = CreateTemporary[]; Export[f, <|"x" -> 1|>, "JSON"]; {Import[f, "RawJSON"], DeleteFile[f]}
    {<|"x" -> 1|>, Null}
    """
    path = file_name(file)
    if path is None:
        return None
    failed: Symbol = FAILED
    if format is not None and option_of(format) is not None:
        options = (format, *options)
        format = None
    chosen = format_of(path) if format is None else format.value if format.__class__ is String else None
    if chosen is None:
        if format is None:
            return problem("Export", "infer", String(path))
        return None
    if chosen in _BINARY:
        if value.__class__ is not List or any(b.__class__ is not int or not 0 <= b <= 255 for b in value.args):
            return problem("Export", "fmterr", String(chosen), value)
        data = bytes(value.args)
    else:
        text = _rendered("Export", value, chosen, options)
        if text is None:
            return failed
        data = text.encode("utf-8", "surrogatepass")
    try:
        with open_file(path, "wb") as opened:
            opened.write(data)
    except OSError:
        return problem("Export", "noopen", String(path))
    return file if file.__class__ is String else String(path)
