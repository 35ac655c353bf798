"""The function registry: one index space, and linkage that reaches every caller."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lyra_core.errors import NameResolutionError
from lyra_core.functions import FunctionEntry, FunctionRegistry, Lyra, Native, pack_call, unpack_call
from lyra_core.functions.registry import FIRST_STANDARD, FIRST_USER, FOREIGN_PROTOCOL, LAST_INDEX


def linking(calls: list[str]) -> FunctionRegistry:
    """A registry whose link function notes what it links."""

    def link(entry: FunctionEntry) -> Any:
        calls.append(entry.qualified_name)
        assert isinstance(entry.implementation, Native)
        return entry.implementation.function

    return FunctionRegistry(link)


@given(st.integers(0, LAST_INDEX), st.integers(0, 254))
def test_a_call_operand_holds_index_and_argument_count(index: int, argc: int) -> None:
    assert pack_call(index, argc) == (index << 8) | argc
    assert unpack_call(pack_call(index, argc)) == (index, argc)


def test_255_and_more_arguments_are_the_list_form() -> None:
    assert unpack_call(pack_call(7, 255)) == unpack_call(pack_call(7, 1000)) == (7, 255)


def test_the_index_space_has_three_regions() -> None:
    registry = FunctionRegistry()
    assert [entry.index for entry in registry] == list(range(len(FOREIGN_PROTOCOL)))
    assert registry.register_function("std::math::Sin", None) == FIRST_STANDARD == 32
    assert registry.register_function("user::f", None) == FIRST_USER == 1024
    assert registry.register_function("acme::geo::Area", None, package="acme-geo@1.0.0") == 1025
    assert registry.register_function("std::math::Cos", None) == 33


def test_std_functions_beyond_1023_go_on_with_the_std_flag() -> None:
    registry = FunctionRegistry()
    indices = [registry.register_function(f"std::big::F{i}", None) for i in range(1000)]
    assert indices[:992] == list(range(32, 1024))
    assert indices[992:] == list(range(1024, 1032))
    assert all(registry.entry(index).std for index in indices)
    assert registry.register_function("user::f", None) == 1032
    assert not registry.entry(1032).std


def test_a_package_that_calls_itself_std_is_not_std() -> None:
    registry = FunctionRegistry()
    index = registry.register_function("std::math::Sin", None, package="evil@1.0.0")
    assert index >= FIRST_USER
    assert not registry.entry(index).std


def test_a_name_is_registered_once_for_each_package() -> None:
    registry = FunctionRegistry()
    registry.register_function("a::f", None)
    registry.register_function("a::f", None, package="a@2.0.0")
    with pytest.raises(NameResolutionError, match="registered already") as caught:
        registry.register_function("a::f", None)
    assert caught.value.code == "LYR0238"


def test_the_first_call_links_and_later_calls_do_not() -> None:
    calls: list[str] = []
    registry = linking(calls)
    index = registry.register_function("a::double", Native(lambda x: 2 * x))
    caller: dict[str, Any] = {}
    registry.bind(caller, "F1", index)
    stub = caller["F1"]
    assert not registry.entry(index).is_linked
    assert stub(4) == 8
    assert registry.entry(index).is_linked
    assert caller["F1"] is not stub
    assert caller["F1"](5) == 10
    assert stub(6) == 12
    assert calls == ["a::double"]


def test_rebinding_reaches_every_caller() -> None:
    registry = linking([])
    index = registry.register_function("a::f", Native(lambda: "old"))
    callers: list[dict[str, Any]] = [{} for _ in range(5)]
    for number, caller in enumerate(callers):
        registry.bind(caller, f"F{number}", index)
    registry.rebind(index, lambda: "new", Lyra("code", ()))
    assert [caller[f"F{number}"]() for number, caller in enumerate(callers)] == ["new"] * 5
    assert registry.entry(index).implementation.kind == "lyra"  # type: ignore[union-attr]


def test_several_functions_are_replaced_all_or_none() -> None:
    registry = linking([])
    first = registry.register_function("a::f", Native(lambda: "old f"))
    second = registry.register_function("a::g", Native(lambda: "old g"))
    caller: dict[str, Any] = {}
    registry.bind(caller, "F", first)
    registry.bind(caller, "G", second)
    with pytest.raises(NameResolutionError) as caught:
        registry.rebind_all({first: lambda: "new f", 5000: lambda: "nothing"})
    assert caught.value.code == "LYR0240"
    assert caller["F"]() == "old f"
    registry.rebind_all({first: lambda: "new f", second: lambda: "new g"})
    assert (caller["F"](), caller["G"]()) == ("new f", "new g")


def test_an_interrupt_while_callers_are_replaced_leaves_no_old_one() -> None:
    class Interrupting(dict[str, Any]):
        armed = True

        def __setitem__(self, key: str, value: Any) -> None:
            if self.armed and len(self) == 1:
                self.armed = False
                raise KeyboardInterrupt
            super().__setitem__(key, value)

    registry = FunctionRegistry(lambda entry: lambda: "linked")
    index = registry.register_function("a::f", None)
    before: dict[str, Any] = {}
    interrupting = Interrupting()
    after: dict[str, Any] = {}
    interrupting.armed = False
    for caller in (before, interrupting, after):
        registry.bind(caller, "F", index)
    interrupting.armed = True
    with pytest.raises(KeyboardInterrupt):
        registry.rebind(index, lambda: "new")
    assert [caller["F"]() for caller in (before, interrupting, after)] == ["new"] * 3


def test_a_released_dict_is_left_alone() -> None:
    registry = linking([])
    index = registry.register_function("a::f", Native(lambda: "old"))
    gone: dict[str, Any] = {}
    stays: dict[str, Any] = {}
    registry.bind(gone, "F", index)
    registry.bind(stays, "F", index)
    registry.release(gone)
    registry.release(gone)
    gone.clear()
    registry.rebind(index, lambda: "new")
    assert gone == {}
    assert stays["F"]() == "new"
    assert len(registry.entry(index).bindings) == 1


def test_a_flat_name_is_an_alias_of_the_entry() -> None:
    registry = FunctionRegistry()
    index = registry.register_function("std::math::Sin", None)
    registry.add_flat_name("Sin", index)
    assert registry.index_of_flat("Sin") == registry.index_of("std::math::Sin") == index
    registry.remove(index)
    assert registry.index_of_flat("Sin") is None
    assert registry.index_of("std::math::Sin") is None


def test_a_removed_index_is_not_given_away_again() -> None:
    registry = FunctionRegistry()
    index = registry.register_function("user::f", None)
    registry.remove(index)
    with pytest.raises(NameResolutionError):
        registry.entry(index)
    assert registry.register_function("user::f", None) == index + 1


def test_two_names_may_share_one_implementation() -> None:
    calls: list[str] = []
    registry = linking(calls)
    shared = Native(lambda: "same")
    first, second = registry.register_function("a::f", shared), registry.register_function("a::g", shared)
    assert registry.entry(first).implementation is registry.entry(second).implementation
    assert registry.linked(first) is registry.linked(second)


def test_unlinking_lets_the_next_call_link_anew() -> None:
    versions = iter(["one", "two"])
    registry = FunctionRegistry(lambda entry: (lambda text: lambda: text)(next(versions)))
    index = registry.register_function("a::f", None)
    caller: dict[str, Any] = {}
    registry.bind(caller, "F", index)
    assert caller["F"]() == "one"
    registry.unlink(index)
    assert caller["F"]() == "two"


def test_without_a_linker_a_call_says_what_is_missing() -> None:
    registry = FunctionRegistry()
    index = registry.register_function("a::f", None)
    with pytest.raises(NameResolutionError, match="a::f has no implementation"):
        registry.linked(index)


def test_the_foreign_entries_look_in_the_type_of_the_object() -> None:
    class Kind:
        methods = {"scale": lambda target, n: ("scaled", n)}
        protocol = {"length": lambda target: 3}

    class Thing:
        type = Kind

    registry = FunctionRegistry()
    invoke, length = registry.entry(0).function, registry.entry(FOREIGN_PROTOCOL.index("length")).function
    assert invoke(Thing, "scale", 2) == ("scaled", 2)
    assert invoke(Thing, "vanish") is None
    assert length(Thing) == 3
    assert registry.entry(FOREIGN_PROTOCOL.index("part")).function(Thing, 1) is None


def test_lyra_code_is_decoded_when_it_is_asked_for() -> None:
    decoded: list[int] = []

    def load() -> tuple[str, list[int]]:
        decoded.append(1)
        return "code", [1, 2]

    implementation = Lyra(load=load)
    assert not implementation.is_loaded
    assert not decoded
    assert implementation.bytecode == "code"
    assert implementation.constants == (1, 2)
    assert decoded == [1]
    assert implementation.is_loaded
