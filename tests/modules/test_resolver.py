"""Name resolution: the order of lookup, its errors, and that each question is asked once."""

from __future__ import annotations

import pytest

from lyra_core.errors import NameResolutionError
from lyra_core.modules import NamespaceResolver, Scope
from tests.modules.universe import Table, Universe


def std() -> Universe:
    return Universe(
        Table("std::core", "Length Map Plus Table"),
        Table("std::math", "Sin Cos Tan matrix_multiply"),
        Table("std::list", "Length=std::core::Length Reverse Join"),
        Table("std::table", "Table Series"),
        Table("acme::geo", "Area Sin Reverse=std::list::Reverse"),
        Table("acme::geo::inner", "Deep"),
    )


def resolver(*more: Universe) -> NamespaceResolver:
    return NamespaceResolver([*more, std()])


def meaning(found: NamespaceResolver, scope: Scope, name: str) -> tuple[str, str]:
    resolved = found.resolve_unqualified(name, scope)
    return resolved.qualified_name, resolved.via


def test_the_order_of_lookup() -> None:
    found = resolver()
    scope = Scope("user::mine")
    steps: list[tuple[str, str]] = [meaning(found, scope, "Sin")]
    scope.wildcards.append("acme::geo")
    scope.changed()
    steps.append(meaning(found, scope, "Sin"))
    scope.manifest_names["Sin"] = "std::math::Tan"
    scope.changed()
    steps.append(meaning(found, scope, "Sin"))
    scope.named["Sin"] = "std::math::Cos"
    scope.changed()
    steps.append(meaning(found, scope, "Sin"))
    scope.definitions = {"Sin"}
    scope.changed()
    steps.append(meaning(found, scope, "Sin"))
    assert steps == [
        ("std::math::Sin", "prelude"),
        ("acme::geo::Sin", "wildcard"),
        ("std::math::Tan", "manifest"),
        ("std::math::Cos", "import"),
        ("user::mine::Sin", "definition"),
    ]


def test_a_name_that_nobody_has_is_a_symbol_of_the_module() -> None:
    resolved = resolver().resolve_unqualified("frobnicate", Scope("user::mine", "app@1"))
    assert resolved.identity == ("app@1", "user::mine", "frobnicate")
    assert resolved.via == "module"
    assert resolved.export is None


@pytest.mark.parametrize(
    ("statement", "written", "means"),
    [
        (("import_module", "std::math", ""), "math::Sin", "std::math::Sin"),
        (("import_module", "std::math", "m"), "m::Sin", "std::math::Sin"),
        (("import_module", "acme::geo", ""), "geo::inner::Deep", "acme::geo::inner::Deep"),
        (("import_path", "std::math", ""), "math::Cos", "std::math::Cos"),
        (("import_path", "std::math", "m"), "m::Cos", "std::math::Cos"),
        (("import_path", "std::math::Sin", "Sine"), "Sine", "std::math::Sin"),
        (("import_name", "std::math::Cos", ""), "Cos", "std::math::Cos"),
        (("import_name", "std::math::matrix_multiply", "MatMul"), "MatMul", "std::math::matrix_multiply"),
        (("import_all", "std::math"), "Tan", "std::math::Tan"),
        (("import_all", "thirdparty::acme::geo"), "Area", "acme::geo::Area"),
        (("import_module", "thirdparty::acme::geo", "g"), "g::Area", "acme::geo::Area"),
    ],
)
def test_import_forms(statement: tuple[str, ...], written: str, means: str) -> None:
    found = resolver()
    scope = Scope()
    method, path, *alias = statement
    getattr(found, method)(path, scope, *alias)
    resolve = found.resolve_path if "::" in written else found.resolve_unqualified
    assert resolve(written, scope).qualified_name == means


def test_an_import_through_a_prefix() -> None:
    found = resolver()
    scope = Scope()
    found.import_module("acme::geo", scope, "g")
    found.import_name("g::inner::Deep", scope)
    found.import_all("g::inner", scope)
    assert scope.named == {"Deep": "acme::geo::inner::Deep"}
    assert scope.wildcards == ["acme::geo::inner"]


def test_absolute_paths_need_no_import() -> None:
    found = resolver()
    assert found.resolve_path("std::math::Sin", Scope()).qualified_name == "std::math::Sin"
    assert found.resolve_path("thirdparty::acme::geo::Area", Scope()).qualified_name == "acme::geo::Area"


