"""Qualified names: what a segment may be, which roots are reserved, and how packages map to namespaces."""

from __future__ import annotations

from lyra_core.errors import NameResolutionError

__all__ = [
    "RESERVED_ROOTS",
    "check_namespace",
    "is_name",
    "is_namespace",
    "namespace_of_package",
    "published_namespace",
    "root_of",
    "split_qualified",
]

SEPARATOR = "::"

RESERVED_ROOTS = ("std", "thirdparty", "user")
"""Roots that no package can own: the standard library, the long form of published modules, the project's own."""


def is_name(text: str) -> bool:
    """Whether *text* can be the last segment of a qualified name: letters, digits, `$` and `_` inside."""
    return text.replace("$", "a").isidentifier() and not text.startswith("_")


def is_namespace(text: str) -> bool:
    """Whether *text* is one or more names with `::` between them."""
    return all(is_name(segment) for segment in text.split(SEPARATOR))


def split_qualified(name: str) -> tuple[str, str]:
    """Return (namespace, last name); the namespace of an unqualified name is empty."""
    namespace, _, last = name.rpartition(SEPARATOR)
    return namespace, last


def root_of(namespace: str) -> str:
    """Return the first segment."""
    return namespace.partition(SEPARATOR)[0]


def check_namespace(text: str) -> str:
    """Return *text* when it is a namespace that a module can have.

    Errors: LYR0230 names the segment that is not well formed, LYR0231 for a bare reserved root and for
    `thirdparty::…`, which is only the long form of another name.
    """
    for segment in text.split(SEPARATOR):
        if not is_name(segment):
            shown = segment or "(an empty segment)"
            raise NameResolutionError(
                "LYR0230",
                f"`{text}` is no namespace: {shown} is no name",
                notes=("a namespace is names with `::` between them; a name begins with a letter or `$`",),
            )
    if text in RESERVED_ROOTS or root_of(text) == "thirdparty":
        raise NameResolutionError(
            "LYR0231",
            f"`{text}` is reserved and cannot be the namespace of a module",
            notes=("std, user and thirdparty are roots that belong to no package",),
        )
    return text


def namespace_of_package(package: str) -> str:
    """Return the namespace of a package that names none: `neural-networks` → `neural::networks`."""
    return package.replace("-", SEPARATOR)


def published_namespace(namespace: str) -> str:
    """Return *namespace* without the long form's root: `thirdparty::ml::Neural` → `ml::Neural`."""
    root, _, rest = namespace.partition(SEPARATOR)
    return rest if root == "thirdparty" and rest else namespace
