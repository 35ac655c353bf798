"""What is on the disk: asking, listing, making, copying, deleting."""

from __future__ import annotations

import os

from lyra_core.plugins import Boolean, Integer, List, String, Symbol, Value, module
from lyra_core.runtime.files import open_file, resolve_path
from lyra_core.values import NULL, TRUE, S
from lyra_std_io.arguments import FAILED, file_name, list_of, option_of, problem, reason_of, string_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

functions = module("std::io")

_PLAIN = {"Protected"}
_READ, _WRITE = {"fs.read"}, {"fs.write"}
_NOT_FOUND = {
    "fdnfnd": "Directory or file `1` not found.",
    "fail": "`1`: `2`.",
}


# ---- asking


@functions.function(attributes=_PLAIN, capabilities=_READ, checked=False)
def FileExistsQ(name: String) -> Boolean | None:
    """Give True when a file or directory of that name exists.

    >>> FileExistsQ["/"]
    True
    """
    path = file_name(name)
    return None if path is None else os.path.exists(_located(path))


@functions.function(attributes=_PLAIN, capabilities=_READ, checked=False)
def DirectoryQ(name: String) -> Boolean | None:
    """Give True when a directory of that name exists.

    >>> {DirectoryQ["/"], DirectoryQ["/no/such/place"]}
    {True, False}
    """
    path = file_name(name)
    return None if path is None else os.path.isdir(_located(path))


@functions.function(attributes=_PLAIN, capabilities=_READ, checked=False)
def FileType(name: String) -> Symbol | None:
    """Give File, Directory or Special; None when there is nothing of that name.

    >>> FileType["/"]
    Directory
    """
    path = file_name(name)
    if path is None:
        return None
    found = _located(path)
    if os.path.isfile(found):
        return S.File
    if os.path.isdir(found):
        return S.Directory
    return S.Special if os.path.exists(found) else getattr(S, "None")


def _located(path: str) -> str:
    """Return where *path* lies under the permission in force; nowhere when a folder above it is missing or a link."""
    try:
        return resolve_path(path)
    except OSError:
        return ""


def _on_file(name: str, v: Value, f: Callable[[str], Value], write: bool = False) -> Value:
    """Return f of the path, $Failed with a message when the operating system refuses."""
    path = file_name(v)
    if path is None:
        return None
    try:
        return f(resolve_path(path, write=write))
    except FileNotFoundError:
        return problem(name, "fdnfnd", String(path))
    except OSError as error:
        return problem(name, "fail", String(path), reason_of(error))


@functions.function(attributes=_PLAIN, capabilities=_READ, checked=False, messages=_NOT_FOUND)
def FileByteCount(name: String) -> Integer | Symbol | None:
    """Give the number of bytes of a file, $Failed when there is none.

    >>> FileByteCount["/no/such/file"] === $Failed // Quiet
    True
    """
    size: Integer = _on_file("FileByteCount", name, os.path.getsize)
    return size


@functions.function(attributes=_PLAIN, capabilities=_READ, checked=False, messages=_NOT_FOUND)
def FileDate(name: String, kind: String | None = None) -> List | Symbol | None:
    """Give when a file was last modified (or "Access", "Change") as a list {year, month, day, hour, minute, second}.

    >>> Length[FileDate["/"]]
    6
    """
    which = {None: "st_mtime", "Modification": "st_mtime", "Access": "st_atime", "Change": "st_ctime"}.get(
        None if kind is None else string_of(kind)
    )
    if which is None:
        return None

    def date(path: str) -> List:
        from datetime import datetime

        at = datetime.fromtimestamp(getattr(os.stat(path), which))
        return List((at.year, at.month, at.day, at.hour, at.minute, at.second + at.microsecond / 1e6))

    made: List = _on_file("FileDate", name, date)
    return made


@functions.function(attributes=_PLAIN, capabilities=_READ, checked=False, messages=_NOT_FOUND)
def FileHash(name: String, algorithm: String | None = None) -> Integer | Symbol | None:
    """Give the hash of the bytes of a file as an integer: "MD5" unless "SHA1", "SHA256", "SHA384", "SHA512" is named.

    >>> FileHash["/no/such/file", "SHA256"] === $Failed // Quiet
    True
    """
    kind = {None: "md5", "MD5": "md5", "SHA": "sha1"}.get(None if algorithm is None else string_of(algorithm))
    if kind is None:
        kind = (string_of(algorithm) or "").lower()
    if kind not in ("md5", "sha1", "sha224", "sha256", "sha384", "sha512"):
        return None

    def digest(path: str) -> int:
        import hashlib

        made = hashlib.new(kind, usedforsecurity=False)
        with open_file(path) as file:
            while chunk := file.read(1 << 20):
                made.update(chunk)
        return int.from_bytes(made.digest(), "big")

    value: Integer = _on_file("FileHash", name, digest)
    return value


