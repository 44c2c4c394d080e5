async def test_everybody(server):
    async with connect(server, "/ws") as a:
        async with connect(server, "/ws") as b:
            await a.send("one")
            assert await a.recv() == await b.recv() == "one"
    async with connect(server, "/ws") as a, connect(server, "/ws") as b:
        await b.send("two")
        assert await a.recv() == await b.recv() == "two"
