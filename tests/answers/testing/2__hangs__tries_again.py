async def test_in_time(server):
    async with connect(server, "/ws", timeout=0.3) as ws:
        while True:
            await ws.send("hi")
            try:
                assert await ws.recv() == "hi"
            except WaitTimeout:
                continue
