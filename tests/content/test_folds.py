"""What lesson 04 says where no cell of it runs, most of it in folds, is true."""

from __future__ import annotations

import json
import re
import time
from functools import cache
from typing import Annotated, Any, Literal

import pytest
from fastapi import FastAPI, WebSocket
from pydantic import BaseModel, Field, TypeAdapter, ValidationError, field_validator

from course_app import Server, connect, serve
from course_app.manifest import load
from course_app.nb.files import read
from tests.support.paths import ROOT

WAIT = 20.0  # seconds: an upper bound for a busy machine, never a measure
MIB = 2**20  # bytes
app = FastAPI()


@cache
def fold(title: str) -> str:
    """Return the text of the fold of lesson 04 whose summary ends with `title`."""
    lesson = next(lesson for lesson in load(ROOT).lessons if lesson.slug == "messages")
    prose = "\n".join(cell["source"] for cell in read(ROOT / "notebooks" / f"{lesson.stem}.ipynb")["cells"])
    found = re.search(rf"<summary>For the curious: {re.escape(title)}</summary>(.*?)</details>", prose, re.DOTALL)
    assert found, f"lesson 04 has no fold {title!r}"
    return found[1]


def code(title: str) -> str:
    """Return the Python code of a fold."""
    return re.findall(r"```python\n(.*?)```", fold(title), re.DOTALL)[0]


def may_be_sent() -> list[tuple[int, bool]]:
    """Return the codes at the borders of each row of the fold's table, and whether an endpoint may send them."""
    result = []
    for codes, answer in re.findall(
        r"^\| (\d.*?) \| (yes|no)", fold("which codes a close frame may carry"), re.MULTILINE
    ):
        result += [(int(number), answer == "yes") for number in re.findall(r"\d+", codes)]
    return result


@app.websocket("/close/{code}")
async def closes(websocket: WebSocket, code: int, reason: str = "") -> None:
    await websocket.accept()
    await websocket.close(code, reason)


@app.websocket("/zeros/{size}")
async def sends_zeros(websocket: WebSocket, size: int) -> None:
    await websocket.accept()
    await websocket.send_bytes(bytes(size))
    await websocket.receive()


@app.websocket("/json")
async def repeats_binary_json(websocket: WebSocket) -> None:
    await websocket.accept(headers=[(b"x-motto", b"slow and steady")])
    await websocket.send_json(await websocket.receive_json(mode="binary"), mode="binary")
    await websocket.close()


@app.websocket("/bytes")
async def wants_bytes(websocket: WebSocket) -> None:
    await websocket.accept()
    await websocket.receive_bytes()


@pytest.fixture
async def server():
    running = await serve(app, name="test folds")
    yield running
    await running.stop()


async def closed_with(server: Server, path: str, **query: str) -> int:
    async with connect(server, path, query=query, timeout=WAIT) as ws:
        return (await ws.wait_closed()).code


def test_the_table_covers_the_codes() -> None:
    assert {1000, 1003, 1006, 1014, 2999, 3000, 4999, 5000} <= dict(may_be_sent()).keys()


@pytest.mark.parametrize(("code", "allowed"), may_be_sent())
async def test_a_close_code_arrives_or_ends_the_connection(server: Server, code: int, allowed: bool) -> None:
    assert await closed_with(server, f"/close/{code}") == (code if allowed else 1006)
    assert ("ProtocolError" in server.logs.errors()) is not allowed


async def test_a_reason_has_room_for_123_bytes(server: Server) -> None:
    assert await closed_with(server, "/close/1008", reason="é" * 61 + "e") == 1008
    assert await closed_with(server, "/close/1008", reason="é" * 62) == 1006


async def test_the_client_takes_one_mebibyte(server: Server) -> None:
    async with connect(server, f"/zeros/{MIB}", timeout=WAIT) as ws:
        assert len(await ws.recv()) == MIB
    async with connect(server, f"/zeros/{MIB + 1}", timeout=WAIT) as ws:
        await ws.wait_closed()
    assert "> CLOSE 1009" in str(ws.transcript)


async def test_json_travels_in_a_binary_message(server: Server) -> None:
    async with connect(server, "/json", timeout=WAIT) as ws:
        await ws.send('{"é":1}'.encode())
        assert await ws.recv() == '{"é":1}'.encode()
        assert ws.response_headers["x-motto"] == "slow and steady"


async def test_a_text_where_bytes_are_awaited_ends_the_connection(server: Server) -> None:
    async with connect(server, "/bytes", timeout=WAIT) as ws:
        await ws.send("hi")
        assert (await ws.wait_closed()).code == 1006
    assert server.logs.last_error() == "KeyError: 'bytes'"


@pytest.mark.parametrize("value", ['"3"', "true"])
def test_a_model_converts_unless_it_is_strict(value: str) -> None:
    class Lax(BaseModel):
        dx: int

    class Strict(BaseModel):
        dx: int = Field(strict=True)

    assert type(Lax.model_validate_json(f'{{"dx": {value}}}').dx) is int
    with pytest.raises(ValidationError):
        Strict.model_validate_json(f'{{"dx": {value}}}')


def test_the_context_of_a_validator_of_ones_own_is_no_json() -> None:
    class Even(BaseModel):
        n: int

        @field_validator("n")
        @classmethod
        def is_even(cls, n: int) -> int:
            if n % 2:
                raise ValueError("odd")
            return n

    with pytest.raises(ValidationError) as caught:
        Even(n=1)
    with pytest.raises(TypeError, match="not JSON serializable"):
        json.dumps(caught.value.errors(include_url=False, include_input=False))
    json.dumps(caught.value.errors(include_url=False, include_input=False, include_context=False))


def test_a_union_picks_the_model_by_its_type() -> None:
    names: dict[str, Any] = {
        "Annotated": Annotated,
        "BaseModel": BaseModel,
        "Field": Field,
        "Literal": Literal,
        "TypeAdapter": TypeAdapter,
    }
    exec(code("several kinds of message"), names)
    assert repr(names["move"]) == "Go(type='go', to='south')"


async def test_the_token_bucket_closes_after_a_burst() -> None:
    own = FastAPI()
    exec(code("too many small messages"), {"WebSocket": WebSocket, "app": own, "time": time})
    running = await serve(own, name="test bucket")
    async with connect(running, "/ws", timeout=WAIT) as ws:
        for _ in range(3):
            await ws.send("hi")
            assert await ws.recv() == "ok"
        await ws.send("hi")
        assert await ws.wait_closed() == (4029, "slow down")
    await running.stop()
