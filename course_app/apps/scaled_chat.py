"""The chat for more than one process: each has a manager for its own clients, and a broker joins the processes.

    BROKER_URL=redis://localhost uvicorn course_app.apps.scaled_chat:app --workers 2

On the wire it is the chat of `chat.py`, and every answer names its worker in the header `X-Worker`.
With `?last_id=` and a broker that keeps messages, each message is JSON with its id, beginning after that id.
"""

from __future__ import annotations

import asyncio
import json
import os
import sys
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager, suppress
from dataclasses import dataclass, field
from typing import Annotated, Any, TypeVar

from fastapi import FastAPI, HTTPException, Query, WebSocket, WebSocketDisconnect
from pydantic import Field
from pydantic_settings import BaseSettings
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from course_app.apps.broker import Broker, BrokerError, Subscription, open_broker
from course_app.apps.manager import LOBBY, Client, ConnectionManager
from course_app.apps.pages import add_pages

T = TypeVar("T")
Room = Annotated[str, Query(min_length=1, max_length=40)]
# The id of a message, or nothing to begin with the next one.
LastId = Annotated[str | None, Query(pattern=r"^(\d{1,20}(-\d{1,20})?)?$")]


class Settings(BaseSettings):
    """Read from the environment: `BROKER_URL`, and `BROKER_TIMEOUT` in seconds."""

    broker_url: str = Field(default="memory://", repr=False)  # it may hold a password
    broker_timeout: float = 2.0


@dataclass(eq=False)
class Relay:
    """The one subscription that all clients of a room in this process share."""

    task: asyncio.Task[None]
    opened: asyncio.Future[None]
    members: int = 0


@dataclass(eq=False)
class Chat:
    """The clients of this process, and the line to the other processes."""

    broker: Broker
    manager: ConnectionManager = field(default_factory=ConnectionManager)
    relays: dict[str, Relay] = field(default_factory=dict)

    @asynccontextmanager
    async def relayed(self, channel: str) -> AsyncIterator[None]:
        """Inside the block, what anybody publishes reaches the manager; raises `BrokerError` when it cannot."""
        relay = self.relays.get(channel)
        if relay is None:
            opened = asyncio.get_running_loop().create_future()
            relay = self.relays[channel] = Relay(asyncio.create_task(self._relay(channel, opened)), opened)
        relay.members += 1
        try:
            await asyncio.shield(relay.opened)
            await self.broker.wait_confirmed(channel)  # the line may have broken since
            yield
        finally:
            relay.members -= 1
            if not relay.members:
                relay.task.cancel()
                del self.relays[channel]

    async def _relay(self, channel: str, opened: asyncio.Future[None]) -> None:
        try:
            async with self.broker.subscribe(channel) as messages:
                opened.set_result(None)
                async for message in messages:
                    self.manager.broadcast(message.text, channel)
        except BrokerError as error:
            opened.set_exception(error)

    async def talk(self, client: Client, channel: str) -> None:
        """Publish what a client says, until it leaves; a message that was not delivered is its sender's business."""
        async for text in client:
            client.send(f"You wrote: {text}")
            try:
                await self.broker.publish(channel, f"Client #{client.name} says: {text}")
            except BrokerError as error:
                client.send(str(error))

    async def leave(self, client: Client, channel: str) -> None:
        """Say goodbye to the client, and tell the others."""
        self.manager.disconnect(client)
        with suppress(BrokerError):
            await self.broker.publish(channel, f"Client #{client.name} left the chat")
        await client.close()


@asynccontextmanager
async def lifespan(app: FastAPI) -> AsyncIterator[None]:
    settings: Settings = app.state.settings
    async with open_broker(settings.broker_url, timeout=settings.broker_timeout) as broker:
        app.state.chat = Chat(broker)
        yield
        await app.state.chat.manager.shutdown()  # uvicorn has closed everybody with 1012; other servers have not


async def chat(websocket: WebSocket, client_id: int, room: Room = LOBBY, last_id: LastId = None) -> None:
    here: Chat = websocket.app.state.chat
    channel = f"chat:{room}"
    if last_id is not None:
        await resume(websocket, here, client_id, channel, last_id)
        return
    async with or_503(here.relayed(channel)):
        client = await here.manager.connect(websocket, str(client_id), channel)
        try:
            await here.talk(client, channel)
        finally:
            await here.leave(client, channel)


async def resume(websocket: WebSocket, here: Chat, client_id: int, channel: str, last_id: str) -> None:
    """Chat with ids: this client reads the engine's own queue, at its own pace, and can come back to where it was."""
    if not here.broker.can_resume:
        raise HTTPException(400, f"{here.broker.engine} keeps no messages to resume from; use redis+streams://.")
    async with or_503(here.broker.subscribe(channel, last_id or None)) as messages:
        client = await here.manager.connect(websocket, str(client_id), f"resumed {channel}")
        writing = asyncio.create_task(write(client, messages))
        try:
            await here.talk(client, channel)
        finally:
            writing.cancel()
            await here.leave(client, channel)


async def write(client: Client, messages: Subscription) -> None:
    """Send each message with its id; wait for the peer, as long as the manager bears with it."""
    try:
        async for message in messages:
            async with asyncio.timeout(client.limits.send_timeout):
                await client.websocket.send_text(json.dumps({"id": message.id, "text": message.text}))
    except TimeoutError:
        client.disconnect(1013, "stopped reading")
    except (WebSocketDisconnect, RuntimeError):
        client.disconnect(1001, "")


@asynccontextmanager
async def or_503(joining: AbstractAsyncContextManager[T]) -> AsyncIterator[T]:
    """Enter `joining`; answer the handshake with 503, which clients try again, when the broker cannot be reached."""
    async with AsyncExitStack() as stack:
        try:
            joined = await stack.enter_async_context(joining)
        except BrokerError as error:
            raise HTTPException(503, str(error), {"Retry-After": "1"}) from None
        yield joined


class SayWhichWorker:
    """Add `X-Worker: <process id>` to every HTTP response and to every accepted handshake."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def say(message: Message) -> None:
            if message["type"] in ("http.response.start", "websocket.accept"):
                message["headers"] = [*message.get("headers", ()), (b"x-worker", str(os.getpid()).encode())]
            await send(message)

        await self.app(scope, receive, say)


def create_app(settings: Settings | None = None, **options: Any) -> FastAPI:
    """Return the app; without settings it reads the environment. `options` are FastAPI's.

    Raises `BrokerError` when the broker's URL cannot be right.
    """
    app = FastAPI(title="Chat on many processes", lifespan=lifespan, **options)
    app.state.settings = settings or Settings()
    open_broker(app.state.settings.broker_url)  # a look at the URL: it connects to nothing
    app.add_middleware(SayWhichWorker)
    app.add_api_websocket_route("/ws/{client_id}", chat)
    add_pages(app, "chat.html")
    return app


try:
    app = create_app()
except BrokerError as error:
    sys.exit(f"BROKER_URL: {error}")
