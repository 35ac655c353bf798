"""The filter says what the tables say, on both architectures; run here by a small interpreter of BPF."""

from __future__ import annotations

import struct

import pytest

from lyra_core.security.sandbox.seccomp import MACHINES, filter_program
from lyra_core.security.sandbox.syscalls import ALLOWED, CHECKED, MISSING, NEWEST, number

PID = 4242
KILL, ALLOW, EPERM, ENOSYS = 0x80000000, 0x7FFF0000, 0x00050001, 0x00050026
NAMES = {KILL: "kill", ALLOW: "allow", EPERM: "EPERM", ENOSYS: "ENOSYS"}


def decide(machine: str, call: int, *arguments: int, arch: int | None = None) -> str:
    """Run the filter over one call, as the kernel does."""
    program = filter_program(machine, PID)
    args = [*arguments, *[0] * (6 - len(arguments))]
    audit = MACHINES[machine][0] if arch is None else arch
    data = struct.pack("=iIQ6Q", call, audit, 0, *(a & 0xFFFFFFFFFFFFFFFF for a in args))
    at, loaded = 0, 0
    while True:
        code, yes, no, k = struct.unpack_from("=HBBI", program, 8 * at)
        at += 1
        if code == 0x20:
            loaded = struct.unpack_from("=I", data, k)[0]
        elif code == 0x54:
            loaded &= k
        elif code == 0x06:
            return NAMES[k]
        else:
            met = {0x15: loaded == k, 0x25: loaded > k, 0x35: loaded >= k}[code]
            at += yes if met else no


both = pytest.mark.parametrize("machine", sorted(MACHINES))


def of(name: str, machine: str) -> int:
    found = number(name, machine)
    assert found is not None
    return found


@both
def test_every_listed_call_is_answered_as_listed(machine: str) -> None:
    for name in ALLOWED:
        if number(name, machine) is not None:
            assert decide(machine, of(name, machine)) == "allow", name
    for name in MISSING:
        assert decide(machine, of(name, machine)) == "ENOSYS", name


@both
def test_every_other_call_is_refused_and_newer_ones_do_not_exist(machine: str) -> None:
    column = MACHINES[machine][2]
    listed = {row[column] for table in (ALLOWED, CHECKED, MISSING) for row in table.values()}
    for call in range(NEWEST + 1):
        if call not in listed:
            assert decide(machine, call) == "EPERM", call
    for call in (NEWEST + 1, NEWEST + 20, 999, 0x3FFFFFFF):
        assert decide(machine, call) == "ENOSYS"


@both
@pytest.mark.parametrize(
    "name",
    [
        "execve", "execveat", "fork", "vfork", "ptrace", "socket", "connect", "bind", "mount", "bpf", "chmod",
        "truncate", "setuid", "unshare", "io_uring_setup", "memfd_create", "open_by_handle_at", "process_vm_readv",
    ],
)  # fmt: skip
def test_the_known_bad_stand_in_no_table(machine: str, name: str) -> None:
    assert number(name, machine) is None


def test_foreign_architectures_end_the_process() -> None:
    assert decide("x86_64", 20, arch=0x40000003) == "kill"
    assert decide("x86_64", 0x40000000 + 39) == "kill"
    assert decide("aarch64", 20, arch=0x40000028) == "kill"
    assert decide("aarch64", 172, arch=MACHINES["x86_64"][0]) == "kill"


