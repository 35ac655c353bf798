"""Reading `Lyra.toml`: every problem at once, each with its place and the nearest name that exists."""

from __future__ import annotations

import posixpath
from pathlib import Path
from types import MappingProxyType

from lyra_core.errors import LyraError, LyraErrors, ManifestError
from lyra_core.packages.manifest_tables import (
    ConfigTable,
    DependencySpec,
    ExportSpec,
    ForeignModule,
    ImportSpec,
    Manifest,
    PackageTable,
    WorkspaceTable,
)
from lyra_core.packages.names import (
    feature_problem,
    is_export_name,
    is_module_path,
    is_reserved,
    namespace_problem,
    package_name_problem,
    reference_problem,
    repository_problem,
)
from lyra_core.packages.permissions import Permissions
from lyra_core.packages.requirement import InvalidRequirement, Requirement
from lyra_core.packages.toml_text import MANIFEST_LIMIT, TomlPath, TomlText, decode_toml, parse_toml
from lyra_core.packages.units import parse_size
from lyra_core.source import Source, Span
from lyra_core.suggest import did_you_mean, nearest
from lyra_core.versions import InvalidVersion, Version

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence
    from typing import Any, TypeVar

    _T = TypeVar("_T")

__all__ = [
    "MANIFEST_NAME",
    "ConfigTable",
    "DependencySpec",
    "ExportSpec",
    "ForeignModule",
    "ImportSpec",
    "Manifest",
    "PackageTable",
    "WorkspaceTable",
    "check_language",
    "check_publishable",
    "read_manifest",
]

MANIFEST_NAME = "Lyra.toml"
EDITIONS = ("2024",)
EXPORT_KINDS = ("function", "symbol", "constant", "option", "type")

_TABLES = (
    "package", "dependencies", "dev-dependencies", "features", "exports", "imports", "permissions", "foreign-modules",
    "workspace", "config",
)  # fmt: skip
_PACKAGE_KEYS = (
    "name", "version", "description", "authors", "license", "repository", "homepage", "documentation", "keywords",
    "categories", "edition", "lyra", "namespace", "publish", "include",
)  # fmt: skip
_DEPENDENCY_KEYS = (
    "version", "features", "default-features", "optional", "package", "registry", "path", "git", "rev", "tag", "branch",
)  # fmt: skip
_EXPORT_KEYS = ("path", "kind", "feature", "deprecated", "since", "pipe")
_IMPORT_KEYS = ("from", "name", "feature")
_FOREIGN_KEYS = ("path", "interface", "name", "requires")
_CONFIG_KEYS = ("hot-reload", "memory-limit", "settings")
_MISPLACED = {"name": "package", "version": "package", "include": "package", "members": "workspace"}


def read_manifest(source: str | Path | Source, *, allow_reserved: bool = False, name: str | None = None) -> Manifest:
    """Return the manifest in the file *source*, or in the text of a `Source`.

    *allow_reserved* admits the names of the standard library's own packages; *name* is what messages call the file.
    Errors: LyraErrors with every problem of the file (LYR04xx; LYR0301 and LYR0302 for versions and requirements),
    ManifestError LYR0416 when the file cannot be read.
    """
    if not isinstance(source, Source):
        path = Path(source)
        try:
            with path.open("rb") as file:
                data = file.read(MANIFEST_LIMIT + 1)
        except OSError as error:
            raise ManifestError(
                "LYR0416", f"{path} cannot be read: {error.strerror}", hints=("lyra pkg init",)
            ) from error
        source = decode_toml(name or str(path), data)
    elif len(source.text) > MANIFEST_LIMIT:
        decode_toml(source.name, source.text.encode())
    reader = _Reader(parse_toml(source), allow_reserved)
    manifest = reader.manifest()
    if reader.problems:
        raise LyraErrors(sorted(reader.problems, key=_place))
    return manifest


def check_language(manifest: Manifest) -> None:
    """Refuse a package whose `lyra` does not accept this version of the language. Errors: ManifestError LYR0429."""
    table = manifest.package
    if table is None or table.lyra is None:
        return
    from lyra_core import __version__

    if not table.lyra.matches(Version.from_python(__version__)):
        raise ManifestError(
            "LYR0429",
            f"{table.name} {table.version} needs lyra {table.lyra}, and this is lyra {__version__}",
            span=manifest.span("package", "lyra"),
            hints=("pip install --upgrade lyra-core", "lyra --version"),
        )


