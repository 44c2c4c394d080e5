"""The line into a kernel: quick, bounded, and never a reason to believe what comes out of it."""

from __future__ import annotations

import asyncio

import pytest

from course_app.errors import CourseError
from course_app.kernels.kernel import Kernel
from course_app.kernels.rpc_client import RpcClient

LOGS = {"operation": "logs", "target": "once_app", "arguments": {}}


async def with_code(kernel: Kernel, source: str) -> RpcClient:
    result = await kernel.execute(f"import course_app.kernels.rpc_server as inside\n{source}", timeout=10)
    assert result.status == "ok", result.detail
    return RpcClient(kernel)


async def test_one_connection_carries_every_request() -> None:
    async with await Kernel.start() as kernel:
        line = await with_code(kernel, "")
        assert [await line.ask(LOGS, 5) for _ in range(3)] == [{"value": []}] * 3
        line.close()


async def test_a_request_that_takes_too_long_is_over_and_the_next_one_is_answered_anew() -> None:
    source = "async def do(**asked): return await __import__('asyncio').sleep(asked['arguments'] or 0, {'value': 1})"
    async with await Kernel.start() as kernel:
        line = await with_code(kernel, f"{source}\ninside.do = do")
        with pytest.raises(TimeoutError):
            await line.ask({**LOGS, "arguments": 60}, 0.2)
        assert await line.ask({**LOGS, "arguments": 0}, 5) == {"value": 1}
        line.close()


async def test_a_request_that_blocks_the_event_loop_is_interrupted_and_the_kernel_lives_on() -> None:
    source = "x = 1\nasync def do(**asked):\n    while asked['arguments']: pass\n    return {'value': 1}"
    async with await Kernel.start() as kernel:
        line = await with_code(kernel, f"{source}\ninside.do = do")
        # Connected first: a kernel that is asked while it still listens blocks only after it was freed.
        assert await line.ask({**LOGS, "arguments": 0}, 5) == {"value": 1}
        with pytest.raises(TimeoutError):
            await line.ask({**LOGS, "arguments": 1}, 0.2)
        assert (await kernel.execute("x", timeout=5)).status == "ok"
        assert await line.ask({**LOGS, "arguments": 0}, 5) == {"value": 1}
        line.close()


async def test_a_kernel_that_ends_meanwhile_is_named_as_the_reason() -> None:
    async with await Kernel.start() as kernel:
        line = await with_code(kernel, "import os\nasync def do(**_): os._exit(3)\ninside.do = do")
        with pytest.raises(CourseError, match="the kernel ended itself with exit code 3"):
            await line.ask(LOGS, 5)
        assert not kernel.alive


async def test_hanging_up_is_no_reply() -> None:
    async with await Kernel.start() as kernel:
        line = await with_code(
            kernel, "async def converse(reader, writer): writer.close()\ninside._converse = converse"
        )
        with pytest.raises(CourseError, match="the kernel left no reply"):
            await line.ask(LOGS, 5)
        await asyncio.sleep(0)
        assert kernel.alive
