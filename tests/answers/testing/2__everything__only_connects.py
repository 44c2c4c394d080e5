async def test_in_time(server):
    async with connect(server, "/ws", timeout=0.5):
        pass
