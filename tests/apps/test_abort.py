"""A connection is aborted where its socket can be found, and nothing else is touched."""

from __future__ import annotations

import contextlib
import socket
from types import SimpleNamespace
from typing import Any

import pytest

from course_app.apps.abort import abort_connection

from .peers import Peer


def test_nothing_is_aborted_where_the_socket_cannot_be_found() -> None:
    peer: Any = Peer()
    assert not abort_connection(peer)
    peer.scope = {"client": ("203.0.113.9", 0), "server": ("127.0.0.1", 1)}
    assert not abort_connection(peer)


def test_the_socket_with_both_addresses_is_reset_and_no_other() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener, contextlib.ExitStack() as stack:
        peers = [stack.enter_context(socket.create_connection(listener.getsockname())) for _ in range(2)]
        ours, other = [stack.enter_context(listener.accept()[0]) for _ in range(2)]
        ours.setblocking(False)
        with pytest.raises(BlockingIOError):  # its peer does not read
            while True:
                ours.send(b"." * 65_536)
        websocket: Any = SimpleNamespace(scope={"client": ours.getpeername(), "server": ours.getsockname()})
        assert abort_connection(websocket)
        ours.close()
        with pytest.raises(ConnectionResetError):
            while peers[0].recv(65_536):
                pass
        other.sendall(b"x")
        assert peers[1].recv(1) == b"x"
