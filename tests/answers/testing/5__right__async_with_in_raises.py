async def test_door(server):
    for query in (None, {"token": ""}, {"token": "wrong"}, {"key": "open"}):
        with pytest.raises(Refused, match="403"):
            async with connect(server, "/ws", query=query) as ws:
                await ws.recv()
    async with connect(server, "/ws", query={"token": "open"}, timeout=1) as ws:
        text = await ws.recv()
    assert text == "welcome"
