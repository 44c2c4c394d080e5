async def test_everybody(server):
    async with connect(server, "/ws") as a, connect(server, "/ws") as b:
        for speaker, text in ((a, "one"), (b, "two"), (a, "three")):
            await speaker.send(text)
            assert await a.recv() == text
            assert await b.recv() == text
