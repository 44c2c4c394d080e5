async def test_echo(server):
    async with connect(server, "/ws") as ws:
        for _ in range(3):
            await ws.send(" hi ")
            assert await ws.recv() == "Message text was:  hi "