@functions.function(attributes=_PLAIN, capabilities=_READ, checked=False)
def FileNames(forms: Value = None, folders: Value = None, depth: Value = 1) -> List | None:
    """Give the sorted names of files, all or those that match a pattern, in a directory or several, n levels deep.

    Patterns are strings with `*` and `@`, string patterns, or lists of either.

    >>> MemberQ[FileNames["*", "/"], "/tmp"]
    True
    """
    from lyra_core.values.expression import Expression as Compound

    at_most = 1 << 30 if depth.__class__ is Compound or depth is S.Infinity else depth
    if at_most.__class__ is not int:
        return None
    tops = (
        [""] if folders is None else [file_name(f) for f in (folders.args if folders.__class__ is List else (folders,))]
    )
    if any(t is None for t in tops):
        return None
    wanted = _name_test(forms)
    if wanted is None:
        return None
    found: list[str] = []
    for top in tops:
        _collect_names(top or "", at_most, wanted, found)
    return list_of(sorted(set(found)))


def _name_test(forms: Value) -> Callable[[str], bool] | None:
    if forms is None:
        return lambda name: True
    patterns = forms.args if forms.__class__ is List else (forms,)
    if all(p.__class__ is String for p in patterns):
        from fnmatch import translate
        from re import compile as compile_regex

        compiled = [compile_regex(translate(p.value.replace("[", "[[]").replace("?", "[?]"))) for p in patterns]
        return lambda name: any(p.match(name) for p in compiled)
    # A string pattern belongs to std::string; it is asked by name, as any program would.
    from lyra_core.evaluation.evaluator import evaluate
    from lyra_core.values import expression

    return lambda name: evaluate(expression(S.StringMatchQ, (String(name), forms))) is TRUE


def _collect_names(top: str, depth: int, wanted: Callable[[str], bool], found: list[str]) -> None:
    pending = [(top, 1)]
    while pending:
        folder, level = pending.pop()
        try:
            real = resolve_path(folder or ".")
            entries = sorted(os.listdir(real))
        except OSError:
            # A directory that cannot be read has no names, as in the Wolfram Language.
            continue
        for entry in entries:
            path = os.path.join(folder, entry) if folder else entry
            if wanted(entry):
                found.append(path)
            if level < depth and os.path.isdir(inner := os.path.join(real, entry)) and not os.path.islink(inner):
                pending.append((path, level + 1))


@functions.function(attributes=_PLAIN, capabilities=_READ, checked=False)
def AbsoluteFileName(name: String) -> String | Symbol | None:
    """Give the absolute name of an existing file, links resolved; $Failed when there is none.

    >>> AbsoluteFileName["/."]
    "/"
    """
    made: String = _on_file("AbsoluteFileName", name, lambda path: String(os.path.realpath(path, strict=True)))
    return made


@functions.function(attributes=_PLAIN, capabilities=_READ, checked=False)
def ExpandFileName(name: String) -> String | None:
    """Give the absolute name of a file that need not exist.

    >>> ExpandFileName["/a/../b"]
    "/b"
    """
    path = file_name(name)
    return None if path is None else String(os.path.abspath(path))


@functions.function(attributes=_PLAIN, capabilities=_READ, checked=False)
def FindFile(name: String) -> String | Symbol | None:
    """Give the absolute name of a file that exists, $Failed when none does.

    >>> {FindFile["/"], FindFile["/no/such/file"]}
    {"/", $Failed}
    """
    path = file_name(name)
    if path is None:
        return None
    return String(os.path.abspath(path)) if os.path.exists(_located(path)) else FAILED


# ---- directories

_directories: list[str] = []


@functions.function(attributes=_PLAIN, capabilities=_READ)
def Directory() -> String:
    """Give the current directory.

    >>> DirectoryQ[Directory[]]
    True
    """
    return String(os.getcwd())


@functions.function(
    attributes=_PLAIN,
    capabilities={"process"},
    checked=False,
    messages={"cdir": "Cannot set current directory to `1`."},
)
def SetDirectory(name: String | None = None) -> String | Symbol | None:
    """Make a directory the current one, and remember the one before for ResetDirectory.

    >>> SetDirectory["/"]; {Directory[], ResetDirectory[] != "/"}
    {"/", True}
    """
    path = os.path.expanduser("~") if name is None else file_name(name)
    if path is None:
        return None
    before = os.getcwd()
    try:
        os.chdir(path)
    except OSError:
        return problem("SetDirectory", "cdir", String(path))
    _directories.append(before)
    return String(os.getcwd())


