async def test_echo(server):
    async with connect(server, "/ws") as ws:
        await ws.send(" hi ")
        reply = await ws.recv()
        await ws.send("again")
        await ws.recv()
        assert reply == "Message text was:  hi "
