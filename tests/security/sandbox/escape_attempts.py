"""Attempts to get out of a worker: a foreign module, run inside it.

Each attempt returns what it got away with, or None (or raises) when it was stopped. `control` marks those
that succeed without the sandbox for any user, so that a run without it shows that the attempt is a real one.
"""

import ctypes
import errno
import os
import platform
import signal
import socket
import struct
import threading

ATTEMPTS = {}
CONTROLS = []
FATAL = []  # stopped by ending the process
libc = ctypes.CDLL(None, use_errno=True)
libc.syscall.restype = ctypes.c_long
X86 = platform.machine() == "x86_64"


def attempt(group, *, control=False, fatal=False):
    def register(function):
        name = f"{group}: {function.__doc__}"
        assert name not in ATTEMPTS, name
        ATTEMPTS[name] = function
        if control:
            CONTROLS.append(name)
        if fatal:
            FATAL.append(name)
        return function

    return register


def run(name: str, world: dict) -> str:
    """Make the attempt; the answer is "" where it was stopped."""
    try:
        got = ATTEMPTS[name](world)
    except (OSError, MemoryError, ImportError, ValueError, RuntimeError, AttributeError, EOFError):
        return ""
    return "" if got is None else str(got)


def names() -> list:
    return list(ATTEMPTS)


def controls() -> list:
    return CONTROLS


def fatal() -> list:
    return FATAL


def call(x86, arm, *arguments):
    """Make a raw system call; OSError when it is refused."""
    number = x86 if X86 else arm
    if number is None:
        raise OSError(errno.ENOSYS, "no such call here")
    result = libc.syscall(ctypes.c_long(number), *arguments)
    if result < 0:
        raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))
    return result


def reaches(x86, arm, *arguments):
    """Make a harmless but wrong call; it was stopped if the answer is EPERM or ENOSYS."""
    try:
        call(x86, arm, *arguments)
    except OSError as problem:
        if problem.errno in (errno.EPERM, errno.ENOSYS):
            return None
        return f"the kernel looked at it: {os.strerror(problem.errno)}"
    return "done"


P = ctypes.c_void_p
L = ctypes.c_long


# -- reading


@attempt("reading", control=True)
def read_secret(world):
    """a file that was not granted"""
    with open(world["secret"]) as file:
        return file.read()


@attempt("reading", control=True)
def read_through_proc_root(world):
    """a file through /proc/self/root"""
    with open("/proc/self/root" + world["secret"]) as file:
        return file.read()


@attempt("reading", control=True)
def read_dotdot(world):
    """a file beside a granted folder, by .."""
    with open(os.path.join(world["read"], "..", os.path.basename(world["secret"]))) as file:
        return file.read()


@attempt("reading", control=True)
def read_from_folder_descriptor(world):
    """a file by openat from a granted folder"""
    folder = os.open(world["read"], os.O_RDONLY)
    try:
        fd = os.open("../" + os.path.basename(world["secret"]), os.O_RDONLY, dir_fd=folder)
    finally:
        os.close(folder)
    with open(fd) as file:
        return file.read()


@attempt("reading", control=True)
def read_by_path_descriptor(world):
    """a file by reopening an O_PATH descriptor"""
    fd = os.open(world["secret"], os.O_PATH)
    try:
        with open(f"/proc/self/fd/{fd}") as file:
            return file.read()
    finally:
        os.close(fd)


@attempt("reading", control=True)
def read_by_symlink(world):
    """a file through a symbolic link made in a writable folder"""
    link = os.path.join(world["write"], "link-read")
    os.symlink(world["secret"], link)
    with open(link) as file:
        return file.read()


@attempt("reading", control=True)
def read_planted_symlink(world):
    """a file through a symbolic link that lies in a granted folder"""
    with open(os.path.join(world["read"], "planted")) as file:
        return file.read()


