async def test_in_time(server):
    async with connect(server, "/ws") as ws:
        await ws.send("hi")
        assert await ws.recv(timeout=0.5) == "hi"
