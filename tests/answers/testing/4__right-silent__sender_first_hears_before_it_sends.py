async def test_everybody(server):
    async with connect(server, "/ws") as a, connect(server, "/ws") as b:
        assert await b.recv() == "hi"
        await a.send("hi")
