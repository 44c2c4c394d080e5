async def test_goodbye(server):
    async with connect(server, "/ws") as ws:
        await ws.send("not quit")
        assert await ws.recv() == "not quit"
        await ws.send("quit")
        with pytest.raises(Closed) as closed:
            await ws.recv()
    assert (closed.value.code, closed.value.reason) == (4000, "bye")
