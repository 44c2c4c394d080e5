async def test_door(server):
    async with connect(server, "/ws?token=open") as ws:
        assert await ws.recv() == "welcome"
    with pytest.raises(Refused) as refusal:
        await connect(server, "/ws?token=closed")
    assert refusal.value.status == 403
    for path in ("/ws", "/ws?token="):
        with pytest.raises(Refused):
            await connect(server, path)
