"""Faults at the n-th system call of an operation: a server process forks a child for each, and strace strikes it.

The server has imported what the operation imports, so that a child's calls are the operation's own, are the same
calls each time, and begin at once: a fault costs some hundredths of a second instead of the start of an interpreter.
A child waits until strace holds it, marks the begin and the end of the operation in the trace, and leaves without
clean-up of its own. Nothing but modules is carried from the server into a child: no cache, no open file.
"""

from __future__ import annotations

import json
import os
import re
import select
import shutil
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import pytest

import lyra_core

__all__ = ["CHANGES", "LEFT_OUT", "READS", "Ended", "Fault", "Injector", "needs_strace"]

needs_strace = pytest.mark.skipif(
    not sys.platform.startswith("linux") or shutil.which("strace") is None,
    reason="needs strace (Debian: apt-get install strace)",
)

#: The calls that change something on a disk. A kill between two of them leaves what a kill at the second leaves.
CHANGES = re.compile(
    r"(write|pwrite64|writev|rename|renameat|renameat2|mkdir|mkdirat|unlink|unlinkat|rmdir|symlink|symlinkat|link|linkat|"
    r"fsync|fdatasync|syncfs|chmod|fchmod|fchmodat|fchown|ftruncate|truncate|utimensat|copy_file_range|sendfile)\Z"
)
#: The other calls on files. The family of `stat` is among them: a disk that breaks answers there too.
READS = re.compile(
    r"(openat|open|read|pread64|getdents64|readlink|readlinkat|flock|fcntl|lseek|close|stat|lstat|fstat|newfstatat|"
    r"statx|access|faccessat|faccessat2|ioctl|getcwd)\Z"
)
#: `execve` starts another program, which is left alone. An error in `mmap` would strike memory that has no file as
#: well, and a thread of Python that gets none is waited for.
LEFT_OUT = re.compile(r"(mmap|execve)\Z")

_SERVER = """
import importlib, json, os, select, sys
sys.path[0] = {root!r}
{operation}

def serve(request):
    go, begin = os.pipe()
    is_ready, ready = os.pipe()
    child = os.fork()
    if child == 0:
        try:
            for number, name in ((1, "out"), (2, "err")):
                file = os.open(request[name], os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_APPEND, 0o644)
                os.dup2(file, number)
                os.close(file)
            os.chdir(request["folder"])
            os.write(ready, b"!")
            select.select([go], [], [])
            os.access("/lyra-begin", os.R_OK)
            code = operation(request["words"])
            sys.stdout.flush()
            sys.stderr.flush()
            os.access("/lyra-end", os.R_OK)
        except BaseException:
            import traceback
            traceback.print_exc()
            code = 70
        if request["modules"]:
            with open(request["modules"], "w", encoding="utf-8") as file:
                json.dump(sorted(sys.modules), file)
        os._exit(code)
    os.close(ready)
    os.read(is_ready, 1)  # from here on the child only waits: what strace counts begins with the operation
    os.close(is_ready)
    answer(child)
    if sys.stdin.readline():
        os.write(begin, b"!")
    answer(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
    os.close(go)
    os.close(begin)

def answer(number):
    os.write(server, b"%d\\n" % number)

server = os.dup(1)
for line in iter(sys.stdin.readline, ""):
    request = json.loads(line)
    if "import" in request:
        for name in request["import"]:
            try:
                importlib.import_module(name)
            except ImportError:
                pass
        answer(0)
    else:
        serve(request)
"""


@dataclass(frozen=True)
class Fault:
    """What strace does to the *nth* call named *call* of a thread, counted from where it takes hold of the child."""

    call: str
    nth: int
    what: str  # an inject expression: `signal=KILL`, `error=EIO`

    def __str__(self) -> str:
        return f"{self.call} #{self.nth} {self.what}"


@dataclass(frozen=True)
class Ended:
    """How a child ended: its exit code (negative: the signal), what it wrote, and the trace of its calls.

    *is_hung* is true when it did not end by itself within a minute.
    """

    code: int
    out: str
    err: str
    trace: tuple[str, ...]
    is_hung: bool = False

    def has_struck(self, is_ours: Callable[[str], bool]) -> bool:
        """Tell whether the fault struck, and struck a call that *is_ours* accepts."""
        if self.code == -9:
            return True
        return any("(INJECTED)" in line and is_ours(line) for line in self.trace)


