import asyncio


async def test_in_time(server):
    async with connect(server, "/ws", timeout=0.45) as ws:
        await ws.send("is it in time?")
        reply = asyncio.create_task(ws.recv())
        done, pending = await asyncio.wait([reply], timeout=0.5)
        assert not pending
        assert reply.result() == "is it in time?"
