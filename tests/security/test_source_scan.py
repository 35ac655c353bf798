"""The scan sees what files do beyond what the package declares."""

from __future__ import annotations

import base64

import pytest

from lyra_core.packages.bundle import PackageBundle
from lyra_core.packages.permissions import NO_PERMISSIONS, Permissions
from lyra_core.security.source_scan import scan_bundle, scan_python, similar_names
from tests.packages.making import make_bundle

REFUSE, WARN, NOTHING = "refuse", "warn", ""


@pytest.mark.parametrize(
    ("text", "kind", "words"),
    [
        ("import socket", REFUSE, "network"),
        ("import urllib.request as u", REFUSE, "network"),
        ("from http import client", REFUSE, "network"),
        ("def f():\n    import requests", REFUSE, "network"),
        ("__import__('socket')", REFUSE, "network"),
        ("import importlib\nimportlib.import_module('ssl')", REFUSE, "network"),
        ("import subprocess", REFUSE, "programs"),
        ("import os\nos.system('ls')", REFUSE, "programs"),
        ("from os import execv as go\ngo('x', [])", REFUSE, "programs"),
        ("import os as o\no.posix_spawn('x', [], {})", REFUSE, "programs"),
        ("import ctypes", WARN, "native"),
        ("from cffi import FFI", WARN, "native"),
        ("eval(input())", WARN, "as code"),
        ("exec(open('x').read())", WARN, "as code"),
        ("import pickle\npickle.loads(b'')", WARN, "as code"),
        ("import importlib\nimportlib.import_module(name)", WARN, "as code"),
        ("import base64\nexec(base64.b64decode('eA=='))", REFUSE, "unpacks first"),
        ("from zlib import decompress as d\nimport marshal\nexec(compile(d(x), '', 'exec'))", REFUSE, "unpacks first"),
        (f"x = '{base64.b64encode(bytes(2000)).decode()}'", WARN, "encoded data"),
        ("def broken(:", WARN, "cannot parse"),
        ("x = " + "(" * 500 + ")" * 500, WARN, "cannot parse"),
        ("import math, json\nimport numpy as np\nx = np.zeros(3)", NOTHING, ""),
        ("eval('1 + 1')", NOTHING, ""),
        ("import os\nos.path.join('a', 'b')", NOTHING, ""),
        ("text = '" + "words and more words " * 100 + "'", NOTHING, ""),
        ("class client:\n    def request(self): pass", NOTHING, ""),
        ("from .socket import x", NOTHING, ""),
    ],
)
def test_python_is_judged_by_what_it_imports_and_calls(text: str, kind: str, words: str) -> None:
    findings = scan_python("m.py", text, NO_PERMISSIONS)
    assert {finding.kind for finding in findings} == ({kind} if kind else set())
    assert all(words in finding.message for finding in findings)


def test_what_is_declared_is_no_finding() -> None:
    asks = Permissions({"network": ["a.b"], "process": [""]})
    assert scan_python("m.py", "import socket, subprocess\nimport os\nos.system('x')", asks) == []


def test_a_finding_says_where() -> None:
    (finding,) = scan_python("m.py", "x = 1\n\nimport socket\n", NO_PERMISSIONS)
    assert str(finding) == "m.py:3: uses the network, which [permissions] does not ask for"


def bundle(files: dict[str, bytes], more: str = "") -> PackageBundle:
    return make_bundle(more=more, files=files)


@pytest.mark.parametrize(
    ("path", "content", "kind", "words"),
    [
        ("tool", b"\x7fELF\x02\x01\x01" + bytes(60), REFUSE, "compiled program"),
        ("tool.exe", b"anything", REFUSE, "compiled program"),
        ("data/x", b"MZ\x90\0\x03" + bytes(60), REFUSE, "compiled program"),
        ("data/x", b"MZ is how this text begins", NOTHING, ""),
        ("lib.so", b"", REFUSE, "compiled program"),
        ("x.wasm", b"\0asm\1\0\0\0", REFUSE, "compiled program"),
        ("data/x", b"\xcf\xfa\xed\xfe" + bytes(60), REFUSE, "compiled program"),
        ("src/a.lyra", "x = 1 (* ‮ ) *)".encode(), REFUSE, "direction"),
        ("src/a.lyra", b"\xff\xfe", REFUSE, "no UTF-8"),
        ("m.py", "x = '⁦'".encode(), REFUSE, "direction"),
        ("m.jl", b"using Sockets", WARN, "network"),
        ("m.jl", b"x = run(`ls`)", WARN, "programs"),
        ("m.jl", b"ccall(:f, Int, ())", WARN, "native"),
        ("m.jl", b"train(x) = x", NOTHING, ""),
        ("src/a.lyra", "größe[x_] := x (* שלום *)".encode(), NOTHING, ""),
        ("data/x.csv", b"1,2\n", NOTHING, ""),
    ],
)
def test_files_are_judged_by_what_they_are(path: str, content: bytes, kind: str, words: str) -> None:
    findings = scan_bundle(bundle({path: content}))
    assert {finding.kind for finding in findings} == ({kind} if kind else set())
    assert all(words in str(finding) and finding.path == path for finding in findings)


def test_powers_of_compiled_modules_are_held_against_the_manifest() -> None:
    package = bundle(
        {"src/a.lyra": b"x", "lyc/a.lyrac": b"artefact"}, '[permissions]\nfilesystem = { read = ["./data"] }\n'
    )
    powers = {b"artefact": ["filesystem.read ./data/x", "network a.b"]}
    findings = scan_bundle(package, artefact_powers=lambda module, artefact: powers[artefact])
    assert [str(finding) for finding in findings] == ["a: uses `network a.b`, which [permissions] does not ask for"]


@pytest.mark.parametrize(
    ("name", "known", "similar"),
    [
        ("linear-algebra", ["linear-algbra"], True),
        ("linear-algebra", ["linearalgebra"], True),
        ("linear-algebra", ["algebra-linear"], True),
        ("linear-algebra", ["lineer-algebra"], True),
        ("linear-algebra", ["linear-algebra"], False),
        ("linear-algebra", ["statistics", "linear"], False),
        ("abc", ["abd"], False),
    ],
)
def test_names_that_are_easily_mistaken(name: str, known: list[str], similar: bool) -> None:
    assert bool(similar_names(name, known)) is similar
    findings = scan_bundle(bundle({}), ["geometri"])
    assert [finding.kind for finding in findings] == [WARN]