THREAD = 0x100 | 0x800 | 0x10000
CASES = [
    ("openat", (0, 0, 0), "allow"),
    ("openat", (0, 0, 0o2), "allow"),
    ("openat", (0, 0, 0o1001), "allow"),
    ("openat", (0, 0, 0o1101), "allow"),
    ("openat", (0, 0, 0o1000), "EPERM"),
    ("openat", (0, 0, 0o3000), "EPERM"),
    ("openat", (0, 0, (1 << 32) | 0o1000), "EPERM"),
    ("mmap", (0, 4096, 3, 0x22), "allow"),
    ("mmap", (0, 4096, 3, 0x01), "allow"),
    ("mmap", (0, 4096, 3, 0x21), "EPERM"),
    ("mmap", (0, 4096, 3, 0x23), "EPERM"),
    ("clone", (THREAD | 0x3D0F00,), "allow"),
    ("clone", (17,), "EPERM"),
    ("clone", (0x100 | 0x4000 | 17,), "EPERM"),
    ("clone", (THREAD | 0x10000000,), "EPERM"),
    ("prctl", (15,), "allow"),
    ("prctl", (4, 1), "EPERM"),
    ("prctl", (22,), "EPERM"),
    ("ioctl", (0, 0x5401), "allow"),
    ("ioctl", (0, 0x5412), "EPERM"),
    ("ioctl", (0, 0x541C), "EPERM"),
    ("fcntl", (3, 3), "allow"),
    ("fcntl", (3, 8), "EPERM"),
    ("fcntl", (3, 10), "EPERM"),
    ("fcntl", (3, 1024), "EPERM"),
    ("fcntl", (3, 1033), "EPERM"),
    ("kill", (PID, 9), "allow"),
    ("kill", (PID + 1, 9), "EPERM"),
    ("kill", (-1, 9), "EPERM"),
    ("kill", (0, 9), "EPERM"),
    ("tgkill", (PID, 1, 9), "allow"),
    ("tgkill", (1, PID, 9), "EPERM"),
    ("sched_setaffinity", (0,), "allow"),
    ("sched_setaffinity", (1,), "EPERM"),
    ("prlimit64", (0, 7, 0, 1), "allow"),
    ("prlimit64", (PID, 7, 0, 1), "allow"),
    ("prlimit64", (1, 7, 0, 1), "EPERM"),
    ("prlimit64", (0, 7, 1, 0), "EPERM"),
    ("prlimit64", (0, 7, 1 << 40, 0), "EPERM"),
    ("sendto", (3, 0, 0, 0, 0, 0), "allow"),
    ("sendto", (3, 0, 0, 0, 1, 0), "EPERM"),
    ("sendto", (3, 0, 0, 0, 1 << 33, 0), "EPERM"),
    ("socketpair", (1, 1), "allow"),
    ("socketpair", (1, 1 | 0o2000000), "allow"),
    ("socketpair", (1, 2), "EPERM"),
    ("socketpair", (1, 5), "EPERM"),
    ("socketpair", (2, 1), "EPERM"),
    ("setsockopt", (3, 1, 7), "allow"),
    ("setsockopt", (3, 1, 26), "EPERM"),
    ("setsockopt", (3, 6, 7), "EPERM"),
]


@both
@pytest.mark.parametrize(("name", "arguments", "answer"), CASES)
def test_checked_arguments(machine: str, name: str, arguments: tuple[int, ...], answer: str) -> None:
    assert decide(machine, of(name, machine), *arguments) == answer


@both
def test_every_checked_call_has_a_case(machine: str) -> None:
    assert set(CHECKED) <= {name for name, _, _ in CASES} | {"open"}


def test_open_is_checked_like_openat() -> None:
    assert decide("x86_64", 2, 0, 0o1000) == "EPERM"
    assert decide("x86_64", 2, 0, 0o1001) == "allow"


@both
def test_jumps_stay_within_the_program(machine: str) -> None:
    program = filter_program(machine, PID)
    length = len(program) // 8
    assert length < 4096
    for at in range(length):
        code, yes, no, _ = struct.unpack_from("=HBBI", program, 8 * at)
        if code & 7 == 5:
            assert at + 1 + max(yes, no) < length


def test_numbers_are_those_of_the_kernels_own_headers() -> None:
    """Spot checks against calls whose numbers every manual gives."""
    known = {"read": (0, 63), "write": (1, 64), "openat": (257, 56), "clone": (56, 220), "mmap": (9, 222)}
    known |= {"exit_group": (231, 94), "futex": (202, 98), "clone3": (435, 435), "ioctl": (16, 29), "kill": (62, 129)}
    for name, (x86, arm) in known.items():
        assert (number(name, "x86_64"), number(name, "aarch64")) == (x86, arm)
