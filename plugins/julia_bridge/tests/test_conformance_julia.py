"""The Julia bridge keeps the contract of bridges."""

from __future__ import annotations

from pathlib import Path

import pytest
from lyra_julia_bridge.bridge import JuliaBridge
from lyra_julia_bridge.runtime import find_julia

from lyra_core.errors import PluginError
from lyra_core.foreign.bridge import ForeignBridge, ForeignGrants
from lyra_core.security.sandbox import sandbox_status
from lyra_core.testing.bridge_conformance import BridgeConformance

SAMPLE = """\
identity(x) = x

"Add two numbers."
add(a, b) = a + b

fail(message) = throw(ArgumentError(message))
total(items) = sum(items)
apply(f, x) = f(x)
scale(x; factor = 2) = x * factor

struct Thing end
make() = Thing()
use(thing) = thing isa Thing ? 42 : 0

say(text) = println(text)
function hang()
    while true
        sleep(0.01)
    end
end
die() = ccall(:_exit, Cvoid, (Cint,), 7)
"""


def julia_is_there() -> bool:
    try:
        find_julia()
    except PluginError:
        return False
    return True


pytestmark = [
    pytest.mark.julia,
    pytest.mark.skipif(not julia_is_there(), reason="no Julia: `make julia`"),
    pytest.mark.skipif(not sandbox_status().is_available, reason="no sandbox on this system"),
]


class TestJulia(BridgeConformance):
    shared = True

    def make_bridge(self) -> ForeignBridge:
        return JuliaBridge()

    def make_grants(self) -> ForeignGrants:
        return ForeignGrants("conformance", deadline=120.0)

    def write_module(self, folder: Path) -> str:
        path = folder / "sample.jl"
        path.write_text(SAMPLE)
        return str(path)

    def write_broken_module(self, folder: Path) -> str:
        path = folder / "broken.jl"
        path.write_text("x = 1\n\ny = (1,,2)\n")
        return str(path)
