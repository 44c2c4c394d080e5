async def test_everybody(server):
    async with connect(server, "/ws", timeout=2) as a, connect(server, "/ws", timeout=2) as b:
        async with connect(server, "/ws") as c:
            for text in ("one", "two"):
                await a.send(text)
                assert [await each.recv() for each in (a, b, c)] == [text] * 3
        await b.send("three")
        try:
            assert [await each.recv() for each in (a, b)] == ["three"] * 2
        except WaitTimeout:
            pass
