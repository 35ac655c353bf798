"""The session of a program: linked by the project it stands in, or by the default environment outside of one."""

from __future__ import annotations

from os import environ, getcwd, path

TYPE_CHECKING = False
if TYPE_CHECKING:
    from lyra_core.runtime.session import Session

__all__ = ["linked_session", "project_root"]

_MANIFEST = "Lyra.toml"


def project_root(file: str = "") -> str:
    """Return the folder of the nearest manifest above *file* (without one: the working folder).

    Outside of projects that is the default environment, where something was installed into it; else empty.
    A manifest in a folder above that belongs to another user is not taken. A working folder that was deleted is in
    no project.
    """
    try:
        here = path.dirname(path.abspath(file)) if file else getcwd()
    except FileNotFoundError:
        here = ""
    start = here
    while here:
        manifest = path.join(here, _MANIFEST)
        if path.exists(manifest) and (here == start or _is_own(manifest)):
            return here
        above = path.dirname(here)
        if above == here:
            break
        here = above
    home = environ.get("LYRA_HOME") or path.join(path.expanduser("~"), ".lyra")
    default = path.join(home, "env", "default")
    return default if path.exists(path.join(default, "lyra.lock")) else ""


def _is_own(manifest: str) -> bool:
    import os

    if not hasattr(os, "geteuid") or os.geteuid() == 0:
        return True
    return os.stat(manifest).st_uid in (os.geteuid(), 0)


def linked_session(file: str = "", *, plugins: bool = True, repl: bool = False) -> Session:
    """Return a session for the program *file*, or for what is typed in the working folder.

    Errors: those of the project's manifest and lock, LYR0461 and LYR0622 when something is not installed; LYR0705 when
    a policy refuses what the lock grants.
    """
    from lyra_core.runtime.session import Session

    root = project_root(file)
    if not root:
        return Session(plugins=plugins, repl=repl)
    from lyra_core.operations.running import plan_of_folder

    plan = plan_of_folder(root)
    session = Session(plugins=plugins, repl=repl, plan=plan, root=root)
    if len(plan.instances) > 1:
        from lyra_core.operations.policies import ask_before_run

        ask_before_run(root, plan, session.index if plugins else None)
    return session
