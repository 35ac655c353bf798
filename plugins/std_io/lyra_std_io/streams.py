"""Streams: open files read and written piece by piece."""

from __future__ import annotations

from lyra_core.errors import LyraError
from lyra_core.evaluation.state import STATE
from lyra_core.plugins import Expression, Integer, List, String, Symbol, Value, module
from lyra_core.runtime.files import open_file
from lyra_core.values import NULL, TRUE, S, expression
from lyra_std_io.arguments import FAILED, file_name, list_of, option_of, problem, string_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, BinaryIO

functions = module("std::io")

_PLAIN = {"Protected"}
_READ, _WRITE = {"fs.read"}, {"fs.write"}
_OPENING = {
    "noopen": "Cannot open `1`.",
    "openx": "`1` is not open.",
    "stream": "`1` is not a string, InputStream[ ] or OutputStream[ ].",
    "readf": "`1` is not a valid format specification.",
    "readn": "Invalid real number found when reading from `1`.",
}
_END: Any = S.EndOfFile
_BLANKS = " \t"
_BREAKS = "\r\n"


class Reader:
    """A text that is read from the left; the text of a file is read once, when it is opened."""

    __slots__ = ("at", "name", "text")

    def __init__(self, name: str, text: str) -> None:
        self.name = name
        self.text = text
        self.at = 0

    def line(self) -> str | None:
        """Return the next line without its end, None at the end of the text."""
        if self.at >= len(self.text):
            return None
        end = self.text.find("\n", self.at)
        line = self.text[self.at : end if end >= 0 else len(self.text)]
        self.at = end + 1 if end >= 0 else len(self.text)
        return line.removesuffix("\r")

    def word(self) -> str | None:
        """Return what stands up to the next white space, None at the end."""
        text, at = self.text, self.at
        while at < len(text) and text[at].isspace():
            at += 1
        if at >= len(text):
            self.at = at
            return None
        start = at
        while at < len(text) and not text[at].isspace():
            at += 1
        self.at = at
        return text[start:at]

    def rest(self) -> str | None:
        """Return all that is left, None at the end."""
        if self.at >= len(self.text):
            return None
        rest = self.text[self.at :]
        self.at = len(self.text)
        return rest


class Writer:
    """A file that is written."""

    __slots__ = ("file", "name")

    def __init__(self, name: str, file: BinaryIO) -> None:
        self.name = name
        self.file = file

    def write(self, text: str) -> None:
        """Write text in UTF-8; readers of the file see it at once."""
        self.file.write(text.encode("utf-8", "surrogatepass"))
        self.file.flush()


_open: dict[int, Reader | Writer] = {}
_serial = 0


def _register(head: Symbol, stream: Reader | Writer) -> Expression:
    global _serial
    _serial += 1
    _open[_serial] = stream
    return expression(head, (String(stream.name), _serial))


def _stream_of(v: Value) -> Reader | Writer | None:
    """Return the open stream of `InputStream["name", n]` or `OutputStream["name", n]`."""
    if v.__class__ is Expression and (v.head is S.InputStream or v.head is S.OutputStream) and len(v.args) == 2:
        number = v.args[1]
        return _open.get(number) if number.__class__ is int else None
    return None


def _decoded(data: bytes) -> str:
    """Return bytes as text: UTF-8, or Latin-1 when they are not."""
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return data.decode("latin-1")


def read_text(path: str) -> str:
    """Return the text of a file. Errors: OSError."""
    with open_file(path) as file:
        return _decoded(file.read())


def _reader(name: str, source: Value) -> tuple[Reader | None, Value]:
    """Return the reader of a stream or a file, and what to answer when there is none."""
    stream = _stream_of(source)
    if stream.__class__ is Reader:
        return stream, None
    path = file_name(source)
    if path is None:
        if source.__class__ is Expression and source.head is S.InputStream:
            return None, problem(name, "openx", source)
        return None, None
    try:
        return Reader(path, read_text(path)), None
    except OSError:
        return None, problem(name, "noopen", String(path))


# ---- opening and closing


