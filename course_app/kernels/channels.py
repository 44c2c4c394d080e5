"""The shell and iopub channels of one kernel: signed messages in and out, each of bounded size.

Source: jupyter_client documentation, "Messaging in Jupyter", with its wire protocol and its channels.
"""

from __future__ import annotations

import asyncio
import hmac
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import zmq
import zmq.asyncio
from jupyter_client.session import DELIM, Session

_MESSAGE_BYTES = 2_000_000
_QUEUED_MESSAGES = 16
_RECONNECT_MS = 5  # the kernel binds its sockets some time after they are connected to


@dataclass(frozen=True)
class Message:
    """A message with a valid signature: its `msg_type`, the id of the message that it answers, and its content."""

    kind: str
    parent: str
    content: dict[str, Any]


class Channels:
    """The client's end of a kernel's shell and iopub channels.

    `connection` is jupyter_client's connection information, `key` what signs the messages.
    """

    def __init__(self, connection: Mapping[str, Any], key: bytes) -> None:
        self._connection = connection
        self._context = zmq.asyncio.Context()
        self._session = Session(key=key)
        self._disconnected: asyncio.Future[Any] | None = None

    def connect(self) -> None:
        """Connect to both channels, where an event loop runs. The kernel need not have bound them yet."""
        self._shell = self._socket(zmq.DEALER, "shell_port")
        self.connect_iopub()

    def connect_iopub(self) -> None:
        """Subscribe to the iopub channel, a second time where ZeroMQ has closed the connection."""
        self._iopub = self._socket(zmq.SUB, "iopub_port")
        monitor = self._iopub.get_monitor_socket(zmq.EVENT_DISCONNECTED)
        self._disconnected = asyncio.ensure_future(monitor.recv_multipart())

    def send(self, kind: str, content: Mapping[str, Any]) -> str:
        """Send a message on the shell channel, and return its id."""
        message = self._session.msg(kind, dict(content))
        self._session.send(self._shell, message)
        return str(message["header"]["msg_id"])

    async def shell_message(self) -> Message:
        """Wait for the next message of the shell channel that the kernel's key has signed."""
        while True:
            message = self.parse(await self._shell.recv_multipart())
            if message is not None:
                return message

    async def iopub_frames(self) -> list[bytes] | None:
        """Wait for the frames of the next message of the iopub channel, signed or not.

        Return None where the connection is gone: the kernel has ended, or has sent a message above the limit, at which
        ZeroMQ closes it (zmq_setsockopt(3), ZMQ_MAXMSGSIZE).
        """
        assert self._disconnected is not None
        receiving = asyncio.ensure_future(self._iopub.recv_multipart())
        await asyncio.wait([receiving, self._disconnected], return_when=asyncio.FIRST_COMPLETED)
        if receiving.done():
            return list(receiving.result())
        receiving.cancel()
        self._iopub.close()
        return None

    def parse(self, frames: list[bytes]) -> Message | None:
        """Return the message that these frames carry, or None for one that the kernel's key has not signed."""
        try:
            signature, *parts = frames[frames.index(DELIM) + 1 :][:5]
            if not hmac.compare_digest(signature, self._session.sign(parts)):
                return None
            header, parent, _metadata, content = map(json.loads, parts)
            return Message(str(header["msg_type"]), str(dict(parent).get("msg_id")), dict(content))
        except (ValueError, TypeError, KeyError, RecursionError):
            return None

    async def close(self) -> None:
        """Close both channels."""
        try:
            if self._disconnected is not None:
                self._disconnected.cancel()
                await asyncio.gather(self._disconnected, return_exceptions=True)
        finally:
            self._context.destroy(linger=0)

    def _socket(self, kind: int, port: str) -> zmq.asyncio.Socket:
        connection = self._connection
        socket = self._context.socket(kind)
        socket.linger = 0
        socket.reconnect_ivl = _RECONNECT_MS
        socket.maxmsgsize = _MESSAGE_BYTES
        socket.rcvhwm = _QUEUED_MESSAGES
        if kind == zmq.SUB:
            socket.subscribe(b"")
        separator = "-" if connection["transport"] == "ipc" else ":"
        socket.connect(f"{connection['transport']}://{connection['ip']}{separator}{connection[port]}")
        return socket
