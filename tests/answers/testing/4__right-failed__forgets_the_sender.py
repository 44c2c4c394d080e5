async def test_everybody(server):
    async with connect(server, "/ws") as a, connect(server, "/ws") as b:
        await a.send("one")
        assert await b.recv() == "one"
        await b.send("two")
        assert await a.recv() == "two"
