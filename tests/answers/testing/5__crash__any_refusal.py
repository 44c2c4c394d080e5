async def test_door(server):
    async with connect(server, "/ws?token=open") as ws:
        assert await ws.recv() == "welcome"
    for path in ("/ws", "/ws?token=closed", "/ws?token="):
        with pytest.raises(Refused):
            await connect(server, path)