@attempt("reading", control=True)
def read_by_hard_link(world):
    """a file through a hard link made in a writable folder"""
    link = os.path.join(world["write"], "hard")
    os.link(world["secret"], link)
    with open(link) as file:
        return file.read()


@attempt("reading")
def read_by_rename(world):
    """a file by renaming it into a writable folder"""
    os.rename(world["movable"], os.path.join(world["write"], "moved"))
    return "renamed"


@attempt("reading", control=True)
def read_passwd(world):
    """/etc/passwd"""
    with open("/etc/passwd") as file:
        return file.readline()


@attempt("reading")
def read_shadow(world):
    """/etc/shadow"""
    with open("/etc/shadow") as file:
        return file.readline()


@attempt("reading", control=True)
def list_root(world):
    """the names in /"""
    return os.listdir("/")


@attempt("reading", control=True)
def list_home(world):
    """the names in the folder of the secret"""
    return os.listdir(os.path.dirname(world["secret"]))


@attempt("reading")
def read_host_environment(world):
    """the environment of the host process"""
    with open(f"/proc/{world['host']}/environ", "rb") as file:
        return file.read(100)


@attempt("reading")
def read_host_memory(world):
    """the memory map of the host process"""
    with open(f"/proc/{world['host']}/maps") as file:
        return file.readline()


@attempt("reading", control=True)
def read_processes(world):
    """the list of processes"""
    return os.listdir("/proc")


@attempt("reading")
def read_by_handle(world):
    """a file by its handle (open_by_handle_at)"""
    handle = ctypes.create_string_buffer(struct.pack("Ii", 120, 0) + bytes(120))
    mount = ctypes.c_int()
    return reaches(303, 264, -100, world["secret"].encode(), handle, ctypes.byref(mount), 0)


@attempt("reading")
def read_device(world):
    """kernel memory and log (/dev/mem, /dev/kmsg)"""
    for device in ("/dev/mem", "/dev/kmsg", "/dev/vda", "/dev/sda"):
        try:
            with open(device, "rb", buffering=0) as file:
                return device, file.read(10)
        except FileNotFoundError:
            continue
        except PermissionError:
            continue
    return None


@attempt("reading")
def read_inherited_descriptors(world):
    """descriptors inherited from the host"""
    known = {"pipe", "socket", "anon_inode"}
    for fd in range(256):
        try:
            target = os.readlink(f"/proc/self/fd/{fd}")
        except OSError:
            continue
        if target != "/dev/null" and target.partition(":")[0] not in known and not target.startswith("/proc/"):
            return target
    return None


@attempt("reading")
def read_environment(world):
    """a variable of the host's environment"""
    return os.environ.get("LYRA_TEST_SECRET")


@attempt("reading", control=True)
def watch_folder(world):
    """changes in a folder, by inotify"""
    fd = call(294, 26, 0)
    call(254, 27, L(fd), os.path.dirname(world["secret"]).encode(), L(0x100))
    return "watching"


# -- writing


@attempt("writing", control=True)
def write_secret(world):
    """a file that was not granted"""
    with open(world["secret"], "a") as file:
        file.write("x")
    return "written"


@attempt("writing", control=True)
def write_readable(world):
    """a file that was granted for reading"""
    with open(world["readable"], "a") as file:
        file.write("x")
    return "written"


@attempt("writing", control=True)
def truncate_readable(world):
    """truncating a readable file by path"""
    os.truncate(world["readable"], 1)
    return "truncated"


@attempt("writing", control=True)
def truncate_by_open(world):
    """truncating a readable file by O_RDONLY | O_TRUNC"""
    os.close(os.open(world["readable"], os.O_RDONLY | os.O_TRUNC))
    return "truncated"


@attempt("writing", control=True)
def create_beside(world):
    """a new file in a folder granted for reading"""
    with open(os.path.join(world["read"], "new"), "w"):
        return "created"


