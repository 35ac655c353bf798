"""Files that are either the old ones or the new ones, whatever happens in between: the store's and lock's writes.

Write-new, fsync, rename, fsync of the folder. A failure at any step raises and leaves the old file.
"""

from __future__ import annotations

import errno
import os
import struct
import sys
from contextlib import contextmanager, suppress
from functools import cache
from pathlib import Path

from lyra_core.errors import IntegrityError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

__all__ = [
    "exclusive_lock",
    "remove_tree",
    "spread_folders",
    "sync_directory",
    "sync_filesystem",
    "try_lock",
    "write_durably",
    "write_new",
]

try:
    import fcntl
except ImportError:  # Windows has no flock; msvcrt locks the first byte there
    fcntl = None  # type: ignore[assignment]


def write_new(path: Path, data: bytes, mode: int = 0o644) -> None:
    """Create the file *path*, which must not exist, with *data*; on the disk when this returns."""
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0), mode)
    try:
        view = memoryview(data)
        while view:
            view = view[os.write(descriptor, view) :]
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def write_durably(path: Path, data: bytes, mode: int | None = None, *, scratch: Path | None = None) -> None:
    """Replace the content of *path* by *data*; on the disk, under its name, when this returns.

    A symbolic link is followed; the mode of an existing file is kept unless *mode* is given. The new file is written
    in the folder *scratch* (of the same file system), else beside the old one; what a process that died left there
    is deleted.
    """
    target = Path(os.path.realpath(path))
    if mode is None:
        try:
            mode = target.stat().st_mode & 0o777
        except FileNotFoundError:
            mode = 0o644
    fresh = (scratch or target.parent) / f".{target.name}.{os.getpid()}.{os.urandom(4).hex()}.new"
    try:
        write_new(fresh, data, mode)
        os.replace(fresh, target)
    except BaseException:
        with suppress(OSError):
            os.unlink(fresh)
        raise
    sync_directory(target.parent)
    if scratch is None:
        _sweep_beside(target)


def _sweep_beside(target: Path) -> None:
    """Delete new files for *target* whose writers are gone."""
    head = f".{target.name}."
    with suppress(OSError):
        for name in os.listdir(target.parent):
            if name.startswith(head) and name.endswith(".new"):
                writer = name[len(head) :].partition(".")[0]
                if writer.isdigit() and not _is_alive(int(writer)):
                    os.unlink(target.parent / name)


def _is_alive(process: int) -> bool:
    if os.name == "nt":
        return True  # os.kill would end it there
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except OSError:
        return True
    return True


def sync_directory(path: Path) -> None:
    """Put the entries of the folder *path* on the disk."""
    if os.name == "nt":
        return  # folders cannot be opened there; NTFS journals renames
    descriptor = os.open(path, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    except OSError as error:
        if error.errno not in (errno.EINVAL, errno.ENOTSUP):  # some network file systems have no fsync of folders
            raise
    finally:
        os.close(descriptor)


def sync_filesystem(path: Path) -> bool:
    """Put everything written below *path*'s file system on the disk with one call; False where there is no such call.

    One `syncfs` costs as much as the fsync of one or two files, and a package has sixty.
    """
    call = _syncfs()
    if call is None:
        return False
    descriptor = os.open(path, os.O_RDONLY)
    try:
        if call(descriptor) != 0:
            import ctypes

            number = ctypes.get_errno()
            raise OSError(number, os.strerror(number), str(path))
    finally:
        os.close(descriptor)
    return True


@cache
def _syncfs() -> Callable[[int], int] | None:
    import ctypes

    try:
        call: Callable[[int], int] = ctypes.CDLL(None, use_errno=True).syncfs
    except (AttributeError, OSError, TypeError):
        return None
    return call


def spread_folders(path: Path) -> None:
    """Tell the file system that each folder made in the folder *path* begins a hierarchy of its own.

    ext4 then puts them into different block groups. In one group, creating a file looks at every inode deleted there
    in the last minutes: installing after a removal of many packages took ten times as long. Elsewhere, and where it
    is not allowed, nothing happens: it is a hint (`chattr +T`).
    """
    if fcntl is None or not sys.platform.startswith("linux"):
        return
    size = struct.calcsize("l")
    get, put = (2 << 30) | (size << 16) | 0x6601, (1 << 30) | (size << 16) | 0x6602  # FS_IOC_GETFLAGS, FS_IOC_SETFLAGS
    with suppress(OSError):
        descriptor = os.open(path, os.O_RDONLY | os.O_DIRECTORY)
        try:
            flags = bytearray(size)
            fcntl.ioctl(descriptor, get, flags)
            (value,) = struct.unpack_from("I", flags)
            fcntl.ioctl(descriptor, put, struct.pack("l", value | 0x20000))  # FS_TOPDIR_FL
        finally:
            os.close(descriptor)


@contextmanager
def exclusive_lock(path: Path) -> Iterator[None]:
    """Hold the lock file *path* (made when missing) against every other process while the block runs."""
    descriptor = _open_lock(path, wait=True)
    assert descriptor is not None
    try:
        yield
    finally:
        os.close(descriptor)


@contextmanager
def try_lock(path: Path) -> Iterator[bool]:
    """As `exclusive_lock`, but the block learns whether the lock was free instead of waiting for it."""
    descriptor = _open_lock(path, wait=False)
    try:
        yield descriptor is not None
    finally:
        if descriptor is not None:
            os.close(descriptor)


def _open_lock(path: Path, *, wait: bool) -> int | None:
    while True:
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT | getattr(os, "O_CLOEXEC", 0), 0o644)
        try:
            if not _lock(descriptor, wait):
                os.close(descriptor)
                return None
            # Who holds a lock may delete its file: then this descriptor locks a file nobody else will find.
            try:
                found = os.stat(path)
            except FileNotFoundError:
                found = None
            mine = os.fstat(descriptor)
            if found is not None and (found.st_ino, found.st_dev) == (mine.st_ino, mine.st_dev):
                return descriptor
        except BaseException:
            with suppress(OSError):
                os.close(descriptor)
            raise
        os.close(descriptor)


def _lock(descriptor: int, wait: bool) -> bool:
    if fcntl is None:
        return _lock_windows(descriptor, wait)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | (0 if wait else fcntl.LOCK_NB))
    except BlockingIOError:
        return False
    return True


def _lock_windows(descriptor: int, wait: bool) -> bool:
    import msvcrt

    try:
        msvcrt.locking(descriptor, msvcrt.LK_LOCK if wait else msvcrt.LK_NBLCK, 1)  # type: ignore[attr-defined]
    except OSError:
        if wait:
            raise
        return False
    return True


def remove_tree(path: Path) -> None:
    """Delete *path* and what is below it, read-only folders included, never following a link out of it.

    Errors: IntegrityError LYR0621 when something cannot be deleted.
    """
    try:
        if path.is_symlink() or not path.is_dir():
            path.unlink(missing_ok=True)
            return
        os.chmod(path, 0o700)
        for root, folders, _ in os.walk(path):
            for name in folders:
                folder = os.path.join(root, name)
                if not os.path.islink(folder):
                    os.chmod(folder, 0o700)
        import shutil

        shutil.rmtree(path)
    except FileNotFoundError:
        return
    except OSError as error:
        raise IntegrityError("LYR0621", f"{path} cannot be deleted: {error.strerror}") from error
