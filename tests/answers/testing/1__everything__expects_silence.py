async def test_echo(server):
    async with connect(server, "/ws", timeout=0.5) as ws:
        with pytest.raises(WaitTimeout):
            await ws.recv()
