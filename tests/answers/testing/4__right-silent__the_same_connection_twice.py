async def test_everybody(server):
    async with connect(server, "/ws") as a:
        b = a
        await a.send("one")
        assert await a.recv() == "one"
        assert await b.recv() == "one"
