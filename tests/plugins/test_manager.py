"""The manager: plugins come in when they are needed, and a bad one harms nobody else."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from lyra_core.errors import LyraError, PermissionRefused, PluginError
from lyra_core.plugins import hookimpl
from lyra_core.plugins.discovery import load_index
from lyra_core.plugins.manager import PluginManager
from lyra_core.plugins.status import module_statuses
from tests.plugins.installation import GEO, Installation, native

PARTS = """
    from lyra_core.plugins import hookimpl, module

    geo = module("acme::geo", parts=("acme_geo.one", "acme_geo.two"))

    @hookimpl
    def lyra_provide_module(namespace):
        return geo
"""


def row(index: object, namespace: str) -> tuple[str, str]:
    found = next(each for each in module_statuses(index) if each.namespace == namespace)  # type: ignore[arg-type]
    return found.state, found.reason


def test_nothing_is_imported_before_a_function_is_needed(installed: Installation) -> None:
    installed.add("acme-geo", {"acme::geo": native("Double", "acme_geo")}, plugin=GEO)
    index = load_index()
    manager = PluginManager(index)
    assert manager.export("acme::geo", "Double") is not None
    assert row(index, "acme::geo") == ("not loaded", "")
    assert "acme_geo" not in sys.modules
    assert manager.native("acme::geo", "Double").call(21) == 42
    assert "acme_geo.plugin" in sys.modules
    assert row(index, "acme::geo")[0] == "ready"


def test_a_part_is_imported_when_one_of_its_functions_is_needed(installed: Installation) -> None:
    exports = {
        **native("One", "acme_geo"),
        **native("Two", "acme_geo"),
    }
    exports["One"]["native"], exports["Two"]["native"] = "acme_geo.one:One", "acme_geo.two:Two"
    folder = installed.add("acme-geo", {"acme::geo": exports}, plugin=PARTS)
    for name in ("One", "Two"):
        (folder / f"{name.lower()}.py").write_text(
            "from lyra_core.plugins import module\n"
            f"f = module('acme::geo')\n\n@f.function\ndef {name}(x): return '{name}'\n"
        )
    manager = PluginManager(load_index())
    assert manager.native("acme::geo", "One").call(0) == "One"
    assert "acme_geo.two" not in sys.modules


def test_the_owner_is_asked_once_and_directly_without_pluggy(installed: Installation) -> None:
    source = GEO.replace("return geo", "asked.append(namespace); return geo").replace(
        "geo = module", "asked = []; geo = module"
    )
    installed.add("acme-geo", {"acme::geo": native("Double", "acme_geo")}, plugin=source)
    installed.add("acme-text", {"acme::text": native("Shout", "acme_text")}, plugin="raise OSError")
    manager = PluginManager(load_index())
    for _ in range(2):
        manager.native("acme::geo", "Double")
    assert sys.modules["acme_geo.plugin"].asked == ["acme::geo"]
    assert manager._pluggy is None
    assert "acme_text.plugin" not in sys.modules


@pytest.mark.parametrize(
    ("source", "code", "reason"),
    [
        ("raise ImportError('libgeos')", "LYR0801", "ImportError: libgeos"),
        ("raise SystemExit(3)", "LYR0801", "SystemExit: 3"),
        ("def broken(:\n", "LYR0801", "SyntaxError"),
        ("", "LYR0802", "promises the hook lyra_provide_module"),
        (GEO.replace("Double", "Twice"), "LYR0802", "promises acme::geo::Double and does not have it"),
        (GEO.replace("return geo", "return 1 / 0"), "LYR0808", "ZeroDivisionError"),
    ],
)
def test_a_plugin_that_fails_is_quarantined_and_the_others_work(
    installed: Installation, source: str, code: str, reason: str
) -> None:
    installed.add("acme-geo", {"acme::geo": native("Double", "acme_geo")}, plugin=source)
    text = GEO.replace("acme::geo", "acme::text")
    installed.add("acme-text", {"acme::text": native("Double", "acme_text")}, plugin=text)
    index = load_index()
    manager = PluginManager(index)
    for _ in range(2):
        with pytest.raises(PluginError) as caught:
            manager.native("acme::geo", "Double")
        assert caught.value.code == code
    assert "doctor" in caught.value.hints[-1]
    assert manager.native("acme::text", "Double").call(2) == 4
    state, shown = row(load_index(), "acme::geo")
    assert state == "quarantined"
    assert reason in shown


def test_a_repaired_plugin_is_ready_after_its_next_use(installed: Installation) -> None:
    folder = installed.add(
        "acme-geo", {"acme::geo": native("Double", "acme_geo")}, plugin="raise ImportError('libgeos')"
    )
    with pytest.raises(PluginError):
        PluginManager(load_index()).native("acme::geo", "Double")
    assert row(load_index(), "acme::geo")[0] == "quarantined"
    import textwrap

    (folder / "plugin.py").write_text(textwrap.dedent(GEO))
    installed.forget_imports()
    PluginManager(load_index()).native("acme::geo", "Double")
    assert row(load_index(), "acme::geo")[0] == "ready"


def test_a_name_without_a_python_side(installed: Installation) -> None:
    installed.add("acme-geo", {"acme::geo": {"Here": {"kind": "symbol"}}}, plugin=GEO)
    manager = PluginManager(load_index())
    for namespace, name in (("acme::geo", "Here"), ("acme::geo", "Absent"), ("acme::absent", "F")):
        with pytest.raises(PluginError) as caught:
            manager.native(namespace, name)
        assert caught.value.code == "LYR0814"


class Finder:
    """A plugin object that no manifest lists."""

    def __init__(self, answer: object, note: list[str] | None = None) -> None:
        self.answer = answer
        self.note = note if note is not None else []

    @hookimpl
    def lyra_find_module(self, name: str) -> object:
        self.note.append(name)
        if isinstance(self.answer, Exception):
            raise self.answer
        return self.answer

    @hookimpl(specname="lyra_verify_package")
    def verify(self, bundle: object) -> object:
        if isinstance(self.answer, Exception):
            raise self.answer
        return self.answer


class Eager(Finder):
    @hookimpl(tryfirst=True)
    def lyra_find_module(self, name: str) -> object:
        self.note.append(f"eager {name}")
        return None


def manager_of(installed: Installation, *plugins: object) -> PluginManager:
    manager = PluginManager(load_index())
    for plugin in plugins:
        manager.register(plugin)
    return manager


def test_the_first_answer_counts_and_later_plugins_are_not_asked(installed: Installation) -> None:
    note: list[str] = []
    manager = manager_of(installed, Finder("never", note), Finder("found", note), Finder(None, note), Eager(None, note))
    assert manager.call_first("lyra_find_module", name="m", importer=None) == "found"
    assert note == ["eager m", "m", "m"]


def test_all_answers_are_collected(installed: Installation) -> None:
    manager = manager_of(installed, Finder(1), Finder(None), Finder(2))
    assert manager.call("lyra_verify_package", bundle=0, trust=0, policy=0) == [2, 1]
    assert manager.call("lyra_check_permissions", package=0, asks=0, grants=0) == []
    assert manager.call_first("lyra_foreign_bridge", interface="x") is None


def test_a_plugin_that_raises_in_a_hook_is_left_out(installed: Installation) -> None:
    manager = manager_of(installed, Finder("found"))
    manager.register(Finder(OSError("db")), "bad")
    assert manager.call_first("lyra_find_module", name="m", importer=None) == "found"
    assert manager.quarantined["bad"].code == "LYR0808"
    assert manager.call_first("lyra_find_module", name="m", importer=None) == "found"


def test_a_verifier_that_fails_refuses(installed: Installation) -> None:
    manager = manager_of(installed, Finder(OSError("db")))
    with pytest.raises(PluginError) as caught:
        manager.call("lyra_verify_package", bundle=0, trust=0, policy=0)
    assert caught.value.code == "LYR0808"


def test_a_lyra_error_of_a_hook_passes_through(installed: Installation) -> None:
    refused = PermissionRefused("LYR0703", "no")
    with pytest.raises(LyraError) as caught:
        manager_of(installed, Finder(refused)).call("lyra_verify_package", bundle=0, trust=0, policy=0)
    assert caught.value is refused


def test_a_verifier_plugin_that_cannot_be_imported_refuses(installed: Installation) -> None:
    installed.add("acme-policy", {}, plugin="raise OSError('policy server')", hooks=("lyra_check_permissions",))
    with pytest.raises(PluginError) as caught:
        PluginManager(load_index()).call("lyra_check_permissions", package=0, asks=0, grants=0)
    assert caught.value.code == "LYR0801"


def test_a_hook_imports_exactly_the_plugins_that_list_it(installed: Installation) -> None:
    listener = """
        from lyra_core.plugins import hookimpl
        heard = []

        @hookimpl
        def lyra_session_started(session):
            heard.append(session)
    """
    installed.add("acme-listener", {}, plugin=listener, hooks=("lyra_session_started",))
    installed.add("acme-geo", {"acme::geo": native("Double", "acme_geo")}, plugin=GEO)
    manager = PluginManager(load_index())
    assert manager.call("lyra_session_started", session="s") == []
    assert sys.modules["acme_listener.plugin"].heard == ["s"]
    assert "acme_geo.plugin" not in sys.modules
    manager.native("acme::geo", "Double")
    assert manager._pluggy is not None
    assert manager.pluggy.get_plugin("acme-listener") is sys.modules["acme_listener.plugin"]


def test_a_foreign_type_comes_from_its_plugin(installed: Installation) -> None:
    source = """
        from lyra_core.plugins import hookimpl

        class Point:
            name = "Point"

        @hookimpl
        def lyra_foreign_types():
            return [Point]
    """
    installed.add("acme-geo", {}, plugin=source, hooks=("lyra_foreign_types",), **{"foreign-types": ["Point"]})
    manager = PluginManager(load_index())
    assert manager.foreign_type("Point") is sys.modules["acme_geo.plugin"].Point
    assert manager.foreign_type("Line") is None


def test_a_command_comes_from_its_plugin(installed: Installation) -> None:
    source = """
        from lyra_core.plugins import hookimpl

        @hookimpl
        def lyra_commands(app):
            app.append("survey")
    """
    installed.add("acme-geo", {}, plugin=source, hooks=("lyra_commands",), commands=["survey"])
    manager = PluginManager(load_index())
    app: list[str] = []
    assert manager.add_command("survey", app)
    assert app == ["survey"]
    assert not manager.add_command("absent", app)


def test_the_hooks_of_pluggy_and_of_the_core_are_the_same(installed: Installation) -> None:
    import pluggy

    from lyra_core.plugins.marks import IMPLEMENTATION_MARK

    def ours(session: object) -> None: ...

    def theirs(session: object) -> None: ...

    hookimpl(tryfirst=True, specname="lyra_session_started")(ours)
    pluggy.HookimplMarker("lyra")(tryfirst=True, specname="lyra_session_started")(theirs)
    assert getattr(ours, IMPLEMENTATION_MARK) == getattr(theirs, IMPLEMENTATION_MARK)


def test_the_journal_stays_small(installed: Installation, home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from lyra_core.plugins import quarantine

    monkeypatch.setattr(quarantine, "_JOURNAL_LIMIT", 2000)
    installed.add("acme-geo", {"acme::geo": {}})
    provider = load_index().provider_of("acme::geo")
    assert provider is not None
    for number in range(100):
        quarantine.observe(provider, quarantine.Observation(None, "LYR0801", f"reason {number}"))
    assert (home / "cache" / "modules.log").stat().st_size < 2200
    assert quarantine.observation_of(provider, quarantine.observations()).reason == "reason 99"  # type: ignore[union-attr]
    quarantine.forget(provider)
    assert quarantine.observations() == {}
