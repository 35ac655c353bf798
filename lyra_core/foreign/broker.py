"""The network broker: connects on behalf of a worker that has no sockets, and relays bytes.

It checks the name against the grant, resolves it once, refuses the connection when *any* of its addresses is
not globally routable, connects to one of exactly these addresses, and copies bytes between that connection
and a socket pair whose other end the worker holds. It looks into nothing: an allowed domain can be told
whatever the worker knows.
"""

from __future__ import annotations

import selectors
import socket
import threading
from typing import TYPE_CHECKING

from lyra_core.foreign.domains import AllowedDomains, NetworkRefusal, is_public
from lyra_core.foreign.plain import pack_plain, unpack_plain
from lyra_core.foreign.wire import WireError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence
    from typing import Any

__all__ = ["Broker", "connect_address", "resolve_name"]

_REQUEST_CAP = 4096
_CHUNK = 1 << 16
_CONNECTIONS = 64
_CONNECT_SECONDS = 20.0


def resolve_name(name: str, port: int) -> list[str]:
    """Return every address of *name*."""
    found = socket.getaddrinfo(name, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(each[4][0]) for each in found))


def connect_address(address: str, port: int) -> socket.socket:
    """Return a TCP connection to an address."""
    return socket.create_connection((address, port), timeout=_CONNECT_SECONDS)


class Broker:
    """Serves one worker's requests on *sock* from a thread of its own.

    A request is a length (4 bytes, least significant first) and plain data `[name, port]`; the answer is the
    same with `None`, and the descriptor of the worker's end beside it, or with the reason of the refusal.
    *resolve* and *connect* are for tests.
    """

    def __init__(
        self,
        sock: socket.socket,
        domains: Iterable[str],
        *,
        resolve: Callable[[str, int], Sequence[str]] = resolve_name,
        connect: Callable[[str, int], socket.socket] = connect_address,
    ) -> None:
        self._socket = sock
        self._allowed = AllowedDomains(domains)
        self._resolve = resolve
        self._connect = connect
        self._open = 0
        self._guard = threading.Lock()
        self.log: list[tuple[str, int, str]] = []
        self._thread = threading.Thread(target=self._serve, name="lyra-broker", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def join(self, timeout: float) -> None:
        """Wait for the end of the serving thread, which comes when the worker's end is closed."""
        self._thread.join(timeout)

    def _serve(self) -> None:
        try:
            while True:
                request = self._read()
                if request is None:
                    return
                self._answer(request)
        except (OSError, WireError):
            return  # the worker has gone, or speaks nonsense: it gets no further connection
        finally:
            self._socket.close()

    def _read(self) -> Any:
        head = self._take(4)
        if head is None:
            return None
        size = int.from_bytes(head, "little")
        if size > _REQUEST_CAP:
            raise WireError("a request that is too long")
        body = self._take(size)
        return None if body is None else unpack_plain(body)

    def _take(self, size: int) -> bytes | None:
        data = b""
        while len(data) < size:
            part = self._socket.recv(size - len(data))  # recv drops any descriptors sent along
            if not part:
                return None
            data += part
        return data

    def _answer(self, request: Any) -> None:
        try:
            if not isinstance(request, list) or len(request) != 2:
                raise NetworkRefusal("a request without name and port")
            theirs = self.open(request[0], request[1])
        except NetworkRefusal as problem:
            self._send(f"LYR0723: {problem}", ())
            return
        except OSError as problem:
            self._send(f"the connection failed: {problem.strerror or problem}", ())
            return
        with theirs:
            self._send(None, (theirs.fileno(),))

    def _send(self, answer: str | None, descriptors: Sequence[int]) -> None:
        data = pack_plain(answer)
        socket.send_fds(self._socket, [len(data).to_bytes(4, "little") + data], descriptors)

    def open(self, name: Any, port: Any) -> socket.socket:
        """Return the worker's end of a relayed connection; raises NetworkRefusal or OSError."""
        self._allowed.check(name, port)
        with self._guard:
            if self._open >= _CONNECTIONS:
                raise NetworkRefusal(f"{_CONNECTIONS} connections are open already")
            self._open += 1
        try:
            addresses = self._resolve(name, port)
            refused = [each for each in addresses if not is_public(each)]
            if refused or not addresses:
                raise NetworkRefusal(
                    f"{name} leads to {refused[0]}, not to the public network" if refused else f"{name} has no address"
                )
            upstream = self._connect_any(addresses, port)
            ours, theirs = socket.socketpair()
        except BaseException:
            self._closed()
            raise
        self.log.append((name, port, addresses[0]))
        threading.Thread(target=self._relay, args=(ours, upstream), name="lyra-relay", daemon=True).start()
        return theirs

    def _connect_any(self, addresses: Sequence[str], port: int) -> socket.socket:
        problem: OSError | None = None
        for each in addresses:
            try:
                return self._connect(each, port)
            except OSError as failed:
                problem = failed
        assert problem is not None
        raise problem

    def _closed(self) -> None:
        with self._guard:
            self._open -= 1

    def _relay(self, inner: socket.socket, outer: socket.socket) -> None:
        """Copy bytes both ways until both directions have ended; backpressure is the sockets' own."""
        try:
            with inner, outer, selectors.DefaultSelector() as selector:
                outer.settimeout(None)
                selector.register(inner, selectors.EVENT_READ, outer)
                selector.register(outer, selectors.EVENT_READ, inner)
                while selector.get_map():
                    for key, _ in selector.select():
                        source, target = key.fileobj, key.data
                        assert isinstance(source, socket.socket)
                        data = source.recv(_CHUNK)
                        if data:
                            target.sendall(data)
                        else:
                            selector.unregister(source)
                            target.shutdown(socket.SHUT_WR)
        except OSError:
            pass  # either side has gone; both ends are closed now
        finally:
            self._closed()
