"""docs/reference/ says what the manifests say."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def test_the_reference_is_generated_from_the_manifests() -> None:
    """Every page is what `make docs` would write."""
    result = subprocess.run(
        [sys.executable, "tools/build_reference.py", "--check"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert result.returncode == 0, result.stderr
