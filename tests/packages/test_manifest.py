"""`Lyra.toml`: what is read, what is refused, where, and with which suggestion."""

from __future__ import annotations

from pathlib import Path

import pytest

from lyra_core.diagnostics import render
from lyra_core.errors import LyraError, LyraErrors, ManifestError
from lyra_core.packages.manifest import Manifest, check_publishable, read_manifest
from lyra_core.packages.permissions import Permissions
from lyra_core.source import Source
from lyra_core.versions import Version

GOLDENS = Path(__file__).parent / "goldens"

# The manifest of the design document, to the letter.
SEED = """\
[package]
name = "neural-networks"
version = "1.2.3"
description = "Neural network utilities for Lyra"
authors = ["Jane Doe <jane@example.com>"]
license = "MIT"
repository = "https://github.com/username/lyra-neural"
edition = "2024"

[dependencies]
std = ">=0.1.0"
linear-algebra = "^2.0.0"
statistics = { version = "1.0", features = ["advanced"] }

[dev-dependencies]
test-utils = "0.5.0"

[features]
default = ["basic"]
basic = []
advanced = ["gpu-acceleration"]
gpu-acceleration = []

[exports]
# Functions exported by this package
"NeuralNetwork" = "neural::network::create"
"Train" = "neural::training::train"
"Predict" = "neural::inference::predict"

[imports]
# External dependencies
"std::math::*" = { from = "std" }
"MatMul" = { from = "linear-algebra", name = "matrix_multiply" }

[permissions]
filesystem = { read = ["./data"], write = ["./output"] }
network = { domains = ["api.example.com"] }
foreign-objects = ["Tensor", "Series"]  # Allowed foreign object types

[foreign-modules]
python = { path = "./python_module.py", interface = "python-bridge" }
julia = { path = "./julia_module.jl", interface = "julia-bridge" }
"""


def read(text: str, *, header: bool = True) -> Manifest:
    """Read *text* as a manifest, behind a valid [package] table unless it brings its own."""
    own = '[package]\nname = "my-app"\nversion = "1.0.0"\n' if header else ""
    return read_manifest(Source("Lyra.toml", own + text))


def problems(text: str, *, header: bool = True) -> list[LyraError]:
    with pytest.raises(LyraErrors) as caught:
        read(text, header=header)
    return list(caught.value.errors)


def test_the_manifest_of_the_design_document_reads_to_the_letter() -> None:
    manifest = read_manifest(Source("Lyra.toml", SEED))
    assert manifest.package is not None
    assert (manifest.name, manifest.package.version) == ("neural-networks", Version(1, 2, 3))
    assert manifest.package.authors == ("Jane Doe <jane@example.com>",)
    assert manifest.package.effective_namespace == "neural::networks"
    assert {key: str(spec.requirement) for key, spec in manifest.dependencies.items()} == {
        "std": ">=0.1.0",
        "linear-algebra": "^2.0.0",
        "statistics": "^1.0",
    }
    assert manifest.dependencies["statistics"].features == ("advanced",)
    assert manifest.dev_dependencies["test-utils"].is_dev
    assert manifest.features["advanced"] == ("gpu-acceleration",)
    train = manifest.exports["Train"]
    assert (train.path, train.module, train.internal_name) == ("neural::training::train", "neural::training", "train")
    assert manifest.imports["std::math::*"].is_wildcard
    assert manifest.imports["std::math::*"].name == "std::math"
    assert (manifest.imports["MatMul"].source, manifest.imports["MatMul"].target) == (
        "linear-algebra",
        "matrix_multiply",
    )
    assert manifest.permissions == Permissions(
        {
            "filesystem.read": ["./data"],
            "filesystem.write": ["./output"],
            "network": ["api.example.com"],
            "foreign-objects": ["Tensor", "Series"],
        }
    )
    assert manifest.asks == manifest.permissions | Permissions({"foreign": ["python", "julia"]})
    assert [(each.language, each.path, each.name) for each in manifest.foreign_modules] == [
        ("python", "python_module.py", "python_module"),
        ("julia", "julia_module.jl", "julia_module"),
    ]


