import asyncio


async def test_in_time(server):
    async with connect(server, "/ws") as ws:
        async with asyncio.timeout(0.5):
            await ws.send("hi")
        assert await ws.recv() == "hi"