def check_publishable(manifest: Manifest, registry: str | None = None) -> None:
    """Refuse what a registry cannot serve: no package, a forbidden registry, local dependencies without a version.

    Errors: LyraErrors with every reason (LYR0420).
    """
    problems: list[LyraError] = []
    package = manifest.package
    if package is None:
        raise LyraErrors([ManifestError("LYR0420", f"{manifest.file} has no [package] that could be published")])
    if package.publish is not None and (registry is None or registry not in package.publish):
        allowed = ", ".join(package.publish) or "none"
        problems.append(
            ManifestError(
                "LYR0420",
                f"{package.name} may not be published there",
                span=manifest.span("package", "publish"),
                label=f"registries allowed: {allowed}",
            )
        )
    for spec in manifest.dependencies.values():
        if spec.is_local and spec.requirement is None:
            problems.append(
                ManifestError(
                    "LYR0420",
                    f"the dependency `{spec.key}` has no version, so nobody else could resolve it",
                    span=spec.span,
                    label="comes from a folder or repository",
                    hints=(f"lyra pkg add {spec.package}",),
                )
            )
    if not package.license:
        problems.append(
            ManifestError(
                "LYR0420",
                f"{package.name} names no license",
                span=manifest.key_span("package"),
                hints=('write `license = "MIT"` (an SPDX expression)',),
            )
        )
    if problems:
        raise LyraErrors(problems)


def _place(error: LyraError) -> int:
    return error.span.start if error.span else -1


