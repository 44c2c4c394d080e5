"""The servers that the learner's coroutine functions talk to, which note what they see."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping

from fastapi import FastAPI, WebSocket, WebSocketDisconnect

from ....display.events import RECEIVED, SENT, STATE
from ....display.transcript import Transcript
from ...received import close_frame_line, data_frame_line

TOGETHER = 0.5  # seconds in which questions that are asked at the same time have all come
IN_TIME, TOO_LATE = 0.22, 0.45  # seconds after the handshake: the last piece of news but one, and the last one
CLOSE = "close"  # as a reply: the server closes the connection with code 4000


class AnsweringServer:
    """A WebSocket server at `/ws` that answers the text `text` with `replies[text]`, and notes what it was asked.

    A reply is sent after `delays[text]` seconds, at once where there is none; the reply `CLOSE` closes with 4000.
    With `together`, no reply is sent before that many texts have come, or `TOGETHER` seconds have passed.
    `asked` are the texts in the order in which they came, `answered` those whose reply was sent to an open connection.
    `connections` counts the handshakes. `was_alone` says that the texts did not come together.
    """

    def __init__(
        self,
        transcript: Transcript,
        replies: Mapping[str, str],
        delays: Mapping[str, float] | None = None,
        together: int = 0,
    ) -> None:
        self.replies = replies
        self.delays = delays or {}
        self.asked: list[str] = []
        self.answered: list[str] = []
        self.connections = 0
        self.was_alone = False
        self.app = FastAPI()
        self.app.add_api_websocket_route("/ws", self.endpoint)
        self._transcript = transcript
        self._together = together
        self._all_asked = asyncio.Event()

    async def endpoint(self, websocket: WebSocket) -> None:
        """Answer the texts of one connection."""
        await websocket.accept()
        lane = chr(ord("A") + self.connections % 26)
        self.connections += 1
        try:
            async for text in websocket.iter_text():
                self._transcript.add(lane, SENT, data_frame_line(text))
                self.asked.append(text)
                await self._wait_for_others()
                await asyncio.sleep(self.delays.get(text, 0))
                await self._reply(websocket, lane, text)
        except WebSocketDisconnect:
            self._transcript.add(lane, STATE, "GONE")

    async def _wait_for_others(self) -> None:
        if len(self.asked) >= self._together:
            self._all_asked.set()
        try:
            async with asyncio.timeout(TOGETHER):
                await self._all_asked.wait()
        except TimeoutError:
            self.was_alone = True
            self._all_asked.set()

    async def _reply(self, websocket: WebSocket, lane: str, text: str) -> None:
        reply = self.replies.get(text, "unknown")
        if reply == CLOSE:
            self._transcript.add(lane, RECEIVED, close_frame_line(4000))
            await websocket.close(4000)
            return
        await websocket.send_text(reply)
        self._transcript.add(lane, RECEIVED, data_frame_line(reply))
        self.answered.append(text)


class NewsServer:
    """A WebSocket server at `/ws` that sends `words`, and notes the texts that came: `received`.

    The first word is sent at once, the last but one `IN_TIME` seconds after the handshake, the last one `TOO_LATE`.
    `open` is the number of open connections, and `connections` counts the handshakes.
    `first_received` is the time from the first handshake to the first text that came, in seconds, None without one.
    """

    def __init__(self, transcript: Transcript, words: list[str]) -> None:
        self.words = words
        self.received: list[str] = []
        self.first_received: float | None = None
        self.open = 0
        self.connections = 0
        self.app = FastAPI()
        self.app.add_api_websocket_route("/ws", self.endpoint)
        self._transcript = transcript
        self._began = 0.0

    async def endpoint(self, websocket: WebSocket) -> None:
        """Send the words to one client until it leaves."""
        await websocket.accept()
        self.connections += 1
        self.open += 1
        self._began = self._began or asyncio.get_running_loop().time()
        sending = asyncio.create_task(self._send(websocket))
        try:
            async for text in websocket.iter_text():
                self._transcript.add("A", SENT, data_frame_line(text))
                self.received.append(text)
                self.first_received = self.first_received or asyncio.get_running_loop().time() - self._began
        finally:
            self.open -= 1
            self._transcript.add("A", STATE, "GONE")
            sending.cancel()
            await asyncio.wait([sending])

    async def _send(self, websocket: WebSocket) -> None:
        began = asyncio.get_running_loop().time()
        early = len(self.words) - 1
        times = [IN_TIME * number / max(early - 1, 1) for number in range(early)]
        for word, due in zip(self.words, [*times, TOO_LATE], strict=True):
            await asyncio.sleep(began + due - asyncio.get_running_loop().time())
            await websocket.send_text(word)
            self._transcript.add("A", RECEIVED, data_frame_line(word))
