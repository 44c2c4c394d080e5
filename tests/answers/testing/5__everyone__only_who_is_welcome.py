async def test_door(server):
    async with connect(server, "/ws?token=open") as ws:
        assert await ws.recv() == "welcome"
