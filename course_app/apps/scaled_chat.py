"""The chat on several processes: each has a manager for its own clients, and a broker between the processes.

    BROKER_URL=redis://localhost uvicorn course_app.apps.scaled_chat:app --workers 2

The messages are those of `chat.py`, and every response names its worker in the header `X-Worker`.
With `?last_id=` and a broker that keeps messages, each message is JSON with an id, and the first is the one after
`last_id`.
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
from course_app.apps.connection import Client
from course_app.apps.manager import LOBBY, ConnectionManager
from course_app.apps.pages import add_pages

T = TypeVar("T")
Room = Annotated[str, Query(min_length=1, max_length=40)]
# The id of a message, or an empty text to begin with the next one.
LastId = Annotated[str | None, Query(pattern=r"^(\d{1,20}(-\d{1,20})?)?$")]


class Settings(BaseSettings):
    """Settings from the environment: `BROKER_URL`, and `BROKER_TIMEOUT` in seconds."""

    broker_url: str = Field(default="memory://", repr=False)  # it may hold a password
    broker_timeout: float = 2.0


@dataclass(eq=False)
class Relay:
    """The task that passes one channel on to the manager; all clients of the room in this process share it."""

    task: asyncio.Task[None]
    subscribed: asyncio.Future[None]
    members: int = 0


@dataclass(eq=False)
class Chat:
    """The clients of this process, and the broker to the other processes."""

    broker: Broker
    manager: ConnectionManager = field(default_factory=ConnectionManager)
    relays: dict[str, Relay] = field(default_factory=dict)

    @asynccontextmanager
    async def relay(self, channel: str) -> AsyncIterator[None]:
        """Pass the messages of `channel` on to the manager inside the block. Raises `BrokerError` without a broker."""
        relay = self.relays.get(channel)
        if relay is None:
            subscribed = asyncio.get_running_loop().create_future()
            task = asyncio.create_task(self._pass_on(channel, subscribed))
            relay = self.relays[channel] = Relay(task, subscribed)
        relay.members += 1
        try:
            await asyncio.shield(relay.subscribed)
            await self.broker.wait_confirmed(channel)  # the connection may be lost since
            yield
        finally:
            relay.members -= 1
            if not relay.members:
                relay.task.cancel()
                del self.relays[channel]

    async def _pass_on(self, channel: str, subscribed: asyncio.Future[None]) -> None:
        try:
            async with self.broker.subscribe(channel) as messages:
                subscribed.set_result(None)
                async for message in messages:
                    self.manager.broadcast(message.text, channel)
        except BrokerError as error:
            subscribed.set_exception(error)

    async def publish_texts(self, client: Client, channel: str) -> None:
        """Publish each text of a client until it leaves, and tell the client of each that was not delivered."""
        async for text in client:
            client.send(f"You wrote: {text}")
            try:
                await self.broker.publish(channel, f"Client #{client.name} says: {text}")
            except BrokerError as error:
                client.send(str(error))

    async def leave(self, client: Client, channel: str) -> None:
        """Take the client out of the manager, tell the others, and close its connection."""
        self.manager.disconnect(client)
        with suppress(BrokerError):
            await self.broker.publish(channel, f"Client #{client.name} left the chat")
        await client.close()


@asynccontextmanager
async def lifespan(app: FastAPI) -> AsyncIterator[None]:
    """Open the broker before the first request, and close every connection after the last."""
    settings: Settings = app.state.settings
    async with open_broker(settings.broker_url, timeout=settings.broker_timeout) as broker:
        app.state.chat = Chat(broker)
        yield
        await app.state.chat.manager.shutdown()  # uvicorn has closed everybody with 1012; other servers have not


async def chat(websocket: WebSocket, client_id: int, room: Room = LOBBY, last_id: LastId = None) -> None:
    """Chat in `room`; with `last_id`, resume after that message."""
    service: Chat = websocket.app.state.chat
    channel = f"chat:{room}"
    if last_id is not None:
        await resume(websocket, service, client_id, channel, last_id)
        return
    async with broker_errors_as_503(service.relay(channel)):
        client = await service.manager.connect(websocket, str(client_id), channel)
        try:
            await service.publish_texts(client, channel)
        finally:
            await service.leave(client, channel)


async def resume(websocket: WebSocket, service: Chat, client_id: int, channel: str, last_id: str) -> None:
    """Chat with ids: this client has a subscription of its own, which begins after `last_id`."""
    if not service.broker.can_resume:
        raise HTTPException(400, f"{service.broker.engine} keeps no messages to resume from; use redis+streams://.")
    async with broker_errors_as_503(service.broker.subscribe(channel, last_id or None)) as messages:
        client = await service.manager.connect(websocket, str(client_id), f"resumed {channel}")
        writer = asyncio.create_task(send_with_ids(client, messages))
        try:
            await service.publish_texts(client, channel)
        finally:
            writer.cancel()
            await service.leave(client, channel)


async def send_with_ids(client: Client, messages: Subscription) -> None:
    """Send each message with its id; disconnect the client when one takes longer than `send_timeout`."""
    try:
        async for message in messages:
            async with asyncio.timeout(client.limits.send_timeout):
                await client.websocket.send_text(json.dumps({"id": message.id, "text": message.text}))
    except TimeoutError:
        client.disconnect(1013, "stopped reading")
    except (WebSocketDisconnect, RuntimeError):
        client.disconnect(1001, "")


@asynccontextmanager
async def broker_errors_as_503(joining: AbstractAsyncContextManager[T]) -> AsyncIterator[T]:
    """Enter `joining`; when that raises `BrokerError`, refuse the handshake with 503 and `Retry-After`."""
    async with AsyncExitStack() as stack:
        try:
            joined = await stack.enter_async_context(joining)
        except BrokerError as error:
            raise HTTPException(503, str(error), {"Retry-After": "1"}) from None
        yield joined


class WorkerHeader:
    """Pure ASGI middleware that adds `X-Worker: <process id>` to HTTP responses and accepted handshakes."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def send_with_header(message: Message) -> None:
            if message["type"] in ("http.response.start", "websocket.accept"):
                message["headers"] = [*message.get("headers", ()), (b"x-worker", str(os.getpid()).encode())]
            await send(message)

        await self.app(scope, receive, send_with_header)


def create_app(settings: Settings | None = None, **options: Any) -> FastAPI:
    """Return the app; without settings it reads the environment. `options` are passed to FastAPI.

    Raises `BrokerError` when the URL of the broker is wrong.
    """
    app = FastAPI(title="Chat on many processes", lifespan=lifespan, **options)
    app.state.settings = settings or Settings()
    open_broker(app.state.settings.broker_url)  # checks the URL, and connects to nothing
    app.add_middleware(WorkerHeader)
    app.add_api_websocket_route("/ws/{client_id}", chat)
    add_pages(app, "chat.html")
    return app


try:
    app = create_app()
except BrokerError as error:
    sys.exit(f"BROKER_URL: {error}")
