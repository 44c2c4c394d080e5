async def test_goodbye(server):
    async with connect(server, "/ws") as ws:
        with pytest.raises(WaitTimeout):
            await ws.recv()