@functions.function(attributes=_PLAIN, capabilities={"process"}, messages={"dtop": "Directory stack is empty."})
def ResetDirectory() -> String | Symbol:
    """Return to the directory before the last SetDirectory.

    >>> before = Directory[]; SetDirectory["/"]; ResetDirectory[] === before
    True
    """
    if not _directories:
        return problem("ResetDirectory", "dtop")
    os.chdir(_directories.pop())
    return String(os.getcwd())


@functions.function(attributes=_PLAIN, capabilities=_READ, checked=False)
def ParentDirectory(name: String | None = None, levels: Integer = 1) -> String | None:
    """Give the directory above the current or the named one, n levels up.

    >>> ParentDirectory["/usr/bin"]
    "/usr"
    """
    path = os.getcwd() if name is None else file_name(name)
    if path is None or levels.__class__ is not int:
        return None
    path = os.path.abspath(path)
    for _ in range(levels):
        path = os.path.dirname(path)
    return String(path)


# ---- changing


def _temporary_folder() -> str | None:
    """Return the folder for temporary files: the system's, or the package's own when it runs under grants."""
    from lyra_core.evaluation.state import STATE

    permission = STATE.permission
    if permission is None or permission.grants is None:
        return None
    return os.path.dirname(resolve_path("@tmp/any", write=True))


def _options(args: tuple[Value, ...]) -> dict[str, Value]:
    return dict(o for o in map(option_of, args) if o is not None)


@functions.function(
    attributes=_PLAIN,
    capabilities=_WRITE,
    checked=False,
    messages={**_NOT_FOUND, "eexist": "`1` already exists."},
)
def CreateDirectory(name: String | None = None, *options: Value) -> String | Symbol | None:
    """Make a directory, with those above it, and give its name; without a name a new temporary one.

    >>> folder = CreateDirectory[]; {DirectoryQ[folder], DeleteDirectory[folder]}
    {True, Null}
    """
    if name is None:
        from tempfile import mkdtemp

        return String(mkdtemp(prefix="lyra-", dir=_temporary_folder()))

    def create(path: str) -> Value:
        if os.path.isdir(path):
            return problem("CreateDirectory", "eexist", String(path))
        os.makedirs(path)
        return String(os.path.abspath(path))

    made: String = _on_file("CreateDirectory", name, create, write=True)
    return made


@functions.function(attributes=_PLAIN, capabilities=_WRITE, checked=False, messages=_NOT_FOUND)
def CreateFile(name: String | None = None, *options: Value) -> String | Symbol | None:
    """Make an empty file and give its name; an existing file stays as it is.

    >>> file = CreateFile[]; {FileByteCount[file], DeleteFile[file]}
    {0, Null}
    """
    if name is None:
        return CreateTemporary()

    def create(path: str) -> Value:
        with open_file(path, "ab"):
            return String(os.path.abspath(path))

    made: String = _on_file("CreateFile", name, create, write=True)
    return made


@functions.function(attributes=_PLAIN, capabilities=_WRITE)
def CreateTemporary() -> String:
    """Make an empty file in the directory for temporary files and give its name.

    >>> file = CreateTemporary[]; {FileExistsQ[file], DeleteFile[file]}
    {True, Null}
    """
    from tempfile import mkstemp

    descriptor, path = mkstemp(prefix="lyra-", dir=_temporary_folder())
    os.close(descriptor)
    return String(path)


@functions.function(attributes=_PLAIN, capabilities=_WRITE, checked=False, messages=_NOT_FOUND)
def DeleteFile(names: String | List) -> Symbol | None:
    """Delete a file, or each file of a list.

    >>> file = CreateTemporary[]; DeleteFile[file]; FileExistsQ[file]
    False
    """
    for name in names.args if names.__class__ is List else (names,):
        result: Symbol = _on_file("DeleteFile", name, _removed, write=True)
        if result is not NULL:
            return result
    return NULL


def _removed(path: str) -> Value:
    os.remove(path)
    return NULL


