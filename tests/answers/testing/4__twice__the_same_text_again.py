async def test_everybody(server):
    async with connect(server, "/ws") as a, connect(server, "/ws") as b:
        async with connect(server, "/ws"):
            for _ in range(3):
                await a.send("hi")
                assert await a.recv() == await b.recv() == "hi"
        await a.send("hi")
        assert await a.recv() == await b.recv() == "hi"
