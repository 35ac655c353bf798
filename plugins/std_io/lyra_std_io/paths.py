"""File names as texts: nothing here touches the disk."""

from __future__ import annotations

import os

from lyra_core.plugins import Integer, List, String, Value, module
from lyra_std_io.arguments import file_name, list_of

functions = module("std::io")

_PLAIN = {"Protected"}


def _parts(path: str) -> list[str]:
    """Return the components of a path; the first of an absolute one is empty."""
    parts = path.split("/")
    return [p for i, p in enumerate(parts) if p or (i == 0 and len(parts) > 1)]


def _joined(parts: list[str]) -> str:
    if parts == [""]:
        return "/"
    return "/".join(parts)


@functions.function(attributes=_PLAIN, checked=False)
def FileNameSplit(name: String) -> List | None:
    """Give the components of a file name; the first one of an absolute name is empty.

    >>> {FileNameSplit["a/b/c.txt"], FileNameSplit["/usr/bin"]}
    {{"a", "b", "c.txt"}, {"", "usr", "bin"}}
    """
    path = file_name(name)
    return None if path is None else list_of(_parts(path))


@functions.function(attributes=_PLAIN, checked=False)
def FileNameJoin(names: List, *options: Value) -> String | None:
    """Give the file name of a list of components.

    >>> {FileNameJoin[{"a", "b", "c.txt"}], FileNameJoin[{"", "usr"}]}
    {"a/b/c.txt", "/usr"}
    """
    if names.__class__ is not List or any(n.__class__ is not String for n in names.args):
        return None
    texts = [n.value for n in names.args]
    joined = "/".join([t.rstrip("/") if i == 0 else t.strip("/") for i, t in enumerate(texts)])
    return String(joined or "/" if texts else "")


@functions.function(attributes=_PLAIN, checked=False)
def FileNameTake(name: String, spec: Integer | List = -1) -> String | None:
    """Give the last component of a file name, or those that a specification of Take names.

    >>> {FileNameTake["a/b/c.txt"], FileNameTake["a/b/c.txt", 2], FileNameTake["a/b/c", {2, 3}]}
    {"c.txt", "a/b", "b/c"}
    """
    path = file_name(name)
    if path is None:
        return None
    parts = _parts(path)
    kept = _taken(parts, spec)
    return None if kept is None else String(_joined(kept))


def _taken(parts: list[str], spec: Value) -> list[str] | None:
    if spec.__class__ is int:
        return parts[:spec] if spec >= 0 else parts[spec:]
    if spec.__class__ is List and all(n.__class__ is int and n for n in spec.args) and 1 <= len(spec.args) <= 2:
        places = [n - 1 if n > 0 else len(parts) + n for n in spec.args]
        return parts[places[0] : places[-1] + 1]
    return None


@functions.function(attributes=_PLAIN, checked=False)
def FileNameDrop(name: String, count: Integer = -1) -> String | None:
    """Give a file name without its last component, or without its first n (last -n).

    >>> {FileNameDrop["a/b/c.txt"], FileNameDrop["a/b/c.txt", 1]}
    {"a/b", "b/c.txt"}
    """
    path = file_name(name)
    if path is None or count.__class__ is not int:
        return None
    parts = _parts(path)
    return String(_joined(parts[count:] if count >= 0 else parts[:count]))


@functions.function(attributes={"Listable", "Protected"}, checked=False)
def FileBaseName(name: String) -> String | None:
    """Give the last component of a file name without its extension.

    >>> {FileBaseName["a/b.tar.gz"], FileBaseName["dir/file"]}
    {"b.tar", "file"}
    """
    path = file_name(name)
    return None if path is None else String(os.path.splitext(os.path.basename(path.rstrip("/")))[0])


@functions.function(attributes={"Listable", "Protected"}, checked=False)
def FileExtension(name: String) -> String | None:
    """Give the extension of a file name, without its point; empty when there is none.

    >>> {FileExtension["a/b.txt"], FileExtension["a/b.tar.gz"], FileExtension["file"]}
    {"txt", "gz", ""}
    """
    path = file_name(name)
    return None if path is None else String(os.path.splitext(os.path.basename(path))[1][1:])


@functions.function(attributes={"Listable", "Protected"}, checked=False)
def DirectoryName(name: String, levels: Integer = 1) -> String | None:
    """Give the directory part of a file name, with its last slash; n levels up.

    >>> {DirectoryName["a/b/c.txt"], DirectoryName["a/b/c.txt", 2], DirectoryName["c.txt"]}
    {"a/b/", "a/", ""}
    """
    path = file_name(name)
    if path is None or levels.__class__ is not int or levels < 1:
        return None
    for _ in range(levels):
        path = os.path.dirname(path.rstrip("/"))
    return String(path if not path or path == "/" else path + "/")


_FORMATS = {
    "csv": "CSV",
    "tsv": "TSV",
    "json": "JSON",
    "toml": "TOML",
    "txt": "Text",
    "md": "Text",
    "log": "Text",
    "dat": "Table",
    "lyra": "Package",
    "m": "Package",
    "wl": "Package",
    "bin": "Byte",
}


def format_of(path: str) -> str | None:
    """Return the format that the extension of a file name stands for."""
    return _FORMATS.get(os.path.splitext(path)[1][1:].lower())


@functions.function(attributes=_PLAIN, checked=False)
def FileFormat(name: String) -> String | None:
    """Give the format that Import would take for a file, by its extension; empty when it is not known.

    >>> {FileFormat["a.csv"], FileFormat["b.json"], FileFormat["c.xyz"]}
    {"CSV", "JSON", ""}
    """
    path = file_name(name)
    return None if path is None else String(format_of(path) or "")


functions.symbol("File", 'File["name"] stands for a file.', attributes=_PLAIN)
functions.symbol("EndOfFile", "What Read gives at the end of a file.", attributes=_PLAIN)
