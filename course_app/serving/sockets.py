"""Listening sockets that outlive their server, so that the next server keeps the port."""

from __future__ import annotations

import errno
import os
import socket
import stat
import sys
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from ..errors import CourseError


@dataclass
class Listener:
    """A listening socket: uvicorn gets a duplicate, and clients queue while one server replaces another."""

    sock: socket.socket
    port: int | None = None
    uds: str | None = None
    limited: bool = False

    def limit_send_buffer(self, size: int) -> None:
        """Limit the send buffer of connections that are accepted from now on to `size` bytes (SO_SNDBUF)."""
        self.sock.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, size)
        self.limited = True

    def renewed(self, host: str) -> Listener:
        """Return a listener for the next server: this one, or a new one on its port where the send buffer was limited.

        A limit cannot be taken back from a socket: the system then no longer adapts the buffer to the connection.
        """
        if not self.limited or self.port is None:
            return self
        self.close()
        return listen_tcp(host, self.port)

    def for_server(self) -> socket.socket:
        """Return a duplicate that the server may close."""
        return self.sock.dup()

    def fits(self, port: int, uds: str | None) -> bool:
        """Return whether this socket serves a request for `port` (0: any) or for the path `uds`."""
        if self.sock.fileno() == -1:
            return False
        return self.uds == uds if uds or self.uds else port in (0, self.port)

    def close(self) -> None:
        """Stop listening; remove the file of a Unix socket."""
        if self.sock.fileno() != -1:
            self.sock.close()
            if self.uds:
                with suppress(FileNotFoundError):
                    os.unlink(self.uds)


def listen_tcp(host: str, port: int) -> Listener:
    """Return a listener on `port`, 0 for any free one. Raises CourseError when it is busy or not allowed."""
    # asyncio sets TCP_NODELAY only on a socket that names its protocol; without it the second of two frames that
    # follow each other waits for the ACK of the first, which the peer delays by 40 ms.
    sock = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    if sys.platform != "win32":  # there it would let two programs share a port
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        sock.bind((host, port))
        sock.listen(2048)
    except (OSError, OverflowError) as error:
        sock.close()
        busy = getattr(error, "errno", None) == errno.EADDRINUSE
        why = "is busy: another program listens there" if busy else f"cannot be used ({error})"
        raise CourseError(f"port {port} {why}; use port=0 for any free port") from None
    sock.setblocking(False)
    return Listener(sock, port=sock.getsockname()[1])


def listen_unix(path: str) -> Listener:
    """Return a listener on the Unix socket `path`; a file left by a dead server is replaced. Raises CourseError."""
    if not hasattr(socket, "AF_UNIX"):
        raise CourseError("this system has no Unix sockets: leave out uds= and COURSE_SOCKET_DIR")
    sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    try:
        _remove_dead(path)
        sock.bind(path)
        sock.listen(2048)
    except OSError as error:
        sock.close()
        raise CourseError(
            f"cannot listen on the Unix socket {path}: {error}; name a short path in a folder of yours"
        ) from None
    sock.setblocking(False)
    return Listener(sock, uds=path)


def _remove_dead(path: str) -> None:
    """Remove the socket file `path` where no process listens on it. Raises OSError for any other file."""
    with suppress(FileNotFoundError):
        if not stat.S_ISSOCK(os.stat(path).st_mode):
            raise OSError(errno.EEXIST, "there is a file that is no socket")
        with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as probe:
            probe.settimeout(1.0)
            try:
                probe.connect(path)
            except ConnectionRefusedError:
                Path(path).unlink()
            else:
                raise OSError(errno.EADDRINUSE, "another server listens there")
