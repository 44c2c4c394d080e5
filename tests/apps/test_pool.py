"""The pool that runs dry like a real one."""

from __future__ import annotations

from contextlib import AsyncExitStack

import pytest

from course_app.apps.pool import Pool, PoolTimeout


async def test_it_lends_as_many_as_it_has_and_then_says_no() -> None:
    pool = Pool(size=2, wait=0.01)
    async with AsyncExitStack() as stack:
        for _ in range(2):
            await stack.enter_async_context(pool.session())
        with pytest.raises(PoolTimeout, match="all 2 sessions are in use"):
            await stack.enter_async_context(pool.session())
        assert (pool.out, pool.lent) == (2, 2)
    async with pool.session() as session:
        assert await session.find("17") == "item 17"
        assert (pool.out, pool.lent) == (1, 3)


async def test_a_session_comes_back_after_an_error() -> None:
    pool = Pool(size=1, wait=0.01)
    for _ in range(3):
        with pytest.raises(LookupError, match="no item 'teapot'"):
            async with pool.session() as session:
                await session.find("teapot")
    assert pool.out == 0
