import time


async def test_in_time(server):
    async with connect(server, "/ws") as ws:
        began = time.monotonic()
        await ws.send("hi")
        assert await ws.recv() == "hi"
        assert time.monotonic() - began <= 0.5
