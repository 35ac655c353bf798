"""Starting workers: from the zygote in a millisecond, or as a process of their own."""

from __future__ import annotations

import atexit
import os
import signal
import socket
import subprocess
import sys
import threading
from typing import TYPE_CHECKING

from lyra_core.errors import PermissionRefused
from lyra_core.foreign.plain import pack_plain, unpack_plain
from lyra_core.security.sandbox.policy import interpreter_paths
from lyra_core.security.sandbox.status import SandboxStatus, sandbox_status

if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any

    from lyra_core.security.sandbox.policy import SandboxPolicy

__all__ = ["Launched", "launch_worker", "stop_zygote"]

_ENTRY = os.path.join(os.path.dirname(os.path.abspath(__file__)), "entry.py")
_START_SECONDS = 30.0


class Launched:
    """A started worker: its sockets, its output and the means to signal it and to learn how it ended."""

    def __init__(
        self,
        pid: int,
        watch: int | None,
        main: socket.socket,
        control: socket.socket,
        output: int,
        broker: socket.socket | None,
        process: subprocess.Popen[bytes] | None,
    ) -> None:
        self.pid = pid
        self.main = main
        self.control = control
        self.output = output
        self.broker = broker
        self._watch = watch
        self._process = process
        self._ended: int | None = None

    def interrupt(self) -> None:
        """Ask the worker to stop what it does (SIGINT)."""
        self._signal(signal.SIGINT)

    def kill(self) -> None:
        """End the worker now."""
        self._signal(signal.SIGKILL)

    def _signal(self, number: int) -> None:
        if self._ended is not None:
            return
        if self._process is not None:
            self._process.send_signal(number)
            return
        assert self._watch is not None
        try:
            signal.pidfd_send_signal(self._watch, number)
        except ProcessLookupError:
            pass

    def finish(self) -> int:
        """Kill what still runs, free everything and return the wait status."""
        if self._ended is not None:
            return self._ended
        self.kill()
        if self._process is not None:
            code = self._process.wait()
            status = -code if code < 0 else code << 8
        else:
            status = _zygote.wait_status(self.pid)
        self._ended = status
        for each in (self.main, self.control, self.broker):
            if each is not None:
                each.close()
        if self._watch is not None:
            os.close(self._watch)
        os.close(self.output)
        return status


class _Zygote:
    """The process that workers are forked from; started when the first one is wanted."""

    def __init__(self) -> None:
        self._guard = threading.Lock()
        self._socket: socket.socket | None = None
        self._process: subprocess.Popen[bytes] | None = None
        self._owner = 0
        self._preloaded: set[str] = set()

    def _ensure(self) -> socket.socket:
        if self._owner != os.getpid():  # after a fork of the host, the zygote belongs to the parent
            self._socket = self._process = None
            self._preloaded = set()
        if self._socket is not None and self._process is not None and self._process.poll() is None:
            return self._socket
        self.stop()
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        with theirs:
            self._process = subprocess.Popen(
                [sys.executable, "-I", "-S", "-X", "utf8", _ENTRY, "zygote", str(theirs.fileno())],
                pass_fds=(theirs.fileno(),),
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                env={"LANG": "C.UTF-8", "LC_ALL": "C.UTF-8"},
                start_new_session=True,
            )
        ours.settimeout(_START_SECONDS)
        self._socket, self._owner = ours, os.getpid()
        self._preloaded = set()
        self._answer(ours)
        return ours

    @staticmethod
    def _answer(sock: socket.socket) -> tuple[dict[str, Any], list[int]]:
        try:
            data, descriptors, _, _ = socket.recv_fds(sock, 1 << 16, 1)
        except TimeoutError:
            data, descriptors = b"", []
        if not data:
            raise PermissionRefused(
                "LYR0722",
                "the process that starts workers for foreign modules has ended",
                hints=["lyra sandbox status"],
            )
        return unpack_plain(data), descriptors

    def spawn(self, descriptors: Sequence[int], preload: Sequence[str]) -> tuple[int, int]:
        """Fork a worker; returns its pid and a descriptor that watches it."""
        with self._guard:
            sock = self._ensure()
            wanted = [name for name in preload if name not in self._preloaded]
            if wanted:
                sock.send(pack_plain({"preload": wanted, "sys_path": list(interpreter_paths())}))
                self._answer(sock)
                self._preloaded.update(wanted)
            socket.send_fds(sock, [pack_plain({"fork": True})], descriptors)
            reply, (watch,) = self._answer(sock)
            return reply["pid"], watch

    def wait_status(self, pid: int) -> int:
        """Return how the killed or ended worker *pid* ended."""
        with self._guard:
            if self._socket is None or self._process is None or self._owner != os.getpid():
                return signal.SIGKILL
            try:
                self._socket.send(pack_plain({"wait": pid}))
                reply, _ = self._answer(self._socket)
            except (OSError, PermissionRefused):
                return signal.SIGKILL
            status: int = reply["status"]
            return status

    def stop(self) -> None:
        """End the zygote and, with it, every worker it has forked."""
        if self._owner == os.getpid():
            if self._socket is not None:
                self._socket.close()
            if self._process is not None:
                self._process.kill()
                self._process.wait()
        self._socket = self._process = None


