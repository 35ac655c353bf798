"""The module object of plugin authors: what it records and what it refuses."""

from __future__ import annotations

import pytest

from lyra_core.errors import NameResolutionError, PluginError
from lyra_core.plugins import Boolean, Integer, List, Number, Real, String, Value, module
from lyra_core.plugins.native import MARK
from lyra_core.values import FALSE, TRUE, BigReal, Expression, S, expression, rational, symbols
from lyra_core.values import List as ListValue
from lyra_core.values import String as StringValue


def rule(name: str, value: object) -> Expression:
    found = expression(S.Rule, (symbols.get("acme::geo", name), value))
    assert isinstance(found, Expression)
    return found


def test_a_function_is_recorded_and_returned_unchanged() -> None:
    geo = module("acme::geo")

    def Twice(x: Value) -> Value:
        """Give twice x.

        More about it.
        """
        return x

    assert geo.function(attributes={"Listable"}, pipe=2, operator=-1, capabilities=["net", "fs.read"])(Twice) is Twice
    export = geo.exports["Twice"]
    assert export.qualified_name == "acme::geo::Twice"
    assert export.attribute_names == ("Listable",)
    assert export.documentation == "Give twice x.\n\nMore about it."
    assert (export.pipe, export.operator, export.capabilities) == (2, -1, ("fs.read", "net"))
    assert getattr(Twice, MARK) == {"Twice": export}


def test_a_function_without_checks_is_called_as_it_is() -> None:
    geo = module("acme::geo")

    @geo.function
    def Raw(x, y=None, *rest):  # type: ignore[no-untyped-def]
        return x

    assert geo.exports["Raw"].call is Raw
    assert geo.exports["Raw"].arity == (1, -1)
    assert str(geo.exports["Raw"].signature) == "Raw[x, y = Automatic, rest___]"


def test_a_function_that_looks_at_its_arguments_itself_keeps_its_types_in_the_signature() -> None:
    geo = module("acme::geo")

    @geo.function(checked=False)
    def Size(text: String) -> Integer:
        return -1

    export = geo.exports["Size"]
    assert export.call is Size
    assert str(export.signature) == "Size[text: String] : Integer"

    @geo.function(checked=False)
    def Wide(text: String, *, Wide: Value = None) -> Integer:
        return 2

    assert geo.exports["Wide"].call(rule("Wide", 1)) is None
    assert geo.exports["Wide"].call(7, rule("Wide", 1)) == 2


def test_one_function_may_have_several_names() -> None:
    geo = module("acme::geo")

    @geo.function(name="First")
    @geo.function(name="Second")
    def both(x: Value) -> Value:
        return x

    assert sorted(geo.exports) == ["First", "Second"]
    assert geo.exports["First"].function is geo.exports["Second"].function


INTEGER, LIST = 3, ListValue((1, 2))
HALF = rational(1, 2)
TEXT = StringValue("abc")
CALLS = [
    (Integer, 3, 3),
    (Integer, 3.0, None),
    (Integer, HALF, None),
    (Integer, TRUE, None),
    (Real, 1.5, 1.5),
    (Real, 2, 2.0),
    (Real, HALF, 0.5),
    (Real, TEXT, None),
    (Real, 10**400, None),
    (Number, 2, 2),
    (Number, HALF, HALF),
    (Number, TEXT, None),
    (String, TEXT, TEXT),
    (String, 3, None),
    (List, LIST, LIST),
    (List, TEXT, None),
    (Boolean, TRUE, TRUE),
    (Boolean, FALSE, FALSE),
    (Boolean, 3, None),
    (Value, TEXT, TEXT),
]


@pytest.mark.parametrize(("annotation", "argument", "result"), CALLS)
def test_arguments_are_checked_and_converted(annotation: object, argument: object, result: object) -> None:
    def Same(x, y=None):  # type: ignore[no-untyped-def]
        return x

    Same.__annotations__["x"] = annotation
    if annotation is Boolean:
        Same.__annotations__["return"] = annotation
    geo = module("acme::geo")
    geo.function(Same)
    found = geo.exports["Same"].call(argument)
    assert found == result
    assert type(found) is type(result)


def test_a_real_of_any_precision_becomes_a_machine_real() -> None:
    from mpmath.libmp import from_float

    geo = module("acme::geo")

    @geo.function
    def F(x: Real) -> Real:
        return x

    assert geo.exports["F"].call(BigReal(from_float(0.5), 30.0)) == 0.5


def test_strings_in_annotations_mean_the_same() -> None:
    geo = module("acme::geo")

    @geo.function
    def F(x: Integer | String, *rest: Integer) -> Integer | None:
        return 1

    call = geo.exports["F"].call
    assert str(geo.exports["F"].signature) == "F[x: Integer | String, rest___: Integer] : Integer"
    assert call(1) == call(TEXT) == call(1, 2, 3) == 1
    assert call(1.5) is call(1, 2, 3.5) is call() is None


@pytest.mark.parametrize("count", [1, 2, 3])
def test_every_number_of_parameters_is_checked(count: int) -> None:
    sources = {1: "a: Integer", 2: "a: Integer, b: Integer", 3: "a: Integer, b: Integer, c: Integer"}
    space: dict[str, object] = {"Integer": Integer}
    exec(f"def F({sources[count]}): return {'+'.join('abc'[:count])}", space)
    geo = module("acme::geo")
    geo.function(space["F"])  # type: ignore[call-overload]
    call = geo.exports["F"].call
    assert call(*[1] * count) == count
    for wrong in range(count):
        assert call(*[2.5 if i == wrong else 1 for i in range(count)]) is None


