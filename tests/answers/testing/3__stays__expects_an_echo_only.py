async def test_goodbye(server):
    async with connect(server, "/ws") as ws:
        await ws.send("hi")
        assert await ws.recv() == "hi"
        await ws.send("bye")
        assert await ws.recv() == "bye"
