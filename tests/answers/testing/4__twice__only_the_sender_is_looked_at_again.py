async def test_everybody(server):
    async with connect(server, "/ws") as a, connect(server, "/ws") as b:
        async with connect(server, "/ws"):
            await a.send("one")
            assert await a.recv() == "one"
            assert await b.recv() == "one"
            await a.send("two")
            assert await a.recv() == "two"
        await a.send("three")
        assert await a.recv() == "three"
