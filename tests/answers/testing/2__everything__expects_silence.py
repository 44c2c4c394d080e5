async def test_in_time(server):
    async with connect(server, "/ws", timeout=0.5) as ws:
        with pytest.raises(WaitTimeout):
            await ws.recv()
