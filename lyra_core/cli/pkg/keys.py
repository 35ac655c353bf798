"""`lyra pkg keys new | list | trust | revoke`."""

from __future__ import annotations

import typer

from lyra_core.cli.output import table, write
from lyra_core.cli.pkg.common import Common
from lyra_core.cli.pkg.declaring import package_command

__all__ = ["add_to"]


def add_to(app: typer.Typer) -> None:
    """Add the commands to *app*."""
    keys = typer.Typer(help="Keys that sign releases, and whose signatures you trust.", no_args_is_help=True)
    app.add_typer(keys, name="keys")

    @package_command(keys, "new")
    def new(common: Common, name: str = typer.Argument(..., metavar="NAME", help="what you call the key")) -> int:
        """Make a key; its secret half stays on this machine."""
        from lyra_core.security.keys import KeyFolder

        made = KeyFolder().new(name)
        if common.json:
            common.document("keys.new", {"name": name, "public": str(made.public)})
        else:
            common.phase("Created", f"key {name}   fingerprint {made.public.fingerprint}")
            write(str(made.public))
        return 0

    @package_command(keys, "list")
    def list_keys(common: Common) -> int:
        """List your keys and those you trust."""
        from lyra_core.security.keys import KeyFolder
        from lyra_core.security.trust import TrustFile

        trust = TrustFile()
        rows = [(each.name, "yours", str(each.public), "") for each in KeyFolder().list()]
        rows += [(each.name or "—", "trusted", str(each.key), ", ".join(each.packages) or "all") for each in trust.keys]
        rows += [("—", "revoked", key, reason) for key, reason in sorted(trust.revoked.items())]
        if common.json:
            fields = ("name", "kind", "key", "packages")
            common.document("keys.list", {"keys": [dict(zip(fields, row, strict=True)) for row in rows]})
        elif rows:
            write(table(("name", "kind", "key", "packages"), rows))
        else:
            common.talk("you have no keys")
            common.talk("next: lyra pkg keys new NAME")
        return 0

    @package_command(keys, "trust")
    def trust_key(
        common: Common,
        key: str = typer.Argument(..., metavar="KEY", help="ed25519:…"),
        name: str = typer.Option("", "--name", help="whose it is"),
        package: list[str] = typer.Option([], "--package", metavar="PATTERN", help="only for these packages"),
    ) -> int:
        """Trust a key to sign packages."""
        from lyra_core.security.keys import PublicKey
        from lyra_core.security.trust import TrustFile

        public = PublicKey.parse(key)
        TrustFile().trust(public, name, package)
        if common.json:
            common.document("keys.trust", {"key": key, "name": name, "packages": package})
        else:
            common.phase("Trusted", f"{name or key} for {', '.join(package) or 'all packages'}")
        return 0

    @package_command(keys, "revoke")
    def revoke(
        common: Common,
        key: str = typer.Argument(..., metavar="KEY", help="ed25519:…"),
        reason: str = typer.Option("", "--reason", metavar="TEXT", help="why"),
    ) -> int:
        """Never again accept what a key signed."""
        from lyra_core.security.keys import PublicKey
        from lyra_core.security.trust import TrustFile

        TrustFile().revoke(PublicKey.parse(key), reason)
        if common.json:
            common.document("keys.revoke", {"key": key, "reason": reason})
        else:
            common.phase("Revoked", key)
        return 0