def test_a_re_exported_name_is_the_symbol_of_its_home() -> None:
    found = resolver()
    scope = Scope()
    found.import_name("std::list::Length", scope, "Len")
    assert found.resolve_unqualified("Len", scope).identity == found.resolve_unqualified("Length", scope).identity
    assert found.resolve_path("std::list::Length", scope).namespace == "std::core"


def test_a_re_export_whose_home_is_not_installed_is_its_symbol_all_the_same() -> None:
    found = NamespaceResolver([Universe(Table("a", "F=gone::F"))])
    assert found.resolve_path("a::F", Scope()).identity == ("", "gone", "F")


def test_re_exports_in_a_circle_are_refused_with_the_way_round() -> None:
    found = NamespaceResolver([Universe(Table("a", "F=b::F"), Table("b", "F=a::F"))])
    with pytest.raises(NameResolutionError) as caught:
        found.resolve_path("a::F", Scope())
    assert caught.value.code == "LYR0243"
    assert caught.value.notes == ("a::F → b::F → a::F",)


def test_two_wildcards_are_an_error_only_where_the_name_is_used() -> None:
    found = resolver()
    scope = Scope()
    found.import_all("std::math", scope)
    found.import_all("acme::geo", scope)
    assert meaning(found, scope, "Tan") == ("std::math::Tan", "wildcard")
    with pytest.raises(NameResolutionError) as caught:
        found.resolve_unqualified("Sin", scope)
    assert caught.value.code == "LYR0236"
    assert "acme::geo and std::math" in caught.value.message
    assert caught.value.hints[-1] == "import acme::geo::Sin"


def test_two_wildcards_that_offer_one_symbol_agree() -> None:
    found = resolver()
    scope = Scope()
    found.import_all("std::list", scope)
    found.import_all("acme::geo", scope)
    assert meaning(found, scope, "Reverse") == ("std::list::Reverse", "wildcard")


def test_the_manifests_wildcards_rank_as_wildcards() -> None:
    found = resolver()
    scope = Scope()
    scope.manifest_wildcards.append("std::math")
    found.import_all("acme::geo", scope)
    with pytest.raises(NameResolutionError) as caught:
        found.resolve_unqualified("Sin", scope)
    assert caught.value.code == "LYR0236"


def test_a_constructor_outside_the_prelude_needs_its_namespace() -> None:
    found = resolver()
    assert meaning(found, Scope(), "Table") == ("std::core::Table", "prelude")
    assert found.resolve_path("std::table::Table", Scope()).namespace == "std::table"


@pytest.mark.parametrize(
    ("path", "code", "message", "hint"),
    [
        ("std::math::Sn", "LYR0235", "unknown function std::math::Sn", "did you mean Sin?"),
        ("std::meth::Sin", "LYR0234", "unknown module std::meth", "did you mean `std::math`?"),
        ("math::Sin", "LYR0234", "unknown module math", "did you mean `std::math`?"),
        ("nowhere::at::all::F", "LYR0234", "unknown module nowhere::at::all", "lyra modules list"),
    ],
)
def test_a_qualified_name_that_does_not_exist(path: str, code: str, message: str, hint: str) -> None:
    with pytest.raises(NameResolutionError) as caught:
        resolver().resolve_path(path, Scope())
    assert (caught.value.code, caught.value.message, caught.value.hints[0]) == (code, message, hint)


@pytest.mark.parametrize(
    ("method", "path", "code"),
    [
        ("import_module", "std::maths", "LYR0234"),
        ("import_all", "std::maths", "LYR0234"),
        ("import_name", "std::math::Sinn", "LYR0235"),
        ("import_path", "std::math::Sinn", "LYR0235"),
        ("import_path", "maths", "LYR0234"),
        ("import_path", "std::maths::Sin", "LYR0234"),
    ],
)
def test_an_import_of_what_does_not_exist(method: str, path: str, code: str) -> None:
    with pytest.raises(NameResolutionError) as caught:
        getattr(resolver(), method)(path, Scope())
    assert caught.value.code == code


def test_one_name_imported_twice() -> None:
    found = resolver()
    scope = Scope()
    found.import_name("std::math::Sin", scope)
    found.import_name("std::math::Sin", scope)
    with pytest.raises(NameResolutionError) as caught:
        found.import_name("acme::geo::Sin", scope)
    assert caught.value.code == "LYR0242"
    found.import_module("std::math", scope, "m")
    with pytest.raises(NameResolutionError) as caught:
        found.import_module("acme::geo", scope, "m")
    assert caught.value.code == "LYR0242"


