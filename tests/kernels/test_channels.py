"""The channels: only what the kernel's key has signed is a message, and the connection survives one that is too big."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import pytest
import zmq
import zmq.asyncio
from jupyter_client.session import DELIM, Session

from course_app.kernels.channels import Channels, Message

KEY = b"secret"
LIMIT = 10.0


def channels(folder: Any = "/nowhere") -> Channels:
    connection = {"transport": "ipc", "ip": f"{folder}/z", "shell_port": 1, "iopub_port": 2}
    return Channels(connection, KEY)


def frames(*parts: Any, key: bytes = KEY) -> list[bytes]:
    """Return the frames of a signed message with these parts: header, parent header, metadata, content."""
    encoded = [part if isinstance(part, bytes) else json.dumps(part).encode() for part in parts]
    return [b"topic", DELIM, Session(key=key).sign(encoded), *encoded]


async def parsed(frames: list[bytes]) -> Message | None:
    """Return what channels with KEY make of these frames."""
    made = channels()
    try:
        return made.parse(frames)
    finally:
        await made.close()


GOOD: tuple[Any, ...] = ({"msg_type": "stream"}, {"msg_id": "parent"}, {}, {"text": "x"})


async def test_a_signed_message_is_parsed():
    assert await parsed(frames(*GOOD)) == Message("stream", "parent", {"text": "x"})


async def test_a_message_that_another_key_has_signed_is_none():
    assert await parsed(frames(*GOOD, key=b"another")) is None


@pytest.mark.parametrize("part", range(4))
@pytest.mark.parametrize("odd", [3, None, "text", [1], b"[" * 100_000, b"not json", b"\xff"])
async def test_a_part_of_another_shape_is_no_message(part, odd):
    parts = [*GOOD]
    parts[part] = odd
    message = await parsed(frames(*parts))
    assert message is None or (part == 2 and not isinstance(odd, bytes)), "only metadata may be anything"


@pytest.mark.parametrize("odd", [[], [b"no delimiter"], [DELIM], [DELIM, b"x"], frames(*GOOD)[:5]])
async def test_too_few_frames_are_no_message(odd):
    assert await parsed(odd) is None


async def test_the_connection_that_a_huge_message_ends_can_be_made_anew(short_path):
    context = zmq.asyncio.Context()
    publisher = context.socket(zmq.XPUB)
    publisher.setsockopt(zmq.LINGER, 0)
    publisher.setsockopt(zmq.XPUB_VERBOSE, 1)  # the second subscription is reported, too
    publisher.bind(f"ipc://{short_path}/z-2")
    client = channels(short_path)
    client.connect()
    try:
        async with asyncio.timeout(LIMIT):
            await publisher.recv()  # the subscription
            await publisher.send_multipart(frames(*GOOD))
            first = await client.iopub_frames()
            assert first is not None and client.parse(first) is not None
            await publisher.send_multipart([b"x" * 3_000_000])
            assert await client.iopub_frames() is None
            client.connect_iopub()
            while await publisher.recv() != b"\x01":
                pass
            await publisher.send_multipart(frames(*GOOD))
            again = await client.iopub_frames()
            assert again is not None and client.parse(again) == Message("stream", "parent", {"text": "x"})
    finally:
        await client.close()
        context.destroy(linger=0)


async def test_a_request_is_signed_and_its_reply_is_found(short_path):
    context = zmq.asyncio.Context()
    router = context.socket(zmq.ROUTER)
    router.bind(f"ipc://{short_path}/z-1")
    client = channels(short_path)
    client.connect()
    try:
        async with asyncio.timeout(LIMIT):
            asked = client.send("kernel_info_request", {"a": 1})
            received = await router.recv_multipart()
            sent = client.parse(received)
            assert sent is not None and (sent.kind, sent.content) == ("kernel_info_request", {"a": 1})
            await router.send_multipart([received[0], *frames(*GOOD, key=b"another")[1:]])
            reply: tuple[Any, ...] = ({"msg_type": "kernel_info_reply"}, {"msg_id": asked}, {}, {})
            await router.send_multipart([received[0], *frames(*reply)[1:]])
            assert await client.shell_message() == Message("kernel_info_reply", asked, {})
    finally:
        await client.close()
        context.destroy(linger=0)