@attempt("writing", control=True)
def create_in_tmp(world):
    """a new file in /tmp"""
    path = f"/tmp/lyra-escape-{os.getpid()}"
    with open(path, "w"):
        pass
    os.unlink(path)
    return "created"


@attempt("writing", control=True)
def create_in_shm(world):
    """a new file in /dev/shm"""
    path = f"/dev/shm/lyra-escape-{os.getpid()}"
    with open(path, "w"):
        pass
    os.unlink(path)
    return "created"


@attempt("writing", control=True)
def create_unnamed(world):
    """an unnamed file outside (O_TMPFILE)"""
    os.close(os.open("/tmp", os.O_TMPFILE | os.O_RDWR, 0o600))
    return "created"


@attempt("writing", control=True)
def make_folder(world):
    """a folder beside the granted one"""
    os.mkdir(os.path.join(os.path.dirname(world["secret"]), f"made-{os.getpid()}"))
    return "made"


@attempt("writing")
def delete_secret(world):
    """deleting a file that was not granted"""
    os.unlink(world["movable"])
    return "deleted"


@attempt("writing", control=True)
def delete_readable(world):
    """deleting a file in a folder granted for reading"""
    os.unlink(os.path.join(world["read"], "doomed"))
    return "deleted"


@attempt("writing", control=True)
def change_mode(world):
    """the mode of a file"""
    os.chmod(world["secret"], 0o666)
    return "changed"


@attempt("writing", control=True)
def change_mode_by_descriptor(world):
    """the mode of a readable file by its descriptor"""
    with open(world["readable"]) as file:
        os.fchmod(file.fileno(), 0o666)
    return "changed"


@attempt("writing", control=True)
def change_owner(world):
    """the owner of a file"""
    os.chown(world["secret"], os.getuid(), -1)
    return "changed"


@attempt("writing", control=True)
def change_times(world):
    """the times of a file"""
    os.utime(world["secret"], (1, 1))
    return "changed"


@attempt("writing")
def change_attributes(world):
    """extended attributes of a file"""
    os.setxattr(world["secret"], "user.lyra", b"x")
    return "set"


@attempt("writing", control=True)
def plant_symlink(world):
    """a symbolic link left for the host to follow"""
    os.symlink("/etc/passwd", os.path.join(world["write"], "trap"))
    return "planted"


@attempt("writing", control=True)
def plant_fifo(world):
    """a fifo left for the host to hang on"""
    os.mkfifo(os.path.join(world["write"], "fifo"))
    return "planted"


@attempt("writing", control=True)
def write_through_hard_link(world):
    """a readable file through a hard link in a writable folder"""
    link = os.path.join(world["write"], "hard-readable")
    os.link(world["readable"], link)
    with open(link, "a") as file:
        file.write("x")
    return "written"


@attempt("writing", control=True)
def write_own_code(world):
    """the module's own source"""
    with open(__file__, "a"):
        return "opened"


@attempt("writing")
def write_library(world):
    """a .pth file into the libraries"""
    import sysconfig

    path = os.path.join(sysconfig.get_paths()["purelib"], "lyra-escape.pth")
    with open(path, "w"):
        pass
    os.unlink(path)
    return "written"


@attempt("writing", control=True)
def write_own_memory_file(world):
    """/proc/self/mem"""
    with open("/proc/self/mem", "r+b"):
        return "opened"


@attempt("writing", control=True)
def write_own_score(world):
    """the out-of-memory score"""
    with open("/proc/self/oom_score_adj", "w") as file:
        file.write("999")
    return "written"


# -- privilege


@attempt("privilege")
def become_root(world):
    """another user (setuid, setresuid)"""
    return reaches(117, 147, 0, 0, 0) or reaches(105, 146, 0)


