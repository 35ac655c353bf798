"""Wheels: a Lyra package as pip installs it, with the same content and the entry point that Lyra finds it by."""

from __future__ import annotations

import base64
import hashlib
import io
import os
import re
import tomllib
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from lyra_core import __version__
from lyra_core.errors import IntegrityError, ManifestError
from lyra_core.packages.durable import write_durably
from lyra_core.packages.manifest import MANIFEST_NAME
from lyra_core.plugins.build_manifest import manifest_text
from lyra_core.plugins.lyra_sources import package_entry

if TYPE_CHECKING:
    from lyra_core.packages.bundle import PackageBundle
    from lyra_core.packages.project import Project
    from lyra_core.versions import Version

__all__ = ["build_plugin_wheel", "plugin_folder", "wheel_of"]

_DATE = (1980, 1, 1, 0, 0, 0)


def _unreadable(error: OSError) -> None:
    """Make `os.walk` report a folder that it would leave out."""
    raise IntegrityError("LYR0606", f"{error.filename} cannot be read: {error.strerror}") from error


def wheel_of(project: Project, bundle: PackageBundle) -> tuple[str, bytes]:
    """Return name and bytes of the wheel with the content of *bundle*; the same bundle gives the same bytes."""
    package = project.manifest.package
    assert package is not None  # it was built
    module = package.name.replace("-", "_")
    version = python_version(package.version)
    namespace, entry = package_entry(project.root)
    description = f"{module}/lyra-module.json"
    files: dict[str, bytes] = {
        f"{module}/__init__.py": f'"""{_one_line(package.description or package.name)}"""\n'.encode(),
        description: manifest_text({"schema": 1, "modules": {namespace: entry}}).encode(),
    }
    for path in bundle.tree_paths:
        if path == MANIFEST_NAME or path.startswith("src/") or path in package.include:
            files[f"{module}/{path}"] = bundle.read(path)
    readme = next((bundle.read(path) for path in bundle.tree_paths if path.lower().startswith("readme")), b"")
    metadata = [
        "Metadata-Version: 2.3",
        f"Name: {package.name}",
        f"Version: {version}",
        f"Summary: {_one_line(package.description)}" if package.description else "",
        *(f"Author-email: {each}" if "<" in each else f"Author: {each}" for each in package.authors),
        f"License-Expression: {package.license}" if package.license else "",
        f"Keywords: {','.join(package.keywords)}" if package.keywords else "",
        f"Project-URL: Repository, {package.repository}" if package.repository else "",
        f"Project-URL: Homepage, {package.homepage}" if package.homepage else "",
        "Requires-Python: >=3.11",
        f"Requires-Dist: lyra-core>={__version__}",
        *_python_dependencies(project),
        "Description-Content-Type: text/markdown",
    ]
    text = "\n".join(line for line in metadata if line) + "\n\n" + readme.decode("utf-8", "replace")
    points = f"[lyra.manifest]\n{package.name} = {module}\n"
    return _wheel(module, version, files, text, points)


def _python_dependencies(project: Project) -> list[str]:
    """Return the dependencies as pip knows them: a Lyra package's wheel has the package's name."""
    found = []
    for spec in project.manifest.dependencies.values():
        if spec.package == "std" or spec.optional or spec.requirement is None:
            continue
        least, below = spec.requirement.bounds()
        bounds = ">=" + ".".join(map(str, least)) + (",<" + ".".join(map(str, below)) if below is not None else "")
        found.append(f"Requires-Dist: {spec.package}{bounds}")
    return found


def python_version(version: Version) -> str:
    """Return the PEP 440 spelling of a SemVer version: 1.0.0-rc.1 is 1.0.0rc1."""
    base = ".".join(map(str, version.triple))
    if version.pre:
        found = re.fullmatch(r"(alpha|beta|rc)\.?(\d*)", version.pre)
        if found is None:
            raise ManifestError(
                "LYR0428",
                f"the pre-release `{version.pre}` has no counterpart among Python's versions",
                notes=("a wheel needs alpha.N, beta.N or rc.N",),
                hints=(f"lyra pkg version {base}-rc.1",),
            )
        base += {"alpha": "a", "beta": "b", "rc": "rc"}[found[1]] + (found[2] or "0")
    return base + (f"+{version.build.replace('-', '.')}" if version.build else "")


def _one_line(text: str) -> str:
    return " ".join(text.replace('"', "'").replace("\\", "/").split())