@functions.function(attributes=_PLAIN, capabilities=_READ, checked=False, messages=_OPENING)
def OpenRead(name: String) -> Expression | Symbol | None:
    """Open a file to be read and give its InputStream.

    >>> OpenRead["/no/such/file"] // Quiet
    $Failed
    """
    path = file_name(name)
    if path is None:
        return None
    try:
        return _register(S.InputStream, Reader(path, read_text(path)))
    except OSError:
        return problem("OpenRead", "noopen", String(path))


def _open_to_write(function: str, name: Value, mode: str) -> Value:
    if name is None:
        import tempfile

        descriptor, path = tempfile.mkstemp(prefix="lyra-")
        import os

        return _register(S.OutputStream, Writer(path, os.fdopen(descriptor, "wb")))
    found = file_name(name)
    if found is None:
        return None
    try:
        return _register(S.OutputStream, Writer(found, open_file(found, mode)))
    except OSError:
        return problem(function, "noopen", String(found))


@functions.function(attributes=_PLAIN, capabilities=_WRITE, checked=False, messages=_OPENING)
def OpenWrite(name: String | None = None) -> Expression | Symbol | None:
    """Open a file to be written, empty, and give its OutputStream; without a name a temporary file.

    >>> s = OpenWrite[]; WriteString[s, "a\\nb"]; file = Close[s]; {ReadList[file, String], DeleteFile[file]}
    {{"a", "b"}, Null}
    """
    made: Expression = _open_to_write("OpenWrite", name, "wb")
    return made


@functions.function(attributes=_PLAIN, capabilities=_WRITE, checked=False, messages=_OPENING)
def OpenAppend(name: String | None = None) -> Expression | Symbol | None:
    """Open a file to be written behind what it holds and give its OutputStream.

    >>> f = CreateTemporary[]; s = OpenAppend[f]; WriteString[s, "x"]; Close[s]; {ReadString[f], DeleteFile[f]}
    {"x", Null}
    """
    made: Expression = _open_to_write("OpenAppend", name, "ab")
    return made


@functions.function(attributes=_PLAIN, checked=False)
def StringToStream(text: String) -> Expression | None:
    """Give an InputStream that reads a string.

    >>> s = StringToStream["1 2"]; {Read[s, Number], Read[s, Number], Read[s, Number], Close[s]}
    {1, 2, EndOfFile, "String"}
    """
    return _register(S.InputStream, Reader("String", text.value)) if text.__class__ is String else None


@functions.function(attributes=_PLAIN, checked=False, messages=_OPENING)
def Close(stream: Expression | String) -> String | None:
    """Close a stream and give the name of its file.

    >>> s = StringToStream["a"]; Close[s]; Quiet[Close[s]] === s
    False
    """
    found = _stream_of(stream)
    if found is None:
        name = stream.value if stream.__class__ is String else None
        for number, each in list(_open.items()):
            if each.name == name:
                stream, found = expression(S.OutputStream, (String(name), number)), each
        if found is None:
            problem("Close", "openx", stream)
            return None
    del _open[stream.args[1]]
    if found.__class__ is Writer:
        found.file.close()
    return String(found.name)


@functions.function(attributes=_PLAIN, checked=False)
def Streams(name: String | None = None) -> List:
    """Give the streams that are open, or those of one file.

    >>> s = StringToStream["a"]; {MemberQ[Streams[], s], Close[s], MemberQ[Streams[], s]}
    {True, "String", False}
    """
    found = []
    for number, each in _open.items():
        if name is None or (name.__class__ is String and name.value == each.name):
            head = S.InputStream if each.__class__ is Reader else S.OutputStream
            found.append(expression(head, (String(each.name), number)))
    return List(tuple(found))


# ---- reading


def _number(text: str) -> Value:
    """Return the number that a word says (`1`, `-2.5`, `1e5`, `1*^5`), None when it is none."""
    plain = text.replace("*^", "e")
    try:
        return int(plain)
    except ValueError:
        pass
    body = plain.lower()
    if any(c not in "0123456789+-.e" for c in body):
        return None
    try:
        return float(plain)
    except ValueError:
        return None


