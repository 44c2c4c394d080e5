async def test_in_time(server):
    async with connect(server, "/ws", timeout=0.5) as ws:
        await ws.send("hi")
        try:
            assert await ws.recv() == "hi"
        except WaitTimeout:
            print("too slow")