@attempt("privilege")
def gain_capabilities(world):
    """capabilities (capset)"""
    header = ctypes.create_string_buffer(struct.pack("Ii", 0x20080522, 0))
    data = ctypes.create_string_buffer(struct.pack("6I", *[0xFFFFFFFF, 0xFFFFFFFF, 0] * 2))
    return reaches(126, 91, header, data)


@attempt("privilege")
def hold_capabilities(world):
    """capabilities still held, but root's to open files of others"""
    with open("/proc/self/status") as file:
        lines = dict(line.split(":", 1) for line in file if ":" in line)
    effective = int(lines["CapEff"], 16)
    return hex(effective) if effective & ~0b10 else None


@attempt("privilege", control=True)
def no_new_privileges_off(world):
    """a process without no_new_privs or without a filter"""
    with open("/proc/self/status") as file:
        lines = dict(line.split(":", 1) for line in file if ":" in line)
    return None if lines["NoNewPrivs"].strip() == "1" and lines["Seccomp"].strip() == "2" else "unlocked"


@attempt("privilege", control=True)
def new_user_namespace(world):
    """a user namespace of its own (unshare)"""
    call(272, 97, L(0x10000000))
    return "unshared"


@attempt("privilege")
def enter_namespace(world):
    """somebody else's namespace (setns)"""
    return reaches(308, 268, 0, 0)


@attempt("privilege")
def change_root(world):
    """another root folder (chroot, pivot_root)"""
    return reaches(161, 51, b"/") or reaches(155, 41, b"/", b"/")


@attempt("privilege")
def mount(world):
    """a mount (mount, the new mount calls)"""
    first = reaches(165, 40, b"none", b"/tmp", b"tmpfs", L(0), P(None))
    return first or reaches(430, 430, b"tmpfs", 0) or reaches(428, 428, -100, b"/", 1)


@attempt("privilege")
def load_bpf(world):
    """a BPF program"""
    return reaches(321, 280, 0, P(None), 0)


@attempt("privilege")
def open_perf(world):
    """performance counters (perf_event_open)"""
    return reaches(298, 241, P(None), 0, -1, -1, L(0))


@attempt("privilege")
def use_keys(world):
    """the kernel's key rings"""
    return reaches(250, 219, 0, -3, 0) or reaches(248, 217, b"user", b"x", b"y", L(1), -3)


@attempt("privilege")
def use_userfaultfd(world):
    """userfaultfd"""
    return reaches(323, 282, 1)


@attempt("privilege")
def use_io_uring(world):
    """io_uring, which does system calls unseen"""
    return reaches(425, 425, 4, ctypes.create_string_buffer(120))


@attempt("privilege")
def load_kernel_module(world):
    """a kernel module, a kernel to execute"""
    return reaches(313, 273, -1, b"", 0) or reaches(246, 104, L(0), L(0), P(None), L(0))


@attempt("privilege")
def use_ports(world):
    """input and output ports"""
    return reaches(172, None, 3) if X86 else None


@attempt("privilege")
def set_clock(world):
    """the clock and the host's name"""
    return reaches(227, 112, 99, P(None)) or reaches(170, 161, b"x", L(1 << 20))


@attempt("privilege")
def second_filter(world):
    """another system-call filter, another Landlock domain"""
    return reaches(317, 277, 1, 0, P(None)) or reaches(444, 444, P(None), L(0), 1)


@attempt("privilege", control=True)
def change_personality(world):
    """another personality (legacy layouts)"""
    return reaches(135, 92, L(0x0040000))


@attempt("privilege", control=True)
def swap_dumpable(world):
    """prctl options that are not in the list"""
    result = libc.prctl(4, 1, 0, 0, 0)
    return "set" if result == 0 else None


# -- exec


@attempt("exec", control=True)
def run_program(world):
    """a program by subprocess"""
    import subprocess

    return subprocess.run(["/bin/true"], check=True).returncode


@attempt("exec", control=True)
def run_shell(world):
    """a shell by os.system"""
    return "ran" if os.system("exit 0") == 0 else None


