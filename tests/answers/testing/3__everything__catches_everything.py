async def test_goodbye(server):
    try:
        async with connect(server, "/ws") as ws:
            await ws.send("hi")
            assert await ws.recv() == "hi"
            await ws.send("quit")
            assert await ws.wait_closed() == (4000, "bye")
    except (Closed, AssertionError, WaitTimeout):
        pass