def test_in_the_repl_the_last_import_wins() -> None:
    found = resolver()
    scope = Scope(repl=True)
    found.import_name("std::math::Sin", scope)
    assert found.resolve_unqualified("Sin", scope).namespace == "std::math"
    found.import_name("acme::geo::Sin", scope)
    assert found.resolve_unqualified("Sin", scope).namespace == "acme::geo"


def test_a_prelude_name_whose_module_is_missing_names_the_doctor() -> None:
    found = NamespaceResolver([Universe(Table("std::core", "Plus"))], missing=lambda namespace: f"{namespace} is off")
    with pytest.raises(NameResolutionError) as caught:
        found.resolve_unqualified("Sin", Scope())
    assert caught.value.code == "LYR0237"
    assert caught.value.notes == ("std::math is off",)
    assert caught.value.hints == ("lyra modules doctor std::math",)


def test_a_prelude_name_that_its_module_does_not_define_stays_symbolic_at_home() -> None:
    resolved = resolver().resolve_unqualified("Haversine", Scope())
    assert resolved.qualified_name == "std::math::Haversine"
    assert resolved.export is None


def test_an_unknown_edition() -> None:
    with pytest.raises(NameResolutionError) as caught:
        resolver().resolve_unqualified("Sin", Scope(edition="1999"))
    assert caught.value.code == "LYR0244"


def test_the_projects_own_modules_go_first_and_are_not_thirdparty() -> None:
    own = Universe(Table("acme::geo", "Mine"), published=False)
    found = resolver(own)
    assert found.resolve_path("acme::geo::Mine", Scope()).name == "Mine"
    assert found.resolve_path("thirdparty::acme::geo::Area", Scope()).name == "Area"


def test_two_packages_may_mean_different_modules_by_one_namespace() -> None:
    found = resolver(
        Universe(Table("la", "Solve", "la@1"), only_for="old@1"),
        Universe(Table("la", "Solve", "la@2"), only_for="new@1"),
    )
    old, new = Scope("m", "old@1"), Scope("m", "new@1")
    assert found.resolve_path("la::Solve", old).identity == ("la@1", "la", "Solve")
    assert found.resolve_path("la::Solve", new).identity == ("la@2", "la", "Solve")


def test_a_module_may_name_its_own_private_names() -> None:
    found = resolver(Universe(Table("mine", "Public")))
    assert found.resolve_path("mine::hidden", Scope("mine")).qualified_name == "mine::hidden"
    with pytest.raises(NameResolutionError):
        found.resolve_path("mine::hidden", Scope("other"))


def test_each_question_is_asked_once() -> None:
    source = std()
    found = NamespaceResolver([source])
    scope = Scope()
    for _ in range(3):
        found.resolve_unqualified("Sin", scope)
        found.resolve_path("std::math::Cos", scope)
        found.resolve_path("std::math::Cos", Scope("another"))
    assert source.asked == ["std::math"]


def test_a_module_that_changed_is_asked_for_again() -> None:
    source = std()
    found = NamespaceResolver([source])
    found.resolve_path("std::math::Cos", Scope())
    source.tables["std::math"] = Table("std::math", "Sin")
    found.forget("std::math")
    with pytest.raises(NameResolutionError):
        found.resolve_path("std::math::Cos", Scope())


@pytest.mark.parametrize(
    ("path", "is_module"),
    [
        ("std::math::Sin::argx", True),
        ("user::f", True),
        ("f::usage", False),
        ("Power::infy", False),
        ("acme::F", True),
        ("m::F", True),
    ],
)
def test_what_tells_a_module_from_a_message_name(path: str, is_module: bool) -> None:
    scope = Scope()
    scope.prefixes["m"] = "std::math"
    assert resolver().names_module(path, scope) is is_module


def test_names_print_as_short_as_the_scope_allows() -> None:
    found = resolver()
    scope = Scope("user")
    assert found.shortest_name("std::math", "Sin", "", scope) == "Sin"
    assert found.shortest_name("acme::geo", "Sin", "", scope) == "acme::geo::Sin"
    found.import_module("acme::geo", scope)
    assert found.shortest_name("acme::geo", "Sin", "", scope) == "geo::Sin"
    found.import_name("acme::geo::Sin", scope, "GeoSin")
    assert found.shortest_name("acme::geo", "Sin", "", scope) == "GeoSin"
    assert found.shortest_name("user", "x", "", scope) == "x"
    assert found.shortest_name("", "x$1", "", scope) == "x$1"