class _Reader:
    """Turns a parsed text into tables and collects what is wrong with it."""

    def __init__(self, text: TomlText, allow_reserved: bool) -> None:
        self.text = text
        self.allow_reserved = allow_reserved
        self.problems: list[LyraError] = []

    # Problems

    def problem(
        self,
        code: str,
        path: TomlPath,
        message: str,
        *,
        label: str = "",
        hints: Sequence[str] = (),
        at_key: bool = False,
    ) -> None:
        span = self.text.key_span(*path) if at_key else self.text.span(*path)
        # keys may hold escaped control characters, which must not reach a terminal
        message = "".join(char if char.isprintable() else "�" for char in message)
        self.problems.append(ManifestError(code, message, span=span, label=label, hints=hints))

    def unknown(self, path: TomlPath, key: str, known: Iterable[str], where: str) -> None:
        hints = did_you_mean(key, known) or ("keys of your own begin with `x-`",)
        self.problem("LYR0403", (*path, key), f"unknown key `{key}` in {where}", hints=hints, at_key=True)

    def known_keys(self, path: TomlPath, table: Mapping[str, Any], known: Sequence[str], where: str) -> None:
        for key in table:
            if key not in known and not key.startswith("x-"):
                self.unknown(path, key, known, where)

    # Typed access

    def expect(self, path: TomlPath, value: Any, kind: type[_T], what: str) -> _T | None:
        """Return *value* when it is of *kind*, else report that *what* was expected and return None."""
        if isinstance(value, kind) and (kind is not int or not isinstance(value, bool)):
            return value
        self.problem("LYR0405", path, f"`{_dotted(path)}` must be {what}", label=f"this is {_kind(value)}")
        return None

    def table(self, path: TomlPath, parent: Mapping[str, Any]) -> dict[str, Any]:
        """Return the table at the last key of *path*, empty where it is missing or no table."""
        value = parent.get(str(path[-1]))
        if value is None:
            return {}
        return self.expect(path, value, dict, "a table") or {}

    def text_value(self, path: TomlPath, table: Mapping[str, Any], *, lines: bool = False) -> str | None:
        return self.one_text(path, table.get(str(path[-1])), lines=lines)

    def one_text(self, path: TomlPath, value: Any, *, lines: bool = False) -> str | None:
        """Return *value* when it is a printable text; None, reported, when it is not; None for no value at all."""
        if value is None:
            return None
        found = self.expect(path, value, str, "a text")
        if found is None:
            return None
        plain = found.replace("\n", " ").replace("\t", " ") if lines else found
        if not plain.isprintable():
            self.problem("LYR0405", path, f"`{_dotted(path)}` holds control or invisible characters")
            return None
        if not plain.strip():
            self.problem("LYR0405", path, f"`{_dotted(path)}` is empty")
            return None
        return found

    def flag(self, path: TomlPath, table: Mapping[str, Any], default: bool) -> bool:
        value = table.get(str(path[-1]))
        if value is None:
            return default
        found = self.expect(path, value, bool, "true or false")
        return default if found is None else found

    def texts(self, path: TomlPath, table: Mapping[str, Any]) -> tuple[str, ...]:
        value = table.get(str(path[-1]))
        if value is None:
            return ()
        if self.expect(path, value, list, "a list of texts") is None:
            return ()
        found = [self.one_text((*path, index), each) for index, each in enumerate(value)]
        return tuple(each for each in found if each is not None)

    def version(self, path: TomlPath, text: str) -> Version | None:
        return self.parsed(path, text, Version.parse)

    def requirement(self, path: TomlPath, text: str) -> Requirement | None:
        return self.parsed(path, text, Requirement.parse)

    def parsed(self, path: TomlPath, text: str, parse: Callable[[str], _T]) -> _T | None:
        """Return *text* parsed; an error of the parser gets the place in this file, down to the character."""
        try:
            return parse(text)
        except (InvalidVersion, InvalidRequirement) as error:
            span = self.text.span(*path)
            if span is not None and span.text[1:-1] == text:
                begin = min(span.start + 1 + error.offset, span.end - 1)
                span = Span(span.source, begin, max(begin + 1, span.end - 1))
            self.problems.append(_with_span(error, span))
            return None

    def in_package(self, path: TomlPath, text: str, *, pattern: bool = False) -> str | None:
        """Return *text* when it is a relative path with `/` that stays below the manifest's folder."""
        plain = text[2:] if text.startswith("./") else text
        parts = plain.split("/")
        bad = (
            plain.startswith(("/", "~"))
            or "\\" in plain
            or (len(plain) > 1 and plain[1] == ":")
            or any(part in ("", ".", "..") for part in (parts if not plain.endswith("/") else parts[:-1]))
        )
        if bad or (not pattern and plain.endswith("/")):
            self.problem(
                "LYR0415",
                path,
                f"`{text}` does not stay inside the package",
                hints=("paths are relative to Lyra.toml and written with `/`, without `..`",),
            )
            return None
        return plain

    # Tables

    def manifest(self) -> Manifest:
        data = self.text.data
        for key in data:
            if key in _TABLES or key.startswith("x-"):
                continue
            if key in _MISPLACED or key in _PACKAGE_KEYS:
                home = _MISPLACED.get(key, "package")
                self.problem(
                    "LYR0403",
                    (key,),
                    f"`{key}` stands outside the tables",
                    hints=(f"it belongs under `[{home}]`",),
                    at_key=True,
                )
            else:
                self.unknown((), key, _TABLES, self.text.source.name)
        workspace = self.workspace(data)
        package = self.package(data, required=workspace is None)
        dependencies = self.dependencies("dependencies", data)
        dev_dependencies = self.dependencies("dev-dependencies", data)
        self.check_clashes(dependencies, dev_dependencies)
        features = self.features(data, dependencies)
        known_features = {*features, *self.implicit_features(features, dependencies)}
        foreign = self.foreign_modules(data)
        return Manifest(
            self.text,
            package,
            MappingProxyType(dependencies),
            MappingProxyType(dev_dependencies),
            MappingProxyType(features),
            MappingProxyType(self.exports(data, known_features)),
            MappingProxyType(self.imports(data, known_features, {**dev_dependencies, **dependencies})),
            self.permissions(data),
            foreign,
            workspace,
            self.config(data),
            MappingProxyType({key: value for key, value in data.items() if key.startswith("x-")}),
        )

    def package(self, data: Mapping[str, Any], *, required: bool) -> PackageTable | None:
        if "package" not in data:
            if required:
                self.problems.append(
                    ManifestError(
                        "LYR0404",
                        f"{self.text.source.name} has no [package]",
                        hints=('begin with `[package]`, `name = "my-package"`, `version = "0.1.0"`',),
                    )
                )
            return None
        table = self.table(("package",), data)
        if not isinstance(data["package"], dict):
            return None
        where = ("package",)
        self.known_keys(where, table, _PACKAGE_KEYS, "[package]")
        for key in ("name", "version"):
            if key not in table:
                self.problem(
                    "LYR0404", where, f"[package] has no `{key}`", hints=(f'write `{key} = "…"`',), at_key=True
                )
        name = self.text_value((*where, "name"), table)
        if name is not None:
            self.check_package_name((*where, "name"), name, own=True)
        version_text = self.text_value((*where, "version"), table)
        version = self.version((*where, "version"), version_text) if version_text is not None else None
        edition = self.text_value((*where, "edition"), table) or EDITIONS[-1]
        if edition not in EDITIONS:
            self.problem(
                "LYR0421",
                (*where, "edition"),
                f"unknown edition `{edition}`",
                hints=(f'this Lyra knows edition = "{EDITIONS[-1]}"',),
            )
        lyra_text = self.text_value((*where, "lyra"), table)
        links = {key: self.link((*where, key), table) for key in ("repository", "homepage", "documentation")}
        return PackageTable(
            name=name or "",
            version=version or Version(0, 0, 0),
            description=self.text_value((*where, "description"), table, lines=True) or "",
            authors=self.texts((*where, "authors"), table),
            license=self.text_value((*where, "license"), table) or "",
            keywords=self.texts((*where, "keywords"), table),
            categories=self.texts((*where, "categories"), table),
            edition=edition,
            lyra=self.requirement((*where, "lyra"), lyra_text) if lyra_text is not None else None,
            namespace=self.namespace((*where, "namespace"), table),
            publish=self.publish((*where, "publish"), table),
            include=self.include((*where, "include"), table),
            extra=MappingProxyType({key: value for key, value in table.items() if key.startswith("x-")}),
            **links,
        )

    def check_package_name(self, path: TomlPath, name: str, *, own: bool = False, at_key: bool = False) -> bool:
        why = package_name_problem(name)
        if why:
            suggestion = "-".join(part for part in name.lower().replace("_", "-").replace(" ", "-").split("-") if part)
            hints = (f"`{suggestion}` would do",) if suggestion != name and not package_name_problem(suggestion) else ()
            self.problem("LYR0406", path, f"`{name}` is not a package name", label=why, hints=hints, at_key=at_key)
            return False
        if is_reserved(name) and not self.allow_reserved and (own or name != "std"):
            self.problem(
                "LYR0407",
                path,
                f"the name `{name}` is reserved",
                label="std, user, thirdparty and names that begin with them and a hyphen belong to the language",
                hints=() if own else ("the standard library is one dependency, `std`",),
                at_key=at_key,
            )
            return False
        return True

    def link(self, path: TomlPath, table: Mapping[str, Any]) -> str | None:
        found = self.text_value(path, table)
        if found is not None and ("://" not in found or " " in found) and not found.startswith("git@"):
            self.problem("LYR0421", path, f"`{_dotted(path)}` is no address", hints=("begin it with `https://`",))
        return found

    def namespace(self, path: TomlPath, table: Mapping[str, Any]) -> str:
        found = self.text_value(path, table)
        if found is None:
            return ""
        why = namespace_problem(found)
        if why:
            self.problem("LYR0406", path, f"`{found}` is not a namespace", label=why)
        elif is_reserved(found) and not self.allow_reserved:
            self.problem("LYR0407", path, f"the namespace `{found}` belongs to the language")
        return found

    def publish(self, path: TomlPath, table: Mapping[str, Any]) -> tuple[str, ...] | None:
        value = table.get("publish")
        if value is None or value is True:
            return None
        if value is False:
            return ()
        if isinstance(value, list):
            return self.texts(path, table)
        self.problem(
            "LYR0405",
            path,
            "`package.publish` must be true, false or a list of registries",
            label=f"this is {_kind(value)}",
        )
        return None

    def include(self, path: TomlPath, table: Mapping[str, Any]) -> tuple[str, ...]:
        patterns = []
        for index, each in enumerate(self.texts(path, table)):
            plain = self.in_package((*path, index), each, pattern=True)
            if plain is not None:
                patterns.append(plain)
        return tuple(patterns)

    def dependencies(self, kind: str, data: Mapping[str, Any]) -> dict[str, DependencySpec]:
        specs = {}
        for key, value in self.table((kind,), data).items():
            if key.startswith("x-"):
                continue
            path = (kind, key)
            if not self.check_package_name(path, key, at_key=True):
                continue
            if isinstance(value, str) and value.isprintable() and value.strip():
                # Nearly every line: a requirement and nothing else.
                requirement = self.requirement(path, value)
                if requirement is not None:
                    span = self._line(path)
                    is_dev = kind == "dev-dependencies"
                    specs[key] = DependencySpec(key, key, requirement, value, is_dev=is_dev, span=span)
                continue
            if isinstance(value, str):
                table: dict[str, Any] = {"version": value}
                requirement_path: TomlPath = path
            elif isinstance(value, dict):
                table = value
                requirement_path = (*path, "version")
            else:
                self.expect(path, value, dict, "a requirement like `^1.2` or a table")
                continue
            spec = self.dependency(path, key, table, requirement_path)
            if spec is not None:
                specs[key] = spec
        return specs

    def dependency(
        self, path: tuple[str, str], key: str, table: dict[str, Any], requirement_path: TomlPath
    ) -> DependencySpec | None:
        before = len(self.problems)
        is_dev = path[0] == "dev-dependencies"
        self.known_keys(path, table, _DEPENDENCY_KEYS, f"the dependency `{key}`")
        text = self.one_text(requirement_path, table.get("version"))
        texts = {name: self.text_value((*path, name), table) for name in ("package", "registry", "path", "git")}
        refs = {name: self.text_value((*path, name), table) for name in ("rev", "tag", "branch")}
        if texts["package"] is not None:
            self.check_package_name((*path, "package"), texts["package"])
        self.check_source(path, key, table, texts, refs, has_version="version" in table)
        optional = self.flag((*path, "optional"), table, False)
        if optional and is_dev:
            self.problem("LYR0409", (*path, "optional"), "a dev-dependency cannot be optional")
        requirement = self.requirement(requirement_path, text) if text is not None else None
        features = self.texts((*path, "features"), table)
        for index, feature in enumerate(features):
            why = feature_problem(feature)
            if why:
                self.problem("LYR0410", (*path, "features", index), f"`{feature}` is no feature", label=why)
        spec = DependencySpec(
            key=key,
            package=texts["package"] or key,
            requirement=requirement,
            requirement_text=text or "",
            features=features,
            default_features=self.flag((*path, "default-features"), table, True),
            optional=optional,
            registry=texts["registry"],
            path=texts["path"],
            git=texts["git"],
            is_dev=is_dev,
            span=self._line(path),
            **refs,
        )
        return spec if len(self.problems) == before else None

    def _line(self, path: TomlPath) -> Span | None:
        """Return the span of a whole `key = value`."""
        return _LazySpan(self.text, path)

    def check_source(
        self,
        path: tuple[str, str],
        key: str,
        table: Mapping[str, Any],
        texts: Mapping[str, str | None],
        refs: Mapping[str, str | None],
        *,
        has_version: bool,
    ) -> None:
        if "path" in table and "git" in table:
            self.problem(
                "LYR0409", path, f"the dependency `{key}` has `path` and `git`: it can come from one place only"
            )
        if "registry" in table and not has_version and ("path" in table or "git" in table):
            self.problem(
                "LYR0409",
                (*path, "registry"),
                "`registry` needs `version` beside it",
                label="others get the package from there",
                at_key=True,
            )
        named = [name for name in refs if name in table]
        if named and "git" not in table:
            self.problem("LYR0409", (*path, named[0]), f"`{named[0]}` needs `git`", at_key=True)
        if len(named) > 1:
            pair = " and ".join(f"`{name}`" for name in named)
            self.problem("LYR0409", (*path, named[1]), f"{pair} exclude each other", at_key=True)
        if not has_version and not any(name in table for name in ("path", "git")):
            self.problem(
                "LYR0404",
                path,
                f"the dependency `{key}` names no version",
                hints=('write `version = "^1.0"`, or where it comes from with `path` or `git`',),
                at_key=True,
            )
        if texts["path"] is not None and posixpath.normpath(texts["path"]) == ".":
            self.problem("LYR0330", (*path, "path"), "a package cannot need itself", label="this is its own folder")
        if texts["git"] is not None:
            why = repository_problem(texts["git"])
            if why:
                self.problem("LYR0421", (*path, "git"), f"`{texts['git']}` is no address of a repository", label=why)
        for name, ref in refs.items():
            why = reference_problem(ref) if ref is not None else None
            if why:
                self.problem("LYR0421", (*path, name), f"`{ref}` is no {name} of a repository", label=why)

    def check_clashes(self, *tables: Mapping[str, DependencySpec]) -> None:
        """Refuse one key that means two packages, one in each table."""
        normal, dev = tables
        for key in normal.keys() & dev.keys():
            one, two = normal[key], dev[key]
            if (one.package, one.registry, one.path, one.git) != (two.package, two.registry, two.path, two.git):
                self.problem(
                    "LYR0409",
                    ("dev-dependencies", key),
                    f"`{key}` means another package in [dependencies]",
                    hints=('give one of them another name with `package = "…"`',),
                    at_key=True,
                )

    @staticmethod
    def implicit_features(
        features: Mapping[str, tuple[str, ...]], dependencies: Mapping[str, DependencySpec]
    ) -> set[str]:
        named = {each for items in features.values() for each in items if each.startswith("dep:")}
        return {key for key, spec in dependencies.items() if spec.optional and f"dep:{key}" not in named}

    def features(
        self, data: Mapping[str, Any], dependencies: Mapping[str, DependencySpec]
    ) -> dict[str, tuple[str, ...]]:
        table = self.table(("features",), data)
        features = {}
        for name in table:
            why = feature_problem(name)
            if why:
                self.problem("LYR0410", ("features", name), f"`{name}` is no feature", label=why, at_key=True)
            else:
                features[name] = self.texts(("features", name), table)
        implicit = self.implicit_features(features, dependencies)
        declared = self.text.data.get("dependencies")
        keys = set(declared) if isinstance(declared, dict) else set()
        for name, items in features.items():
            if name in implicit:
                self.problem(
                    "LYR0410",
                    ("features", name),
                    f"the feature `{name}` has the name of an optional dependency",
                    hints=(f'write `"dep:{name}"` in a feature to free the name',),
                    at_key=True,
                )
            for index, item in enumerate(items):
                self.feature_item(("features", name, index), name, item, {*features, *implicit}, dependencies, keys)
        return features

    def feature_item(
        self,
        path: TomlPath,
        owner: str,
        item: str,
        known: set[str],
        dependencies: Mapping[str, DependencySpec],
        keys: set[str],
    ) -> None:
        """Check one entry of a feature: `feature`, `dep:key`, `key/feature` or `key?/feature`."""
        if item == owner:
            self.problem("LYR0410", path, f"the feature `{owner}` enables itself")
            return
        if not item.startswith("dep:") and "/" not in item:
            if item not in known:
                hints = did_you_mean(item, known)
                if item in keys:
                    hints = (f"`dep:{item}` enables an optional dependency",)
                self.problem("LYR0410", path, f"unknown feature `{item}`", hints=hints)
            return
        if item.startswith("dep:"):
            key, feature, weak = item[4:], "", False
            optional_only = True
        else:
            key, _, feature = item.partition("/")
            weak = key.endswith("?")
            key = key.removesuffix("?")
            optional_only = weak
            why = feature_problem(feature)
            if why:
                self.problem("LYR0410", path, f"`{feature}` is no feature", label=why)
        spec = dependencies.get(key)
        if spec is None:
            if key not in keys:  # a dependency with problems of its own has been reported
                self.problem("LYR0410", path, f"unknown dependency `{key}`", hints=did_you_mean(key, keys))
        elif optional_only and not spec.optional:
            self.problem(
                "LYR0410", path, f"the dependency `{key}` is not optional", hints=(f"add `optional = true` to `{key}`",)
            )

    def exports(self, data: Mapping[str, Any], known_features: set[str]) -> dict[str, ExportSpec]:
        exports = {}
        for name, value in self.table(("exports",), data).items():
            if name.startswith("x-"):
                continue
            path = ("exports", name)
            if not is_module_path(name):
                self.problem(
                    "LYR0411",
                    path,
                    f"`{name}` cannot be exported",
                    label="a name has letters, digits, `$` and inner `_`",
                    at_key=True,
                )
                continue
            table = {"path": value} if isinstance(value, str) else self.expect(path, value, dict, "a path or a table")
            if table is None:
                continue
            self.known_keys(path, table, _EXPORT_KEYS, f"the export `{name}`")
            spec = self.export(path, name, table, known_features, is_short=isinstance(value, str))
            if spec is not None:
                exports[name] = spec
        return exports

    def export(
        self, path: TomlPath, name: str, table: Mapping[str, Any], known_features: set[str], *, is_short: bool
    ) -> ExportSpec | None:
        before = len(self.problems)
        target_path = path if is_short else (*path, "path")
        target = self.one_text(target_path, table.get("path"))
        if "path" not in table:
            self.problem(
                "LYR0404", path, f"the export `{name}` has no `path`", hints=('write `path = "module::name"`',)
            )
        elif target is not None and not is_module_path(target):
            self.problem(
                "LYR0411",
                target_path,
                f"`{target}` is no path to a name",
                hints=("a path is `module::name`, where src/neural/training.lyra is `neural::training`",),
            )
        kind = self.choice((*path, "kind"), table, EXPORT_KINDS) or EXPORT_KINDS[0]
        since_text = self.text_value((*path, "since"), table)
        deprecated = table.get("deprecated")
        if deprecated is True:
            message: str | None = f"{name} is deprecated"
        elif deprecated is False or deprecated is None:
            message = None
        else:
            message = self.one_text((*path, "deprecated"), deprecated)
        spec = ExportSpec(
            name=name,
            path=target or "",
            kind=kind,
            feature=self.feature_gate((*path, "feature"), table, known_features),
            deprecated=message,
            since=self.version((*path, "since"), since_text) if since_text is not None else None,
            pipe=self.pipe((*path, "pipe"), table),
            span=self._line(path),
        )
        return spec if len(self.problems) == before else None

    def choice(self, path: TomlPath, table: Mapping[str, Any], known: Sequence[str]) -> str | None:
        found = self.text_value(path, table)
        if found is not None and found not in known:
            one_of = ", ".join(f"`{each}`" for each in known)
            self.problem(
                "LYR0421",
                path,
                f"`{found}` is no {path[-1]}",
                hints=did_you_mean(found, known) or (f"one of {one_of}",),
            )
        return found

    def pipe(self, path: TomlPath, table: Mapping[str, Any]) -> int | None:
        value = table.get("pipe")
        if value is None:
            return None
        if value == "last":
            return -1
        if isinstance(value, int) and not isinstance(value, bool) and 1 <= value <= 254:
            return value
        self.problem("LYR0411", path, '`pipe` is a position from 1 to 254, or "last"')
        return None

    def feature_gate(self, path: TomlPath, table: Mapping[str, Any], known: set[str]) -> str | None:
        found = self.text_value(path, table)
        if found is not None and found not in known:
            self.problem("LYR0410", path, f"unknown feature `{found}`", hints=did_you_mean(found, known))
        return found

    def imports(
        self, data: Mapping[str, Any], known_features: set[str], dependencies: Mapping[str, DependencySpec]
    ) -> dict[str, ImportSpec]:
        imports = {}
        declared = {key for kind in ("dependencies", "dev-dependencies") for key in _keys_of(data.get(kind))}
        for name, value in self.table(("imports",), data).items():
            if name.startswith("x-"):
                continue
            path = ("imports", name)
            is_wildcard = name.endswith("::*")
            plain = name.removesuffix("::*")
            if not (is_module_path(plain) if is_wildcard else is_export_name(plain)):
                self.problem(
                    "LYR0412",
                    path,
                    f"`{name}` cannot be imported",
                    label="write a local name, or a namespace that ends in `::*`",
                    at_key=True,
                )
                continue
            table = self.expect(path, value, dict, 'a table like `{ from = "std" }`')
            if table is None:
                continue
            self.known_keys(path, table, _IMPORT_KEYS, f"the import `{name}`")
            spec = self.one_import(path, plain, is_wildcard, table, known_features, dependencies, declared)
            if spec is not None:
                imports[name] = spec
        return imports

    def one_import(
        self,
        path: TomlPath,
        name: str,
        is_wildcard: bool,
        table: Mapping[str, Any],
        known_features: set[str],
        dependencies: Mapping[str, DependencySpec],
        declared: set[str],
    ) -> ImportSpec | None:
        before = len(self.problems)
        source = self.text_value((*path, "from"), table)
        if "from" not in table:
            self.problem("LYR0404", path, f"the import `{name}` has no `from`", hints=('write `from = "package"`',))
        elif source is not None and source not in dependencies and source not in declared and source != "std":
            hints = did_you_mean(source, declared | {"std"}) or (f"lyra pkg add {source}",)
            self.problem("LYR0412", (*path, "from"), f"`{source}` is no dependency", hints=hints)
        target = self.text_value((*path, "name"), table)
        if target is not None and is_wildcard:
            self.problem("LYR0412", (*path, "name"), "a wildcard import has no `name`", at_key=True)
        elif target is not None and not is_module_path(target):
            self.problem("LYR0412", (*path, "name"), f"`{target}` is no name of an export")
        spec = ImportSpec(
            name=name,
            source=source or "",
            target=target or name,
            is_wildcard=is_wildcard,
            feature=self.feature_gate((*path, "feature"), table, known_features),
            span=self._line(path),
        )
        return spec if len(self.problems) == before else None

    def permissions(self, data: Mapping[str, Any]) -> Permissions:
        def report(path: tuple[str | int, ...], message: str, hints: tuple[str, ...]) -> None:
            at_key = isinstance(path[-1], str)
            self.problem("LYR0413", ("permissions", *path), message, hints=hints, at_key=at_key)

        return Permissions.from_table(self.table(("permissions",), data), report)

    def foreign_modules(self, data: Mapping[str, Any]) -> tuple[ForeignModule, ...]:
        modules: list[ForeignModule] = []
        names: dict[str, str] = {}
        for language, value in self.table(("foreign-modules",), data).items():
            if language.startswith("x-"):
                continue
            path: TomlPath = ("foreign-modules", language)
            if language == "include":
                hints = ("it belongs under `[package]`",)
                self.problem("LYR0403", path, "`include` is no language", hints=hints, at_key=True)
                continue
            if package_name_problem(language):
                self.problem("LYR0414", path, f"`{language}` is no name of a language", at_key=True)
                continue
            entries = value if isinstance(value, list) else [value]
            for index, entry in enumerate(entries):
                at = (*path, index) if isinstance(value, list) else path
                table = self.expect(at, entry, dict, "a table, or a list of them")
                if table is None:
                    continue
                module = self.foreign_module(at, language, table)
                if module is None:
                    continue
                if module.name in names:
                    self.problem(
                        "LYR0414",
                        at,
                        f"two foreign modules are called `{module.name}`",
                        label=f"the other one is {names[module.name]}",
                        hints=('give one of them another `name = "…"`',),
                    )
                    continue
                names[module.name] = module.path
                modules.append(module)
        return tuple(modules)

    def foreign_module(self, path: TomlPath, language: str, table: Mapping[str, Any]) -> ForeignModule | None:
        before = len(self.problems)
        self.known_keys(path, table, _FOREIGN_KEYS, f"the {language} module")
        file = self.text_value((*path, "path"), table)
        if "path" not in table:
            self.problem(
                "LYR0404", path, f"the {language} module has no `path`", hints=('write `path = "./module.py"`',)
            )
        file = self.in_package((*path, "path"), file) if file is not None else None
        name = self.text_value((*path, "name"), table)
        name_path = (*path, "name" if name is not None else "path")
        if name is None and file is not None:
            name = file.rpartition("/")[2].partition(".")[0]
        if name is not None and not is_export_name(name):
            self.problem(
                "LYR0414",
                name_path,
                f"`{name}` is no name of a module",
                hints=('give it one with `name = "…"`: letters, digits and inner `_`',),
            )
        interface = self.text_value((*path, "interface"), table) or f"{language}-bridge"
        if package_name_problem(interface):
            close = nearest(interface, ("python-bridge", "julia-bridge"))
            hints = (
                (f"did you mean `{close[0]}`?",)
                if close
                else ('the usual ones are `"python-bridge"`, `"julia-bridge"`',)
            )
            self.problem("LYR0414", (*path, "interface"), f"`{interface}` is no name of a bridge", hints=hints)
        module = ForeignModule(
            language=language,
            path=file or "",
            interface=interface,
            name=name or "",
            requires=self.texts((*path, "requires"), table),
            span=self._line(path),
        )
        return module if len(self.problems) == before else None

    def workspace(self, data: Mapping[str, Any]) -> WorkspaceTable | None:
        if "workspace" not in data:
            return None
        table = self.table(("workspace",), data)
        self.known_keys(("workspace",), table, ("members", "exclude"), "[workspace]")
        found: dict[str, tuple[str, ...]] = {}
        for key in ("members", "exclude"):
            patterns = []
            for index, each in enumerate(self.texts(("workspace", key), table)):
                plain = self.in_package(("workspace", key, index), each, pattern=True)
                if plain is not None:
                    patterns.append(plain.rstrip("/"))
            found[key] = tuple(patterns)
        return WorkspaceTable(**found)

    def config(self, data: Mapping[str, Any]) -> ConfigTable:
        table = self.table(("config",), data)
        where = ("config",)
        self.known_keys(where, table, _CONFIG_KEYS, "[config]")
        hot_reload = self.flag((*where, "hot-reload"), table, False) if "hot-reload" in table else None
        settings = self.table((*where, "settings"), table)
        return ConfigTable(hot_reload, self.memory_limit((*where, "memory-limit"), table), MappingProxyType(settings))

    def memory_limit(self, path: TomlPath, table: Mapping[str, Any]) -> int | None:
        value = table.get("memory-limit")
        if value is None:
            return None
        size = parse_size(value) if isinstance(value, str) else value
        if isinstance(size, int) and not isinstance(size, bool) and size > 0:
            return size
        self.problem("LYR0421", path, "`memory-limit` is no size", hints=('write bytes, or `"512 MiB"`',))
        return None


