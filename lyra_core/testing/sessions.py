"""A session for tests: the standard library, the plugins under test, and no other."""

from __future__ import annotations

import importlib.util
import io
import json
import os
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from lyra_core.errors import PluginError
from lyra_core.evaluation.state import STATE

if TYPE_CHECKING:
    from lyra_core.modules.link_plan import LinkPlan
    from lyra_core.runtime.session import Session

__all__ = ["TestSession", "check", "session"]


class TestSession:
    """A running session whose output and messages are kept. Values are given as InputForm."""

    __test__ = False  # its name would make pytest collect it

    def __init__(self, inner: Session) -> None:
        self.inner = inner
        self._out = io.StringIO()
        self._err = io.StringIO()
        STATE.stdout, STATE.stderr = self._out, self._err

    def evaluate(self, text: str) -> str:
        """Return the value of the last statement of *text*, printed. Errors: LyraError for what cannot be read."""
        return self.inner.text_of(self.inner.evaluate_text(text))

    def value(self, text: str) -> Any:
        """Return the value itself."""
        return self.inner.evaluate_text(text)

    @property
    def output(self) -> str:
        """What `Print` wrote so far."""
        return self._out.getvalue()

    @property
    def messages(self) -> list[str]:
        """The messages issued so far, a line each."""
        return self._err.getvalue().splitlines()

    def close(self) -> None:
        """End the session."""
        STATE.stdout = STATE.stderr = None
        self.inner.close()

    def __enter__(self) -> TestSession:
        return self

    def __exit__(self, *exc: object) -> None:
        self.close()


@contextmanager
def session(
    plugins: Sequence[str | Path] = (), *, discover: bool = False, plan: LinkPlan | None = None
) -> Iterator[TestSession]:
    """Give a session with the standard library and *plugins*: names or folders of Python packages, installed or not.

    What else pip installed is left out unless *discover* is set, so that a test gives the same everywhere.
    Errors: PluginError LYR0801 for a package that is not there.
    """
    from lyra_core.plugins.standard import STANDARD_DISTRIBUTIONS
    from lyra_core.runtime.session import Session

    path, modules = list(sys.path), os.environ.get("LYRA_MODULES")
    with tempfile.TemporaryDirectory(prefix="lyra-kit-") as folder:
        names = [_install(Path(folder), each) for each in plugins]
        if names:
            sys.path.insert(0, folder)
        if not discover:
            os.environ["LYRA_MODULES"] = ",".join([*sorted(STANDARD_DISTRIBUTIONS), *names])
        try:
            with TestSession(Session(plan=plan)) as made:
                yield made
        finally:
            sys.path[:] = path
            if modules is None:
                os.environ.pop("LYRA_MODULES", None)
            else:
                os.environ["LYRA_MODULES"] = modules


def _install(place: Path, plugin: str | Path) -> str:
    """Put into *place* what makes the package *plugin* look installed where it stands; returns its distribution."""
    source = Path(plugin)
    if not (source / "lyra-module.json").is_file():
        found = importlib.util.find_spec(str(plugin)) if str(plugin).isidentifier() else None
        if found is None and (Path.cwd() / plugin / "lyra-module.json").is_file():
            source = Path.cwd() / plugin
        elif found is None or not found.submodule_search_locations:
            raise PluginError(
                "LYR0801",
                f"there is no Python package {plugin} with a lyra-module.json",
                hints=("lyra modules manifest FOLDER",),
            )
        else:
            source = Path(found.submodule_search_locations[0])
    module = source.name
    name = module.replace("_", "-")
    description = json.loads((source / "lyra-module.json").read_text(encoding="utf-8"))
    if str(source.resolve().parent) not in sys.path:
        sys.path.insert(0, str(source.resolve().parent))
    info = place / f"{module}-0.0.0.dist-info"
    info.mkdir()
    points = f"[lyra.manifest]\n{name} = {module}\n"
    if description.get("plugin"):
        points += f"\n[lyra]\n{name} = {description['plugin']}\n"
    (info / "METADATA").write_text(
        f"Metadata-Version: 2.1\nName: {name}\nVersion: {_version(source)}\n", encoding="utf-8"
    )
    (info / "entry_points.txt").write_text(points, encoding="utf-8")
    return name


def _version(source: Path) -> str:
    import tomllib

    for file in (source / "Lyra.toml", source.parent / "pyproject.toml"):
        if file.is_file():
            data = tomllib.loads(file.read_text(encoding="utf-8"))
            found = (data.get("package") or data.get("project") or {}).get("version")
            if found:
                return str(found)
    return "0.0.0"


def check(cases: Sequence[tuple[str, str]], plugins: Sequence[str | Path] = ()) -> None:
    """Raise AssertionError, naming every one, for the (text, expected) of *cases* whose values differ."""
    wrong = []
    with session(plugins) as lyra:
        for text, expected in cases:
            found = lyra.evaluate(text)
            if found != expected:
                wrong.append(f"{text}\n  expected  {expected}\n  found     {found}")
    if wrong:
        raise AssertionError("\n".join(wrong))
