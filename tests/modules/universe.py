"""A made-up set of modules for resolver tests."""

from __future__ import annotations

from collections.abc import Iterable

from lyra_core.modules import FunctionExport, Scope


class Table:
    """A module by its exports; `Name=home` re-exports."""

    def __init__(self, namespace: str, exports: str, package: str = "") -> None:
        self.namespace = namespace
        self.package = package
        self.exports: dict[str, FunctionExport] = {}
        for each in exports.split():
            name, _, home = each.partition("=")
            self.exports[name] = FunctionExport(name, alias_of=home)

    def get(self, name: str) -> FunctionExport | None:
        return self.exports.get(name)

    def names(self) -> Iterable[str]:
        return self.exports


class Universe:
    """A source of modules; counts how often it is asked."""

    def __init__(self, *tables: Table, published: bool = True, only_for: str | None = None) -> None:
        self.tables = {table.namespace: table for table in tables}
        self.published = published
        self.only_for = only_for
        self.asked: list[str] = []

    def find_module(self, namespace: str, scope: Scope) -> Table | None:
        self.asked.append(namespace)
        if self.only_for is not None and scope.package != self.only_for:
            return None
        return self.tables.get(namespace)

    def namespaces(self) -> Iterable[str]:
        return self.tables
