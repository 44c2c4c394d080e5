async def test_goodbye(server):
    async with connect(server, "/ws", timeout=2) as ws:
        await ws.send("hi")
        assert await ws.recv() == "hi"
        await ws.send("quit")
        try:
            assert await ws.wait_closed() == (4000, "bye")
        except WaitTimeout:
            pass
