"""Files as natives reach them: every path goes through the permission of the power that runs.

Natives with `fs.read` or `fs.write` open files here and nowhere else. Unrestricted code gets what the operating
system gives. A restricted package gets what lies beneath its granted folders, found by walking from a
directory handle one component at a time without following links: no comparison of strings decides.

    ./x      relative to the root project      @pkg/   the package's own files, read only
    @tmp/    a folder of this package, gone when the session ends
"""

from __future__ import annotations

import os
from errno import ELOOP
from stat import S_ISLNK

from lyra_core.errors import PermissionRefused
from lyra_core.evaluation.state import STATE

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import BinaryIO

    from lyra_core.runtime.capabilities import Permission

__all__ = ["check_environment", "check_host", "open_file", "resolve_path"]

_READ, _WRITE = "filesystem.read", "filesystem.write"


def open_file(path: str, mode: str = "rb") -> BinaryIO:
    """Open a file in a binary mode (`rb`, `wb`, `ab`, `xb`) under the permission in force.

    Errors: OSError as `open` gives; PermissionRefused LYR0701 when the path lies outside what is granted.
    """
    permission: Permission | None = STATE.permission
    if permission is None or permission.grants is None:
        return open(path, mode)  # type: ignore[return-value]  # binary modes only
    descriptor = _open_beneath(permission, path, mode)
    return os.fdopen(descriptor, mode)  # type: ignore[return-value]  # as above


def resolve_path(path: str, *, write: bool = False) -> str:
    """Return *path* for calls that take names (list, delete, rename) once its folder is known to be granted.

    The answer goes through the handle of the granted folder, so no link inside it can lead out; a path that is
    a link itself is refused too.
    Errors: PermissionRefused LYR0701; OSError for links and folders that are not there.
    """
    permission: Permission | None = STATE.permission
    if permission is None or permission.grants is None:
        return path
    base, parts = _granted(permission, path, _WRITE if write else _READ)
    handle = os.open(base, os.O_PATH | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        for part in parts[:-1]:
            inner = os.open(part, os.O_PATH | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC, dir_fd=handle)
            os.close(handle)
            handle = inner
        folder = os.readlink(f"/proc/self/fd/{handle}")
        if parts and _is_link(handle, parts[-1]):
            raise OSError(ELOOP, os.strerror(ELOOP), path)
    finally:
        os.close(handle)
    return os.path.join(folder, parts[-1]) if parts else folder


def _is_link(handle: int, name: str) -> bool:
    try:
        return S_ISLNK(os.stat(name, dir_fd=handle, follow_symlinks=False).st_mode)
    except OSError:
        return False


def _open_beneath(permission: Permission, path: str, mode: str) -> int:
    writes = mode != "rb"
    base, parts = _granted(permission, path, _WRITE if writes else _READ)
    flags = {
        "rb": os.O_RDONLY,
        "wb": os.O_WRONLY | os.O_CREAT | os.O_TRUNC,
        "ab": os.O_WRONLY | os.O_CREAT | os.O_APPEND,
        "xb": os.O_WRONLY | os.O_CREAT | os.O_EXCL,
    }[mode] | os.O_CLOEXEC
    if not parts:  # the grant names the file itself
        return os.open(base, flags | os.O_NOFOLLOW, 0o644)
    handle = os.open(base, os.O_PATH | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        for part in parts[:-1]:
            inner = os.open(part, os.O_PATH | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC, dir_fd=handle)
            os.close(handle)
            handle = inner
        return os.open(parts[-1], flags | os.O_NOFOLLOW, 0o644, dir_fd=handle)
    finally:
        os.close(handle)


def _granted(permission: Permission, path: str, key: str) -> tuple[str, list[str]]:
    """Return the granted folder (or file) that *path* lies beneath, and the components below it."""
    wanted = _absolute(permission, path)
    candidates = [_absolute(permission, each) for each in permission.values(key)]
    # a package's own files are its own by any spelling; the root project's are all there is, so by `@pkg/` only
    if key == _READ and permission.package and (permission.key or path.startswith("@pkg/")):
        candidates.append(os.path.normpath(permission.package))
    if permission.scratch:
        candidates.append(os.path.normpath(permission.scratch))
    for base in candidates:
        if wanted == base:
            return base, []
        if wanted.startswith(base.rstrip("/") + "/"):
            return base, wanted[len(base.rstrip("/")) + 1 :].split("/")
    what = "read" if key == _READ else "write"
    raise PermissionRefused(
        "LYR0701",
        f"{permission.key or 'this project'} may not {what} {path}",
        notes=(f"granted: {', '.join(permission.values(key)) or 'nothing'}",),
        hints=_what_to_do(permission),
    )


def _what_to_do(permission: Permission) -> tuple[str, ...]:
    """Return the hints of a refusal. A grant alone would not help: beyond what is declared it has no effect."""
    if not permission.key:
        return ("ask for it in [permissions] of Lyra.toml, or hand over what was read before",)
    return (
        "a package may do what its own [permissions] ask for; hand it a function of yours for anything else",
        f"lyra pkg permissions {permission.key.partition('@')[0]}",
    )


def _absolute(permission: Permission, path: str) -> str:
    if path.startswith("@pkg/"):
        return os.path.normpath(os.path.join(permission.package, path[5:]))
    if path.startswith("@tmp/") and permission.scratch:
        return os.path.normpath(os.path.join(permission.scratch, path[5:]))
    return os.path.normpath(os.path.join(permission.root or os.getcwd(), os.path.expanduser(path)))


def check_host(host: str) -> None:
    """Refuse a host that the permission in force does not name. Errors: PermissionRefused LYR0702."""
    permission: Permission | None = STATE.permission
    if permission is None or permission.grants is None:
        return
    for granted in permission.values("network"):
        name = granted.partition(":")[0]
        if name == "*" or name == host or (name.startswith("*.") and host.partition(".")[2] == name[2:]):
            return
    raise PermissionRefused(
        "LYR0702",
        f"{permission.key or 'this project'} may not reach {host}",
        notes=(f"granted: {', '.join(permission.values('network')) or 'nothing'}",),
        hints=_what_to_do(permission),
    )


def check_environment(name: str) -> bool:
    """Return whether the environment variable *name* may be read."""
    permission: Permission | None = STATE.permission
    if permission is None or permission.grants is None:
        return True
    granted = permission.values("env")
    return name in granted or "*" in granted