def test_every_form_of_a_dependency_reads() -> None:
    manifest = read(
        """
        [dependencies]
        plain = "1.2"
        full = { version = "^1", features = ["a", "b"], default-features = false, optional = true, registry = "corp" }
        la2 = { package = "linear-algebra", version = "2" }
        here = { path = "../here" }
        there = { git = "https://example.com/there.git", tag = "v1", version = "1" }
        [features]
        fast = ["dep:full", "here/x"]
        weak = ["full?/a"]
        """
    )
    full, la2, here, there = (manifest.dependencies[key] for key in ("full", "la2", "here", "there"))
    assert (full.features, full.default_features, full.optional, full.registry) == (("a", "b"), False, True, "corp")
    assert (la2.package, la2.is_renamed) == ("linear-algebra", True)
    assert (here.path, here.requirement, here.is_local) == ("../here", None, True)
    assert (there.git, there.tag, str(there.requirement)) == ("https://example.com/there.git", "v1", "^1")
    assert manifest.optional_features() == {}


def test_an_optional_dependency_is_a_feature_unless_one_names_it() -> None:
    manifest = read('[dependencies]\nfast = { version = "1", optional = true }\n[features]\nall = ["fast"]\n')
    assert manifest.optional_features() == {"fast": ("dep:fast",)}


def test_every_form_of_an_export_reads() -> None:
    manifest = read(
        """
        [exports]
        Plain = "m::plain"
        Old = { path = "m::old", deprecated = "use Plain", since = "0.9.0", pipe = 2 }
        Gone = { path = "m::gone", deprecated = true, pipe = "last" }
        Gated = { path = "m::gated", feature = "extra", kind = "symbol" }
        matrix_multiply = "m::matrix_multiply"
        [features]
        extra = []
        """
    )
    old, gone, gated = (manifest.exports[name] for name in ("Old", "Gone", "Gated"))
    assert (old.deprecated, str(old.since), old.pipe) == ("use Plain", "0.9.0", 2)
    assert (gone.deprecated, gone.pipe) == ("Gone is deprecated", -1)
    assert (gated.feature, gated.kind) == ("extra", "symbol")
    assert "matrix_multiply" in manifest.exports


def test_foreign_modules_may_be_several_and_have_names() -> None:
    manifest = read(
        """
        [foreign-modules]
        python = [
          { path = "py/fit.py", requires = ["numpy>=1.26"] },
          { path = "py/plot-it.py", name = "plots" },
        ]
        """
    )
    assert [(each.name, each.interface, each.requires) for each in manifest.foreign_modules] == [
        ("fit", "python-bridge", ("numpy>=1.26",)),
        ("plots", "python-bridge", ()),
    ]


def test_config_workspace_and_free_keys_read() -> None:
    manifest = read(
        """
        x-own = [1, 2]
        include = ["data/**/*.csv"]
        publish = ["corp"]
        lyra = ">=0.1"
        namespace = "acme::geo"
        [config]
        hot-reload = true
        memory-limit = "1.5 GiB"
        settings = { depth = 3, name = "x" }
        [workspace]
        members = ["libs/*", "tools/cli/"]
        exclude = ["libs/old"]
        [x-tool]
        anything = { goes = [1979-05-27] }
        """
    )
    assert manifest.package is not None
    assert manifest.package.include == ("data/**/*.csv",)
    assert manifest.package.publish == ("corp",)
    assert manifest.package.effective_namespace == "acme::geo"
    assert manifest.package.extra == {"x-own": [1, 2]}
    assert (manifest.config.hot_reload, manifest.config.memory_limit) == (True, 3 * 2**29)
    assert manifest.config.settings == {"depth": 3, "name": "x"}
    assert manifest.workspace is not None
    assert manifest.workspace.members == ("libs/*", "tools/cli")
    assert set(manifest.extra) == {"x-tool"}


def test_a_workspace_root_needs_no_package() -> None:
    manifest = read('[workspace]\nmembers = ["a"]\n', header=False)
    assert manifest.package is None
    assert manifest.name == ""