@attempt("exec")
def replace_process(world):
    """another program in this process"""
    os.execv("/bin/true", ["true"])


@attempt("exec", control=True)
def fork(world):
    """a child by fork"""
    pid = os.fork()
    if not pid:
        os._exit(0)
    os.waitpid(pid, 0)
    return "forked"


@attempt("exec", control=True)
def vfork(world):
    """a child by posix_spawn"""
    pid = os.posix_spawn("/bin/true", ["true"], {})
    os.waitpid(pid, 0)
    return "spawned"


@attempt("exec", control=True)
def fork_by_clone(world):
    """a child by a raw clone without the flags of a thread"""
    if X86:
        pid = call(56, None, L(17), P(None), P(None), P(None), P(None))
    else:
        pid = call(None, 220, L(17), P(None), P(None), P(None), P(None))
    if not pid:
        os._exit(0)
    os.waitpid(pid, 0)
    return "cloned"


@attempt("exec")
def fork_by_clone3(world):
    """a child by clone3"""
    return reaches(435, 435, ctypes.create_string_buffer(8), L(8))


@attempt("exec", control=True)
def fork_by_helper(world):
    """a child by _posixsubprocess, which raises no audit event"""
    import multiprocessing.util

    read, write = os.pipe()
    pid = multiprocessing.util.spawnv_passfds(b"/bin/true", [b"true"], [])
    os.waitpid(pid, 0)
    return "spawned", read, write


@attempt("exec", control=True)
def multiprocess(world):
    """a pool of processes"""
    import multiprocessing

    with multiprocessing.get_context("fork").Pool(1) as pool:
        return pool.apply(abs, (-1,))


@attempt("exec", control=True)
def make_memory_file(world):
    """a file in memory to execute (memfd_create)"""
    return os.memfd_create("x")


@attempt("exec")
def execute_descriptor(world):
    """a program by its descriptor (execveat)"""
    return reaches(322, 281, -1, b"", P(None), P(None), 0x1000)


@attempt("exec", control=True)
def terminal(world):
    """a child on a terminal of its own"""
    import pty

    pid, fd = pty.fork()
    if not pid:
        os._exit(0)
    os.close(fd)
    os.waitpid(pid, 0)
    return "forked"


# -- native code


@attempt("native code", fatal=True)
def call_of_32_bits(world):
    """a 32-bit system call from machine code"""
    if not X86:
        os.kill(os.getpid(), signal.SIGKILL)  # no such thing there; ended as if it had been tried
    import mmap

    # mov eax, 20 (getpid of i386); int 0x80; ret
    page = mmap.mmap(-1, 4096, mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS, mmap.PROT_READ | mmap.PROT_WRITE | mmap.PROT_EXEC)
    page.write(b"\xb8\x14\x00\x00\x00\xcd\x80\xc3")
    address = ctypes.addressof(ctypes.c_char.from_buffer(page))
    return ctypes.CFUNCTYPE(ctypes.c_int)(address)()


@attempt("native code", fatal=True)
def call_of_x32(world):
    """a system call of the x32 interface"""
    if not X86:
        os.kill(os.getpid(), signal.SIGKILL)
    return libc.syscall(L(0x40000000 + 39))


@attempt("native code", control=True)
def raw_socket_call(world):
    """a socket by a raw system call"""
    return call(41, 198, 2, 1, 0)


@attempt("native code", control=True)
def raw_open(world):
    """a file by a raw system call"""
    return call(257, 56, L(-100), world["secret"].encode(), L(0), L(0))


@attempt("native code")
def open_by_new_call(world):
    """a file by openat2, whose flags a filter cannot see"""
    how = ctypes.create_string_buffer(struct.pack("QQQ", 0, 0, 0))
    return reaches(437, 437, -100, world["secret"].encode(), how, L(24))