@functions.function(
    attributes=_PLAIN, capabilities=_WRITE, checked=False, messages={**_NOT_FOUND, "dirne": "Directory `1` not empty."}
)
def DeleteDirectory(name: String, *options: Value) -> Symbol | None:
    """Delete an empty directory; with `DeleteContents -> True` all that is in it, too.

    >>> folder = CreateDirectory[]; DeleteDirectory[folder, DeleteContents -> True]; DirectoryQ[folder]
    False
    """
    with_contents = _options(options).get("DeleteContents") is TRUE

    def delete(path: str) -> Value:
        if with_contents:
            from shutil import rmtree

            rmtree(path)
        elif os.listdir(path):
            return problem("DeleteDirectory", "dirne", String(path))
        else:
            os.rmdir(path)
        return NULL

    made: Symbol = _on_file("DeleteDirectory", name, delete, write=True)
    return made


def _from_to(
    name: str, source: Value, target: Value, options: tuple[Value, ...], move: Callable[[str, str], None]
) -> Value:
    """Copy or rename; the target must not exist unless `OverwriteTarget -> True`."""
    first, second = file_name(source), file_name(target)
    if first is None or second is None:
        return None
    try:
        inner = resolve_path(first, write=name.startswith("Rename"))
        outer = resolve_path(second, write=True)
    except OSError as error:
        return problem(name, "fail", source, reason_of(error))
    if not os.path.exists(inner):
        return problem(name, "fdnfnd", source)
    if os.path.exists(outer) and _options(options).get("OverwriteTarget") is not TRUE:
        return problem(name, "eexist", target)
    try:
        move(inner, outer)
    except OSError as error:
        return problem(name, "fail", source, reason_of(error))
    return String(os.path.abspath(outer))


_COPYING = {**_NOT_FOUND, "eexist": "`1` already exists."}
_BOTH = {"fs.read", "fs.write"}


@functions.function(attributes=_PLAIN, capabilities=_BOTH, checked=False, messages=_COPYING)
def CopyFile(source: String, target: String, *options: Value) -> String | Symbol | None:
    """Copy a file and give the absolute name of the copy; `OverwriteTarget -> True` replaces an existing one.

    >>> a = CreateTemporary[]; b = a <> "-copy"; {CopyFile[a, b] === b, DeleteFile[{a, b}]}
    {True, Null}
    """
    from shutil import copyfile

    made: String = _from_to("CopyFile", source, target, options, lambda a, b: _done(copyfile(a, b)))
    return made


def _done(_: object) -> None:
    return None


@functions.function(attributes=_PLAIN, capabilities=_BOTH, checked=False, messages=_COPYING)
def CopyDirectory(source: String, target: String, *options: Value) -> String | Symbol | None:
    """Copy a directory with all that is in it and give the absolute name of the copy.

    >>> a = CreateDirectory[]; b = a <> "-copy"; CopyDirectory[a, b]; {DirectoryQ[b], DeleteDirectory /@ {a, b}}
    {True, {Null, Null}}
    """
    from shutil import copytree

    made: String = _from_to("CopyDirectory", source, target, options, lambda a, b: _done(copytree(a, b, symlinks=True)))
    return made


@functions.function(attributes=_PLAIN, capabilities=_BOTH, checked=False, messages=_COPYING)
def RenameFile(source: String, target: String, *options: Value) -> String | Symbol | None:
    """Rename a file and give its new absolute name; `OverwriteTarget -> True` replaces an existing one.

    >>> a = CreateTemporary[]; b = a <> "-new"; RenameFile[a, b]; {FileExistsQ /@ {a, b}, DeleteFile[b]}
    {{False, True}, Null}
    """
    made: String = _from_to("RenameFile", source, target, options, os.replace)
    return made


@functions.function(attributes=_PLAIN, capabilities=_BOTH, checked=False, messages=_COPYING)
def RenameDirectory(source: String, target: String, *options: Value) -> String | Symbol | None:
    """Rename a directory and give its new absolute name.

    >>> a = CreateDirectory[]; b = a <> "-new"; RenameDirectory[a, b]; {DirectoryQ /@ {a, b}, DeleteDirectory[b]}
    {{False, True}, Null}
    """
    made: String = _from_to("RenameDirectory", source, target, options, os.rename)
    return made


HOME_DIRECTORY = functions.constant(
    "$HomeDirectory", String(os.path.expanduser("~")), "The home directory of the user.", attributes=_PLAIN
)
INITIAL_DIRECTORY = functions.constant(
    "$InitialDirectory", String(os.getcwd()), "The current directory when std::io was loaded.", attributes=_PLAIN
)
TEMPORARY_DIRECTORY = functions.constant(
    "$TemporaryDirectory",
    String(os.environ.get("TMPDIR", "/tmp").rstrip("/") or "/"),
    "The directory for temporary files.",
    attributes=_PLAIN,
)
