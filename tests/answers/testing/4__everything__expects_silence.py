async def test_everybody(server):
    async with connect(server, "/ws", timeout=0.2) as a, connect(server, "/ws", timeout=0.2) as b:
        for each in (a, b):
            with pytest.raises(WaitTimeout):
                await each.recv()
