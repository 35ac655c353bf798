"""`lyra pkg init`: a package that builds, tests and runs from the first moment."""

from __future__ import annotations

import os
import re
import subprocess
from pathlib import Path

from lyra_core import __version__
from lyra_core.errors import ManifestError
from lyra_core.packages.durable import write_new
from lyra_core.packages.manifest import MANIFEST_NAME
from lyra_core.packages.names import is_reserved, package_name_problem
from lyra_core.packages.toml_writer import toml_string
from lyra_core.records import Record
from lyra_core.versions import Version

__all__ = ["InitReport", "init"]

_GITIGNORE = "build/\ndist/\n__pycache__/\n"


class InitReport(Record):
    """What was made: the package *name* in *folder* with these *files*, and what to type next."""

    name: str
    kind: str
    folder: Path
    files: tuple[str, ...]
    following: tuple[str, ...]


def init(folder: str | Path, *, kind: str = "app", name: str = "", dry_run: bool = False) -> InitReport:
    """Write a new package of *kind* (`lib`, `app` or `python`) into *folder*, which may exist.

    Files that are there are never overwritten. Errors: ManifestError LYR0463 when there is a manifest already,
    LYR0406 for a name that cannot be one.
    """
    root = Path(os.path.abspath(folder))
    if (root / MANIFEST_NAME).exists():
        raise ManifestError("LYR0463", f"{root.name}/{MANIFEST_NAME} exists already", hints=("lyra pkg check",))
    name = name or re.sub(r"[^a-z0-9]+", "-", root.name.lower()).strip("-")
    problem = package_name_problem(name) or ("it is reserved" if is_reserved(name) else None)
    if problem:
        raise ManifestError(
            "LYR0406",
            f"`{name}` is not a package name",
            notes=(problem,),
            hints=("lyra pkg init PATH --name my-package",),
        )
    files = {"app": _application, "lib": _library, "python": _python}[kind](name)
    if not dry_run:
        for path, text in files.items():
            target = root / path
            try:
                target.parent.mkdir(parents=True, exist_ok=True)
                if not target.exists():
                    write_new(target, text.encode())
            except OSError as error:
                raise ManifestError("LYR0416", f"{target} cannot be written: {error.strerror}") from error
    following = {
        "app": ("lyra run src/main.lyra", "lyra pkg add NAME"),
        "lib": ("lyra pkg test", "lyra pkg build"),
        "python": ("pip install -e .", "python -m pytest", f"lyra modules info {name.replace('-', '::')}"),
    }[kind]
    return InitReport(name, kind, root, tuple(files), following)


def _author() -> str:
    """Return who works here, as git knows; empty when it does not."""
    try:
        found = [
            subprocess.run(
                ["git", "config", key], capture_output=True, text=True, timeout=2, check=False
            ).stdout.strip()
            for key in ("user.name", "user.email")
        ]
    except (OSError, subprocess.TimeoutExpired):
        return ""
    if not found[0] or not all(each.isprintable() for each in found):
        return ""
    return f"{found[0]} <{found[1]}>" if found[1] else found[0]


def _std() -> str:
    """Return the requirement on the std that a new package begins with."""
    version = Version.from_python(__version__)
    return f">={version.major}.{version.minor}.0"


def _manifest(name: str, description: str, tables: str) -> str:
    author = _author()
    authors = f"authors = [{toml_string(author)}]\n" if author else ""
    return (
        f'[package]\nname = "{name}"\nversion = "0.1.0"\ndescription = {toml_string(description)}\n{authors}'
        f'license = "MIT"\nedition = "2024"\n\n[dependencies]\nstd = "{_std()}"\n{tables}'
    )


def _application(name: str) -> dict[str, str]:
    return {
        MANIFEST_NAME: _manifest(name, "An application in Lyra", ""),
        "src/main.lyra": "(* `lyra run src/main.lyra` starts here. *)\n\n"
        'import user::greeting::hello\n\nPrint[hello["world"]]\n',
        "src/greeting.lyra": '//! Give a greeting.\n//!\n//! >>> hello["you"]\n//! "Hello, you!"\n'
        'hello[name_String] := StringJoin["Hello, ", name, "!"]\n',
        "tests/greeting.lyra": "import user::greeting::hello\n\n"
        'Test[hello["you"], "Hello, you!", TestId -> "a name is greeted"]\n',
        "README.md": f"# {name}\n\n    lyra run src/main.lyra\n    lyra pkg test\n",
        ".gitignore": _GITIGNORE,
    }