def _read_one(name: str, reader: Reader, kind: Value) -> Value:
    """Return the next value of a kind from the reader, EndOfFile at its end, None when the kind is unknown."""
    if kind.__class__ is List:
        values = []
        for i, each in enumerate(kind.args):
            value = _read_one(name, reader, each)
            if value is None or (value is _END and i == 0):
                return value
            values.append(value)
        return List(tuple(values))
    what = string_of(kind)
    if what == "Expression":
        return _read_expression(reader)
    if what in ("Number", "Real"):
        word = reader.word()
        if word is None:
            return _END
        number = _number(word.rstrip(","))
        if number is None:
            return problem(name, "readn", String(reader.name))
        return float(number) if what == "Real" else number
    text: str | None
    if what == "Word":
        text = reader.word()
    elif what in ("String", "Record"):
        text = reader.line()
        while what == "Record" and text == "":
            text = reader.line()
    elif what == "Character" or what == "Byte":
        if reader.at >= len(reader.text):
            return _END
        reader.at += 1
        character = reader.text[reader.at - 1]
        return String(character) if what == "Character" else ord(character)
    else:
        return problem(name, "readf", kind)
    return _END if text is None else String(text)


def _read_expression(reader: Reader) -> Value:
    """Return the value of the next expression of the text: its next statement, over as many lines as it needs."""
    from lyra_core.syntax import is_complete

    lines: list[str] = []
    while True:
        line = reader.line()
        if line is None:
            break
        if not lines and not line.strip():
            continue
        lines.append(line)
        if is_complete("\n".join(lines)):
            break
    if not lines:
        return _END
    if STATE.session is None:
        return FAILED
    try:
        return STATE.session.value_of("\n".join(lines), reader.name)
    except LyraError as error:
        STATE.session.report(error)
        return FAILED


@functions.function(attributes=_PLAIN, capabilities=_READ, checked=False, messages=_OPENING)
def Read(source: Expression | String, kind: Value = None) -> Value:
    """Give the next expression of a stream, or the next of another kind; EndOfFile at the end.

    Kinds: Expression, Number, Real, String (a line), Record, Word, Character, Byte, and lists of kinds.

    >>> s = StringToStream["7 up\\nnext"]; {Read[s, {Number, Word}], Read[s, String], Read[s, String]}
    {{7, "up"}, "", "next"}
    """
    reader, answer = _reader("Read", source)
    if reader is None:
        return answer
    return _read_one("Read", reader, S.Expression if kind is None else kind)


@functions.function(attributes=_PLAIN, capabilities=_READ, checked=False, messages=_OPENING)
def ReadLine(source: Expression | String) -> String | Symbol | None:
    """Give the next line of a stream, or the first of a file; EndOfFile at the end.

    >>> s = StringToStream["a b\\nc"]; {ReadLine[s], ReadLine[s], ReadLine[s]}
    {"a b", "c", EndOfFile}
    """
    reader, answer = _reader("ReadLine", source)
    if reader is None:
        failed: Symbol = answer
        return failed
    line = reader.line()
    end: Symbol = _END
    return end if line is None else String(line)


@functions.function(attributes=_PLAIN, capabilities=_READ, checked=False, messages=_OPENING)
def ReadString(source: Expression | String, terminator: Value = None) -> String | Symbol | None:
    """Give the text of a file or what is left of a stream, or the text up to a terminator; EndOfFile at the end.

    >>> s = StringToStream["a;b;c"]; {ReadString[s, ";"], ReadString[s], ReadString[s]}
    {"a", "b;c", EndOfFile}
    """
    reader, answer = _reader("ReadString", source)
    if reader is None:
        failed: Symbol = answer
        return failed
    end: Symbol = _END
    if terminator is not None and terminator is not end:
        ends = terminator.args if terminator.__class__ is List else (terminator,)
        if any(e.__class__ is not String or not e.value for e in ends):
            return None
        if reader.at >= len(reader.text):
            return end
        found = [(place, e.value) for e in ends if (place := reader.text.find(e.value, reader.at)) >= 0]
        if found:
            place, mark = min(found)
            text = reader.text[reader.at : place]
            reader.at = place + len(mark)
            return String(text)
    whole = reader.rest()
    if whole is None:
        return String("") if source.__class__ is String else end
    return String(whole)


