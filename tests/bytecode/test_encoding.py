"""Records of artefacts: what is written is read, and what nobody wrote is refused or runs as Lyra does."""

from __future__ import annotations

import io
import re
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from lyra_core.bytecode.encoding import decode_record, encode_record
from lyra_core.bytecode.opcodes import OPCODES
from lyra_core.bytecode.verifier import verify
from lyra_core.compiler.compile import compile_statement
from lyra_core.errors import IntegrityError, LyraError
from lyra_core.evaluation import linkage
from lyra_core.evaluation.state import STATE
from lyra_core.runtime.session import Session
from lyra_core.values.expression import expression
from lyra_core.values.symbol import Symbol, symbol_named, symbols
from tests.lowering.agreement import TooSlow, time_limit
from tests.lowering.programs import programs

if TYPE_CHECKING:
    from collections.abc import Iterator

SOURCES = (
    "f[0] = 1; f[n_Integer] := n f[n - 1]",
    "f[x_] := Module[{t = x, u}, While[t > 3, t = t - 1; If[t == 7, Break[]]]; u = t; u + x]",
    "f[x_] := If[x > 2, Return[big], 0]; f[{a_, b_}] := a + b; f[g[y_, z__]] := h[z, y]",
    "f[x_] := Sum[i^2, {i, x}] + Table[i, {i, x}]; f[x_, y_] := Switch[x, 1, one, _Integer, int, _, y]",
    "f[x_] := Block[{v = x}, v + 1]; f[a_ + b_] := f[a] + f[b]; f[x_?EvenQ] := Which[x > 3, a, x > 1, b, True, c]",
    "f[x_] := Map[# + x &, {1, 2, x}]; f[x_, y_] /; x > y := Do[If[i > 2, Continue[]]; s += i, {i, 5}]",
    "f[x_] := (y = x; y++; y += 3; y) && x < 5; f[n_, m_] := f[n, m] = n + m; f[x_String] := x <> \"a\"",
    "f[x_Integer, y_: 7] := x y; f[x__] := {x}; f[x_] := For[i = 0; t = {}, i < 4, i++, t = {t, i}]",
    "f[] := {1/2, 2.5, 3 + 4 I, 1.5`30, -0., 10^30, <|\"k\" -> 1, 2 :> x|>, \"\\[Alpha]\"}; f::usage = \"text\"",
    "SetAttributes[f, HoldFirst]; Options[f] = {a -> 1}; f[x_, OptionsPattern[]] := Hold[x, OptionValue[a]]",
)  # fmt: skip
ARGUMENTS = ((), (1,), (5,), (2, 3), (0,))


@pytest.fixture(scope="module")
def session() -> Iterator[Session]:
    with Session() as made:
        yield made


def forget_definitions() -> None:
    for symbol in symbols:
        if symbol.namespace == "user":
            symbol.own = symbol.rules = None
            symbol.attributes = 0
    linkage.uninstall()
    linkage.install()
    STATE.epoch += 1


def index_of(symbol: Symbol) -> int:
    return linkage.WORLD.called(symbol).index


def record_bytes(session: Session, source: str, name: str = "f") -> bytes:
    forget_definitions()
    session.evaluate_text(source)
    return encode_record(linkage.WORLD.record_of(symbol_named("user", name)), linkage.WORLD.symbol_at)


@pytest.mark.parametrize("source", SOURCES)
def test_a_record_is_read_as_it_was_written(session: Session, source: str) -> None:
    """Decoding and encoding again gives the same bytes, and the function does what it did before."""
    written = record_bytes(session, source)
    calls = [expression(symbol_named("user", "f"), given) for given in ARGUMENTS]
    session.evaluate_text("s = 0; y = 0")
    expected = [session.text_of(session.protected(call)) for call in calls]
    forget_definitions()
    session.evaluate_text("s = 0; y = 0")
    record = decode_record(written, "f", index_of)
    assert encode_record(record, linkage.WORLD.symbol_at) == written
    linkage.WORLD.install_record(record)
    assert [session.text_of(session.protected(call)) for call in calls] == expected


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(lines=programs())
def test_what_the_compiler_writes_passes_the_verifier(session: Session, lines: list[str]) -> None:
    """Every statement of a generated program compiles to code that the verifier accepts."""
    forget_definitions()
    for line in lines:
        try:
            value = session.parse(line)
        except LyraError:
            continue  # a bare assignment as a condition, for one
        code, _ = compile_statement(value, None, None, linkage.WORLD)
        verify(code, lambda index: True)


@settings(max_examples=400, deadline=None)
@given(
    number=st.integers(0, len(SOURCES) - 1),
    changes=st.lists(st.tuples(st.integers(0, 10_000), st.integers(0, 255), st.integers(0, 3)), min_size=1, max_size=4),
)
def test_a_changed_record_is_refused_or_runs_to_a_result(
    session: Session, records: list[bytes], number: int, changes: list[tuple[int, int, int]]
) -> None:
    """Whatever bytes are changed: LYR0660 or LYR0661, or a function that gives some Lyra value."""
    raw = bytearray(records[number])
    for at, byte, kind in changes:
        at %= len(raw)
        if kind == 0:
            del raw[at]
        elif kind == 1:
            raw.insert(at, byte)
        else:
            raw[at] = byte if kind == 2 else (raw[at] + byte % 5 - 2) % 256
    forget_definitions()
    STATE.stderr = io.StringIO()
    refusals: list[str] = []
    try:
        with time_limit(2):
            record = decode_record(bytes(raw), "f", index_of)
            if record.symbol.namespace != "user":
                return  # the loader refuses definitions for others
            linkage.WORLD.install_record(record)
            for given in ARGUMENTS:
                STATE.message_count.clear()
                session.protected(expression(record.symbol, given))
    except IntegrityError as error:
        refusals.append(error.code)
    except TooSlow:
        return  # an endless loop is a program too
    finally:
        STATE.stderr = None
    assert set(refusals) <= {"LYR0660", "LYR0661"}


@pytest.fixture(scope="module")
def records(session: Session) -> list[bytes]:
    return [record_bytes(session, source) for source in SOURCES]


def test_the_page_lists_the_instructions() -> None:
    """docs/formats/bytecode.md has the table of the code: numbers, operands, stack pictures."""
    page = (Path(__file__).resolve().parents[2] / "docs/formats/bytecode.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| (\d+) \| ([A-Z_]+) \| ([a-z ]*?) ?\| `(.*?)` \| (.*) \|$", page, re.MULTILINE)
    assert rows == [
        (str(each.number), each.name, " ".join(each.operands), each.picture, each.documentation)
        for each in OPCODES.values()
    ]