# One line a mistake: text behind a valid [package], code, place, part of the message, part of a hint or "".
MISTAKES = [
    ("[package]\n", "LYR0401", "1:", "not valid TOML", ""),
    ('[dependencys]\nstd = "*"', "LYR0403", "4:2", "unknown key `dependencys`", "did you mean `dependencies`?"),
    ('licence = "MIT"', "LYR0403", "4:1", "unknown key `licence`", "did you mean `license`?"),
    ('foo = "MIT"', "LYR0403", "4:1", "unknown key `foo`", "begin with `x-`"),
    ("authors = [1]", "LYR0405", "4:12", "`package.authors[0]` must be a text", ""),
    ('description = "a\\u001bb"', "LYR0405", "4:15", "control or invisible", ""),
    ('license = " "', "LYR0405", "4:11", "is empty", ""),
    ('edition = "2025"', "LYR0421", "4:11", "unknown edition `2025`", '"2024"'),
    ('lyra = ">>1"', "LYR0302", "4:", "is not a version requirement", "write `1.2`"),
    ('homepage = "nowhere"', "LYR0421", "4:12", "no address", "https://"),
    ('namespace = "a-b"', "LYR0406", "4:13", "not a namespace", ""),
    ('namespace = "std::x"', "LYR0407", "4:13", "belongs to the language", ""),
    ("publish = 1", "LYR0405", "4:11", "true, false or a list", ""),
    ('include = ["../x"]', "LYR0415", "4:12", "does not stay inside", ""),
    ('[dependencies]\nA_b = "1"', "LYR0406", "5:1", "not a package name", "`a-b` would do"),
    ('[dependencies]\nstd-math = "1"', "LYR0407", "5:1", "is reserved", "`std`"),
    ('[dependencies]\nuser = "1"', "LYR0407", "5:1", "is reserved", ""),
    ("[dependencies]\nab = 1", "LYR0405", "5:6", "must be a requirement", ""),
    ("[dependencies]\nab = {}", "LYR0404", "5:1", "names no version", ""),
    ('[dependencies]\nab = "^1.2.x.3"', "LYR0302", "5:", "is not a version requirement", ""),
    ('[dependencies]\nab = { versoin = "1", path = "../y" }', "LYR0403", "5:8", "unknown key `versoin`", "`version`"),
    ('[dependencies]\nab = { path = "./", version = "1" }', "LYR0330", "5:15", "cannot need itself", ""),
    ('[dependencies]\nab = { path = "../y", git = "./x" }', "LYR0409", "5:6", "one place only", ""),
    ('[dependencies]\nab = { path = "../y", registry = "x" }', "LYR0409", "5:23", "needs `version`", ""),
    ('[dependencies]\nab = { version = "1", tag = "v" }', "LYR0409", "5:23", "`tag` needs `git`", ""),
    ('[dependencies]\nab = { git = "./x", tag = "v", rev = "1" }', "LYR0409", "5:", "exclude each other", ""),
    ('[dependencies]\nab = { git = "--upload-pack=x" }', "LYR0421", "5:14", "no address of a repository", ""),
    ('[dependencies]\nab = { git = "./x", branch = "-x" }', "LYR0421", "5:30", "no branch", ""),
    ('[dev-dependencies]\nab = { version = "1", optional = true }', "LYR0409", "5:34", "cannot be optional", ""),
    (
        '[dependencies]\nab = "1"\n[dev-dependencies]\nab = { package = "cd", version = "1" }',
        "LYR0409", "7:1", "another package", "",
    ),
    ('[features]\ndefault = ["basc"]\nbasic = []', "LYR0410", "5:12", "unknown feature `basc`", "`basic`"),
    ('[features]\n"a b" = []', "LYR0410", "5:1", "is no feature", ""),
    ('[features]\na = ["a"]', "LYR0410", "5:6", "enables itself", ""),
    ('[features]\na = ["dep:x"]', "LYR0410", "5:6", "unknown dependency `x`", ""),
    ('[features]\na = ["xy?/f"]\n[dependencies]\nxy = "1"', "LYR0410", "5:6", "not optional", "optional = true"),
    (
        '[features]\nxy = []\n[dependencies]\nxy = { version = "1", optional = true }',
        "LYR0410", "5:1", "name of an optional dependency", "dep:xy",
    ),
    ('[exports]\n"Sin x" = "a::b"', "LYR0411", "5:1", "cannot be exported", ""),
    ('[exports]\nTrain = "a.b"', "LYR0411", "5:9", "no path to a name", "`module::name`"),
    ("[exports]\nTrain = {}", "LYR0404", "5:9", "has no `path`", ""),
    ('[exports]\nTrain = { path = "a::b", kind = "functoin" }', "LYR0421", "5:33", "is no kind", "`function`"),
    ('[exports]\nTrain = { path = "a::b", feature = "x" }', "LYR0410", "5:36", "unknown feature", ""),
    ('[exports]\nTrain = { path = "a::b", pipe = 0 }', "LYR0411", "5:33", "`pipe` is a position", ""),
    ('[exports]\nTrain = { path = "a::b", since = "1.0" }', "LYR0301", "5:", "is not a version", ""),
    ('[imports]\n"a b" = { from = "std" }', "LYR0412", "5:1", "cannot be imported", ""),
    ('[imports]\n"a::b" = { from = "std" }', "LYR0412", "5:1", "cannot be imported", ""),
    ("[imports]\nSin = {}", "LYR0404", "5:7", "has no `from`", ""),
    (
        '[imports]\nMul = { from = "linear-algbra" }\n[dependencies]\nlinear-algebra = "1"',
        "LYR0412", "5:16", "is no dependency", "did you mean `linear-algebra`?",
    ),
    ('[imports]\nMul = { from = "foo" }', "LYR0412", "5:16", "is no dependency", "lyra pkg add foo"),
    ('[imports]\n"std::math::*" = { from = "std", name = "x" }', "LYR0412", "5:34", "has no `name`", ""),
    ('[permissions]\nfilesytem = {}', "LYR0413", "5:1", "unknown permission", "`filesystem`"),
    ('[permissions]\nfilesystem = { reed = [] }', "LYR0413", "5:16", "unknown key `reed`", "`read`"),
    ('[permissions]\nfilesystem = { read = ["data"] }', "LYR0413", "5:24", "relative to what", "`./data`"),
    ('[permissions]\nfilesystem = { write = ["@pkg/x"] }', "LYR0413", "5:25", "read-only", "@cache"),
    ('[permissions]\nnetwork = { domains = ["https://x.y"] }', "LYR0413", "5:24", "no valid port", "without a scheme"),
    ('[permissions]\nprocess = "yes"', "LYR0413", "5:1", "must be true or false", ""),
    ('[permissions]\nunsandboxed = ["python"]', "LYR0413", "5:1", "cannot ask for it", "lyra pkg allow"),
    ('[foreign-modules]\npython = { path = "/x.py" }', "LYR0415", "5:19", "does not stay inside", ""),
    ('[foreign-modules]\ninclude = ["a.csv"]', "LYR0403", "5:1", "is no language", "[package]"),
    ("[foreign-modules]\npython = {}", "LYR0404", "5:10", "has no `path`", ""),
    ('[foreign-modules]\npython = { path = "my-file.py" }', "LYR0414", "5:19", "no name of a module", "name ="),
    (
        '[foreign-modules]\npython = { path = "a.py" }\njulia = { path = "a.jl" }',
        "LYR0414", "6:9", "two foreign modules are called `a`", "",
    ),
    ('[workspace]\nmembers = ["../x"]', "LYR0415", "5:12", "does not stay inside", ""),
    ('[workspace]\nmember = ["x"]', "LYR0403", "5:1", "unknown key `member`", "`members`"),
    ("[config]\nmemory-limit = 0", "LYR0421", "5:16", "is no size", "512 MiB"),
    ('[config]\nmemory-limit = "12"', "LYR0421", "5:16", "is no size", ""),
    ("[config]\nhot-reload = 1", "LYR0405", "5:14", "true or false", ""),
]  # fmt: skip


