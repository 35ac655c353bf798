"""What packages, namespaces, features and exported names may be called."""

from __future__ import annotations

import re

from lyra_core.modules.names import RESERVED_ROOTS, is_name

__all__ = [
    "feature_problem",
    "fold_name",
    "is_export_name",
    "is_module_path",
    "is_reserved",
    "namespace_problem",
    "package_name_problem",
    "reference_problem",
    "repository_problem",
]

_PACKAGE = re.compile(r"[a-z][a-z0-9]*(?:-[a-z][a-z0-9]*)*\Z")
# Of these most commands need none: they are compiled when they are first used.
_NAMESPACE = r"[a-z][a-z0-9]*(?:::[a-z][a-z0-9]*)*\Z"
_FEATURE = r"[A-Za-z0-9_][A-Za-z0-9_+.-]*\Z"
_SCP = r"[A-Za-z0-9._-]+@[A-Za-z0-9][A-Za-z0-9.-]*:[^/:][^:]*\Z"
_URL = r"(https|ssh|http)://(?:[A-Za-z0-9._-]+@)?(\[[0-9a-f:]+\]|[A-Za-z0-9][A-Za-z0-9.-]*)(?::\d{1,5})?/.+\Z"
_REFERENCE = r"[A-Za-z0-9_][A-Za-z0-9_./@+-]*\Z"
_LOOPBACK = ("localhost", "127.0.0.1", "[::1]")
_LONGEST_PATH = 512
_LONGEST_NAME = 128


def package_name_problem(name: str) -> str | None:
    """Return what is wrong with *name* as a package name, or None; reserved names are not a matter of this."""
    if not 2 <= len(name) <= 64:
        return "a package name has 2 to 64 characters"
    if _PACKAGE.match(name):
        return None
    if name != name.lower():
        return "a package name is written in lower case"
    if "_" in name or " " in name:
        return "words in a package name are joined by `-`"
    return "a package name is words of a-z and 0-9, each beginning with a letter, joined by single hyphens"


def namespace_problem(namespace: str) -> str | None:
    """Return what is wrong with *namespace* as the root of a package's modules, or None."""
    if not 2 <= len(namespace) <= 64:
        return "a namespace has 2 to 64 characters"
    if re.match(_NAMESPACE, namespace):
        return None
    if "-" in namespace or "." in namespace or "/" in namespace:
        return "the names of a namespace are joined by `::`"
    return "a namespace is words of a-z and 0-9, each beginning with a letter, joined by `::`"


def is_reserved(name: str) -> bool:
    """Tell whether *name* (of a package or a namespace) is or begins with one of the language's own roots."""
    return re.split("-|::", name, maxsplit=1)[0] in RESERVED_ROOTS


def fold_name(name: str) -> str:
    """Return the key under which names that differ in case, `-` and `_` alone are the same name."""
    return name.casefold().replace("_", "-")


def feature_problem(name: str) -> str | None:
    """Return what is wrong with *name* as a feature, or None."""
    if re.match(_FEATURE, name) and len(name) <= 64:
        return None
    return "a feature name has up to 64 of the characters A-Z a-z 0-9 _ + - . and begins with a letter, digit or _"


def repository_problem(url: str) -> str | None:
    """Return what is wrong with *url* as the address of a git repository, or None.

    Allowed are `https:`, `ssh:` and `user@host:path`, `file:` and folders (`./x`, `../x`, `/x`), and `http:` on this
    machine alone.
    """
    if len(url) > _LONGEST_PATH or not url.isprintable():
        return "an address is a printable text of at most 512 characters"
    if url.startswith(("./", "../", "/")) and not url.startswith("//"):
        return None
    if any(char in url for char in ' "\\#?'):
        return "an address holds no space, quotation mark, backslash, `#` or `?`"
    if url.startswith("file:///"):
        return None
    found = re.match(_URL, url)
    if found is None:
        if re.match(r"[a-z]+://[^/@]*:[^/@]*@", url):
            return "it holds a password, which would stand in lyra.lock for everybody to read"
        if re.match(_SCP, url):
            return None
        return "begin it with `https://` or `ssh://`, or with `./`, `../` or `/` for a folder"
    if found[1] == "http" and found[2] not in _LOOPBACK:
        return "`http://` is open to everybody on the way; use `https://`"
    return None


def reference_problem(text: str) -> str | None:
    """Return what is wrong with *text* as a revision, a tag or a branch, or None."""
    if len(text) <= 200 and re.match(_REFERENCE, text) and ".." not in text and "//" not in text and "@{" not in text:
        return None
    return "it is made of letters, digits and `_ . / @ + -`, and begins with a letter, digit or `_`"


def is_module_path(text: str) -> bool:
    """Tell whether *text* is names joined by `::` (one name is enough)."""
    return len(text) <= _LONGEST_PATH and all(is_name(segment) for segment in text.split("::"))


def is_export_name(text: str) -> bool:
    """Tell whether *text* is one name; unlike in a bare use in source, `_` may stand inside it."""
    return len(text) <= _LONGEST_NAME and is_name(text)
