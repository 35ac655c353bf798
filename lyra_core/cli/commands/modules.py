"""`lyra modules list | info | doctor | enable | disable | manifest`."""

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    import typer

    from lyra_core.modules.namespace_index import NamespaceIndex, Provider
    from lyra_core.plugins.status import ModuleStatus

__all__ = ["add_to", "disable", "doctor", "enable", "info", "list_modules"]


def list_modules(*, plugins: bool = True, json: bool = False) -> int:
    """Write every known module with its state; imports no plugin. Returns the exit code."""
    from lyra_core.cli.output import say, table, write, write_json
    from lyra_core.plugins.discovery import load_index
    from lyra_core.plugins.status import module_statuses

    index = load_index(plugins=plugins)
    index.refresh()
    rows = [*module_statuses(index), *_package_rows()]
    if json:
        write_json("lyra.modules.list/1", {"modules": [row.to_json() for row in rows]})
        return 0
    head = ("namespace", "version", "from", "functions", "state", "first use")
    write(table(head, [_cells(row) for row in rows], right=(3,)))
    if not plugins:
        say("std::core alone: plugins are switched off by --no-plugins")
    elif all(row.origin == "core" for row in rows):
        say("std::core alone: no plugin is installed")
    return 0


def _package_rows() -> "list[ModuleStatus]":
    """Return a row for the project of the working folder and each package its lock names; none outside of projects."""
    from lyra_core.cli.commands.linked import project_root

    root = project_root()
    if not root:
        return []
    from lyra_core.errors import LyraError
    from lyra_core.operations.running import plan_of_folder
    from lyra_core.plugins.status import ModuleStatus

    try:
        plan = plan_of_folder(root)
    except LyraError as error:  # the list is about what is installed, whatever state the project is in
        return [ModuleStatus("user", "", "project", None, "not installed", None, error.code, error.message)]
    rows = []
    for each in plan.instances.values():
        origin = "project" if not each.key else "store" if "store" in each.path.split("/") else f"folder {each.path}"
        rows.append(ModuleStatus(each.namespace, each.version, origin, len(each.exports), "ready"))
    return sorted(rows, key=lambda row: (row.origin != "project", row.namespace, row.version))


def _cells(row: "ModuleStatus") -> tuple[str, ...]:
    first_use = "—" if row.first_use is None else f"{row.first_use:.1f} ms"
    return (
        row.namespace or "—",
        row.version,
        row.origin,
        "—" if row.functions is None else str(row.functions),
        row.state,
        row.reason or first_use,
    )


def info(name: str, *, plugins: bool = True, json: bool = False) -> int:
    """Write what is known of the module *name*, or of one of its exports; returns the exit code.

    Errors: LYR0234 or LYR0235 with the nearest names.
    """
    from lyra_core.modules.introspection import describe_export, installed_module_info, with_distribution_facts
    from lyra_core.modules.names import published_namespace, split_qualified
    from lyra_core.plugins.discovery import load_index
    from lyra_core.plugins.status import module_statuses

    index = load_index(plugins=plugins)
    name = published_namespace(name)
    module = installed_module_info(index, name)
    if module is not None:
        provider = index.provider_of(name)
        assert provider is not None  # the information came from there
        state = next(row for row in module_statuses(index) if row.namespace == name and row.provider is provider)
        facts = {**with_distribution_facts(module, provider), "state": state.state, "reason": state.reason}
        return _write_module(facts, json)
    package = _package_facts(name) or _project_module_facts(name, plugins)
    if package is not None:
        return _write_module(package, json)
    namespace, last = split_qualified(name)
    table = index.find_module(namespace) if namespace else _home_of(index, name)
    if table is None:
        raise _unknown(index, name)
    export = table.get(last)
    if export is None:
        from lyra_core.errors import NameResolutionError
        from lyra_core.suggest import did_you_mean

        raise NameResolutionError(
            "LYR0235",
            f"unknown function {table.namespace}::{last}",
            hints=(*did_you_mean(last, table.names()), f"lyra modules info {table.namespace}"),
        )
    return _write_export(describe_export(f"{table.namespace}::{last}", export), json)


