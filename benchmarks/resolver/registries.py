"""The same made-up registry for Lyra, for Cargo (a local registry, offline) and for uv (a simple index on loopback)."""

from __future__ import annotations

import http.server
import json
import threading
from pathlib import Path
from typing import Any

from lyra_core.packages.canonical_json import canonical_json
from lyra_core.packages.requirement import Requirement

HASH = "sha256:" + "0" * 64


def options_of(dependency: list[Any]) -> dict[str, Any]:
    """Return the options of a dependency of a case."""
    return dependency[2] if len(dependency) > 2 else {}


# ---- Lyra


def write_lyra_registry(case: dict[str, Any], root: Path) -> None:
    """Write a folder registry: its configuration and its index files (there is nothing to download)."""
    for name, versions in case["packages"].items():
        path = root / "i" / name[:2] / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"".join(lyra_line(name, version, entry) for version, entry in versions.items()))
    (root / "config.json").write_text('{"format": 1}\n')
    (root / "names").write_text("".join(f"{name}\n" for name in sorted(case["packages"])))


def lyra_line(name: str, version: str, entry: dict[str, Any]) -> bytes:
    """Return one index line."""
    deps = []
    for given in entry["deps"]:
        options = options_of(given)
        dependency: dict[str, Any] = {"name": given[0], "req": given[1]}
        if options.get("features"):
            dependency["features"] = options["features"]
        if options.get("default") is False:
            dependency["default_features"] = False
        if options.get("optional"):
            dependency["optional"] = True
        deps.append(dependency)
    line = {
        "name": name,
        "vers": version,
        "deps": sorted(deps, key=lambda each: each["name"]),
        "features": entry.get("features", {}),
        "tree": HASH,
        "bundle": HASH,
        "size": 1000,
        "api": HASH,
        "permissions": {},
        "signature": None,
        "key": None,
        "published": "2024-01-01T00:00:00Z",
        "yanked": None,
    }
    return canonical_json(line) + b"\n"


def write_lyra_project(deps: list[list[Any]], root: Path) -> None:
    """Write a project that needs *deps*."""
    root.mkdir(parents=True, exist_ok=True)
    lines = ['[package]\nname = "bench-root"\nversion = "0.1.0"\n\n[dependencies]\n']
    lines += [f'{each[0]} = "{each[1]}"\n' for each in deps]
    (root / "Lyra.toml").write_text("".join(lines))


# ---- Cargo


def write_cargo_registry(case: dict[str, Any], root: Path) -> None:
    """Write the index of a local registry; the crates themselves are not opened when only a lock is made."""
    for name, versions in case["packages"].items():
        prefix = {1: "1", 2: "2", 3: f"3/{name[:1]}"}.get(len(name), f"{name[:2]}/{name[2:4]}")
        path = root / "index" / prefix / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("".join(cargo_line(name, version, entry) for version, entry in versions.items()))


def cargo_line(name: str, version: str, entry: dict[str, Any]) -> str:
    """Return one line of a Cargo index."""
    deps = [
        {
            "name": given[0],
            "req": given[1],
            "features": options_of(given).get("features", []),
            "optional": bool(options_of(given).get("optional")),
            "default_features": options_of(given).get("default", True),
            "target": None,
            "kind": "normal",
        }
        for given in entry["deps"]
    ]
    features = entry.get("features", {})
    plain = {key: items for key, items in features.items() if not any(":" in item for item in items)}
    line = {"name": name, "vers": version, "deps": deps, "cksum": "0" * 64, "features": plain, "yanked": False}
    if len(plain) < len(features):
        line["features2"] = {key: items for key, items in features.items() if key not in plain}
        line["v"] = 2
    return json.dumps(line, separators=(",", ":")) + "\n"


def write_cargo_project(deps: list[list[Any]], root: Path, registry: Path) -> None:
    """Write a Cargo project that needs *deps*, with crates.io replaced by *registry*."""
    (root / "src").mkdir(parents=True, exist_ok=True)
    (root / "src" / "lib.rs").write_text("")
    (root / ".cargo").mkdir(exist_ok=True)
    (root / ".cargo" / "config.toml").write_text(
        f'[source.crates-io]\nreplace-with = "bench"\n[source.bench]\nlocal-registry = "{registry}"\n'
    )
    lines = ['[package]\nname = "bench-root"\nversion = "0.1.0"\nedition = "2021"\n[dependencies]\n']
    lines += [f'"{each[0]}" = "{each[1]}"\n' for each in deps]
    (root / "Cargo.toml").write_text("".join(lines))


# ---- uv


def specifier(requirement: str) -> str:
    """Return a requirement on releases as a PEP 440 specifier."""
    low, past = Requirement.parse(requirement).bounds()
    parts = [f">={'.'.join(map(str, low))}"] if low != (0, 0, 0) else []
    if past is not None:
        parts.append(f"<{'.'.join(map(str, past))}")
    return ",".join(parts)


def python_requirement(given: list[Any]) -> str:
    """Return a dependency as a line of requirements.txt."""
    return given[0] + specifier(given[1])


class PythonIndex:
    """A PEP 691 index with PEP 658 metadata on loopback; answers may be cached for ever, as uv then does."""

    def __init__(self, case: dict[str, Any]) -> None:
        packages = case["packages"]

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def log_message(self, *_: object) -> None:
                """Say nothing."""

            def do_GET(self) -> None:
                """Answer with a package's page or a version's metadata."""
                parts = self.path.split("?")[0].strip("/").split("/")
                body = None
                kind = "application/vnd.pypi.simple.v1+json"
                if parts[0] == "simple" and len(parts) == 2 and parts[1] in packages:
                    body = json.dumps(page(parts[1], packages[parts[1]]))
                elif parts[0] == "files" and parts[-1].endswith(".metadata") and parts[2] in packages.get(parts[1], {}):
                    body, kind = metadata(parts[1], parts[2], packages[parts[1]][parts[2]]), "text/plain"
                data = (body or "no").encode()
                self.send_response(200 if body else 404)
                self.send_header("Content-Type", kind)
                self.send_header("Content-Length", str(len(data)))
                self.send_header("Cache-Control", "max-age=864000, immutable")
                self.end_headers()
                self.wfile.write(data)

        self._server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        threading.Thread(target=self._server.serve_forever, daemon=True).start()
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}/simple/"

    def close(self) -> None:
        """Stop answering."""
        self._server.shutdown()
        self._server.server_close()


def page(name: str, versions: dict[str, Any]) -> dict[str, Any]:
    """Return the page of one package."""
    stem = name.replace("-", "_")
    return {
        "meta": {"api-version": "1.0"},
        "name": name,
        "versions": list(versions),
        "files": [
            {
                "filename": f"{stem}-{version}-py3-none-any.whl",
                "url": f"/files/{name}/{version}/{stem}-{version}-py3-none-any.whl",
                "hashes": {},
                "core-metadata": True,
                "requires-python": ">=3.8",
                "size": 100,
                "upload-time": "2024-01-01T00:00:00Z",
            }
            for version in versions
        ],
    }


def metadata(name: str, version: str, entry: dict[str, Any]) -> str:
    """Return the metadata of one version."""
    lines = ["Metadata-Version: 2.1", f"Name: {name}", f"Version: {version}", "Requires-Python: >=3.8"]
    lines += [f"Requires-Dist: {python_requirement(given)}" for given in entry["deps"]]
    return "\n".join(lines) + "\n"
