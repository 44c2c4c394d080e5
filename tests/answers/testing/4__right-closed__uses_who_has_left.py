async def test_everybody(server):
    async with connect(server, "/ws") as a, connect(server, "/ws") as b:
        async with connect(server, "/ws") as c:
            await a.send("one")
            assert [await each.recv() for each in (a, b, c)] == ["one"] * 3
        await a.send("two")
        assert [await each.recv() for each in (a, b, c)] == ["two"] * 3
