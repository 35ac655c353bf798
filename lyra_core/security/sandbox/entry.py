"""What a worker process runs: the zygote, and the worker between its start and its first call.

Started as a script (`python -I -S entry.py …`), not as a module: the packages above it are entered into
`sys.modules` as bare shells, so that starting a worker does not execute their `__init__` (the host's value
classes, the registries), which a worker neither needs nor should hold.

    entry.py direct MAIN CONTROL BROKER     serve on inherited descriptors
    entry.py zygote SOCKET                  fork a worker for each request on SOCKET

The configuration comes on CONTROL either way. The zygote never sees one: what one package was granted (a token
in its environment, say) must not lie in memory that the worker of the next package is a copy of.
"""

from __future__ import annotations

import os
import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, NoReturn

MAIN, CONTROL, BROKER, FILTER = 3, 4, 5, 6  # the descriptors of a worker; 0 is empty, 1 and 2 are its output
_REFUSED = 71  # exit status of a worker that could not lock itself


def _enter_shells() -> None:
    from types import ModuleType

    root = os.path.dirname(os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__)))))
    for name in ("lyra_core", "lyra_core.foreign", "lyra_core.security", "lyra_core.security.sandbox"):
        shell = ModuleType(name)
        shell.__path__ = [os.path.join(root, *name.split("."))]
        sys.modules[name] = shell


def _place_descriptors(descriptors: list[int]) -> None:
    """Move *descriptors* to 3, 4, … whatever numbers they have now."""
    import fcntl

    high = [fcntl.fcntl(fd, fcntl.F_DUPFD, 64) for fd in descriptors]
    for fd in descriptors:
        os.close(fd)
    for target, fd in enumerate(high, MAIN):
        os.dup2(fd, target, inheritable=False)
        os.close(fd)


def become_worker(config: dict[str, Any]) -> NoReturn:
    """Lock this process and serve, or execute what *config* names; never returns."""
    import socket

    from lyra_core.foreign import channel, plain

    main = socket.socket(fileno=MAIN)
    control = socket.socket(fileno=CONTROL)
    try:
        broker = config["broker"]
        _clean_process(config["environment"], BROKER + 1 if broker else BROKER)
        os.chdir(config["folder"])
        program = config.get("execute_program")
        state = {"files": "open", "abi": 0, "missing": []}
        if config["lock"]:
            from lyra_core.security.sandbox import lock

            if program:
                _leave_filter(lock)
            state = lock.lock_process(config)
        if program:
            for fd in (MAIN, CONTROL):
                os.set_inheritable(fd, True)
            os.execve(program[0], program, config["environment"])
    except BaseException as problem:  # no failure may lead on to the foreign code
        text = f"{type(problem).__name__}: {problem}"
        channel.Channel(main).send(channel.REFUSED, 0, plain.pack_plain(text.encode("utf-8", "replace").decode()))
        os._exit(_REFUSED)
    sys.path[:] = config["sys_path"]
    if broker:
        from lyra_core.foreign import brokered_socket

        brokered_socket.install(socket.socket(fileno=BROKER))
    from lyra_core.foreign import python_worker

    try:
        python_worker.serve(main, control, state)
    finally:
        os._exit(0)


def _clean_process(environment: dict[str, str], keep: int) -> None:
    """Leave descriptors 0 to *keep* − 1 and the variables of *environment*, nothing else."""
    os.environ.clear()
    os.environ.update(environment)
    os.closerange(keep, os.sysconf("SC_OPEN_MAX"))  # one system call where there is close_range(2)


def _leave_filter(lock: Any) -> None:
    """Leave the system-call filter on a pipe for the program that is executed next, which applies it itself."""
    from lyra_core.security.sandbox.seccomp import filter_program

    read, write = os.pipe()
    os.write(write, filter_program(lock.machine(), os.getpid()))
    os.close(write)
    os.dup2(read, FILTER, inheritable=True)


def _read_config() -> dict[str, Any]:
    import socket

    from lyra_core.foreign.plain import unpack_plain

    control = socket.socket(fileno=os.dup(CONTROL))

    def take(size: int) -> bytes:
        data = b""
        while len(data) < size:
            part = control.recv(size - len(data))
            if not part:
                os._exit(0)
            data += part
        return data

    with control:
        config: dict[str, Any] = unpack_plain(take(int.from_bytes(take(4), "little")))
    return config


def _preload() -> None:
    """Import what every worker needs, so that forks share it."""
    import inspect
    import mmap
    import signal
    import traceback
    import typing

    import lyra_core.foreign.brokered_socket
    import lyra_core.foreign.python_worker

    if sys.platform == "linux":
        import lyra_core.security.sandbox.lock

    del inspect, mmap, signal, traceback, typing, lyra_core


def _die_with(parent: int) -> None:
    from signal import SIGKILL

    from lyra_core.security.sandbox.kernel import prctl

    prctl("parent-death signal", 1, SIGKILL)
    if os.getppid() != parent:
        os._exit(0)


def zygote(fd: int) -> NoReturn:
    """Fork a worker for each request; ends when the host closes its end."""
    import gc
    import signal
    import socket
    import warnings

    from lyra_core.foreign.plain import pack_plain, unpack_plain

    signal.signal(signal.SIGINT, signal.SIG_IGN)
    warnings.simplefilter("ignore")  # forking with a library's idle threads alive is deliberate
    _preload()
    server = socket.socket(fileno=fd)
    server.send(pack_plain({"ready": os.getpid()}))
    while True:
        data, descriptors, _, _ = socket.recv_fds(server, 1 << 20, 8)
        if not data:
            os._exit(0)
        request = unpack_plain(data)
        if "wait" in request:
            server.send(pack_plain({"status": _status_of(request["wait"])}))
            continue
        if "preload" in request:
            _import_quietly(request["sys_path"], request["preload"])
            server.send(pack_plain({"preloaded": True}))
            continue
        gc.collect()
        gc.freeze()
        parent = os.getpid()
        pid = os.fork()
        if pid:
            watch = os.pidfd_open(pid)
            socket.send_fds(server, [pack_plain({"pid": pid})], [watch])
            for each in (watch, *descriptors):
                os.close(each)
            continue
        try:
            server.close()
            signal.signal(signal.SIGINT, signal.SIG_DFL)
            _die_with(parent)
            output, *others = descriptors
            os.dup2(output, 1)
            os.dup2(output, 2)
            os.close(output)
            _place_descriptors(others)
            become_worker(_read_config())
        finally:
            os._exit(_REFUSED)


def _status_of(pid: int) -> int:
    try:
        return os.waitpid(pid, 0)[1]
    except ChildProcessError:
        return 0


def _import_quietly(folders: list[str], names: list[str]) -> None:
    from importlib import import_module

    for each in folders:
        if each not in sys.path:
            sys.path.append(each)
    for name in names:
        try:
            import_module(name)
        except Exception:  # a library that fails to import fails again, with its message, in the worker
            pass


def main() -> NoReturn:
    _enter_shells()
    if sys.argv[1] == "zygote":
        zygote(int(sys.argv[2]))
    descriptors = [int(each) for each in sys.argv[2:] if each != "-"]
    _place_descriptors(descriptors)
    config = _read_config()
    _preload()  # the folder of lyra_core is out of reach once the lock holds
    become_worker(config)


if __name__ == "__main__":
    main()
