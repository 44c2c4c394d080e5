import asyncio


async def test_in_time(server):
    async with connect(server, "/ws") as ws:
        await ws.send("hi")
        async with asyncio.timeout(0.5):
            assert await ws.recv() == "hi"
