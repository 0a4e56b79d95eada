"""What stands between us and an endpoint, on loopback: a proxy that needs a password, TLS with its own authority.

Both hand bytes on to a server of the tests, so that what is behind them misbehaves as scripted.
"""

from __future__ import annotations

import base64
import contextlib
import socket
import ssl
import threading
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import trustme


class _Listening:
    """A listener on a free port of loopback; each connection has a thread."""

    def __init__(self) -> None:
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._open: set[socket.socket] = set()
        self.port: int = self._listener.getsockname()[1]

    def __enter__(self) -> Any:
        threading.Thread(target=self._accept, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        _shut(self._listener)
        for one in list(self._open):
            _shut(one)

    def _accept(self) -> None:
        while True:
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            self._open.add(connection)
            threading.Thread(target=self._served, args=(connection,), daemon=True).start()

    def _served(self, connection: socket.socket) -> None:
        with contextlib.suppress(OSError, ValueError):
            self.serve(connection)
        _shut(connection)

    def serve(self, connection: socket.socket) -> None:
        raise NotImplementedError


class Proxy(_Listening):
    """A forwarding proxy: CONNECT, and requests for ``http://`` URLs.

    Args:
        hosts: where it takes the hosts that it knows, as ``name:port``, to: a port of loopback.
        login: what it wants, as ``user:password``; "" for nothing.
    """

    def __init__(self, hosts: Mapping[str, int], login: str = "") -> None:
        super().__init__()
        self._hosts = hosts
        self._wanted = f"Basic {base64.b64encode(login.encode()).decode()}" if login else ""
        self.asked_for: list[str] = []
        self.url = f"http://127.0.0.1:{self.port}"

    def serve(self, connection: socket.socket) -> None:
        head = b""
        while b"\r\n\r\n" not in head:
            head += (data := connection.recv(65_536))
            if not data:
                return None
        lines = head.decode("latin-1").split("\r\n")
        method, target, _ = lines[0].split(" ")
        name = target if method == "CONNECT" else target.partition("://")[2].partition("/")[0]
        self.asked_for.append(name)
        given = next((line.partition(": ")[2] for line in lines if line.lower().startswith("proxy-auth")), "")
        if given != self._wanted:
            return connection.sendall(
                b"HTTP/1.1 407 Proxy Authentication Required\r\nProxy-Authenticate: Basic\r\nContent-Length: 0\r\n\r\n"
            )
        port = self._hosts.get(name if ":" in name else f"{name}:80")
        if port is None:
            return connection.sendall(b"HTTP/1.1 503 Service Unavailable\r\nContent-Length: 0\r\n\r\n")
        with socket.create_connection(("127.0.0.1", port)) as beyond:
            self._open.add(beyond)
            if method == "CONNECT":
                connection.sendall(b"HTTP/1.1 200 OK\r\n\r\n")
            else:
                beyond.sendall(head)
            _joined(connection, beyond)
        return None


class Socks(_Listening):
    """A SOCKS5 proxy that resolves names itself (RFC 1928), and wants no password.

    Args:
        hosts: as for `Proxy`.
    """

    def __init__(self, hosts: Mapping[str, int]) -> None:
        super().__init__()
        self._hosts = hosts
        self.asked_for: list[str] = []
        self.url = f"socks5h://127.0.0.1:{self.port}"

    def serve(self, connection: socket.socket) -> None:
        with connection.makefile("rb") as asked:
            _, methods = asked.read(2)
            asked.read(methods)
            connection.sendall(b"\x05\x00")
            _, _, _, kind = asked.read(4)
            if kind != 3:  # not a name
                return
            name = asked.read(asked.read(1)[0]).decode()
            place = f"{name}:{int.from_bytes(asked.read(2), 'big')}"
        self.asked_for.append(place)
        port = self._hosts.get(place)
        connection.sendall(bytes((5, 4 if port is None else 0, 0, 1, *[0] * 6)))
        if port is not None:
            with socket.create_connection(("127.0.0.1", port)) as beyond:
                self._open.add(beyond)
                _joined(connection, beyond)


class Tls(_Listening):
    """TLS before a server of the tests.

    Args:
        port: that server's.
        authority: signs its certificate.
        names: what the certificate is for.
        clients: whose certificates it wants from clients; ``None`` for nobody's.
    """

    def __init__(
        self,
        port: int,
        authority: trustme.CA,
        names: tuple[str, ...] = ("127.0.0.1",),
        clients: trustme.CA | None = None,
    ) -> None:
        super().__init__()
        self._behind = port
        self._context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        authority.issue_cert(*names).configure_cert(self._context)
        if clients is not None:
            clients.configure_trust(self._context)
            self._context.verify_mode = ssl.CERT_REQUIRED
        self.url = f"https://127.0.0.1:{self.port}"

    def serve(self, connection: socket.socket) -> None:
        beyond = socket.create_connection(("127.0.0.1", self._behind))
        wrapped = self._context.wrap_socket(connection, server_side=True, do_handshake_on_connect=False)
        with beyond, wrapped as inside:
            self._open |= {beyond, inside}
            try:
                inside.do_handshake()
            except ssl.SSLError:  # the alert would be lost if the connection were reset now
                while socket.socket.recv(inside, 65_536):
                    pass
            else:
                _joined(inside, beyond)


class Plain(_Listening):
    """A server that does not wait for a request before it says that it is a bad one."""

    def serve(self, connection: socket.socket) -> None:
        connection.sendall(b"HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n")
        connection.recv(1)


def file_of(folder: Path, authority: trustme.CA) -> Path:
    """Write the certificate of ``authority`` to a PEM file, and return it."""
    path = folder / "authority.pem"
    authority.cert_pem.write_to_path(str(path))
    return path


def _joined(one: socket.socket, other: socket.socket) -> None:
    """Hand on what either sends until one of them ends."""
    thread = threading.Thread(target=_handed_on, args=(other, one), daemon=True)
    thread.start()
    _handed_on(one, other)
    thread.join(5)


def _handed_on(source: socket.socket, target: socket.socket) -> None:
    with contextlib.suppress(OSError, ValueError):
        while data := source.recv(65_536):
            target.sendall(data)
    _shut(target)


def _shut(one: socket.socket) -> None:
    with contextlib.suppress(OSError):
        one.shutdown(socket.SHUT_RDWR)
    with contextlib.suppress(OSError):
        one.close()
