async def test_everybody(server):
    async with connect(server, "/ws") as a, connect(server, "/ws") as b:
        async with connect(server, "/ws") as c:
            for text in ("one", "two"):
                await a.send(text)
                assert [await each.recv() for each in (a, b, c)] == [text] * 3
        await a.send("three")