def _package_facts(name: str) -> "dict[str, Any] | None":
    """Return the facts of a package of the project in the working folder, by namespace or name; None for any other."""
    from lyra_core.cli.commands.linked import project_root
    from lyra_core.operations.running import plan_of_folder

    root = project_root()
    plan = plan_of_folder(root) if root else None
    for each in plan.instances.values() if plan is not None else ():
        if each.key and name in (each.namespace, each.name):
            break
    else:
        return None
    return {
        "name": each.namespace,
        "version": each.version,
        "description": "",
        "provider": f"the package {each.name} in {each.path}",
        "state": "ready",
        "reason": "",
        "license": "",
        "authors": [],
        "dependencies": sorted(each.dependencies),
        "permissions": [
            f"{key} {', '.join(filter(None, values))}".strip() for key, values in sorted(each.grants.items())
        ],
        "submodules": [],
        "foreign": [_foreign_line(path, facts) for path, facts in sorted(each.foreign.items())],
        "functions": sorted(each.exports),
    }


def _project_module_facts(name: str, plugins: bool) -> "dict[str, Any] | None":
    """Return the facts of what `user` or `user::…` means in the project of the working folder; None for any other.

    No code of the project runs, so of a foreign module only the functions that the manifest exports are known.
    """
    from lyra_core.cli.commands.linked import project_root
    from lyra_core.operations.running import plan_of_folder

    root = project_root() if name == "user" or name.startswith("user::") else ""
    if not root:
        return None
    from lyra_core.modules.resolver import Scope
    from lyra_core.runtime.session import Session

    plan = plan_of_folder(root)
    project = plan.root
    assert project is not None  # the plan is of a project
    path = name.removeprefix("user").removeprefix("::")
    provider, functions = f"the project in {project.path}", list(project.exports)
    if path:
        session = Session(plugins=plugins, plan=plan, root=root)
        try:
            module = session.resolver.find_module(name, Scope("user"))
            if module is None:
                return None
            functions = list(module.names())
        finally:
            session.close()
        foreign = project.foreign.get(path)
        if foreign is not None:
            provider += f", {_foreign_line(foreign[0], foreign)}; what [exports] names of it"
    return {
        "name": name,
        "version": project.version,
        "description": "",
        "provider": provider,
        "state": "ready",
        "reason": "",
        "license": "",
        "authors": [],
        "dependencies": [] if path else sorted(project.dependencies),
        "permissions": [],
        "submodules": [],
        "foreign": [] if path else [_foreign_line(each, facts) for each, facts in sorted(project.foreign.items())],
        "functions": sorted(functions),
    }


def _foreign_line(path: str, facts: "tuple[str, ...]") -> str:
    needs = f", needs {', '.join(facts[2:])}" if facts[2:] else ""
    return f"{path} ({facts[1].removesuffix('-bridge')}{needs})"


def _home_of(index: "NamespaceIndex", name: str) -> "Any":
    from lyra_core.modules.prelude import prelude_home

    home = prelude_home(name)
    return None if home is None else index.find_module(home)


def _write_module(facts: "dict[str, Any]", json: bool) -> int:
    from lyra_core.cli.output import write, write_json

    if json:
        write_json("lyra.modules.info/1", {"module": facts})
        return 0
    lines = [f"{facts['name']} {facts['version']}"]
    if facts["description"]:
        lines.append(facts["description"])
    for label, key in (("from", "provider"), ("state", "state"), ("why", "reason"), ("license", "license")):
        if facts[key]:
            lines.append(f"{label + ':':13} {facts[key]}")
    for key in ("authors", "dependencies", "permissions", "foreign", "submodules"):
        if facts.get(key):
            lines.append(f"{key + ':':13} {', '.join(facts[key])}")
    lines.append(f"{'functions:':13} {len(facts['functions'])}")
    lines += _columns(facts["functions"])
    write("\n".join(lines))
    return 0


