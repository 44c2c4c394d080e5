"""A server that restarts: the partner of the learner's client in task 2."""

from __future__ import annotations

import time
from collections.abc import Sequence

from fastapi import FastAPI, HTTPException, WebSocket

REFUSALS = 4  # handshakes that the server refuses while it restarts


class RestartingServer:
    """A server of messages whose connections end as told, and which notes how the client reconnects.

    `messages` are the ids and the texts of its messages, in order.
    `ends` says how each connection in turn ends, the last one for all that follow: a close code after two messages,
    1006 (no close frame), 401 to 599 but 503 (refused), 503 (closed with 1012, then `REFUSALS` handshakes refused),
    0 (not at all). A connection whose place is in `empty` ends before its first message.
    `last_ids` are the values of `?last_id=` of the accepted connections, and of those refused with another status.
    `pauses` are the seconds between an end or a refusal and the next handshake.
    """

    def __init__(self, messages: Sequence[tuple[str, str]], ends: Sequence[int], empty: Sequence[int] = ()) -> None:
        self.messages = list(messages)
        self.ends = list(ends)
        self.empty = set(empty)
        self.last_ids: list[str] = []
        self.pauses: list[float] = []
        self.app = FastAPI()
        self.app.add_api_websocket_route("/ws", self.endpoint)
        self._to_refuse = 0
        self._ended_at = 0.0

    @property
    def texts(self) -> list[str]:
        """The texts of the messages, in order."""
        return [text for _, text in self.messages]

    async def endpoint(self, websocket: WebSocket, last_id: str = "") -> None:
        """Serve one connection. Raises HTTPException for a handshake to refuse."""
        if self._ended_at:
            self.pauses.append(time.monotonic() - self._ended_at)
            self._ended_at = 0.0
        if self._to_refuse:
            self._to_refuse -= 1
            self._ended_at = time.monotonic()
            raise HTTPException(503, "restarting")
        number = len(self.last_ids)
        self.last_ids.append(last_id)
        end = self.ends[min(number, len(self.ends) - 1)]
        if 400 <= end < 600 and end != 503:
            raise HTTPException(end, "not you")
        await websocket.accept()
        first = next((place + 1 for place, (id, _) in enumerate(self.messages) if id == last_id), 0)
        last = len(self.messages) if end == 0 else first + (0 if number in self.empty else 2)
        for id, text in self.messages[first:last]:
            await websocket.send_json({"id": id, "text": text})
        await self._end(websocket, end)

    async def _end(self, websocket: WebSocket, end: int) -> None:
        if end == 503:
            self._to_refuse = REFUSALS
        self._ended_at = time.monotonic()
        if end == 0:
            await websocket.receive()
            self._ended_at = 0.0
        elif end != 1006:
            await websocket.close(1012 if end == 503 else end)
