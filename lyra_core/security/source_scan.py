"""What a package's files do beyond what it declares, as far as reading them can tell.

The sandbox is what stops foreign code; this scan is for the person who decides, and refuses what no honest package
contains. Findings of the kind `refuse` stop an installation, those of the kind `warn` are shown.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from lyra_core.packages.names import fold_name
from lyra_core.suggest import distance

if TYPE_CHECKING:
    from lyra_core.packages.bundle import PackageBundle
    from lyra_core.packages.permissions import Permissions

__all__ = ["Finding", "scan_bundle", "scan_python", "similar_names"]

_SOURCE_LIMIT = 2 * 1024 * 1024
_BLOB_LENGTH = 1024

_NETWORK = frozenset(
    {
        "socket",
        "ssl",
        "http.client",
        "http.server",
        "urllib.request",
        "ftplib",
        "smtplib",
        "poplib",
        "imaplib",
        "telnetlib",
        "xmlrpc",
        "requests",
        "httpx",
        "aiohttp",
        "urllib3",
        "websockets",
        "paramiko",
        "socketserver",
    }
)
_PROCESS = frozenset(
    {
        "subprocess",
        "multiprocessing",
        "pty",
        "pexpect",
    }
)
_PROCESS_CALLS = re.compile(r"os\.(?:system|popen|fork|forkpty|exec\w*|spawn\w*|posix_spawnp?|startfile)\Z")
_NATIVE = frozenset(
    {
        "ctypes",
        "cffi",
        "_ctypes",
        "_cffi_backend",
    }
)
_DATA_CALLS = frozenset(
    {
        "pickle.loads",
        "pickle.load",
        "marshal.loads",
        "marshal.load",
        "shelve.open",
        "dill.loads",
        "cloudpickle.loads",
    }
)
_DECODERS = frozenset(
    {
        "base64.b64decode",
        "base64.b85decode",
        "base64.a85decode",
        "base64.b32decode",
        "base64.b16decode",
        "binascii.unhexlify",
        "bytes.fromhex",
        "zlib.decompress",
        "lzma.decompress",
        "bz2.decompress",
        "codecs.decode",
    }
)
_RUNNERS = frozenset({"eval", "exec", "compile", "builtins.eval", "builtins.exec"})
_IMPORTERS = frozenset({"__import__", "importlib.import_module"})

_BINARY_SUFFIXES = (".so", ".dll", ".dylib", ".pyd", ".exe", ".com", ".scr", ".pyc", ".class", ".jar", ".node", ".wasm")
_BINARY_MAGIC = (
    b"\x7fELF", b"\xfe\xed\xfa\xce", b"\xfe\xed\xfa\xcf", b"\xce\xfa\xed\xfe", b"\xcf\xfa\xed\xfe",
    b"\xca\xfe\xba\xbe", b"\0asm", b"!<arch>\n",
)  # fmt: skip
_TURNING = re.compile("[\u202a-\u202e\u2066-\u2069]")
_BLOB = re.compile(r"[A-Za-z0-9+/=_\-\s]+\Z|[0-9a-fA-F\s]+\Z")
_JULIA = (
    (re.compile(r"\b(?:using|import)\s+(?:Sockets|HTTP|Downloads)\b|\bdownload\("), "network"),
    (re.compile(r"\brun\(|\bpipeline\("), "process"),
    (re.compile(r"\bccall\(|@ccall\b"), "native"),
    (re.compile(r"\beval\(Meta\.parse|\binclude_string\("), "data"),
)


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing the scan saw: *kind* is `refuse` or `warn`; *line* is 0 for a whole file or package."""

    kind: str
    path: str
    line: int
    message: str

    def __str__(self) -> str:
        place = f"{self.path}:{self.line}: " if self.line else f"{self.path}: " if self.path else ""
        return place + self.message


def scan_bundle(
    bundle: PackageBundle,
    known_names: Iterable[str] = (),
    artefact_powers: Callable[[str, bytes], Iterable[str]] | None = None,
) -> list[Finding]:
    """Return what is noteworthy in *bundle*.

    *known_names* are packages it might be mistaken for. *artefact_powers* tells the permissions
    (`filesystem.read ./x` lines) that a compiled module uses, where the caller can infer them.
    """
    asks = bundle.manifest.asks
    findings = []
    for path in bundle.tree_paths:
        entry = bundle.archive.entries[path]
        head = next(bundle.archive.chunks(entry), b"")[:64]
        if path.lower().endswith(_BINARY_SUFFIXES) or _is_program(head):
            findings.append(Finding("refuse", path, 0, "is a compiled program in a package of sources"))
        elif path.endswith((".py", ".jl", ".lyra")) and entry.size <= _SOURCE_LIMIT:
            findings += _scan_source(path, bundle.archive.read(path), asks)
    if artefact_powers is not None:
        for module, artefact in bundle.compiled.items():
            for line in artefact_powers(module, artefact):
                key, _, value = line.partition(" ")
                if not asks.allows(key, value):
                    findings.append(
                        Finding("refuse", module, 0, f"uses `{line}`, which [permissions] does not ask for")
                    )
    for name in similar_names(bundle.name, known_names):
        findings.append(Finding("warn", "", 0, f"`{bundle.name}` is easily mistaken for `{name}`"))
    return findings


def _is_program(head: bytes) -> bool:
    # the two letters of a Windows program may begin a text, but no text has a zero byte behind them
    return head.startswith(_BINARY_MAGIC) or (head.startswith(b"MZ") and b"\0" in head)