@pytest.mark.parametrize(
    ("text", "code", "place", "message", "hint"), MISTAKES, ids=[case[0][:40] for case in MISTAKES]
)
def test_a_mistake_has_a_code_a_place_and_a_hint(text: str, code: str, place: str, message: str, hint: str) -> None:
    if code == "LYR0401":
        with pytest.raises(ManifestError) as caught:
            read(text)
        assert caught.value.code == code
        return
    found = problems(text)
    assert [each.code for each in found] == [code]
    (error,) = found
    assert message in error.message
    assert error.span is not None
    assert error.span.place.startswith(f"Lyra.toml:{place}")
    assert hint in " ".join(error.hints)


@pytest.mark.parametrize(
    ("text", "codes"),
    [
        ("", ["LYR0404"]),
        ("[package]", ["LYR0404", "LYR0404"]),
        ("package = 1", ["LYR0405"]),
        ('[package]\nname = "std"\nversion = "1.0.0"', ["LYR0407"]),
        ('[package]\nname = "user-x"\nversion = "1.0.0"', ["LYR0407"]),
        ('[package]\nname = "a"\nversion = "1.0.0"', ["LYR0406"]),
        ('[package]\nname = "a--b"\nversion = "01.0.0"', ["LYR0406", "LYR0301"]),
        ('name = "ab"\n[package]\nname = "ab"\nversion = "1.0.0"', ["LYR0403"]),
        ('include = []\n[package]\nname = "ab"\nversion = "1.0.0"', ["LYR0403"]),
    ],
)
def test_the_package_table_is_demanded_and_checked(text: str, codes: list[str]) -> None:
    assert [error.code for error in problems(text, header=False)] == codes


