async def test_goodbye(server):
    async with connect(server, "/ws") as ws:
        await ws.send("hi")
        assert await ws.recv() == "hi"
        await ws.send("quit")
        try:
            await ws.recv()
        except Closed as closed:
            assert closed.code == 4000 and closed.reason == "bye"
