"""Which system calls a worker may make: an allow-list, assembled here as classic BPF.

A foreign architecture (32-bit calls on x86-64, x32) kills the process. A call newer than the table and
those whose arguments lie in memory (`clone3`, `openat2`) do not exist: ENOSYS, and libraries use what they
used before. Every other call that is not in the list is refused with EPERM.
"""

from __future__ import annotations

from ctypes import Structure, byref, c_char_p, c_ushort, c_void_p, cast
from struct import Struct

from lyra_core.security.sandbox.kernel import call
from lyra_core.security.sandbox.syscalls import ALLOWED, CHECKED, MISSING, NEWEST

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

__all__ = ["MACHINES", "filter_program", "install_filter"]

# machine → (AUDIT_ARCH, number of seccomp(2), column of the tables)
MACHINES = {"x86_64": (0xC000003E, 317, 0), "aarch64": (0xC00000B7, 277, 1)}
_X32 = 0x40000000

_KILL, _ALLOW, _ERRNO = 0x80000000, 0x7FFF0000, 0x00050000
_EPERM, _ENOSYS = 1, 38
_instruction = Struct("=HBBI").pack
_LOAD, _EQUAL, _GREATER, _AT_LEAST, _RETURN, _AND = 0x20, 0x15, 0x25, 0x35, 0x06, 0x54

_ARCH = 4
_NUMBER = 0

# flags
_O_ACCMODE, _O_TRUNC = 0o3, 0o1000
_MAP_SHARED, _MAP_ANONYMOUS = 0x01, 0x20
_CLONE_THREAD = 0x100 | 0x800 | 0x10000  # CLONE_VM, CLONE_SIGHAND, CLONE_THREAD
_CLONE_NAMESPACES = 0x7E020080
_PRCTL = (
    3,
    15,
    16,
    21,
    23,
    39,
    0x53564D41,
)  # get dumpable, set and get name, get seccomp, read capbset, get nnp, name a map
_IOCTL = (0x5401, 0x5413, 0x541B, 0x5421, 0x5450, 0x5451)  # TCGETS, TIOCGWINSZ, FIONREAD, FIONBIO, FIONCLEX, FIOCLEX
_FCNTL = (0, 1, 2, 3, 4, 5, 6, 7, 36, 37, 38, 1030, 1032, 1034)  # duplicates, flags, locks, pipe size, seals (read)
_SOCKET_OPTIONS = (2, 7, 8, 9, 13, 20, 21)  # reuse, buffers, keep-alive, linger, timeouts


def _load(offset: int) -> bytes:
    return _instruction(_LOAD, 0, 0, offset)


def _low(argument: int) -> bytes:
    """Load the lower half of an argument: what the kernel takes where the type is int."""
    return _load(16 + 8 * argument)


def _high(argument: int) -> bytes:
    return _load(20 + 8 * argument)


def _answer(action: int) -> bytes:
    return _instruction(_RETURN, 0, 0, action)


def _unless_equal(value: int, skip: int) -> bytes:
    """Go on if the loaded value is *value*, else skip *skip* instructions."""
    return _instruction(_EQUAL, 0, skip, value)


_PERMIT, _REFUSE = _answer(_ALLOW), _answer(_ERRNO | _EPERM)


def _one_of(argument: int, values: Iterable[int]) -> bytes:
    block = _low(argument)
    for value in values:
        block += _unless_equal(value, 1) + _PERMIT
    return block + _REFUSE


def _masked(argument: int, mask: int, value: int, *, permit: bool) -> bytes:
    """Compare the bits of *mask* with *value*; equal is permitted or refused as *permit* says."""
    equal, other = (_PERMIT, _REFUSE) if permit else (_REFUSE, _PERMIT)
    return _low(argument) + _instruction(_AND, 0, 0, mask) + _unless_equal(value, 1) + equal + other


def _null(argument: int) -> bytes:
    """Go on if the pointer is null, else refuse."""
    return b"".join(load(argument) + _instruction(_EQUAL, 1, 0, 0) + _REFUSE for load in (_low, _high))


def _conditions(pid: int) -> dict[str, bytes]:
    """Return the block of instructions of each checked call; every path through one ends in an answer."""
    same_process = _one_of(0, (pid,))
    return {
        # O_RDONLY | O_TRUNC truncates a file that Landlock's ABI 2 lets read
        "open": _masked(1, _O_ACCMODE | _O_TRUNC, _O_TRUNC, permit=False),
        "openat": _masked(2, _O_ACCMODE | _O_TRUNC, _O_TRUNC, permit=False),
        "mmap": _masked(3, _MAP_SHARED | _MAP_ANONYMOUS, _MAP_SHARED | _MAP_ANONYMOUS, permit=False),
        "clone": _masked(0, _CLONE_THREAD | _CLONE_NAMESPACES, _CLONE_THREAD, permit=True),
        "prctl": _one_of(0, _PRCTL),
        "ioctl": _one_of(1, _IOCTL),
        "fcntl": _one_of(1, _FCNTL),
        "kill": same_process,
        "tgkill": same_process,
        "sched_setaffinity": _one_of(0, (0,)),
        "prlimit64": _null(2) + _one_of(0, (0, pid)),
        "sendto": _null(4) + _PERMIT,
        # asyncio wakes its loop through one; a datagram socket could name any address
        "socketpair": _low(0) + _unless_equal(1, 5) + _low(1) + _instruction(_AND, 0, 0, 0xF) + _unless_equal(1, 2)
        + _PERMIT + _REFUSE + _REFUSE,
        "setsockopt": _low(1) + _instruction(_EQUAL, 1, 0, 1) + _REFUSE + _one_of(2, _SOCKET_OPTIONS),
    }  # fmt: skip


def filter_program(machine: str, pid: int) -> bytes:
    """Return the filter for the process *pid* as an array of `struct sock_filter`."""
    audit, _, column = MACHINES[machine]
    program = _load(_ARCH) + _instruction(_EQUAL, 1, 0, audit) + _answer(_KILL) + _load(_NUMBER)
    if machine == "x86_64":
        program += _instruction(_AT_LEAST, 0, 1, _X32) + _answer(_KILL)
    program += _instruction(_GREATER, 0, 1, NEWEST) + _answer(_ERRNO | _ENOSYS)
    # The kernel (5.11) remembers which calls are allowed whatever their arguments and runs the filter for the others
    # alone: those with conditions stand first, before them the one that sends an answer.
    answers: list[tuple[dict[str, tuple[int | None, int | None]], Callable[[str], bytes]]] = [
        (CHECKED, _conditions(pid).__getitem__),
        (MISSING, lambda name: _answer(_ERRNO | _ENOSYS)),
        (ALLOWED, lambda name: _PERMIT),
    ]
    for table, block_of in answers:
        for name, numbers in table.items():
            number = numbers[column]
            if number is not None:
                block = block_of(name)
                program += _unless_equal(number, len(block) // 8) + block
    return program + _REFUSE


class _Program(Structure):
    _fields_ = (("length", c_ushort), ("instructions", c_void_p))


def install_filter(program: bytes, machine: str) -> None:
    """Put *program* over every thread of this process, for good; raises SandboxFailure."""
    _, number, _ = MACHINES[machine]
    held = c_char_p(program)
    # SECCOMP_SET_MODE_FILTER with SECCOMP_FILTER_FLAG_TSYNC
    call("seccomp", number, 1, 1, byref(_Program(len(program) // 8, cast(held, c_void_p))))
