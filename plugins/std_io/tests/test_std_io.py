"""Files, formats and requests against real files and a server on this machine."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lyra_std_io.formats import ExportString, ImportString
from lyra_std_io.plugin import functions

from lyra_core.errors import PermissionRefused
from lyra_core.evaluation.state import STATE
from lyra_core.runtime.capabilities import Permission
from lyra_core.runtime.session import Session
from lyra_core.values import NULL, TRUE, Association, List, String, same

EXPORTS = functions.collect()
# What a function may do without any right: compute with names, read strings, use a stream that is open.
PURE = {
    "Close",
    "DirectoryName",
    "ExportString",
    "FileBaseName",
    "FileExtension",
    "FileFormat",
    "FileNameDrop",
    "FileNameJoin",
    "FileNameSplit",
    "FileNameTake",
    "HTTPResponse",
    "ImportString",
    "SetStreamPosition",
    "StreamPosition",
    "Streams",
    "StringToStream",
}


@pytest.fixture
def session() -> Iterator[Session]:
    with Session() as made:
        yield made


def text(session: Session, source: str) -> str:
    return session.text_of(session.evaluate_text(source))


def test_everything_that_touches_the_machine_is_tagged() -> None:
    """A function without a capability is one of those that need none."""
    untagged = {name for name, e in EXPORTS.items() if e.kind == "function" and not e.capabilities}
    assert untagged == PURE
    known = {"fs.read", "fs.write", "env", "process", "net", "code.load"}
    assert {c for e in EXPORTS.values() for c in e.capabilities} == known


plain = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**60), 2**60)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=12,
)


def value_of(v: Any) -> Any:
    if v is None:
        return NULL
    if isinstance(v, str):
        return String(v)
    if isinstance(v, bool):
        from lyra_core.values import FALSE

        return TRUE if v else FALSE
    if isinstance(v, list):
        return List(tuple(map(value_of, v)))
    if isinstance(v, dict):
        return Association.from_pairs([(String(k), value_of(a)) for k, a in v.items()])
    return v


@settings(deadline=None)
@given(plain)
def test_json_goes_out_and_comes_back(v: Any) -> None:
    """Python's json reads what is written, and what is written is read as the same value."""
    value = value_of(v)
    written = ExportString(value, String("RawJSON"))
    assert isinstance(written, String)
    assert json.loads(written.value) == v
    assert same(ImportString(written, String("RawJSON")), value)


cells = st.integers(-(10**9), 10**9) | st.text("ab ,\"'\n;é", min_size=1).filter(lambda s: s.strip() == s)


@settings(deadline=None)
@given(st.lists(st.lists(cells, min_size=1, max_size=4), min_size=1, max_size=4), st.sampled_from(["CSV", "TSV"]))
def test_tables_go_out_and_come_back(rows: list[list[Any]], kind: str) -> None:
    value = List(tuple(List(tuple(map(value_of, row))) for row in rows))
    written = ExportString(value, String(kind))
    assert isinstance(written, String)
    assert same(ImportString(written, String(kind)), value)


def test_files_are_found_listed_copied_and_deleted(session: Session, tmp_path: Path) -> None:
    (tmp_path / "inner").mkdir()
    (tmp_path / "b.txt").write_text("two\n")
    (tmp_path / "inner" / "a.txt").write_text("one\n")
    session.evaluate_text(f'd = "{tmp_path}"')
    assert text(session, 'FileNameTake /@ FileNames[All, d, 1] // Quiet; FileNameTake /@ FileNames["*", d]') == (
        '{"b.txt", "inner"}'
    )
    assert text(session, 'FileNameTake /@ FileNames["*.txt", d, Infinity]') == '{"b.txt", "a.txt"}'
    assert text(session, 'FileNameTake /@ FileNames[LetterCharacter ~~ ".txt", d]') == '{"b.txt"}'
    assert text(session, 'CopyFile[d <> "/b.txt", d <> "/c.txt"] === d <> "/c.txt"') == "True"
    assert text(session, 'Quiet[CopyFile[d <> "/b.txt", d <> "/c.txt"]]') == "$Failed"
    assert text(
        session, 'CopyFile[d <> "/inner/a.txt", d <> "/c.txt", OverwriteTarget -> True]; ReadString[d <> "/c.txt"]'
    ) == ('"one\\n"')
    assert text(session, 'FileByteCount[d <> "/c.txt"]') == "4"
    assert text(session, 'Quiet[DeleteDirectory[d <> "/inner"]]') == "$Failed"
    assert text(session, 'DeleteDirectory[d <> "/inner", DeleteContents -> True]; DirectoryQ[d <> "/inner"]') == "False"
    assert text(session, 'DeleteFile[{d <> "/b.txt", d <> "/c.txt"}]; FileNames["*", d]') == "{}"


def test_definitions_are_saved_and_read_again(session: Session, tmp_path: Path) -> None:
    file = tmp_path / "defs.lyra"
    session.evaluate_text(f'file = "{file}"; g[0] = 1; g[n_ /; n > 0] := n g[n - 1]; h /: h + x_ := k[x]; c = 7')
    session.evaluate_text("Save[file, {g, h, c}]; Clear[g]; ClearAll[h]; c =.")
    assert text(session, "{g[3], h + 1, c}") == "{g[3], 1 + h, c}"
    session.evaluate_text("Get[file]")
    assert text(session, "{g[3], h + 1, c}") == "{6, k[1], 7}"


