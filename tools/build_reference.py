"""Writes docs/reference/: one page a namespace, from the manifests of the core and of the plugins in this repository.

    python tools/build_reference.py [--check]

With `--check` nothing is written, and the exit code is 1 when a page would change.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
TARGET = ROOT / "docs" / "reference"


def manifests() -> list[Path]:
    """Return the manifests of everything that ships from this repository."""
    return [ROOT / "lyra_core/std_core/lyra-module.json", *sorted(ROOT.glob("plugins/*/lyra_*/lyra-module.json"))]


def entry(name: str, export: dict[str, Any]) -> str:
    """Return the section of one export."""
    lines = [f"## {name}", ""]
    if export.get("signature"):
        lines += [f"    {export['signature']}", ""]
    facts = []
    if export.get("kind", "function") != "function":
        facts.append(export["kind"])
    if export.get("attributes"):
        facts.append("attributes: " + ", ".join(export["attributes"]))
    if export.get("options"):
        facts.append("options: " + ", ".join(f"{key} -> {value}" for key, value in sorted(export["options"].items())))
    if export.get("capabilities"):
        facts.append("needs: " + ", ".join(export["capabilities"]))
    if facts:
        lines += ["; ".join(facts) + ".", ""]
    example = False
    for line in export.get("documentation", "").split("\n"):
        text = line.strip()
        if text.startswith(">>> "):
            example = True
            lines += ["", f"    {text}"]
        elif example and text:
            lines.append(f"    {text}")
        else:
            example = False
            lines.append(text)
    return "\n".join(lines).rstrip() + "\n"


def page(namespace: str, module: dict[str, Any]) -> str:
    """Return the page of one namespace."""
    exports = module["exports"]
    own = {name: each for name, each in sorted(exports.items()) if not each.get("alias-of")}
    shared = sorted(each["alias-of"] for each in exports.values() if each.get("alias-of"))
    head = [f"# {namespace}", "", module.get("description", "").strip().capitalize() + ".", ""]
    if shared:
        head += ["Offered here too: " + ", ".join(f"`{name}`" for name in shared) + ".", ""]
    return "\n".join(head) + "\n" + "\n".join(entry(name, each) for name, each in own.items())


def pages() -> dict[str, str]:
    """Return file name → text of every page, the index among them."""
    out: dict[str, str] = {}
    rows = []
    for path in manifests():
        for namespace, module in json.loads(path.read_text(encoding="utf-8")).get("modules", {}).items():
            name = namespace.replace("::", "-") + ".md"
            out[name] = page(namespace, module)
            count = sum(1 for each in module["exports"].values() if not each.get("alias-of"))
            rows.append(f"| [{namespace}]({name}) | {count} | {module.get('description', '')} |")
    out["README.md"] = "\n".join(
        [
            "# Reference",
            "",
            "Generated from the manifests by `make docs`; `?NAME` shows the same.",
            "",
            "| namespace | exports | what it holds |",
            "|---|---|---|",
            *sorted(rows),
            "",
            "The package commands: [pkg.md](pkg.md).",
            "",
        ]
    )
    return out


def main() -> int:
    """Write the pages, or compare them."""
    check = "--check" in sys.argv[1:]
    stale = []
    TARGET.mkdir(parents=True, exist_ok=True)
    for name, text in pages().items():
        path = TARGET / name
        if path.is_file() and path.read_text(encoding="utf-8") == text:
            continue
        stale.append(name)
        if not check:
            path.write_text(text, encoding="utf-8")
    if check and stale:
        print(f"out of date: {', '.join(stale)}; `make docs` writes them", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
