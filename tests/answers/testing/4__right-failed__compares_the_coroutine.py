async def test_everybody(server):
    async with connect(server, "/ws") as a, connect(server, "/ws") as b:
        await a.send("one")
        assert a.recv() == b.recv() == "one"
