"""Where the sandbox does not hold, it is said loudly, with what is missing."""

from __future__ import annotations

from pathlib import Path

import pytest

from lyra_core.errors import PermissionRefused
from lyra_core.security.sandbox import (
    Limits,
    SandboxPolicy,
    SandboxStatus,
    launch_worker,
    sandbox_status,
    stop_zygote,
)
from lyra_core.security.sandbox.status import decide_status


def nothing() -> None:
    return None


def found() -> str:
    return "/usr/bin/bwrap"


def never() -> str:
    raise AssertionError("bubblewrap is looked for only where it is needed")


FULL = decide_status("Linux 6.12 x86_64", 6, "x86_64", True, never)
CASES: list[tuple[SandboxStatus, str, str]] = [
    (FULL, "full", ""),
    (decide_status("Linux 6.1 x86_64", 2, "x86_64", True, never), "full", ""),
    (decide_status("Linux 5.15 x86_64", 1, "x86_64", True, found), "bubblewrap", "Landlock ABI 2 (found ABI 1"),
    (decide_status("Linux 5.4 x86_64", 0, "x86_64", True, found), "bubblewrap", "Landlock ABI 2 (found none"),
    (decide_status("Linux 5.4 x86_64", 0, "x86_64", True, nothing), "none", "bubblewrap"),
    (decide_status("Linux 6.12 x86_64", 6, "x86_64", False, never), "none", "seccomp"),
    (decide_status("Linux 6.12 riscv64", 6, None, True, never), "none", "architecture"),
    (decide_status("darwin", 0, None, False, never), "none", "none is claimed on darwin"),
    (decide_status("win32", 0, None, False, never), "none", "none is claimed on win32"),
]


@pytest.mark.parametrize(("status", "level", "missing"), CASES)
def test_level_and_what_is_missing(status: SandboxStatus, level: str, missing: str) -> None:
    assert status.level == level
    assert any(missing in each for each in status.missing) if missing else status.missing == ()
    assert status.is_available == (level != "none")
    text = "\n".join(status.lines())
    assert level in text
    assert status.as_data()["level"] == level
    assert status.remains


@pytest.mark.parametrize("status", [case[0] for case in CASES if case[1] == "none"])
def test_without_a_sandbox_nothing_is_loaded(status: SandboxStatus) -> None:
    with pytest.raises(PermissionRefused) as caught:
        launch_worker(SandboxPolicy(), status=status)
    assert caught.value.code == "LYR0720"
    assert all(f"missing: {each}" in caught.value.notes for each in status.missing)
    assert caught.value.hints[-1] == "lyra sandbox status"


def test_what_older_kernels_leave_to_the_filter_is_told() -> None:
    old = decide_status("Linux 5.19 x86_64", 2, "x86_64", True, never)
    assert len(old.remains) > len(FULL.remains)
    assert any("TCP" in each for each in old.remains)


def test_this_system_is_described() -> None:
    status = sandbox_status()
    assert status.lines()[0].startswith("sandbox")
    assert status.level in ("full", "bubblewrap", "none")


def test_libraries_do_not_include_the_folders_of_projects(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    import sys

    from lyra_core.security.sandbox.policy import interpreter_paths

    monkeypatch.setattr(sys, "path", ["", str(tmp_path), *sys.path])
    interpreter_paths.cache_clear()
    try:
        assert str(tmp_path) not in interpreter_paths()
        assert "" not in interpreter_paths()
        assert any(each.endswith("site-packages") for each in interpreter_paths())
    finally:
        interpreter_paths.cache_clear()


def test_policy_as_data() -> None:
    policy = SandboxPolicy(
        read=("/a",), write=("/b",), temporary="/t", environment={"TOKEN": "x"}, limits=Limits(memory=10)
    )
    config = policy.config(files="landlock")
    assert config["lock"] is True
    assert config["write"] == ["/b", "/t"]
    assert config["broker"] is False
    variables = policy.variables()
    assert variables["TOKEN"] == "x"
    assert variables["TMPDIR"] == variables["HOME"] == "/t"
    assert policy.limits.as_rlimits()["data"] == 10 << 20
    assert SandboxPolicy(network=("example.com",)).config(files="landlock")["broker"] is True


needs_sandbox = pytest.mark.skipif(not sandbox_status().is_available, reason="no sandbox on this system")


@needs_sandbox
def test_a_granted_folder_for_writing_is_made(tmp_path: Path) -> None:
    target = tmp_path / "a" / "output"
    launched = launch_worker(SandboxPolicy(write=(str(target),)))
    launched.finish()
    assert target.is_dir()


@needs_sandbox
def test_a_folder_that_cannot_be_made_is_an_error_of_ours(tmp_path: Path) -> None:
    from lyra_core.errors import PluginError
    from lyra_core.foreign.bridge import ForeignHost
    from lyra_core.foreign.supervisor import Worker

    (tmp_path / "file").write_text("")
    policy = SandboxPolicy(write=(str(tmp_path / "file" / "output"),))
    worker = Worker(lambda: launch_worker(policy), language="Python", host=ForeignHost(), deadline=5.0)
    with pytest.raises(PluginError, match="can be started") as caught:
        worker.call("m", "f", [])
    assert caught.value.code == "LYR0853"


@needs_sandbox
def test_a_lock_that_fails_ends_the_worker() -> None:
    """A folder that cannot be entered is the simplest step to fail; nothing runs after it."""
    from lyra_core.foreign import channel
    from lyra_core.foreign.plain import unpack_plain

    launched = launch_worker(SandboxPolicy(folder="/no/such/folder"))
    end = channel.Channel(launched.main)
    kind, _, payload, _ = end.receive()
    assert kind == channel.REFUSED
    assert "/no/such/folder" in unpack_plain(payload)
    with pytest.raises(channel.Closed):
        end.receive()
    assert launched.finish() >> 8 == 71


@needs_sandbox
def test_a_worker_of_its_own_process_and_one_of_the_zygote_are_alike() -> None:
    from lyra_core.foreign import channel
    from lyra_core.foreign.plain import unpack_plain

    states = []
    for own in (False, True):
        launched = launch_worker(SandboxPolicy(), own_process=own)
        kind, _, payload, _ = channel.Channel(launched.main).receive()
        assert kind == channel.READY
        states.append(unpack_plain(payload))
        launched.finish()
    assert states[0] == states[1]


@needs_sandbox
def test_a_zygote_that_ended_is_started_again() -> None:
    first = launch_worker(SandboxPolicy())
    first.finish()
    stop_zygote()
    second = launch_worker(SandboxPolicy())
    assert second.pid != first.pid
    assert second.finish() == 9