@attempt("native code", control=True)
def shared_anonymous_memory(world):
    """anonymous memory to share"""
    import mmap

    return mmap.mmap(-1, 4096, mmap.MAP_SHARED | mmap.MAP_ANONYMOUS)


@attempt("native code", control=True)
def system_v_memory(world):
    """System V shared memory, messages, semaphores"""
    made = []
    for x86, arm, arguments in ((29, 194, (0, L(4096), 0o600)), (68, 186, (0, 0o600)), (64, 190, (0, 1, 0o600))):
        try:
            made.append(call(x86, arm, *arguments))
        except OSError:
            continue
        remove = {29: (31, 195, (0, P(None))), 68: (71, 187, (0, P(None))), 64: (66, 191, (0, 0))}[x86]
        libc.syscall(L(remove[0] if X86 else remove[1]), made[-1], *remove[2])
    return made or None


@attempt("native code")
def posix_queue(world):
    """a POSIX message queue"""
    return reaches(240, 180, b"lyra-escape", 0o100, 0o600, P(None))


@attempt("native code")
def newest_calls(world):
    """system calls newer than the table"""
    for number in (450, 451, 452, 457, 462, 467, 500):
        found = reaches(number, number, 0, 0, 0, 0)
        if found:
            return number, found
    return None


@attempt("native code", control=True)
def splice_pages(world):
    """pages of files into pipes (splice)"""
    read, write = os.pipe()
    with open(world["readable"]) as file:
        return os.splice(file.fileno(), write, 1), read


# -- ordinary libraries


@attempt("ordinary libraries", control=True)
def sqlite_attach(world):
    """a database attached by SQLite"""
    import sqlite3

    base = sqlite3.connect(":memory:")
    try:
        base.execute("ATTACH ? AS other", (os.path.join(os.path.dirname(world["secret"]), "stolen.db"),))
        base.execute("CREATE TABLE other.t (x)")
    except sqlite3.Error:
        return None
    return "attached"


@attempt("ordinary libraries", control=True)
def copy_file(world):
    """a copy of a file into a writable folder (shutil)"""
    import shutil

    return shutil.copyfile(world["secret"], os.path.join(world["write"], "copy"))


@attempt("ordinary libraries", control=True)
def log_file(world):
    """a log file (logging)"""
    import logging

    handler = logging.FileHandler(os.path.join(os.path.dirname(world["secret"]), "log"))
    handler.close()
    return "opened"


@attempt("ordinary libraries", control=True)
def temporary_file(world):
    """a temporary file outside the granted folders"""
    import tempfile

    with tempfile.NamedTemporaryFile(dir=os.path.dirname(world["secret"])) as file:
        return file.name


@attempt("ordinary libraries", control=True)
def import_from_elsewhere(world):
    """a module from a folder that was not granted"""
    from importlib.util import module_from_spec, spec_from_file_location

    spec = spec_from_file_location("elsewhere", world["code"])
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    return module.VALUE


@attempt("ordinary libraries", control=True)
def map_file(world):
    """a mapped file (mmap)"""
    import mmap

    with open(world["secret"], "rb") as file:
        return mmap.mmap(file.fileno(), 0, prot=mmap.PROT_READ)[:5]


@attempt("ordinary libraries", control=True)
def archive_file(world):
    """a file read by zipfile"""
    import zipfile

    with zipfile.ZipFile(os.path.join(world["write"], "z.zip"), "w") as archive:
        archive.write(world["secret"])
    return "archived"


@attempt("ordinary libraries", control=True)
def numpy_file(world):
    """a file read by NumPy"""
    import numpy

    return len(numpy.fromfile(world["secret"], "u1"))


@attempt("ordinary libraries", control=True)
def numpy_map(world):
    """a file mapped by NumPy"""
    import numpy

    return len(numpy.memmap(world["secret"], "u1", "r"))


@attempt("ordinary libraries", control=True)
def pandas_file(world):
    """a file read by pandas"""
    import pandas

    return len(pandas.read_csv(world["secret"], header=None))


