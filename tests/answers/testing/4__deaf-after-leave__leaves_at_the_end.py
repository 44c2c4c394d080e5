async def test_everybody(server):
    async with connect(server, "/ws") as a, connect(server, "/ws") as b, connect(server, "/ws") as c:
        for text in ("one", "two", "three"):
            await a.send(text)
            for each in (a, b, c):
                assert await each.recv() == text
        await c.close()