def test_options_are_trailing_rules() -> None:
    geo = module("acme::geo")

    @geo.function(options={"Unit": '"Kilometers"'})
    def Far(x: Integer, *rest: Integer, Unit: Value = None, Exact: Value = None) -> Value:
        return ListValue((x, len(rest), 0 if Unit is None else Unit, 0 if Exact is None else Exact))

    export = geo.exports["Far"]
    assert export.options == {"Unit": '"Kilometers"', "Exact": "Automatic"}
    assert export.arity == (1, -1)
    call = export.call
    assert call(1, 2).args == (1, 1, 0, 0)
    assert call(1, rule("Unit", 7)).args == (1, 0, 7, 0)
    assert call(1, rule("Unit", 7), rule("Exact", TRUE)).args == (1, 0, 7, TRUE)
    assert call(1, ListValue((rule("Unit", 7), rule("Exact", TRUE)))).args == (1, 0, 7, TRUE)
    assert call(1, rule("Unit", 7), rule("Unit", 8)).args == (1, 0, 7, 0)
    assert call(1, expression(S.RuleDelayed, (StringValue("Unit"), 7))).args == (1, 0, 7, 0)
    assert call(1, rule("Untit", 7)) is None
    assert call(rule("Unit", 7)) is None


def test_a_python_bool_result_of_a_boolean_function_is_a_symbol() -> None:
    geo = module("acme::geo")

    @geo.function
    def Positive(x: Integer) -> Boolean:
        return x > 0

    assert geo.exports["Positive"].call(1) is TRUE
    assert geo.exports["Positive"].call(-1) is FALSE
    assert geo.exports["Positive"].call(TEXT) is None


def test_symbols_constants_options_and_re_exports() -> None:
    geo = module("acme::geo")
    geo.symbol("Automatic", "Choose.")
    geo.symbols("Up", "Down", attributes={"Protected"})
    geo.option("Method")
    radius = geo.constant("EarthRadius", 6371.0, "In kilometres.")
    geo.constant("Tau")
    geo.reexport("std::core::Length", "std::list::Join")
    kinds = {name: each.kind for name, each in geo.exports.items()}
    assert kinds == {
        "Automatic": "symbol",
        "Down": "symbol",
        "EarthRadius": "constant",
        "Join": "symbol",
        "Length": "symbol",
        "Method": "option",
        "Tau": "constant",
        "Up": "symbol",
    }
    assert radius.value == 6371.0
    assert radius.attribute_names == ("Constant",)
    assert geo.exports["Length"].alias_of == "std::core::Length"
    with pytest.raises(PluginError) as caught:
        _ = radius.call
    assert caught.value.code == "LYR0814"


def option_without_default(geo: object) -> None:
    @geo.function  # type: ignore[attr-defined,untyped-decorator]
    def F(x: Value, *, Unit: Value) -> Value: ...


def unknown_option(geo: object) -> None:
    @geo.function(options={"Unti": "1"})  # type: ignore[attr-defined,untyped-decorator]
    def F(x: Value, *, Unit: Value = None) -> Value: ...


def twice(geo: object) -> None:
    for _ in range(2):

        @geo.function  # type: ignore[attr-defined,untyped-decorator]
        def F(x: Value) -> Value: ...


CONTRADICTIONS = [
    (option_without_default, "the option Unit has no default"),
    (unknown_option, "the option Unti is no keyword-only parameter"),
    (twice, "acme::geo::F is declared twice"),
    (lambda geo: geo.function(len), "is no Python function"),
    (lambda geo: geo.symbol("not a name"), "cannot be the name of an export"),
    (lambda geo: geo.reexport("Length"), "is no qualified name"),
]


@pytest.mark.parametrize(("declare", "message"), CONTRADICTIONS)
def test_contradictions_are_refused_with_what_to_write(declare: object, message: str) -> None:
    with pytest.raises(PluginError, match=message) as caught:
        declare(module("acme::geo"))  # type: ignore[operator]
    assert caught.value.code == "LYR0810"


def test_the_namespace_and_attributes_are_checked() -> None:
    with pytest.raises(NameResolutionError):
        module("acme-geo")
    with pytest.raises(NameResolutionError):
        module("acme::geo").function(attributes={"Listabel"})(lambda x: x)


def test_a_python_type_is_no_annotation() -> None:
    geo = module("acme::geo")

    @geo.function
    def F(x: str) -> Value: ...

    with pytest.raises(PluginError) as caught:
        _ = geo.exports["F"].signature
    assert caught.value.code == "LYR0811"
    assert "`String`" in caught.value.hints[0]


def test_parts_are_collected_and_a_name_stands_in_one_of_them(
    tmp_path: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    from pathlib import Path

    folder = Path(str(tmp_path))
    source = 'from lyra_core.plugins import module\nf = module("acme::parts")\n\n@f.function\ndef {name}(x): ...\n'
    (folder / "acme_part_one.py").write_text(source.format(name="One"))
    (folder / "acme_part_two.py").write_text(source.format(name="Two"))
    (folder / "acme_part_clash.py").write_text(source.format(name="One"))
    (folder / "acme_part_none.py").write_text("")
    monkeypatch.syspath_prepend(folder)
    whole = module("acme::parts", parts=("acme_part_one", "acme_part_two"))
    assert sorted(whole.collect()) == ["One", "Two"]
    for parts, message in (
        (("acme_part_one", "acme_part_clash"), "declared twice"),
        (("acme_part_none",), "records nothing for acme::parts"),
    ):
        with pytest.raises(PluginError, match=message):
            module("acme::parts", parts=parts).collect()