def similar_names(name: str, known: Iterable[str]) -> list[str]:
    """Return the names of *known* that *name* differs from by one letter, by order of words, or by hyphens alone."""
    words = sorted(name.split("-"))
    plain = fold_name(name).replace("-", "")
    similar = set()
    for other in known:
        if other == name:
            continue
        other_plain = fold_name(other).replace("-", "")
        is_near = min(len(plain), len(other_plain)) >= 4 and distance(plain, other_plain, 1) <= 1
        if is_near or plain == other_plain or sorted(other.split("-")) == words:
            similar.add(other)
    return sorted(similar)


def _scan_source(path: str, content: bytes, asks: Permissions) -> Iterator[Finding]:
    try:
        text = content.decode()
    except UnicodeDecodeError:
        yield Finding("refuse", path, 0, "is no UTF-8 text, so nobody can review it")
        return
    found = _TURNING.search(text)
    if found:
        line = text.count("\n", 0, found.start()) + 1
        yield Finding(
            "refuse", path, line, "a character turns the direction of text: the line does not say what it shows"
        )
    if path.endswith(".py"):
        yield from scan_python(path, text, asks)
    elif path.endswith(".jl"):
        for number, each in enumerate(text.split("\n"), 1):
            for pattern, what in _JULIA:
                if pattern.search(each):  # a pattern is no parser: it can only point
                    for finding in _judge(path, number, what, asks):
                        yield Finding("warn", path, number, finding.message)


def scan_python(path: str, text: str, asks: Permissions) -> list[Finding]:
    """Return what the Python source *text* uses beyond *asks*."""
    import warnings

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # an odd escape in someone's string is not for this terminal
            tree = ast.parse(text)
        scanner = _PythonScanner(path, asks)
        scanner.walk(tree)
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        return [
            Finding("warn", path, getattr(error, "lineno", 0) or 0, "this Python cannot parse it, nothing was seen")
        ]
    return scanner.findings


def _judge(path: str, line: int, what: str, asks: Permissions) -> Iterator[Finding]:
    if what == "network" and not asks.values("network"):
        yield Finding("refuse", path, line, "uses the network, which [permissions] does not ask for")
    elif what == "process" and not asks.allows("process"):
        yield Finding("refuse", path, line, "starts programs, which [permissions] does not ask for")
    elif what == "native":
        yield Finding("warn", path, line, "calls native code")
    elif what == "data":
        yield Finding("warn", path, line, "runs text or data as code")


class _PythonScanner:
    """Walks a module without recursion and notes what it imports and calls, under the names it gave them."""

    def __init__(self, path: str, asks: Permissions) -> None:
        self.path = path
        self.asks = asks
        self.findings: list[Finding] = []
        self.names: dict[str, str] = {}
        self._seen: set[tuple[int, str]] = set()

    def note(self, line: int, what: str) -> None:
        if (line, what) not in self._seen:
            self._seen.add((line, what))
            self.findings += _judge(self.path, line, what, self.asks)

    def add(self, kind: str, line: int, message: str) -> None:
        self.findings.append(Finding(kind, self.path, line, message))

    def walk(self, tree: ast.AST) -> None:
        for node in ast.walk(tree):
            if isinstance(node, ast.Import):
                for alias in node.names:
                    self.imported(node.lineno, alias.name)
                    self.names[alias.asname or alias.name.partition(".")[0]] = (
                        alias.name if alias.asname else alias.name.partition(".")[0]
                    )
            elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
                self.imported(node.lineno, node.module)
                for alias in node.names:
                    self.imported(node.lineno, f"{node.module}.{alias.name}")
                    self.names[alias.asname or alias.name] = f"{node.module}.{alias.name}"
        for node in ast.walk(tree):
            if isinstance(node, ast.Call):
                self.called(node)
            elif isinstance(node, ast.Constant) and isinstance(node.value, str | bytes):
                self.constant(node)

    def imported(self, line: int, module: str) -> None:
        parts = module.split(".")
        prefixes = {".".join(parts[:count]) for count in range(1, len(parts) + 1)}
        if prefixes & _NETWORK:
            self.note(line, "network")
        if prefixes & _PROCESS or _PROCESS_CALLS.match(module):
            self.note(line, "process")
        if prefixes & _NATIVE:
            self.note(line, "native")

    def called(self, node: ast.Call) -> None:
        name = self.dotted(node.func)
        is_literal = bool(node.args) and isinstance(node.args[0], ast.Constant)
        if _PROCESS_CALLS.match(name):
            self.note(node.lineno, "process")
        elif name in _DATA_CALLS:
            self.note(node.lineno, "data")
        elif name in _IMPORTERS:
            if is_literal and isinstance(node.args[0], ast.Constant):
                self.imported(node.lineno, str(node.args[0].value))
            else:
                self.note(node.lineno, "data")
        elif name in _RUNNERS and node.args and not is_literal:
            inner = [self.dotted(each.func) for each in ast.walk(node.args[0]) if isinstance(each, ast.Call)]
            if any(each in _DECODERS for each in inner):
                self.add("refuse", node.lineno, "runs code that it unpacks first: nobody can review it")
            else:
                self.note(node.lineno, "data")

    def constant(self, node: ast.Constant) -> None:
        value = node.value.decode("latin-1") if isinstance(node.value, bytes) else str(node.value)
        if len(value) >= _BLOB_LENGTH and _BLOB.match(value) and value.count(" ") < len(value) // 20:
            self.add("warn", node.lineno, f"holds {len(value):,} characters of encoded data")

    def dotted(self, node: ast.AST) -> str:
        """Return the qualified name that is called, as imports make it known; empty for anything computed."""
        parts: list[str] = []
        while isinstance(node, ast.Attribute):
            parts.append(node.attr)
            node = node.value
        if not isinstance(node, ast.Name):
            return ""
        return ".".join([self.names.get(node.id, node.id), *reversed(parts)])
