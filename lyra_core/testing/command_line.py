"""The real command line, run as a process of its own."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

__all__ = ["CommandResult", "run_lyra"]


@dataclass(frozen=True, slots=True)
class CommandResult:
    """What a command line gave: exit code, data (*stdout*) and talk (*stderr*)."""

    code: int
    stdout: str
    stderr: str

    def json(self) -> Any:
        """Return the document that `--json` wrote."""
        return json.loads(self.stdout)


def run_lyra(
    *arguments: str,
    cwd: str | Path | None = None,
    home: str | Path | None = None,
    stdin: str = "",
    environment: Mapping[str, str] | None = None,
    timeout: float = 120.0,
) -> CommandResult:
    """Run `lyra` with *arguments* in the folder *cwd* and wait for it.

    *home* becomes its `$LYRA_HOME`; *environment* is added to the present one. Errors: subprocess.TimeoutExpired.
    """
    variables = {**os.environ, "NO_COLOR": "1", **(environment or {})}
    if home is not None:
        variables["LYRA_HOME"] = str(home)
    done = subprocess.run(
        [sys.executable, "-m", "lyra_core.cli.front", *arguments],
        cwd=cwd,
        env=variables,
        input=stdin,
        capture_output=True,
        text=True,
        encoding="utf-8",
        timeout=timeout,
        check=False,
    )
    return CommandResult(done.returncode, done.stdout, done.stderr)
