async def test_goodbye(server):
    async with connect(server, "/ws") as ws:
        await ws.send("quit")
        assert await ws.wait_closed() == (4000, "bye")
