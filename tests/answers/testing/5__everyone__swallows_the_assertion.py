async def test_door(server):
    async with connect(server, "/ws?token=open") as ws:
        assert await ws.recv() == "welcome"
    for path in ("/ws", "/ws?token=closed", "/ws?token="):
        try:
            await connect(server, path)
        except Refused as refusal:
            assert refusal.status == 403
