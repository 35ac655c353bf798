"""What every bridge must do, as tests a bridge's author subclasses.

    class TestToyBridge(BridgeConformance):
        features = frozenset({"callbacks", "options"})

        def make_bridge(self):
            return ToyBridge()

        def write_module(self, folder):
            path = folder / "sample.toy"
            path.write_text(...)
            return str(path)

        def write_broken_module(self, folder): ...

The module must define, in the bridge's language:

- `identity(x)` returns x; `add(a, b)` returns a + b, and is documented as "Add two numbers.";
- `fail(message)` raises an error with that message; `total(list)` returns the sum of a list of numbers;
- with the feature "callbacks", `apply(f, x)` returns f(x);
- with "options", `scale(x, factor = 2)` returns x · factor, `factor` given by name;
- with "handles", `make()` returns an object without a Lyra form, and `use(object)` returns 42;
- with "output", `say(text)` prints the text and a newline and returns Null;
- with "deadline", `hang()` never returns;
- with "death", `die()` ends the process it runs in;
- with "exact", numbers pass through `identity` exactly: integers of any size, rationals, exact complex
  numbers, reals of any precision.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from lyra_core.errors import LyraError, PermissionRefused, PluginError
from lyra_core.foreign.bridge import ForeignGrants, ForeignHost
from lyra_core.values import (
    FALSE,
    NULL,
    TRUE,
    Association,
    BigReal,
    Foreign,
    List,
    S,
    String,
    expression,
    make_complex,
    rational,
    same,
    symbol_named,
)

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from lyra_core.foreign.bridge import ForeignBridge, ForeignModule

__all__ = ["FEATURES", "BridgeConformance"]

FEATURES = frozenset({"callbacks", "deadline", "death", "exact", "handles", "options", "output"})

_x = symbol_named("", "x")


def _plain_values() -> list[Any]:
    return [
        0,
        -1,
        41,
        2**62,
        -(2**62),
        0.5,
        -1e300,
        String(""),
        String("naïve — 𝔘𝔫𝔦"),
        TRUE,
        FALSE,
        NULL,
        List(()),
        List((1, String("two"), List((3.0, TRUE)))),
        List(tuple(range(40))),
        List(tuple(x / 2 for x in range(40))),
        Association.from_pairs([(String("a"), 1)]),
        Association.from_pairs([]),
        S.Sin,
        _x,
        expression(S.Plus, (_x, 1)),
        expression(expression(_x, (1,)), (String("y"), List((1, 2)))),
    ]


def _exact_values() -> list[Any]:
    return [
        2**64,
        -(2**64),
        3**500,
        -(3**500),
        rational(1, 3),
        rational(-(3**100), 2**90),
        make_complex(1, 2),
        make_complex(rational(1, 2), 3**80),
        make_complex(0.5, -1.5),
        BigReal((0, 3**60 | 1, -200, (3**60 | 1).bit_length()), 40.0),
        BigReal((1, 5, 100, 3), 20.0),
    ]


class BridgeConformance:
    """Subclass it, say how to make a bridge and a module, and pytest runs the tests."""

    features: frozenset[str] = FEATURES
    deadline: float = 2.0
    shared: bool = False
    """One module for all tests of the class, where opening one takes seconds."""

    _opened: tuple[ForeignBridge, ForeignModule, list[str]] | None = None

    def make_bridge(self) -> ForeignBridge:
        """Return a new bridge."""
        raise NotImplementedError

    def write_module(self, folder: Path) -> str:
        """Write the module of the class's documentation into *folder* and return its path."""
        raise NotImplementedError

    def write_broken_module(self, folder: Path) -> str:
        """Write a module that cannot be loaded, its mistake in line 3, and return its path."""
        raise NotImplementedError

    def make_grants(self) -> ForeignGrants:
        """Return the grants under which the tests open modules."""
        return ForeignGrants("conformance", deadline=60.0)

    @pytest.fixture
    def opened(
        self, request: pytest.FixtureRequest, tmp_path: Path
    ) -> Iterator[tuple[ForeignBridge, ForeignModule, list[str]]]:
        kind = type(self)
        if kind._opened is not None:
            kind._opened[2].clear()
            yield kind._opened
            return
        printed: list[str] = []
        bridge = self.make_bridge()
        path = self.write_module(tmp_path)
        module = bridge.open(path, name="sample", grants=self.make_grants(), host=_host(printed))
        made = bridge, module, printed
        if self.shared:

            def close() -> None:
                kind._opened = None
                module.close()
                bridge.close()

            kind._opened = made
            request.node.getparent(pytest.Class).addfinalizer(close)
            yield made
            return
        yield made
        module.close()
        bridge.close()

    @pytest.fixture
    def bridge(self, opened: tuple[ForeignBridge, ForeignModule, list[str]]) -> ForeignBridge:
        return opened[0]

    @pytest.fixture
    def module(self, opened: tuple[ForeignBridge, ForeignModule, list[str]]) -> ForeignModule:
        return opened[1]

    @pytest.fixture
    def printed(self, opened: tuple[ForeignBridge, ForeignModule, list[str]]) -> list[str]:
        return opened[2]

    def _need(self, feature: str) -> None:
        if feature not in self.features:
            pytest.skip(f"this bridge has no {feature}")

    # -- exports

    def test_features_are_known(self) -> None:
        assert self.features <= FEATURES

    def test_exports_have_names_parameters_and_documentation(self, module: ForeignModule) -> None:
        exports = {each.name: each for each in module.exports}
        assert {"identity", "add", "fail", "total"} <= exports.keys()
        add = exports["add"]
        assert [p.name for p in add.parameters if p.kind == "positional"] == ["a", "b"]
        assert add.arity() == (2, 2)
        assert add.doc.startswith("Add two numbers.")

    def test_unknown_export_is_an_error_that_names_it(self, module: ForeignModule) -> None:
        with pytest.raises(PluginError, match="identiti") as caught:
            module.call("identiti", [1])
        assert caught.value.code == "LYR0856"
        assert any("identity" in hint for hint in caught.value.hints)

    # -- values

    def test_values_come_back_as_they_went(self, module: ForeignModule) -> None:
        for value in _plain_values():
            assert same(module.call("identity", [value]), value), value

    def test_exact_numbers_stay_exact(self, module: ForeignModule) -> None:
        self._need("exact")
        for value in _exact_values():
            back = module.call("identity", [value])
            assert same(back, value), (back, value)

    def test_arithmetic_is_the_languages(self, module: ForeignModule) -> None:
        assert module.call("add", [2, 3]) == 5
        assert module.call("add", [0.5, 0.25]) == 0.75
        assert module.call("total", [List((1, 2, 3))]) == 6

    def test_very_deep_value_passes_or_is_refused_and_the_module_lives(self, module: ForeignModule) -> None:
        deep: Any = 1
        for _ in range(5000):
            deep = List((deep,))
        try:
            assert module.call("identity", [deep]) is deep
        except PluginError as problem:
            refused = problem.code
        else:
            refused = "LYR0852"
        assert refused == "LYR0852"
        assert module.call("add", [1, 1]) == 2

    # -- errors

    def test_error_carries_the_message_and_the_place(self, module: ForeignModule) -> None:
        with pytest.raises(PluginError, match="broken on purpose") as caught:
            module.call("fail", [String("broken on purpose")])
        assert caught.value.code == "LYR0850"
        assert any("sample" in note for note in caught.value.notes)
        assert module.call("add", [1, 1]) == 2

    def test_wrong_number_of_arguments(self, module: ForeignModule) -> None:
        with pytest.raises(PluginError) as caught:
            module.call("add", [1])
        assert caught.value.code == "LYR0857"

    def test_module_that_cannot_be_loaded(self, bridge: ForeignBridge, tmp_path: Path) -> None:
        path = self.write_broken_module(tmp_path)
        with pytest.raises(PluginError) as caught:
            bridge.open(path, name="broken", grants=self.make_grants(), host=_host([]))
        assert caught.value.code == "LYR0851"
        assert any(":3" in note for note in caught.value.notes), caught.value.notes

    def test_module_that_is_not_there(self, bridge: ForeignBridge, tmp_path: Path) -> None:
        with pytest.raises((PluginError, PermissionRefused)) as caught:
            bridge.open(str(tmp_path / "nothing"), name="nothing", grants=self.make_grants(), host=_host([]))
        assert caught.value.code == "LYR0851"

    def test_closed_module_answers_with_an_error(self, bridge: ForeignBridge, tmp_path: Path) -> None:
        path = self.write_module(tmp_path)
        opened = bridge.open(path, name="sample", grants=self.make_grants(), host=_host([]))
        opened.close()
        opened.close()
        with pytest.raises(PluginError):
            opened.call("add", [1, 1])

    # -- what some bridges have

    def test_callback_is_evaluated_in_lyra(self, module: ForeignModule) -> None:
        self._need("callbacks")
        function = expression(S.Function, (expression(S.Slot, (1,)),))
        seen = []

        def call(called: Any, arguments: tuple[Any, ...]) -> Any:
            seen.append((called, arguments))
            return List((String("answer"), *arguments))

        assert same(module.call("apply", [function, 7], None, call), List((String("answer"), 7)))
        assert seen == [(function, (7,))]

    def test_callback_can_call_the_module_again(self, module: ForeignModule) -> None:
        self._need("callbacks")
        function = expression(S.Function, (expression(S.Slot, (1,)),))
        got = module.call("apply", [function, 7], None, lambda called, args: module.call("add", [*args, 1]))
        assert got == 8

    def test_error_in_a_callback_comes_out_as_it_was(self, module: ForeignModule) -> None:
        self._need("callbacks")
        function = expression(S.Function, (expression(S.Slot, (1,)),))

        def call(called: Any, arguments: tuple[Any, ...]) -> Any:
            raise LyraError("LYR0999", "from inside")

        with pytest.raises(LyraError, match="from inside"):
            module.call("apply", [function, 7], None, call)
        assert module.call("add", [1, 1]) == 2

    def test_options_are_given_by_name(self, module: ForeignModule) -> None:
        self._need("options")
        assert module.call("scale", [5]) == 10
        assert module.call("scale", [5], {"factor": 3}) == 15
        with pytest.raises(PluginError):
            module.call("scale", [5], {"facto": 3})

    def test_object_without_a_form_is_a_handle(self, module: ForeignModule) -> None:
        self._need("handles")
        handle = module.call("make", [])
        assert handle.__class__ is Foreign
        assert module.call("use", [handle]) == 42
        assert module.call("use", [module.call("identity", [handle])]) == 42

    def test_output_is_handed_to_the_session(self, module: ForeignModule, printed: list[str]) -> None:
        self._need("output")
        assert module.call("say", [String("hello")]) is NULL
        assert "".join(printed) == "hello\n"

    def test_call_that_hangs_ends_at_its_deadline(self, bridge: ForeignBridge, tmp_path: Path) -> None:
        self._need("deadline")
        grants = self.make_grants()
        grants.deadline = self.deadline
        opened = bridge.open(self.write_module(tmp_path), name="sample", grants=grants, host=_host([]))
        with pytest.raises(PluginError) as caught:
            opened.call("hang", [])
        assert caught.value.code == "LYR0854"
        assert opened.call("add", [1, 1]) == 2
        opened.close()

    def test_death_is_an_error_and_the_next_call_works(self, module: ForeignModule) -> None:
        self._need("death")
        with pytest.raises(PluginError) as caught:
            module.call("die", [])
        assert caught.value.code == "LYR0853"
        assert module.call("add", [1, 1]) == 2

    def test_handle_of_a_dead_process_is_refused(self, module: ForeignModule) -> None:
        self._need("death")
        self._need("handles")
        handle = module.call("make", [])
        with pytest.raises(PluginError):
            module.call("die", [])
        with pytest.raises(PluginError) as caught:
            module.call("use", [handle])
        assert caught.value.code == "LYR0852"


def _host(printed: list[str]) -> ForeignHost:
    return ForeignHost(call=lambda function, arguments: List(arguments), output=printed.append)
