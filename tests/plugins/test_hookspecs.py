"""Every hook stands in the guide with its exact signature, and in one sentence in the code."""

from __future__ import annotations

import inspect
import re
from pathlib import Path

import pluggy
import pytest

from lyra_core.plugins.hookspecs import HOOKS, LyraHooks
from lyra_core.plugins.manager import VERIFIERS

GUIDE = (Path(__file__).resolve().parents[2] / "docs" / "guides" / "writing-a-plugin.md").read_text(encoding="utf-8")


def test_the_hooks_are_those_of_the_architecture() -> None:
    assert HOOKS == (
        "lyra_check_permissions",
        "lyra_commands",
        "lyra_find_module",
        "lyra_foreign_bridge",
        "lyra_foreign_types",
        "lyra_module_loaded",
        "lyra_package_installed",
        "lyra_package_registry",
        "lyra_provide_module",
        "lyra_session_started",
        "lyra_verify_package",
    )
    assert set(HOOKS) >= VERIFIERS


@pytest.mark.parametrize("hook", HOOKS)
def test_the_guide_has_the_exact_signature(hook: str) -> None:
    parameters = [name for name in inspect.signature(getattr(LyraHooks, hook)).parameters if name != "self"]
    assert f"| `{hook}({', '.join(parameters)})` |" in GUIDE


def test_the_guide_names_no_hook_that_does_not_exist() -> None:
    assert set(re.findall(r"\| `(lyra_\w+)\(", GUIDE)) == set(HOOKS)


@pytest.mark.parametrize("hook", HOOKS)
def test_each_hook_is_one_sentence(hook: str) -> None:
    text = inspect.getdoc(getattr(LyraHooks, hook))
    assert text is not None
    assert text.endswith(".")
    assert "\n" not in text
    assert ". " not in text


def test_pluggy_takes_the_specifications() -> None:
    manager = pluggy.PluginManager("lyra")
    manager.add_hookspecs(LyraHooks)
    assert all(hasattr(manager.hook, hook) for hook in HOOKS)
    manager.check_pending()
