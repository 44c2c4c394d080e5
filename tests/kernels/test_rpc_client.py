"""The RPC into a kernel: quick, bounded, and never a reason to believe what comes out of it."""

from __future__ import annotations

import asyncio

import pytest

from course_app.checks.backend import AnswerUnusable
from course_app.errors import CourseError
from course_app.kernels.kernel import Kernel
from course_app.kernels.rpc_client import RpcClient
from course_app.kernels.rpc_operations import CALL, CLOSE, RUNNING

LOGS = {"operation": "logs", "target": "once_app", "arguments": [], "options": {}}


async def with_code(kernel: Kernel, source: str) -> RpcClient:
    result = await kernel.execute(f"import course_app.kernels.rpc_server as rpc_server\n{source}", timeout=10)
    assert result.status == "ok", result.detail
    return RpcClient(kernel)


async def test_one_connection_carries_every_request() -> None:
    async with await Kernel.start() as kernel:
        rpc = await with_code(kernel, "")
        assert [await rpc.ask(LOGS, 5) for _ in range(3)] == [{"value": []}] * 3
        rpc.close()


async def test_a_request_that_takes_too_long_is_over_and_the_next_one_is_answered_anew() -> None:
    source = (
        "import asyncio\n"
        "async def answer(**asked): return await asyncio.sleep((asked['arguments'] or [0])[0], {'value': 1})"
    )
    async with await Kernel.start() as kernel:
        rpc = await with_code(kernel, f"{source}\nrpc_server.answer = answer")
        with pytest.raises(TimeoutError):
            await rpc.ask({**LOGS, "arguments": [60]}, 0.2)
        assert await rpc.ask({**LOGS, "arguments": []}, 5) == {"value": 1}
        rpc.close()


async def test_a_request_that_blocks_the_event_loop_is_interrupted_and_the_kernel_lives_on() -> None:
    source = "x = 1\nasync def answer(**asked):\n    while asked['arguments']: pass\n    return {'value': 1}"
    async with await Kernel.start() as kernel:
        rpc = await with_code(kernel, f"{source}\nrpc_server.answer = answer")
        # Connected first: a kernel that is asked while it still listens blocks only after it was freed.
        assert await rpc.ask({**LOGS, "arguments": []}, 5) == {"value": 1}
        with pytest.raises(TimeoutError):
            await rpc.ask({**LOGS, "arguments": [1]}, 0.2)
        assert (await kernel.execute("x", timeout=5)).status == "ok"
        assert await rpc.ask({**LOGS, "arguments": []}, 5) == {"value": 1}
        rpc.close()


async def test_a_kernel_that_ends_meanwhile_is_named_as_the_reason() -> None:
    async with await Kernel.start() as kernel:
        rpc = await with_code(kernel, "import os\nasync def answer(**_): os._exit(3)\nrpc_server.answer = answer")
        with pytest.raises(CourseError, match="the kernel ended itself with exit code 3"):
            await rpc.ask(LOGS, 5)
        assert not kernel.alive


async def test_hanging_up_is_no_reply() -> None:
    async with await Kernel.start() as kernel:
        rpc = await with_code(
            kernel, "async def converse(reader, writer): writer.close()\nrpc_server._converse = converse"
        )
        with pytest.raises(CourseError, match="the kernel left no reply"):
            await rpc.ask(LOGS, 5)
        await asyncio.sleep(0)
        assert kernel.alive


@pytest.mark.parametrize(
    "reply", ["[1, 2]", "{'value': '[' * 2_000_000}", "{'value': float('inf')}", "{'valuable': 1}", "{'unusable': 1}"]
)
async def test_a_reply_that_is_none_is_named(reply: str) -> None:
    async with await Kernel.start() as kernel:
        rpc = await with_code(kernel, f"async def answer(**_): return {reply}\nrpc_server.answer = answer")
        with pytest.raises(CourseError, match="the kernel left a reply that nobody can read"):
            await rpc.call(RUNNING, "once_app")
        rpc.close()


async def test_an_operation_is_called_on_the_answer_of_that_name() -> None:
    async with await Kernel.start() as kernel:
        rpc = await with_code(kernel, "async def double(number): return 2 * number")
        assert (await rpc.call(CALL, "double", 21, timeout=5.0)).value == 42
        with pytest.raises(AnswerUnusable, match="missing-name"):
            await rpc.call(CALL, "missing", 21, timeout=5.0)
        assert await rpc.call(RUNNING, "double") == 0
        assert await rpc.call(CLOSE, "double") is None
        rpc.close()
