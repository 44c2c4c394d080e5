"""Abort the TCP connection under a WebSocket, whether or not its peer reads.

ASGI has no event for this: `websocket.close` queues behind the bytes that the peer has not read, and when the endpoint
returns, uvicorn closes the transport, which waits until the same bytes are sent.
A peer that never reads keeps both waiting.
The operating system can end the connection, so this module finds the socket by its two addresses and shuts it down.

Source: ASGI specification, "WebSocket"; socket(7), SO_LINGER; shutdown(2).
"""

from __future__ import annotations

import os
import socket
import struct

from fastapi import WebSocket

RESET_ON_CLOSE = struct.pack("ii", 1, 0)  # SO_LINGER, on, for 0 seconds: unsent bytes are thrown away


def abort_connection(websocket: WebSocket) -> bool:
    """Reset the TCP connection of `websocket`; its endpoint then receives an ordinary disconnect.

    Returns False where the socket cannot be found: over a Unix socket, behind a proxy whose `X-Forwarded-For` replaced
    the client's address, in `TestClient`, and on Windows. The connection then lasts until its peer reads or leaves.
    """
    client, server = websocket.scope.get("client"), websocket.scope.get("server")
    if not client or not server or not os.path.isdir("/dev/fd"):
        return False
    for name in os.listdir("/dev/fd"):
        try:
            connection = socket.socket(fileno=int(name))
        except OSError:  # not a socket, or closed since it was listed
            continue
        try:
            if connection.getpeername()[:2] == tuple(client) and connection.getsockname()[:2] == tuple(server):
                connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET_ON_CLOSE)
                connection.shutdown(socket.SHUT_RDWR)  # wakes the server's transport, which then closes
                return True
        except OSError:  # a listening socket has no peer
            continue
        finally:
            connection.detach()  # the descriptor belongs to the server
    return False
