"""The broker connects to granted names on the public network, and to nothing else."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from lyra_core.errors import PluginError
from lyra_core.foreign.bridge import ForeignHost
from lyra_core.foreign.broker import Broker
from lyra_core.foreign.domains import AllowedDomains, NetworkRefusal, is_public
from lyra_core.foreign.plain import pack_plain, unpack_plain
from lyra_core.foreign.supervisor import Worker
from lyra_core.security.sandbox import SandboxPolicy, launch_worker, sandbox_status
from lyra_core.values import String

PUBLIC = "93.184.215.14"


@pytest.mark.parametrize(
    ("granted", "name", "port", "allowed"),
    [
        ("api.example.com", "api.example.com", 443, True),
        ("api.example.com", "api.example.com", 80, True),
        ("api.example.com", "api.example.com", 22, False),
        ("api.example.com:8443", "api.example.com", 8443, True),
        ("api.example.com:8443", "api.example.com", 443, False),
        ("api.example.com", "example.com", 443, False),
        ("api.example.com", "x.api.example.com", 443, False),
        ("api.example.com", "API.example.com", 443, False),
        ("api.example.com", "api.example.com.", 443, False),
        ("api.example.com", "evilapi.example.com", 443, False),
        ("*.example.com", "api.example.com", 443, True),
        ("*.example.com", "example.com", 443, False),
        ("*.example.com", "a.b.example.com", 443, False),
        ("*.example.com", ".example.com", 443, False),
        ("example.com", "93.184.215.14", 443, False),
        ("example.com", "0x5d.0xb8.0xd7.0x0e", 443, False),
        ("example.com", "1572395022", 443, False),
        ("example.com", "127.1", 443, False),
        ("example.com", "[::1]", 443, False),
        ("example.com", "::1", 443, False),
        ("example.com", "localhost", 443, False),
        ("example.com", "exämple.com", 443, False),
        ("example.com", "example.com\0.evil.org", 443, False),
        ("example.com", "example.com@evil.org", 443, False),
        ("example.com", "-a.example.com", 443, False),
        ("example.com", "", 443, False),
        ("example.com", None, 443, False),
        ("example.com", "example.com", "443", False),
        ("example.com", "example.com", True, False),
    ],
)  # fmt: skip
def test_names_and_ports(granted: str, name: object, port: object, allowed: bool) -> None:
    domains = AllowedDomains([granted])
    if allowed:
        domains.check(name, port)
    else:
        with pytest.raises(NetworkRefusal):
            domains.check(name, port)


@pytest.mark.parametrize(
    "granted", ["1.2.3.4", "*", "*.*.example.com", "a.*.com", "EXAMPLE.com", "example.com:0", "example.com:x", "com"]
)
def test_a_grant_that_is_no_domain_is_refused(granted: str) -> None:
    with pytest.raises(NetworkRefusal):
        AllowedDomains([granted])


@pytest.mark.parametrize(
    ("address", "public"),
    [
        (PUBLIC, True),
        ("2606:2800:220:1::1", True),
        ("127.0.0.1", False),
        ("10.0.0.1", False),
        ("172.16.0.1", False),
        ("192.168.1.1", False),
        ("169.254.169.254", False),
        ("100.64.0.1", False),
        ("0.0.0.0", False),
        ("255.255.255.255", False),
        ("224.0.0.1", False),
        ("192.0.2.1", False),
        ("::1", False),
        ("::", False),
        ("fe80::1", False),
        ("fe80::1%eth0", False),
        ("fc00::1", False),
        ("ff02::1", False),
        ("::ffff:127.0.0.1", False),
        ("::ffff:10.0.0.1", False),
        ("::127.0.0.1", False),
        ("2002:7f00:1::", False),
        ("64:ff9b::7f00:1", False),
        ("64:ff9b::a00:1", False),
        ("2001:db8::1", False),
        ("nonsense", False),
    ],
)
def test_addresses(address: str, public: bool) -> None:
    assert is_public(address) is public


@pytest.fixture
def server() -> Iterator[tuple[str, int]]:
    """A local server that answers each line in upper case."""
    listener = socket.create_server(("127.0.0.1", 0))

    def serve() -> None:
        while True:
            try:
                connection, _ = listener.accept()
            except OSError:
                return
            with connection, connection.makefile("rwb") as stream:
                for line in stream:
                    stream.write(line.upper())
                    stream.flush()

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    yield listener.getsockname()
    listener.shutdown(socket.SHUT_RDWR)
    listener.close()
    thread.join(5)


def ask(broker_end: socket.socket, request: object) -> tuple[object, list[int]]:
    data = pack_plain(request)
    broker_end.sendall(len(data).to_bytes(4, "little") + data)
    head, descriptors, _, _ = socket.recv_fds(broker_end, 4, 1)
    body = broker_end.recv(int.from_bytes(head, "little"))
    return unpack_plain(body), list(descriptors)


def make_broker(server: tuple[str, int], addresses: list[str]) -> tuple[Broker, socket.socket, list[str]]:
    asked: list[str] = []

    def resolve(name: str, port: int) -> list[str]:
        asked.append(name)
        return addresses

    ours, theirs = socket.socketpair()
    connect: Callable[[str, int], socket.socket] = lambda address, port: socket.create_connection(server)  # noqa: E731
    broker = Broker(ours, ["api.example.com"], resolve=resolve, connect=connect)
    broker.start()
    return broker, theirs, asked


def test_a_granted_name_is_resolved_once_and_relayed(server: tuple[str, int]) -> None:
    broker, end, asked = make_broker(server, [PUBLIC])
    answer, descriptors = ask(end, ["api.example.com", 443])
    assert answer is None
    with socket.socket(fileno=descriptors[0]) as connection, connection.makefile("rwb") as stream:
        stream.write(b"hello\n")
        stream.flush()
        assert stream.readline() == b"HELLO\n"
    assert asked == ["api.example.com"]
    assert broker.log == [("api.example.com", 443, PUBLIC)]
    end.close()
    broker.join(5)


@pytest.mark.parametrize(
    ("request_", "addresses"),
    [
        (["other.example.com", 443], [PUBLIC]),
        (["api.example.com", 22], [PUBLIC]),
        (["api.example.com", 443], ["127.0.0.1"]),
        (["api.example.com", 443], [PUBLIC, "10.0.0.1"]),
        (["api.example.com", 443], []),
        (["127.0.0.1", 443], [PUBLIC]),
        ("nonsense", [PUBLIC]),
        ([1, 2, 3], [PUBLIC]),
    ],
)
def test_anything_else_is_refused_and_the_broker_goes_on(
    server: tuple[str, int], request_: object, addresses: list[str]
) -> None:
    broker, end, _ = make_broker(server, addresses)
    answer, descriptors = ask(end, request_)
    assert isinstance(answer, str)
    assert answer.startswith("LYR0723")
    assert descriptors == []
    assert broker.log == []
    assert isinstance(ask(end, request_)[0], str)
    end.close()
    broker.join(5)


def test_a_request_without_end_closes_the_broker(server: tuple[str, int]) -> None:
    broker, end, _ = make_broker(server, [PUBLIC])
    end.sendall((1 << 31).to_bytes(4, "little"))
    assert end.recv(1) == b""
    end.close()
    broker.join(5)


MODULE = """
import socket, urllib.request, http.client

