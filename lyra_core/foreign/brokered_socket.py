"""Sockets for a worker that may reach some domains: `socket.socket` that connects through the broker.

`socket.create_connection`, `http.client`, urllib, requests and asyncio's plain connections work as they are:
names are not resolved here, the name itself is the address that `connect` takes to the broker.
"""

from __future__ import annotations

import socket
import threading

from lyra_core.foreign.plain import pack_plain, unpack_plain

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

__all__ = ["install"]

_plain_socket = socket.socket
_guard = threading.Lock()


class _Broker:
    """The worker's end of the conversation with the broker."""

    def __init__(self, sock: socket.socket) -> None:
        self._socket = sock

    def connect(self, name: str, port: int) -> int:
        """Return the descriptor of a connection to *name*; raises PermissionError or ConnectionError."""
        data = pack_plain([name, port])
        with _guard:
            self._socket.sendall(len(data).to_bytes(4, "little") + data)
            head, descriptors, _, _ = socket.recv_fds(self._socket, 4, 1)
            size = int.from_bytes(head, "little")
            body = b""
            while len(body) < size:
                body += self._socket.recv(size - len(body))
        answer = unpack_plain(body)
        if answer is None:
            return descriptors[0]
        raise (PermissionError(1, answer) if answer.startswith("LYR") else ConnectionError(answer))


_broker: _Broker | None = None


class BrokeredSocket(_plain_socket):
    """A stream socket that is a socket pair until `connect` replaces it by a relayed connection."""

    def __init__(self, family: int = -1, type: int = -1, proto: int = -1, fileno: int | None = None) -> None:
        if fileno is not None:
            super().__init__(family, type, proto, fileno)
            return
        if type not in (-1, socket.SOCK_STREAM) or family not in (-1, socket.AF_INET, socket.AF_INET6):
            raise PermissionError(1, "a worker has TCP connections through the broker, and no other sockets")
        ours, theirs = socket.socketpair()
        theirs.close()
        super().__init__(socket.AF_UNIX, socket.SOCK_STREAM, 0, ours.detach())

    def connect(self, address: Any) -> None:
        import os

        assert _broker is not None
        host, port = address[0], address[1]
        fd = _broker.connect(host if isinstance(host, str) else bytes(host).decode(), port)
        timeout = self.gettimeout()
        os.dup2(fd, self.fileno(), inheritable=False)
        os.close(fd)
        self.settimeout(timeout)

    def connect_ex(self, address: Any) -> int:
        try:
            self.connect(address)
        except OSError as problem:
            return problem.errno or 111
        return 0

    def setsockopt(self, level: int, option: int, *rest: Any) -> None:
        """Options of TCP have nothing to act on here; the relay keeps the system's own."""
        if level == socket.SOL_SOCKET:
            super().setsockopt(level, option, *rest)


def _getaddrinfo(host: Any, port: Any, family: int = 0, type: int = 0, proto: int = 0, flags: int = 0) -> list[Any]:
    """Return the name itself as its only address: resolving is the broker's."""
    if isinstance(port, str):
        port = {"https": 443, "http": 80}.get(port) or int(port)
    name = host.decode() if isinstance(host, bytes) else host
    return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (name, port))]


def install(sock: socket.socket) -> None:
    """Make the sockets of this worker go through the broker at the other end of *sock*."""
    global _broker
    _broker = _Broker(sock)
    setattr(socket, "socket", BrokeredSocket)  # noqa: B010  (a class of the library is replaced on purpose)
    setattr(socket, "SocketType", BrokeredSocket)  # noqa: B010
    setattr(socket, "getaddrinfo", _getaddrinfo)  # noqa: B010