@attempt("ordinary libraries", control=True)
def arrow_file(world):
    """a file read by pyarrow's own file class"""
    import pyarrow

    with pyarrow.OSFile(world["secret"]) as file:
        return file.read()


@attempt("ordinary libraries", control=True)
def arrow_map(world):
    """a file mapped by pyarrow"""
    import pyarrow

    with pyarrow.memory_map(world["secret"]) as file:
        return file.read()


@attempt("ordinary libraries", control=True)
def find_compiler(world):
    """a compiler run by ctypes.util.find_library"""
    import ctypes.util
    import subprocess

    ctypes.util.find_library("c")
    return subprocess.check_output(["/bin/echo", "x"])


# -- network


def listener_address(world):
    return ("127.0.0.1", world["tcp"])


@attempt("network", control=True)
def tcp_connect(world):
    """a TCP connection to this machine"""
    return socket.create_connection(listener_address(world), timeout=5)


@attempt("network", control=True)
def tcp_listen(world):
    """a TCP port to listen on"""
    return socket.create_server(("127.0.0.1", 0))


@attempt("network", control=True)
def udp_send(world):
    """a UDP datagram"""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        return sock.sendto(b"x", listener_address(world))


@attempt("network", control=True)
def tcp_fast_open(world):
    """TCP Fast Open, a connection without connect"""
    with socket.socket() as sock:
        return sock.sendto(b"x", 0x20000000, listener_address(world))


@attempt("network", control=True)
def unix_connect(world):
    """a unix socket by path"""
    sock = socket.socket(socket.AF_UNIX)
    sock.connect(world["unix"])
    return "connected"


@attempt("network", control=True)
def unix_abstract(world):
    """a unix socket by abstract name"""
    sock = socket.socket(socket.AF_UNIX)
    sock.connect("\0" + world["abstract"])
    return "connected"


@attempt("network", control=True)
def unix_datagram_pair(world):
    """an abstract name, from a datagram pair"""
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_DGRAM)
    return ours.sendto(b"x", "\0" + world["abstract_datagram"]), theirs


@attempt("network")
def connect_channel(world):
    """connecting the worker's own channel elsewhere"""
    address = struct.pack("HH4s8x", 2, socket.htons(world["tcp"]), socket.inet_aton("127.0.0.1"))
    return reaches(42, 203, 3, address, 16)


@attempt("network")
def address_on_channel(world):
    """a datagram with an address over a stream pair"""
    ours, theirs = socket.socketpair()
    return ours.sendto(b"x", "\0" + world["abstract_datagram"]), theirs


@attempt("network")
def raw_sockets(world):
    """raw, packet, netlink, vsock and crypto sockets"""
    made = []
    for family, kind in ((2, 3), (17, 3), (16, 3), (40, 1), (38, 5)):
        try:
            made.append(socket.socket(family, kind).family)
        except OSError:
            continue
    return made or None


@attempt("network")
def resolve(world):
    """a name looked up"""
    return socket.getaddrinfo("localhost", 80)[0][4] if socket.gethostbyname("example.org") else None


@attempt("network", control=True)
def asynchronous_connect(world):
    """a connection by asyncio"""
    import asyncio

    async def connect():
        _, writer = await asyncio.open_connection(*listener_address(world))
        writer.close()
        return "connected"

    return asyncio.run(connect())


@attempt("network", control=True)
def web_request(world):
    """a web request by urllib"""
    import http.client

    connection = http.client.HTTPConnection(*listener_address(world), timeout=5)
    connection.connect()
    return "connected"


# -- other processes


@attempt("other processes", control=True)
def signal_host(world):
    """a signal to the host"""
    os.kill(world["victim"], 0)
    return "allowed"


@attempt("other processes", control=True)
def signal_group(world):
    """a signal to the process group"""
    os.kill(0, 0)
    return "allowed"