def _wheel(module: str, version: str, files: Mapping[str, bytes], metadata: str, points: str) -> tuple[str, bytes]:
    info = f"{module}-{version}.dist-info"
    contents = dict(sorted(files.items()))
    contents[f"{info}/METADATA"] = metadata.encode()
    contents[f"{info}/WHEEL"] = b"Wheel-Version: 1.0\nGenerator: lyra\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
    contents[f"{info}/entry_points.txt"] = points.encode()
    record = "".join(f"{path},sha256={_digest(data)},{len(data)}\n" for path, data in contents.items())
    contents[f"{info}/RECORD"] = f"{record}{info}/RECORD,,\n".encode()
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for path, data in contents.items():
            entry = zipfile.ZipInfo(path, _DATE)
            entry.external_attr = 0o644 << 16
            entry.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(entry, data)
    return f"{module}-{version}-py3-none-any.whl", buffer.getvalue()


def _digest(data: bytes) -> str:
    return base64.urlsafe_b64encode(hashlib.sha256(data).digest()).rstrip(b"=").decode()


# Plugins written in Python


def plugin_folder(start: str | Path) -> Path | None:
    """Return the folder of the `pyproject.toml` of a Lyra plugin at *start*, None where a Lyra package stands."""
    folder = Path(start)
    file = folder / "pyproject.toml"
    if (folder / MANIFEST_NAME).exists() or not file.is_file():
        return None
    try:
        data = tomllib.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:  # TOMLDecodeError and UnicodeDecodeError are ValueErrors
        raise ManifestError(
            "LYR0401", f"{file} cannot be read: {error}", hints=("lyra pkg init --python NAME",)
        ) from error
    return folder if "lyra.manifest" in data.get("project", {}).get("entry-points", {}) else None


def build_plugin_wheel(folder: Path, output: str = "", *, dry_run: bool = False) -> tuple[Path, int]:
    """Write the wheel of the plugin in *folder*, its manifest made anew from its code; returns file and size.

    Errors: those of `build_manifest`; ManifestError LYR0404 for a pyproject without name and version.
    """
    from lyra_core.plugins.build_manifest import build_manifest

    data = tomllib.loads((folder / "pyproject.toml").read_text(encoding="utf-8"))
    project: dict[str, Any] = data["project"]
    if not project.get("name") or not project.get("version"):
        raise ManifestError("LYR0404", "pyproject.toml has no static name and version", hints=("pip wheel .",))
    files: dict[str, bytes] = {}
    for module in sorted(set(project["entry-points"]["lyra.manifest"].values())):
        root = folder / module
        manifest = manifest_text(build_manifest(root))
        for current, folders, names in os.walk(root, onerror=_unreadable):
            folders[:] = sorted(each for each in folders if each != "__pycache__" and not each.startswith("."))
            for name in sorted(names):
                if not name.endswith((".pyc", "~")):
                    file = Path(current, name)
                    files[file.relative_to(folder).as_posix()] = file.read_bytes()
        files[f"{module}/lyra-module.json"] = manifest.encode()
        if not dry_run:
            write_durably(root / "lyra-module.json", manifest.encode(), 0o644)
    points = "\n".join(
        f"[{group}]\n" + "".join(f"{name} = {target}\n" for name, target in sorted(entries.items()))
        for group, entries in sorted(project["entry-points"].items())
    )
    readme = folder / str(project.get("readme") or "README.md")
    metadata = [
        "Metadata-Version: 2.3",
        f"Name: {project['name']}",
        f"Version: {project['version']}",
        f"Summary: {_one_line(str(project.get('description', '')))}" if project.get("description") else "",
        f"Requires-Python: {project.get('requires-python', '>=3.11')}",
        *(f"Requires-Dist: {each}" for each in project.get("dependencies", ())),
        "Description-Content-Type: text/markdown",
    ]
    text = "\n".join(line for line in metadata if line) + "\n\n"
    text += readme.read_text(encoding="utf-8") if readme.is_file() else ""
    name = re.sub(r"[-_.]+", "_", str(project["name"])).lower()
    file_name, content = _wheel(name, str(project["version"]), files, text, points)
    target = Path(output) if output else folder / "dist"
    if not dry_run:
        try:
            target.mkdir(parents=True, exist_ok=True)
            write_durably(target / file_name, content, 0o644)
        except OSError as error:
            raise IntegrityError("LYR0606", f"{target / file_name} cannot be written: {error.strerror}") from error
    return target / file_name, len(content)
