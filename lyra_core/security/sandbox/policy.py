"""What one worker may have: the sandbox's side of a package's grants."""

from __future__ import annotations

import os
import sys
from dataclasses import dataclass, field
from functools import cache

__all__ = ["Limits", "SandboxPolicy", "interpreter_paths", "library_paths"]

_MIB = 1 << 20


@dataclass(frozen=True, slots=True)
class Limits:
    """Resource limits of one worker; sizes in MiB.

    *memory* is what it may write to (private memory), *address_space* what it may map besides: libraries
    reserve far more than they use. *file* is the largest file it may write.
    """

    memory: int = 4096
    address_space: int = 65536
    file: int = 1024
    open_files: int = 256

    def as_rlimits(self) -> dict[str, int]:
        return {
            "core": 0,
            "data": self.memory * _MIB,
            "as": self.address_space * _MIB,
            "fsize": self.file * _MIB,
            "nofile": self.open_files,
            "msgqueue": 0,
            "memlock": 0,
        }


@dataclass(frozen=True, slots=True)
class SandboxPolicy:
    """What a worker may read, write and reach. Paths are absolute; a folder includes what lies below it.

    *folder* is its working directory, *temporary* (writable) its TMPDIR, *environment* the variables it is
    given, *network* the domains that the broker lets it reach (`name` or `name:port`), *execute* what its
    one program may execute (Julia's own libraries; empty for Python).
    """

    read: tuple[str, ...] = ()
    write: tuple[str, ...] = ()
    folder: str = "/"
    temporary: str | None = None
    environment: dict[str, str] = field(default_factory=dict)
    network: tuple[str, ...] = ()
    execute: tuple[str, ...] = ()
    limits: Limits = Limits()

    def variables(self) -> dict[str, str]:
        """Return the whole environment of the worker."""
        home = self.temporary or "/nonexistent"
        made = {"LANG": "C.UTF-8", "LC_ALL": "C.UTF-8", "HOME": home, "PATH": "/usr/bin:/bin", "TZ": ":/etc/localtime"}
        if self.temporary:
            made |= {"TMPDIR": self.temporary, "MPLCONFIGDIR": self.temporary}
        return {**made, **self.environment}

    def config(self, *, files: str) -> dict[str, object]:
        """Return the policy as the plain data that `entry.become_worker` obeys."""
        writable = (*self.write, *((self.temporary,) if self.temporary else ()))
        certificates = ("/etc/ssl/certs", "/etc/ssl/openssl.cnf", "/usr/share/ca-certificates") if self.network else ()
        return {
            "lock": files != "open",
            "files": files,
            "limits": self.limits.as_rlimits(),
            "libraries": [*library_paths(), *certificates],
            "read": list(self.read),
            "write": list(writable),
            "execute": list(self.execute),
            "environment": self.variables(),
            "folder": self.folder,
            "sys_path": list(interpreter_paths()),
            "broker": bool(self.network),
        }


@cache
def interpreter_paths() -> tuple[str, ...]:
    """Return the entries of `sys.path` that belong to the installation, never to a project.

    Editable installs and PYTHONPATH are left out: their folders hold more than libraries.
    """
    roots = tuple({sys.prefix, sys.exec_prefix, sys.base_prefix, sys.base_exec_prefix})
    chosen = []
    for each in sys.path:
        installed = os.path.basename(each) in ("site-packages", "dist-packages")
        of_python = any(each.startswith(os.path.join(root, "lib")) for root in roots)
        if each and (installed or of_python) and each not in chosen:
            chosen.append(each)
    return tuple(chosen)


@cache
def library_paths() -> tuple[str, ...]:
    """Return the folders of the interpreter's and the system's shared libraries and public data."""
    folders = [os.path.join(root, lib) for root in (sys.base_prefix, sys.base_exec_prefix) for lib in ("lib", "lib64")]
    folders += ["/lib", "/lib64", "/usr/lib", "/usr/lib64", "/usr/local/lib", "/usr/share/fonts", "/etc/fonts"]
    return tuple(dict.fromkeys((*interpreter_paths(), *folders)))
