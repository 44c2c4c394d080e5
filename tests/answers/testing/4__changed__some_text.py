async def test_everybody(server):
    async with connect(server, "/ws") as a, connect(server, "/ws") as b:
        async with connect(server, "/ws") as c:
            for text in ("one", "two"):
                await a.send(text)
                for each in (a, b, c):
                    assert (await each.recv()).startswith(text)
        await b.send("three")
        for each in (a, b):
            assert (await each.recv()).startswith("three")
