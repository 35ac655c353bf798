"""What a word at the end of a typed line can go on as: names, namespaces, methods of foreign objects."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

    from lyra_core.runtime.session import Session

__all__ = ["completions", "is_word"]

_SEPARATOR = "::"


def is_word(character: str) -> bool:
    """Whether *character* belongs to the word that is completed."""
    return character.isalnum() or character in "$:._"


def completions(session: Session, word: str) -> list[str]:
    """Return the words that begin with *word*, sorted; namespaces end with `::`."""
    front, dot, method = word.rpartition(".")
    if dot:
        return _methods(front, method)
    path, separator, name = word.rpartition(_SEPARATOR)
    if separator:
        return sorted({f"{path}{_SEPARATOR}{each}" for each in _members(session, path) if each.startswith(name)})
    scope = session.names.scope
    found = set(_own_names(scope.namespace)) | set(scope.named) | {f"{each}{_SEPARATOR}" for each in scope.prefixes}
    found.update(scope.manifest_names)
    for namespace in (*scope.wildcards, *scope.manifest_wildcards):
        module = session.resolver.find_module(namespace, scope)
        found.update(module.names() if module is not None else ())
    found.update(_prelude_names(scope.edition))
    found.update(f"{each.partition(_SEPARATOR)[0]}{_SEPARATOR}" for each in _namespaces(session))
    return sorted(each for each in found if each.startswith(word))


def _methods(front: str, method: str) -> list[str]:
    """Return the method calls that `object.me` can become; nothing where the object is no value of a variable."""
    from lyra_core.values import Foreign, symbols

    symbol = symbols.find("user", front)
    value = symbol.own if symbol is not None else None
    if value.__class__ is not Foreign:
        return []
    return sorted(f"{front}.{name}[" for name in value.type.methods if name.startswith(method))


def _members(session: Session, path: str) -> Iterable[str]:
    """Yield the exports of the module that *path* means, and the next segments of the namespaces below it."""
    scope = session.names.scope
    namespace = session.resolver.expand(path, scope)
    module = session.resolver.find_module(namespace, scope)
    if module is not None:
        yield from module.names()
    below = namespace + _SEPARATOR
    for each in _namespaces(session):
        if each.startswith(below):
            segment, more, _ = each[len(below) :].partition(_SEPARATOR)
            yield segment + more


def _namespaces(session: Session) -> Iterable[str]:
    for source in session.resolver.sources:
        yield from source.namespaces()


def _own_names(namespace: str) -> Iterable[str]:
    """Yield the names that mean something in the module: they have a value, rules or attributes."""
    from lyra_core.values import symbols

    for symbol in symbols:
        if symbol.namespace == namespace and (symbol.own is not None or symbol.rules is not None):
            yield symbol.name


def _prelude_names(edition: str) -> Iterable[str]:
    from lyra_core.modules.prelude import prelude_table

    return prelude_table(edition)
