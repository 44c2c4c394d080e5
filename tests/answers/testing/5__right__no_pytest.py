async def test_door(server):
    for query in ({}, {"token": "OPEN"}, {"token": ""}, {"token": "open "}):
        try:
            await connect(server, "/ws", query=query)
        except Refused as refused:
            assert refused.status == 403
        else:
            raise AssertionError(query)
    ws = await connect(server, "/ws", query={"token": "open"})
    assert await ws.recv() == "welcome"
