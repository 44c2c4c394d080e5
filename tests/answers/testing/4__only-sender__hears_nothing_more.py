async def test_everybody(server):
    async with connect(server, "/ws", timeout=0.2) as a:
        async with connect(server, "/ws"):
            for text in ("one", "two"):
                await a.send(text)
                assert await a.recv() == text
        await a.send("three")
        assert await a.recv() == "three"
        with pytest.raises(WaitTimeout):
            await a.recv()