_zygote = _Zygote()
atexit.register(_zygote.stop)


def stop_zygote() -> None:
    """End the process that workers are forked from; the next worker starts a new one."""
    _zygote.stop()


def launch_worker(
    policy: SandboxPolicy,
    *,
    program: Sequence[str] = (),
    sandboxed: bool = True,
    preload: Sequence[str] = (),
    own_process: bool = False,
    status: SandboxStatus | None = None,
) -> Launched:
    """Start a worker under *policy*; it locks itself before it answers.

    *program* is executed in place of the Python worker; *preload* names libraries that the zygote should
    hold already; *own_process* starts it without the zygote; *status* is this system's unless given.
    Raises PermissionRefused (LYR0720) when the system has no sandbox and *sandboxed* is asked for.
    """
    status = status or sandbox_status()
    files = "open"
    if sandboxed:
        status.demand()
        files = status.files
    for each in policy.write:
        os.makedirs(each, exist_ok=True)
    config = policy.config(files=files)
    if program:
        config["execute_program"] = list(program)
        config["filter"] = False  # the program applies it itself, once it runs
    ours, theirs = socket.socketpair()
    our_control, their_control = socket.socketpair()
    our_broker = their_broker = None
    if policy.network:
        our_broker, their_broker = socket.socketpair()
    output, their_output = os.pipe()
    os.set_blocking(output, False)
    handed = [theirs.fileno(), their_control.fileno(), *([their_broker.fileno()] if their_broker else [])]
    process = watch = None
    try:
        if own_process or files == "outer" or sys.platform != "linux":
            process = _start_alone(config, files, handed, their_output)
            pid = process.pid
        else:
            pid, watch = _zygote.spawn([their_output, *handed], preload)
        data = pack_plain(config)
        our_control.sendall(len(data).to_bytes(4, "little") + data)
    except BaseException:
        for end in (ours, our_control, our_broker):
            if end is not None:
                end.close()
        os.close(output)
        raise
    finally:
        for end in (theirs, their_control, their_broker):
            if end is not None:
                end.close()
        os.close(their_output)
    return Launched(pid, watch, ours, our_control, output, our_broker, process)


def _start_alone(config: dict[str, Any], files: str, handed: list[int], output: int) -> subprocess.Popen[bytes]:
    numbers = [str(fd) for fd in handed] + ["-"] * (3 - len(handed))
    command = [sys.executable, "-I", "-S", "-X", "utf8", _ENTRY, "direct", *numbers]
    if files == "outer":
        from lyra_core.security.sandbox.bubblewrap import wrap

        command = wrap(command, config, os.path.dirname(os.path.dirname(os.path.dirname(_ENTRY))))
    return subprocess.Popen(
        command,
        pass_fds=handed,
        stdin=subprocess.DEVNULL,
        stdout=output,
        stderr=output,
        env={"LANG": "C.UTF-8", "LC_ALL": "C.UTF-8"},
        start_new_session=True,
    )
