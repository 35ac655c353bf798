"""`lyra pkg allow` and `lyra pkg permissions`."""

from __future__ import annotations

import typer

from lyra_core.cli.output import table, write
from lyra_core.cli.pkg.common import Common
from lyra_core.cli.pkg.declaring import package_command

__all__ = ["add_to"]


def add_to(app: typer.Typer) -> None:
    """Add both commands to *app*."""

    @package_command(app, "allow", "write", "registry")
    def allow(
        common: Common,
        package: str = typer.Argument(..., metavar="NAME[@VERSION]", help="a package of the lock"),
        read: list[str] = typer.Option([], "--read", "--filesystem.read", metavar="PATH", help="may read this"),
        write_: list[str] = typer.Option([], "--write", "--filesystem.write", metavar="PATH", help="may write this"),
        network: list[str] = typer.Option([], "--network", metavar="HOST", help="may reach this host"),
        env: list[str] = typer.Option([], "--env", metavar="NAME", help="may read this variable"),
        foreign: list[str] = typer.Option([], "--foreign", metavar="LANGUAGE", help="may run code in this language"),
        inprocess: list[str] = typer.Option([], "--inprocess", metavar="LANGUAGE", help="may run it in this process"),
        unsandboxed: list[str] = typer.Option([], "--unsandboxed", metavar="LANGUAGE", help="may run it unconfined"),
        confirm: str = typer.Option(
            "", "--confirm", metavar="NAME", help="the name once more, for rights over the machine"
        ),
    ) -> int:
        """Grant a package what it asks for; with a version, move it there first.

        Rights over the machine it may have without asking for them. What else is given beyond that waits until a
        version asks for it.
        """
        from lyra_core.operations.allow import allow as grant

        more = {
            "filesystem.read": read,
            "filesystem.write": write_,
            "network": network,
            "env": env,
            "foreign": foreign,
            "inprocess": inprocess,
            "unsandboxed": unsandboxed,
        }
        with common.environment() as environment:
            granted, waiting = grant(
                environment, package, {key: values for key, values in more.items() if values}, confirm=confirm
            )
        name = package.partition("@")[0]
        if common.json:
            common.document("allow", {"package": name, "granted": granted.lines(), "waiting": waiting.lines()})
        else:
            common.phase(
                "Allowed", f"{name}: {', '.join(granted.lines()) or 'it asks for nothing'}   → lyra.lock [grants]"
            )
            for line in waiting.lines():
                common.phase("Waiting", f"{name} does not ask for {line}: no effect until a version does")
        return 0

    @package_command(app, "permissions")
    def permissions(
        common: Common,
        package: str = typer.Argument("", metavar="[NAME]", help="only this package"),
        diff: bool = typer.Option(False, "--diff", help="what is asked for and not granted"),
    ) -> int:
        """Show what packages ask for and what they may do."""
        from lyra_core.operations.allow import permissions as show

        with common.environment() as environment:
            found = show(environment, package)
        if common.json:
            common.document("permissions", {"packages": [each.to_json() for each in found]})
            return 0
        rows = []
        for each in found:
            for key, value in sorted({*each.asks.items(), *each.granted.items()}):
                asked, granted, counts = (part.allows(key, value) for part in (each.asks, each.granted, each.effective))
                if diff and asked == granted:
                    continue
                state = "granted" if counts else "← not granted"
                if granted and not counts:
                    is_broad = (key, value) in each.granted.broad().items()
                    state = "granted, not on this machine" if asked or is_broad else "waiting"
                line = f"{key} {value}".rstrip()
                rows.append((f"{each.name} {each.version}", line, "asks" if asked else "—", state))
            if not diff:
                rows += [(f"{each.name} {each.version}", reach, "—", "reachable") for reach in each.reachable]
        if rows:
            write(table(("package", "permission", "asked", "state"), rows))
        else:
            common.talk("no difference" if diff else "no package asks for anything")
        return 0