class Injector:
    """Runs an operation again and again, with a fault in it or none.

    *operation* is Python code that defines `operation(words) -> exit code`. *scratch* is a folder for traces;
    *environment* is all that the children have.
    """

    def __init__(self, operation: str, scratch: Path, environment: dict[str, str]) -> None:
        scratch.mkdir(parents=True, exist_ok=True)
        self.log, self.out, self.err = scratch / "trace", scratch / "out", scratch / "err"
        self.modules = scratch / "modules"
        root = str(Path(lyra_core.__file__).parent.parent)
        self._server = subprocess.Popen(
            [sys.executable, "-B", "-c", _SERVER.format(root=root, operation=operation)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            cwd="/",
            env={"PATH": os.environ["PATH"], "PYTHONHASHSEED": "0", "LANG": "C.UTF-8", **environment},
            text=True,
        )

    def close(self) -> None:
        """End the server."""
        assert self._server.stdin is not None
        assert self._server.stdout is not None
        self._server.stdin.close()
        self._server.wait(timeout=60)
        self._server.stdout.close()

    def warm_up(self, folder: Path, words: Sequence[str], reset: Callable[[], None]) -> None:
        """Import into the server what the operation imports; *reset* puts back what the operation changed."""
        known: set[str] = set()
        while True:
            reset()
            self._ask({"folder": str(folder), "words": list(words), "modules": str(self.modules)})
            self._begin()
            code = self._answer()
            assert code == 0, self.err.read_text(encoding="utf-8")
            found = set(json.loads(self.modules.read_text(encoding="utf-8")))
            if found <= known:
                reset()
                return
            known |= found
            # an accelerator that is imported before what it accelerates is left out by that
            self._say({"import": sorted(found, key=lambda name: (name.startswith("_"), name))})
            self._answer()

    def run(self, folder: Path, words: Sequence[str], fault: Fault | None = None) -> Ended:
        """Run the operation in *folder* under strace, with *fault*; other programs that it starts are left alone."""
        child = self._ask({"folder": str(folder), "words": list(words), "modules": ""})
        command = ["strace", "-qq", "-f", "-y", "-b", "execve", "-o", str(self.log), "-p", str(child)]
        if fault is not None:
            command += ["-e", f"trace={fault.call}", "-e", f"inject={fault.call}:{fault.what}:when={fault.nth}"]
        tracer = subprocess.Popen(command, stderr=subprocess.PIPE, text=True)
        try:
            deadline = time.monotonic() + 60
            while not self._is_held(child):
                if tracer.poll() is not None or time.monotonic() > deadline:
                    raise AssertionError(f"strace does not hold the child: {tracer.communicate(timeout=5)[1]}")
                time.sleep(0.0005)
            time.sleep(0.02)  # strace seizes a process before it stops it
        finally:
            self._begin()
            is_hung = not self._has_answered(60)
            if is_hung:
                os.kill(child, signal.SIGKILL)
            code = self._answer()
            tracer.communicate(timeout=60)
        return Ended(
            code,
            self.out.read_text(encoding="utf-8", errors="replace"),
            self.err.read_text(encoding="utf-8", errors="replace"),
            tuple(self.log.read_text(encoding="utf-8", errors="replace").splitlines()),
            is_hung,
        )

    def strike(
        self,
        folder: Path,
        words: Sequence[str],
        fault: Fault,
        is_ours: Callable[[str], bool],
        reset: Callable[[], None],
    ) -> Ended:
        """Run the operation with *fault*, again if it does not strike a call that *is_ours* accepts: three times.

        On a busy machine strace may take hold of the child too late, and of which of two threads makes a call, and
        so whether it is the n-th of its thread, chance decides. *reset* puts back what the operation changed.
        """
        for _ in range(3):
            reset()
            done = self.run(folder, words, fault)
            if done.has_struck(is_ours):
                break
        return done

    def calls(
        self, folder: Path, words: Sequence[str], is_ours: Callable[[str], bool], reset: Callable[[], None]
    ) -> list[tuple[str, int]]:
        """Return (name, how many-th of its name in its thread) of the operation's calls that *is_ours* accepts.

        *reset* puts back what the operation changed.
        """
        for _ in range(5):
            reset()
            done = self.run(folder, words)
            assert done.code == 0, done.err
            if any('"/lyra-begin"' in line for line in done.trace):
                break  # else strace took hold of the child too late
        counts: Counter[tuple[str, str]] = Counter()
        found: dict[tuple[str, int], None] = {}
        is_inside = False
        for line in done.trace:
            match = re.match(r"(\d+) +(\w+)\(", line)
            if match is None:
                continue
            thread, call = match.groups()
            counts[thread, call] += 1
            if '"/lyra-begin"' in line:
                is_inside = True
            elif '"/lyra-end"' in line:
                return list(found)
            elif is_inside and is_ours(line):
                found[call, counts[thread, call]] = None
        raise AssertionError("the operation left no end in the trace")

    def _is_held(self, child: int) -> bool:
        status = Path(f"/proc/{child}/status").read_text(encoding="ascii", errors="replace")
        return "TracerPid:\t0\n" not in status

    def _ask(self, request: dict[str, object]) -> int:
        self._say({**request, "out": str(self.out), "err": str(self.err)})
        return self._answer()

    def _say(self, request: object) -> None:
        assert self._server.stdin is not None
        self._server.stdin.write(json.dumps(request) + "\n")
        self._server.stdin.flush()

    def _begin(self) -> None:
        self._say("go")

    def _has_answered(self, seconds: float) -> bool:
        assert self._server.stdout is not None
        return bool(select.select([self._server.stdout], [], [], seconds)[0])

    def _answer(self) -> int:
        assert self._server.stdout is not None
        line = self._server.stdout.readline()
        assert line, "the server ended"
        return int(line)
