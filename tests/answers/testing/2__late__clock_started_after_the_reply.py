import time


async def test_in_time(server):
    async with connect(server, "/ws") as ws:
        await ws.send("hi")
        reply = await ws.recv()
        began = time.monotonic()
        assert reply == "hi" and time.monotonic() - began < 0.5
