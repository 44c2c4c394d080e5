async def test_everybody(server):
    a, b = await connect(server, "/ws", timeout=0.2), await connect(server, "/ws", timeout=0.2)
    await a.send("hi")
    for each in (a, b):
        assert await each.recv() == "hi"
    for each in (a, b):
        with pytest.raises(WaitTimeout):
            await each.recv()
    await b.close()
    await a.send("alone")
    assert await a.recv() == "alone"
