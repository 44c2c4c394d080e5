async def test_door(server):
    async with connect(server, "/ws?token=open") as ws:
        assert await ws.recv() == "welcome"
    for path in ("/ws", "/ws?token=closed"):
        with pytest.raises(Refused) as refusal:
            await connect(server, path)
        assert refusal.value.status == 403
    try:
        ws = await connect(server, "/ws?token=")
        await ws.recv()
    except Refused as refused:
        assert refused.status == 403
    except Closed:
        pass
    else:
        raise AssertionError("an empty token was let in")