def test_the_operators_of_files_have_the_rights_of_their_code(session: Session, tmp_path: Path) -> None:
    file = tmp_path / "x.lyra"
    assert text(session, f'a + 1/2 >> "{file}"; 7 >>> "{file}"; << "{file}"') == "7"
    assert file.read_text() == "1/2 + a\n7\n"


def test_get_reports_what_it_cannot_read(session: Session, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "broken.lyra"
    file.write_text("f[1,\n")
    assert text(session, f'Get["{file}"]') == "$Failed"
    assert "LYR0103" in capsys.readouterr().err


def test_files_that_are_no_utf8_are_read_as_latin(session: Session, tmp_path: Path) -> None:
    (tmp_path / "l.txt").write_bytes(b"caf\xe9")
    assert text(session, f'ReadString["{tmp_path}/l.txt"]') == '"café"'
    assert text(session, f'Import["{tmp_path}/l.txt", "Byte"]') == "{99, 97, 102, 233}"


def test_a_restricted_package_reads_what_it_was_granted_and_nothing_else(session: Session, tmp_path: Path) -> None:
    from lyra_std_io.formats import Import
    from lyra_std_io.streams import ReadString, WriteString

    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "ok.txt").write_text("ok")
    (tmp_path / "secret.txt").write_text("secret")
    (tmp_path / "data" / "link.txt").symlink_to(tmp_path / "secret.txt")
    before = STATE.permission
    STATE.permission = Permission("pack@1.0.0", {"filesystem.read": ("./data",)}, root=str(tmp_path))
    try:
        assert ReadString(String(f"{tmp_path}/data/ok.txt")) == String("ok")
        with pytest.raises(PermissionRefused):
            ReadString(String(f"{tmp_path}/secret.txt"))
        with pytest.raises(PermissionRefused):
            Import(String(f"{tmp_path}/data/../secret.txt"), String("Text"))
        with pytest.raises(PermissionRefused):
            WriteString(String(f"{tmp_path}/data/new.txt"), String("x"))
        assert ReadString(String(f"{tmp_path}/data/link.txt")) != String("secret")
    finally:
        STATE.permission = before


class Answers(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        if self.path == "/moved":
            self.send_response(302)
            self.send_header("Location", "/json")
            self.end_headers()
        elif self.path == "/to-file":
            self.send_response(302)
            self.send_header("Location", "file:///etc/passwd")
            self.end_headers()
        elif self.path.startswith("/json"):
            self._answer(200, "application/json", b'{"a": [1, 2]}')
        elif self.path.startswith("/echo"):
            self._answer(200, "text/plain; charset=latin-1", self.path.encode() + b"\xe9")
        else:
            self._answer(404, "text/plain", b"nothing")

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self._answer(200, "text/plain", body + b"|" + (self.headers["X-Test"] or "").encode())

    def _answer(self, status: int, kind: str, body: bytes) -> None:
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:
        return


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    made = HTTPServer(("127.0.0.1", 0), Answers)
    thread = threading.Thread(target=made.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield f"http://127.0.0.1:{made.server_port}"
    made.shutdown()
    thread.join()
    made.server_close()


def test_requests(session: Session, server: str) -> None:
    """Answers, redirections, queries, bodies and headers, and what is refused."""
    session.evaluate_text(f'u = "{server}"')
    assert text(session, 'URLExecute[u <> "/json"]') == '<|"a" -> {1, 2}|>'
    assert text(session, 'URLRead[u <> "/moved", "Body"]') == '"{\\"a\\": [1, 2]}"'
    assert text(session, 'URLFetch[u <> "/echo"]') == '"/echoé"'
    assert text(session, 'URLExecute[u <> "/echo", {"q" -> "a b", n -> 1}]') == '"/echo?q=a+b&n=1é"'
    assert text(session, 'URLRead[u <> "/none", "StatusCode"]') == "404"
    assert (
        text(session, 'r = URLRead[u <> "/json"]; {r["StatusCode"], r["ContentType"]}') == '{200, "application/json"}'
    )
    assert text(session, 'Quiet[URLFetch[u <> "/none"]]') == "$Failed"
    # A redirection to anything but http is not followed: the answer is the redirection itself.
    assert text(session, '{URLRead[u <> "/to-file", "StatusCode"], URLRead[u <> "/to-file", "Body"]}') == '{302, ""}'
    assert text(session, 'Quiet[URLRead["no address"]]') == "$Failed"
    request = 'HTTPRequest[u <> "/post", <|"Body" -> "hi", "Headers" -> {"X-Test" -> "yes"}|>]'
    assert text(session, f'URLRead[{request}, "Body"]') == '"hi|yes"'


def test_a_restricted_package_reaches_the_hosts_it_was_granted(session: Session, server: str) -> None:
    from lyra_std_io.web import URLFetch

    before = STATE.permission
    try:
        STATE.permission = Permission("pack@1.0.0", {"network": ("api.example.org",)})
        with pytest.raises(PermissionRefused):
            URLFetch(String(server + "/json"))
        STATE.permission = Permission("pack@1.0.0", {"network": ("127.0.0.1",)})
        assert URLFetch(String(server + "/json")) == String('{"a": [1, 2]}')
    finally:
        STATE.permission = before
