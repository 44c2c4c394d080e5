async def test_everybody(server):
    async with connect(server, "/ws") as a:
        for text in ("one", "two"):
            await a.send(text)
            assert await a.recv() == text
