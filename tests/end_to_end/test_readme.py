"""The first lines of the README tell what `make run` prints."""

from __future__ import annotations

import re
from pathlib import Path

from lyra_core.testing.command_line import run_lyra

ROOT = Path(__file__).parents[2]


def shown() -> str:
    """Return the block that stands below "`make run` prints"."""
    block = re.search(
        r"`make run` prints\n\n```\n(.*?)```", (ROOT / "README.md").read_text(encoding="utf-8"), re.DOTALL
    )
    assert block is not None
    return block.group(1)


def columns(listing: str) -> list[list[str]]:
    """Return the rows of `lyra modules list` without the state and the time of the first use."""
    return [re.split(r" {2,}", line)[:4] for line in listing.splitlines()]


def test_the_tour_prints_what_the_readme_shows(tmp_path: Path) -> None:
    tour = run_lyra("run", str(ROOT / "examples" / "tour.lyra"), cwd=ROOT, home=tmp_path)
    assert (tour.code, tour.stderr) == (0, "")
    assert shown().startswith(tour.stdout)
    listing = run_lyra("modules", "list", cwd=ROOT, home=tmp_path)
    assert (listing.code, listing.stderr) == (0, "")
    assert columns(shown()[len(tour.stdout) :]) == columns(listing.stdout)
