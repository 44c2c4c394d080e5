import time


async def test_in_time(server):
    async with connect(server, "/ws") as ws:
        began = time.perf_counter()
        await ws.send("hi")
        assert await ws.recv() == "hi"
        assert time.perf_counter() - began < 0.15
