async def test_in_time(server):
    async with connect(server, "/ws", timeout=500) as ws:
        await ws.send("hi")
        assert await ws.recv() == "hi"