class _LazySpan(Span):
    """The span of a `key = value`, located in the text when first looked at: most manifests are never shown."""

    __slots__ = ("_path", "_text")

    def __init__(self, text: TomlText, path: TomlPath) -> None:
        self.source = text.source
        self._text = text
        self._path = path

    def __getattr__(self, name: str) -> int:
        if name not in ("start", "end"):
            raise AttributeError(name)
        key = self._text.key_span(*self._path)
        value = self._text.span(*self._path)
        assert key is not None, self._path
        assert value is not None, self._path
        # A table with a header of its own has no `key = value` line: its header stands for it.
        is_line = value.start > key.start
        self.start = key.start if is_line else value.start
        self.end = value.end
        return self.start if name == "start" else self.end


def _with_span(error: InvalidVersion | InvalidRequirement, span: Span | None) -> LyraError:
    error.span = span
    error.label = error.reason
    error.notes = ()
    return error


def _keys_of(table: Any) -> Iterable[str]:
    return table if isinstance(table, dict) else ()


def _dotted(path: TomlPath) -> str:
    text = ""
    for part in path:
        text += f"[{part}]" if isinstance(part, int) else f".{part}" if text else part
    return text


def _kind(value: Any) -> str:
    if isinstance(value, bool):
        return "a boolean"
    if isinstance(value, str):
        return "a text"
    if isinstance(value, int):
        return "an integer"
    if isinstance(value, float):
        return "a real number"
    if isinstance(value, list):
        return "a list"
    if isinstance(value, dict):
        return "a table"
    return "a date or time"