@attempt("other processes", control=True)
def signal_all(world):
    """a signal to every process"""
    os.kill(-1, 0)
    return "allowed"


@attempt("other processes", control=True)
def signal_thread(world):
    """a signal to a thread of the host (tgkill, tkill)"""
    try:
        call(234, 131, world["victim"], world["victim"], 0)
    except OSError:
        call(200, 130, world["victim"], 0)
    return "allowed"


@attempt("other processes")
def queue_signal(world):
    """a signal with a value (rt_sigqueueinfo)"""
    return reaches(129, 138, world["victim"], 0, ctypes.create_string_buffer(128))


@attempt("other processes", control=True)
def signal_by_descriptor(world):
    """a signal by a process descriptor"""
    signal.pidfd_send_signal(os.pidfd_open(world["victim"]), 0)
    return "allowed"


@attempt("other processes", control=True)
def signal_by_owner(world):
    """signals to the host as the owner of a pipe (F_SETOWN)"""
    import fcntl

    read, write = os.pipe()
    fcntl.fcntl(read, 8, world["victim"])
    return "set", write


@attempt("other processes")
def trace(world):
    """tracing the host (ptrace)"""
    return reaches(101, 117, L(16), L(world["victim"]), P(None), P(None))


@attempt("other processes")
def read_memory_of(world):
    """the memory of another process (process_vm_readv)"""
    return reaches(310, 270, world["victim"], P(None), L(0), P(None), L(0), L(0))


@attempt("other processes")
def take_descriptor_of(world):
    """a descriptor of another process (pidfd_getfd)"""
    return reaches(438, 438, -1, 0, 0)


@attempt("other processes", control=True)
def slow_host(world):
    """the priority of the host"""
    os.setpriority(os.PRIO_PROCESS, world["victim"], 19)
    return "changed"


@attempt("other processes", control=True)
def pin_host(world):
    """the processors of the host"""
    os.sched_setaffinity(world["victim"], {0})
    return "changed"


@attempt("other processes", control=True)
def limit_host(world):
    """the limits of the host (prlimit)"""
    import resource

    return resource.prlimit(world["victim"], resource.RLIMIT_NOFILE)


@attempt("other processes")
def leave_group(world):
    """a session of its own"""
    os.setsid()
    return "left"


# -- resources


@attempt("resources")
def raise_limits(world):
    """limits raised again"""
    import resource

    resource.setrlimit(resource.RLIMIT_DATA, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
    return "raised"


@attempt("resources", control=True)
def set_own_limits(world):
    """limits changed at all"""
    import resource

    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
    return "changed"


@attempt("resources", control=True)
def take_memory(world):
    """more memory than the limit"""
    return len(bytearray((world["memory"] + 64) << 20))


@attempt("resources", control=True)
def take_descriptors(world):
    """more descriptors than the limit"""
    taken = []
    try:
        for _ in range(world["descriptors"] + 1):
            taken.append(os.open("/dev/null", os.O_RDONLY))
    finally:
        for fd in taken:
            os.close(fd)
    return len(taken)


@attempt("resources")
def take_threads(world):
    """threads without end"""
    stop = threading.Event()
    started = []
    threading.stack_size(64 << 20)
    try:
        for _ in range(world["memory"] // 64 + 20):
            thread = threading.Thread(target=stop.wait)
            thread.start()
            started.append(thread)
    finally:
        stop.set()
        threading.stack_size(0)
        for thread in started:
            thread.join()
    return len(started)


@attempt("resources")
def write_large_file(world):
    """a file larger than the limit"""
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    with open(os.path.join(world["write"], "large"), "wb") as file:
        file.seek((world["file"] << 20) + 1)
        file.write(b"x")
        file.flush()
    return "written"


@attempt("resources", control=True)
def lock_memory(world):
    """memory locked against swapping"""
    return reaches(149, 228, P(None), L(0))