def _library(name: str) -> dict[str, str]:
    namespace = name.replace("-", "::")
    return {
        MANIFEST_NAME: _manifest(name, "A library in Lyra", '\n[exports]\n"Twice" = "numbers::twice"\n'),
        "src/numbers.lyra": "//! Give two times a value.\n//!\n//! >>> twice[21]\n//! 42\ntwice[x_] := 2 x\n",
        "tests/numbers.lyra": f"import {namespace}::Twice\n\n"
        'Test[Twice[3], 6, TestId -> "a number"]\nTest[Twice[{1, a}], {2, 2 a}, TestId -> "a list with a symbol"]\n',
        "README.md": f"# {name}\n\n    import {namespace}::Twice\n    Twice[21]        (* 42 *)\n",
        ".gitignore": _GITIGNORE,
    }


def _python(name: str) -> dict[str, str]:
    module = name.replace("-", "_")
    namespace = name.replace("-", "::")
    author = _author().partition(" <")[0]
    authors = f"authors = [{{ name = {toml_string(author)} }}]\n" if author else ""
    version = Version.from_python(__version__)
    return {
        "pyproject.toml": f'''[build-system]
requires = ["hatchling>=1.27"]
build-backend = "hatchling.build"

[project]
name = "{name}"
version = "0.1.0"
description = "A plugin for Lyra"
readme = "README.md"
license = "MIT"
{authors}requires-python = ">=3.11"
dependencies = ["lyra-core>={version.major}.{version.minor}"]

# The package that holds lyra-module.json: read by Lyra without importing it.
[project.entry-points."lyra.manifest"]
{name} = "{module}"

# The hooks: imported when a function of {namespace} is first called.
[project.entry-points."lyra"]
{name} = "{module}.plugin"

[tool.hatch.build.targets.wheel]
packages = ["{module}"]
''',
        f"{module}/__init__.py": '"""A plugin for Lyra."""\n',
        f"{module}/plugin.py": f'''"""The functions of {namespace}, in Python."""

from __future__ import annotations

from lyra_core.plugins import Integer, NativeModule, hookimpl, module

functions = module("{namespace}", description="a plugin for Lyra")


@functions.function(attributes={{"Listable"}})
def Triple(x: Integer) -> Integer:
    """Give three times an integer."""
    return 3 * x


@hookimpl
def lyra_provide_module(namespace: str) -> NativeModule | None:
    """Return the module of this plugin."""
    return functions if namespace == functions.namespace else None
''',
        f"{module}/lyra-module.json": _module_json(module, namespace),
        "tests/test_plugin.py": f'''"""What the functions of {namespace} give, in a session of their own."""

from __future__ import annotations

import pytest

from lyra_core.testing import session


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("{namespace}::Triple[14]", "42"),
        ("{namespace}::Triple[{{1, 2}}]", "{{3, 6}}"),
    ],
)
def test_values(text: str, expected: str) -> None:
    with session(plugins=["{module}"]) as lyra:
        assert lyra.evaluate(text) == expected
''',
        "README.md": f"# {name}\n\n    pip install -e .\n    lyra modules info {namespace}\n    python -m pytest\n\n"
        f"After a change of the functions: `lyra modules manifest {module}`.\n",
        ".gitignore": _GITIGNORE,
    }


def _module_json(module: str, namespace: str) -> str:
    from lyra_core.plugins.build_manifest import manifest_text

    return manifest_text(
        {
            "schema": 1,
            "plugin": f"{module}.plugin",
            "hooks": ["lyra_provide_module"],
            "modules": {
                namespace: {
                    "description": "a plugin for Lyra",
                    "exports": {
                        "Triple": {
                            "attributes": ["Listable"],
                            "documentation": "Give three times an integer.",
                            "kind": "function",
                            "native": f"{module}.plugin:Triple",
                            "signature": "Triple[x: Integer] : Integer",
                        }
                    },
                }
            },
        }
    )
