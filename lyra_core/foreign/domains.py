"""Which names a worker may reach: the pure part of the network permission."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["DEFAULT_PORTS", "AllowedDomains", "NetworkRefusal", "is_public"]

DEFAULT_PORTS = frozenset({443, 80})
_NAT64 = 0x0064FF9B << 96  # 64:ff9b::/96, RFC 6052
_LABEL = frozenset("abcdefghijklmnopqrstuvwxyz0123456789-")


class NetworkRefusal(Exception):
    """A connection that the grants do not cover; the message says why."""


def check_name(name: str) -> list[str]:
    """Return the labels of a domain name; NetworkRefusal unless it is lower-case ASCII labels and no address.

    An address in any spelling (dotted, hexadecimal, octal, one number, IPv6) fails: a name's last label must
    begin with a letter.
    """
    labels = name.split(".")
    if len(name) > 253 or len(labels) < 2:
        raise NetworkRefusal(f"{name!r} is no full domain name")
    for label in labels:
        if not label or len(label) > 63 or not _LABEL.issuperset(label) or label[0] == "-" or label[-1] == "-":
            raise NetworkRefusal(f"{name!r} is no domain name in lower-case ASCII")
    if not labels[-1][0].isalpha():
        raise NetworkRefusal(f"{name!r} is an address; only names can be granted")
    return labels


class AllowedDomains:
    """The domains of a grant: `name`, `*.name` (exactly one label), each with `:port` if not 443 and 80."""

    def __init__(self, domains: Iterable[str]) -> None:
        self._allowed: list[tuple[list[str], frozenset[int]]] = []
        for each in domains:
            name, _, port = each.partition(":")
            ports = DEFAULT_PORTS
            if port:
                if not port.isascii() or not port.isdigit() or not 0 < int(port) < 65536:
                    raise NetworkRefusal(f"{each!r} has no valid port")
                ports = frozenset({int(port)})
            wild = name.startswith("*.")
            labels = check_name(name[2:] if wild else name)
            self._allowed.append((["*", *labels] if wild else labels, ports))

    def check(self, name: object, port: object) -> None:
        """Raise NetworkRefusal unless a connection to *name* at *port* is granted."""
        if not isinstance(name, str) or type(port) is not int:
            raise NetworkRefusal("a connection without a name or a port")
        labels = check_name(name)
        for pattern, ports in self._allowed:
            if (
                port in ports
                and len(pattern) == len(labels)
                and all(p in ("*", x) for p, x in zip(pattern, labels, strict=True))
            ):
                return
        raise NetworkRefusal(f"{name}:{port} is not among the granted domains")


def is_public(address: str) -> bool:
    """Return whether an IP address is globally routable unicast; mapped and tunnelled forms are looked into."""
    from ipaddress import IPv6Address, ip_address

    try:
        ip = ip_address(address.partition("%")[0])
    except ValueError:
        return False
    if isinstance(ip, IPv6Address):
        if "%" in address:
            return False
        inner = ip.ipv4_mapped or ip.sixtofour or (ip.teredo[1] if ip.teredo else None)
        if inner is not None and not is_public(str(inner)):
            return False
        if int(ip) >> 32 == _NAT64 >> 32:
            return is_public(str(ip_address(int(ip) & 0xFFFFFFFF)))
        if int(ip) >> 32 == 0:  # ::a.b.c.d, the form of RFC 4291 that nobody may use any more
            return False
    return ip.is_global and not ip.is_multicast and not ip.is_reserved and not ip.is_unspecified
