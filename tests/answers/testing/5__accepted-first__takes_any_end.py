async def test_door(server):
    async with connect(server, "/ws?token=open") as ws:
        assert await ws.recv() == "welcome"
    for path in ("/ws", "/ws?token=closed", "/ws?token="):
        try:
            ws = await connect(server, path)
            text = await ws.recv()
        except (Refused, Closed) as error:
            assert getattr(error, "status", 403) == 403
        else:
            assert not text