@functions.function(attributes=_PLAIN, capabilities=_READ, checked=False, messages=_OPENING)
def ReadList(source: Expression | String, *rest: Value) -> List | Symbol | None:
    """Give all expressions of a file or stream, or all values of a kind, at most n; kinds are those of Read.

    Of the options, RecordLists -> True (a list for each line) is provided.

    >>> {ReadList[StringToStream["1 2\\n3"], Number], ReadList[StringToStream["a b\\nc"], Word, 2]}
    {{1, 2, 3}, {"a", "b"}}
    >>> ReadList[StringToStream["1 2\\n3 4"], Number, RecordLists -> True]
    {{1, 2}, {3, 4}}
    """
    options = dict(o for o in map(option_of, rest) if o is not None)
    plain = [a for a in rest if option_of(a) is None]
    if len(plain) > 2:
        return None
    kind = plain[0] if plain else S.Expression
    most = plain[1] if len(plain) == 2 else -1
    if most.__class__ is not int:
        return None
    reader, answer = _reader("ReadList", source)
    if reader is None:
        failed: Symbol = answer
        return failed
    if options.get("RecordLists") is TRUE:
        records: list[Value] = []
        while len(records) != most and (line := reader.line()) is not None:
            if line.strip():
                records.append(_read_all(Reader(reader.name, line), kind, -1))
        return List(tuple(records))
    return _read_all(reader, kind, most)


def _read_all(reader: Reader, kind: Value, most: int) -> List | None:
    values: list[Value] = []
    while len(values) != most:
        before = reader.at
        value = _read_one("ReadList", reader, kind)
        if value is None:
            return None
        if value is _END:
            break
        values.append(value)
        if value is FAILED and (reader.at == before or string_of(kind) == "Number"):
            break
    return List(tuple(values))


@functions.function(attributes=_PLAIN, capabilities=_READ, checked=False, messages=_OPENING)
def Skip(source: Expression, kind: Value, count: Integer = 1) -> Symbol | None:
    """Read over n values of a kind.

    >>> s = StringToStream["1 2 3"]; Skip[s, Number, 2]; Read[s, Number]
    3
    """
    reader, answer = _reader("Skip", source)
    end: Symbol = answer if reader is None else _END
    if reader is None or count.__class__ is not int:
        return end
    for _ in range(count):
        at_end = _read_one("Skip", reader, kind) is _END
        if at_end:
            return end
    return NULL


@functions.function(attributes=_PLAIN, capabilities=_READ, checked=False, messages=_OPENING)
def FindList(source: Expression | String, texts: String | List, most: Integer = -1) -> List | Symbol | None:
    """Give the lines of a file or stream that contain one of the strings, at most n.

    >>> FindList[StringToStream["an ant\\na bee\\nants"], "ant"]
    {"an ant", "ants"}
    """
    wanted = [t.value for t in (texts.args if texts.__class__ is List else (texts,)) if t.__class__ is String]
    reader, answer = _reader("FindList", source)
    if reader is None or not wanted or most.__class__ is not int:
        failed: Symbol = answer
        return failed
    found = [line for line in reader.text[reader.at :].splitlines() if any(w in line for w in wanted)]
    return list_of(found[:most] if most >= 0 else found)


@functions.function(attributes=_PLAIN, checked=False, messages=_OPENING)
def StreamPosition(stream: Expression) -> Integer | None:
    """Give how many characters of an InputStream have been read.

    >>> s = StringToStream["abc def"]; Read[s, Word]; StreamPosition[s]
    3
    """
    found = _stream_of(stream)
    return found.at if found.__class__ is Reader else None


@functions.function(attributes=_PLAIN, checked=False, messages=_OPENING)
def SetStreamPosition(stream: Expression, place: Integer) -> Integer | None:
    """Go to a place of an InputStream, counted in characters; Infinity is its end.

    >>> s = StringToStream["abc"]; Read[s, Word]; SetStreamPosition[s, 1]; Read[s, Word]
    "bc"
    """
    found = _stream_of(stream)
    if found.__class__ is not Reader:
        return None
    if place.__class__ is not int:
        place = len(found.text)
    found.at = min(max(0, place), len(found.text))
    return found.at


# ---- writing