def test_reserved_names_are_for_the_language_itself() -> None:
    text = '[package]\nname = "std-math"\nversion = "0.1.0"\nnamespace = "std::math"\n'
    assert read_manifest(Source("Lyra.toml", text), allow_reserved=True).name == "std-math"


def test_all_problems_are_reported_at_once_each_with_its_line() -> None:
    text = (GOLDENS / "many_problems.toml").read_text(encoding="utf-8")
    with pytest.raises(LyraErrors) as caught:
        read_manifest(Source("Lyra.toml", text))
    expected = (GOLDENS / "many_problems.txt").read_text(encoding="utf-8")
    assert render(caught.value) + "\n" == expected


def test_a_missing_file_and_a_binary_one_are_errors_of_ours(tmp_path: Path) -> None:
    with pytest.raises(ManifestError) as caught:
        read_manifest(tmp_path / "Lyra.toml")
    assert caught.value.code == "LYR0416"
    (tmp_path / "Lyra.toml").write_bytes(b"\x00\xff\xfe")
    with pytest.raises(ManifestError) as caught:
        read_manifest(tmp_path / "Lyra.toml")
    assert caught.value.code == "LYR0419"


def test_control_characters_of_a_key_do_not_reach_the_message() -> None:
    (error,) = problems('"\\u001b[31mred" = 1')
    assert "\x1b" not in error.message


@pytest.mark.parametrize(
    ("text", "registry", "message"),
    [
        ("publish = false", "main", "may not be published there"),
        ('publish = ["corp"]', "main", "may not be published there"),
        ('[dependencies]\nhere = { path = "../here" }', "main", "has no version"),
        ("", "main", "names no license"),
    ],
)
def test_what_a_registry_cannot_serve_is_not_publishable(text: str, registry: str, message: str) -> None:
    with pytest.raises(LyraErrors) as caught:
        check_publishable(read(text), registry)
    assert any(message in error.message for error in caught.value.errors)


def test_a_sound_manifest_is_publishable() -> None:
    check_publishable(
        read('license = "MIT"\npublish = ["corp"]\n[dependencies]\nab = { path = "../y", version = "1" }'), "corp"
    )
