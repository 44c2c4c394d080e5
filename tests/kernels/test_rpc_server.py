"""The kernel's end of the RPC: one JSON object per line in, one out, each on the answer that it names."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

import pytest

from course_app.kernels import rpc_server
from course_app.serving import watchdog


@pytest.fixture(autouse=True)
def namespace(monkeypatch: pytest.MonkeyPatch) -> Iterator[dict[str, Any]]:
    """Yield the learner's names, as IPython has them."""

    async def double(number: int) -> int:
        return 2 * number

    names: dict[str, Any] = {"double": double, "five": 5}
    monkeypatch.setattr("IPython.get_ipython", lambda: SimpleNamespace(user_ns=names))
    yield names
    rpc_server._backends.clear()


async def test_a_request_is_answered_on_the_answer_that_it_names() -> None:
    reply = await rpc_server.answer("call", "double", [21], {"timeout": 1.0})
    assert reply["value"]["value"] == 42
    assert (await rpc_server.answer("call", "five", [21], {"timeout": 1.0}))["unusable"] == "not-a-function"


async def test_a_backend_lives_from_the_first_request_to_close() -> None:
    assert await rpc_server.answer("logs", "double", [], {}) == {"value": []}
    backend = rpc_server._backends["double"]
    await rpc_server.answer("running", "double", [], {})
    assert rpc_server._backends["double"] is backend
    assert await rpc_server.answer("close", "double", [], {}) == {"value": None}
    assert rpc_server._backends == {}


async def test_lines_are_answered_in_their_order_until_the_client_leaves(short_path, monkeypatch) -> None:
    monkeypatch.setattr(watchdog, "enter", lambda _loop: None)
    monkeypatch.setattr(watchdog, "hear", lambda _loop: None)
    server = await rpc_server.listen(str(short_path / "rpc"))
    reader, writer = await asyncio.open_unix_connection(str(short_path / "rpc"))
    for number in (1, 2):
        asked = {"operation": "call", "target": "double", "arguments": [number], "options": {"timeout": 1.0}}
        writer.write(json.dumps(asked).encode() + b"\n")
    async with asyncio.timeout(10):
        assert [json.loads(await reader.readline())["value"]["value"] for _ in range(2)] == [2, 4]
    writer.close()
    await writer.wait_closed()
    server.close()
    await server.wait_closed()