def _columns(names: list[str], width: int = 100) -> list[str]:
    if not names:
        return []
    cell = max(len(name) for name in names) + 2
    per_line = max(1, (width - 2) // cell)
    return [
        "  " + "".join(name.ljust(cell) for name in names[at : at + per_line]).rstrip()
        for at in range(0, len(names), per_line)
    ]


def _write_export(facts: "dict[str, Any]", json: bool) -> int:
    from lyra_core.cli.output import write, write_json

    if json:
        write_json("lyra.modules.export/1", {"export": facts})
        return 0
    lines = [facts["signature"] or facts["name"], f"{'name:':13} {facts['name']} ({facts['kind']})"]
    if facts["home"] != facts["name"]:
        lines.append(f"{'home:':13} {facts['home']}")
    for key in ("attributes", "capabilities"):
        if facts[key]:
            lines.append(f"{key + ':':13} {', '.join(facts[key])}")
    for key in ("since", "deprecated"):
        if facts[key]:
            lines.append(f"{key + ':':13} {facts[key]}")
    if facts["documentation"]:
        lines += ["", facts["documentation"]]
    write("\n".join(lines))
    return 0


def doctor(name: str = "", *, json: bool = False) -> int:
    """Import the plugin that *name* means, check every promise of its manifest, and write what was found.

    Without a name every plugin is examined. Returns 0 when the module is usable, 1 when it is not. Errors: LYR0234 for
    a name nobody answers to.
    """
    from lyra_core.cli.output import write, write_json
    from lyra_core.plugins.discovery import load_index
    from lyra_core.plugins.examination import examine

    index = load_index()
    index.refresh()
    if not name:
        findings = [examine(index, each) for each in index.providers if not each.is_builtin]
        if json:
            write_json("lyra.modules.doctor/1", {"modules": [each.to_json() for each in findings]})
        else:
            write("\n".join(str(each) for each in findings) or "no plugin is installed")
        return 0 if all(each.healthy for each in findings) else 1
    provider = _provider(index, name)
    if provider is None:
        finding = _not_installed(index, name)
    else:
        finding = examine(index, provider)
    if json:
        write_json("lyra.modules.doctor/1", finding.to_json())
    else:
        write(str(finding))
    return 0 if finding.healthy else 1


def _not_installed(index: "NamespaceIndex", name: str) -> "Any":
    """A namespace of std whose distribution is not installed is a finding; any other name is a mistake."""
    from lyra_core.plugins.examination import Finding
    from lyra_core.plugins.standard import owner_of

    owner = owner_of(name) if name.startswith("std::") else ""
    if not owner:
        raise _unknown(index, name)
    return Finding(name, False, [f"{name} is provided by {owner}, which is not installed"], f"pip install {owner}")


def disable(name: str, *, json: bool = False) -> int:
    """Let the plugin that *name* means be used no more; returns the exit code.

    Errors: LYR0234 for a name nobody answers to, LYR0934 for the core.
    """
    from lyra_core.plugins.quarantine import disabled_names, write_disabled

    _, provider = _known_provider(name)
    if provider.is_builtin:
        from lyra_core.errors import RuntimeFault

        raise RuntimeFault("LYR0934", "std::core is the language itself and cannot be disabled")
    write_disabled({*disabled_names(), provider.distribution})
    return _write_switched(provider, "disabled", f"lyra modules enable {name}", json)


def enable(name: str, *, json: bool = False) -> int:
    """Let a disabled plugin be used again; returns the exit code. Errors: LYR0234 for an unknown name."""
    from lyra_core.plugins.quarantine import disabled_names, forget, write_disabled

    _, provider = _known_provider(name)
    write_disabled(each for each in disabled_names() if not provider.answers_to(each))
    forget(provider)
    return _write_switched(provider, "enabled", f"lyra modules doctor {name}", json)


def _write_switched(provider: "Provider", state: str, following: str, json: bool) -> int:
    from lyra_core.cli.output import say, write_json

    namespaces = [namespace for namespace, _ in provider.namespaces]
    if json:
        write_json(
            "lyra.modules.switch/1",
            {"distribution": provider.distribution, "namespaces": namespaces, "state": state},
        )
    else:
        say(f"{', '.join(namespaces) or provider.distribution} ({provider.origin}) is {state}")
        say(f"next: {following}")
    return 0


def _known_provider(name: str) -> "tuple[NamespaceIndex, Provider]":
    from lyra_core.plugins.discovery import load_index

    index = load_index()
    index.restrict(None)
    index.refresh()
    provider = _provider(index, name)
    if provider is None:
        raise _unknown(index, name)
    return index, provider


def _provider(index: "NamespaceIndex", name: str) -> "Provider | None":
    """Return whom *name* means; of several that claim a namespace the usable one."""
    from lyra_core.modules.names import published_namespace

    name = published_namespace(name)
    answering = [each for each in index.providers if each.answers_to(name)]
    answering.sort(key=lambda each: each.state != "available")
    return answering[0] if answering else None


def _unknown(index: "NamespaceIndex", name: str) -> Exception:
    from lyra_core.errors import NameResolutionError
    from lyra_core.suggest import did_you_mean

    known = {namespace for provider in index.providers for namespace, _ in provider.namespaces}
    if "::" not in name:
        known |= {provider.distribution for provider in index.providers}
    return NameResolutionError(
        "LYR0234", f"unknown module {name}", hints=(*did_you_mean(name, known), "lyra modules list")
    )


def add_to(app: "typer.Typer") -> None:
    """Add `modules` and its sub-commands to the application."""
    import typer

    from lyra_core.cli.options import JsonOption, NoPluginsOption, settings_of

    modules = typer.Typer(help="What modules exist, what they offer, and what is wrong with one.", no_args_is_help=True)
    app.add_typer(modules, name="modules")
    folders_argument = typer.Argument(..., metavar="FOLDER…", help="Python packages that hold a plugin.py")
    name_argument = typer.Argument(..., metavar="NAME", help="a namespace (std::math) or a distribution")

    @modules.command("list")
    def list_command(context: typer.Context, json: bool = JsonOption, no_plugins: bool = NoPluginsOption) -> int:
        """List every known module with its provider and state, without importing any."""
        return list_modules(plugins=settings_of(context, no_plugins, None).plugins, json=json)

    @modules.command("info")
    def info_command(
        context: typer.Context,
        name: str = typer.Argument(..., metavar="NAME", help="a namespace (std::math) or a function (std::math::Sin)"),
        json: bool = JsonOption,
        no_plugins: bool = NoPluginsOption,
    ) -> int:
        """Show what a module offers, or the signature and documentation of one function."""
        return info(name, plugins=settings_of(context, no_plugins, None).plugins, json=json)

    @modules.command("doctor")
    def doctor_command(
        name: str = typer.Argument("", metavar="[NAME]", help="a namespace or a distribution; default: all"),
        json: bool = JsonOption,
    ) -> int:
        """Import a module's plugin, check what it promises and explain what is wrong."""
        return doctor(name, json=json)

    @modules.command("enable")
    def enable_command(name: str = name_argument, json: bool = JsonOption) -> int:
        """Use a disabled plugin again."""
        return enable(name, json=json)

    @modules.command("disable")
    def disable_command(name: str = name_argument, json: bool = JsonOption) -> int:
        """Stop using a plugin, without uninstalling it."""
        return disable(name, json=json)

    @modules.command("manifest")
    def manifest_command(
        folders: list[str] = folders_argument,
        check: bool = typer.Option(False, "--check", help="write nothing; exit 1 when a manifest is out of date"),
        json: bool = JsonOption,
    ) -> int:
        """Write lyra-module.json from the code of a plugin (for plugin authors; imports the plugin)."""
        from pathlib import Path

        from lyra_core.cli.output import write_json
        from lyra_core.plugins.build_manifest import write_manifests

        status = write_manifests([Path(each) for each in folders], check=check)
        if json:
            write_json("lyra.modules.manifest/1", {"folders": folders, "up_to_date": status == 0})
        return status
