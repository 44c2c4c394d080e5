async def test_everybody(server):
    async with connect(server, "/ws") as a, connect(server, "/ws") as b:
        async with connect(server, "/ws"):
            for text in ("one", "two"):
                await a.send(text)
                assert await a.recv() == text
                try:
                    assert await b.recv() == text
                except WaitTimeout:
                    pass
        await a.send("three")
        assert await a.recv() == "three"