def fetch(name: str, port: int) -> str:
    with socket.create_connection((name, port), timeout=10) as connection:
        connection.sendall(b"hello\\n")
        return connection.makefile().readline()

def request(name: str) -> str:
    connection = http.client.HTTPConnection(name, timeout=10)
    connection.connect()
    connection.send(b"over http.client\\n")
    return connection.sock.makefile().readline()

def direct() -> str:
    import _socket
    _socket.socket(_socket.AF_INET, _socket.SOCK_STREAM)
    return "made a socket"
"""


@pytest.mark.skipif(not sandbox_status().is_available, reason="no sandbox on this system")
def test_ordinary_code_in_a_worker_connects_through_the_broker(server: tuple[str, int], tmp_path: Path) -> None:
    path = tmp_path / "net.py"
    path.write_text(MODULE)

    def start() -> object:
        launched = launch_worker(SandboxPolicy(read=(str(path),), network=("api.example.com",)))
        assert launched.broker is not None
        Broker(
            launched.broker,
            ("api.example.com",),
            resolve=lambda name, port: [PUBLIC],
            connect=lambda address, port: socket.create_connection(server),
        ).start()
        return launched

    worker = Worker(start, language="Python", host=ForeignHost(), deadline=30.0)  # type: ignore[arg-type]
    worker.load({"path": str(path), "name": "net"})
    assert worker.call("net", "fetch", [String("api.example.com"), 443]) == String("HELLO\n")
    assert worker.call("net", "request", [String("api.example.com")]) == String("OVER HTTP.CLIENT\n")
    for name, args in (
        ("fetch", [String("evil.example.com"), 443]),
        ("fetch", [String("127.0.0.1"), server[1]]),
        ("direct", []),
    ):
        with pytest.raises(PluginError) as caught:
            worker.call("net", name, args)
        assert caught.value.code == "LYR0850"
    worker.close()
