"""Where the kernel has no Landlock: bubblewrap shows the worker a file system of what it may touch."""

from __future__ import annotations

import os
import shutil
import subprocess
from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from typing import Any

__all__ = ["bubblewrap_works", "wrap"]


@cache
def bubblewrap_works() -> str | None:
    """Return the path of a bubblewrap that can make its namespaces here, None where there is none."""
    found = shutil.which("bwrap")
    if found is None:
        return None
    trial = [found, "--unshare-all", "--ro-bind", "/", "/", "--proc", "/proc", "/bin/true"]
    try:
        done = subprocess.run(trial, capture_output=True, timeout=10, check=False)
    except (OSError, subprocess.TimeoutExpired):
        return None
    return found if done.returncode == 0 else None


def wrap(command: Sequence[str], config: Mapping[str, Any], core: str) -> list[str]:
    """Return *command* under bubblewrap: libraries and *core* (lyra_core's folder) read-only, grants, nothing else."""
    bwrap = bubblewrap_works()
    assert bwrap is not None
    # with processes of its own, so that /proc shows no other; the host's interrupt therefore ends it
    made = [bwrap, "--unshare-all", "--die-with-parent", "--proc", "/proc", "--dev", "/dev"]
    interpreter = os.path.realpath(command[0])
    shown = [*config["libraries"], *config["read"], *config.get("execute", ())]
    shown += [core, command[0], interpreter, "/etc/ld.so.cache", "/etc/localtime", "/usr/share/zoneinfo"]
    for each in dict.fromkeys(shown):
        if os.path.islink(each) and each in ("/lib", "/lib64", "/bin"):
            made += ["--symlink", os.readlink(each), each]
        else:
            made += ["--ro-bind-try", each, each]
    for each in config["write"]:
        made += ["--bind-try", each, each]
    for each in ("/proc", "/dev", "/"):
        made += ["--remount-ro", each]
    made += ["--chdir", config["folder"] if os.path.isdir(config["folder"]) else "/"]
    return [*made, "--", *command]