def _writer(name: str, target: Value) -> tuple[Writer | None, bool, Value]:
    """Return the writer of a stream or file, whether it must be closed, and what to answer when there is none."""
    stream = _stream_of(target)
    if stream.__class__ is Writer:
        return stream, False, None
    if target.__class__ is List and len(target.args) == 1:
        target = target.args[0]
    path = file_name(target)
    if path is None:
        if target.__class__ is Expression and target.head is S.OutputStream and len(target.args) == 2:
            path = string_of(target.args[0])
        if path not in ("stdout", "stderr"):
            return None, False, problem(name, "stream", target)
    if path in ("stdout", "stderr"):
        return Writer(path, _Console(path)), False, None  # type: ignore[arg-type]
    for each in _open.values():
        if each.__class__ is Writer and each.name == path:
            return each, False, None
    try:
        writer = Writer(path, open_file(path, "wb"))
    except OSError:
        return None, False, problem(name, "noopen", String(path))
    # A file that is written by name stays open, so that the next call goes on behind this one.
    _register(S.OutputStream, writer)
    return writer, False, None


class _Console:
    """The streams of results and of messages, as files of bytes."""

    __slots__ = ("name",)

    def __init__(self, name: str) -> None:
        self.name = name

    def write(self, data: bytes) -> None:
        """Write UTF-8 text."""
        stream = STATE.out() if self.name == "stdout" else STATE.err()
        stream.write(data.decode("utf-8", "surrogatepass"))

    def flush(self) -> None:
        """Let what was written be seen."""
        (STATE.out() if self.name == "stdout" else STATE.err()).flush()


def _texts(values: tuple[Value, ...], form: str) -> str:
    from lyra_core.values.printing import to_text

    return "".join([to_text(v, form) for v in values])


@functions.function(attributes=_PLAIN, capabilities=_WRITE, checked=False, messages=_OPENING)
def WriteString(target: Expression | String, *values: Value) -> Symbol | None:
    """Write strings, and OutputForm of anything else, to a stream or file; "stdout" and "stderr" are the console.

    >>> s = OpenWrite[]; WriteString[s, "n = ", 1/2]; file = Close[s]; {ReadString[file], DeleteFile[file]}
    {"n = 1/2", Null}
    """
    return _written("WriteString", target, _texts(values, "OutputForm"))


@functions.function(attributes=_PLAIN, capabilities=_WRITE, checked=False, messages=_OPENING)
def WriteLine(target: Expression | String, text: Value) -> Symbol | None:
    """Write a string and the end of a line to a stream or file.

    >>> s = OpenWrite[]; WriteLine[s, "a"]; WriteLine[s, "b"]; file = Close[s]; {ReadString[file], DeleteFile[file]}
    {"a\\nb\\n", Null}
    """
    return _written("WriteLine", target, _texts((text,), "OutputForm") + "\n")


@functions.function(attributes=_PLAIN, capabilities=_WRITE, checked=False, messages=_OPENING)
def Write(target: Expression | String, *values: Value) -> Symbol | None:
    """Write InputForm of expressions one after another, and the end of a line, to a stream or file.

    >>> s = OpenWrite[]; Write[s, x^2]; Write[s, "a"]; file = Close[s]; {ReadString[file], DeleteFile[file]}
    {"x^2\\n\\"a\\"\\n", Null}
    """
    return _written("Write", target, _texts(values, "InputForm") + "\n")


def _written(name: str, target: Value, text: str) -> Symbol | None:
    targets = target.args if target.__class__ is List else (target,)
    for each in targets:
        writer, _, answer = _writer(name, each)
        if writer is None:
            failed: Symbol = answer
            return failed
        writer.write(text)
    return NULL


@functions.function(attributes=_PLAIN, capabilities=_READ, checked=False, messages=_OPENING)
def FilePrint(name: String, lines: Integer | None = None) -> Symbol | None:
    """Print the text of a file, or its first n lines.

    >>> FilePrint["/no/such/file"] // Quiet
    $Failed
    """
    path = file_name(name)
    if path is None:
        return None
    try:
        text = read_text(path)
    except OSError:
        return problem("FilePrint", "noopen", String(path))
    if lines.__class__ is int:
        text = "".join(text.splitlines(keepends=True)[:lines])
    STATE.out().write(text if text.endswith("\n") or not text else text + "\n")
    return NULL


functions.symbol("InputStream", "InputStream[name, n] is a stream that is read.", attributes=_PLAIN)
functions.symbol("OutputStream", "OutputStream[name, n] is a stream that is written.", attributes=_PLAIN)
for _name in ("Word", "Record", "Character", "Byte"):
    functions.symbol(_name, f"A kind of what Read and ReadList read: {_name}.", attributes=_PLAIN)
